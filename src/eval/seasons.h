/* seasons.h - the protocol over public reports of what is watched: season n+1 from season n, and how hours
 * fall from week to week. docs/strategy.md tells how to read it. */
#ifndef MQ_EVAL_SEASONS_H
#define MQ_EVAL_SEASONS_H

#include "base/json_writer.h"
#include "eval/watch_folder.h"
#include "strategy/season_backtest.h"
#include "strategy/weekly_decay.h"

struct seasons_options {
    const char *dir;
    const char *predictions; /* written there: what was said of each season; NULL: not */
    uint64_t seed;
};

struct seasons_report {
    struct watch_read read;
    uint32_t seasons,
        shows; /* numbered seasons in the half-years, and of how many shows or titles */
    struct watched_half halves[WATCH_HALVES_MAX];
    uint64_t seed;
    double seconds;
    struct season_figures figures[SEASON_PROTOCOLS];
    bool weeks_there; /* false: too few weekly lists to say how hours fall */
    struct weekly_figures weeks;
};

int evaluate_seasons(const struct seasons_options *o, struct seasons_report *ret,
                     struct mq_error *err);

/* One object. */
void seasons_write(struct json *j, const struct seasons_report *r);

/* "2023H1". */
void seasons_half_name(const struct watched_half *h, char to[8]);

#endif
