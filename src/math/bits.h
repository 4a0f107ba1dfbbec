/* bits.h - sets as bits, 64 to a word. */
#ifndef MQ_MATH_BITS_H
#define MQ_MATH_BITS_H

#include <stddef.h>
#include <stdint.h>

static inline size_t bits_words(size_t n)
{
    return (n + 63) / 64;
}

static inline void bits_set(uint64_t *v, size_t i)
{
    v[i / 64] |= UINT64_C(1) << i % 64;
}

static inline void bits_clear(uint64_t *v, size_t i)
{
    v[i / 64] &= ~(UINT64_C(1) << i % 64);
}

static inline int bits_get(const uint64_t *v, size_t i)
{
    return (int)(v[i / 64] >> i % 64 & 1);
}

/* How many of [from, to) are set in a, and in both a and b. */
uint32_t bits_count(const uint64_t *a, size_t from, size_t to);
uint32_t bits_count_both(const uint64_t *a, const uint64_t *b, size_t from, size_t to);

#endif
