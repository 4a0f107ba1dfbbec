/* rng.h - seeded randomness as an argument. xoshiro256** (Blackman, Vigna 2018), seeded through
 * splitmix64. The same seed gives the same numbers on every machine. */
#ifndef MQ_BASE_RNG_H
#define MQ_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
/* An independent stream for part `index` of seeded work: what a row draws does not depend on which
 * thread works on it. */
void rng_seed_stream(struct rng *r, uint64_t seed, uint64_t index);
uint64_t rng_u64(struct rng *r);
/* Uniform in [0, n), unbiased; n > 0. */
uint64_t rng_below(struct rng *r, uint64_t n);
/* Uniform in [0, 1), 53 bits. */
double rng_double(struct rng *r);
/* Standard normal (Marsaglia's polar method; keeps no spare, so that streams stay simple). */
double rng_normal(struct rng *r);
/* n of them, two from each pair: half the cost. Not the numbers of as many rng_normal. */
void rng_normals(struct rng *r, float *ret, size_t n);
/* Exponential with mean 1. */
double rng_exp(struct rng *r);
/* Gamma with `shape` > 0 and scale 1 (Marsaglia, Tsang 2000). */
double rng_gamma(struct rng *r, double shape);
/* Poisson with mean >= 0. */
uint64_t rng_poisson(struct rng *r, double mean);
/* Fisher-Yates over n u32s. */
void rng_shuffle_u32(struct rng *r, uint32_t *v, size_t n);

#endif
