/* sim_log.h - the events of one session, compact and in time order; turned into struct event when due. */
#ifndef MQ_SIM_LOG_H
#define MQ_SIM_LOG_H

#include "event/event.h"

enum { LOG_EVENTS_MAX = 100000, LOG_ITEMS_MAX = 4096 };

struct sim_moment {
    int64_t at_ms;
    uint32_t title;                /* ID_NONE: none */
    uint32_t session;              /* viewer's playback session, 0: none */
    uint32_t position_ms, from_ms; /* UINT32_MAX: absent */
    uint32_t recommendation;       /* viewer's number, 0: none */
    uint32_t first_item;
    uint16_t n_items;
    uint16_t results;
    float value;
    uint8_t kind;
    int8_t autoplay;
};

struct sim_item {
    uint32_t title;
    float propensity; /* NaN: chosen by a rule */
    uint8_t row, column;
};

struct sim_log {
    struct sim_moment *moments;
    struct sim_item *items;
    uint32_t n, cap, n_items, cap_items;
    uint32_t at; /* moments given out */
    bool failed; /* no memory, or a maximum was passed */
    int16_t offset_min;
    uint8_t device;
    struct sim_log *next; /* in the list of free ones */
};

/* A moment with everything absent; NULL and `failed` set when there is no room. */
struct sim_moment *log_add(struct sim_log *l, enum event_kind kind, int64_t at_ms, uint32_t title);
struct sim_item *log_items(struct sim_log *l, uint32_t n);
void log_reset(struct sim_log *l);
void log_free(struct sim_log *l);

#endif
