/* triangles_beside.c - is an edge there for another's sake? */
#include <math.h>
#include <stdlib.h>

#include "strategy/triangles_inside.h"

/* One edge, and another vertex that may be why it is there. */
struct beside {
    const struct triangle_world *w;
    uint32_t a, b, corner; /* of the triangle: the edge's two, and the third */
    float edge;
    uint32_t shared[TRIANGLES_WITHOUT], n_shared;
    struct edge_scratch s;
    float *other; /* (n) */
};

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
        if (m <= TRIANGLES_WITHOUT && m <= TRIANGLES_SHARED * v->v[side[k]].n_titles)
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
    double sum = 0;
    double squares = 0;
    edge_residuals(w, e->a, list, n, x, e->s.beta);
    edge_residuals(w, e->b, list, n, y, e->s.beta);
    memset(e->other, 0, w->n * sizeof(*e->other));
    triangle_lay_out_titles(w, c, common, n_common, e->other);
    triangle_regress(w, e->other, e->s.beta);
    for (uint32_t i = 0; i < w->n; i++)
        e->other[i] -= triangle_fitted(w, i, e->s.beta);
    double cc = dot(e->other, e->other, w->n);
    float p = cc > 0 ? (float)(dot(x, e->other, w->n) / cc) : 0;
    float q = cc > 0 ? (float)(dot(y, e->other, w->n) / cc) : 0;
    for (uint32_t i = 0; i < w->n; i++) {
        double v = (double)(x[i] - p * e->other[i]) * (double)(y[i] - q * e->other[i]);
        sum += v;
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

int triangle_beside(const struct triangle_world *w, const struct triangle *t, float *ret,
                    uint32_t *ret_vertex, struct mq_error *err)
{
    struct beside e;
    float lowest = t->weakest;
    uint32_t which = ID_NONE;
    int rc = beside_init(w, &e, err);
    for (int k = 0; rc == 0 && k < VERTEX_KINDS; k++) {
        take_edge(&e, t, k);
        for (uint32_t c = 0; c < w->vertices->n; c++) {
            if (c == e.a || c == e.b || c == e.corner || w->vertices->v[c].n_titles < 2)
                continue;
            float z = beside_one(&e, c);
            if (z < lowest) {
                lowest = z;
                which = c;
            }
        }
    }
    beside_release(&e);
    if (rc == 0) {
        *ret = lowest;
        *ret_vertex = which;
    }
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

int triangle_given(const struct triangle_world *w, const struct triangle *t,
                   const struct triangle *other, float *ret, struct mq_error *err)
{
    const struct vertices *v = w->vertices;
    struct beside e;
    struct vertex joined;
    float lowest = t->weakest;
    size_t most = 1;
    for (int k = 0; k < VERTEX_KINDS; k++)
        most += v->v[other->v[k]].n_titles;
    int rc = beside_init(w, &e, err);
    uint32_t *titles = calloc(most, sizeof(*titles));
    if (rc == 0 && !titles)
        rc = mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
    if (rc == 0)
        join_corners(v, t, other, titles, &joined);
    for (int k = 0; rc == 0 && k < VERTEX_KINDS; k++) {
        uint32_t common[TRIANGLES_WITHOUT];
        take_edge(&e, t, k);
        uint32_t n = of_corners(&e, &joined, common);
        lowest = fminf(lowest, edge_given(&e, &joined, common, n));
    }
    free(titles);
    beside_release(&e);
    if (rc == 0)
        *ret = lowest;
    return rc;
}
