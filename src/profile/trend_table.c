#include "profile/trend_table.h"

#include <stdlib.h>

static struct trend_chunk *chunk_of(const struct trend_table *t, uint32_t i)
{
    return atomic_load_explicit(&t->chunks[i], memory_order_relaxed);
}

/* The only writer: a plain read, change and write is enough. */
static void put(_Atomic uint64_t *p, uint64_t v)
{
    atomic_store_explicit(p, v, memory_order_release);
}

static uint64_t get(const _Atomic uint64_t *p)
{
    return atomic_load_explicit(p, memory_order_relaxed);
}

void trend_table_release(struct trend_table *t)
{
    for (uint32_t i = 0; i < TREND_CHUNKS; i++)
        free(chunk_of(t, i));
}

size_t trend_table_memory(const struct trend_table *t)
{
    size_t n = 0;
    for (uint32_t i = 0; i < TREND_CHUNKS; i++)
        n += trend_table_chunk(t, i) != NULL;
    return n * sizeof(struct trend_chunk);
}

int trend_table_reserve(struct trend_table *t, uint32_t title, struct mq_error *err)
{
    uint32_t i = title / TREND_CHUNK;
    if (chunk_of(t, i))
        return 0;
    struct trend_chunk *c = calloc(1, sizeof(*c));
    if (!c)
        return mq_fail(err, MQ_NO_MEMORY, "trend: %zu bytes: free memory and try again",
                       sizeof(*c));
    atomic_store_explicit(&t->chunks[i], c, memory_order_release);
    return 0;
}

static uint64_t capped(uint64_t v, uint64_t max)
{
    return v < max ? v : max;
}

/* Add both halves of `with`, each stopping at `max`. */
static void add_pair(_Atomic uint64_t *p, uint64_t with, uint64_t max)
{
    uint64_t v = get(p);
    uint64_t low = capped((uint32_t)v + (uint64_t)(uint32_t)with, max);
    uint64_t high = capped((v >> 32) + (with >> 32), max);
    put(p, high << 32 | low);
}

static uint64_t most(unsigned slot)
{
    return slot == TREND_OLDER ? TREND_OLDER_MAX : TREND_WEEK_MAX;
}

void trend_table_add(struct trend_table *t, uint32_t title, unsigned slot)
{
    struct trend_chunk *c = chunk_of(t, title / TREND_CHUNK);
    uint64_t one = title & 1 ? UINT64_C(1) << 32 : 1;
    add_pair(&c->pairs[slot][title % TREND_CHUNK / 2], one, most(slot));
    put(&t->totals[slot], get(&t->totals[slot]) + 1);
}

void trend_table_set(struct trend_table *t, uint32_t title, unsigned slot, uint32_t count)
{
    struct trend_chunk *c = chunk_of(t, title / TREND_CHUNK);
    _Atomic uint64_t *pair = &c->pairs[slot][title % TREND_CHUNK / 2];
    unsigned shift = title & 1 ? 32 : 0;
    put(pair, (get(pair) & ~(UINT64_C(0xffffffff) << shift)) | (uint64_t)count << shift);
}

void trend_table_sum(struct trend_table *t, uint32_t title, int64_t newest)
{
    struct trend_chunk *c = chunk_of(t, title / TREND_CHUNK);
    uint32_t i = title % TREND_CHUNK;
    unsigned half = i & 1 ? 32 : 0;
    uint64_t recent = 0, weighted = (uint32_t)(get(&c->pairs[TREND_OLDER][i / 2]) >> half);
    for (unsigned s = 0; s < TREND_WEEKS; s++) {
        uint64_t n = (uint32_t)(get(&c->pairs[s][i / 2]) >> half);
        recent += n;
        weighted += n << (TREND_WEEKS - ((newest - s) & (TREND_WEEKS - 1)));
    }
    put(&c->sums[i], recent << 32 | weighted);
}

void trend_table_sum_all(struct trend_table *t, int64_t newest, bool moved)
{
    for (uint32_t i = 0; i < TREND_CHUNKS; i++) {
        const struct trend_chunk *c = chunk_of(t, i);
        for (uint32_t j = 0; c && j < TREND_CHUNK; j++)
            if (moved || get(&c->sums[j]) != 0)
                trend_table_sum(t, i * TREND_CHUNK + j, newest);
    }
}

/* Move the counts of one slot to a slot of the same or another chunk. */
static void move_slot(struct trend_chunk *to, unsigned to_slot, struct trend_chunk *from,
                      unsigned from_slot)
{
    for (uint32_t j = 0; j < TREND_CHUNK / 2; j++) {
        uint64_t v = get(&from->pairs[from_slot][j]);
        if (v == 0)
            continue;
        add_pair(&to->pairs[to_slot][j], v, most(to_slot));
        put(&from->pairs[from_slot][j], 0);
    }
}

void trend_table_retire(struct trend_table *t, unsigned slot)
{
    uint64_t total = get(&t->totals[slot]);
    if (total == 0)
        return;
    for (uint32_t i = 0; i < TREND_CHUNKS; i++) {
        struct trend_chunk *c = chunk_of(t, i);
        if (c)
            move_slot(c, TREND_OLDER, c, slot);
    }
    put(&t->totals[TREND_OLDER], get(&t->totals[TREND_OLDER]) + total);
    put(&t->totals[slot], 0);
}

void trend_table_merge(struct trend_table *t, struct trend_table *from)
{
    for (uint32_t i = 0; i < TREND_CHUNKS; i++) {
        struct trend_chunk *source = chunk_of(from, i), *target = chunk_of(t, i);
        for (unsigned slot = 0; source && slot < TREND_SLOTS; slot++)
            move_slot(target, slot, source, slot);
    }
    for (unsigned slot = 0; slot < TREND_SLOTS; slot++) {
        put(&t->totals[slot], get(&t->totals[slot]) + get(&from->totals[slot]));
        put(&from->totals[slot], 0);
    }
}
