#include "strategy/grouped_ridge.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "math/small_ridge.h"
#include "strategy/count_model.h"

enum { FOLDS = 10 };

static const double penalties[] = {1, 3, 10, 30, 100};

struct fitting {
    const struct grouped_ridge *task;
    uint32_t *rows;         /* (train) */
    uint8_t *fold;          /* (train) */
    float *out, *best, *yf; /* (train): forecasts of left-out groups */
};

static void fitting_release(struct fitting *f)
{
    free(f->rows);
    free(f->fold);
    free(f->out);
}

static int fitting_init(struct fitting *f, const struct grouped_ridge *t, struct mq_error *err)
{
    *f = (struct fitting){.task = t,
                          .rows = calloc(t->n_train, sizeof(uint32_t)),
                          .fold = calloc(t->n_train, 1),
                          .out = calloc(3 * (size_t)t->n_train, sizeof(float))};
    if (!f->rows || !f->fold || !f->out)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory for %u rows", t->n_train);
    f->best = f->out + t->n_train;
    f->yf = f->best + t->n_train;
    for (uint32_t i = 0; i < t->n_train; i++) {
        f->yf[i] = (float)t->y[i];
        f->fold[i] = (uint8_t)(hash_mix(t->seed, t->group[i]) % FOLDS);
    }
    return 0;
}

/* Forecasts every training row from the other folds; *ret_error the mean absolute error. */
static int leave_groups_out(struct fitting *f, uint64_t columns, double penalty, double *ret_error,
                            struct mq_error *err)
{
    const struct grouped_ridge *t = f->task;
    double sum = 0;
    for (unsigned k = 0; k < FOLDS; k++) {
        struct small_ridge r;
        uint32_t m = 0;
        for (uint32_t i = 0; i < t->n_train; i++) {
            if (f->fold[i] != k)
                f->rows[m++] = i;
        }
        int rc = small_ridge_fit(t->x, t->p, t->y, f->rows, m, columns, penalty, &r, err);
        if (rc)
            return rc;
        for (uint32_t i = 0; i < t->n_train; i++) {
            if (f->fold[i] != k)
                continue;
            f->out[i] = (float)small_ridge_value(&r, t->x + i * t->p);
            sum += fabs(t->y[i] - (double)f->out[i]);
        }
    }
    *ret_error = sum / t->n_train;
    return 0;
}

static int choose(struct fitting *f, struct grouped_choice *ret, struct mq_error *err)
{
    const struct grouped_ridge *t = f->task;
    ret->error = INFINITY;
    for (size_t set = 0; set < t->n_sets; set++) {
        for (size_t k = 0; k < sizeof(penalties) / sizeof(penalties[0]); k++) {
            double error;
            int rc = leave_groups_out(f, t->columns[set], penalties[k], &error, err);
            if (rc)
                return rc;
            if (!(error < ret->error))
                continue;
            *ret = (struct grouped_choice){penalties[k], set, error};
            for (uint32_t i = 0; i < t->n_train; i++)
                f->best[i] = f->out[i];
        }
    }
    return 0;
}

static int say(struct fitting *f, const struct grouped_choice *c, struct forecast_outcome *ret,
               struct mq_error *err)
{
    const struct grouped_ridge *t = f->task;
    struct small_ridge r;
    struct conformal around = {0};
    for (uint32_t i = 0; i < t->n_train; i++)
        f->rows[i] = i;
    int rc = small_ridge_fit(t->x, t->p, t->y, f->rows, t->n_train, t->columns[c->set], c->penalty,
                             &r, err);
    if (rc == 0)
        rc = conformal_make(f->best, f->yf, t->n_train, &around, err);
    for (uint32_t i = 0; rc == 0 && i < t->n_test; i++) {
        struct count_forecast v = {0};
        const double *x = t->x + (size_t)(t->n_train + i) * t->p;
        conformal_around(&around, (float)small_ridge_value(&r, x), f->out, &v);
        ret[i] = (struct forecast_outcome){.p10 = (double)v.p10,
                                           .p50 = (double)v.p50,
                                           .p90 = (double)v.p90,
                                           .actual = t->y[t->n_train + i]};
    }
    conformal_release(&around);
    return rc;
}

int grouped_ridge_forecast(const struct grouped_ridge *task, struct forecast_outcome *ret,
                           struct grouped_choice *ret_choice, struct mq_error *err)
{
    struct fitting f;
    struct grouped_choice choice = {0};
    if (task->n_train < GROUPED_TRAIN_MIN)
        return mq_fail(err, MQ_INVALID,
                       "forecast: %u rows to learn from: give more, at least %d before the first "
                       "that is forecast",
                       task->n_train, GROUPED_TRAIN_MIN);
    int rc = fitting_init(&f, task, err);
    if (rc == 0)
        rc = choose(&f, &choice, err);
    if (rc == 0)
        rc = say(&f, &choice, ret, err);
    fitting_release(&f);
    if (rc == 0 && ret_choice)
        *ret_choice = choice;
    return rc;
}
