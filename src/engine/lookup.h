/* lookup.h - what the server asks beside include/marquee.h: settings, and who is there. Any thread. */
#ifndef MQ_ENGINE_LOOKUP_H
#define MQ_ENGINE_LOOKUP_H

#include "engine/engine.h"
#include "event/attributes.h"

/* Settings whose key begins with `prefix`; what `visit` returns other than 0 ends the scan and is returned. */
int engine_scan_settings(struct mq_engine *e, struct str prefix,
                         int (*visit)(void *ctx, struct str key, struct str value), void *ctx,
                         struct mq_error *err);

/* A viewer's history in numbers. */
enum { SUMMARY_RECENT = 20 };
struct viewer_summary {
    uint64_t events;
    uint64_t by_kind[EVENT_KINDS];
    int64_t first_ms, last_ms;
    char attributes[ATTRIBUTES_TEXT_MAX]; /* attributes_write's text, NUL-terminated */
    uint8_t consent;                      /* bits of enum consent */
    struct context context;               /* device, country and offset last seen; no texts */
    struct {
        struct title_id title;
        int64_t at_ms;        /* of the viewer's last event about it */
        enum event_kind kind; /* and what that was */
    } recent[SUMMARY_RECENT]; /* distinct titles, the last touched first */
    size_t n_recent;
};

/* Reads the viewer's log once. MQ_NOT_FOUND: never seen. */
int engine_viewer_summary(struct mq_engine *e, struct str viewer, struct viewer_summary *ret,
                          struct mq_error *err);

/* All ids of the viewer who has this one, the root (into which the others were merged) first. MQ_NOT_FOUND: never seen. */
int engine_identities(struct mq_engine *e, struct str viewer,
                      bool (*visit)(void *ctx, struct str id), void *ctx, struct mq_error *err);
/* Are both ids one viewer's? */
bool engine_are_one(struct mq_engine *e, struct str a, struct str b);

/* What the viewer did, in the order of time, as stored; `visit` returns a negative status to stop. MQ_NOT_FOUND: never
 * seen. O(events of the viewer). */
int engine_viewer_events(struct mq_engine *e, struct str viewer,
                         int (*visit)(void *ctx, const struct event *e), void *ctx,
                         struct mq_error *err);

/* Ids of viewers in the order they were first seen, from dense id `from` on; `visit` returns false to stop.
 * Returns how many dense ids were ever given. */
uint32_t engine_viewers(struct mq_engine *e, uint32_t from, bool (*visit)(void *ctx, struct str id),
                        void *ctx);

/* External id of a title and its name (the id where none is known), copied into the arena. */
int engine_title_name(struct mq_engine *e, struct title_id title, struct arena *arena,
                      struct str *ret_id, struct str *ret_name, struct mq_error *err);

/* What an operator watches each second: counters only, no disk, no lock of the store. */
struct engine_pulse {
    uint64_t log_seq, model, profiles;
    int64_t newest_ms; /* time of the newest event; 0: none */
    size_t waiting;    /* events that wait to be written */
    bool training;
};
void engine_pulse(struct mq_engine *e, struct engine_pulse *ret);

/* The last of what was refused, whole lines of NDJSON (dead_letters.h), at most `max` bytes, oldest first. MQ_IO. */
int engine_read_refused(struct mq_engine *e, size_t max, struct buf *out, struct mq_error *err);

/* A title's choices by week, daypart and device, from the live counters; newest_ms 0: none was ever counted. MQ_NOT_FOUND: no
 * such title. */
struct mq_reader;
int engine_title_choices(struct mq_reader *r, struct str title, struct trend_history *ret,
                         struct mq_error *err);

/* Events waiting to be written. */
size_t engine_waiting(struct mq_engine *e);

/* A hint, for a progress display: some training runs now. */
bool engine_is_training(struct mq_engine *e);

#endif
