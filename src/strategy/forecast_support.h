/* forecast_support.h - what of the past supports a concept, and is it enough? One answer, for forecasts of one and of several. */
#ifndef MQ_STRATEGY_FORECAST_SUPPORT_H
#define MQ_STRATEGY_FORECAST_SUPPORT_H

#include "strategy/forecast_fit.h"

/* Fewer titles at least this like the concept: a refusal. */
enum { FORECAST_SUPPORT_MIN = 5, FORECAST_NEAR_MAX = 200 };
/* ... that is, of this likeness on. */
#define FORECAST_LIKENESS 0.1F

struct forecast_near {
    struct alike of[FORECAST_NEAR_MAX]; /* (n), the most like it first */
    uint32_t n;
    unsigned titles; /* of these, of FORECAST_LIKENESS on */
};
/* MQ_NO_MEMORY. */
int forecast_near(const struct forecast_fit *f, const struct seen_title *seen,
                  struct forecast_near *ret, struct mq_error *err);

/* Why nothing is forecast of a title whose people were looked up (person_id; ID_NONE: not known here) and that `titles` are like;
 * NULL: something is. */
const char *forecast_refusal(const struct title *t, unsigned titles);

#endif
