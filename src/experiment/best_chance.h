/* best_chance.h - Thompson sampling with its chance known: how likely is each of a few variants the best one?
 *
 * Showing a variant with exactly this probability is Thompson sampling (Thompson 1933; Chapelle, Li 2011), and the propensity that is
 * logged with it is exact. */
#ifndef MQ_EXPERIMENT_BEST_CHANCE_H
#define MQ_EXPERIMENT_BEST_CHANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

enum { VARIANTS_MAX = 8 };

struct variant {
    uint32_t shown, won; /* won <= shown */
};

/* ret (n): the chances, summing to 1, under independent beta posteriors whose prior is worth one success at `rate` (0 < rate < 1).
 * By quadrature over 512 points: within about .002. n from 1 to VARIANTS_MAX. O(512 n^2). Pure. */
void best_chance(const struct variant *v, size_t n, double rate, float *ret);

/* Draws by these chances mixed with the likeliest one: `exploration` 1 as they are, 0 the likeliest always. *ret_chance: of what was
 * drawn; NaN when chance had no part. */
size_t best_draw(const float *chance, size_t n, double exploration, struct rng *rng,
                 float *ret_chance);

#endif
