/* hash.h - XXH3, the one hash of the project (not for secrets: those use libsodium). */
#ifndef MQ_BASE_HASH_H
#define MQ_BASE_HASH_H

#include "str.h"

struct hash128 {
    uint64_t hi, lo;
};

uint64_t hash64(const void *p, size_t n, uint64_t seed);
struct hash128 hash128(const void *p, size_t n);

static inline uint64_t hash_str(struct str s, uint64_t seed)
{
    return hash64(s.p, s.n, seed);
}

/* Mixes two numbers into one (for keys of tables). */
uint64_t hash_mix(uint64_t a, uint64_t b);

#endif
