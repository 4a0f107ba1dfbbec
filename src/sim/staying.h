/* staying.h - viewers who leave when disappointed: switched off by `leave` 0.
 *
 * pleased is a moving mean of how much a visit gave: the liking of what was watched, less when it was given up, little when
 * nothing was found. The less pleased, the likelier this visit was the last. */
#ifndef MQ_SIM_STAYING_H
#define MQ_SIM_STAYING_H

#include "sim/sim_viewer.h"

#define PLEASED_AT_FIRST 0.6f
#define PLEASED_BY_NOTHING 0.35

/* After a play: `liking` in [0, 1], given up or not. After a visit without a play: PLEASED_BY_NOTHING. */
void staying_felt(struct viewer_state *s, double gave);
/* At the end of a visit; sets s->gone. The hazard is leave * 0.5 * (1 - pleased)^3. */
void staying_decide(const struct sim_world *w, struct viewer_state *s);

#endif
