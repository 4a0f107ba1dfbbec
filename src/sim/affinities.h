/* affinities.h - people, and a person and a theme, that the same viewers like beyond what taste, communities and activity
 * explain: planted, switched off by `affinity` 0.
 *
 * An affinity has two sides, a person and another person or a theme (a tag); no title is of both sides. Its members are
 * drawn by chance alone, whoever they are. A member's preference for each title of either side is
 * affinity * SIM_AFFINITY_WEIGHT higher, and half of what comes to their mind when they search is of these. */
#ifndef MQ_SIM_AFFINITIES_H
#define MQ_SIM_AFFINITIES_H

#include "sim/sim_viewer.h"

#define SIM_AFFINITY_WEIGHT 2.2
#define SIM_AFFINITY_MEMBERS 0.15 /* share of viewers, of each affinity */

/* Draws the affinities from a stream of their own: even numbers a person and a person, odd ones a person and a theme. A
 * small catalogue has fewer, or none. O(tries x titles). MQ_NO_MEMORY. */
int affinities_plan(struct sim_world *w, struct mq_error *err);
/* Bit per affinity of the world: is a member. 0 when there are none. */
uint8_t affinities_draw(const struct sim_world *w, uint32_t viewer);
/* What they add to a member's preference. */
double affinities_add(const struct sim_world *w, const struct viewer_traits *t, uint32_t title);
/* A title of one of the viewer's affinities, who has one. */
uint32_t affinities_recall(const struct sim_world *w, const struct viewer_traits *t, struct rng *r);

#endif
