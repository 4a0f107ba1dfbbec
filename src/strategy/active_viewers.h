/* active_viewers.h - how many viewers were there: distinct ones in the 28 days before each day.
 *
 * Fed with what each viewer did in order of time, viewers in any order. Days are UTC. Memory: 4 bytes a viewer, and a day since
 * 1900 (EVENT_AT_MIN). */
#ifndef MQ_STRATEGY_ACTIVE_VIEWERS_H
#define MQ_STRATEGY_ACTIVE_VIEWERS_H

#include "marquee.h"

enum {
    ACTIVE_WINDOW = 28,
    ACTIVE_DAYS_MAX = 1 << 17, /* since 1900; what comes later is passed over */
};

struct active_viewers {
    int32_t *step;  /* (days) what each day adds to the day before; after finish the numbers */
    int32_t *until; /* (cap_viewers) the last day that remembers what the viewer did */
    uint32_t days, cap_viewers;
    int32_t first, last; /* with somebody there, days since 1900; last < first: none */
};

void active_viewers_init(struct active_viewers *a);
void active_viewers_release(struct active_viewers *a);
int active_viewers_add(struct active_viewers *a, uint32_t viewer, int64_t at_ms,
                       struct mq_error *err);
/* After the last. */
void active_viewers_finish(struct active_viewers *a);
/* Distinct viewers of the 28 days before the day of `at_ms`; where the log is younger, of its first 28 days. 0: none. */
uint32_t active_viewers_before(const struct active_viewers *a, int64_t at_ms);

#endif
