/* pairs_roster.c - who is asked about: people in a role, their viewers as bits, and the titles that two of them share. */
#include <math.h>
#include <stdlib.h>

#include "audience/pairs_inside.h"
#include "math/bits.h"

int pairs_no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "pairs: no memory");
}

/* ---------------------------------------------------------------- who */

void pairs_roster_release(struct roster *r)
{
    free(r->v);
    free(r->titles);
    free(r->bits);
    free(r->moments);
    *r = (struct roster){0};
}

static bool has_likes(const struct work *w, uint32_t title)
{
    return title < w->likes.n_titles && w->likes.column[title + 1] > w->likes.column[title];
}

/* The sum of titles' likes is an upper bound of a side's viewers: who can't reach the least is not laid out. */
static bool is_candidate(const struct work *w, uint32_t person, unsigned role, uint32_t *ret_titles)
{
    const struct catalogue *c = w->catalogue;
    const struct person_row *p = &c->people[person];
    uint64_t likes = 0;
    *ret_titles = 0;
    for (uint32_t i = 0; i < p->n_titles; i++) {
        uint32_t t = c->person_titles[p->first_title + i].v;
        if (!(c->person_roles[p->first_title + i] & role) || !has_likes(w, t))
            continue;
        ++*ret_titles;
        likes += w->likes.column[t + 1] - w->likes.column[t];
    }
    return *ret_titles >= PAIRS_TITLES && likes >= w->question->least_viewers;
}

static void lay_out(const struct work *w, const uint32_t *titles, struct side *s)
{
    memset(s->bits, 0, w->words * sizeof(*s->bits));
    memset(s->once, 0, w->words * sizeof(*s->once));
    for (uint32_t i = 0; i < s->n_titles; i++) {
        for (uint64_t k = w->likes.column[titles[i]]; k < w->likes.column[titles[i] + 1]; k++) {
            uint32_t r = w->likes.rank[k];
            uint64_t bit = UINT64_C(1) << r % 64;
            s->once[r / 64] |= s->bits[r / 64] & bit; /* for now: who is there again */
            s->bits[r / 64] |= bit;
        }
    }
    for (size_t i = 0; i < w->words; i++)
        s->once[i] = s->bits[i] & ~s->once[i];
}

uint32_t pairs_moments(const struct work *w, const uint64_t *bits, double *x, double *y)
{
    const struct strata *s = w->strata;
    uint32_t viewers = 0;
    for (uint32_t k = 0; k < s->k; k++) {
        double n = s->first[k + 1] - s->first[k];
        uint32_t count = bits_count(bits, s->first[k], s->first[k + 1]);
        viewers += count;
        x[k] = n > 0 ? count / sqrt(n) : 0;
        y[k] = n > 1 ? count * (n - count) / (n * sqrt(n - 1)) : 0;
    }
    return viewers;
}

static int gather_titles(const struct work *w, unsigned role, struct roster *r)
{
    const struct catalogue *c = w->catalogue;
    uint32_t n = 0;
    uint32_t at = 0;
    for (uint32_t p = 0; p < c->n_people; p++) {
        const struct person_row *row = &c->people[p];
        if (!is_candidate(w, p, role, &n))
            continue;
        r->v[r->n] = (struct side){.person = p, .n_titles = n, .first = at};
        for (uint32_t i = 0; i < row->n_titles; i++) {
            uint32_t t = c->person_titles[row->first_title + i].v;
            if ((c->person_roles[row->first_title + i] & role) && has_likes(w, t))
                r->titles[at++] = t;
        }
        r->n++;
    }
    return 0;
}

int pairs_roster_init(struct work *w, enum role which, struct roster *r)
{
    const struct catalogue *c = w->catalogue;
    uint32_t people = 0;
    uint64_t titles = 0;
    uint32_t n;
    for (uint32_t p = 0; p < c->n_people; p++) {
        if (!is_candidate(w, p, 1U << which, &n))
            continue;
        people++;
        titles += n;
    }
    size_t bytes = people * 2 * w->words * sizeof(uint64_t);
    if (bytes > PAIRS_BYTES_MAX)
        return mq_fail(w->err, MQ_TOO_LARGE,
                       "pairs: %u people's sets of viewers take %zu MiB: raise the floor", people,
                       bytes >> 20);
    r->v = calloc((size_t)people + 1, sizeof(*r->v));
    r->titles = calloc(titles + 1, sizeof(*r->titles));
    r->bits = calloc(people * 2 * w->words + 1, sizeof(*r->bits));
    r->moments = calloc((size_t)people * 2 * w->strata->k + 1, sizeof(*r->moments));
    if (!r->v || !r->titles || !r->bits || !r->moments)
        return pairs_no_memory(w->err);
    return gather_titles(w, 1U << which, r);
}

struct filling {
    struct work *work;
    struct roster *roster;
};

static void fill_sides(void *ctx, size_t from, size_t to, size_t worker)
{
    struct filling *f = ctx;
    const struct work *w = f->work;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        struct side *s = &f->roster->v[i];
        s->bits = f->roster->bits + i * 2 * w->words;
        s->once = s->bits + w->words;
        s->x = f->roster->moments + i * 2 * w->strata->k;
        s->y = s->x + w->strata->k;
        lay_out(w, f->roster->titles + s->first, s);
        s->viewers = pairs_moments(w, s->bits, s->x, s->y);
    }
}

/* Those below the floor go, once, by the likes as they are: a shuffled world asks about the same people. */
void pairs_keep_large(struct work *w, struct roster *r)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        if (r->v[i].viewers >= w->question->least_viewers)
            r->v[n++] = r->v[i];
    }
    r->n = n;
}

void pairs_lay_out_all(struct work *w, struct roster *r)
{
    struct filling f = {w, r};
    pool_for(w->pool, r->n, 16, fill_sides, &f);
}

/* ---------------------------------------------------------------- titles of both */

static int by_pair(const void *x, const void *y)
{
    const struct shared_pair *p = x;
    const struct shared_pair *q = y;
    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return (p->title > q->title) - (p->title < q->title);
}

static bool add_shared(struct work *w, size_t *cap, struct shared_pair pair)
{
    if (w->n_shared == *cap) {
        size_t next = *cap ? *cap * 2 : 4096;
        struct shared_pair *p = realloc(w->shared, next * sizeof(*p));
        if (!p)
            return false;
        w->shared = p;
        *cap = next;
    }
    w->shared[w->n_shared++] = pair;
    return true;
}

/* Whom of the roster a title has: lists of (title, side) made by counting. */
static int sides_by_title(const struct work *w, const struct roster *r, uint32_t **ret_start,
                          uint32_t **ret_side)
{
    uint32_t n_titles = w->likes.n_titles;
    uint32_t *start = calloc((size_t)n_titles + 2, sizeof(*start));
    uint64_t total = 0;
    for (uint32_t i = 0; i < r->n; i++)
        total += r->v[i].n_titles;
    uint32_t *side = calloc(total + 1, sizeof(*side));
    if (!start || !side) {
        free(start);
        free(side);
        return MQ_NO_MEMORY;
    }
    for (uint32_t i = 0; i < r->n; i++)
        for (uint32_t k = 0; k < r->v[i].n_titles; k++)
            start[r->titles[r->v[i].first + k] + 2]++;
    for (uint32_t t = 0; t < n_titles; t++)
        start[t + 2] += start[t + 1];
    for (uint32_t i = 0; i < r->n; i++)
        for (uint32_t k = 0; k < r->v[i].n_titles; k++)
            side[start[r->titles[r->v[i].first + k] + 1]++] = i;
    *ret_start = start;
    *ret_side = side;
    return 0;
}

int pairs_find_shared(struct work *w)
{
    uint32_t *start_a = NULL;
    uint32_t *start_b = NULL;
    uint32_t *a = NULL;
    uint32_t *b = NULL;
    size_t cap = 0;
    bool ok =
        sides_by_title(w, &w->a, &start_a, &a) == 0 && sides_by_title(w, &w->b, &start_b, &b) == 0;
    for (uint32_t t = 0; ok && t < w->likes.n_titles; t++) {
        for (uint32_t i = start_a[t]; ok && i < start_a[t + 1]; i++)
            for (uint32_t k = start_b[t]; ok && k < start_b[t + 1]; k++)
                ok = add_shared(w, &cap, (struct shared_pair){a[i], b[k], t});
    }
    free(start_a);
    free(start_b);
    free(a);
    free(b);
    if (!ok)
        return pairs_no_memory(w->err);
    if (w->n_shared > 0)
        qsort(w->shared, w->n_shared, sizeof(*w->shared), by_pair);
    return 0;
}

/* The first shared entry at or after (a, b). */
size_t pairs_shared_at(const struct work *w, uint32_t a, uint32_t b)
{
    size_t low = 0;
    size_t high = w->n_shared;
    struct shared_pair wanted = {a, b, 0};
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (by_pair(&w->shared[mid], &wanted) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* A side's set without the titles at [from, to) of the shared ones. Returns how many titles are left. */
uint32_t pairs_lay_out_rest(const struct work *w, const struct roster *r, const struct side *s,
                            size_t from, size_t to, uint64_t *bits)
{
    uint32_t left = 0;
    if (to - from == 1) { /* mostly */
        uint32_t t = w->shared[from].title;
        memcpy(bits, s->bits, w->words * sizeof(*bits));
        for (uint64_t k = w->likes.column[t]; k < w->likes.column[t + 1]; k++) {
            uint32_t rank = w->likes.rank[k];
            bits[rank / 64] &= ~(s->once[rank / 64] & UINT64_C(1) << rank % 64);
        }
        return s->n_titles - 1;
    }
    memset(bits, 0, w->words * sizeof(*bits));
    for (uint32_t i = 0; i < s->n_titles; i++) {
        uint32_t t = r->titles[s->first + i];
        bool out = false;
        for (size_t k = from; k < to && !out; k++)
            out = w->shared[k].title == t;
        if (out)
            continue;
        left++;
        for (uint64_t k = w->likes.column[t]; k < w->likes.column[t + 1]; k++)
            bits_set(bits, w->likes.rank[k]);
    }
    return left;
}
