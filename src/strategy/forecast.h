/* forecast.h - one concept: how many, who, like what, and what carries it. */
#ifndef MQ_STRATEGY_FORECAST_H
#define MQ_STRATEGY_FORECAST_H

#include "catalogue/concept.h"
#include "strategy/forecast_support.h"

/* What is said of one concept by a fit (forecast_fit.h), in well under a second. Everything in *ret lies in the arena. Reads the fit
 * only: any number of threads at once; the same fit and concept give the same bytes.
 *
 * People are found by name. MQ_CONFLICT: several people of that name (lists them). A concept that nothing of the past supports is
 * no error: support says so and the figures are NaN. */
int forecast_say(const struct forecast_fit *fit, const struct concept *c, struct arena *arena,
                 struct mq_forecast *ret, struct mq_error *err);

/* A title's people found by name: person_id set, or ID_NONE. MQ_CONFLICT: several of one name. In the arena. */
struct forecast_cast {
    struct title title;
    const char *const *unknown;
    size_t n_unknown;
};
int forecast_people(const struct strategy_data *d, const struct title *t, struct arena *arena,
                    struct forecast_cast *ret, struct mq_error *err);

/* --- inside: parts of it --- */

/* In which ways title `row` is like the concept; texts in the arena. */
int comparable_ways(const struct strategy_data *d, const struct strategy_title *concept,
                    uint32_t row, struct arena *arena, const char *const **ret, size_t *ret_n,
                    struct mq_error *err);

/* Chances of all viewers (n_viewers), added up by group of d: the largest first, then one entry for everybody else and for groups
 * below FORECAST_SMALLEST, which takes the smallest group that is left along when it would be below that itself. They
 * add up to out->viewers_28d. No group that can be told: none. */
enum { FORECAST_SMALLEST = 50 };
int forecast_communities(const struct strategy_data *d, const float *chance, struct arena *arena,
                         struct mq_forecast *out, struct mq_error *err);

/* The concept again without each of its elements, as further concepts. */
struct element {
    const char *kind, *name;
    const char *against; /* "a person of median pull", "without it" */
};
enum { ELEMENTS_MAX = 32 };
/* ret, ret_variant (ELEMENTS_MAX). */
int concept_elements(const struct title *t, struct arena *arena, struct element *ret,
                     struct title *ret_variant, size_t *ret_n, struct mq_error *err);

#endif
