/* strongest.h - of each title the strongest links alone: what a model file can hold and a page can sum up. */
#ifndef MQ_TRAIN_STRONGEST_H
#define MQ_TRAIN_STRONGEST_H

#include "base/pool.h"
#include "model/links.h"

/* Keep of each row the `keep` links that are largest without their sign, columns ascending; equal ones by title. Dense
 * links become sparse ones; zeros go. Arrays are heap memory and are replaced. O(n^2) for dense ones. MQ_NO_MEMORY:
 * `l` is as it was. */
int links_strongest(struct links *l, uint32_t keep, struct pool *pool, struct mq_error *err);

#endif
