#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/evaluate_folder.h"
#include "cli/print.h"
#include "cli/target.h"
#include "engine/log_scan.h"
#include "eval/rival_lists.h"
#include "eval/shadow.h"

#define DAY_MS INT64_C(86400000)

static const struct option_spec options[] = {
    {"lists", "FILE", "the other system's lists: viewer, title, perhaps rank or score"},
    {"from", "TIME", "what was chosen since then (default: a day before --to)"},
    {"to", "TIME", "and before then (default: now; on an archive after its newest event)"},
    {"k", "N", "places of each list (default 10)"},
    {"new-days", "N", "a title is new so long after it was first liked (default 30)"},
    {"model", "VERSION", "ask this version, which may know what came later"},
    {"seed", "N", "of the intervals (default 1)"},
    {NULL, NULL, NULL},
};

struct asking {
    const struct args *a;
    struct shadow_options o;
    uint64_t model;
    struct evaluated_rows rows; /* every liking */
    struct rival_lists lists;
    struct shadow *shadow;
    struct mq_reader *reader;
    bool popularity_alone; /* no model was there by then */
    struct progress progress;
};

static int add_liking(void *ctx, struct str viewer, struct str title, int64_t at_ms,
                      struct mq_error *err)
{
    struct evaluated_rows *rows = ctx;
    uint32_t v, t;
    int rc = intern_add(rows->book.viewers, viewer, &v, NULL, err);
    if (rc == 0)
        rc = intern_add(rows->book.titles, title, &t, NULL, err);
    return rc ? rc : triples_add(&rows->t, v, t, 1, at_ms, err);
}

/* Our list of the viewer as it would have been at the beginning of the time asked about. */
static int our_list(struct asking *x, uint32_t viewer, uint32_t *ret, size_t *ret_n,
                    struct mq_error *err)
{
    char name[512];
    struct mq_list list;
    struct str id = intern_name(x->rows.book.viewers, viewer);
    if (id.n >= sizeof(name))
        return mq_fail(err, MQ_TOO_LARGE, "viewer: %zu bytes: too long", id.n);
    memcpy(name, id.p, id.n);
    name[id.n] = '\0';
    struct mq_request q = {.viewer = name,
                           .as_of_ms = x->o.from_ms,
                           .at_ms = x->o.from_ms,
                           .model = x->model,
                           .n = x->o.k,
                           .preview = true};
    int rc = mq_recommend(x->reader, &q, &list, err);
    for (size_t i = 0; rc == 0 && i < list.n_items; i++)
        rc = intern_add(x->rows.book.titles, str_of(list.items[i].title), &ret[i], NULL, err);
    if (rc == 0)
        *ret_n = list.n_items;
    x->popularity_alone = x->popularity_alone || (rc == 0 && list.model == 0);
    return rc;
}

static int compare(struct asking *x, uint32_t n_viewers, struct mq_error *err)
{
    uint32_t ours[RIVAL_DEPTH_MAX], theirs[RIVAL_DEPTH_MAX];
    int rc = 0;
    for (uint32_t v = 0; rc == 0 && v < n_viewers; v++) {
        size_t n = 0, m;
        const struct rival_row *list = rival_list(&x->lists, v, &m);
        bool wanted = shadow_wants(x->shadow, v);
        if (!wanted || m == 0) {
            if (wanted || m > 0)
                shadow_pass(x->shadow, m > 0);
            continue;
        }
        for (size_t i = 0; i < m; i++)
            theirs[i] = list[i].title;
        rc = our_list(x, v, ours, &n, err);
        if (rc == 0)
            rc = shadow_add(x->shadow, v, ours, n, theirs, m, err);
        progress_show(&x->progress, "asking", v, n_viewers);
    }
    return rc;
}

static int run_folder(struct asking *x, struct target *t, struct shadow_report *ret,
                      struct mq_error *err)
{
    int64_t start = clock_mono_ns();
    int rc = engine_likings(t->engine, add_liking, &x->rows, err);
    if (rc == 0)
        rc = rival_lists_read(args_get(x->a, "lists"), &x->rows.book, &x->lists, err);
    if (rc == 0)
        rc = shadow_new(&x->rows.t, (uint32_t)intern_count(x->rows.book.viewers), &x->o, &x->shadow,
                        err);
    if (rc == 0)
        rc = mq_reader_open(t->engine, &x->reader, err);
    if (rc == 0)
        rc = compare(x, (uint32_t)intern_count(x->rows.book.viewers), err);
    mq_reader_close(x->reader);
    if (rc == 0)
        rc = shadow_conclude(x->shadow, ret, err);
    ret->seconds = (double)(clock_mono_ns() - start) / 1e9;
    return rc;
}

static void print_difference(const char *name, const struct interval *v, double ours, double theirs)
{
    printf("  %-12s ours %.4f  theirs %.4f  difference %+.4f [%+.4f, %+.4f]\n", name, ours, theirs,
           v->mean, v->low, v->high);
}

static void print_report(const struct shadow_report *r)
{
    char sentence[SHADOW_SENTENCES][SHADOW_SENTENCE], when[96];
    struct buf b;
    const struct shadow_figures *us = &r->side[SHADOW_OURS], *they = &r->side[SHADOW_THEIRS];
    buf_over(&b, when, sizeof(when));
    time_format(&b, r->from_ms);
    buf_add_z(&b, " to ");
    time_format(&b, r->to_ms);
    buf_add_char(&b, '\0');
    printf("shadow: %llu viewers who chose something new from %s and have a list; %llu without a "
           "list, "
           "%llu lists without a choice; seed %llu, %.1f s\n",
           (unsigned long long)r->viewers, when, (unsigned long long)r->without_list,
           (unsigned long long)r->without_choice, (unsigned long long)r->seed, r->seconds);
    if (r->viewers == 0)
        return;
    char name[32];
    snprintf(name, sizeof(name), "recall@%u", r->k);
    print_difference(name, &r->recall, us->recall, they->recall);
    snprintf(name, sizeof(name), "ndcg@%u", r->k);
    print_difference(name, &r->ndcg, us->ndcg, they->ndcg);
    print_difference("popularity", &r->popularity, us->popularity, they->popularity);
    print_difference("new", &r->fresh, us->fresh, they->fresh);
    printf("  in both lists %.1f %% of the places; different titles shown: ours %llu, theirs %llu; "
           "never liked by anybody: ours %.1f %%, theirs %.1f %%\n",
           100 * r->overlap, (unsigned long long)us->distinct, (unsigned long long)they->distinct,
           100 * us->unknown, 100 * they->unknown);
    size_t n = shadow_explain(r, sentence);
    for (size_t i = 0; i < n; i++)
        printf("%s\n", sentence[i]);
    printf(
        "What was chosen was led to by the pages of that day, which favours the system that made "
        "them.\n");
}

static int print(const struct asking *x, const struct shadow_report *r)
{
    if (x->popularity_alone)
        fprintf(stderr, "marquee: no model had been trained by then: ours is popularity alone; "
                        "--model asks a later one, which knows what was chosen\n");
    if (!x->a->json) {
        print_report(r);
        return EXIT_DONE;
    }
    struct buf b;
    struct json j;
    buf_init(&b, 1 << 20);
    json_init(&j, &b);
    shadow_write(&j, r);
    printf("%.*s\n", (int)b.n, b.p);
    buf_release(&b);
    return EXIT_DONE;
}

/* The day before the end. */
static void take_times(struct asking *x, const struct target *t)
{
    if (x->o.to_ms == 0)
        x->o.to_ms = engine_now(t->engine, NULL) + 1;
    if (x->o.from_ms == 0)
        x->o.from_ms = x->o.to_ms - DAY_MS;
}

static int run(const struct args *a)
{
    struct asking x = {.a = a, .o = {.seed = 1}};
    struct shadow_report report;
    struct target t;
    struct mq_error err;
    uint64_t k = 0, days = 0;
    if (!args_get(a, "lists"))
        return cli_usage(a, "--lists: missing: give the other system's file");
    if (!args_time(a, "from", &x.o.from_ms) || !args_time(a, "to", &x.o.to_ms) ||
        !args_unsigned(a, "k", RIVAL_DEPTH_MAX, &k) ||
        !args_unsigned(a, "new-days", 36500, &days) ||
        !args_unsigned(a, "model", UINT64_MAX - 1, &x.model) ||
        !args_unsigned(a, "seed", UINT64_MAX, &x.o.seed))
        return EXIT_USAGE;
    x.o.k = k ? (unsigned)k : 10;
    x.o.new_days = (unsigned)days;
    if (evaluate_folder_open(a->data, "another folder", &t, &err) != 0)
        return cli_error(&err);
    take_times(&x, &t);
    progress_begin(&x.progress);
    int rc = id_book_init(&x.rows.book, &err);
    if (rc == 0)
        rc = run_folder(&x, &t, &report, &err);
    progress_end(&x.progress);
    shadow_free(x.shadow);
    rival_lists_release(&x.lists);
    triples_release(&x.rows.t);
    id_book_release(&x.rows.book);
    target_close(&t);
    return rc ? cli_error(&err) : print(&x, &report);
}

const struct command cmd_shadow = {
    .name = "shadow",
    .summary = "another system's lists beside ours, on what viewers then chose; serves nothing",
    .positions = "",
    .details =
        "For each viewer of the file who came to like something new in that time, the list that "
        "Marquee "
        "would have given at its\n"
        "beginning, from what was known then, beside theirs: what each found, how much they share, "
        "how popular and how new their\n"
        "titles are, with paired intervals. The file is a table: viewer, title (or several joined "
        "by "
        "|), perhaps rank or score;\n"
        "or viewer, rank, title, score as `evaluate --lists` writes (docs/evaluation.md).",
    .example =
        "  marquee shadow --lists theirs.csv\n"
        "  marquee shadow --lists theirs.csv --from 2026-06-01 --to 2026-06-08 --k 20 --json",
    .options = options,
    .run = run,
};
