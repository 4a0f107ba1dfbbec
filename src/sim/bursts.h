/* bursts.h - a title that all of a country suddenly looks for, for some hours: planted, switched off by `bursts` 0. */
#ifndef MQ_SIM_BURSTS_H
#define MQ_SIM_BURSTS_H

#include "sim/sim_world.h"

struct sim_burst {
    uint32_t title;
    const char *country;
    int64_t from_ms, until_ms;
};

/* `bursts` a day, on average, over the period; titles from the less popular half. */
int bursts_plan(struct sim_world *w, struct mq_error *err);
/* The title that people in the country look for at that time, or ID_NONE. */
uint32_t burst_at(const struct sim_world *w, const char *country, int64_t at_ms);

#endif
