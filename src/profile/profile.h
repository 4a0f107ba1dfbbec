/* profile.h - one viewer as serving sees them: an immutable snapshot, replaced whole at each event.
 *
 * The same events in (time, seq) order give the same bytes, whether they came one by one or from a scan
 * of the log; so a profile "as of" is a profile built from a shorter log. */
#ifndef MQ_PROFILE_PROFILE_H
#define MQ_PROFILE_PROFILE_H

#include "catalogue/catalogue.h"
#include "event/event.h"
#include "playback/engagement.h"

/* The most titles kept; one more, and an eighth of them goes, the longest untouched first. */
enum { PROFILE_TITLES_MAX = 4096 };

struct profile {
    struct viewer_id viewer;
    uint64_t seq;    /* the highest among the events taken in */
    uint64_t events; /* how many */
    int64_t first_ms, last_ms;
    country_code country; /* last one seen */
    int16_t offset_min;   /* last one seen, or OFFSET_NONE */
    /* Session starts by local daypart and device; a count stays at 65,535. */
    uint16_t habits[DAYPARTS][DEVICES];
    uint16_t weekend[DAYPARTS];    /* of them, those on a Saturday or Sunday */
    uint8_t consent;               /* bits of enum consent, as last ordered */
    uint32_t n;                    /* titles */
    uint32_t tail;                 /* bytes behind the signals, for profile_builder_resume only */
    struct title_signal signals[]; /* (n), ascending by title id */
};

/* Binary search; NULL when the viewer did nothing with it. */
const struct title_signal *profile_signal(const struct profile *p, struct title_id title);

/* The writer's side: collects a viewer's events and makes snapshots. Not thread-safe. */
struct profile_builder;
int profile_builder_new(struct viewer_id viewer, struct profile_builder **ret,
                        struct mq_error *err);
/* A builder that goes on where the snapshot was made, as if it had never been away: between its events a
 * viewer needs no builder in memory. `p` as profile_snapshot gave it, not a shortened copy. O(titles). */
int profile_builder_resume(const struct profile *p, struct profile_builder **ret,
                           struct mq_error *err);
void profile_builder_free(struct profile_builder *b);

/* Take in the next event. Returns 0; or PROFILE_LATE (> 0), with nothing changed, when the event lies
 * before one already taken in by (at_ms, seq): the caller then makes a new builder and feeds it all
 * events in order. `c` gives runtimes and may be NULL (all unknown). MQ_NO_MEMORY: the builder holds
 * part of the event and is to be made anew. O(log titles) and a move when a title is new. */
enum { PROFILE_LATE = 1 };
int profile_feed(struct profile_builder *b, const struct event *e, const struct catalogue *c,
                 struct mq_error *err);
/* The snapshot as it stands, heap memory; profile_free gives it back. Engagement by `weights`, NULL: by the default
 * rules. */
int profile_snapshot(const struct profile_builder *b, const struct engagement_weights *weights,
                     struct profile **ret, struct mq_error *err);
/* One title of it; false when the viewer did nothing with it. */
bool profile_builder_signal(const struct profile_builder *b, struct title_id title,
                            const struct engagement_weights *weights, struct title_signal *ret);
void profile_free(struct profile *p);
size_t profile_memory(const struct profile *p);
size_t profile_builder_memory(const struct profile_builder *b);

#endif
