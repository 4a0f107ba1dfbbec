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

static bool is_shared(const uint32_t *without, uint32_t n, uint32_t title)
{
    for (uint32_t i = 0; i < n; i++) {
        if (without[i] == title)
            return true;
    }
    return false;
}

/* Ranks lie evenly. */
uint32_t triangle_column(const struct triangle_world *w, uint32_t rank)
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
                      const uint32_t *without, uint32_t n_without, float *ret)
{
    const struct likes *l = w->likes;
    for (uint32_t i = 0; i < v->n_titles; i++) {
        if (is_shared(without, n_without, v->titles[i]))
            continue;
        for (uint64_t k = l->column[v->titles[i]]; k < l->column[v->titles[i] + 1]; k++) {
            uint32_t at = triangle_column(w, l->rank[k]);
            if (at != ID_NONE)
                ret[at] += 1;
        }
    }
}

void triangle_lay_out_titles(const struct triangle_world *w, const struct vertex *v,
                             const uint32_t *without, uint32_t n_without, float *ret)
{
    add_likes(w, v, without, n_without, ret);
    for (uint32_t i = 0; i < w->n; i++)
        ret[i] = sqrtf(ret[i]);
}

void triangle_lay_out(const struct triangle_world *w, uint32_t vertex, const uint32_t *without,
                      uint32_t n_without, float *ret)
{
    add_likes(w, &w->vertices->v[vertex], without, n_without, ret);
    for (size_t i = first_wish(w, vertex); i < w->n_wishes && w->wishes[i].vertex == vertex; i++) {
        uint32_t at = triangle_column(w, w->wishes[i].rank);
        if (at != ID_NONE)
            ret[at] += 1;
    }
    for (uint32_t i = 0; i < w->n; i++)
        ret[i] = sqrtf(ret[i]);
}

/* ---------------------------------------------------------------- activity and taste */

static void describe_viewer(const struct triangle_world *w, uint32_t column, float *x)
{
    const struct likes *l = w->likes;
    uint32_t rank = w->rank[column];
    w->stratum[column] = (uint8_t)((uint64_t)rank * TRIANGLES_STRATA / l->n);
    x[w->stratum[column]] = 1;
    if (w->columns == TRIANGLES_STRATA)
        return;
    float all = 2 + (float)(l->row[rank + 1] - l->row[rank]);
    for (uint64_t k = l->row[rank]; k < l->row[rank + 1]; k++) {
        if (l->title[k] >= w->c->n_titles)
            continue;
        for (uint64_t g = w->c->titles[l->title[k]].genres; g; g &= g - 1)
            x[TRIANGLES_STRATA + __builtin_ctzll(g)] += 1 / all;
    }
}

static int describe(struct triangle_world *w, struct mq_error *err)
{
    size_t p = w->columns;
    for (uint32_t i = 0; i < w->n; i++)
        describe_viewer(w, i, w->x + i * p);
    spd_gram(w->x, w->n, p, 1, w->inverse);
    for (size_t i = 0; i < p; i++)
        w->inverse[i * p + i] += 1; /* empty strata, unused genres */
    return spd_inverse(w->inverse, p, 1, err);
}

void triangle_regress(const struct triangle_world *w, const float *y, float *ret)
{
    enum { COLUMNS_MAX = TRIANGLES_STRATA + CATALOGUE_GENRES_MAX };
    size_t p = w->columns;
    float cross[COLUMNS_MAX] = {0};
    for (uint32_t i = 0; i < w->n; i++) {
        const float *x = w->x + i * p;
        if (y[i] > 0)
            cross[w->stratum[i]] += y[i];
        for (size_t k = TRIANGLES_STRATA; y[i] > 0 && k < p; k++)
            cross[k] += y[i] * x[k];
    }
    for (size_t i = 0; i < p; i++) {
        float sum = 0;
        for (size_t k = 0; k < p; k++)
            sum += w->inverse[i * p + k] * cross[k];
        ret[i] = sum;
    }
}

float triangle_fitted(const struct triangle_world *w, uint32_t column, const float *beta)
{
    const float *x = w->x + (size_t)column * w->columns;
    float m = beta[w->stratum[column]];
    for (uint32_t k = TRIANGLES_STRATA; k < w->columns; k++)
        m += x[k] * beta[k];
    return m;
}

struct building {
    struct triangle_world *w;
    float *y;     /* (vertices, n), then what is left of it */
    float *block; /* (BLOCK, vertices) */
    uint32_t from;
    bool squares;
};

static void build_vertices(void *ctx, size_t from, size_t to, size_t worker)
{
    struct building *b = ctx;
    struct triangle_world *w = b->w;
    (void)worker;
    for (size_t v = from; v < to; v++) {
        float *y = b->y + v * w->n;
        float *beta = w->beta + v * w->columns;
        triangle_lay_out(w, (uint32_t)v, NULL, 0, y);
        triangle_regress(w, y, beta);
        for (uint32_t i = 0; i < w->n; i++)
            y[i] -= triangle_fitted(w, i, beta);
    }
}

static void fill_block(void *ctx, size_t from, size_t to, size_t worker)
{
    struct building *b = ctx;
    const struct triangle_world *w = b->w;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        float *row = b->block + i * w->vertices->n;
        for (uint32_t v = 0; v < w->vertices->n; v++) {
            float r = b->y[(size_t)v * w->n + b->from + i];
            row[v] = b->squares ? r * r : r;
        }
    }
}

/* Products over all pairs, viewers in blocks. */
static int multiply(struct building *b, struct pool *pool, float *ret, struct mq_error *err)
{
    struct triangle_world *w = b->w;
    size_t n = w->vertices->n;
    float *part = calloc(n * n + 1, sizeof(*part));
    b->block = calloc((size_t)BLOCK * n + 1, sizeof(*b->block));
    int rc = part && b->block ? 0 : no_memory(err);
    for (b->from = 0; rc == 0 && b->from < w->n; b->from += BLOCK) {
        uint32_t rows = w->n - b->from < BLOCK ? w->n - b->from : BLOCK;
        pool_for(pool, rows, 64, fill_block, b);
        spd_gram(b->block, rows, n, pool_threads(pool), part);
        for (size_t i = 0; i < n * n; i++)
            ret[i] += part[i];
    }
    free(part);
    free(b->block);
    return rc;
}

int triangle_world_make(const struct catalogue *c, const struct vertices *v, const struct likes *l,
                        uint32_t step, uint32_t phase, const struct triangle_wish *wishes,
                        size_t n_wishes, struct pool *pool, struct triangle_world *ret,
                        struct mq_error *err)
{
    struct triangle_world w = {
        .c = c, .vertices = v, .likes = l, .wishes = wishes, .n_wishes = n_wishes, .step = step};
    w.columns = TRIANGLES_STRATA + (v->themes_are_genres ? 0 : c->n_genres);
    size_t p = w.columns;
    size_t nv = v->n;
    w.rank = calloc((size_t)l->n / step + 2, sizeof(*w.rank));
    for (uint32_t r = phase; w.rank && r < l->n; r += step)
        w.rank[w.n++] = r;
    w.x = calloc((size_t)w.n * p + 1, sizeof(*w.x));
    w.stratum = calloc((size_t)w.n + 1, 1);
    w.inverse = calloc(p * p, sizeof(*w.inverse));
    w.beta = calloc(nv * p + 1, sizeof(*w.beta));
    w.product = calloc(nv * nv + 1, sizeof(*w.product));
    w.variance = calloc(nv * nv + 1, sizeof(*w.variance));
    struct building b = {.w = &w, .y = calloc(nv * w.n + 1, sizeof(float))};
    bool ok = w.rank && w.x && w.stratum && w.inverse && w.beta && w.product && w.variance && b.y;
    int rc = ok ? 0 : no_memory(err);
    if (rc == 0 && nv > 0)
        rc = describe(&w, err);
    if (rc == 0 && nv > 0) {
        pool_for(pool, nv, 8, build_vertices, &b);
        rc = multiply(&b, pool, w.product, err);
        b.squares = true;
        if (rc == 0)
            rc = multiply(&b, pool, w.variance, err);
    }
    free(b.y);
    if (rc) {
        triangle_world_release(&w);
        return rc;
    }
    *ret = w;
    return 0;
}

void triangle_world_release(struct triangle_world *w)
{
    free(w->rank);
    free(w->x);
    free(w->stratum);
    free(w->inverse);
    free(w->beta);
    free(w->product);
    free(w->variance);
    *w = (struct triangle_world){0};
}

/* ---------------------------------------------------------------- all three */

/* Whether at all, in place of how much; then how likely. */
static void want(const struct triangle_world *w, const struct triangle *t, int k,
                 const uint32_t *without, uint32_t n_without, float *y, float *beta)
{
    memset(y, 0, w->n * sizeof(*y));
    triangle_lay_out(w, t->v[k], without, n_without, y);
    for (uint32_t i = 0; i < w->n; i++)
        y[i] = y[i] > 0;
    triangle_regress(w, y, beta);
}

int triangle_demand(const struct triangle_world *w, const struct triangle *t,
                    struct triangle_demand *ret, struct mq_error *err)
{
    uint32_t without[TRIANGLES_WITHOUT];
    uint32_t n = triangle_shared(w->vertices, t, without);
    float *y = calloc((size_t)w->n * 3 + 1, sizeof(*y));
    float *beta = calloc(w->columns, sizeof(*beta));
    if (!y || !beta) {
        free(y);
        free(beta);
        return no_memory(err);
    }
    float *all = y + w->n;
    float *chance = all + w->n;
    for (int k = 0; k < VERTEX_KINDS; k++) {
        want(w, t, k, without, n, y, beta);
        for (uint32_t i = 0; i < w->n; i++) {
            float m = fminf(1, fmaxf(0, triangle_fitted(w, i, beta)));
            all[i] = k == 0 ? y[i] : all[i] * y[i];
            chance[i] = k == 0 ? m : chance[i] * m;
        }
    }
    struct triangle_demand d = {0};
    for (uint32_t i = 0; i < w->n; i++) {
        d.viewers += (double)all[i];
        d.expected += (double)chance[i];
    }
    free(y);
    free(beta);
    *ret = d;
    return 0;
}
