#include "base/arena.h"

#include <stdlib.h>

#include "base/error.h"

enum { ALIGN = 64 };

/* The header fills one alignment unit, so that data behind it starts aligned. */
struct arena_block {
    struct arena_block *next;
    size_t size; /* bytes of data behind the header */
    char pad[ALIGN - 2 * sizeof(size_t)];
};

_Static_assert(sizeof(struct arena_block) == ALIGN, "data behind the header is aligned");

/* `size` is a multiple of ALIGN. */
static struct arena_block *new_block(size_t size)
{
    struct arena_block *block = aligned_alloc(ALIGN, sizeof(*block) + size);
    if (block) {
        block->next = NULL;
        block->size = size;
    }
    return block;
}

static size_t round_up(size_t n)
{
    return (n + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
}

int arena_init(struct arena *a, size_t block, size_t max)
{
    if (block == 0 || max > SIZE_MAX / 2 || round_up(block) > max)
        return MQ_INVALID;
    struct arena_block *first = new_block(round_up(block));
    if (!first)
        return MQ_NO_MEMORY;
    *a = (struct arena){
        .first = first, .now = first, .total = first->size, .max = max, .block = first->size};
    return 0;
}

static void free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_reset(struct arena *a)
{
    if (!a->first)
        return;
    free_blocks(a->first->next);
    a->first->next = NULL;
    a->now = a->first;
    a->used = 0;
    a->total = a->first->size;
}

void arena_release(struct arena *a)
{
    free_blocks(a->first);
    *a = (struct arena){.max = a->max, .block = a->block};
}

/* A block with room for n bytes becomes `now`. Near the maximum it is no larger than it must be. */
static bool add_block(struct arena *a, size_t n)
{
    size_t room = a->max - a->total;
    if (!a->now || n > room)
        return false;
    size_t size = round_up(n);
    if (size < a->block)
        size = a->block;
    if (size > room)
        size = round_up(n);
    struct arena_block *block = size <= room ? new_block(size) : NULL;
    if (!block)
        return false;
    a->now->next = block;
    a->now = block;
    a->used = 0;
    a->total += size;
    return true;
}

/* n bytes from `used`, which the caller has aligned. */
static void *take(struct arena *a, size_t from, size_t n)
{
    if (!a->now || from > a->now->size || n > a->now->size - from) {
        if (!add_block(a, n))
            return NULL;
        from = 0;
    }
    a->used = from + n;
    return (char *)(a->now + 1) + from;
}

void *arena_alloc(struct arena *a, size_t n)
{
    void *p = take(a, round_up(a->used), n ? n : 1);
    return p ? memset(p, 0, n) : NULL;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return arena_alloc(a, bytes);
}

/* Text needs no alignment: names stand side by side. */
struct str arena_str(struct arena *a, struct str s)
{
    if (s.n == 0)
        return STR("");
    char *p = take(a, a->used, s.n);
    if (!p)
        return STR_NONE;
    memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}
