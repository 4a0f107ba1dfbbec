/* backtest.h - would the forecasts have been right? Titles are forecast as if they did not exist yet, by what was known of
 * others, and held against what came.
 *
 * title-holdout  five folds; a title's fold is the MD5 of its id, as a big-endian integer, modulo 5.
 * rolling-year   each release year from the first before which a quarter of all titles was released: learnt from titles released
 *                earlier (audiences as the whole log has them), judged on those of the year. Titles without a
 *                year are left out. */
#ifndef MQ_STRATEGY_BACKTEST_H
#define MQ_STRATEGY_BACKTEST_H

#include "base/pool.h"
#include "strategy/forecast_metrics.h"
#include "strategy/strategy_data.h"
#include "train/ials.h"

enum backtest_protocol { BACKTEST_TITLE_HOLDOUT, BACKTEST_ROLLING_YEAR };

enum { BACKTEST_AUC_MIN = 20 }; /* viewers of a title whose AUC counts */

struct backtest_options {
    enum backtest_protocol protocol;
    uint64_t seed;
    bool no_controls; /* theirs are NaN then */
    struct train_watch watch;
};

struct backtest_report {
    uint32_t titles, viewers, splits;
    uint32_t auc_titles;
    struct forecast_metrics forecast;
    struct forecast_metrics genre_median, director_history, comparables; /* baselines */
    struct forecast_metrics permuted_credits, no_credits;                /* controls */
};

/* MQ_INVALID: too few titles with an audience. MQ_CANCELLED, MQ_NO_MEMORY. */
int backtest_run(const struct strategy_data *d, const struct backtest_options *options,
                 struct pool *pool, struct backtest_report *ret, struct mq_error *err);

/* The baselines of one split, natural logs; ret (n_test) each. */
struct baseline_task {
    const struct strategy_data *d;
    const uint32_t *train, *test;
    uint32_t n_train, n_test;
    const float *log_audience; /* (rows) */
};
int baseline_genre_median(const struct baseline_task *t, struct forecast_outcome *ret,
                          struct mq_error *err);
int baseline_director_history(const struct baseline_task *t, struct forecast_outcome *ret,
                              struct mq_error *err);

/* Mean AUC over the test titles with enough viewers: sums and how many, added to. */
struct auc_sums {
    double all, within;
    uint32_t titles, within_titles;
};
struct who_model;
int backtest_auc(const struct strategy_data *d, const struct who_model *who, const uint32_t *test,
                 uint32_t n_test, struct pool *pool, struct auc_sums *sums, struct mq_error *err);

#endif
