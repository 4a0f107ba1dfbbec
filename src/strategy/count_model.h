/* count_model.h - how many: boosted trees on log audience, with intervals from out-of-fold residuals. */
#ifndef MQ_STRATEGY_COUNT_MODEL_H
#define MQ_STRATEGY_COUNT_MODEL_H

#include "strategy/count_features.h"

/* Natural logs of audiences. */
struct count_forecast {
    float p10, p50, p90;
    float ridge;       /* the linear forecast alone */
    float comparables; /* the ten nearest alone */
};

enum { COUNT_TRAIN_MIN = 30 }; /* fewer titles teach nothing: MQ_INVALID */

/* Forecasts of the test rows, learnt from the train rows.
 *
 * Intervals: conformal (Vovk, Gammerman, Shafer 2005), by the residuals of those training titles whose own
 * out-of-fold forecast is nearest to this one, so that they are as wide as forecasts of this size were wrong,
 * and as skew. The median residual moves the middle.
 *
 * ret_test         (n_test).
 * ret_out_of_fold  (n_train) or NULL: what was forecast of each training title without it. */
int count_model_forecast(const struct count_task *task, struct count_forecast *ret_test,
                         float *ret_out_of_fold, struct mq_error *err);

/* Residuals in order of forecast, for intervals. forecast, actual (n). */
struct conformal {
    float *forecast, *residual; /* (n) ascending by forecast */
    float *sorted;              /* (window) scratch */
    uint32_t n, window;
};
int conformal_make(const float *forecast, const float *actual, uint32_t n, struct conformal *ret,
                   struct mq_error *err);
void conformal_release(struct conformal *c);
/* p10, p50, p90 around `forecast`. Uses the scratch: one thread at a time. */
void conformal_around(const struct conformal *c, float forecast, struct count_forecast *ret);

#endif
