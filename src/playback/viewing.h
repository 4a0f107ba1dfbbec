/* viewing.h - what was really watched in a session, and over several sessions of one viewer and title. */
#ifndef MQ_PLAYBACK_VIEWING_H
#define MQ_PLAYBACK_VIEWING_H

#include "playback/intervals.h"
#include "playback/session.h"

enum viewing_end { VIEWING_UNFINISHED, VIEWING_STOP, VIEWING_COMPLETE };

enum { VIEWING_EVENTS_MAX = 1 << 20 }; /* events of one batch; also the most runs that are kept */

/* Times in ms of the title, but paused_ms and buffering_ms of wall clock. */
struct viewing {
    struct session session;
    struct span *runs; /* (n_runs) stretches played, in order; only with keep_runs */
    uint32_t n_runs, cap_runs;
    bool keep_runs;
    bool exact;               /* the union is made from the runs at the end */
    struct span last_run;     /* from == to: none yet */
    struct intervals watched; /* union of the runs; watched.covered is the content */
    int64_t played_ms;
    int64_t rewound_ms, skipped_ms;
    int64_t paused_ms, buffering_ms;
    int64_t start_position_ms;
    uint32_t rewinds, skips, pauses;
};

/* Sums stop at the largest number: a million jumps over absurd positions pass it. */
static inline int64_t viewing_sum(int64_t sum, int64_t ms)
{
    return ms > INT64_MAX - sum ? INT64_MAX : sum + ms;
}

/* runtime_ms <= 0 is unknown. Without keep_runs memory is constant but for the union. */
void viewing_init(struct viewing *v, int64_t runtime_ms, bool start_plays, bool keep_runs);
void viewing_release(struct viewing *v);

/* Take the next event in order of at_ms (session_feed). MQ_NO_MEMORY; the viewing can then only be
 * released. */
int viewing_feed(struct viewing *v, const struct event *e, struct mq_error *err);

/* Take events in order of arrival, as they were sent: what is no playback event or has no time is dropped, of
 * those with one id the first is kept (an empty id is no id), the rest is sorted by at_ms, equal times
 * staying in order of arrival. `v` must be freshly made. MQ_TOO_LARGE past VIEWING_EVENTS_MAX,
 * MQ_NO_MEMORY. O(n log n). */
int viewing_feed_all(struct viewing *v, const struct event *events, size_t n, struct mq_error *err);

static inline int64_t viewing_content_ms(const struct viewing *v)
{
    return v->watched.covered;
}
static inline int64_t viewing_rewatched_ms(const struct viewing *v)
{
    return v->played_ms - v->watched.covered;
}
/* Position after the last event taken. */
static inline int64_t viewing_last_position_ms(const struct viewing *v)
{
    return v->session.pos;
}
/* content / runtime in [0, 1]; NaN when the runtime is unknown. */
double viewing_completion(const struct viewing *v);
enum viewing_end viewing_ended(const struct viewing *v);
/* "unfinished", "stop", "complete". */
const char *viewing_end_name(enum viewing_end end);

/* Several sessions of one viewer and title. */
struct viewings {
    struct intervals watched; /* the union over all */
    int64_t played_ms;
    int64_t content_ms, rewatched_ms;
    double completion; /* NaN = runtime unknown */
};

/* Add up n viewings; the union is that of all their stretches, exactly. *ret is zeroed or an earlier result's released memory; release it. MQ_NO_MEMORY. */
int viewings_combine(const struct viewing *const *parts, size_t n, int64_t runtime_ms,
                     struct viewings *ret, struct mq_error *err);
void viewings_release(struct viewings *x);

#endif
