/* count_model.h - how many: boosted trees on log audience, with intervals from out-of-fold residuals.
 *
 * Two parts: what depends on the past alone is fitted once; what is said of any title afterwards costs milliseconds. */
#ifndef MQ_STRATEGY_COUNT_MODEL_H
#define MQ_STRATEGY_COUNT_MODEL_H

#include "model/forest.h"
#include "strategy/count_features.h"

/* Natural logs of audiences. */
struct count_forecast {
    float p10, p50, p90;
    float plain;       /* before the median residual moved the middle: as out_of_fold is */
    float ridge;       /* the linear forecast alone */
    float comparables; /* the ten nearest alone */
};

enum {
    COUNT_TRAIN_MIN = 30, /* fewer titles teach nothing: MQ_INVALID */
    COUNT_FORESTS_MAX = 32,
};

/* Residuals in order of forecast, for intervals. forecast, actual (n). */
struct conformal {
    float *forecast, *residual; /* (n) ascending by forecast */
    uint32_t n, window;
};
int conformal_make(const float *forecast, const float *actual, uint32_t n, struct conformal *ret,
                   struct mq_error *err);
void conformal_release(struct conformal *c);
/* p10, p50, p90 around `forecast`. scratch (window). */
void conformal_around(const struct conformal *c, float forecast, float *scratch,
                      struct count_forecast *ret);

/* Intervals: conformal (Vovk, Gammerman, Shafer 2005), by the residuals of those training titles whose own
 * out-of-fold forecast is nearest to this one, so that they are as wide as forecasts of this size were wrong,
 * and as skew. The median residual moves the middle. */
struct count_fit {
    struct count_features features;
    struct forest forest[COUNT_FORESTS_MAX]; /* (forests) */
    uint32_t forests;
    struct conformal conformal;
    float *there;         /* (rows) what a title's time in the log adds, 0 or less: time_in_log.h */
    float *level;         /* (rows) log audiences without it, of train rows */
    float exposure_power; /* 0 to 1: how audiences follow that time */
    float *out_of_fold;   /* (n_train) what was forecast of each training title without it */
    float *alike;         /* (n_train) what its ten nearest of the other folds say */
};

/* What `task` refers to must stay as long as the fit, but its pool. */
int count_fit_make(const struct count_task *task, struct count_fit *ret, struct mq_error *err);
void count_fit_release(struct count_fit *f);

/* Forecasts of n titles that were not learnt from: of what exists, over its time in the log; of what does not, as if it were there all
 * along. pool may be NULL: this thread alone; the answer is the same. ret_each: NULL, or
 * (forests, n) what each of them says, with the linear share. Reads the fit only. */
int count_fit_say(const struct count_fit *f, const struct seen_title *asked, uint32_t n,
                  struct pool *pool, struct count_forecast *ret, float *ret_each,
                  struct mq_error *err);

#endif
