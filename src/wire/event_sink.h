/* event_sink.h - where the readers of all formats put what they read: events that passed event_check, and what was
 * refused with the reason. */
#ifndef MQ_WIRE_EVENT_SINK_H
#define MQ_WIRE_EVENT_SINK_H

#include "base/arena.h"
#include "catalogue/title.h"
#include "event/event.h"

/* Where a record stands. Computed for refused ones only. */
struct event_place {
    size_t index;   /* from 0, counting accepted and refused ones */
    uint64_t line;  /* from 1 */
    struct str raw; /* its bytes */
};

/* Return 0 to go on; anything else ends the reading with that value. */
struct event_sink {
    void *ctx;
    int (*event)(void *ctx, size_t index, struct event *e, struct mq_error *err);
    int (*refused)(void *ctx, const struct event_place *place, const struct mq_error *why,
                   struct mq_error *err);
    /* What an accepted record told of the event's title beside (webhooks do); lives until it returns. NULL: not wanted. */
    void (*title)(void *ctx, const struct title *t);
};

/* All text and items of *e moved into the arena, packed into one piece each. MQ_NO_MEMORY when it is full. */
int event_keep(struct event *e, struct arena *arena, struct mq_error *err);

#endif
