/* count_tail.h - how unlikely is a count this large? */
#ifndef MQ_MATH_COUNT_TAIL_H
#define MQ_MATH_COUNT_TAIL_H

#include <stdint.h>

/* P(X >= k) of a Poisson count whose rate is itself gamma distributed: a negative binomial with this mean and shape
 * (variance mean + mean^2 / shape; shape INFINITY: Poisson). mean >= 0, shape > 0. Exact to about 1e-12 relative where
 * the result is above 1e-300. O(k) below the mean, else a few dozen terms. Pure. */
double count_tail(uint32_t k, double mean, double shape);

#endif
