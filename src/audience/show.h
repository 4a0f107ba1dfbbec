/* show.h - what sets an audience apart: what else its viewers like, whom, of which genres, and when, where and on what they
 * watch, each beside viewers as active who are not in it.
 *
 * An item's viewers are those who liked it: a title; at least one of a person's titles in a role, or of a genre's. The
 * audience's own titles count for no item, so that nothing is found because it was asked for. Ranked by the lower end of
 * the odds ratio's interval: by how much, where it is sure, never by p. */
#ifndef MQ_AUDIENCE_SHOW_H
#define MQ_AUDIENCE_SHOW_H

#include "audience/audience.h"
#include "audience/strata.h"
#include "marquee.h"

/* People with fewer titles that anybody liked enter no ranking. */
enum { SHOW_PERSON_TITLES = 3, SHOW_LISTED_MAX = 200 };

struct show_question {
    unsigned listed; /* of each kind */
    unsigned floor;  /* 0: none (research) */
};

/* Lists in the arena. Figures are floored here (floor.h), because which items are listed depends on it. O(likes x credits
 * of a title). */
int show_audience(const struct audience_world *w, const struct strata *s, const struct audience *a,
                  const struct show_question *q, struct arena *arena, struct mq_audience *ret,
                  struct mq_error *err);

#endif
