/* viewings.h - what the store makes of a viewer's playback events: each title's sessions, and their union. */
#ifndef MQ_ENGINE_VIEWINGS_H
#define MQ_ENGINE_VIEWINGS_H

#include "engine/reader.h"
#include "playback/attention.h"
#include "playback/viewing.h"

enum {
    VIEWINGS_SESSIONS_MAX = 1 << 16, /* of a viewer */
};

/* How a session relates to those before it. */
enum sitting { SITTING_FIRST, SITTING_RESUME, SITTING_REWATCH };
const char *sitting_name(enum sitting s);

struct watch_session {
    struct str session; /* its id; may be empty */
    struct title_id title;
    int64_t from_ms, to_ms; /* times of its first and last event */
    uint8_t device;
    int8_t autoplay; /* as its start said; -1 = not said */
    enum sitting how;
    struct viewing viewing; /* keeps its runs */
    int64_t attention_ms[ATTENTIONS];
    struct attention_session attention;
    uint32_t next; /* the title's next session + 1; 0 = none */
};

struct watched_title {
    struct str id, name, series, next_id, next_name;
    uint16_t season, episode;
    int64_t runtime_ms; /* 0 = unknown */
    bool finished;
    const struct watch_session *all; /* of the viewer */
    uint32_t first;                  /* this title's first + 1; then by `next` */
    size_t n;
    struct viewings sum;
    int64_t attention_ms[ATTENTIONS];
};

/* Each title in the order of its first session. A session is all events with one session id of the title until
 * it is silent for a day (playback/session.h); two viewers who share an id have a session each. as_of_ms, as_of_seq as in mq_request.
 * Waits for the disk. `visit` returns other than 0 to end. MQ_NOT_FOUND: never seen; MQ_TOO_LARGE. */
int engine_viewings(struct mq_reader *r, struct str viewer, int64_t as_of_ms, uint64_t as_of_seq,
                    int (*visit)(void *ctx, const struct watched_title *t), void *ctx,
                    struct mq_error *err);

#endif
