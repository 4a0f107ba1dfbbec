#include "strategy/triangles.h"

#include <math.h>
#include <stdlib.h>

#include "math/spd.h"
#include "strategy/triangles_inside.h"

enum { BLOCK = 2048 };

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
}

/* ---------------------------------------------------------------- who wants what */

bool title_is_among(const uint32_t *without, uint32_t n, uint32_t title)
{
    for (uint32_t i = 0; i < n; i++) {
        if (without[i] == title)
            return true;
    }
    return false;
}

/* Ranks lie evenly. */
static uint32_t triangle_column(const struct triangle_world *w, uint32_t rank)
{
    uint32_t from = w->n > 0 ? w->rank[0] : rank + 1;
    if (rank < from)
        return ID_NONE;
    uint32_t at = rank - from;
    if (w->step > 1) {
        if (at % w->step != 0)
            return ID_NONE;
        at /= w->step;
    }
    return at < w->n ? at : ID_NONE;
}

static size_t first_wish(const struct triangle_world *w, uint32_t vertex)
{
    size_t low = 0;
    size_t high = w->n_wishes;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (w->wishes[middle].vertex < vertex)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_likes(const struct triangle_world *w, const struct vertex *v,
                      const uint32_t *without, uint32_t n_without, float *ret, float *own)
{
    const struct likes *l = w->likes;
    size_t p = w->columns - TRIANGLES_TASTE;
    memset(ret, 0, w->n * sizeof(*ret));
    if (p > 0)
        memset(own, 0, w->n * (p + 1) * sizeof(*own));
    for (uint32_t i = 0; i < v->n_titles; i++) {
        if (title_is_among(without, n_without, v->titles[i]))
            continue;
        uint64_t genres = w->c->titles[v->titles[i]].genres;
        for (uint64_t k = l->column[v->titles[i]]; k < l->column[v->titles[i] + 1]; k++) {
            uint32_t at = triangle_column(w, l->rank[k]);
            if (at == ID_NONE)
                continue;
            ret[at] += 1;
            if (p == 0)
                continue;
            float *o = own + at * (p + 1);
            o[p] += 1;
            for (uint64_t g = genres; g; g &= g - 1)
                o[__builtin_ctzll(g)] += 1;
        }
    }
}

void triangle_lay_out_titles(const struct triangle_world *w, const struct vertex *v,
                             const uint32_t *without, uint32_t n_without, float *ret, float *own)
{
    add_likes(w, v, without, n_without, ret, own);
    for (uint32_t i = 0; i < w->n; i++)
        ret[i] = sqrtf(ret[i]);
}

void triangle_lay_out(const struct triangle_world *w, uint32_t vertex, const uint32_t *without,
                      uint32_t n_without, float *ret, float *own)
{
    add_likes(w, &w->vertices->v[vertex], without, n_without, ret, own);
    for (size_t i = first_wish(w, vertex); i < w->n_wishes && w->wishes[i].vertex == vertex; i++) {
        uint32_t at = triangle_column(w, w->wishes[i].rank);
        if (at != ID_NONE)
            ret[at] += 1;
    }
    for (uint32_t i = 0; i < w->n; i++)
        ret[i] = sqrtf(ret[i]);
}

/* ---------------------------------------------------------------- all edges */

enum built { RESIDUALS, SQUARES, LACKS };

struct building {
    struct triangle_world *w;
    float *y, *lack;          /* (vertices, n): what is left of each, and what it lacks */
    float *own;               /* (threads, n, genres + 1) */
    struct leaning *leanings; /* (vertices) */
    float *block;             /* (BLOCK, vertices) */
    uint32_t from;
    enum built what;
};

static size_t own_size(const struct triangle_world *w)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    return p > 0 ? (size_t)w->n * (p + 1) : 0;
}

static void build_vertices(void *ctx, size_t from, size_t to, size_t worker)
{
    struct building *b = ctx;
    struct triangle_world *w = b->w;
    float *own = b->own + worker * own_size(w);
    float beta[TRIANGLES_TASTE + CATALOGUE_GENRES_MAX + 1];
    for (size_t v = from; v < to; v++) {
        float *y = b->y + v * w->n;
        triangle_lay_out(w, (uint32_t)v, NULL, 0, y, own);
        triangle_rest(w, &w->vertices->v[v], NULL, 0, own, beta, y, b->lack + v * w->n,
                      &b->leanings[v]);
    }
}

static void fill_block(void *ctx, size_t from, size_t to, size_t worker)
{
    struct building *b = ctx;
    const struct triangle_world *w = b->w;
    const float *of = b->what == LACKS ? b->lack : b->y;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        float *row = b->block + i * w->vertices->n;
        for (uint32_t v = 0; v < w->vertices->n; v++) {
            float r = of[(size_t)v * w->n + b->from + i];
            row[v] = b->what == SQUARES ? r * r : r;
        }
    }
}

/* Products over all pairs, viewers in blocks; added to ret. */
static int multiply(struct building *b, struct pool *pool, float *ret, struct mq_error *err)
{
    struct triangle_world *w = b->w;
    size_t n = w->vertices->n;
    float *part = calloc(n * n + 1, sizeof(*part));
    int rc = part ? 0 : no_memory(err);
    for (b->from = 0; rc == 0 && b->from < w->n; b->from += BLOCK) {
        uint32_t rows = w->n - b->from < BLOCK ? w->n - b->from : BLOCK;
        pool_for(pool, rows, 64, fill_block, b);
        spd_gram(b->block, rows, n, pool_threads(pool), part);
        for (size_t i = 0; i < n * n; i++)
            ret[i] += b->what == LACKS && i / n == i % n ? 0 : part[i];
    }
    free(part);
    return rc;
}

static int multiply_all(struct building *b, struct pool *pool, struct mq_error *err)
{
    struct triangle_world *w = b->w;
    size_t n = w->vertices->n;
    pool_for(pool, n, 8, build_vertices, b);
    int rc = multiply(b, pool, w->product, err);
    b->what = SQUARES;
    if (rc == 0)
        rc = multiply(b, pool, w->variance, err);
    b->what = LACKS;
    if (rc == 0)
        rc = multiply(b, pool, w->product, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        for (size_t k = 0; k < n; k++)
            w->product[i * n + k] -=
                i == k ? 0 : triangle_lean(w, &b->leanings[i], &b->leanings[k]);
    }
    return rc;
}

int triangle_world_make(const struct catalogue *c, const struct vertices *v, const struct likes *l,
                        uint32_t step, uint32_t phase, const struct triangle_wish *wishes,
                        size_t n_wishes, struct pool *pool, struct triangle_world *ret,
                        struct mq_error *err)
{
    struct triangle_world w = {
        .c = c, .vertices = v, .likes = l, .wishes = wishes, .n_wishes = n_wishes, .step = step};
    w.columns = TRIANGLES_TASTE + (v->themes_are_genres ? 0 : c->n_genres);
    size_t nv = v->n;
    w.rank = calloc((size_t)l->n / step + 2, sizeof(*w.rank));
    for (uint32_t r = phase; w.rank && r < l->n; r += step)
        w.rank[w.n++] = r;
    w.product = calloc(nv * nv + 1, sizeof(*w.product));
    w.variance = calloc(nv * nv + 1, sizeof(*w.variance));
    struct building b = {.w = &w,
                         .y = calloc(nv * w.n + 1, sizeof(float)),
                         .lack = calloc(nv * w.n + 1, sizeof(float)),
                         .own = calloc(own_size(&w) * pool_threads(pool) + 1, sizeof(float)),
                         .leanings = calloc(nv + 1, sizeof(*b.leanings)),
                         .block = calloc((size_t)BLOCK * nv + 1, sizeof(float))};
    bool ok = w.rank && w.product && w.variance && b.y && b.lack && b.own && b.leanings && b.block;
    int rc = ok ? triangle_describe(&w, NULL, err) : no_memory(err);
    if (rc == 0 && nv > 0)
        rc = multiply_all(&b, pool, err);
    free(b.y);
    free(b.lack);
    free(b.own);
    free(b.leanings);
    free(b.block);
    if (rc) {
        triangle_world_release(&w);
        return rc;
    }
    *ret = w;
    return 0;
}

int triangle_world_without(const struct triangle_world *w, const uint64_t *without,
                           struct triangle_world *ret, struct mq_error *err)
{
    struct triangle_world o = {.c = w->c,
                               .vertices = w->vertices,
                               .likes = w->likes,
                               .n = w->n,
                               .columns = w->columns,
                               .step = w->step,
                               .wishes = w->wishes,
                               .n_wishes = w->n_wishes};
    o.rank = calloc((size_t)w->n + 1, sizeof(*o.rank));
    int rc = o.rank ? 0 : no_memory(err);
    if (rc == 0) {
        memcpy(o.rank, w->rank, w->n * sizeof(*o.rank));
        rc = triangle_describe(&o, without, err);
    }
    if (rc) {
        triangle_world_release(&o);
        return rc;
    }
    *ret = o;
    return 0;
}

void triangle_world_release(struct triangle_world *w)
{
    triangle_describe_release(w);
    free(w->rank);
    free(w->product);
    free(w->variance);
    *w = (struct triangle_world){0};
}

/* ---------------------------------------------------------------- all three */

/* Whether at all, in place of how much; then how likely. */
static void want(const struct triangle_world *w, const struct triangle *t, int k,
                 const uint32_t *without, uint32_t n_without, const struct edge_scratch *s)
{
    triangle_lay_out(w, t->v[k], without, n_without, s->y, s->own);
    for (uint32_t i = 0; i < w->n; i++)
        s->y[i] = s->y[i] > 0;
    triangle_regress(w, s->y, s->own, s->beta);
}

int triangle_demand(const struct triangle_world *w, const struct triangle *t,
                    struct triangle_demand *ret, struct mq_error *err)
{
    uint32_t without[TRIANGLES_WITHOUT];
    uint32_t n = triangle_shared(w->vertices, t, without);
    struct edge_scratch s;
    int rc = edge_scratch_init(w, &s, err);
    if (rc) {
        edge_scratch_release(&s);
        return rc;
    }
    float *all = s.y + w->n;
    float *chance = all + w->n;
    for (int k = 0; k < VERTEX_KINDS; k++) {
        want(w, t, k, without, n, &s);
        for (uint32_t i = 0; i < w->n; i++) {
            float m = fminf(1, fmaxf(0, triangle_fitted(w, i, s.own, s.beta)));
            all[i] = k == 0 ? s.y[i] : all[i] * s.y[i];
            chance[i] = k == 0 ? m : chance[i] * m;
        }
    }
    struct triangle_demand d = {0};
    for (uint32_t i = 0; i < w->n; i++) {
        d.viewers += (double)all[i];
        d.expected += (double)chance[i];
    }
    edge_scratch_release(&s);
    *ret = d;
    return 0;
}
