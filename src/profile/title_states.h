/* title_states.h - the builder's lean memory of titles: 40 bytes a title, and the stretches watched of those
 * that are not yet seen whole. */
#ifndef MQ_PROFILE_TITLE_STATES_H
#define MQ_PROFILE_TITLE_STATES_H

#include "base/error.h"
#include "playback/intervals.h"
#include "playback/signal.h"

enum {
    TITLE_SPANS_MAX = 16,   /* stretches kept of a title; closer ones are merged (spans_add) */
    TITLE_STATE_WHOLE = 64, /* of flags: finished and >= 90 % seen; its stretches are forgotten */
};

/* Times of the title in ms, stopping at 2^32 - 1 (49 days). */
struct title_state {
    uint32_t title;
    uint32_t last_s;
    uint32_t chosen_s;
    uint32_t played_ms, content_ms;
    uint32_t attended_ms; /* of played_ms, weighed by the chance that somebody watched */
    uint32_t position_s;
    uint16_t sessions;
    uint16_t runtime_min; /* as the catalogue had it at the last playback event; 0 = unknown */
    uint8_t rating;
    int8_t thumb;
    uint8_t flags; /* enum signal_flag but SIGNAL_ABANDONED, and TITLE_STATE_WHOLE */
    uint8_t n_spans;
    uint8_t device;         /* of the first session */
    uint8_t rewinds, skips; /* stop at 255 */
    uint8_t kind;           /* enum title_kind, as runtime_min */
};

/* A place in a title modulo 2^32 ms: live channels count from 1970, and wrap. */
struct small_span {
    uint32_t from, to;
};

/* Zeroed memory is an empty one. */
struct title_states {
    struct title_state *v;    /* (n) ascending by title */
    struct small_span *spans; /* all titles' stretches, in the titles' order */
    uint32_t n, cap;
    uint32_t n_spans, cap_spans;
};

void title_states_release(struct title_states *t);

/* The title's state, made when new: valid until the next call. A new one over `max` drops an eighth of them, those
 * untouched longest (the smallest id among equals), hidden ones only when all are hidden. NULL without memory. */
struct title_state *title_states_at(struct title_states *t, uint32_t title, uint32_t max);

/* The same without making one: NULL when there is none. */
const struct title_state *title_states_find(const struct title_states *t, uint32_t title);

/* Drop the title's state, if there is one. */
void title_states_remove(struct title_states *t, uint32_t title);

/* Count [from, to) of the title as played; `attended` is the chance that somebody watched it. MQ_NO_MEMORY. */
int title_states_play(struct title_states *t, struct title_state *s, int64_t from, int64_t to,
                      double attended, struct mq_error *err);
/* The title's stretches are needed no more. */
void title_states_forget_spans(struct title_states *t, struct title_state *s);

size_t title_states_memory(const struct title_states *t);

#endif
