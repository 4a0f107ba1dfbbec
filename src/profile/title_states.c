#include "profile/title_states.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Grows by a quarter only: a million viewers hold one of these each. */
static uint32_t more(uint32_t n)
{
    return n + n / 4 + 2;
}

void title_states_release(struct title_states *t)
{
    free(t->v);
    free(t->spans);
    *t = (struct title_states){0};
}

size_t title_states_memory(const struct title_states *t)
{
    return t->cap * sizeof(*t->v) + t->cap_spans * sizeof(*t->spans);
}

/* Where the title is or belongs. */
static uint32_t lower_bound(const struct title_states *t, uint32_t title)
{
    uint32_t lo = 0, hi = t->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (t->v[mid].title < title)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static uint32_t first_span(const struct title_states *t, const struct title_state *s)
{
    uint32_t at = 0;
    for (const struct title_state *p = t->v; p < s; p++)
        at += p->n_spans;
    return at;
}

/* Put `n` stretches in the place of the title's. There is room. */
static void put_spans(struct title_states *t, struct title_state *s, uint32_t at,
                      const struct small_span *v, uint32_t n)
{
    uint32_t old = s->n_spans, tail = t->n_spans - at - old;
    if (n != old && tail)
        memmove(t->spans + at + n, t->spans + at + old, tail * sizeof(*t->spans));
    if (n)
        memcpy(t->spans + at, v, n * sizeof(*v));
    t->n_spans = t->n_spans - old + n;
    s->n_spans = (uint8_t)n;
}

void title_states_forget_spans(struct title_states *t, struct title_state *s)
{
    if (s->n_spans)
        put_spans(t, s, first_span(t, s), NULL, 0);
}

/* Who goes first: smallest last; hidden ones only when all are hidden. Below 2^33. */
static uint64_t worth(const struct title_state *s)
{
    return (uint64_t)((s->flags & SIGNAL_HIDDEN) != 0) << 32 | s->last_s;
}

static uint32_t count_up_to(const struct title_states *t, uint64_t most)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        n += worth(&t->v[i]) <= most;
    return n;
}

static void drop_at(struct title_states *t, uint32_t i)
{
    title_states_forget_spans(t, &t->v[i]);
    t->n--;
    memmove(t->v + i, t->v + i + 1, (t->n - i) * sizeof(*t->v));
}

const struct title_state *title_states_find(const struct title_states *t, uint32_t title)
{
    uint32_t i = lower_bound(t, title);
    return i < t->n && t->v[i].title == title ? &t->v[i] : NULL;
}

void title_states_remove(struct title_states *t, uint32_t title)
{
    uint32_t i = lower_bound(t, title);
    if (i < t->n && t->v[i].title == title)
        drop_at(t, i);
}

/* Drop `n` of them in one pass, so that a viewer of more titles than are kept costs O(1) a title, not O(titles). Depends
 * on nothing but the events so far, and so a rebuild drops the same. */
static void drop_some(struct title_states *t, uint32_t n)
{
    uint64_t lo = 0,
             hi = (UINT64_C(1) << 33) - 1; /* the smallest worth that n or more do not exceed */
    while (lo < hi) {
        uint64_t mid = lo + (hi - lo) / 2;
        if (count_up_to(t, mid) >= n)
            hi = mid;
        else
            lo = mid + 1;
    }
    uint32_t equals = n - (lo > 0 ? count_up_to(t, lo - 1) : 0), kept = 0, from = 0, to = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        struct title_state s = t->v[i];
        bool goes = worth(&s) < lo || (worth(&s) == lo && equals > 0);
        equals -= goes && worth(&s) == lo;
        if (!goes) {
            if (s.n_spans && to != from)
                memmove(t->spans + to, t->spans + from, s.n_spans * sizeof(*t->spans));
            to += s.n_spans;
            t->v[kept++] = s;
        }
        from += s.n_spans;
    }
    t->n = kept;
    t->n_spans = to;
}

struct title_state *title_states_at(struct title_states *t, uint32_t title, uint32_t max)
{
    uint32_t i = lower_bound(t, title);
    if (i < t->n && t->v[i].title == title)
        return &t->v[i];
    if (t->n >= max) {
        drop_some(t, max / 8 + 1);
        i = lower_bound(t, title);
    }
    if (t->n == t->cap) {
        uint32_t cap = more(t->n) < max ? more(t->n) : max;
        struct title_state *v = cap > 0 ? realloc(t->v, cap * sizeof(*v)) : NULL;
        if (!v)
            return NULL;
        t->v = v;
        t->cap = cap;
    }
    memmove(t->v + i + 1, t->v + i, (t->n - i) * sizeof(*t->v));
    t->n++;
    t->v[i] = (struct title_state){.title = title};
    return &t->v[i];
}

static uint32_t add_ms(uint32_t sum, int64_t ms)
{
    return ms > UINT32_MAX - (int64_t)sum ? UINT32_MAX : sum + (uint32_t)ms;
}

/* Room for one stretch more. */
static int reserve_span(struct title_states *t, struct mq_error *err)
{
    if (t->n_spans < t->cap_spans)
        return 0;
    uint32_t cap = more(t->n_spans);
    struct small_span *v = realloc(t->spans, cap * sizeof(*v));
    if (!v)
        return mq_fail(err, MQ_NO_MEMORY, "profile: %u stretches: free memory and try again", cap);
    t->spans = v;
    t->cap_spans = cap;
    return 0;
}

static int add_span(struct title_states *t, struct title_state *s, int64_t from, int64_t to,
                    struct mq_error *err)
{
    int rc = reserve_span(t, err);
    if (rc)
        return rc;
    struct span wide[TITLE_SPANS_MAX];
    struct small_span small[TITLE_SPANS_MAX];
    uint32_t at = first_span(t, s), n = s->n_spans;
    for (uint32_t i = 0; i < n; i++)
        wide[i] = (struct span){t->spans[at + i].from, t->spans[at + i].to};
    s->content_ms = add_ms(s->content_ms, spans_add(wide, &n, TITLE_SPANS_MAX, from, to));
    for (uint32_t i = 0; i < n; i++)
        small[i] = (struct small_span){(uint32_t)wide[i].from, (uint32_t)wide[i].to};
    put_spans(t, s, at, small, n);
    return 0;
}

/* Never 0: that would say that nothing is known (playback/signal.h). */
static int64_t attended_of(int64_t ms, double chance)
{
    double attended = (double)ms * chance;
    return attended >= 1 ? (int64_t)attended : 1;
}

int title_states_play(struct title_states *t, struct title_state *s, int64_t from, int64_t to,
                      double attended, struct mq_error *err)
{
    assert(s >= t->v && s < t->v + t->n);
    if (to <= from)
        return 0;
    s->played_ms = add_ms(s->played_ms, to - from);
    s->attended_ms = add_ms(s->attended_ms, attended_of(to - from, attended));
    if (s->flags & TITLE_STATE_WHOLE)
        return 0;
    int64_t length = to - from < UINT32_MAX ? to - from : UINT32_MAX;
    int64_t start = (uint32_t)from, end = start + length, wrapped = end - UINT32_MAX;
    int rc = add_span(t, s, start, wrapped > 0 ? UINT32_MAX : end, err);
    return rc == 0 && wrapped > 1 ? add_span(t, s, 0, wrapped - 1, err) : rc;
}
