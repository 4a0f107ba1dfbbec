/* who_model.h - who: each viewer's chance of watching a title that does not exist yet.
 *
 * Factors of viewers come from iALS on the training titles. Where a title stands among them is the mean of its viewers;
 * that place is forecast from tokens (metadata -> factor space), out of fold for training titles too. What each viewer does with
 * *forecast* places is then fitted by ridge regression, so that the errors of forecast places are known to it:
 *
 *   z_t = (place, place x size, 1, log size, size),   b_u = (Z'Z + l2 I)^-1 sum_{t watched by u} z_t,
 *   score(u, t) = z_t . b_u.
 *
 * One matrix for all viewers: the cost is that of reading the meetings once. */
#ifndef MQ_STRATEGY_WHO_MODEL_H
#define MQ_STRATEGY_WHO_MODEL_H

#include "strategy/count_features.h"

enum { WHO_RANK = 16, WHO_COLUMNS = 2 * WHO_RANK + 3 };

struct who_model {
    uint32_t n_viewers, n_test;
    float *place;      /* (n_test, WHO_COLUMNS) */
    float *habit;      /* (n_viewers, WHO_COLUMNS) */
    uint32_t *watched; /* (n_viewers) training titles met */
    float *kernel;     /* (n_test, n_train), NULL: too many titles */
    float *base;       /* (n_test), with it */
    const struct strategy_data *d;
    const uint32_t *train; /* the task's */
    uint32_t n_train;
};

/* log_size: (n_train) out-of-fold forecasts of the training titles, then (n_test) forecasts of the test titles,
 * natural logs of audiences. */
int who_model_make(const struct count_task *task, const float *log_size, struct who_model *ret,
                   struct mq_error *err);
void who_model_release(struct who_model *w);

/* Weights of training titles for each test title (who_kernel.c). ret (n_test, n_train); of each test title also `base` (n_test), what
 * a viewer who met all training titles would add. n_train^2 floats of memory, 2/3 n_train^3 operations. */
enum { WHO_KERNEL_TITLES = 12000 };
int who_kernel_weights(const struct count_task *t, const float *log_size, float *ret, float *base,
                       struct mq_error *err);

/* Scores of all viewers for test title i: of the places, and three times as much of titles alike (who_kernel.c), each by its spread
 * over viewers. ret, scratch (n_viewers). */
void who_model_scores(const struct who_model *w, uint32_t i, float *ret, float *scratch);

/* Scores -> chances that add up to `size` (at most 1 each, scores below 0 count as 0). */
void who_model_chances(float *scores, uint32_t n, double size);

#endif
