#include "netflix_join.h"

#include <stdlib.h>

#include "netflix_title.h"

struct pair {
    uint32_t a, b;
    int64_t apart_ms;
    bool other_title;
};

static int by_profile_then_start(const void *x, const void *y)
{
    const struct netflix_row *a = *(struct netflix_row *const *)x;
    const struct netflix_row *b = *(struct netflix_row *const *)y;
    int c = str_cmp(a->profile, b->profile);
    if (c == 0)
        c = (a->start_ms > b->start_ms) - (a->start_ms < b->start_ms);
    return c ? c : (a > b) - (a < b);
}

static int by_fit(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;
    if (a->other_title != b->other_title)
        return a->other_title - b->other_title;
    if (a->apart_ms != b->apart_ms)
        return a->apart_ms < b->apart_ms ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

/* Is `y` too early (-1), near (0) or too late (1) to be `x`? */
static int place(const struct netflix_row *x, const struct netflix_row *y)
{
    int c = str_cmp(y->profile, x->profile);
    if (c)
        return c;
    return y->start_ms < x->start_ms - NETFLIX_JOIN_MS   ? -1
           : y->start_ms > x->start_ms + NETFLIX_JOIN_MS ? 1
                                                         : 0;
}

static size_t pairs_of(const struct netflix_row *x, uint32_t at, struct netflix_row **sorted,
                       uint32_t n, uint32_t *low, const struct netflix_row *all, struct pair *out)
{
    size_t found = 0;
    while (*low < n && place(x, sorted[*low]) < 0)
        (*low)++;
    for (uint32_t i = *low; i < n && found < NETFLIX_JOIN_NEAR && place(x, sorted[i]) == 0; i++) {
        int64_t apart = x->start_ms - sorted[i]->start_ms;
        out[found++] = (struct pair){at, (uint32_t)(sorted[i] - all), apart < 0 ? -apart : apart,
                                     !netflix_title_same(x->title, sorted[i]->title)};
    }
    return found;
}

static struct netflix_row **sorted_rows(struct netflix_row *v, uint32_t n, struct arena *arena)
{
    struct netflix_row **sorted = ARENA_ARRAY(arena, (size_t)n + 1, struct netflix_row *);
    for (uint32_t i = 0; sorted && i < n; i++) {
        v[i].partner = NETFLIX_ALONE;
        sorted[i] = &v[i];
    }
    if (sorted)
        qsort(sorted, n, sizeof(*sorted), by_profile_then_start);
    return sorted;
}

int netflix_join(struct netflix_row *a, uint32_t n_a, struct netflix_row *b, uint32_t n_b,
                 struct arena *arena, struct mq_error *err)
{
    struct netflix_row **from = sorted_rows(a, n_a, arena), **to = sorted_rows(b, n_b, arena);
    struct pair near[NETFLIX_JOIN_NEAR], *pairs = NULL;
    size_t n = 0;
    if (!from || !to)
        return mq_fail(err, MQ_NO_MEMORY, "export: no memory to join %u and %u rows", n_a, n_b);
    /* Counted first, then kept. */
    for (int keep = 0; keep < 2; keep++) {
        uint32_t low = 0;
        if (keep && !(pairs = ARENA_ARRAY(arena, n + 1, struct pair)))
            return mq_fail(err, MQ_NO_MEMORY, "export: no memory for %zu pairs of rows", n);
        n = 0;
        for (uint32_t i = 0; i < n_a; i++) {
            size_t found = pairs_of(from[i], (uint32_t)(from[i] - a), to, n_b, &low, b, near);
            if (keep && found > 0)
                memcpy(pairs + n, near, found * sizeof(*pairs));
            n += found;
        }
    }
    qsort(pairs, n, sizeof(*pairs), by_fit);
    for (size_t i = 0; i < n; i++) {
        if (a[pairs[i].a].partner != NETFLIX_ALONE || b[pairs[i].b].partner != NETFLIX_ALONE)
            continue;
        a[pairs[i].a].partner = pairs[i].b;
        b[pairs[i].b].partner = pairs[i].a;
    }
    return 0;
}
