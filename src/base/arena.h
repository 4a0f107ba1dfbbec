/* arena.h - memory with one lifetime (a request, a job): taken in pieces, given back at once. */
#ifndef MQ_BASE_ARENA_H
#define MQ_BASE_ARENA_H

#include "str.h"

struct arena_block;

struct arena {
    struct arena_block *first; /* blocks in order; all but the first go back at reset */
    struct arena_block *now;
    size_t used;  /* bytes of `now` in use */
    size_t total; /* bytes over all blocks */
    size_t max;   /* total never passes this */
    size_t block; /* size of a block */
};

/* Takes the first block of `block` bytes at once, so that work that fits it allocates nothing.
 * `max` is the most it may ever hold. */
int arena_init(struct arena *a, size_t block, size_t max);
/* All pieces become invalid; the first block stays. */
void arena_reset(struct arena *a);
void arena_release(struct arena *a);

/* `n` bytes aligned to 64, zeroed; NULL past the maximum or without memory. */
void *arena_alloc(struct arena *a, size_t n);
/* n elements of `size`, checked for overflow. */
void *arena_array(struct arena *a, size_t n, size_t size);
/* A copy; p == NULL when it did not fit (and s was not empty). */
struct str arena_str(struct arena *a, struct str s);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

#endif
