/* strategy_calls.h - the past as src/strategy/ reads it, from the store. */
#ifndef MQ_ENGINE_STRATEGY_CALLS_H
#define MQ_ENGINE_STRATEGY_CALLS_H

#include "engine/engine.h"
#include "strategy/strategy_data.h"

struct vain_searches;

/* Records as they are and events known by `as_of_ms` or up to `as_of_seq` (0 = all). Reads the whole log. `vain` may be
 * NULL, else it is fed with what was searched for. Who is not profiled counts in no search. */
struct strategy_reading {
    int64_t as_of_ms;
    uint64_t as_of_seq;
    struct vain_searches *vain;
    mq_progress *progress;
    void *progress_ctx;
};
int strategy_read_with(struct mq_engine *e, const struct strategy_reading *q,
                       struct strategy_data **ret, struct mq_error *err);
/* The same without searches. */
int strategy_read(struct mq_engine *e, int64_t as_of_ms, mq_progress *progress, void *ctx,
                  struct strategy_data **ret, struct mq_error *err);

/* Bit per title of the catalogue that was out at `as_of_ms`; the caller frees *ret. MQ_NO_MEMORY. */
struct catalogue;
int strategy_titles_out(const struct catalogue *c, int64_t as_of_ms, uint64_t **ret,
                        struct mq_error *err);

#endif
