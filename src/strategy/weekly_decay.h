/* weekly_decay.h - how fast a title's hours fall from week to week on a top list, and whether that can be forecast.
 *
 * A run is a title's consecutive weeks on one list from its first week there on. Known at a week's end are the run up to it, its list and the
 * day of release, where half-year reports tell it. Forecast are the hours one to WEEKLY_HORIZONS weeks later, given that the title is
 * still on the list (what fell off it is not known); natural logs of hours over the last known week's.
 *
 * weeks   learnt from what was known by a day, three fifths into the lists; judged on weeks forecast from that day on. Each interval is as
 *         many times as wide as nine of ten of the latest 300 outcomes needed on either side that were known when it was said (of these
 *         weeks, and of earlier ones forecast in the same way); never narrower
 * titles  five folds of titles (MD5 of the normalised name modulo 5), weeks of all years */
#ifndef MQ_STRATEGY_WEEKLY_DECAY_H
#define MQ_STRATEGY_WEEKLY_DECAY_H

#include "math/bootstrap.h"
#include "strategy/forecast_metrics.h"
#include "strategy/watch_history.h"

enum { WEEKLY_HORIZONS = 4 };

enum weekly_protocol { WEEKLY_BY_WEEKS, WEEKLY_BY_TITLES, WEEKLY_PROTOCOLS };
enum weekly_rival {
    WEEKLY_FORECAST,
    WEEKLY_SAME,        /* as last week */
    WEEKLY_EXPONENTIAL, /* each week the list's median factor */
    WEEKLY_AGE,         /* the median factor of the list, the age and the horizon */
    WEEKLY_RIVALS
};
const char *weekly_protocol_name(enum weekly_protocol p);
const char *weekly_rival_name(enum weekly_rival r);

struct weekly_horizon {
    uint32_t learnt_from, judged, titles; /* rows; titles of those judged */
    double penalty;                       /* chosen on left-out titles; of the last fold */
    double widened[2];                    /* intervals, below and above, on average; 1: not */
    struct forecast_metrics rival[WEEKLY_RIVALS];
    /* Mean absolute error in logs, and the rival's less the forecast's (above 0: the forecast is better), titles resampled. */
    double error[WEEKLY_RIVALS];
    struct interval gain[WEEKLY_RIVALS];
};

struct weekly_figures {
    uint32_t runs;
    int32_t cut_day; /* of WEEKLY_BY_WEEKS */
    struct weekly_horizon horizon[WEEKLY_PROTOCOLS][WEEKLY_HORIZONS];
};

/* *ret_there false, and nothing else: there are too few weekly lists. */
int weekly_decay_backtest(const struct watch_history *h, uint64_t seed, bool *ret_there,
                          struct weekly_figures *ret, struct mq_error *err);

#endif
