/* forecast_sizes.h - how many, for several concepts at once, by one fit. */
#ifndef MQ_STRATEGY_FORECAST_SIZES_H
#define MQ_STRATEGY_FORECAST_SIZES_H

#include "strategy/forecast_fit.h"

/* How many, and when. Where the log has launches (launch_sizes.h) it is what they say, drawn towards what the count model says of
 * titles that were always there by how much of a usual launch's place on pages it does without: logs are mixed by
 * `unpromoted` in [0, 1]. Elsewhere the count model's audience over the whole log and the shares of decay.h. */
struct forecast_spans {
    struct mq_interval viewers_28d, viewers_90d, viewers_all;
};
struct forecast_spans forecast_spans_of(const struct forecast_fit *fit,
                                        const struct count_forecast *f, double unpromoted);

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

/* `titles` (n) with their credits' person_id set, ID_NONE of whoever is unknown (forecast_people): refused, where all are. unpromoted (n), or NULL: as launches usually are. who: NULL, or asked for too (of a fit with has_who). The arena is for their texts.
 * MQ_NO_MEMORY. */
int forecast_sizes(const struct forecast_fit *fit, const struct title *titles,
                   const double *unpromoted, uint32_t n, struct pool *pool, struct arena *arena,
                   struct forecast_size *ret, struct forecast_who *who, struct mq_error *err);
#endif
