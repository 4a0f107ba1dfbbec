/* forecast_sizes.h - how many, for several concepts at once: one training for all of them. */
#ifndef MQ_STRATEGY_FORECAST_SIZES_H
#define MQ_STRATEGY_FORECAST_SIZES_H

#include "base/pool.h"
#include "marquee.h"
#include "strategy/count_model.h"
#include "strategy/decay.h"

enum { FORECAST_SIZES_MAX = 1000 };

/* One concept's; refused: the intervals are NaN. */
struct forecast_size {
    struct mq_interval viewers_28d, viewers_90d, viewers_all;
    double hours_per_viewer;
    unsigned support; /* titles that are like it */
    bool refused;
};

/* Chances of viewers who stand for all: every `step`-th of those who are known. ret (n, viewers of the sample): each concept's,
 * adding up to its viewers in 90 days (P50) over all viewers. */
struct forecast_who {
    uint32_t step;
    uint32_t viewers; /* of the sample: (n_viewers + step - 1) / step */
    float *ret;
};

/* `titles` (n) with their credits' person_id set; they are added to `d` as concepts, and taken out again. who: NULL, or asked for too.
 * MQ_INVALID: too few titles to learn from. MQ_CANCELLED, MQ_NO_MEMORY, MQ_TOO_LARGE. */
int forecast_sizes(struct strategy_data *d, const struct title *titles, uint32_t n, uint64_t seed,
                   struct pool *pool, struct forecast_size *ret, struct forecast_who *who,
                   struct mq_error *err);

/* Logs of sizes plus logs of shares `k` days on; their spreads are taken as independent. */
struct mq_interval forecast_at_day(const struct count_forecast *f, const struct decay *decay,
                                   int k);
/* How many training titles are like the row. */
int forecast_support(const struct count_task *task, const uint32_t *rows, uint32_t n, unsigned *ret,
                     struct mq_error *err);

#endif
