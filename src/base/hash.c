#include "base/hash.h"

/* Inlined: most keys are short, and a call into the shared library costs as much as the hash. */
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t hash64(const void *p, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(p, n, seed);
}

struct hash128 hash128(const void *p, size_t n)
{
    XXH128_hash_t h = XXH3_128bits(p, n);
    return (struct hash128){.hi = h.high64, .lo = h.low64};
}

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection. */
static uint64_t finish(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t hash_mix(uint64_t a, uint64_t b)
{
    return finish(finish(a + UINT64_C(0x9e3779b97f4a7c15)) + b);
}
