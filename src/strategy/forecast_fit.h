/* forecast_fit.h - all that forecasts of concepts rest on, made once from the past: what carries a title (count_model.h), who would
 * watch it (who_model.h), what is like it, how well such forecasts did, how audiences come over time.
 *
 * Concepts change nothing in it: forecast.h says one, forecast_sizes.h many at once. */
#ifndef MQ_STRATEGY_FORECAST_FIT_H
#define MQ_STRATEGY_FORECAST_FIT_H

#include "base/pool.h"
#include "marquee.h"
#include "strategy/calibration.h"
#include "strategy/count_model.h"
#include "strategy/decay.h"
#include "strategy/launch_sizes.h"
#include "strategy/who_model.h"

struct forecast_fit {
    struct strategy_data *d; /* its own */
    uint32_t *train, n_train;
    float *log_audience; /* (titles) */
    struct title_tokens tokens;
    struct credit_source credits; /* their own */
    struct count_fit count;
    struct who_fit who; /* only with has_who */
    bool has_who;
    struct decay decay;
    struct launch_sizes launches;
    struct mq_calibration calibration[CALIBRATION_BINS];
    size_t n_calibration;
};

struct forecast_settings {
    uint64_t seed;
    bool
        who; /* also when nothing is known that viewers could be added up by (a country, a community) */
};

/* Takes `d` in any case. The same for any number of threads of the pool, which is not kept. MQ_INVALID: too few titles with
 * viewers to learn from. MQ_NO_MEMORY. */
int forecast_fit_new(struct strategy_data *d, const struct forecast_settings *s, struct pool *pool,
                     struct forecast_fit **ret, struct mq_error *err);
void forecast_fit_free(struct forecast_fit *f);
/* About what it holds. */
size_t forecast_fit_bytes(const struct forecast_fit *f);

#endif
