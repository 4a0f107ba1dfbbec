/* trend.h - how often each title is watched, by week, country, daypart and device: the live counters
 * behind "Popular now". Whole numbers only, added per event, so that the order of arrival does not
 * matter and a rebuild from the log gives the same. One writer; readers see each count whole, and
 * momentary differences between counts are of single events; during the few milliseconds in which a week
 * begins, a reader that keeps meeting it takes counts of which some have moved on already. Counts stop at
 * 16.7 million choices of a title in a week; titles with ids from 4,194,304 on are not counted. */
#ifndef MQ_PROFILE_TREND_H
#define MQ_PROFILE_TREND_H

#include "event/event.h"
#include "profile/rising.h"

struct trend;

int trend_new(struct trend **ret, struct mq_error *err);
void trend_free(struct trend *t);
/* From now on count by place and minute, too (rising.h). Before the first event. MQ_NO_MEMORY. */
int trend_watch_rising(struct trend *t, struct mq_error *err);

/* Counts the event if it is a sign of choosing a title (start, complete, rating of at least half the
 * scale, thumb up, list_add); other events change nothing. */
int trend_feed(struct trend *t, const struct event *e, struct mq_error *err);

/* How many choices of this title are behind that score, in the most specific part of the context that
 * has at least 5 of them, in the last 4 weeks; which parts were used goes to *ret_parts. For reasons. Any thread. */
enum trend_part { TREND_COUNTRY = 1, TREND_DAYPART = 2, TREND_DEVICE = 4 };
uint32_t trend_count(const struct trend *t, struct title_id title, int64_t at_ms,
                     const struct context *context, unsigned *ret_parts);

/* What an answer needs, of all titles below n_titles in one go, so that it comes from counters of one moment:
 * ret_score (n_titles) each title's decayed popularity in the context at `at_ms`, >= 0: the overall popularity times
 * the shrunk lifts of country, daypart and device where the context has them; ret_chosen (n_titles) as trend_count,
 * packed. Nothing else is touched. Any thread; allocates nothing. */
enum { TREND_PARTS_SHIFT = 29 };
void trend_read(const struct trend *t, int64_t at_ms, const struct context *context,
                uint32_t n_titles, float *ret_score, uint32_t *ret_chosen);
static inline uint32_t trend_chosen_count(uint32_t chosen)
{
    return chosen & ((UINT32_C(1) << TREND_PARTS_SHIFT) - 1);
}
static inline unsigned trend_chosen_parts(uint32_t chosen)
{
    return chosen >> TREND_PARTS_SHIFT;
}

/* Which titles rise in this place now: rising_read. 0 where nobody watches that. Any thread; allocates nothing. */
size_t trend_rising(const struct trend *t, int64_t at_ms, country_code country, struct str region,
                    struct rising_title ret[RISING_MAX]);

/* A title's choices over time, and where they were made: sums over all that is counted. Any thread. */
enum { TREND_HISTORY_WEEKS = 4 };
struct trend_history {
    int64_t newest_ms;                   /* the newest week begins (a Thursday, UTC) */
    uint64_t weeks[TREND_HISTORY_WEEKS]; /* the newest first */
    uint64_t older;                      /* of all weeks before */
    uint64_t dayparts[DAYPARTS];         /* not [DAYPART_NONE] */
    uint64_t devices[DEVICES];           /* not [DEVICE_NONE] */
};
/* False: nothing was counted yet. */
bool trend_history(const struct trend *t, struct title_id title, struct trend_history *ret);

size_t trend_memory(const struct trend *t);

#endif
