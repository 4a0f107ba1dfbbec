/* set_bits.h - sets of viewers as plain bits by dense id, for work that touches most of them.
 *
 * A Roaring bitmap is read 65,536 ids at a time through its portable form (github.com/RoaringBitmap/RoaringFormatSpec), which
 * costs a copy and depends on no version's insides. */
#ifndef MQ_AUDIENCE_SET_BITS_H
#define MQ_AUDIENCE_SET_BITS_H

#include <roaring/roaring.h>
#include <stdbool.h>

#include "base/error.h"

enum { SET_CHUNK_WORDS = 1024 };

/* Words of a set over ids below n, whole chunks. */
static inline size_t set_bits_words(uint32_t n)
{
    return ((size_t)n / 65536 + 1) * SET_CHUNK_WORDS;
}

/* Scratch for reading sets one after another. Zeroed memory is a new one; a few bytes more than the largest set's portable form. */
struct set_reader {
    char *bytes;
    size_t cap;
    uint32_t n, at; /* chunks, and the next one */
    const unsigned char *heads, *run_flags, *next;
    uint64_t words[SET_CHUNK_WORDS]; /* of a chunk of runs */
};

/* As they lie in the portable form, at any address. */
typedef uint64_t set_word __attribute__((aligned(1), may_alias));
typedef uint16_t set_low __attribute__((aligned(1), may_alias));

/* Ids from 64 word0 on, in one of two ways. */
struct set_chunk {
    size_t word0;
    const set_word *words; /* (SET_CHUNK_WORDS), or NULL: */
    const set_low *low;    /* (n) ascending, to be added to 64 word0 */
    uint32_t n;
};

/* Read `set` (NULL: nobody) from its beginning. MQ_NO_MEMORY. */
int set_reader_begin(struct set_reader *r, const roaring_bitmap_t *set, struct mq_error *err);
/* False: that was all. A chunk holds until the next call. */
bool set_reader_next(struct set_reader *r, struct set_chunk *ret);
void set_reader_release(struct set_reader *r);

/* to |= set. `to` has the set_bits_words of every id in it. */
int set_bits_or(struct set_reader *r, const roaring_bitmap_t *set, uint64_t *to,
                struct mq_error *err);

/* The set of these bits (a multiple of SET_CHUNK_WORDS words), or NULL without memory; the caller's to free. */
roaring_bitmap_t *set_bits_pack(const uint64_t *bits, size_t words);

#endif
