/* session.h - the playback state machine: one viewer, one title, one session; one event at a time, in
 * order of at_ms. Says what each event credits; adding up is the caller's (viewing.h, profile/).
 *
 * The rules, in short (a player reports events; only "playing" earns credit):
 * - A position that playing explains (within 2 s) credits the stretch since the last one. Another is a
 *   jump: a rewind or a skip when larger than 2 s, and that gap earns nothing.
 * - A seek credits what was played until it began, then jumps. Players may land up to 9 s before the
 *   target: until the next credited stretch such a landing is neither jump nor play ("settling").
 * - A pause at most 2 s before a seek belongs to the seek and is withdrawn ("scrubbing").
 * - Stop and complete close; only start and play reopen. After the last event nothing is credited. */
#ifndef MQ_PLAYBACK_SESSION_H
#define MQ_PLAYBACK_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "event/event.h"

enum session_state {
    SESSION_NEW, /* no event taken yet */
    SESSION_IDLE,
    SESSION_PLAYING,
    SESSION_PAUSED,
    SESSION_BUFFERING,
    SESSION_SCRUBBING,
    SESSION_STOPPED,   /* closed by stop */
    SESSION_COMPLETED, /* closed by complete */
};

enum {
    SESSION_TOLERANCE_MS =
        2000, /* what playing explains; the smallest jump; a pause in order to seek */
    SESSION_SETTLE_MS = 9000, /* how early a seek may land, and how long landing may take */
};

/* Positions are cut at 2^60 ms and times at 2^60 ms from 1970: beyond any whole number that survives a double,
 * and differences fit. */
#define SESSION_POSITION_MAX (INT64_C(1) << 60)
#define SESSION_TIME_MAX (INT64_C(1) << 60)

/* 40 bytes, no pointers: may be copied, compared and dropped. */
struct session {
    int64_t runtime_ms; /* 0 = unknown */
    int64_t pos;        /* place in the title after the last event taken, ms */
    int64_t t;          /* at_ms of the last event taken */
    int64_t target;     /* of the seek that is settling, or EVENT_ABSENT */
    int32_t rate_milli;
    uint8_t state;    /* enum session_state */
    uint8_t before;   /* the state that buffering returns to */
    bool start_plays; /* `start` means that the picture moves */
    bool fresh_pause; /* the last event taken is the pause that began the present pause */
};

/* What one event did. */
struct session_step {
    bool taken;  /* false: ignored (closed, unknown kind, no time); all else is 0 */
    bool opened; /* the session's first event; `start_ms` is where it opened */
    int64_t start_ms;
    int64_t from, to; /* credited stretch of the title; from == to: none */
    int64_t jump;     /* > 0 skipped, < 0 rewound, 0 none */
    int64_t paused_ms, buffering_ms;
    int pauses; /* 1 counted, -1 withdrawn */
};

void session_init(struct session *s, int64_t runtime_ms, bool start_plays);

/* Take the next event: kind, at_ms, position_ms, from_ms and rate_milli are read. An at_ms before the last
 * one counts as the last one. Pure, O(1). */
void session_feed(struct session *s, const struct event *e, struct session_step *ret);

static inline bool session_closed(const struct session *s)
{
    return s->state >= SESSION_STOPPED;
}

enum { SESSION_SILENCE_MS = 24 * 3600 * 1000 };

/* Whether the event still belongs to `s`, the viewer's last session with its id (or without one) and title. Not after more than 24 hours of silence, whatever the id says, and a `start` without an id begins anew. The one
 * rule for profiles, viewings, retention and fitting; one case of `viewings --case` is one session by definition. */
static inline bool session_goes_on(const struct session *s, const struct event *e)
{
    return e->at_ms - s->t <= SESSION_SILENCE_MS && (e->session.n > 0 || e->kind != EVENT_START);
}

/* Whether `start` of this source means that the picture moves; false for Netflix's own export. */
bool session_start_plays(struct str source);

#endif
