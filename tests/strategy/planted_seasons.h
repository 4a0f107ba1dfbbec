/* planted_seasons.h - an invented service: shows with seasons, their half-years and weeks, by a rule that is known. */
#ifndef MQ_TEST_PLANTED_SEASONS_H
#define MQ_TEST_PLANTED_SEASONS_H

#include "strategy/watch_history.h"

enum planted_rule {
    PLANTED_FOLLOWS, /* a season's level is the one's before it, up to noise */
    PLANTED_NOTHING, /* levels have nothing to do with each other */
};

/* Six half-years from 2030H1; each show has a season every 300 days or so. Weekly lists tell of the largest. */
void planted_seasons(struct watch_history *h, unsigned shows, enum planted_rule rule,
                     uint64_t seed);

#endif
