/* slate.h - which concepts, under a budget, reach the most distinct viewers?
 *
 * Viewers stand for many (weights), forecasts are drawn jointly: in draw d concept i is as large as its forecast says times a
 * shock of its genre and one of its own, so that two of a genre do well or badly together. Viewer u watches i in draw d with
 * chance p_iu(d); a set S reaches sum_d sum_u w_u (1 - prod_{i in S} (1 - p_iu(d))) / draws. That grows ever more slowly with S
 * (it is submodular); with fractions of concepts it would be concave, and the best of those is the bound of the branch and
 * bound (slate.c).
 *
 * Exact for up to SLATE_EXACT concepts, unless SLATE_NODES were not enough; else greedy by gain per cost, with the least of the
 * bounds from each of its steps beside it. */
#ifndef MQ_STRATEGY_SLATE_H
#define MQ_STRATEGY_SLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Sets that reach more by less than this part are not told apart. */
#define SLATE_TOLERANCE 1e-4

enum { SLATE_EXACT = 60, SLATE_NODES = 20000, SLATE_MAX = 200, SLATE_GROUPS = 16 };

/* At least or at most so many of the group `bit`. */
struct slate_limit {
    uint32_t bit, n;
    bool at_most;
};

struct slate_task {
    uint32_t n, cells; /* concepts; viewers times draws */
    const double *cost;
    const uint32_t *groups; /* (n) bits */
    const float *chance;    /* (n, cells) */
    const float *weight;    /* (cells) */
    double budget;
    const struct slate_limit *limits;
    uint32_t n_limits;
};

struct slate_choice {
    bool chosen[SLATE_MAX];
    double adds[SLATE_MAX]; /* of those chosen: fewer reached without it; of others: more with it */
    double reached, spent;
    double bound; /* no set can reach more; equal to `reached` when exact */
    bool exact;
    uint64_t nodes;
};

/* MQ_INVALID: no set keeps the limits within the budget. MQ_NO_MEMORY. */
int slate_choose(const struct slate_task *t, struct slate_choice *ret, struct mq_error *err);

/* What a set reaches. */
double slate_reach(const struct slate_task *t, const bool *chosen, float *scratch);

#endif
