/* season_backtest.h - would season n+1 have been forecast from season n?
 *
 * rolling       each half-year from the first with SEASON_TRAIN_MIN returning seasons before it: learnt from the half-years before.
 * show holdout  all half-years; five folds of shows (MD5 of the normalised name, as a big-endian integer, modulo 5): learnt
 *               from the other shows, those of the same and later half-years too.
 *
 * Beside it, over the same rows and with the quantiles of their own errors in training as intervals:
 * last_season_ratio  hours of the season before in the last half-year, times the median ratio of training rows
 * last_launch        hours of the season before in the half-year of its own release times the median ratio, where that is
 *                    known; else the ratio above
 * and as controls the model without weekly lists, and with another show's season in place of the one before. */
#ifndef MQ_STRATEGY_SEASON_BACKTEST_H
#define MQ_STRATEGY_SEASON_BACKTEST_H

#include "math/bootstrap.h"
#include "strategy/forecast_metrics.h"
#include "strategy/season_model.h"

enum season_protocol { SEASON_ROLLING, SEASON_SHOW_HOLDOUT, SEASON_PROTOCOLS };
enum season_rival {
    SEASON_FORECAST,
    SEASON_LAST_RATIO,
    SEASON_LAST_LAUNCH,
    SEASON_NO_WEEKLY,
    SEASON_PERMUTED,
    SEASON_RIVALS
};
const char *season_protocol_name(enum season_protocol p); /* "rolling", "show_holdout" */
const char *season_rival_name(enum season_rival r);

enum { SEASON_SPLITS_MAX = WATCH_HALVES_MAX };

struct season_split {
    int32_t half; /* that is forecast; -1: a fold of shows */
    uint32_t train, test;
    double within_2x;
    struct season_choice choice;
};

struct season_figures {
    uint32_t titles, shows, splits;
    uint32_t launch_known; /* rows with a launch to go by */
    struct forecast_metrics rival[SEASON_RIVALS];
    struct interval within_2x;   /* of the forecast, shows resampled; */
    struct interval gain;        /* over last_season_ratio; */
    struct interval gain_launch; /* over last_launch */
    struct season_split split[SEASON_SPLITS_MAX];
};

/* What was said of one season, natural logs. */
struct season_said {
    struct season_sample sample;
    struct forecast_outcome forecast;
    double ratio; /* last_season_ratio */
};

/* ret_said may be NULL; else the caller frees *ret_said (titles of the figures).
 * MQ_INVALID: too few returning seasons. */
int season_backtest(const struct watch_history *h, enum season_protocol protocol, uint64_t seed,
                    struct season_figures *ret, struct season_said **ret_said,
                    struct mq_error *err);

#endif
