/* off_policy.h - what would another policy have earned, from what this one logged?
 *
 * Each row is one choice in one slot: the reward that followed, the chance the logging policy gave it, the chance the
 * other policy would have given it in the same situation. Rows that belong to one viewer stand and fall together:
 * standard errors are clustered.
 *
 *   SNIPS   sum w r / sum w, w = target / logged (Swaminathan, Joachims 2015)
 *   DR      mean of model_target + w (r - model_logged) with w self-normalised (Dudik, Langford, Li 2011)
 *   cascade a row of slots read from the left (Kiyohara et al. 2022, RIPS): the weight of a slot is the product over it and
 *           those before it. Assumes that what stands to the right of a slot does not change what happens in it.
 *
 * An estimate says how much it rests on: the effective sample size (sum w)^2 / sum w^2, the largest weight's share. Below
 * a floor, or where the logged choices cannot stand for the target's (mean weight far from 1), it refuses. */
#ifndef MQ_EXPERIMENT_OFF_POLICY_H
#define MQ_EXPERIMENT_OFF_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct choice {
    uint64_t viewer; /* cluster */
    uint64_t page;   /* cascade: slots of one page stand together, in order; else ignored */
    double reward;
    double logged, target; /* chances, (0, 1] and [0, 1] */
    double model_logged,
        model_target; /* DR: predicted reward of the logged choice; mean over the target's choices */
};

enum off_policy_method { OFF_POLICY_SNIPS, OFF_POLICY_DR, OFF_POLICY_CASCADE };

/* Nothing is estimated below these. */
enum { OFF_POLICY_ESS_MIN = 50, OFF_POLICY_VIEWERS_MIN = 30 };

struct off_policy {
    size_t choices, viewers, pages;
    double value, standard_error, low, high; /* 95 %; NaN when refused */
    double logged_value;                     /* what the logging policy earned, same unit */
    double effective;   /* sample size; of a cascade, the smallest of its slots */
    double mean_weight; /* 1 but for chance when the log supports the target */
    double largest_share;
    bool refused;
    char why[160]; /* when refused */
};

/* The value is per choice; of a cascade per page. Choices of a viewer need not stand together; a cascade's of one page
 * must. MQ_INVALID: a chance out of range, a reward that is not finite, a cascade of over 64 slots. MQ_NO_MEMORY. */
int off_policy_estimate(const struct choice *choices, size_t n, enum off_policy_method method,
                        struct off_policy *ret, struct mq_error *err);

#endif
