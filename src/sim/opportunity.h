/* opportunity.h - a title that nobody has made and that many would watch: planted, switched off by `opportunity` 0.
 *
 * Three sides that no title has two of: what one person directed or created, what another acts in, and a theme (a tag). Its
 * members are drawn by chance alone. A member's preference for each title of a side is opportunity * SIM_AFFINITY_WEIGHT
 * higher, half of what comes to mind when searching is of these, and now and then a member searches for all of it
 * at once and finds nothing. `confounded` makes the theme's titles SIM_CONFOUNDED times as popular with everybody, so that
 * everybody's audience has much in common with the theme's. */
#ifndef MQ_SIM_OPPORTUNITY_H
#define MQ_SIM_OPPORTUNITY_H

#include "sim/sim_viewer.h"

#include "sim/affinities.h"

#define SIM_OPPORTUNITY_MEMBERS 0.15 /* share of viewers */
#define SIM_IN_VAIN 0.15             /* of a member's searches */
#define SIM_CONFOUNDED 5.0

/* Draws the sides from a stream of their own; none in a catalogue without such. Before later titles are there. O(tries x titles). */
void opportunity_plan(struct sim_world *w);
/* Which titles each side has, once all are there. MQ_NO_MEMORY. */
int opportunity_list(struct sim_world *w, struct mq_error *err);
bool opportunity_draw(const struct sim_world *w, uint32_t viewer);
/* A title of one of the sides, each side alike. */
uint32_t opportunity_recall(const struct sim_world *w, struct rng *r);

/* What a title of a side adds to a member's preference; one of all three twice as much, as following counts two at most. */
static inline double opportunity_add(const struct sim_world *w, uint32_t title)
{
    double sides = w->titles[title].opportunity == SIM_ALL_SIDES ? 2 : 1;
    return w->opportunity * SIM_AFFINITY_WEIGHT * sides;
}

static inline bool opportunity_is_of(const struct sim_world *w, uint32_t title)
{
    return w->titles[title].opportunity != 0;
}

#endif
