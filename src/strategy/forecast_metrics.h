/* forecast_metrics.h - how good forecasts of audiences were. Natural logs throughout. */
#ifndef MQ_STRATEGY_FORECAST_METRICS_H
#define MQ_STRATEGY_FORECAST_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* NaN: not had. */
struct forecast_metrics {
    double spearman; /* rank correlation, ties at their mean rank */
    double mdape;    /* median |forecast - actual| / actual */
    double rmsle;    /* root of the mean squared difference of logs */
    double within_2x;
    double coverage; /* share of actuals within [P10, P90] */
    double pinball;  /* mean over P10, P50, P90 */
    double auc, auc_within_activity;
    double coverage_by_third[3]; /* of the lowest, middle and highest forecasts */
    double bias_by_third[3];     /* median of actual - forecast, logs */
    uint32_t titles;
};

/* One title's forecast and what came, natural logs. p10, p90 NaN: no interval. */
struct forecast_outcome {
    double p10, p50, p90, actual;
};

/* auc fields are left NaN. MQ_NO_MEMORY. */
int forecast_metrics_of(const struct forecast_outcome *o, uint32_t n, struct forecast_metrics *ret,
                        struct mq_error *err);

/* Rank correlation of two columns of n; NaN when one is constant or n < 2. */
int rank_correlation(const double *a, const double *b, uint32_t n, double *ret,
                     struct mq_error *err);

/* Area under the ROC curve of `scores` for membership, ties count a half; viewers `order[from..to)`.
 * Returns pairs (members x others), *ret_won of them won. scratch: (to - from). */
struct scored {
    float score;
    bool member;
};
double auc_pairs(struct scored *list, uint32_t n, double *ret_won);

#endif
