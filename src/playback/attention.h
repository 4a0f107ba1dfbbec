/* attention.h - whether somebody was there while it played: measured, inferred or unattended.
 *
 * Beside the contract's figures, which judge no one: each stretch that session_feed credits is
 *   measured    reported: the event that ends it came within three heartbeats of the one before;
 *   inferred    silent for longer, but the place it was found at agrees with playing all the while;
 *   unattended  nothing says that a viewer was there: the third or a later title in a row that started by itself, or
 *               silent with no act of the viewer for three hours; unless an act of the viewer ends the stretch.
 * A heartbeat is the median of the last five gaps that ended in `progress`, 30 s until there were two. Acts are play,
 * pause, seek, rate, a start not said to be autoplay, and all that is no playback (ratings, searches, clicks). */
#ifndef MQ_PLAYBACK_ATTENTION_H
#define MQ_PLAYBACK_ATTENTION_H

#include "event/event.h"

enum attention { ATTENTION_MEASURED, ATTENTION_INFERRED, ATTENTION_UNATTENDED, ATTENTIONS };

enum {
    ATTENTION_HEARTBEATS = 3,
    ATTENTION_CHAIN = 3, /* titles in a row that started by themselves */
    ATTENTION_IDLE_MS = 3 * 3600 * 1000,
    ATTENTION_USUAL_MS = 30 * 1000,
    ATTENTION_GAPS = 5,
};

/* Of a viewer, over all sessions. Zeroed memory is the beginning. */
struct attention_viewer {
    int64_t acted_ms; /* last act; meaningful once `acted` */
    bool acted;
    uint8_t chain; /* autoplayed starts since, stops at 255 */
};

/* Of a session. Zeroed memory is the beginning. No padding: profiles keep its bytes. */
struct attention_session {
    int64_t t;                     /* at_ms of its last event */
    uint16_t gaps[ATTENTION_GAPS]; /* in tenths of a second, stop at 109 minutes */
    uint8_t n;                     /* gaps seen, stops at 255 */
    bool open;
    uint8_t unused[4];
};
_Static_assert(sizeof(struct attention_session) == 24, "attention_session has padding");

/* Take the next event of the viewer, in order of time, and say what the stretch is that it ends. `s` is its
 * session's; NULL for what is no playback. Pure, O(1). */
enum attention attention_feed(struct attention_viewer *v, struct attention_session *s,
                              const struct event *e);

/* "measured", "inferred", "unattended". */
const char *attention_name(enum attention a);

/* The chance that somebody watched such a stretch: the default weights of attended time. */
double attention_weight(enum attention a);

#endif
