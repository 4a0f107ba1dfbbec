/* rising_town.h - an invented country of four alike regions whose rates are known, for benches of what rises.
 *
 * 300 titles whose shares fall steeply and are others in the evening; days differ in how much is chosen (0.7 to 1.3) and in what (each
 * title's share by a factor, log-normal, a third either way). A burst is in the first region or in all: one title is chosen `factor` times as
 * often as all others together. */
#ifndef MQ_BENCH_RISING_TOWN_H
#define MQ_BENCH_RISING_TOWN_H

#include "base/rng.h"
#include "base/str.h"

enum { TOWN_TITLES = 300, TOWN_REGIONS = 4, TOWN_STARTS_MAX = 4096 };
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define TOWN_START (INT64_C(2930) * 7 * DAY)

struct town_start {
    uint8_t region;
    uint32_t title;
};

struct town {
    struct rng rng;
    double rate;               /* starts a minute of a region's evening */
    double factor;             /* of the burst */
    uint32_t burst;            /* TOWN_TITLES: none now */
    unsigned burst_regions;    /* in the first so many regions (1) */
    double day_rate;           /* of this day */
    double share[TOWN_TITLES]; /* of this day by rank */
    double sums[TOWN_TITLES];  /* of those, up to here; the last is 1 */
};

void town_init(struct town *w, double rate, double factor, uint64_t seed);
void town_new_day(struct town *w);

/* What the minute's starts of a region are expected to be: all of them without the burst's, and a title's share of those. */
double town_rate(const struct town *w, int64_t at_ms);
double town_share(const struct town *w, uint32_t title, int64_t at_ms);

/* Draws a minute of the first n regions; returns how many starts. */
size_t town_minute(struct town *w, unsigned n_regions, int64_t at_ms,
                   struct town_start ret[TOWN_STARTS_MAX]);

#endif
