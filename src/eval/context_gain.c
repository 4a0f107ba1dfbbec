#include "eval/context_gain.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"

enum part { ALL, SEEN, UNSEEN };

/* Fewer cases than this say nothing of a difference: its figures are null. */
enum { CASES_MIN = 100 };

int context_cases_init(struct context_cases *c, size_t n, bool parts, struct mq_error *err)
{
    *c = (struct context_cases){.n = n};
    c->viewer = calloc(n + 1, sizeof(*c->viewer));
    c->seen = calloc(n + 1, 1);
    bool fine = c->viewer && c->seen;
    for (int m = 0; m < CONTEXT_MODELS; m++) {
        c->score[m] = calloc(n + 1, sizeof(double));
        fine &= c->score[m] != NULL;
        if (parts) {
            c->score_seen[m] = calloc(n + 1, sizeof(double));
            c->score_unseen[m] = calloc(n + 1, sizeof(double));
            fine &= c->score_seen[m] && c->score_unseen[m];
        }
    }
    if (fine)
        return 0;
    context_cases_release(c);
    return mq_fail(err, MQ_NO_MEMORY, "context: no memory: give the process more");
}

void context_cases_release(struct context_cases *c)
{
    free(c->viewer);
    free(c->seen);
    for (int m = 0; m < CONTEXT_MODELS; m++) {
        free(c->score[m]);
        free(c->score_seen[m]);
        free(c->score_unseen[m]);
    }
    *c = (struct context_cases){0};
}

int context_shuffle(const struct context_table *t, const uint8_t *among, uint64_t seed,
                    uint32_t *ret[CONTEXT_COLUMNS], struct mq_error *err)
{
    size_t n = t->rows.n;
    uint32_t viewers = intern_count(t->book.viewers);
    uint32_t *start = calloc((size_t)viewers + 2, sizeof(*start));
    uint32_t *rows = calloc(n + 1, sizeof(*rows));
    uint32_t *mixed = calloc(n + 1, sizeof(*mixed));
    bool fine = start && rows && mixed;
    struct rng rng;
    for (size_t c = 0; c < t->n_columns; c++) {
        ret[c] = malloc((n + 1) * sizeof(uint32_t));
        fine &= ret[c] != NULL;
        if (ret[c])
            memcpy(ret[c], t->code[c], n * sizeof(uint32_t));
    }
    rng_seed_stream(&rng, seed, 77);
    for (size_t i = 0; fine && i < n; i++) {
        if (!among || among[i])
            start[t->rows.viewer[i] + 2]++;
    }
    for (uint32_t v = 0; fine && v < viewers; v++)
        start[v + 2] += start[v + 1];
    for (size_t i = 0; fine && i < n; i++) {
        if (!among || among[i])
            rows[start[t->rows.viewer[i] + 1]++] = (uint32_t)i;
    }
    if (fine)
        memcpy(mixed, rows, n * sizeof(*rows));
    for (uint32_t v = 0; fine && v < viewers; v++) {
        rng_shuffle_u32(&rng, mixed + start[v], start[v + 1] - start[v]);
        for (uint32_t k = start[v]; k < start[v + 1]; k++) {
            for (size_t c = 0; c < t->n_columns; c++)
                ret[c][rows[k]] = t->code[c][mixed[k]];
        }
    }
    free(start);
    free(rows);
    free(mixed);
    return fine ? 0 : mq_fail(err, MQ_NO_MEMORY, "context: no memory: give the process more");
}

/* ------------------------------------------------------------------ figures */

/* Sums of each viewer over the cases of a part. */
static size_t sums_of(const struct context_cases *c, enum part part, uint32_t *slot,
                      double *sum[CONTEXT_MODELS], double *count, size_t *ret_cases)
{
    size_t n = 0;
    *ret_cases = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (!c->score_seen[0] && part != ALL && (part == SEEN) != (c->seen[i] != 0))
            continue;
        double *const *score = part == ALL || !c->score_seen[0] ? c->score
                               : part == SEEN                   ? c->score_seen
                                                                : c->score_unseen;
        if (isnan(score[WITHOUT][i]))
            continue;
        if (slot[c->viewer[i]] == 0)
            slot[c->viewer[i]] = (uint32_t)++n;
        uint32_t at = slot[c->viewer[i]] - 1;
        count[at] += 1;
        for (int m = 0; m < CONTEXT_MODELS; m++)
            sum[m][at] += score[m][i];
        (*ret_cases)++;
    }
    return n;
}

static int compare(double *const sum[CONTEXT_MODELS], const double *count, size_t n, bool root,
                   uint64_t seed, struct context_figures *f, struct mq_error *err)
{
    int rc = 0;
    for (int m = 0; rc == 0 && m < CONTEXT_MODELS; m++) {
        struct interval i;
        rc = bootstrap_ratio(sum[m], NULL, count, n, root, seed, &i, err);
        f->value[m] = i.mean;
    }
    /* An error that falls is a gain; a hit rate that falls is none. */
    bool harder =
        root ? f->value[SHUFFLED] < f->value[WITHOUT] : f->value[SHUFFLED] > f->value[WITHOUT];
    const double *control = sum[harder ? SHUFFLED : WITHOUT];
    const double *with = sum[WITH];
    const double *without = sum[WITHOUT];
    const double *shuffled = sum[SHUFFLED];
    if (rc == 0)
        rc = bootstrap_ratio(root ? control : with, root ? with : control, count, n, root, seed,
                             &f->gain, err);
    if (rc == 0)
        rc = bootstrap_ratio(root ? without : with, root ? with : without, count, n, root, seed,
                             &f->raw_gain, err);
    if (rc == 0)
        rc = bootstrap_ratio(root ? without : shuffled, root ? shuffled : without, count, n, root,
                             seed, &f->shuffled_gain, err);
    return rc;
}

static int figures(const struct context_cases *c, enum part part, uint32_t viewers, bool root,
                   uint64_t seed, struct context_figures *ret, struct mq_error *err)
{
    uint32_t *slot = calloc((size_t)viewers + 1, sizeof(*slot));
    double *count = calloc((size_t)viewers + 1, sizeof(*count));
    double *sum[CONTEXT_MODELS];
    bool fine = slot && count;
    for (int m = 0; m < CONTEXT_MODELS; m++) {
        sum[m] = calloc((size_t)viewers + 1, sizeof(double));
        fine &= sum[m] != NULL;
    }
    int rc = fine ? 0 : mq_fail(err, MQ_NO_MEMORY, "context: no memory: give the process more");
    if (rc == 0) {
        size_t n = sums_of(c, part, slot, sum, count, &ret->cases);
        if (part != ALL && ret->cases < CASES_MIN)
            n = 0;
        rc = compare(sum, count, n, root, seed, ret, err);
    }
    free(slot);
    free(count);
    for (int m = 0; m < CONTEXT_MODELS; m++)
        free(sum[m]);
    return rc;
}

static int measure(const struct context_table *t, const struct context_options *o, const bool *use,
                   struct pool *pool, struct context_part *ret, bool *ret_helps,
                   struct mq_error *err)
{
    struct context_cases c;
    uint32_t viewers = intern_count(t->book.viewers);
    bool root = o->rating != NULL;
    int rc = root ? context_ratings(t, o, use, pool, &c, ret_helps, err)
                  : context_counts(t, o, use, pool, &c, ret_helps, err);
    if (rc)
        return rc;
    rc = figures(&c, ALL, viewers, root, o->seed, &ret->all, err);
    if (rc == 0)
        rc = figures(&c, SEEN, viewers, root, o->seed, &ret->seen, err);
    if (rc == 0)
        rc = figures(&c, UNSEEN, viewers, root, o->seed, &ret->unseen, err);
    context_cases_release(&c);
    return rc;
}

static int measure_all(const struct context_table *t, const struct context_options *o,
                       struct pool *pool, struct context_report *r, struct mq_error *err)
{
    bool all[CONTEXT_COLUMNS] = {false};
    bool helps = false;
    for (size_t c = 0; c < t->n_columns; c++)
        all[c] = true;
    int rc = measure(t, o, all, pool, &r->whole, &helps, err);
    r->published = helps ? "with" : "without";
    for (size_t c = 0; rc == 0 && c < t->n_columns; c++) {
        bool one[CONTEXT_COLUMNS] = {false};
        bool ignored;
        one[c] = true;
        r->column[c].name = t->name[c];
        r->n_columns++;
        if (o->progress && !o->progress(o->progress_ctx, "column by column", c, t->n_columns))
            return mq_fail(err, MQ_CANCELLED, "evaluate: stopped");
        if (t->n_columns == 1) {
            r->column[0] = r->whole;
            r->column[0].name = t->name[0];
        } else {
            rc = measure(t, o, one, pool, &r->column[c], &ignored, err);
        }
    }
    return rc;
}

int evaluate_context(const struct context_options *o, struct context_table *t,
                     struct context_report *ret, struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct pool *pool = NULL;
    *t = (struct context_table){0};
    *ret = (struct context_report){.seed = o->seed, .metric = o->rating ? "rmse" : "ndcg@10"};
    int rc = context_table_read(o, t, err);
    if (rc)
        return rc;
    ret->rows = t->rows.n;
    ret->viewers = intern_count(t->book.viewers);
    ret->titles = intern_count(t->book.titles);
    rc = pool_new(o->threads, &pool, err);
    if (rc == 0)
        rc = measure_all(t, o, pool, ret, err);
    pool_free(pool);
    ret->seconds = (double)(clock_mono_ns() - started) / 1e9;
    return rc;
}

/* ------------------------------------------------------------------ JSON */

static void write_figures(struct json *j, const struct context_figures *f)
{
    json_kv_u64(j, "cases", f->cases);
    json_kv_double(j, "without", f->value[WITHOUT], 6);
    json_kv_double(j, "with", f->value[WITH], 6);
    json_kv_double(j, "shuffled", f->value[SHUFFLED], 6);
    json_kv_double(j, "gain", f->gain.mean, 6);
    json_kv_double(j, "gain_low", f->gain.low, 6);
    json_kv_double(j, "gain_high", f->gain.high, 6);
    json_kv_double(j, "shuffled_gain", f->shuffled_gain.mean, 6);
    json_kv_double(j, "shuffled_gain_low", f->shuffled_gain.low, 6);
    json_kv_double(j, "shuffled_gain_high", f->shuffled_gain.high, 6);
    json_kv_double(j, "gain_over_without", f->raw_gain.mean, 6);
    json_kv_double(j, "gain_over_without_low", f->raw_gain.low, 6);
    json_kv_double(j, "gain_over_without_high", f->raw_gain.high, 6);
}

static void write_part(struct json *j, const char *key, const struct context_figures *f)
{
    json_key(j, str_of(key));
    json_object(j);
    write_figures(j, f);
    json_object_end(j);
}

void context_report_write(struct json *j, const struct context_report *r)
{
    json_object(j);
    json_kv_z(j, "protocol", "context");
    json_kv_u64(j, "seed", r->seed);
    json_kv_double(j, "seconds", r->seconds, 4);
    json_kv_z(j, "published", r->published);
    json_kv_u64(j, "rows", r->rows);
    json_kv_u64(j, "viewers", r->viewers);
    json_kv_u64(j, "titles", r->titles);
    json_kv_z(j, "metric", r->metric);
    write_figures(j, &r->whole.all);
    json_key(j, STR("columns"));
    json_object(j);
    for (size_t c = 0; c < r->n_columns; c++) {
        json_key(j, str_of(r->column[c].name));
        json_object(j);
        write_figures(j, &r->column[c].all);
        write_part(j, "seen", &r->column[c].seen);
        write_part(j, "unseen", &r->column[c].unseen);
        json_object_end(j);
    }
    json_object_end(j);
    write_part(j, "seen", &r->whole.seen);
    write_part(j, "unseen", &r->whole.unseen);
    json_object_end(j);
}
