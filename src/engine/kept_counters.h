/* kept_counters.h - the live counters, written behind: so that an opening need not decode the whole log.
 *
 * They are a cache: whatever is missing, damaged, of a newer version or does not fit the log is passed over, and the
 * counters are made from the log. */
#ifndef MQ_ENGINE_KEPT_COUNTERS_H
#define MQ_ENGINE_KEPT_COUNTERS_H

#include <stdint.h>

#include "base/error.h"

struct mq_engine;
struct trend;

/* What the log says as a whole. */
struct counted {
    struct trend *trend;
    int64_t first_ms, newest_ms;
};

/* Empty ones, with all that answers need: rising titles, too. */
int counted_trend_new(struct trend **ret, struct mq_error *err);

/* The rest: the writing thread of the store. */

/* From what was kept and the events since then. MQ_NOT_FOUND: nothing usable was kept; or the store's errors. */
int kept_counters_load(struct mq_engine *e, struct counted *ret, struct mq_error *err);
/* Keep them as they are; nothing to do when no event came since. */
int kept_counters_write(struct mq_engine *e, struct mq_error *err);
/* Before events leave the log: nothing of them stays in what was kept. */
int kept_counters_remove(struct mq_engine *e, struct mq_error *err);

#endif
