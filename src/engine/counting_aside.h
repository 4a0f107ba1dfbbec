/* counting_aside.h - the live counters made anew from the log while appends go on: the log as it stood is read on the caller's
 * thread, what comes meanwhile is counted by the committer, and the sum takes the old counters' place. */
#ifndef MQ_ENGINE_COUNTING_ASIDE_H
#define MQ_ENGINE_COUNTING_ASIDE_H

#include "engine/engine.h"
#include "engine/kept_counters.h"

struct counting_aside {
    pthread_mutex_t lock; /* of all below */
    bool active;
    struct counted n;
    uint64_t seq;      /* the place in the log up to which the caller reads */
    uint64_t erasures; /* when it began: after another one the sum would count who was erased */
    int failed;
};

int counting_aside_new(struct counting_aside **ret, struct mq_error *err);
/* NULL is allowed. */
void counting_aside_free(struct counting_aside *a);

/* Not the committer's thread; one at a time (MQ_CONFLICT). Waits for the committer twice, and briefly. */
int counting_aside(struct mq_engine *e, struct mq_error *err);

/* The committer's thread, for each group it applies. */
void counting_aside_feed(struct mq_engine *e, const struct event *events, const uint8_t *outcome,
                         size_t n);

#endif
