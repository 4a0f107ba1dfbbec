/* consent.h - what a viewer allows, and what they take back: orders in the log (event/event.h), so that answers honour
 * them from the next request on, as of any place behind them, and after any crash. */
#ifndef MQ_ENGINE_CONSENT_H
#define MQ_ENGINE_CONSENT_H

#include "engine/engine.h"

/* -1 leaves a setting as it is. */
struct viewer_settings {
    int profiling; /* 1 on (as at first), 0 off */
    int child;     /* 1: a child's profile; 0 not (as at first) */
};

/* As last ordered. Reads the viewer's log. MQ_NOT_FOUND: never seen. */
int engine_get_settings(struct mq_engine *e, struct str viewer, struct viewer_settings *ret,
                        struct mq_error *err);
/* Durable and in force once it returns. A viewer never seen before is known from then on. MQ_INVALID, MQ_BUSY. */
int engine_put_settings(struct mq_engine *e, struct str viewer, const struct viewer_settings *s,
                        struct mq_error *err);
/* Take what the viewer did with the title so far out of the history: no page, model or audience made from now on knows it.
 * The events themselves stay in the log until they expire or the viewer is erased. MQ_NOT_FOUND: viewer or title
 * never seen. */
int engine_remove_from_history(struct mq_engine *e, struct str viewer, struct str title,
                               struct mq_error *err);

#endif
