#include "math/topk.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/kernels.h"

enum {
    GROUP = 64,       /* scores looked at together, before any of them alone */
    SAMPLED = 32,     /* every so many are looked at to guess where the k-th best lies */
    SAMPLE_BEST = 64, /* most scores kept of the sample */
    GATHERED = 2048,  /* candidates put in order at once */
    GATHERED_K = 1024 /* most that are asked for in this way: above it goes by a heap */
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

/* Bits of the group of scores from `from` on that are worth a look: not skipped, and above the bar where there is one. */
static uint64_t open_of(const struct kernels *math, const float *score, size_t n,
                        const uint64_t *skip, size_t from, bool barred, float bar)
{
    uint64_t open = skip ? ~skip[from / GROUP] : ~UINT64_C(0);
    if (n - from < GROUP)
        return open & ~(~UINT64_C(0) << (n - from));
    return barred && open ? open & math->above(score + from, bar) : open;
}

/* The k best of the scores above `bar`. */
static size_t select_above(const float *score, size_t n, const uint64_t *skip, size_t k, float bar,
                           struct topk_item *ret)
{
    const struct kernels *math = math_kernels();
    size_t have = 0;

    for (size_t from = 0; from < n; from += GROUP) {
        uint64_t open = open_of(math, score, n, skip, from, bar > -INFINITY, bar);
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
    size_t want = k * 3 / 2 / SAMPLED + 6, have = 0;

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

/* ---------------------------------------------------------------- few of many: gathered, then put in order */

/* Ascending where scores fall; 0 and -0 are one. */
static uint32_t key_of(float score)
{
    float plain = score + 0.0F;
    uint32_t bits;
    memcpy(&bits, &plain, sizeof(bits));
    return bits >> 31 ? bits : ~bits & UINT32_C(0x7fffffff);
}

struct gathered {
    size_t n;
    struct topk_item item[GATHERED]; /* equal scores in order of index */
    struct topk_item other[GATHERED];
};

/* By insertion, which leaves equal ones in their order. */
static void sort_short(struct topk_item *item, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct topk_item moved = item[i];
        size_t at = i;
        for (; at > 0 && item[at - 1].score < moved.score; at--)
            item[at] = item[at - 1];
        item[at] = moved;
    }
}

/* Best first, a byte of the key at a time, from the last: equal ones stay in their order. */
static void sort_gathered(struct gathered *g)
{
    enum { BYTES = 4, VALUES = 256, SHORT = 24 };
    uint16_t count[BYTES][VALUES] = {{0}};
    if (g->n <= SHORT) {
        sort_short(g->item, g->n);
        return;
    }
    for (size_t i = 0; i < g->n; i++)
        for (unsigned b = 0; b < BYTES; b++)
            count[b][key_of(g->item[i].score) >> (8 * b) & 0xff]++;
    struct topk_item *from = g->item, *to = g->other;
    for (unsigned b = 0; b < BYTES; b++) {
        if (count[b][key_of(from[0].score) >> (8 * b) & 0xff] == g->n)
            continue; /* all alike */
        uint16_t at = 0;
        for (unsigned v = 0; v < VALUES; v++) {
            uint16_t here = count[b][v];
            count[b][v] = at;
            at = (uint16_t)(at + here);
        }
        for (size_t i = 0; i < g->n; i++)
            to[count[b][key_of(from[i].score) >> (8 * b) & 0xff]++] = from[i];
        struct topk_item *done = from;
        from = to;
        to = done;
    }
    if (from != g->item)
        memcpy(g->item, from, g->n * sizeof(*from));
}

/* The k best of the scores above `bar`, or of all where there is none, best first. */
static size_t gather(const float *score, size_t n, const uint64_t *skip, size_t k, float bar,
                     struct topk_item *ret)
{
    const struct kernels *math = math_kernels();
    struct gathered g;
    bool barred = bar > -INFINITY;
    g.n = 0;
    for (size_t from = 0; from < n; from += GROUP) {
        if (g.n + GROUP > GATHERED) {
            sort_gathered(&g);
            g.n = k;
            bar = g.item[k - 1].score; /* what equals it comes later, and stands behind it */
            barred = true;
        }
        for (uint64_t open = open_of(math, score, n, skip, from, barred, bar); open;
             open &= open - 1) {
            size_t i = from + (size_t)__builtin_ctzll(open);
            if (barred ? score[i] > bar : !isnan(score[i]))
                g.item[g.n++] = (struct topk_item){(uint32_t)i, score[i]};
        }
    }
    sort_gathered(&g);
    size_t have = g.n < k ? g.n : k;
    memcpy(ret, g.item, have * sizeof(*ret));
    return have;
}

size_t topk_select(const float *score, size_t n, const uint64_t *skip, size_t k,
                   struct topk_item *ret)
{
    if (k == 0)
        return 0;
    float bar = likely_bar(score, n, skip, k);
    if (k <= GATHERED_K) {
        size_t have = gather(score, n, skip, k, bar, ret);
        /* Fewer: the sample was unlucky. */
        return have < k && bar > -INFINITY ? gather(score, n, skip, k, -INFINITY, ret) : have;
    }
    size_t have = select_above(score, n, skip, k, bar, ret);
    if (have < k && bar > -INFINITY)
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
