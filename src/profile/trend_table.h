/* trend_table.h - counts per title by week: one table of the live counters. One writer, any readers.
 *
 * A table is cut into chunks of 4,096 titles that never move and are never freed before the table, so
 * that readers follow an atomic pointer and need no lock. Two neighbouring titles share a 64-bit word
 * (even id low, odd id high): one load, one shift and one addition serve both. */
#ifndef MQ_PROFILE_TREND_TABLE_H
#define MQ_PROFILE_TREND_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    TREND_WEEKS = 4,           /* weeks kept apart; week w lies in slot w mod 4 */
    TREND_OLDER = TREND_WEEKS, /* the slot of all older ones */
    TREND_SLOTS,
    TREND_CHUNK = 4096,
    TREND_CHUNKS = 1024, /* titles from 4,194,304 on are not counted */
    /* Where a count stops: 16 x 4 weeks + older stay below 2^31. */
    TREND_WEEK_MAX = (1 << 24) - 1,
    TREND_OLDER_MAX = (1 << 30) - 1,
};

struct trend_chunk {
    _Atomic uint64_t pairs[TREND_SLOTS][TREND_CHUNK / 2];
    /* Of each title, as seen from the newest week: low half 16 times the weighted count, high half the choices of
     * the last four weeks. Follows from the pairs; spares readers of the present most of the work. */
    _Atomic uint64_t sums[TREND_CHUNK];
};

/* Zeroed memory is an empty one. */
struct trend_table {
    _Atomic uint64_t totals[TREND_SLOTS];
    _Atomic(struct trend_chunk *) chunks[TREND_CHUNKS];
};

void trend_table_release(struct trend_table *t);
size_t trend_table_memory(const struct trend_table *t);

/* Make room for the title (below TREND_CHUNK * TREND_CHUNKS). MQ_NO_MEMORY. */
int trend_table_reserve(struct trend_table *t, uint32_t title, struct mq_error *err);
/* Set a count; reserved before. Totals are the caller's. */
void trend_table_set(struct trend_table *t, uint32_t title, unsigned slot, uint32_t count);
/* Bring the title's sum, or all of them, up to date. newest: the week. `moved`: counts came to titles that had none;
 * else titles whose sum is 0 are passed over. */
void trend_table_sum(struct trend_table *t, uint32_t title, int64_t newest);
void trend_table_sum_all(struct trend_table *t, int64_t newest, bool moved);
/* Count one; reserved before. */
void trend_table_add(struct trend_table *t, uint32_t title, unsigned slot);
/* The slot's week leaves the window: its counts go to the older ones. */
void trend_table_retire(struct trend_table *t, unsigned slot);
/* Adds all of `from` to `t` and empties `from`. All its chunks were reserved in `t`. */
void trend_table_merge(struct trend_table *t, struct trend_table *from);

/* Loads acquire and stores release, so that a reader can tell by a version whether it read across a
 * rotation (Boehm 2012, "Can seqlocks get along with programming language memory models?"). */
static inline const struct trend_chunk *trend_table_chunk(const struct trend_table *t, uint32_t i)
{
    return atomic_load_explicit(&t->chunks[i], memory_order_acquire);
}
static inline uint64_t trend_load(const _Atomic uint64_t *p)
{
    return atomic_load_explicit(p, memory_order_acquire);
}

#endif
