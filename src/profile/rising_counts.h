/* rising_counts.h - what a struct rising holds; for rising.c (the writer), rising_read.c and rising_codec.c. */
#ifndef MQ_PROFILE_RISING_COUNTS_H
#define MQ_PROFILE_RISING_COUNTS_H

#include "profile/rising.h"

enum {
    RISING_PLACES = 256,
    RISING_CHUNK = 128,
    RISING_CHUNKS = 4096,     /* of a place */
    RISING_CHUNKS_MAX = 8192, /* of all places */
    RISING_MINUTES = 16,      /* of a title; minute m lies at m mod 16 */
    RISING_BLOCKS = 4,        /* of four minutes each */
    RISING_PLACE_MINUTES = 32,
    RISING_WEEKS = 2,
    RISING_BASE_MAX = UINT16_MAX, /* there a title counts as well known: it no longer rises */
    RISING_BINS = 34, /* of how often a title was chosen: 0, 1, 2, 3, then two for each doubling */
};

/* One title in one place. minute and week: the newest with a choice, 0 = none. Counts of minutes beyond `minute` - 16 are
 * gone. */
struct rising_cell {
    _Atomic uint64_t viewers[RISING_BLOCKS]; /* a bit for each, by hash */
    _Atomic int32_t minute;
    _Atomic uint16_t base[RISING_WEEKS][DAYPARTS]; /* [0] in `week`, [1] in the one before */
    _Atomic uint16_t week;
    _Atomic uint8_t counts[RISING_MINUTES];
};

struct rising_chunk {
    _Atomic uint64_t
        sums[RISING_CHUNK / 8]; /* of counts, up to 255, a byte each: who needs no look */
    struct rising_cell cells[RISING_CHUNK];
};

struct rising_place {
    _Atomic uint64_t key; /* 0: free */
    _Atomic int32_t minute;
    _Atomic uint16_t week;
    _Atomic uint32_t titles; /* ever chosen here */
    _Atomic uint32_t used;   /* chunks from there on are none */
    _Atomic uint32_t recent[RISING_PLACE_MINUTES][DAYPARTS];
    _Atomic uint64_t base[RISING_WEEKS][DAYPARTS];
    _Atomic uint32_t
        alike[DAYPARTS]
             [RISING_BINS]; /* titles by their base of both weeks; follows from the cells */
    _Atomic(struct rising_chunk *) chunks[RISING_CHUNKS];
};

struct rising {
    _Atomic(struct rising_place *) places[RISING_PLACES]; /* no gaps; never freed before */
    _Atomic uint32_t chunks;
};

#define RISING_MINUTE_MS INT64_C(60000)
#define RISING_WEEK_MS INT64_C(604800000)

/* Since 1970, 0 for what lies outside (1970, 3000). */
static inline int32_t rising_minute(int64_t at_ms)
{
    return at_ms > 0 && at_ms < INT64_C(32503680000000) ? (int32_t)(at_ms / RISING_MINUTE_MS) : 0;
}
static inline uint16_t rising_week(int64_t at_ms)
{
    return (uint16_t)(at_ms / RISING_WEEK_MS + 1);
}

/* Which place, never 0; countries come before regions in its order. */
uint64_t rising_key(country_code country, struct str region);

#define RISING_GET(p) atomic_load_explicit(&(p), memory_order_acquire)
#define RISING_PUT(p, v) atomic_store_explicit(&(p), (v), memory_order_release)

static inline uint8_t rising_sum_of(const struct rising_chunk *c, uint32_t i)
{
    return (uint8_t)(RISING_GET(c->sums[i / 8]) >> (i % 8 * 8));
}
/* By the one writer. */
static inline void rising_sum_put(struct rising_chunk *c, uint32_t i, uint8_t sum)
{
    uint64_t others = RISING_GET(c->sums[i / 8]) & ~(UINT64_C(0xff) << (i % 8 * 8));
    RISING_PUT(c->sums[i / 8], others | (uint64_t)sum << (i % 8 * 8));
}
/* Of eight sums those that are worth a look, RISING_VIEWERS and more: the highest bit of their byte. */
static inline uint64_t rising_sums_high(uint64_t sums)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    return (sums | ((sums & ~high) + (0x80 - RISING_VIEWERS) * ones)) & high;
}

/* The chunk of a place; NULL when the limit of all places is reached. MQ_NO_MEMORY. */
int rising_chunk_at(struct rising *r, struct rising_place *p, uint32_t i, struct rising_chunk **ret,
                    struct mq_error *err);
/* A new place at the end, there is room. MQ_NO_MEMORY. */
int rising_place_add(struct rising *r, uint64_t key, struct rising_place **ret,
                     struct mq_error *err);
void rising_sum(struct rising_chunk *c, uint32_t i);
/* Which bin. Bin b begins at rising_bin_from(b). */
unsigned rising_bin(uint32_t chosen);
uint32_t rising_bin_from(unsigned bin);
/* A title that is new in the place's counts joins its bins. */
void rising_join(struct rising_place *p, const struct rising_cell *c);

#endif
