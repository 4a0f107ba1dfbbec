/* season_model.h - how many hours a coming season is watched in the half-year in which it comes out, from what is known of the
 * show before that half-year begins.
 *
 * Known then: every half-year report before it, weekly lists of weeks that ended before it, and facts of the coming season (release
 * day, runtime, whether it is available globally). Natural logs of hours throughout. */
#ifndef MQ_STRATEGY_SEASON_MODEL_H
#define MQ_STRATEGY_SEASON_MODEL_H

#include "strategy/watch_history.h"

/* Hours per day t days after release go as (1 + t / tau)^-beta. */
struct season_decay {
    double tau, beta;
};
/* Hours of days [from, to) after release, in units of the first day's. */
double season_decay_sum(const struct season_decay *d, double from, double to);
/* The tau and beta of a grid under which the half-years of a title differ least (squared logs within titles), over seasons
 * released since two years before the first half-year, in half-years below `halves`. skip (titles), NULL: none; true: left out. */
struct season_decay season_decay_fit(const struct watch_history *h, uint32_t halves,
                                     const bool *skip);

enum season_column {
    SEASON_DAYS_SUM, /* decay over the days it will have had */
    SEASON_LEVEL_LAST, /* the season before: hours over its decay, in the last half-year that has it, */
    SEASON_LEVEL_FIRST, /* the first, */
    SEASON_LEVEL_BEST,  /* the best */
    SEASON_LAST,        /* its hours in the last */
    SEASON_AGE,         /* how old it is */
    SEASON_RUNTIME_RATIO,
    SEASON_RUNTIME,
    SEASON_GLOBAL,
    SEASON_NUMBER,
    SEASON_GAP,      /* days between both releases */
    SEASON_CATCH_UP, /* all earlier seasons over the last one, in that half-year */
    SEASON_GROWTH,   /* the season before over the one before it, in that half-year */
    SEASON_LAUNCH,   /* level of the season before when it came out itself, */
    SEASON_LAUNCH_KNOWN,
    SEASON_DAYS,
    SEASON_LISTED, /* the season before was on a weekly list within five weeks of its release: */
    SEASON_LISTED_HOURS, /* hours of those weeks; */
    SEASON_NOT_LISTED,   /* was not, though there were lists; */
    SEASON_LISTED_WEEKS, /* how many weeks in all */
    SEASON_COLUMNS
};
/* The columns that come from weekly lists. */
#define SEASON_WEEKLY                                                                              \
    (1ULL << SEASON_LISTED | 1ULL << SEASON_LISTED_HOURS | 1ULL << SEASON_NOT_LISTED |             \
     1ULL << SEASON_LISTED_WEEKS)

/* Season `title` came out in half-year `half`; `before` is the season before it. */
struct season_sample {
    uint32_t title, before, half;
    double actual; /* log hours of title in half */
    double last;   /* log hours of before in the last half-year below half that has it */
    double
        launch; /* log hours of before in the half-year of its own release, if below half; else NaN */
};

/* All there are, by half and title. *ret is the caller's to free. */
int season_samples(const struct watch_history *h, struct season_sample **ret, uint32_t *ret_n,
                   struct mq_error *err);

/* x (SEASON_COLUMNS). Reads of `before` only what was known when half-year `half` began. */
void season_columns(const struct watch_history *h, const struct season_decay *d,
                    const struct season_sample *s, double *x);

struct season_task {
    const struct watch_history *h;
    const struct season_sample *samples;
    const uint32_t *train, *test; /* of samples */
    uint32_t n_train, n_test;
    struct season_decay decay;
    uint64_t never; /* columns that take no part */
    uint64_t seed;  /* of the folds inside train */
};

struct forecast_outcome;
/* What was chosen inside the training rows. */
struct season_choice {
    struct season_decay decay;
    double penalty;
    bool weekly;  /* the columns of weekly lists take part */
    double error; /* mean absolute error in logs, over shows that were left out */
};

enum { SEASON_TRAIN_MIN = 30 };

/* grouped_ridge.h on the columns, by show, with and without those of weekly lists. ret (n_test).
 * MQ_INVALID: fewer than SEASON_TRAIN_MIN rows to learn from. */
int season_forecast(const struct season_task *task, struct forecast_outcome *ret,
                    struct season_choice *ret_choice, struct mq_error *err);

#endif
