/* kmeans.h - groups of directions: spherical k-means, how alike two partitions are, and which group of one is which of the
 * other. */
#ifndef MQ_MATH_KMEANS_H
#define MQ_MATH_KMEANS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/pool.h"
#include "base/rng.h"

enum { KMEANS_MAX = 64 };

/* Rows (n, stride), stride a multiple of 16, of length 1 or 0; `pick` (m) chooses which of them, repetitions count. Seeded by k-means++ (Arthur,
 * Vassilvitskii 2007; of four draws for a centre the best), then at most `rounds` of Lloyd's; of so many tries (1 or more)
 * the one whose rows are closest to their centres. ret_centre (k, stride), of length 1. MQ_NO_MEMORY.
 * O(tries rounds m k stride). The same whatever the number of threads. */
int kmeans(const float *rows, size_t stride, const uint32_t *pick, size_t m, uint32_t k,
           unsigned rounds, unsigned tries, struct rng *rng, struct pool *pool, float *ret_centre,
           struct mq_error *err);

/* Lloyd's rounds alone, from centres (k, stride) that there are. */
int kmeans_refine(const float *rows, size_t stride, const uint32_t *pick, size_t m, uint32_t k,
                  unsigned rounds, struct pool *pool, float *centre, struct mq_error *err);

/* The nearest centre of each of n rows. */
void kmeans_assign(const float *rows, size_t n, size_t stride, const float *centre, uint32_t k,
                   struct pool *pool, uint8_t *ret);

/* Hubert, Arabie 1985: 1 for equal partitions, about 0 for unrelated ones. Groups below KMEANS_MAX. */
double adjusted_rand(const uint8_t *a, const uint8_t *b, size_t n);

/* The assignment of rows to columns with the largest sum of gain (k, k): the Hungarian method (Kuhn 1955; with potentials,
 * O(k^3)). ret_column (k). */
void assign_best(const double *gain, uint32_t k, uint32_t *ret_column);

#endif
