/* forecast.h - one concept: how many, who, like what, and what carries it. */
#ifndef MQ_STRATEGY_FORECAST_H
#define MQ_STRATEGY_FORECAST_H

#include "base/pool.h"
#include "catalogue/concept.h"
#include "marquee.h"
#include "strategy/strategy_data.h"

/* Fewer titles at least this like the concept: a refusal. */
enum { FORECAST_SUPPORT_MIN = 5 };
/* ... that is, of this likeness on. */
#define FORECAST_LIKENESS 0.1F

/* Adds concepts to `d` and takes them out again. Everything in *ret lies in the arena.
 *
 * People are found by name. MQ_CONFLICT: several people of that name (lists them). MQ_INVALID: too few titles with viewers to
 * learn from. A concept that nothing of the past supports is no error: support says so and the figures are NaN. */
int forecast_make(struct strategy_data *d, const struct concept *c, uint64_t seed,
                  struct pool *pool, struct arena *arena, struct mq_forecast *ret,
                  struct mq_error *err);

/* Titles with an audience, and its log. train (n_titles), log_audience (rows with concepts). Returns how many. */
uint32_t forecast_train_rows(const struct strategy_data *d, uint32_t *train, float *log_audience);

/* A title's people found by name: person_id set, or ID_NONE. MQ_CONFLICT: several of one name. In the arena. */
struct forecast_cast {
    struct title title;
    const char *const *unknown;
    size_t n_unknown;
    uint32_t n_known;
};
int forecast_people(const struct strategy_data *d, const struct title *t, struct arena *arena,
                    struct forecast_cast *ret, struct mq_error *err);

/* --- inside: parts of it --- */

/* In which ways title `row` is like the concept in `concept`; texts in the arena. */
int comparable_ways(const struct strategy_data *d, uint32_t concept, uint32_t row,
                    struct arena *arena, const char *const **ret, size_t *ret_n,
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
    uint32_t row;
};
enum { ELEMENTS_MAX = 32 };
int concept_elements(struct strategy_data *d, const struct title *t, struct arena *arena,
                     struct element *ret, size_t *ret_n, struct mq_error *err);

#endif
