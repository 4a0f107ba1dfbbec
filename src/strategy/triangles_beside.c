/* triangles_beside.c - is an edge there for another's sake? */
#include <math.h>
#include <stdlib.h>

#include "math/bits.h"
#include "strategy/triangles_inside.h"

/* One edge, and another vertex that may be why it is there. */
struct beside {
    const struct triangle_world *w;
    uint32_t a, b, corner; /* of the triangle: the edge's two, and the third */
    float edge;
    bool
        whole; /* as long as VERTEX_TITLES stay, all that the other has of a side is left out of it */
    uint32_t shared[TRIANGLES_WITHOUT], n_shared;
    struct edge_scratch s;
    float *other; /* (n) */
};

/* Whether the m titles that another vertex has of this one may be left out of it. */
static bool may_leave_out(const struct beside *e, const struct vertex *side, uint32_t m)
{
    if (m > TRIANGLES_WITHOUT)
        return false;
    return e->whole ? m + VERTEX_TITLES <= side->n_titles : m <= TRIANGLES_SHARED * side->n_titles;
}

/* What c has of a and of b is left out of them; of a side of which c has too much nothing is. */
static uint32_t leave_out(const struct beside *e, const struct vertex *c, uint32_t *list)
{
    const struct vertices *v = e->w->vertices;
    uint32_t part[TRIANGLES_WITHOUT];
    const uint32_t side[2] = {e->a, e->b};
    uint32_t n = e->n_shared;
    memcpy(list, e->shared, n * sizeof(*list));
    for (int k = 0; k < 2; k++) {
        uint32_t m = titles_shared(&v->v[side[k]], c, part);
        if (may_leave_out(e, &v->v[side[k]], m))
            n = titles_add_new(list, n, part, m);
    }
    return n;
}

/* Titles that c has in common with the corners: what it is like beside them is asked. */
static uint32_t of_corners(const struct beside *e, const struct vertex *c, uint32_t *list)
{
    uint32_t part[TRIANGLES_WITHOUT];
    const uint32_t side[3] = {e->a, e->b, e->corner};
    uint32_t n = 0;
    for (int k = 0; k < 3; k++) {
        uint32_t m = titles_shared(&e->w->vertices->v[side[k]], c, part);
        n = titles_add_new(list, n, part, m < TRIANGLES_WITHOUT ? m : TRIANGLES_WITHOUT);
    }
    return n;
}

static double dot(const float *a, const float *b, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* The edge given c, c having titles of corners. */
static float edge_given(struct beside *e, const struct vertex *c, const uint32_t *common,
                        uint32_t n_common)
{
    const struct triangle_world *w = e->w;
    uint32_t list[TRIANGLES_WITHOUT];
    uint32_t n = leave_out(e, c, list);
    float *x = e->s.y;
    float *y = e->s.y + w->n;
    float *lack_x = y + w->n;
    float *lack_y = lack_x + w->n;
    struct leaning lean_x;
    struct leaning lean_y;
    edge_residuals(w, e->a, list, n, &e->s, x, lack_x, &lean_x);
    edge_residuals(w, e->b, list, n, &e->s, y, lack_y, &lean_y);
    double sum = -(double)triangle_lean(w, &lean_x, &lean_y);
    double squares = 0;
    triangle_lay_out_titles(w, c, common, n_common, e->other, e->s.own);
    triangle_regress(w, e->other, e->s.own, e->s.beta);
    for (uint32_t i = 0; i < w->n; i++)
        e->other[i] -= triangle_fitted(w, i, e->s.own, e->s.beta);
    double cc = dot(e->other, e->other, w->n);
    float p = cc > 0 ? (float)(dot(x, e->other, w->n) / cc) : 0;
    float q = cc > 0 ? (float)(dot(y, e->other, w->n) / cc) : 0;
    for (uint32_t i = 0; i < w->n; i++) {
        double v = (double)(x[i] - p * e->other[i]) * (double)(y[i] - q * e->other[i]);
        sum += v + (double)(lack_x[i] * lack_y[i]);
        squares += v * v;
    }
    return squares > 0 ? (float)(sum / sqrt(squares)) : 0;
}

static float beside_one(struct beside *e, uint32_t c)
{
    const struct triangle_world *w = e->w;
    size_t n = w->vertices->n;
    uint32_t common[TRIANGLES_WITHOUT];
    uint32_t n_common = of_corners(e, &w->vertices->v[c], common);
    if (n_common > 0)
        return edge_given(e, &w->vertices->v[c], common, n_common);
    float cc = w->product[(size_t)c * n + c];
    float variance = w->variance[(size_t)e->a * n + e->b];
    if (cc <= 0 || variance <= 0)
        return e->edge;
    return e->edge - w->product[(size_t)e->a * n + c] * w->product[(size_t)e->b * n + c] / cc /
                         sqrtf(variance);
}

static int beside_init(const struct triangle_world *w, struct beside *e, struct mq_error *err)
{
    *e = (struct beside){.w = w, .other = calloc((size_t)w->n + 1, sizeof(float))};
    int rc = edge_scratch_init(w, &e->s, err);
    return rc || e->other ? rc : mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
}

static void beside_release(struct beside *e)
{
    edge_scratch_release(&e->s);
    free(e->other);
}

/* The k-th edge, as they are numbered. */
static void take_edge(struct beside *e, const struct triangle *t, int k)
{
    e->a = t->v[k < 2 ? 0 : 1];
    e->b = t->v[k < 1 ? 1 : 2];
    e->corner = t->v[2 - k];
    e->edge = t->edge[k];
    e->n_shared = pair_shared(e->w->vertices, e->a, e->b, e->shared);
}

int triangle_beside(const struct triangle_world *w, const struct triangle *t, float enough,
                    float *ret, struct mq_error *err)
{
    struct beside e;
    float lowest = t->weakest;
    int rc = beside_init(w, &e, err);
    for (int k = 0; rc == 0 && k < VERTEX_KINDS; k++) {
        take_edge(&e, t, k);
        for (uint32_t c = 0; c < w->vertices->n && lowest >= enough; c++) {
            if (c == e.a || c == e.b || c == e.corner || w->vertices->v[c].n_titles < 2)
                continue;
            lowest = fminf(lowest, beside_one(&e, c));
        }
    }
    beside_release(&e);
    if (rc == 0)
        *ret = lowest;
    return rc;
}

/* Titles of a triangle's corners that are none of the other's, as one vertex. `titles`: room for all of them. */
static void join_corners(const struct vertices *v, const struct triangle *t,
                         const struct triangle *other, uint32_t *titles, struct vertex *ret)
{
    *ret = (struct vertex){.titles = titles};
    for (uint32_t title = 0; title < UINT32_MAX;) {
        uint32_t next = UINT32_MAX;
        for (int k = 0; k < VERTEX_KINDS; k++) {
            const struct vertex *c = &v->v[other->v[k]];
            bool same = other->v[k] == t->v[0] || other->v[k] == t->v[1] || other->v[k] == t->v[2];
            for (uint32_t i = 0; !same && i < c->n_titles; i++) {
                if (c->titles[i] >= title && c->titles[i] < next)
                    next = c->titles[i];
            }
        }
        if (next == UINT32_MAX)
            return;
        titles[ret->n_titles++] = next;
        title = next + 1;
    }
}

/* Bits of the titles of c that can be left out of every corner that has them. */
static void mark_left_out(const struct beside *e, const struct triangle *t, const struct vertex *c,
                          uint64_t *bits)
{
    for (uint32_t i = 0; i < c->n_titles; i++)
        bits_set(bits, c->titles[i]);
    for (int k = 0; k < VERTEX_KINDS; k++) {
        const struct vertex *side = &e->w->vertices->v[t->v[k]];
        uint32_t part[TRIANGLES_WITHOUT];
        if (may_leave_out(e, side, titles_shared(side, c, part)))
            continue;
        for (uint32_t i = 0; i < side->n_titles; i++)
            bits_clear(bits, side->titles[i]);
    }
}

/* In a world without what the other triangle's corners have of activity and taste. */
static int lowest_given(struct beside *e, const struct triangle *t, const struct vertex *joined,
                        float enough, float *ret, struct mq_error *err)
{
    const struct triangle_world *w = e->w;
    struct triangle_world without;
    float lowest = t->weakest;
    uint64_t *bits = calloc(bits_words(w->likes->n_titles) + 1, sizeof(*bits));
    if (!bits)
        return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
    mark_left_out(e, t, joined, bits);
    int rc = triangle_world_without(w, bits, &without, err);
    free(bits);
    if (rc)
        return rc;
    e->w = &without;
    for (int k = 0; k < VERTEX_KINDS && lowest > enough; k++) {
        uint32_t common[TRIANGLES_WITHOUT];
        take_edge(e, t, k);
        uint32_t n = of_corners(e, joined, common);
        lowest = fminf(lowest, edge_given(e, joined, common, n));
    }
    e->w = w;
    triangle_world_release(&without);
    *ret = lowest;
    return 0;
}

int triangle_given(const struct triangle_world *w, const struct triangle *t,
                   const struct triangle *other, float enough, float *ret, struct mq_error *err)
{
    struct beside e;
    struct vertex joined;
    size_t most = 1;
    for (int k = 0; k < VERTEX_KINDS; k++)
        most += w->vertices->v[other->v[k]].n_titles;
    int rc = beside_init(w, &e, err);
    uint32_t *titles = calloc(most, sizeof(*titles));
    if (rc == 0 && !titles)
        rc = mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
    if (rc == 0) {
        e.whole = true;
        join_corners(w->vertices, t, other, titles, &joined);
        rc = lowest_given(&e, t, &joined, enough, ret, err);
    }
    free(titles);
    beside_release(&e);
    return rc;
}
