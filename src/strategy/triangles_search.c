/* triangles_search.c - the beam: edges, pairs, triangles. */
#include <math.h>
#include <stdlib.h>

#include "strategy/triangles_inside.h"

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
}

/* ---------------------------------------------------------------- titles in common */

uint32_t pair_shared(const struct vertices *v, uint32_t a, uint32_t b, uint32_t *ret)
{
    return titles_shared(&v->v[a], &v->v[b], ret);
}

uint32_t titles_shared(const struct vertex *x, const struct vertex *y, uint32_t *ret)
{
    uint32_t n = 0;
    for (uint32_t i = 0, j = 0; i < x->n_titles && j < y->n_titles;) {
        if (x->titles[i] == y->titles[j]) {
            if (n < TRIANGLES_WITHOUT)
                ret[n] = x->titles[i];
            n++;
            i++;
            j++;
        } else if (x->titles[i] < y->titles[j]) {
            i++;
        } else {
            j++;
        }
    }
    return n;
}

uint32_t titles_add_new(uint32_t *list, uint32_t n, const uint32_t *more, uint32_t n_more)
{
    for (uint32_t i = 0; i < n_more; i++) {
        uint32_t k = 0;
        while (k < n && list[k] != more[i])
            k++;
        if (k == n && n < TRIANGLES_WITHOUT)
            list[n++] = more[i];
    }
    return n;
}

uint32_t triangle_shared(const struct vertices *v, const struct triangle *t, uint32_t *ret)
{
    uint32_t part[TRIANGLES_WITHOUT];
    uint32_t n = 0;
    for (int i = 0; i < VERTEX_KINDS; i++) {
        for (int j = i + 1; j < VERTEX_KINDS; j++) {
            uint32_t m = pair_shared(v, t->v[i], t->v[j], part);
            n = titles_add_new(ret, n, part, m < TRIANGLES_WITHOUT ? m : TRIANGLES_WITHOUT);
        }
    }
    return n;
}

static uint32_t supply(const struct vertices *v, const struct triangle *t)
{
    uint32_t shared[TRIANGLES_WITHOUT];
    uint32_t n = pair_shared(v, t->v[0], t->v[1], shared);
    uint32_t all = 0;
    const struct vertex *x = &v->v[t->v[2]];
    for (uint32_t i = 0; i < n && i < TRIANGLES_WITHOUT; i++) {
        for (uint32_t k = 0; k < x->n_titles; k++)
            all += x->titles[k] == shared[i];
    }
    return all;
}

/* ---------------------------------------------------------------- edges */

static bool too_much_in_common(const struct vertices *v, uint32_t a, uint32_t b, uint32_t shared)
{
    uint32_t smaller = v->v[a].n_titles < v->v[b].n_titles ? v->v[a].n_titles : v->v[b].n_titles;
    return shared > TRIANGLES_WITHOUT || shared > TRIANGLES_SHARED * smaller;
}

void edge_residuals(const struct triangle_world *w, uint32_t vertex, const uint32_t *without,
                    uint32_t n, const struct edge_scratch *s, float *y, float *lack,
                    struct leaning *ret)
{
    triangle_lay_out(w, vertex, without, n, y, s->own);
    triangle_rest(w, &w->vertices->v[vertex], without, n, s->own, s->beta, y, lack, ret);
}

static float edge_without(const struct triangle_world *w, uint32_t a, uint32_t b,
                          const uint32_t *without, uint32_t n, const struct edge_scratch *s)
{
    float *x = s->y;
    float *y = s->y + w->n;
    float *lack_x = y + w->n;
    float *lack_y = lack_x + w->n;
    struct leaning lean_x;
    struct leaning lean_y;
    edge_residuals(w, a, without, n, s, x, lack_x, &lean_x);
    edge_residuals(w, b, without, n, s, y, lack_y, &lean_y);
    double sum = -(double)triangle_lean(w, &lean_x, &lean_y);
    double squares = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        double v = (double)x[i] * (double)y[i];
        sum += v + (double)(lack_x[i] * lack_y[i]);
        squares += v * v;
    }
    return squares > 0 ? (float)(sum / sqrt(squares)) : 0;
}

/* -INFINITY: not admissible. */
static float edge_of(const struct triangle_world *w, uint32_t a, uint32_t b,
                     const struct edge_scratch *s)
{
    uint32_t shared[TRIANGLES_WITHOUT];
    size_t at = (size_t)a * w->vertices->n + b;
    float variance = w->variance[at];
    float z = variance > 0 ? w->product[at] / sqrtf(variance) : 0;
    uint32_t n = pair_shared(w->vertices, a, b, shared);
    if (too_much_in_common(w->vertices, a, b, n))
        return -INFINITY;
    if (n == 0 || z < TRIANGLES_EDGE) /* what is shared only adds */
        return z;
    return edge_without(w, a, b, shared, n, s);
}

int edge_scratch_init(const struct triangle_world *w, struct edge_scratch *s, struct mq_error *err)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    s->y = calloc(4 * (size_t)w->n + 1, sizeof(*s->y));
    s->own = calloc((size_t)w->n * (p + 1) + 1, sizeof(*s->own));
    s->beta = calloc((size_t)w->columns + 1, sizeof(*s->beta));
    return s->y && s->own && s->beta ? 0 : no_memory(err);
}

void edge_scratch_release(struct edge_scratch *s)
{
    free(s->y);
    free(s->own);
    free(s->beta);
}

static uint32_t with_one_more(uint32_t *shared, uint32_t n, uint32_t title)
{
    if (n < TRIANGLES_WITHOUT)
        shared[n++] = title;
    return n;
}

int triangle_without_one(const struct triangle_world *w, const struct triangle *t, float enough,
                         float *ret, uint32_t *ret_title, struct mq_error *err)
{
    struct edge_scratch s = {0};
    int rc = edge_scratch_init(w, &s, err);
    float lowest = t->weakest;
    uint32_t which = ID_NONE;
    for (int k = 0; rc == 0 && k < VERTEX_KINDS; k++) {
        const struct vertex *v = &w->vertices->v[t->v[k]];
        for (uint32_t i = 0; v->n_titles > 1 && i < v->n_titles && lowest >= enough; i++) {
            for (int other = 1; other < VERTEX_KINDS; other++) {
                uint32_t b = t->v[(k + other) % VERTEX_KINDS];
                uint32_t shared[TRIANGLES_WITHOUT];
                uint32_t n = pair_shared(w->vertices, t->v[k], b, shared);
                n = with_one_more(shared, n, v->titles[i]);
                float z = edge_without(w, t->v[k], b, shared, n, &s);
                if (z < lowest) {
                    lowest = z;
                    which = v->titles[i];
                }
            }
        }
    }
    edge_scratch_release(&s);
    if (rc == 0) {
        *ret = lowest;
        *ret_title = which;
    }
    return rc;
}

/* ---------------------------------------------------------------- the search */

struct search {
    const struct triangle_world *w;
    struct edge_scratch *scratch; /* by worker */
    float *z;                     /* (vertices, vertices) of those of two kinds */
};

static void fill_row(void *ctx, size_t from, size_t to, size_t worker)
{
    struct search *s = ctx;
    const struct vertices *v = s->w->vertices;
    for (size_t a = from; a < to; a++) {
        for (uint32_t b = v->first[v->v[a].kind + 1]; b < v->n; b++)
            s->z[a * v->n + b] = edge_of(s->w, (uint32_t)a, b, &s->scratch[worker]);
    }
}

struct beam_pair {
    uint32_t maker, lead;
    float z;
};

static int by_edge(const void *a, const void *b)
{
    const struct beam_pair *x = a;
    const struct beam_pair *y = b;
    if (x->z != y->z)
        return x->z > y->z ? -1 : 1;
    if (x->maker != y->maker)
        return x->maker < y->maker ? -1 : 1;
    return (x->lead > y->lead) - (x->lead < y->lead);
}

static int take_beam(const struct search *s, struct beam_pair **ret, size_t *ret_n,
                     struct mq_error *err)
{
    const struct vertices *v = s->w->vertices;
    size_t n = 0;
    size_t most = (size_t)VERTICES_MAKERS * VERTICES_LEADS;
    struct beam_pair *list = calloc(most, sizeof(*list));
    if (!list)
        return no_memory(err);
    for (uint32_t a = v->first[VERTEX_MAKER]; a < v->first[VERTEX_MAKER + 1]; a++) {
        for (uint32_t b = v->first[VERTEX_LEAD]; b < v->first[VERTEX_LEAD + 1]; b++) {
            float z = s->z[(size_t)a * v->n + b];
            bool one = v->v[a].number == v->v[b].number;
            if (z >= TRIANGLES_EDGE && !one)
                list[n++] = (struct beam_pair){a, b, z};
        }
    }
    if (n > 1)
        qsort(list, n, sizeof(*list), by_edge);
    *ret = list;
    *ret_n = n < TRIANGLES_BEAM ? n : TRIANGLES_BEAM;
    return 0;
}

static int by_weakest(const void *a, const void *b)
{
    const struct triangle *x = a;
    const struct triangle *y = b;
    if (x->weakest != y->weakest)
        return x->weakest > y->weakest ? -1 : 1;
    return memcmp(x->v, y->v, sizeof(x->v)) < 0 ? -1 : 1;
}

/* Keeps the strongest TRIANGLES_KEPT: sorts and cuts when twice as many have come. */
static void keep(struct triangle *list, uint32_t *n, uint32_t most, const struct triangle *one)
{
    list[(*n)++] = *one;
    if (*n < 2 * most)
        return;
    qsort(list, *n, sizeof(*list), by_weakest);
    *n = most;
}

static void keep_strongest(struct triangle *list, uint32_t *n, uint32_t most)
{
    if (*n > 1)
        qsort(list, *n, sizeof(*list), by_weakest);
    *n = *n < most ? *n : most;
}

static void extend(const struct search *s, const struct beam_pair *p, uint32_t supply_max,
                   struct triangles *t)
{
    const struct vertices *v = s->w->vertices;
    for (uint32_t c = v->first[VERTEX_THEME]; c < v->n; c++) {
        struct triangle one = {
            .v = {p->maker, p->lead, c},
            .edge = {p->z, s->z[(size_t)p->maker * v->n + c], s->z[(size_t)p->lead * v->n + c]}};
        one.weakest = fminf(one.edge[0], fminf(one.edge[1], one.edge[2]));
        if (one.weakest < TRIANGLES_EDGE)
            continue;
        one.supply = supply(v, &one);
        if (one.supply > supply_max) {
            keep(t->made, &t->n_made, TRIANGLES_MADE, &one);
            continue;
        }
        t->strong++;
        t->beyond += (double)(one.weakest - TRIANGLES_EDGE);
        keep(t->list, &t->n, TRIANGLES_KEPT, &one);
    }
}

int triangles_find(const struct triangle_world *w, uint32_t supply_max, struct pool *pool,
                   struct triangles *ret, struct mq_error *err)
{
    const struct vertices *v = w->vertices;
    size_t threads = pool_threads(pool);
    struct search s = {.w = w};
    struct triangles t = {0};
    struct beam_pair *beam = NULL;
    size_t n_beam = 0;
    s.scratch = calloc(threads, sizeof(*s.scratch));
    s.z = calloc((size_t)v->n * v->n + 1, sizeof(*s.z));
    t.list = calloc(2 * TRIANGLES_KEPT, sizeof(*t.list));
    t.made = calloc(2 * TRIANGLES_MADE, sizeof(*t.made));
    int rc = s.scratch && s.z && t.list && t.made ? 0 : no_memory(err);
    for (size_t i = 0; rc == 0 && i < threads; i++)
        rc = edge_scratch_init(w, &s.scratch[i], err);
    if (rc == 0) {
        pool_for(pool, v->n, 1, fill_row, &s);
        rc = take_beam(&s, &beam, &n_beam, err);
    }
    for (size_t i = 0; rc == 0 && i < n_beam; i++)
        extend(&s, &beam[i], supply_max, &t);
    for (size_t i = 0; s.scratch && i < threads; i++)
        edge_scratch_release(&s.scratch[i]);
    free(s.scratch);
    free(s.z);
    free(beam);
    if (rc) {
        triangles_release(&t);
        return rc;
    }
    keep_strongest(t.list, &t.n, TRIANGLES_KEPT);
    keep_strongest(t.made, &t.n_made, TRIANGLES_MADE);
    t.tested = (uint64_t)(v->first[1] - v->first[0]) * (v->first[2] - v->first[1]) *
               (v->first[3] - v->first[2]);
    *ret = t;
    return 0;
}

void triangles_release(struct triangles *t)
{
    free(t->list);
    free(t->made);
    *t = (struct triangles){0};
}
