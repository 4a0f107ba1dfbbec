/* playback_case.h - a playback case: a file with the events of one or more sessions of a viewer and a title, to
 * see what is made of them.
 *
 *     {"name": "rewind", "runtime_ms": 100000, "start_plays": true,
 *      "events": [{"id": "e1", "kind": "start", "at_ms": 0, "position_ms": 0}, ...]}
 *
 * or "sessions": [{"events": [...]}, ...] in the place of "events". runtime_ms null, absent, 0 or less: unknown.
 * Of an event: id, kind are text; at_ms, position_ms, from_ms whole numbers; rate a number; null is the same as
 * absent. An event of unknown kind is left out whatever else it holds. Other members are ignored. */
#ifndef MQ_WIRE_PLAYBACK_CASE_H
#define MQ_WIRE_PLAYBACK_CASE_H

#include "base/arena.h"
#include "event/event.h"

enum {
    PLAYBACK_CASE_BYTES_MAX = 256 << 20,
    PLAYBACK_CASE_EVENTS_MAX = 1 << 20, /* of a session */
    PLAYBACK_CASE_SESSIONS_MAX = 4096,
};

struct playback_case_session {
    struct event *events; /* (n) in order of arrival; an id that was not given has p == NULL */
    size_t n;
};

struct playback_case {
    struct str name;
    int64_t runtime_ms; /* 0 or less: unknown */
    bool start_plays;
    bool several; /* it had "sessions"; else there is one */
    struct playback_case_session *sessions;
    size_t n_sessions;
};

/* Everything lies in the arena. MQ_INVALID names the field ("events[3].rate: ..."), MQ_TOO_LARGE, MQ_NO_MEMORY. */
int playback_case_read(struct str text, struct arena *arena, struct playback_case *ret,
                       struct mq_error *err);

#endif
