/* who_model.h - who: each viewer's chance of watching a title that does not exist yet.
 *
 * Factors of viewers come from iALS on the training titles. Where a title stands among them is the mean of its viewers;
 * that place is forecast from tokens (metadata -> factor space), out of fold for training titles too. What each viewer does with
 * *forecast* places is then fitted by ridge regression, so that the errors of forecast places are known to it:
 *
 *   z_t = (place, place x size, 1, log size, size),   b_u = (Z'Z + l2 I)^-1 sum_{t watched by u} z_t,
 *   score(u, t) = z_t . b_u.
 *
 * One matrix for all viewers: the cost is that of reading the meetings once.
 *
 * Two parts: what depends on the past alone is fitted once; what is said of a title afterwards costs milliseconds, and the reading of
 * the kernel's two factors. */
#ifndef MQ_STRATEGY_WHO_MODEL_H
#define MQ_STRATEGY_WHO_MODEL_H

#include "strategy/count_features.h"

enum { WHO_RANK = 16, WHO_COLUMNS = 2 * WHO_RANK + 3 };

/* Titles alike (who_kernel.c). n_train (n_train + 1) floats of memory, 2/3 n_train^3 multiply-adds. */
enum { WHO_KERNEL_TITLES = 12000 };
struct who_kernel {
    float *
        halves; /* (n_train, n_train + 1) Cholesky factors: K + a I in the lower half, G + b I in the upper */
    uint32_t *at;                /* (rows) place among the training rows + 1; 0: none */
    float *day;                  /* (n_train) of release */
    float *size, *share, *scale; /* (n_train) log sizes over their mean; p; s */
    float penalty;               /* b */
    double mean_size, met;       /* met: titles of a viewer, on average */
};

struct who_fit {
    const struct strategy_data *d;
    const struct title_tokens *tokens;
    const uint32_t *train; /* the task's */
    uint32_t n_train, n_viewers;
    float *b, mean[WHO_RANK]; /* (WHO_RANK, tokens) where a title stands */
    float deviation[WHO_COLUMNS];
    double mean_log;
    float *habit;      /* (n_viewers, WHO_COLUMNS) */
    uint32_t *watched; /* (n_viewers) training titles met */
    int32_t *last_day; /* (n_viewers) of the last meeting with one, days since 1970; 0: none */
    struct who_kernel kernel; /* halves NULL: too many titles */
};

/* log_size: (n_train) out-of-fold forecasts of the training titles, natural logs of audiences. What `task` refers to must stay as
 * long as the fit, but its pool. */
int who_fit_make(const struct count_task *task, const float *log_size, struct who_fit *ret,
                 struct mq_error *err);
void who_fit_release(struct who_fit *f);

/* What is said of n titles. */
struct who_model {
    const struct who_fit *fit;
    uint32_t n;
    float *place;  /* (n, WHO_COLUMNS) */
    int32_t *day;  /* (n) of release of what exists, else TITLE_NO_DATE */
    float *kernel; /* (n, n_train) weights of training titles; NULL: without */
    float *base;   /* (n), with it: what a viewer who met all training titles would add */
};

/* log_size: (n) forecasts. pool may be NULL: this thread alone. Reads the fit only. */
int who_model_make(const struct who_fit *f, const struct seen_title *asked, uint32_t n,
                   const float *log_size, struct pool *pool, struct who_model *ret,
                   struct mq_error *err);
void who_model_release(struct who_model *w);

/* Scores of all viewers for title i: of the places, and four times as much of titles alike (who_kernel.c), each by its spread
 * over viewers; of a title that exists two deviations less for whoever was last seen before it came out. ret, scratch (n_viewers). */
void who_model_scores(const struct who_model *w, uint32_t i, float *ret, float *scratch);

/* Scores -> chances that add up to `size` (at most 1 each, scores below 0 count as 0). */
void who_model_chances(float *scores, uint32_t n, double size);

/* --- inside --- */

int who_kernel_fit(const struct count_task *t, const float *log_size, struct who_kernel *ret,
                   struct mq_error *err);
void who_kernel_release(struct who_kernel *k);
/* ret (n, n_train), base (n), as of struct who_model. */
int who_kernel_weights(const struct who_fit *f, const struct seen_title *asked, uint32_t n,
                       const float *log_size, struct pool *pool, float *ret, float *base,
                       struct mq_error *err);

#endif
