#include "playback/intervals.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The first span that ends at or after `at`. */
static uint32_t first_reaching(const struct span *v, uint32_t n, int64_t at)
{
    uint32_t lo = 0, hi = n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (v[mid].to < at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static void remove_at(struct span *v, uint32_t *n, uint32_t from, uint32_t count)
{
    memmove(v + from, v + from + count, (*n - from - count) * sizeof(*v));
    *n -= count;
}

/* The full list plus [from, to), which would stand before v[at] and touches nothing: close the smallest
 * of its gaps. */
static void squeeze_in(struct span *v, uint32_t *n, uint32_t at, int64_t from, int64_t to)
{
    int64_t best = INT64_MAX;
    uint32_t left = 0; /* the pair is (v[left], v[left + 1]), or the new one with a neighbour */
    enum { OLD_PAIR, WITH_LEFT, WITH_RIGHT } which = OLD_PAIR;
    for (uint32_t i = 0; i < *n; i++) {
        if (i == at && v[i].from - to < best) {
            best = v[i].from - to;
            which = WITH_RIGHT;
        }
        if (i + 1 == at) {
            if (from - v[i].to < best) {
                best = from - v[i].to;
                which = WITH_LEFT;
            }
        } else if (i + 1 < *n && v[i + 1].from - v[i].to < best) {
            best = v[i + 1].from - v[i].to;
            which = OLD_PAIR;
            left = i;
        }
    }
    if (which == WITH_LEFT) {
        v[at - 1].to = to;
        return;
    }
    if (which == WITH_RIGHT) {
        v[at].from = from;
        return;
    }
    v[left].to = v[left + 1].to;
    remove_at(v, n, left + 1, 1);
    if (at > left)
        at--;
    memmove(v + at + 1, v + at, (*n - at) * sizeof(*v));
    v[at] = (struct span){from, to};
    ++*n;
}

int64_t spans_add(struct span *v, uint32_t *n, uint32_t max, int64_t from, int64_t to)
{
    assert(max >= 1 && *n <= max);
    if (from >= to)
        return 0;
    uint32_t first = first_reaching(v, *n, from), end = first;
    int64_t fresh = to - from, low = from, high = to;
    for (; end < *n && v[end].from <= to; end++) {
        int64_t a = v[end].from > from ? v[end].from : from;
        int64_t b = v[end].to < to ? v[end].to : to;
        fresh -= b - a;
        low = v[end].from < low ? v[end].from : low;
        high = v[end].to > high ? v[end].to : high;
    }
    if (first < end) {
        v[first] = (struct span){low, high};
        remove_at(v, n, first + 1, end - first - 1);
    } else if (*n == max) {
        squeeze_in(v, n, first, from, to);
    } else {
        memmove(v + first + 1, v + first, (*n - first) * sizeof(*v));
        v[first] = (struct span){from, to};
        ++*n;
    }
    return fresh;
}

void intervals_release(struct intervals *x)
{
    free(x->v);
    *x = (struct intervals){0};
}

int intervals_add(struct intervals *x, int64_t from, int64_t to, struct mq_error *err)
{
    if (x->n == x->cap && x->cap < INTERVALS_MAX) {
        uint32_t cap = x->cap ? x->cap * 2 : 4;
        struct span *v = realloc(x->v, cap * sizeof(*v));
        if (!v)
            return mq_fail(err, MQ_NO_MEMORY, "playback: %u stretches: free memory and try again",
                           cap);
        x->v = v;
        x->cap = cap;
    }
    x->covered += spans_add(x->v, &x->n, x->cap, from, to);
    return 0;
}

static int by_start(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

int intervals_of(struct span *v, size_t n, struct intervals *ret, struct mq_error *err)
{
    if (n == 0)
        return 0;
    struct span *out = n <= UINT32_MAX ? malloc(n * sizeof(*out)) : NULL;
    if (!out)
        return mq_fail(err, MQ_NO_MEMORY, "playback: %zu stretches: free memory and try again", n);
    qsort(v, n, sizeof(*v), by_start);
    uint32_t m = 0;
    int64_t covered = 0;
    for (size_t i = 0; i < n; i++) {
        if (m > 0 && v[i].from <= out[m - 1].to) {
            int64_t to = v[i].to > out[m - 1].to ? v[i].to : out[m - 1].to;
            covered += to - out[m - 1].to;
            out[m - 1].to = to;
        } else {
            covered += v[i].to - v[i].from;
            out[m++] = v[i];
        }
    }
    *ret = (struct intervals){.v = out, .n = m, .cap = (uint32_t)n, .covered = covered};
    return 0;
}
