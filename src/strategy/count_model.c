#include "strategy/count_model.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "strategy/time_in_log.h"
#include "train/trees.h"

/* Whole forests, averaged; and folds for what is forecast of training titles. */
enum { FORESTS = 3, FOLDS = 5, TASKS_MAX = COUNT_FORESTS_MAX + FOLDS };

/* Found on MovieLens 100K and latest-small by title hold-out; flat around these values. */
static const struct trees_settings settings = {.rounds = 250,
                                               .depth = 5,
                                               .rate = 0.04F,
                                               .min_child = 6,
                                               .rows = 0.7F,
                                               .columns = 0.4F,
                                               .lambda = 3};
static const float trees_share = 0.8F; /* the rest is the linear forecast */

struct growing {
    const struct count_task *task;
    struct count_fit *out;
    const struct count_row *row; /* (n_train) */
    struct mq_error failure[TASKS_MAX];
    int rc[TASKS_MAX];
};

static uint32_t fold_of(const struct count_task *t, uint32_t i)
{
    return (uint32_t)(hash_mix(t->seed + 1, t->train[i]) % FOLDS);
}

static float blend(float trees, float ridge)
{
    return trees_share * trees + (1 - trees_share) * ridge;
}

/* A whole forest: from all rows. */
static int grow_whole(const struct growing *g, uint64_t seed, struct forest *ret,
                      struct mq_error *err)
{
    uint32_t n = g->task->n_train;
    float *x = calloc((size_t)n * COUNT_COLUMNS + 1, sizeof(*x));
    float *y = calloc((size_t)n + 1, sizeof(*y));
    struct trees_settings s = settings;
    s.seed = seed;
    for (uint32_t i = 0; x && y && i < n; i++) {
        memcpy(x + (size_t)i * COUNT_COLUMNS, g->row[i].x, sizeof(g->row[i].x));
        y[i] = g->task->log_audience[g->task->train[i]];
    }
    int rc = x && y ? trees_fit(x, n, COUNT_COLUMNS, y, NULL, &s, ret, err)
                    : mq_fail(err, MQ_NO_MEMORY, "forecast: no memory for trees");
    free(x);
    free(y);
    return rc;
}

/* What one fold is forecast by: everything made anew from the other folds. */
struct fold {
    struct count_task task; /* of the other folds' titles */
    struct count_features features;
    struct forest forest;
    uint32_t *train;
    float *x, *y, *scratch; /* (task.n_train, columns), (task.n_train), (rows of the tokens) */
};

static void fold_columns(const struct fold *f, uint32_t row, struct count_row *ret)
{
    const struct count_task *t = &f->task;
    struct seen_title seen = title_seen(t->d, t->tokens, t->credits, row);
    count_features_of(&f->features, &seen, f->scratch, ret);
}

static int fit_fold(struct fold *f, uint64_t seed, struct mq_error *err)
{
    struct count_task *t = &f->task;
    struct trees_settings s = settings;
    struct count_row row;
    s.seed = seed;
    int rc = pool_new(1, &t->pool, err);
    if (rc)
        return rc;
    rc = count_features_make(t, &f->features, err);
    pool_free(t->pool);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < t->n_train; i++) {
        fold_columns(f, t->train[i], &row);
        memcpy(f->x + (size_t)i * COUNT_COLUMNS, row.x, sizeof(row.x));
        f->y[i] = t->log_audience[t->train[i]];
    }
    rc = trees_fit(f->x, t->n_train, COUNT_COLUMNS, f->y, NULL, &s, &f->forest, err);
    if (rc)
        count_features_release(&f->features);
    return rc;
}

/* Features too are made without the fold: a mean over the *other* titles of a person tells a tree that finds out
 * whom it is about what the title itself drew, and intervals from such forecasts are too narrow. */
static int grow_fold(struct growing *g, uint32_t fold, uint64_t seed, struct mq_error *err)
{
    const struct count_task *t = g->task;
    struct fold f = {.task = *t};
    f.train = calloc((size_t)t->n_train + 1, sizeof(*f.train));
    f.x = calloc((size_t)t->n_train * COUNT_COLUMNS + 1, sizeof(*f.x));
    f.y = calloc((size_t)t->n_train + 1, sizeof(*f.y));
    f.scratch = calloc((size_t)t->tokens->x.rows + 1, sizeof(*f.scratch));
    f.task.train = f.train;
    f.task.n_train = 0;
    for (uint32_t i = 0; f.train && i < t->n_train; i++)
        if (fold_of(t, i) != fold)
            f.train[f.task.n_train++] = t->train[i];
    int rc = f.train && f.x && f.y && f.scratch
                 ? fit_fold(&f, seed, err)
                 : mq_fail(err, MQ_NO_MEMORY, "forecast: no memory for trees");
    for (uint32_t i = 0; rc == 0 && i < t->n_train; i++) {
        struct count_row row;
        if (fold_of(t, i) != fold)
            continue;
        fold_columns(&f, t->train[i], &row);
        g->out->out_of_fold[i] =
            blend(forest_value(&f.forest, row.x), row.ridge) + g->out->there[t->train[i]];
        g->out->alike[i] = row.comparables + g->out->there[t->train[i]];
    }
    if (rc == 0) {
        count_features_release(&f.features);
        trees_release(&f.forest);
    }
    free(f.train);
    free(f.x);
    free(f.y);
    free(f.scratch);
    return rc;
}

static void grow_some(void *ctx, size_t from, size_t to, size_t worker)
{
    struct growing *g = ctx;
    (void)worker;
    for (size_t k = from; k < to; k++) {
        uint64_t seed = g->task->seed * TASKS_MAX + k;
        if (k < g->out->forests)
            g->rc[k] = grow_whole(g, seed, &g->out->forest[k], &g->failure[k]);
        else
            g->rc[k] = grow_fold(g, (uint32_t)(k - g->out->forests), seed, &g->failure[k]);
    }
}

/* --- rows of many titles --- */

struct rows {
    const struct count_features *f;
    const struct seen_title *seen;
    float *scratch; /* (rows of the tokens) per worker */
    struct count_row *ret;
};

static void rows_some(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct rows *r = ctx;
    float *scratch = r->scratch + worker * r->f->task.tokens->x.rows;
    for (size_t i = from; i < to; i++)
        count_features_of(r->f, &r->seen[i], scratch, &r->ret[i]);
}

/* *ret (n) is the caller's to free. */
static int rows_of(const struct count_features *f, const struct seen_title *seen, uint32_t n,
                   struct pool *pool, struct count_row **ret, struct mq_error *err)
{
    enum { PART = 64 };
    size_t threads = pool ? pool_threads(pool) : 1;
    struct rows r = {.f = f, .seen = seen};
    r.scratch = calloc(threads * f->task.tokens->x.rows + 1, sizeof(*r.scratch));
    r.ret = calloc((size_t)n + 1, sizeof(*r.ret));
    if (!r.scratch || !r.ret) {
        free(r.scratch);
        free(r.ret);
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory for %u titles", n);
    }
    if (pool)
        pool_for(pool, n, PART, rows_some, &r);
    else
        rows_some(&r, 0, n, 0);
    free(r.scratch);
    *ret = r.ret;
    return 0;
}

static int train_rows(const struct count_task *t, const struct count_features *f,
                      struct count_row **ret, struct mq_error *err)
{
    struct seen_title *seen = calloc((size_t)t->n_train + 1, sizeof(*seen));
    if (!seen)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory for %u titles", t->n_train);
    for (uint32_t i = 0; i < t->n_train; i++)
        seen[i] = title_seen(t->d, t->tokens, t->credits, t->train[i]);
    int rc = rows_of(f, seen, t->n_train, t->pool, ret, err);
    free(seen);
    return rc;
}

static int learn_intervals(const struct count_task *t, struct count_fit *f, struct mq_error *err)
{
    float *actual = calloc((size_t)t->n_train + 1, sizeof(*actual));
    if (!actual)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    for (uint32_t i = 0; i < t->n_train; i++)
        actual[i] = t->log_audience[t->train[i]];
    int rc = conformal_make(f->out_of_fold, actual, t->n_train, &f->conformal, err);
    free(actual);
    return rc;
}

static int grow(const struct count_task *task, struct count_fit *f, struct mq_error *err)
{
    struct growing *g = calloc(1, sizeof(*g));
    struct count_row *row = NULL;
    int rc = g ? train_rows(task, &f->features, &row, err)
               : mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    if (rc == 0) {
        *g = (struct growing){.task = task, .out = f, .row = row};
        pool_for(task->pool, f->forests + FOLDS, 1, grow_some, g);
    }
    for (uint32_t k = 0; rc == 0 && k < f->forests + FOLDS; k++) {
        rc = g->rc[k];
        if (rc && err)
            *err = g->failure[k];
    }
    free(row);
    free(g);
    return rc;
}

/* What audiences would have been had all titles been there all along: what everything is learnt from. */
static int level_audiences(const struct count_task *t, struct count_fit *f, struct mq_error *err)
{
    size_t rows = t->tokens->x.rows;
    f->there = calloc(2 * rows + 1, sizeof(*f->there));
    if (!f->there)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory for %zu titles", rows);
    f->level = f->there + rows;
    int rc = exposure_shares(t->d, f->there, err);
    if (rc == 0)
        rc = exposure_power(t, f->there, &f->exposure_power, err);
    for (size_t row = 0; rc == 0 && row < rows; row++)
        f->there[row] *= f->exposure_power;
    for (uint32_t i = 0; rc == 0 && i < t->n_train; i++)
        f->level[t->train[i]] = t->log_audience[t->train[i]] - f->there[t->train[i]];
    return rc;
}

int count_fit_make(const struct count_task *task, struct count_fit *ret, struct mq_error *err)
{
    struct count_task level = *task;
    if (task->n_train < COUNT_TRAIN_MIN)
        return mq_fail(err, MQ_INVALID,
                       "forecast: %u titles with viewers: at least %d are needed: import titles, "
                       "credits and events first",
                       task->n_train, COUNT_TRAIN_MIN);
    *ret = (struct count_fit){.forests = task->forests ? task->forests : FORESTS};
    assert(ret->forests <= COUNT_FORESTS_MAX);
    int rc = level_audiences(task, ret, err);
    level.log_audience = ret->level;
    if (rc == 0)
        rc = count_features_make(&level, &ret->features, err);
    ret->out_of_fold = calloc(2 * (size_t)task->n_train + 1, sizeof(*ret->out_of_fold));
    ret->alike = ret->out_of_fold ? ret->out_of_fold + task->n_train : NULL;
    if (rc == 0)
        rc = ret->out_of_fold ? grow(&level, ret, err)
                              : mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    if (rc == 0)
        rc = learn_intervals(task, ret, err);
    if (rc)
        count_fit_release(ret);
    return rc;
}

void count_fit_release(struct count_fit *f)
{
    for (uint32_t k = 0; k < f->forests; k++)
        trees_release(&f->forest[k]);
    count_features_release(&f->features);
    conformal_release(&f->conformal);
    free(f->out_of_fold);
    free(f->there);
    *f = (struct count_fit){0};
}

int count_fit_say(const struct count_fit *f, const struct seen_title *asked, uint32_t n,
                  struct pool *pool, struct count_forecast *ret, float *ret_each,
                  struct mq_error *err)
{
    struct count_row *row;
    float *scratch = calloc((size_t)f->conformal.window + 1, sizeof(*scratch));
    int rc = scratch ? rows_of(&f->features, asked, n, pool, &row, err)
                     : mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        float mean = 0;
        for (uint32_t k = 0; k < f->forests; k++) {
            float value = forest_value(&f->forest[k], row[i].x);
            mean += value / (float)f->forests;
            if (ret_each)
                ret_each[(size_t)k * n + i] = blend(value, row[i].ridge);
        }
        float there = asked[i].row == ID_NONE ? 0 : f->there[asked[i].row];
        conformal_around(&f->conformal, blend(mean, row[i].ridge) + there, scratch, &ret[i]);
        ret[i].ridge = row[i].ridge + there;
        ret[i].comparables = row[i].comparables + there;
    }
    if (rc == 0)
        free(row);
    free(scratch);
    return rc;
}
