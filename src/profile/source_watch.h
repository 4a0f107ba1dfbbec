/* source_watch.h - is what the sources send still what they used to send? Per source, and per source and app version, the
 * rate and mix of event kinds; and what is wrong with it:
 *
 *   missing   a kind that used to come no longer does, or ten times more rarely. A new version is held against what its
 *             source sends as a whole, so that a release that forgot seeks is noticed though it never sent any.
 *   silent    nothing comes from a source although at this hour something would have
 *   units     places in the title advance a thousand times too slowly (seconds sent as milliseconds) or too fast
 *
 * Figures. Counts fade with a half-life of WATCH_MEMORY_MS of event time. A kind's expected count is its faded share times the
 * events since it was last seen (all kinds of the stream); the alarm is raised from WATCH_EXPECTED times the dispersion
 * on, the dispersion being the faded mean of (count - expected)^2 / expected over windows of five minutes, at least 1:
 * viewers come in sessions, so that counts vary more than independent ones. With Poisson counts that is a chance of
 * e^-WATCH_EXPECTED a look. Before WATCH_KNOWN_EVENTS events, WATCH_KNOWN_KIND of the kind and an hour nothing is expected.
 *
 * Time is the events' own (`at_ms`); only events within WATCH_LATE_MS of a stream's newest are counted, archived ones by
 * themselves. Memory is fixed (about 0.5 MB): WATCH_STREAMS streams, the others share one; WATCH_SESSIONS sessions, where a newer
 * one takes an older one's place. Not thread-safe. */
#ifndef MQ_PROFILE_SOURCE_WATCH_H
#define MQ_PROFILE_SOURCE_WATCH_H

#include "base/error.h"
#include "event/event.h"

enum {
    WATCH_STREAMS = 256,
    WATCH_SESSIONS = 8192,
    WATCH_NAME_MAX = 64, /* bytes of a source or app that are kept */
    WATCH_EXPECTED = 12,
    WATCH_KNOWN_EVENTS = 500,
    WATCH_KNOWN_KIND = 20,
    WATCH_PAIRS = 20, /* steps of a position before their unit is judged */
    WATCH_ALARMS = 64,
    WATCH_WINDOW_MS = 5 * 60 * 1000,
    WATCH_LATE_MS = 10 * 60 * 1000,
};
#define WATCH_MEMORY_MS (INT64_C(3) * 24 * 3600 * 1000)

struct source_watch; /* heap, one allocation */

int source_watch_new(struct source_watch **ret, struct mq_error *err);
void source_watch_free(struct source_watch *w);

/* Take an event as it was accepted. O(1); allocates nothing. */
void source_watch_feed(struct source_watch *w, const struct event *e);

enum source_trouble { SOURCE_MISSING, SOURCE_SILENT, SOURCE_UNITS, SOURCE_TROUBLES };
/* "missing", "silent", "units" */
const char *source_trouble_name(enum source_trouble t);

struct source_alarm {
    const char *source, *app; /* app "": the source as a whole; live until the next feed */
    enum source_trouble trouble;
    enum event_kind kind; /* of SOURCE_MISSING */
    int64_t since_ms;     /* the last time that all was well */
    double expected, seen;
};

/* What is wrong at now_ms; at most `max`. Pure. */
size_t source_watch_alarms(const struct source_watch *w, int64_t now_ms, struct source_alarm *ret,
                           size_t max);

/* A stream, for tables. */
struct source_stream {
    const char *source, *app;
    uint64_t events; /* since the beginning */
    int64_t first_ms, last_ms;
    double per_minute;         /* of the faded memory */
    double share[EVENT_KINDS]; /* faded; sums to 1 */
};
size_t source_watch_streams(const struct source_watch *w, struct source_stream *ret, size_t max);

#endif
