/* netflix_plays.h - PlaybackRelatedEvents.csv of a Netflix personal export: one play a row, its playtrace as playback
 * events. Columns in any order, by the header; a spreadsheet's mangling is undone (netflix_file.h).
 *
 * Playtraces is JSON: [{"eventType", "sessionOffsetMs", "mediaOffsetMs"}]. start -> start, playing -> play,
 * paused -> pause, reposition -> seek (mediaOffsetMs is the target), stopped -> stop; entries of another type, or
 * without a whole sessionOffsetMs, are dropped; a mediaOffsetMs that is no whole number is absent. Here `start` does not
 * mean that the picture moves. [] and an empty field are a play without events. */
#ifndef MQ_WIRE_NETFLIX_PLAYS_H
#define MQ_WIRE_NETFLIX_PLAYS_H

#include "base/arena.h"
#include "event/event.h"
#include "wire/bad_row.h"

enum { NETFLIX_TRACE_MAX = 65536 }; /* entries of one trace; the bytes are bounded by the record */

#define NETFLIX_SOURCE "netflix-export"

struct netflix_play {
    uint64_t line; /* physical, where the record starts; the header's is 1 */
    struct str profile, title, device, country;
    struct str start;           /* as written */
    bool has_start;             /* it is a time */
    int64_t start_ms;           /* when has_start */
    const struct event *events; /* (n) in file order; at_ms is the offset from the play's start */
    size_t n_events;
    struct str raw; /* the record as it stood */
};

/* Text and events live until the function returns. Each returns 0 to go on (bad_row.h). */
struct netflix_plays_sink {
    void *ctx;
    int (*play)(void *ctx, const struct netflix_play *play, struct mq_error *err);
    bad_row_fn *bad; /* a record that is no row, or whose trace is no JSON array */
};

/* 0 at the end, however many rows were bad. `name` is for messages. MQ_INVALID: no PlaybackRelatedEvents;
 * MQ_TOO_LARGE; or what the sink returned. */
int netflix_plays_read(const char *name, struct str bytes, const struct netflix_plays_sink *sink,
                       struct mq_error *err);

#endif
