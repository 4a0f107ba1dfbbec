#include "math/topk.h"

#include <math.h>
#include <stdbool.h>

enum {
    GROUP = 64,      /* scores looked at together, before any of them alone */
    SAMPLED = 16,    /* every so many are looked at to guess where the k-th best lies */
    SAMPLE_BEST = 64 /* most scores kept of the sample */
};

static bool worse(struct topk_item a, struct topk_item b)
{
    return a.score < b.score || (a.score == b.score && a.index > b.index);
}

/* `heap` (n) has its worst item on top; put `item` in at `at` and down to its place. */
static void sift_down(struct topk_item *heap, size_t n, size_t at, struct topk_item item)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n)
            break;
        if (child + 1 < n && worse(heap[child + 1], heap[child]))
            child++;
        if (!worse(heap[child], item))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = item;
}

static void sift_up(struct topk_item *heap, size_t at, struct topk_item item)
{
    for (; at > 0 && worse(item, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = item;
}

/* Worst on top, taken off again and again, leaves the best first. */
static void sort_heap(struct topk_item *heap, size_t n)
{
    for (; n > 1; n--) {
        struct topk_item worst = heap[0];
        sift_down(heap, n - 1, 0, heap[n - 1]);
        heap[n - 1] = worst;
    }
}

static bool any_above(const float *score, float bar)
{
    int above = 0;

    for (size_t i = 0; i < GROUP; i++)
        above |= score[i] > bar;
    return above != 0;
}

/* The k best of the scores above `bar`. */
static size_t select_above(const float *score, size_t n, const uint64_t *skip, size_t k, float bar,
                           struct topk_item *ret)
{
    size_t have = 0;

    for (size_t from = 0; from < n; from += GROUP) {
        uint64_t open = skip ? ~skip[from / GROUP] : ~UINT64_C(0);
        if (n - from < GROUP)
            open &= ~(~UINT64_C(0) << (n - from));
        else if (!open || (bar > -INFINITY && !any_above(score + from, bar)))
            continue;
        for (; open; open &= open - 1) {
            size_t i = from + (size_t)__builtin_ctzll(open);
            struct topk_item item = {(uint32_t)i, score[i]};
            if (!(item.score > bar || (bar == -INFINITY && item.score == bar && have < k)))
                continue; /* NaN as well */
            if (have < k)
                sift_up(ret, have++, item);
            else
                sift_down(ret, k, 0, item);
            if (have == k)
                bar = ret[0].score;
        }
    }
    return have;
}

/* A score that a little more than k are likely to lie above, from a sample: it spares the heap those that
 * would be thrown out later. -INFINITY where that is not worth it. */
static float likely_bar(const float *score, size_t n, const uint64_t *skip, size_t k)
{
    struct topk_item best[SAMPLE_BEST];
    size_t want = k / SAMPLED * 3 / 2 + 8, have = 0;

    best[0] = (struct topk_item){0, -INFINITY};
    if (want > SAMPLE_BEST || n < 8 * k)
        return -INFINITY;
    for (size_t i = SAMPLED / 2; i < n; i += SAMPLED) {
        struct topk_item item = {(uint32_t)i, score[i]};
        if ((skip && skip[i / GROUP] >> (i % GROUP) & 1) || isnan(item.score))
            continue;
        if (have < want)
            sift_up(best, have++, item);
        else if (item.score > best[0].score)
            sift_down(best, want, 0, item);
    }
    return have == want ? best[0].score : -INFINITY;
}

size_t topk_select(const float *score, size_t n, const uint64_t *skip, size_t k,
                   struct topk_item *ret)
{
    if (k == 0)
        return 0;
    float bar = likely_bar(score, n, skip, k);
    size_t have = select_above(score, n, skip, k, bar, ret);
    if (have < k && bar > -INFINITY) /* the sample was unlucky */
        have = select_above(score, n, skip, k, -INFINITY, ret);
    sort_heap(ret, have);
    return have;
}

/* ---------------------------------------------------------------- all in order */

static bool stands_before(const float *value, uint32_t a, uint32_t b)
{
    return value[a] > value[b] || (a < b && value[a] == value[b]);
}

/* Down a heap whose top stands last of all. */
static void sift_place(const float *value, uint32_t *order, size_t at, size_t n)
{
    uint32_t moved = order[at];
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && stands_before(value, order[child], order[child + 1]))
            child++;
        if (!stands_before(value, moved, order[child]))
            break;
        order[at] = order[child];
        at = child;
    }
    order[at] = moved;
}

void topk_order(const float *value, size_t n, uint32_t *ret)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = (uint32_t)i;
    for (size_t i = n / 2; i-- > 0;)
        sift_place(value, ret, i, n);
    for (size_t last = n; last > 1;) {
        uint32_t top = ret[0];
        ret[0] = ret[--last];
        ret[last] = top;
        sift_place(value, ret, 0, last);
    }
}
