/* pool.h - a fixed set of threads for work that splits into parts. */
#ifndef MQ_BASE_POOL_H
#define MQ_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

struct pool;

/* `threads` 0 means one per core, at most 64 (asking for more is MQ_INVALID). The calling thread works
 * too: a pool of 1 starts none. */
int pool_new(size_t threads, struct pool **ret, struct mq_error *err);
void pool_free(struct pool *p);
size_t pool_threads(const struct pool *p);

/* Call work(ctx, from, to, worker) over [0, n) in parts of at most `part` > 0, each once, in any
 * order, on all threads; `worker` in [0, pool_threads) is the caller's own slot for scratch memory.
 * Returns when all are done. Not reentrant. What a part computes must not depend on `worker`. */
void pool_for(struct pool *p, size_t n, size_t part,
              void (*work)(void *ctx, size_t from, size_t to, size_t worker), void *ctx);

#endif
