/* committer.h - the one thread that writes: takes submissions in order, makes many of them one durable
 * write (group commit), brings the live state up to date, and only then tells the submitters.
 *
 * So an acknowledged event is on disk and in the viewer's profile. The queue is bounded by events. */
#ifndef MQ_ENGINE_COMMITTER_H
#define MQ_ENGINE_COMMITTER_H

#include "base/error.h"
#include "event/event.h"

struct committer;

/* Events to append. The submitter owns it and all it points to until `done` was called. */
struct submission {
    struct event *events; /* (n) checked by event_check */
    uint8_t *outcome;     /* (n) enum append_outcome, filled before done */
    size_t n;
    /* Called once, on the committer's thread; must not block. */
    void (*done)(struct submission *s, int status, const struct mq_error *err);
    struct submission *next; /* the committer's */
};

/* How the committer applies what it takes: all on its own thread. */
struct committer_ops {
    void *ctx;
    /* Durable append of all events; all or nothing. */
    int (*append)(void *ctx, struct event *events, size_t n, uint8_t *outcome,
                  struct mq_error *err);
    /* After a successful append, before the submitters hear of it. */
    void (*apply)(void *ctx, const struct event *events, const uint8_t *outcome, size_t n);
    /* Nothing is waiting. */
    void (*idle)(void *ctx);
};

int committer_new(const struct committer_ops *ops, size_t queue_events, struct committer **ret,
                  struct mq_error *err);
/* Takes no more submissions, finishes those there are, ends the thread. NULL is allowed. */
void committer_free(struct committer *c);

/* Any thread. MQ_BUSY when the queue has no room for s->n more events, MQ_CANCELLED when closing: `done` is
 * then not called. */
int committer_submit(struct committer *c, struct submission *s, struct mq_error *err);

/* Any thread but the committer's: append and wait; when the queue is full waits for room, unless `no_wait`. */
int committer_append(struct committer *c, struct event *events, size_t n, uint8_t *outcome,
                     bool no_wait, struct mq_error *err);

/* Any thread but the committer's: run fn(ctx) on the committer's thread after what was submitted before, and
 * wait for it; returns what it returned. MQ_CANCELLED when closing. */
int committer_call(struct committer *c, int (*fn)(void *ctx, struct mq_error *err), void *ctx,
                   struct mq_error *err);

/* Any thread: run fn(ctx) on the committer's thread some time, or not at all when much is waiting. */
void committer_hint(struct committer *c, void (*fn)(void *ctx, uint32_t arg), void *ctx,
                    uint32_t arg);

/* Events waiting now. */
size_t committer_waiting(struct committer *c);

#endif
