/* strategy_calls.h - the past as src/strategy/ reads it, from the store. */
#ifndef MQ_ENGINE_STRATEGY_CALLS_H
#define MQ_ENGINE_STRATEGY_CALLS_H

#include "engine/engine.h"
#include "strategy/strategy_data.h"

/* Records as they are and events known by `as_of_ms` (0 = all). Reads the whole log. */
int strategy_read(struct mq_engine *e, int64_t as_of_ms, mq_progress *progress, void *ctx,
                  struct strategy_data **ret, struct mq_error *err);

#endif
