/* topk.h - the k best of n scores; all of them in order. */
#ifndef MQ_MATH_TOPK_H
#define MQ_MATH_TOPK_H

#include <stddef.h>
#include <stdint.h>

struct topk_item {
    uint32_t index;
    float score;
};

/* The k highest scores, highest first, equal ones in order of index. NaN is never chosen, nor an index
 * whose bit is set in `skip` (bit i % 64 of word i / 64; NULL: none). ret (k). Returns how many there are.
 * Pure, no allocation. O(n), and the candidates that a sample leaves (a little more than k) put in order byte by byte; for k
 * above 1,024 O(log k) for each score that is among the k best so far. */
size_t topk_select(const float *score, size_t n, const uint64_t *skip, size_t k,
                   struct topk_item *ret);

/* Places 0 to n - 1 into ret (n) in order of value, the highest first, equal ones in their own order. No NaN.
 * Pure, no allocation: a heapsort, O(n log n). */
void topk_order(const float *value, size_t n, uint32_t *ret);

#endif
