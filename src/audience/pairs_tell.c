/* pairs_tell.c - the pairs that pass, in figures. */
#include <math.h>
#include <stdlib.h>

#include "audience/pairs_inside.h"
#include "math/bits.h"

/* ---------------------------------------------------------------- telling */

struct ranked {
    double low;
    size_t at; /* in found */
};

static int by_low(const void *x, const void *y)
{
    const struct ranked *a = x;
    const struct ranked *b = y;
    if (a->low != b->low)
        return a->low > b->low ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

static void tables_of(const struct work *w, const struct found *f, uint64_t *x, uint64_t *y,
                      struct stratum *tables, struct mq_pair *ret)
{
    size_t from = pairs_shared_at(w, f->a, f->b);
    size_t to = from;
    while (to < w->n_shared && w->shared[to].a == f->a && w->shared[to].b == f->b)
        to++;
    ret->n_shared = to - from;
    ret->titles_a = pairs_lay_out_rest(w, &w->a, &w->a.v[f->a], from, to, x);
    ret->titles_b = pairs_lay_out_rest(w, &w->b, &w->b.v[f->b], from, to, y);
    strata_tables(w->strata, x, y, NULL, tables);
}

/* Share of the person's other pairs that go together less. */
static double standing(const struct work *w, const struct found *f)
{
    const float *row = w->ratio + (size_t)f->a * w->b.n;
    uint32_t below = 0;
    uint32_t others = 0;
    for (uint32_t b = 0; b < w->b.n; b++) {
        if (b == f->b || isnan(row[b]))
            continue;
        others++;
        below += row[b] < row[f->b];
    }
    return others > 0 ? (double)below / others : NAN;
}

static void without_each(const struct work *w, const struct found *f, size_t which, uint64_t *x,
                         uint64_t *y, struct stratum *tables, struct mq_pair *ret)
{
    const struct roster *r = which == 0 ? &w->a : &w->b;
    const struct side *s = which == 0 ? &w->a.v[f->a] : &w->b.v[f->b];
    size_t from = pairs_shared_at(w, f->a, f->b);
    size_t to = from;
    while (to < w->n_shared && w->shared[to].a == f->a && w->shared[to].b == f->b)
        to++;
    for (uint32_t i = 0; i < s->n_titles; i++) {
        uint32_t out = r->titles[s->first + i];
        struct association got;
        bool shared = false;
        for (size_t k = from; k < to; k++)
            shared = shared || w->shared[k].title == out;
        if (shared)
            continue;
        uint64_t *bits = which == 0 ? x : y;
        memset(bits, 0, w->words * sizeof(*bits));
        for (uint32_t k = 0; k < s->n_titles; k++) {
            uint32_t t = r->titles[s->first + k];
            bool skip = t == out;
            for (size_t m = from; m < to && !skip; m++)
                skip = w->shared[m].title == t;
            for (uint64_t m = w->likes.column[t]; !skip && m < w->likes.column[t + 1]; m++)
                bits_set(bits, w->likes.rank[m]);
        }
        strata_tables(w->strata, x, y, NULL, tables);
        associate(tables, w->strata->k, &got);
        if (isnan(got.odds_ratio) || got.odds_ratio >= ret->without_one)
            continue;
        ret->without_one = got.odds_ratio;
        ret->without_title = w->catalogue->titles[out].id.p;
        ret->without_name = w->catalogue->titles[out].name.p;
    }
}

static void tell(const struct work *w, const struct found *f, double q, uint64_t *bits,
                 struct stratum *tables, struct mq_pair *ret)
{
    uint64_t *x = bits;
    uint64_t *y = bits + w->words;
    struct association t;
    tables_of(w, f, x, y, tables, ret);
    associate(tables, w->strata->k, &t);
    ret->a = w->catalogue->people[w->a.v[f->a].person].name.p;
    ret->b = w->catalogue->people[w->b.v[f->b].person].name.p;
    ret->figures = (struct mq_affinity){
        .viewers = (double)t.n,
        .a = (double)t.a,
        .b = (double)t.b,
        .both = (double)t.both,
        .lift = t.lift,
        .odds_ratio = t.odds_ratio,
        .odds_ratio_low = t.low,
        .odds_ratio_high = t.high,
        .g2 = t.g2,
        .z = t.z,
        .p = t.p,
        .expected = t.expected,
        .share = (double)t.both / (double)t.a,
        .comparable = t.comparable,
    };
    ret->q = q;
    ret->standing = standing(w, f);
    ret->without_one = INFINITY;
    without_each(w, f, 0, x, y, tables, ret);
    tables_of(w, f, x, y, tables, ret);
    without_each(w, f, 1, x, y, tables, ret);
    if (isinf(ret->without_one))
        ret->without_one = NAN;
}

static bool is_small(const struct association *t, unsigned k)
{
    return t->both < k || t->a - t->both < k || t->b - t->both < k ||
           t->n - t->a - t->b + t->both < k;
}

/* The passing ones that may be told of, in order of the lower end of their interval. Returns how many. */
static size_t rank_passed(const struct work *w, uint64_t passed, uint64_t *bits,
                          struct stratum *tables, struct ranked *order)
{
    size_t n = 0;
    for (uint64_t i = 0; i < passed; i++) {
        struct mq_pair unused = {0};
        struct association t;
        tables_of(w, &w->found[i], bits, bits + w->words, tables, &unused);
        associate(tables, w->strata->k, &t);
        if (!is_small(&t, w->question->floor))
            order[n++] = (struct ranked){isnan(t.low) ? 0 : t.low, i};
    }
    if (n > 0)
        qsort(order, n, sizeof(*order), by_low);
    return n;
}

int pairs_list(struct work *w, uint64_t passed, const double *q, struct arena *arena,
               struct mq_pairs *ret)
{
    struct ranked *order = calloc(passed + 1, sizeof(*order));
    struct stratum *tables = calloc(w->strata->k, sizeof(*tables));
    uint64_t *bits = calloc(2 * w->words + 1, sizeof(*bits));
    struct mq_pair *list = ARENA_ARRAY(arena, w->question->listed + 1, struct mq_pair);
    bool ok = order && tables && bits && list;
    size_t n = 0;
    if (ok) {
        n = rank_passed(w, passed, bits, tables, order);
        ret->withheld = (size_t)passed - n;
        n = n < w->question->listed ? n : w->question->listed;
        for (size_t i = 0; i < n; i++)
            tell(w, &w->found[order[i].at], q[order[i].at], bits, tables, &list[i]);
    }
    free(order);
    free(tables);
    free(bits);
    ret->pairs = list;
    ret->n = n;
    return ok ? 0 : pairs_no_memory(w->err);
}
