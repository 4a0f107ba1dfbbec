/* expiry.h - raw events leave after a while (docs/decisions/0012-expiry.md). */
#ifndef MQ_ENGINE_EXPIRY_H
#define MQ_ENGINE_EXPIRY_H

#include "engine/engine.h"

/* Remove what viewers did before `before_ms` (what they said stays), and make anew what was derived from it: profiles,
 * counters, audiences. Durable; waits; two scans of the log. Appends go on: one waits for a step (store_expire) at most.
 * Not the committer's thread. ret_removed may be NULL. */
int engine_expire(struct mq_engine *e, int64_t before_ms, uint64_t *ret_removed,
                  struct mq_error *err);

#endif
