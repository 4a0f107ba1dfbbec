/* rising.h - what a place suddenly looks for: which titles are chosen there, within minutes, far more often than the place's
 * own past lets expect.
 *
 * A place is a country, or a region of one. Of each title in each place it keeps how often it was chosen in each of
 * the last 16 minutes (by about how many viewers: a bit of 64 each, so that one viewer starting a title again and again is
 * one), and in this week and the last by daypart. What is expected in a window is the title's share of the place's choices at
 * this part of the day, times all choices of the place in that window: so an evening, or a match that everybody
 * watches, raises no alarm by itself. The share is learnt from the place's choices at this part of the day, drawn towards what the
 * wider place says: a region's towards its country's share at this part of the day, a country's towards its own at all hours. It is
 * uncertain: the count is judged by the tail of a negative binomial (a Poisson count under the posterior of its rate, widened
 * for days that differ), in the last 1, 2, 3, 5, 8 and 12 minutes.
 *
 * An alarm needs 200 choices in the place before these minutes (a region: 50, of 200 in its country), 3 viewers (two may be one household),
 * four times what is expected, and so small a tail that, if the model of the counts holds, a place has one false alarm in four
 * days, however many titles there are: rising_bar.h. docs/benchmarks.md has what was measured, beside what nobody can find.
 *
 * Whole numbers only, so that the order of arrival does not matter; one writer; readers see each number whole, and what
 * they read across a change is the caller's to read again (engine/reader.c does). At most 256 places: of more those first in a
 * fixed order, countries before regions. At most 8,192 blocks of 128 titles (75 MiB); what comes beyond, and titles with ids
 * from 524,288 on, do not rise. */
#ifndef MQ_PROFILE_RISING_H
#define MQ_PROFILE_RISING_H

#include <stdatomic.h>

#include "base/buf.h"
#include "event/event.h"

enum {
    RISING_MAX = 8,     /* titles of a place at once */
    RISING_VIEWERS = 3, /* fewer raise no alarm */
    RISING_LIFT = 4,    /* times what is expected */
};

struct rising_title {
    struct title_id title;
    uint32_t chosen;  /* about how many viewers chose it in the window */
    uint32_t minutes; /* the window */
    float usual;      /* what was expected in it */
    float improbable; /* -log10 of the tail */
};

struct rising;

int rising_new(struct rising **ret, struct mq_error *err);
void rising_free(struct rising *r);
size_t rising_memory(const struct rising *r);

/* Counts a choice (start, rating, thumb or list_add, as trend_feed has judged it) that says where it was made. MQ_NO_MEMORY.
 * The writer's thread. O(1), but that each place's first choice of a minute looks through its titles. */
int rising_feed(struct rising *r, const struct event *e, struct mq_error *err);

/* The most improbable first, at most RISING_MAX; of equals the smaller id. An empty region: of the country; both empty:
 * none. Any thread; allocates nothing. O(titles chosen there), 5 us for 20,000. */
size_t rising_read(const struct rising *r, int64_t at_ms, country_code country, struct str region,
                   struct rising_title ret[RISING_MAX]);

/* As bytes, and from them (at the cursor): MQ_CORRUPT, MQ_NO_MEMORY. */
void rising_encode(const struct rising *r, struct buf *out);
int rising_decode(struct cursor *c, struct rising *r, struct mq_error *err);

#endif
