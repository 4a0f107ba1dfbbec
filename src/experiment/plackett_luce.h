/* plackett_luce.h - choosing with chance, and knowing the chance.
 *
 * Adding independent Gumbel noise to the logarithms of weights and taking the k highest draws an order from the
 * Plackett-Luce distribution: the first with probability w_i / sum w, the next among the rest likewise (Yellott 1977;
 * Kool, van Hoof, Welling 2019). So the chance of each choice given those before it is exact and cheap. */
#ifndef MQ_EXPERIMENT_PLACKETT_LUCE_H
#define MQ_EXPERIMENT_PLACKETT_LUCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

struct chosen {
    uint32_t index;   /* of the candidate */
    float propensity; /* chance of this one here given the ones before it, (0, 1] */
};

/* The first min(k, n) places of a random order of n candidates. log_weight: finite, in any scale (differences count).
 * `left` is scratch of n numbers. O(n k). */
size_t plackett_luce_draw(const float *log_weight, size_t n, size_t k, struct rng *rng,
                          double *left, struct chosen *ret);

/* The chance that `order` (k of the n candidates, distinct) would have got given each prefix, into ret (k): what a policy of
 * these weights would have done in a logged page. */
void plackett_luce_propensities(const float *log_weight, size_t n, const uint32_t *order, size_t k,
                                double *left, float *ret);

#endif
