#include "strategy/count_model.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "train/trees.h"

/* Whole forests, averaged; and folds for what is forecast of training titles. */
enum { FORESTS = 3, FORESTS_MAX = 32, FOLDS = 5, TASKS_MAX = FORESTS_MAX + FOLDS };

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
    const struct count_features *f;
    uint32_t forests;
    float *sum;         /* (forests, n_test) */
    float *out_of_fold; /* (n_train) */
    struct mq_error failure[TASKS_MAX];
    int rc[TASKS_MAX];
};

static uint32_t fold_of(const struct growing *g, uint32_t i)
{
    return (uint32_t)(hash_mix(g->task->seed + 1, g->task->train[i]) % FOLDS);
}

/* Rows of the training set that are not of `fold` (FOLDS: all), packed. */
static uint32_t pack(const struct growing *g, uint32_t fold, float *x, float *y)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->task->n_train; i++) {
        if (fold_of(g, i) == fold)
            continue;
        memcpy(x + (size_t)n * g->f->cols, g->f->x + (size_t)i * g->f->cols,
               g->f->cols * sizeof(*x));
        y[n++] = g->task->log_audience[g->task->train[i]];
    }
    return n;
}

static int grow_one(struct growing *g, uint32_t k, float *x, float *y, struct mq_error *err)
{
    uint32_t n_train = g->task->n_train;
    uint32_t fold = k < g->forests ? FOLDS : k - g->forests;
    uint32_t n = pack(g, fold, x, y);
    struct trees_settings s = settings;
    struct forest forest;
    s.seed = g->task->seed * TASKS_MAX + k;
    int rc = trees_fit(x, n, g->f->cols, y, NULL, &s, &forest, err);
    if (rc)
        return rc;
    for (uint32_t i = 0; k < g->forests && i < g->task->n_test; i++)
        g->sum[(size_t)k * g->task->n_test + i] =
            forest_value(&forest, g->f->x + (size_t)(n_train + i) * g->f->cols);
    for (uint32_t i = 0; k >= g->forests && i < n_train; i++)
        if (fold_of(g, i) == fold)
            g->out_of_fold[i] =
                trees_share * forest_value(&forest, g->f->x + (size_t)i * g->f->cols) +
                (1 - trees_share) * g->f->ridge[i];
    trees_release(&forest);
    return 0;
}

static void grow_some(void *ctx, size_t from, size_t to, size_t worker)
{
    struct growing *g = ctx;
    (void)worker;
    for (size_t k = from; k < to; k++) {
        float *x = calloc((size_t)g->task->n_train * g->f->cols + 1, sizeof(*x));
        float *y = calloc((size_t)g->task->n_train + 1, sizeof(*y));
        g->rc[k] = x && y ? grow_one(g, (uint32_t)k, x, y, &g->failure[k])
                          : mq_fail(&g->failure[k], MQ_NO_MEMORY, "forecast: no memory for trees");
        free(x);
        free(y);
    }
}

static int conclude(const struct growing *g, struct count_forecast *ret_test, struct mq_error *err)
{
    const struct count_task *t = g->task;
    struct conformal c;
    float *actual = calloc((size_t)t->n_train + 1, sizeof(*actual));
    if (!actual)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    for (uint32_t i = 0; i < t->n_train; i++)
        actual[i] = t->log_audience[t->train[i]];
    int rc = conformal_make(g->out_of_fold, actual, t->n_train, &c, err);
    free(actual);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < t->n_test; i++) {
        float mean = 0;
        for (uint32_t k = 0; k < g->forests; k++)
            mean += g->sum[(size_t)k * t->n_test + i] / (float)g->forests;
        float ridge = g->f->ridge[t->n_train + i];
        float centre = trees_share * mean + (1 - trees_share) * ridge;
        for (uint32_t k = 0; t->each && k < g->forests; k++)
            t->each[(size_t)k * t->n_test + i] =
                trees_share * g->sum[(size_t)k * t->n_test + i] + (1 - trees_share) * ridge;
        conformal_around(&c, centre, &ret_test[i]);
        ret_test[i].ridge = ridge;
        ret_test[i].comparables = g->f->comparables[t->n_train + i];
    }
    conformal_release(&c);
    return 0;
}

int count_model_forecast(const struct count_task *task, struct count_forecast *ret_test,
                         float *ret_out_of_fold, struct mq_error *err)
{
    if (task->n_train < COUNT_TRAIN_MIN)
        return mq_fail(err, MQ_INVALID,
                       "forecast: %u titles with an audience: at least %d are needed: import more",
                       task->n_train, COUNT_TRAIN_MIN);
    struct count_features f;
    int rc = count_features_make(task, &f, err);
    if (rc)
        return rc;
    struct growing g = {.task = task, .f = &f, .forests = task->forests ? task->forests : FORESTS};
    assert(g.forests <= FORESTS_MAX);
    g.sum = calloc((size_t)g.forests * task->n_test + 1, sizeof(*g.sum));
    g.out_of_fold = calloc((size_t)task->n_train + 1, sizeof(*g.out_of_fold));
    rc = g.sum && g.out_of_fold ? 0 : mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    if (rc == 0)
        pool_for(task->pool, g.forests + FOLDS, 1, grow_some, &g);
    for (uint32_t k = 0; rc == 0 && k < g.forests + FOLDS; k++) {
        rc = g.rc[k];
        if (rc && err)
            *err = g.failure[k];
    }
    if (rc == 0)
        rc = conclude(&g, ret_test, err);
    if (rc == 0 && ret_out_of_fold)
        memcpy(ret_out_of_fold, g.out_of_fold, task->n_train * sizeof(*ret_out_of_fold));
    free(g.sum);
    free(g.out_of_fold);
    count_features_release(&f);
    return rc;
}
