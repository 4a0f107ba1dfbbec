#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/json_writer.h"
#include "cli/evaluate_more.h"
#include "cli/print.h"
#include "cli/target.h"

enum { DIGITS = 5, EXPRESSION_BYTES = 4096, JSON_BYTES = 1 << 20 };

static void write_estimate(struct json *j, const char *key, const struct mq_estimate *e)
{
    json_key(j, str_of(key));
    json_object(j);
    json_kv_double(j, "value", e->value, DIGITS);
    json_kv_double(j, "low", e->low, DIGITS);
    json_kv_double(j, "high", e->high, DIGITS);
    json_object_end(j);
}

static void write_group(struct json *j, const struct mq_follow_group *g, bool first)
{
    json_object(j);
    json_kv_z(j, "group", g->name);
    json_kv_double(j, "pairs", g->pairs, 15);
    json_kv_double(j, "watched_pairs", g->watched_pairs, 15);
    write_estimate(j, "watched", &g->watched);
    write_estimate(j, "lift", &g->lift);
    write_estimate(j, "liked", &g->liked);
    write_estimate(j, "beyond", &g->beyond);
    if (!first) {
        write_estimate(j, "followers_lift_more", &g->lift_more);
        write_estimate(j, "followers_liked_more", &g->liked_more);
        write_estimate(j, "followers_beyond_more", &g->beyond_more);
    }
    json_object_end(j);
}

static void write_viewer(struct json *j, const char *viewer, const struct mq_following *f)
{
    json_key(j, STR("viewer"));
    json_object(j);
    json_kv_z(j, "viewer", viewer);
    json_kv_bool(j, "follows", f->follows);
    json_kv_double(j, "effect", f->effect, DIGITS);
    json_kv_double(j, "deviation", f->deviation, DIGITS);
    json_kv_double(j, "probability", f->probability, DIGITS);
    json_key(j, STR("titles"));
    json_array(j);
    for (size_t i = 0; i < f->n; i++) {
        json_object(j);
        json_kv_z(j, "title", f->titles[i].id);
        json_kv_z(j, "name", f->titles[i].name);
        json_kv_double(j, "opinion", f->titles[i].opinion, DIGITS);
        json_kv_double(j, "beyond", f->titles[i].beyond, DIGITS);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static int print_json(const struct args *a, const struct mq_follows *r)
{
    struct buf b;
    struct json j;
    buf_init(&b, JSON_BYTES);
    json_init(&j, &b);
    json_object(&j);
    json_kv_z(&j, "protocol", "follows");
    if (r->person)
        json_kv_z(&j, "person", r->person);
    else
        json_kv_null(&j, "person");
    json_kv_z(&j, "role", r->role);
    json_kv_u64(&j, "people", r->people);
    json_kv_u64(&j, "titles", r->titles);
    json_kv_u64(&j, "viewers", r->viewers);
    json_kv_u64(&j, "folds", r->folds);
    json_key(&j, STR("groups"));
    json_array(&j);
    for (int g = 0; g < MQ_FOLLOW_GROUPS; g++)
        write_group(&j, &r->groups[g], g == 0);
    json_array_end(&j);
    if (r->has_viewer)
        write_viewer(&j, args_get(a, "of"), &r->viewer);
    json_kv_u64(&j, "log_seq", r->log_seq);
    json_object_end(&j);
    printf("%.*s\n", (int)b.n, b.p);
    buf_release(&b);
    return EXIT_DONE;
}

static void print_estimate(const struct mq_estimate *e, const char *sign)
{
    char text[64];
    if (isnan(e->value))
        snprintf(text, sizeof(text), "-");
    else if (sign[0])
        snprintf(text, sizeof(text), "%+.3f [%+.3f, %+.3f]", e->value, e->low, e->high);
    else
        snprintf(text, sizeof(text), "%.3f [%.3f, %.3f]", e->value, e->low, e->high);
    printf("  %-24s", text);
}

static void print_text(const struct args *a, const struct mq_follows *r)
{
    printf("%s%s%s: %u held-out titles of %u people, %u viewers, a fifth at a time\n\n",
           r->person ? r->person : "", r->person ? ", as " : "each ", r->role, r->titles, r->people,
           r->viewers);
    printf("%-20s %10s  %-24s  %-24s  %-24s  %s\n", "", "pairs", "watched", "over as active",
           "liked, of who watched", "opinion beyond taste");
    for (int g = 0; g < MQ_FOLLOW_GROUPS; g++) {
        const struct mq_follow_group *x = &r->groups[g];
        printf("%-20s %10.0f", x->name, x->pairs);
        print_estimate(&x->watched, "");
        print_estimate(&x->lift, "");
        print_estimate(&x->liked, "");
        print_estimate(&x->beyond, "+");
        putchar('\n');
    }
    putchar('\n');
    for (int g = 1; g < MQ_FOLLOW_GROUPS; g++) {
        const struct mq_follow_group *x = &r->groups[g];
        printf("followers minus %-41s", x->name);
        print_estimate(&x->lift_more, "+");
        print_estimate(&x->liked_more, "+");
        print_estimate(&x->beyond_more, "+");
        putchar('\n');
    }
    if (!r->has_viewer)
        return;
    const struct mq_following *f = &r->viewer;
    printf("\n%s %s: effect %+.3f, deviation %.3f, above 0 with probability %.2f\n",
           args_get(a, "of"), f->follows ? "follows" : "does not follow", f->effect, f->deviation,
           f->probability);
    for (size_t i = 0; i < f->n; i++)
        printf("  %-48s opinion %+.2f, beyond title, viewer and taste %+.2f\n", f->titles[i].name,
               f->titles[i].opinion, f->titles[i].beyond);
}

static int ask(const struct args *a, const struct mq_follows_request *q, struct mq_follows *ret,
               struct target *t, struct mq_reader **reader, struct mq_error *err)
{
    struct progress progress;
    struct mq_follows_request asked = *q;
    int rc = target_open(a->data, false, t, err);
    if (rc)
        return rc;
    if (target_is_server(t))
        return mq_fail(err, MQ_CONFLICT,
                       "data folder %s: a server has it open: stop it, or use a backup", a->data);
    rc = mq_reader_open(t->engine, reader, err);
    if (rc)
        return rc;
    asked.request.progress = progress_show;
    asked.request.progress_ctx = &progress;
    progress_begin(&progress);
    rc = mq_audience_follows(*reader, &asked, ret, err);
    progress_end(&progress);
    return rc;
}

int evaluate_more_follows(const struct args *a)
{
    char text[EXPRESSION_BYTES];
    const char *expression = text;
    const char *person = args_get(a, "person");
    struct mq_follows_request q = {.role = args_get(a, "role"), .viewer = args_get(a, "of")};
    struct mq_follows r;
    struct target t = {0};
    struct mq_reader *reader = NULL;
    struct mq_error err;
    struct buf b;
    if (!args_unsigned(a, "seed", UINT64_MAX, &q.seed))
        return EXIT_USAGE;
    if (q.viewer && !person)
        return cli_usage(a, "--of: %s: name whom they would follow with --person", q.viewer);
    buf_over(&b, text, sizeof(text) - 1);
    buf_printf(&b, "follows:%s=\"", q.role ? q.role : "director");
    for (const char *p = person; p && *p; p++) {
        if (*p == '"' || *p == '\\')
            buf_add_char(&b, '\\');
        buf_add_char(&b, *p);
    }
    buf_add_char(&b, '"');
    if (b.failed)
        return cli_usage(a, "--person: a name of over %d bytes", EXPRESSION_BYTES);
    text[b.n] = '\0';
    if (person) {
        q.request.expressions = &expression;
        q.request.n_expressions = 1;
    }
    q.request.research = true; /* exact, and the audit trail says so */
    int rc = ask(a, &q, &r, &t, &reader, &err);
    int code = EXIT_DONE;
    if (rc)
        code = cli_error(&err);
    else if (a->json)
        code = print_json(a, &r);
    else
        print_text(a, &r);
    mq_reader_close(reader);
    target_close(&t);
    return code;
}
