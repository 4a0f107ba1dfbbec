#include <math.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/evaluate_folder.h"
#include "cli/evaluate_more.h"
#include "cli/print.h"
#include "eval/report.h"

static const struct option_spec options[] = {
    {"train", "FILE", "rows to learn from: viewer, title, perhaps rating and time"},
    {"foldin", "FILE", "strong: what is known of the test viewers"},
    {"test", "FILE", "rows to be found"},
    {"negatives", "FILE", "leave-one-out: viewer, held-out title, negatives"},
    {"ratings", "FILE", "time-split: all rows with their times (default: the data folder)"},
    {"cut", "SHARE",
     "time-split, pages, signals: predict this last share of the events (default 0.1)"},
    {"gap", "TIME", "time-split, pages: only a viewer's first event after a gap, for example 1d"},
    {"lists", "FILE", "write the published model's top 100 per viewer (and FILE.sampled)"},
    {"titles", "FILE", "ratings: a titles table (genres, year, country, language, tags)"},
    {"credits", "FILE", "ratings: a credits table (directors, actors, writers)"},
    {"id", "COL", "ratings: the id column of both"},
    {"predictions", "FILE", "ratings: write viewer, title, prediction of each test row"},
    {"intervals", "FILE", "ratings: write the same with the 90 % interval of each rating"},
    {"state", "FILE", "ratings: save the sampling there now and then, and go on from it"},
    {"rank", "N", "ratings: factors (default by the number of rows)"},
    {"samples", "N", "ratings: of each chain (default by the number of rows)"},
    {"positive", "MIN", "only ratings of at least MIN are positives (default: every row)"},
    {"folder", "DIR", "contest: where it is kept; made when there is none"},
    {"name", "TEXT",
     "contest: whose predictions (--predictions FILE, --test FILE: the ratings asked)"},
    {"baseline", "RMSE", "contest: what percentages are over (default: the ratings' mean)"},
    {"close", NULL, "contest: show the test half"},
    {"table", "FILE", "context: a table with a header"},
    {"viewer", "COL", "context: its columns, by name or number: the viewer,"},
    {"title", "COL", "context: the title,"},
    {"rating", "COL", "context: the rating,"},
    {"count", "COL", "context: or how often,"},
    {"context", "COL,...", "context: and what is known of the moment"},
    {"missing", "V", "context: a value that means not known"},
    {"folds", "N", "context: of ratings (default 5)"},
    {"rows", "M", "pages: rows in view (default 4)"},
    {"columns", "N", "pages: columns in view (default 5)"},
    {"person", "NAME", "follows: of this person alone (default: everybody with enough titles)"},
    {"role", "ROLE", "follows: director (default), actor, producer, writer or creator"},
    {"of", "VIEWER", "follows: with --person, what this viewer's titles say"},
    {"seed", "N", "of splits, factors and resampling (default 1)"},
    {"budget", "SECONDS", "most time for choosing settings (default 240)"},
    {"threads", "N", "default one per core"},
    {NULL, NULL, NULL},
};

enum { NEEDS_MAX = 5 };

static const struct {
    const char *name;
    int (*run)(const struct eval_options *o, struct eval_report *ret, struct mq_error *err);
    const char *needs[NEEDS_MAX]; /* options without which there is nothing to do */
} protocols[] = {
    {"strong", evaluate_strong, {"train", "foldin", "test"}},
    {"leave-one-out", evaluate_leave_one_out, {"train", "test"}},
    {"time-split", evaluate_time_split, {NULL}},
    {"new-titles", evaluate_new_titles, {"ratings", "titles"}},
    {"ratings", evaluate_ratings, {"train", "test"}},
};

/* Those that print in their own shape. */
static const struct {
    const char *name;
    int (*run)(const struct args *a);
    const char *needs[NEEDS_MAX];
} more[] = {
    {"contest", evaluate_more_contest, {"folder", "test"}},
    {"context", evaluate_more_context, {"table", "viewer", "title", "context"}},
    {"pages", evaluate_more_pages, {NULL}},
    {"signals", evaluate_more_signals, {NULL}},
    {"follows", evaluate_more_follows, {NULL}},
};

static bool has_needed(const struct args *a, const char *const needs[NEEDS_MAX])
{
    for (size_t i = 0; i < NEEDS_MAX && needs[i]; i++) {
        const char *value = args_get(a, needs[i]);
        if (!value || !value[0]) {
            cli_usage(a, "%s: --%s: missing: give it", a->position[0], needs[i]);
            return false;
        }
    }
    return true;
}

static void print_metrics(const char *model, const char *kind, const char *second,
                          const struct report_metric *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct report_metric *m = &list[i];
        printf("%-17s %-8s %-10s %.4f  [%.4f, %.4f]", model, kind, m->name, m->value.mean,
               m->value.low, m->value.high);
        if (!isnan(m->gain.mean))
            printf("  %+.4f over popularity [%+.4f, %+.4f]", m->gain.mean, m->gain.low,
                   m->gain.high);
        if (!isnan(m->over_second.mean))
            printf(", %+.4f over %s [%+.4f, %+.4f]", m->over_second.mean,
                   second ? second : "item_knn", m->over_second.low, m->over_second.high);
        putchar('\n');
    }
}

static int print_report(const struct eval_report *r, bool json)
{
    if (json) {
        struct buf b;
        struct json j;
        buf_init(&b, 1 << 20);
        json_init(&j, &b);
        report_write(&j, r);
        printf("%.*s\n", (int)b.n, b.p);
        buf_release(&b);
        return EXIT_DONE;
    }
    printf("%s: %u viewers judged of %u, %u titles, seed %llu, %.1f s; published: %s\n",
           r->protocol, r->judged, r->viewers, r->titles, (unsigned long long)r->seed, r->seconds,
           r->published);
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        if (m->settings[0])
            printf("%s: %s\n", m->name, m->settings);
    }
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        bool ranked = strcmp(r->protocol, "ratings") != 0;
        print_metrics(m->name, ranked ? "full" : "", r->second, m->metric, m->n_metrics);
        print_metrics(m->name, "sampled", r->second, m->sampled, m->n_sampled);
        for (size_t k = 0; k < m->n_facts; k++) {
            if (!isnan(m->fact[k].value))
                printf("%-17s %s %.6g\n", m->name, m->fact[k].name, m->fact[k].value);
        }
    }
    return EXIT_DONE;
}

static int run(const struct args *a)
{
    struct eval_options o = {.seed = 1};
    struct eval_report report;
    struct progress progress;
    struct mq_error err;
    uint64_t threads = 0;
    unsigned gap = 0;
    uint64_t rank = 0;
    uint64_t samples = 0;
    if (a->n_positions != 1)
        return cli_usage(a, "PROTOCOL: give ratings, signals, context, contest, follows, strong, "
                            "leave-one-out, time-split, pages or new-titles");
    o.train = args_get(a, "train");
    o.fold_in = args_get(a, "foldin");
    o.test = args_get(a, "test");
    o.negatives = args_get(a, "negatives");
    o.ratings = args_get(a, "ratings");
    o.lists = args_get(a, "lists");
    o.titles = args_get(a, "titles");
    o.credits = args_get(a, "credits");
    o.id = args_get(a, "id");
    o.predictions = args_get(a, "predictions");
    o.intervals = args_get(a, "intervals");
    o.state = args_get(a, "state");
    if (!args_double(a, "positive", &o.positive_min) ||
        !args_unsigned(a, "seed", UINT64_MAX, &o.seed) ||
        !args_double(a, "budget", &o.search_seconds) ||
        !args_unsigned(a, "threads", 64, &threads) || !args_double(a, "cut", &o.cut) ||
        !args_interval(a, "gap", &gap) || !args_unsigned(a, "rank", 256, &rank) ||
        !args_unsigned(a, "samples", 100000, &samples))
        return EXIT_USAGE;
    o.threads = (unsigned)threads;
    o.gap_ms = (int64_t)gap * 1000;
    o.rank = (unsigned)rank;
    o.samples = (unsigned)samples;
    o.progress = progress_show;
    o.progress_ctx = &progress;
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        if (strcmp(a->position[0], protocols[i].name) != 0)
            continue;
        if (!has_needed(a, protocols[i].needs))
            return EXIT_USAGE;
        struct evaluated_rows rows = {0};
        int rc = 0;
        if (protocols[i].run == evaluate_time_split && !o.ratings) {
            rc = evaluate_folder_rows(a->data, &rows, &err);
            o.rows = &rows;
        }
        progress_begin(&progress);
        if (rc == 0)
            rc = protocols[i].run(&o, &report, &err);
        progress_end(&progress);
        id_book_release(&rows.book);
        triples_release(&rows.t);
        return rc ? cli_error(&err) : print_report(&report, a->json);
    }
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        if (strcmp(a->position[0], more[i].name) == 0)
            return has_needed(a, more[i].needs) ? more[i].run(a) : EXIT_USAGE;
    }
    return cli_usage(a,
                     "%s: is none of ratings, signals, context, contest, follows, strong, "
                     "leave-one-out, time-split, pages, new-titles",
                     a->position[0]);
}

const struct command cmd_evaluate = {
    .name = "evaluate",
    .summary = "measure the models on plain files, with intervals",
    .positions = "PROTOCOL",
    .details =
        "  ratings        how near predicted ratings come: RMSE, MAE\n"
        "  strong         unseen viewers: fold part of their titles in, find the rest\n"
        "  leave-one-out  the last title of each viewer, among all and among given negatives\n"
        "  time-split     each later event from all that came before it (--gap: only after a gap)\n"
        "  new-titles     titles held out entirely: are they found for the right viewers?\n"
        "  signals        lists from ratings alone, from who rated or watched alone, and from "
        "both\n"
        "                 (without files: of the data folder, cut by time)\n"
        "  contest        score a file of predictions, keep a leaderboard: quiz half shown, test "
        "half kept\n"
        "  follows        do followers of a person watch and like a title held out? (the data "
        "folder)\n"
        "  pages          pages made again for past moments: was the title chosen next in view?\n"
        "  context        the same model without context, with it, and with it shuffled\n"
        "Settings are chosen on a validation split of the training file. Popularity is always a "
        "row.",
    .example =
        "  marquee evaluate ratings --train u1.base --test u1.test --predictions out.tsv\n"
        "  marquee evaluate contest --folder contest --test u1.test --predictions out.tsv --name "
        "ours\n"
        "  marquee evaluate strong --train train.tsv --foldin foldin.tsv --test test.tsv --json",
    .options = options,
    .run = run,
};
