/* old_home.h - the home page of the service before Marquee: the same for everybody but for chance. */
#ifndef MQ_SIM_OLD_HOME_H
#define MQ_SIM_OLD_HOME_H

#include "sim/sim_log.h"
#include "sim/sim_world.h"

enum {
    HOME_ROWS = 4, /* popular, new, random, a genre */
    HOME_COLUMNS_MAX = 6,
    HOME_SLOTS_MAX = HOME_ROWS * HOME_COLUMNS_MAX,
    HOME_SHOWN_MAX = HOME_SLOTS_MAX + 1, /* a campaign's title above them */
    HOME_HEAD = 64,                      /* best known titles that the row "popular" looks at */
};

/* What is the same for a whole (UTC) day. */
struct home_day {
    int32_t day;
    uint32_t n_there; /* titles that have come */
    uint32_t popular[HOME_HEAD], fresh[HOME_HEAD];
    uint32_t n_popular, n_fresh;
};

/* Whose page is shown instead, if anybody's. */
struct home_other {
    sim_page *page; /* NULL: nobody's */
    void *ctx;
};

void home_day_set(const struct sim_world *w, int32_t day, struct home_day *ret);

static inline bool home_is_there(const struct sim_world *w, uint32_t title, int32_t day)
{
    return w->titles[title].launch_day <= day;
}

/* Fills slots row by row, no title twice; returns how many. The random row carries the chance of each title
 * in its slot given the slots before it, 1 / (titles there - titles on the page so far); the others NaN. */
uint32_t home_page(const struct sim_world *w, const struct home_day *d, unsigned columns,
                   struct rng *r, struct sim_item slots[HOME_SLOTS_MAX]);

#endif
