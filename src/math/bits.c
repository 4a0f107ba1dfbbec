#include "math/bits.h"

#include "math/kernels.h"

static uint64_t head_mask(size_t from)
{
    return ~UINT64_C(0) << from % 64;
}

static uint64_t tail_mask(size_t to)
{
    return to % 64 ? ~(~UINT64_C(0) << to % 64) : ~UINT64_C(0);
}

uint32_t bits_count_both(const uint64_t *a, const uint64_t *b, size_t from, size_t to)
{
    if (from >= to)
        return 0;
    size_t first = from / 64;
    size_t last = (to - 1) / 64;
    uint64_t head = a[first] & b[first] & head_mask(from);
    if (first == last)
        return (uint32_t)__builtin_popcountll(head & tail_mask(to));
    uint64_t tail = a[last] & b[last] & tail_mask(to);
    return (uint32_t)__builtin_popcountll(head) + (uint32_t)__builtin_popcountll(tail) +
           math_kernels()->count_both(a + first + 1, b + first + 1, last - first - 1);
}

uint32_t bits_count(const uint64_t *a, size_t from, size_t to)
{
    return bits_count_both(a, a, from, to);
}
