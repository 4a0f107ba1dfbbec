#include "strategy/season_model.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "math/small_ridge.h"
#include "strategy/count_model.h"
#include "strategy/forecast_metrics.h"

enum { FOLDS = 10 };

static const double penalties[] = {1, 3, 10, 30, 100};

struct fitting {
    const struct season_task *task;
    double *x, *y;          /* (train + test, SEASON_COLUMNS), (train + test) */
    uint32_t *rows;         /* (train), those of one fold's others */
    uint8_t *fold;          /* (train) */
    float *out, *best, *yf; /* (train): forecasts of left-out shows */
};

static void fitting_release(struct fitting *f)
{
    free(f->x);
    free(f->y);
    free(f->rows);
    free(f->fold);
    free(f->out);
}

static int fitting_init(struct fitting *f, const struct season_task *t, struct mq_error *err)
{
    size_t n = (size_t)t->n_train + t->n_test;
    *f = (struct fitting){.task = t,
                          .x = calloc(n * SEASON_COLUMNS, sizeof(double)),
                          .y = calloc(n, sizeof(double)),
                          .rows = calloc(t->n_train, sizeof(uint32_t)),
                          .fold = calloc(t->n_train, 1),
                          .out = calloc(3 * (size_t)t->n_train, sizeof(float))};
    if (!f->x || !f->y || !f->rows || !f->fold || !f->out)
        return mq_fail(err, MQ_NO_MEMORY, "seasons: no memory for %zu", n);
    f->best = f->out + t->n_train;
    f->yf = f->best + t->n_train;
    for (size_t i = 0; i < n; i++) {
        bool train = i < t->n_train;
        const struct season_sample *s = &t->samples[train ? t->train[i] : t->test[i - t->n_train]];
        season_columns(t->h, &t->decay, s, f->x + i * SEASON_COLUMNS);
        if (!train)
            continue;
        f->y[i] = s->actual;
        f->yf[i] = (float)s->actual;
        f->fold[i] = (uint8_t)(hash_mix(t->seed, t->h->titles[s->title].show) % FOLDS);
    }
    return 0;
}

/* Forecasts every training row from the other folds; *ret_error the mean absolute error. */
static int leave_shows_out(struct fitting *f, uint64_t columns, double penalty, double *ret_error,
                           struct mq_error *err)
{
    uint32_t n = f->task->n_train;
    double sum = 0;
    for (unsigned k = 0; k < FOLDS; k++) {
        struct small_ridge r;
        uint32_t m = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (f->fold[i] != k)
                f->rows[m++] = i;
        }
        int rc = small_ridge_fit(f->x, SEASON_COLUMNS, f->y, f->rows, m, columns, penalty, &r, err);
        if (rc)
            return rc;
        for (uint32_t i = 0; i < n; i++) {
            if (f->fold[i] != k)
                continue;
            f->out[i] = (float)small_ridge_value(&r, f->x + (size_t)i * SEASON_COLUMNS);
            sum += fabs(f->y[i] - (double)f->out[i]);
        }
    }
    *ret_error = sum / n;
    return 0;
}

static int choose(struct fitting *f, uint64_t *ret_columns, struct season_choice *ret,
                  struct mq_error *err)
{
    const struct season_task *t = f->task;
    uint64_t all = ((1ULL << SEASON_COLUMNS) - 1) & ~t->never;
    ret->error = INFINITY;
    ret->decay = t->decay;
    for (int weekly = 0; weekly < 2; weekly++) {
        uint64_t columns = weekly ? all : all & ~SEASON_WEEKLY;
        for (size_t k = 0; k < sizeof(penalties) / sizeof(penalties[0]); k++) {
            double error;
            int rc = leave_shows_out(f, columns, penalties[k], &error, err);
            if (rc)
                return rc;
            if (!(error < ret->error))
                continue;
            ret->error = error;
            ret->penalty = penalties[k];
            ret->weekly = columns & SEASON_WEEKLY;
            *ret_columns = columns;
            for (uint32_t i = 0; i < t->n_train; i++)
                f->best[i] = f->out[i];
        }
    }
    return 0;
}

static int say(struct fitting *f, uint64_t columns, double penalty, struct forecast_outcome *ret,
               struct mq_error *err)
{
    const struct season_task *t = f->task;
    struct small_ridge r;
    struct conformal c = {0};
    for (uint32_t i = 0; i < t->n_train; i++)
        f->rows[i] = i;
    int rc =
        small_ridge_fit(f->x, SEASON_COLUMNS, f->y, f->rows, t->n_train, columns, penalty, &r, err);
    if (rc == 0)
        rc = conformal_make(f->best, f->yf, t->n_train, &c, err);
    for (uint32_t i = 0; rc == 0 && i < t->n_test; i++) {
        struct count_forecast around = {0};
        const double *x = f->x + (size_t)(t->n_train + i) * SEASON_COLUMNS;
        conformal_around(&c, (float)small_ridge_value(&r, x), &around);
        ret[i] = (struct forecast_outcome){.p10 = (double)around.p10,
                                           .p50 = (double)around.p50,
                                           .p90 = (double)around.p90,
                                           .actual = t->samples[t->test[i]].actual};
    }
    conformal_release(&c);
    return rc;
}

int season_forecast(const struct season_task *task, struct forecast_outcome *ret,
                    struct season_choice *ret_choice, struct mq_error *err)
{
    struct fitting f;
    struct season_choice choice = {0};
    uint64_t columns = 0;
    if (task->n_train < SEASON_TRAIN_MIN)
        return mq_fail(err, MQ_INVALID,
                       "seasons: %u to learn from: give half-years with at least %d returning "
                       "seasons before the first that is forecast",
                       task->n_train, SEASON_TRAIN_MIN);
    int rc = fitting_init(&f, task, err);
    if (rc == 0)
        rc = choose(&f, &columns, &choice, err);
    if (rc == 0)
        rc = say(&f, columns, choice.penalty, ret, err);
    fitting_release(&f);
    if (rc == 0 && ret_choice)
        *ret_choice = choice;
    return rc;
}
