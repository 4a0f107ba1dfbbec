/* signal.h - what one viewer did with one title, added up over all sessions, ratings and marks. */
#ifndef MQ_PLAYBACK_SIGNAL_H
#define MQ_PLAYBACK_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "event/ids.h"

enum signal_flag {
    SIGNAL_PLAYED = 1,   /* some stretch of it was watched, or an archive says so */
    SIGNAL_FINISHED = 2, /* complete event, or watched to the credits (>= 90 %) */
    SIGNAL_LISTED = 4,   /* on the viewer's list */
    SIGNAL_HIDDEN = 8,   /* never show it */
    SIGNAL_ABANDONED =
        16, /* stopped early (< 20 %) and not resumed within 14 days, as of the profile */
    SIGNAL_AUTOPLAY = 32, /* its first session started by itself */
};

struct title_signal {
    struct title_id title;
    uint32_t last_s; /* latest event about it, seconds since 1970 */
    uint32_t
        chosen_s; /* when it was first chosen (event_chooses); 0: it began by itself, or was never played */
    uint32_t played_s;  /* seconds of the title played, rewatching included */
    uint32_t content_s; /* distinct seconds of the title watched */
    /* Of played_s, but in ms and weighed by the chance that somebody watched (attention.h); stops at 2^32 - 1.
     * 0 with something played: not told, all of it counts. */
    uint32_t attended_ms;
    uint32_t position_s; /* where it was left */
    uint16_t sessions;
    uint16_t runtime_min; /* as the catalogue had it at the last playback event; 0 = unknown */
    uint8_t rating;       /* share of the scale in 1/200, 1..200; 0 = not rated */
    int8_t thumb;         /* -1, 0 = none, 1, 2 */
    uint8_t flags;
    uint8_t device; /* of the first session */
    /* How often jumped back and ahead, recap, intro and credits apart; stop at 255. */
    uint8_t rewinds, skips;
    uint8_t kind;     /* enum title_kind, as runtime_min */
    float preference; /* engagement, in [-1, 1] */
    float confidence; /* >= 0; 0 = says nothing */
};

/* Did the viewer come to like it, as far as is known? What is recommended, tried and measured all mean this by it. */
static inline bool title_signal_liked(const struct title_signal *s)
{
    return s->preference > 0 && s->confidence > 0;
}

/* The rating in stars of five, whatever scale it was given on. */
static inline float title_signal_stars(const struct title_signal *s)
{
    return (float)s->rating / 200 * 5;
}

#endif
