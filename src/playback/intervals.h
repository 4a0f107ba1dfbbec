/* intervals.h - the union of half-open stretches [from, to), sorted: what was seen at least once. */
#ifndef MQ_PLAYBACK_INTERVALS_H
#define MQ_PLAYBACK_INTERVALS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct span {
    int64_t from, to; /* from < to */
};

/* Add [from, to) to the n spans of v, which are ascending, disjoint and do not touch; they stay so. Returns
 * how much of [from, to) was not covered before; an empty stretch changes nothing.
 *
 * v     room for max spans, max >= 1.
 * max   when a span more would be needed, the two neighbours with the smallest gap between them (the new
 *       stretch counts as a neighbour; the first of equal gaps) become one. What is returned never counts
 *       such a gap, and a later stretch inside it counts as covered: content is never overstated.
 *
 * Pure. O(n). */
int64_t spans_add(struct span *v, uint32_t *n, uint32_t max, int64_t from, int64_t to);

enum { INTERVALS_MAX = 4096 }; /* spans of one session; beyond it close ones are merged as above */

/* The same on the heap, with its sum. Zeroed memory is an empty one. */
struct intervals {
    struct span *v; /* (n) */
    uint32_t n, cap;
    int64_t covered; /* ms really added; less than the spans' lengths only after a merge */
};

void intervals_release(struct intervals *x);
/* The exact union of n stretches in any order (v is sorted by it), however many there are. `ret` is empty
 * before. MQ_NO_MEMORY. O(n log n). */
int intervals_of(struct span *v, size_t n, struct intervals *ret, struct mq_error *err);
/* MQ_NO_MEMORY; then nothing was changed. */
int intervals_add(struct intervals *x, int64_t from, int64_t to, struct mq_error *err);

#endif
