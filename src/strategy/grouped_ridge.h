/* grouped_ridge.h - a linear forecast with intervals from a few hundred or thousand rows that come in groups (the seasons of a
 * show, the weeks of a title): what is chosen is chosen on groups that were left out. */
#ifndef MQ_STRATEGY_GROUPED_RIDGE_H
#define MQ_STRATEGY_GROUPED_RIDGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "strategy/forecast_metrics.h"

enum { GROUPED_TRAIN_MIN = 30, GROUPED_SETS_MAX = 4 };

struct grouped_ridge {
    const double *x;       /* (n_train + n_test, p): training rows, then test rows */
    const double *y;       /* (n_train + n_test); of a test row only copied as what came */
    const uint32_t *group; /* (n_train) */
    uint32_t n_train, n_test;
    size_t p;
    uint64_t columns[GROUPED_SETS_MAX]; /* sets of columns to choose from (bit c: column c) */
    size_t n_sets;
    uint64_t seed; /* of the folds */
};

struct grouped_choice {
    double penalty;
    size_t set;   /* of columns */
    double error; /* mean absolute error over left-out groups */
};

/* Ridge regression (math/small_ridge.h). Penalty and set of columns: the least mean absolute error over ten folds of groups
 * inside the training rows; their residuals give the intervals (conformal, count_model.h). ret (n_test).
 * MQ_INVALID: fewer than GROUPED_TRAIN_MIN rows. O(n_train p^2) a fold. */
int grouped_ridge_forecast(const struct grouped_ridge *task, struct forecast_outcome *ret,
                           struct grouped_choice *ret_choice, struct mq_error *err);

#endif
