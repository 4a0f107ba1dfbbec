#include "strategy/opportunities.h"

#include <math.h>
#include <stdlib.h>

enum { TRADES = 5 }; /* per viewer, between two worlds */

struct job {
    const struct audience_world *world;
    const struct strata *strata;
    const struct opportunities_question *q;
    struct pool *pool;
    struct arena *arena;
    struct likes likes;
    const struct triangle_wish *wishes;
    size_t n_wishes;
    uint32_t step; /* every so manieth viewer */
    struct opportunities out;
    double tail_n,
        tail_mean; /* of the shuffles: how many are strong, on average; how far beyond TRIANGLES_EDGE */
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
}

static int go_on(const struct job *j, const char *what, uint64_t done, uint64_t total)
{
    if (j->q->progress && !j->q->progress(j->q->progress_ctx, what, done, total))
        return mq_fail(j->err, MQ_CANCELLED, "opportunities: stopped");
    return 0;
}

/* ---------------------------------------------------------------- choosing what is listed */

struct candidate {
    const struct triangle *triangle;
    float without_one;
    uint32_t without_title;
    struct triangle_demand demand;
};

struct counting {
    const struct triangle_world *w;
    struct candidate *list; /* (OPPORTUNITY_COUNTED) */
    uint32_t n;
    _Atomic(bool) failed;
};

static void count_some(void *ctx, size_t from, size_t to, size_t worker)
{
    struct counting *c = ctx;
    struct mq_error err;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        if (triangle_demand(c->w, c->list[i].triangle, &c->list[i].demand, &err) != 0)
            c->failed = true;
    }
}

static int by_excess(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;
    double p = x->demand.viewers - x->demand.expected;
    double q = y->demand.viewers - y->demand.expected;
    if (p != q)
        return p > q ? -1 : 1;
    return memcmp(x->triangle->v, y->triangle->v, sizeof(x->triangle->v));
}

/* Nobody, and no theme, too often; a pair of people once. */
static bool may_choose(const struct candidate *list, uint32_t n, const struct triangle *t)
{
    uint32_t times[VERTEX_KINDS] = {0};
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *v = list[i].triangle->v;
        for (int k = 0; k < VERTEX_KINDS; k++)
            times[k] += v[k] == t->v[k];
        if (v[0] == t->v[0] && v[1] == t->v[1])
            return false;
    }
    return times[0] < OPPORTUNITY_EACH && times[1] < OPPORTUNITY_EACH &&
           times[2] < OPPORTUNITY_EACH;
}

/* What stands, strongest first: what may be listed, and what would be if it were not made already. */
struct standing {
    const struct triangle *list[OPPORTUNITIES_MAX + TRIANGLES_MADE];
    uint32_t n;
};

struct choosing {
    const struct job *j;
    const struct triangle_world *w;
    const struct triangles *t;
    float above;
    struct standing s;
    uint32_t made; /* of those that are made, how many had their turn */
};

static bool one_pair(const struct triangle *a, const struct triangle *b)
{
    return a->v[VERTEX_MAKER] == b->v[VERTEX_MAKER] && a->v[VERTEX_LEAD] == b->v[VERTEX_LEAD];
}

/* Is it there for the sake of one that stands? A pair's other themes are no reason. */
static int is_echo(const struct choosing *c, const struct triangle *t, const struct triangle *of,
                   bool *ret)
{
    float left;
    *ret = false;
    if (one_pair(t, of))
        return 0;
    int rc = triangle_given(c->w, t, of, c->above, &left, c->j->err);
    *ret = rc == 0 && left <= c->above;
    return rc;
}

static int is_any_echo(const struct choosing *c, const struct triangle *t, bool *ret)
{
    int rc = 0;
    *ret = false;
    for (uint32_t i = 0; i < c->s.n && rc == 0 && !*ret; i++)
        rc = is_echo(c, t, c->s.list[i], ret);
    return rc;
}

static bool is_made(const struct choosing *c, const struct triangle *t)
{
    return t->supply > c->j->q->supply_max;
}

/* `x` in its turn: does it stand? */
static int judge(const struct choosing *c, struct candidate *x, bool *ret)
{
    float left = TRIANGLES_ALONE;
    bool echo = false;
    *ret = false;
    int rc = c->j->q->not_gated ? 0 : is_any_echo(c, x->triangle, &echo);
    if (rc || echo)
        return rc;
    if (!c->j->q->not_gated)
        rc = triangle_demand(c->w, x->triangle, &x->demand, c->j->err);
    if (rc || x->demand.viewers <= x->demand.expected)
        return rc;
    rc = triangle_without_one(c->w, x->triangle, TRIANGLES_ALONE, &x->without_one,
                              &x->without_title, c->j->err);
    if (rc || x->without_one < TRIANGLES_ALONE)
        return rc;
    if (!c->j->q->not_gated && !is_made(c, x->triangle))
        rc = triangle_beside(c->w, x->triangle, TRIANGLES_ALONE, &left, c->j->err);
    *ret = rc == 0 && left >= TRIANGLES_ALONE;
    return rc;
}

/* Those that are made and stronger than `than`: what comes weaker may be for their sake. */
static int let_made_stand(struct choosing *c, float than)
{
    int rc = 0;
    for (; rc == 0 && c->made < c->t->n_made && c->t->made[c->made].weakest > than; c->made++) {
        struct candidate x = {.triangle = &c->t->made[c->made]};
        bool stands = false;
        for (uint32_t i = 0; i < c->s.n; i++)
            stands = stands || (is_made(c, c->s.list[i]) && one_pair(c->s.list[i], x.triangle));
        if (stands)
            continue;
        rc = judge(c, &x, &stands);
        if (rc == 0 && stands)
            c->s.list[c->s.n++] = x.triangle;
    }
    return rc;
}

/* A stronger one may be for the sake of a weaker one, which is not for its own. */
static int drop_echoes(struct choosing *c, struct candidate *list, uint32_t *n)
{
    uint32_t kept = 0;
    int rc = 0;
    for (uint32_t i = 0; i < *n && rc == 0; i++) {
        bool echo = false;
        for (uint32_t k = 0; k < c->s.n && rc == 0 && !echo; k++) {
            if (c->s.list[k]->weakest < list[i].triangle->weakest)
                rc = is_echo(c, list[i].triangle, c->s.list[k], &echo);
        }
        if (!echo)
            list[kept++] = list[i];
    }
    *n = kept;
    return rc;
}

/* Of those stronger than `above` the most wanted; at most `max`. */
static int choose(const struct job *j, const struct triangle_world *w, const struct triangles *t,
                  float above, uint32_t max, struct candidate *ret, uint32_t *ret_n)
{
    struct counting c = {.w = w, .list = calloc(OPPORTUNITY_COUNTED, sizeof(*c.list))};
    struct choosing s = {.j = j, .w = w, .t = t, .above = above};
    if (!c.list)
        return no_memory(j->err);
    while (c.n < t->n && c.n < OPPORTUNITY_COUNTED && t->list[c.n].weakest > above) {
        c.list[c.n].triangle = &t->list[c.n];
        c.n++;
    }
    if (j->q->not_gated)
        pool_for(j->pool, c.n, 4, count_some, &c);
    if (c.n > 1 && j->q->not_gated)
        qsort(c.list, c.n, sizeof(*c.list), by_excess);
    uint32_t n = 0;
    uint32_t most = j->q->not_gated ? max : OPPORTUNITIES_MAX;
    int rc = c.failed ? no_memory(j->err) : 0;
    for (uint32_t i = 0; i < c.n && n < most && rc == 0; i++) {
        struct candidate *x = &c.list[i];
        bool stands = false;
        if (!may_choose(ret, n, x->triangle))
            continue;
        if (!j->q->not_gated)
            rc = let_made_stand(&s, x->triangle->weakest);
        if (rc == 0)
            rc = judge(&s, x, &stands);
        if (rc == 0 && stands) {
            ret[n++] = *x;
            s.s.list[s.s.n++] = x->triangle;
        }
    }
    if (rc == 0 && !j->q->not_gated)
        rc = drop_echoes(&s, ret, &n);
    free(c.list);
    if (n > 1)
        qsort(ret, n, sizeof(*ret), by_excess);
    *ret_n = n < max ? n : max;
    return rc;
}

/* ---------------------------------------------------------------- shuffled worlds */

/* As if one more had been strong: that nothing was seen does not say that there is nothing. */
static void fit_tail(struct job *j, uint64_t strong, double beyond)
{
    enum { PRIOR = 1 };
    static const double prior_beyond = 0.25;
    j->tail_n = ((double)strong + PRIOR) / j->q->shuffles;
    j->tail_mean = (beyond + PRIOR * prior_beyond) / ((double)strong + PRIOR);
    j->out.shuffled_strong = (double)strong / j->q->shuffles;
    j->out.threshold =
        TRIANGLES_EDGE + (float)(j->tail_mean * fmax(0, log(j->tail_n / OPPORTUNITY_CHANCE)));
}

static int shuffled(struct job *j)
{
    uint64_t strong = 0;
    double beyond = 0;
    struct likes l;
    struct rng rng;
    int rc = likes_init(j->world->sets, j->strata, &l, j->err);
    if (rc)
        return rc;
    rng_seed_stream(&rng, j->q->seed, 1);
    j->out.strongest_shuffled = TRIANGLES_EDGE;
    for (uint32_t i = 0; i < j->q->shuffles && rc == 0; i++) {
        struct triangle_world w;
        struct triangles t;
        rc = go_on(j, "shuffled worlds", i, j->q->shuffles);
        if (rc == 0)
            rc = likes_shuffle(&l, (uint64_t)TRADES * l.n, &rng, j->pool, j->err);
        if (rc == 0)
            rc = triangle_world_make(j->world->catalogue, &j->out.vertices, &l, j->step, 0, NULL, 0,
                                     j->pool, &w, j->err);
        if (rc)
            break;
        rc = triangles_find(&w, j->q->supply_max, j->pool, &t, j->err);
        triangle_world_release(&w);
        if (rc)
            break;
        strong += t.strong;
        beyond += t.beyond;
        if (t.n > 0)
            j->out.strongest_shuffled = fmaxf(j->out.strongest_shuffled, t.list[0].weakest);
        triangles_release(&t);
    }
    likes_release(&l);
    fit_tail(j, strong, beyond);
    return rc;
}

static double chance_of(const struct job *j, float weakest)
{
    if (j->q->shuffles == 0)
        return NAN;
    return j->tail_n * exp(-(double)(weakest - TRIANGLES_EDGE) / j->tail_mean);
}

static float least_of(const struct job *j)
{
    return fmaxf(j->out.strongest_shuffled, j->out.threshold);
}

/* ---------------------------------------------------------------- the winner's curse */

struct halves {
    double here, there; /* excess of the finds where they were found, and in the other half */
    uint32_t found;
};

static int one_way(struct job *j, const struct triangle_world *here,
                   const struct triangle_world *there, struct halves *h)
{
    struct candidate list[OPPORTUNITIES_MAX];
    struct triangles t;
    uint32_t n = 0;
    int rc = triangles_find(here, j->q->supply_max, j->pool, &t, j->err);
    if (rc)
        return rc;
    /* Half the viewers: edges are weaker by the root of two. */
    float above =
        j->q->not_gated ? TRIANGLES_EDGE : fmaxf(TRIANGLES_EDGE, least_of(j) * (float)M_SQRT1_2);
    rc = choose(j, here, &t, above, j->q->listed, list, &n);
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        struct triangle_demand b;
        const struct triangle_demand *a = &list[i].demand;
        rc = triangle_demand(there, list[i].triangle, &b, j->err);
        if (rc)
            break;
        h->here += a->viewers - a->expected;
        h->there += b.viewers - b.expected;
        h->found++;
    }
    triangles_release(&t);
    return rc;
}

static int measure_curse(struct job *j)
{
    struct triangle_world half[2] = {{0}};
    struct halves h = {0};
    int rc = go_on(j, "the winner's curse", 0, 1);
    for (uint32_t i = 0; i < 2 && rc == 0; i++)
        rc = triangle_world_make(j->world->catalogue, &j->out.vertices, &j->likes, 2 * j->step,
                                 i * j->step, j->wishes, j->n_wishes, j->pool, &half[i], j->err);
    if (rc == 0)
        rc = one_way(j, &half[0], &half[1], &h);
    if (rc == 0)
        rc = one_way(j, &half[1], &half[0], &h);
    triangle_world_release(&half[0]);
    triangle_world_release(&half[1]);
    j->out.curse.found = h.found;
    j->out.curse.kept = h.here > 0 ? fmax(0, fmin(1, h.there / h.here)) : NAN;
    return rc;
}

/* ---------------------------------------------------------------- what is told of each */

static bool has(const struct vertex *v, uint32_t title)
{
    uint32_t low = 0;
    uint32_t high = v->n_titles;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (v->titles[middle] < title)
            low = middle + 1;
        else
            high = middle;
    }
    return low < v->n_titles && v->titles[low] == title;
}

static uint32_t titles_of_two(const struct vertices *vs, const struct triangle *t)
{
    uint32_t n = 0;
    for (int k = 0; k < VERTEX_KINDS; k++) {
        const struct vertex *a = &vs->v[t->v[k]];
        const struct vertex *b = &vs->v[t->v[(k + 1) % VERTEX_KINDS]];
        const struct vertex *c = &vs->v[t->v[(k + 2) % VERTEX_KINDS]];
        for (uint32_t i = 0; i < a->n_titles; i++)
            n += has(b, a->titles[i]) && !has(c, a->titles[i]);
    }
    return n;
}

/* Viewers with wishes for two of the three. */
static uint32_t searched(const struct job *j, const struct triangle *t, uint8_t *times)
{
    uint32_t n = 0;
    memset(times, 0, j->strata->n);
    for (size_t i = 0; i < j->n_wishes; i++) {
        const struct triangle_wish *w = &j->wishes[i];
        if (w->vertex == t->v[0] || w->vertex == t->v[1] || w->vertex == t->v[2])
            n += ++times[w->rank] == 2;
    }
    return n;
}

static int tell(struct job *j, const struct triangle_world *w, const struct candidate *list,
                uint32_t n)
{
    uint8_t *times = calloc((size_t)j->strata->n + 1, 1);
    int rc = times ? 0 : no_memory(j->err);
    j->out.list = ARENA_ARRAY(j->arena, n + 1, struct found_opportunity);
    if (rc == 0 && !j->out.list)
        rc = no_memory(j->err);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct found_opportunity f = {.triangle = *list[i].triangle,
                                      .demand = list[i].demand,
                                      .without_one = list[i].without_one,
                                      .without_title = list[i].without_title,
                                      .chance = chance_of(j, list[i].triangle->weakest)};
        double kept = isnan(j->out.curse.kept) ? 1 : j->out.curse.kept;
        f.excess = kept * fmax(0, f.demand.viewers - f.demand.expected) * (double)j->strata->n /
                   (double)w->n;
        f.two = titles_of_two(&j->out.vertices, list[i].triangle);
        f.searched = times ? searched(j, list[i].triangle, times) : 0;
        j->out.list[j->out.n++] = f;
    }
    free(times);
    return rc;
}

/* ---------------------------------------------------------------- all of it */

static int search(struct job *j)
{
    struct candidate list[OPPORTUNITIES_MAX];
    struct triangle_world w;
    struct triangles t;
    uint32_t n = 0;
    int rc = triangle_world_make(j->world->catalogue, &j->out.vertices, &j->likes, j->step, 0,
                                 j->wishes, j->n_wishes, j->pool, &w, j->err);
    if (rc)
        return rc;
    rc = triangles_find(&w, j->q->supply_max, j->pool, &t, j->err);
    if (rc == 0) {
        j->out.tested = t.tested;
        j->out.strong = t.strong;
        float above = j->q->not_gated ? TRIANGLES_EDGE : least_of(j);
        rc = choose(j, &w, &t, above, j->q->listed, list, &n);
        if (rc == 0)
            rc = tell(j, &w, list, n);
        triangles_release(&t);
    }
    triangle_world_release(&w);
    return rc;
}

static int prepare(struct job *j, const struct vain_searches *vain)
{
    struct vertices_question v = {
        .least_viewers = j->q->least_viewers, .sensitive = j->q->sensitive, .known = j->q->known};
    struct rng rng;
    int rc = likes_init(j->world->sets, j->strata, &j->likes, j->err);
    rng_seed_stream(&rng, j->q->seed, 2);
    if (rc == 0 && j->q->shuffled)
        rc = likes_shuffle(&j->likes, (uint64_t)TRADES * j->likes.n, &rng, j->pool, j->err);
    if (rc == 0)
        rc = vertices_find(j->world->catalogue, &j->likes, &v, j->arena, &j->out.vertices, j->err);
    if (rc == 0 && vain)
        rc = vain_wishes(vain, &j->out.vertices, j->strata->rank, j->world->sets->n_viewers,
                         j->arena, &j->wishes, &j->n_wishes, j->err);
    j->step = j->strata->n / TRIANGLES_VIEWERS + 1;
    return rc;
}

int opportunities_find(const struct audience_world *w, const struct strata *s,
                       const struct vain_searches *vain, const struct opportunities_question *q,
                       struct pool *pool, struct arena *arena, struct opportunities *ret,
                       struct mq_error *err)
{
    struct job *j = calloc(1, sizeof(*j));
    if (!j)
        return no_memory(err);
    *j = (struct job){.world = w, .strata = s, .q = q, .pool = pool, .arena = arena, .err = err};
    j->out.strongest_shuffled = TRIANGLES_EDGE;
    j->out.curse.kept = NAN;
    int rc = prepare(j, vain);
    if (rc == 0 && q->shuffles > 0)
        rc = shuffled(j);
    if (rc == 0 && q->shuffles > 0)
        rc = measure_curse(j);
    if (rc == 0)
        rc = go_on(j, "opportunities", 0, 1);
    if (rc == 0)
        rc = search(j);
    likes_release(&j->likes);
    if (rc == 0)
        *ret = j->out;
    free(j);
    return rc;
}
