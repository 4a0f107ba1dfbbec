#include "math/topk.h"

#include <math.h>
#include <stdbool.h>

enum { GROUP = 64 }; /* scores looked at together, before any of them alone */

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

size_t topk_select(const float *score, size_t n, const uint64_t *skip, size_t k, struct topk_item *ret)
{
    size_t have = 0;

    if (k == 0)
        return 0;
    for (size_t from = 0; from < n; from += GROUP) {
        size_t end = n - from < GROUP ? n : from + GROUP;
        uint64_t skipped = skip ? skip[from / GROUP] : 0;
        if (have == k && end - from == GROUP && !any_above(score + from, ret[0].score))
            continue;
        for (size_t i = from; i < end; i++) {
            struct topk_item item = {(uint32_t)i, score[i]};
            if (skipped >> (i - from) & 1 || isnan(item.score))
                continue;
            if (have < k)
                sift_up(ret, have++, item);
            else if (item.score > ret[0].score)
                sift_down(ret, k, 0, item);
        }
    }
    sort_heap(ret, have);
    return have;
}
