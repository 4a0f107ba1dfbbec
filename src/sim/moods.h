/* moods.h - what a viewer is in for, this session: planted, switched off by `mood` 0.
 *
 * A mood suits genres and a length; it comes by the viewer's own share in it and the hour, lasts over the session and, half
 * of the time, over the next ones within a day and a half. Nothing in the events names it. */
#ifndef MQ_SIM_MOODS_H
#define MQ_SIM_MOODS_H

#include "sim/sim_viewer.h"

const char *mood_name(
    unsigned mood); /* NULL past the last; mood 0 is "as usual": suits nothing in particular */
/* What the truth file says of it: genres it suits ('|' between), minutes it suits (0: any). */
const char *mood_genres(unsigned mood);
double mood_minutes(unsigned mood);
/* How much the hour favours it: a factor of its share. */
double mood_by_hour(enum daypart daypart, unsigned mood);

/* The session that begins at at_ms: keeps or draws, and notes it in the state. */
unsigned mood_begin(const struct sim_world *w, const struct viewer_traits *t,
                    struct viewer_state *s, int64_t at_ms, enum daypart daypart);
/* What it adds to the utility of a title. */
double mood_fit(const struct sim_world *w, const struct sim_title *t, unsigned mood);

#endif
