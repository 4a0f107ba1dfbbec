#include "train/rating_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "train/gibbs.h"

enum { SNAPSHOTS = 8, CHAINS = 2, FEW = 10000 };
static const float variance_least = 1e-4F;

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "ratings: no memory: give the process more");
}

/* Rows for the sampler, by numbers without gaps. */
struct rows {
    float *target;                  /* (n) */
    uint32_t *of_viewer, *of_title; /* (n) */
    uint32_t *viewers, *titles;     /* numbers of the caller's ids; UINT32_MAX: none */
    uint32_t *title;                /* (n_titles), ascending: the caller's ids */
    uint32_t n, n_viewers, n_titles, max_viewer, max_title;
};

static void rows_release(struct rows *r)
{
    free(r->target);
    free(r->of_viewer);
    free(r->of_title);
    free(r->viewers);
    free(r->titles);
    free(r->title);
    *r = (struct rows){0};
}

static bool drawn(uint32_t viewer, size_t n, uint64_t seed)
{
    const uint64_t scale = 1 << 20;
    uint64_t share = n <= RATINGS_MOST ? scale : scale * RATINGS_MOST / n;
    return hash64(&viewer, sizeof(viewer), seed) % scale < share;
}

static int rows_new(const struct triples *t, struct rows *r, struct mq_error *err)
{
    for (size_t i = 0; i < t->n; i++) {
        if (!isfinite(t->weight[i]))
            return mq_fail(err, MQ_INVALID, "ratings: row %zu is no number", i);
        r->max_viewer = t->viewer[i] > r->max_viewer ? t->viewer[i] : r->max_viewer;
        r->max_title = t->title[i] > r->max_title ? t->title[i] : r->max_title;
    }
    r->target = calloc(t->n + 1, sizeof(*r->target));
    r->of_viewer = calloc(t->n + 1, sizeof(*r->of_viewer));
    r->of_title = calloc(t->n + 1, sizeof(*r->of_title));
    r->viewers = calloc((size_t)r->max_viewer + 1, sizeof(*r->viewers));
    r->titles = calloc((size_t)r->max_title + 1, sizeof(*r->titles));
    r->title = calloc((size_t)RATED_TITLES_MAX, sizeof(*r->title));
    bool fine = r->target && r->of_viewer && r->of_title && r->viewers && r->titles && r->title;
    return fine ? 0 : no_memory(err);
}

/* The most rated titles that there is room for; all of an equal count or none. titles: count -> number. */
static void choose_titles(const struct triples *t, uint64_t seed, struct rows *r)
{
    uint32_t least = TITLE_RATERS - 1;
    uint32_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        r->titles[t->title[i]] += drawn(t->viewer[i], t->n, seed);
    do {
        least++;
        n = 0;
        for (size_t i = 0; i <= r->max_title; i++)
            n += r->titles[i] >= least;
    } while (n > RATED_TITLES_MAX);
    for (uint32_t i = 0; i <= r->max_title; i++) {
        if (r->titles[i] < least) {
            r->titles[i] = UINT32_MAX;
            continue;
        }
        r->titles[i] = r->n_titles;
        r->title[r->n_titles++] = i;
    }
}

static int take_rows(const struct triples *t, uint64_t seed, struct rows *r, struct mq_error *err)
{
    int rc = rows_new(t, r, err);
    if (rc)
        return rc;
    choose_titles(t, seed, r);
    memset(r->viewers, 0xff, ((size_t)r->max_viewer + 1) * sizeof(*r->viewers));
    for (size_t i = 0; i < t->n; i++) {
        uint32_t v = t->viewer[i];
        if (r->titles[t->title[i]] == UINT32_MAX || !drawn(v, t->n, seed))
            continue;
        if (r->viewers[v] == UINT32_MAX)
            r->viewers[v] = r->n_viewers++;
        r->of_viewer[r->n] = r->viewers[v];
        r->of_title[r->n] = r->titles[t->title[i]];
        r->target[r->n++] = t->weight[i];
    }
    return 0;
}

/* How unknown k spreads over viewers: in a sample, viewers are draws from the very prior. */
static void spread(const struct gibbs_snapshot *s, uint32_t stride, uint32_t n, uint32_t k,
                   float *ret_mean, float *ret_variance)
{
    double sum = 0;
    double squares = 0;
    for (uint32_t v = 0; v < n; v++) {
        double x =
            k == 0 ? (double)s->bias[0][v] : (double)s->factor[0][(size_t)v * stride + k - 1];
        sum += x;
        squares += x * x;
    }
    double mean = sum / n;
    *ret_mean = (float)mean;
    *ret_variance = fmaxf((float)(squares / n - mean * mean), variance_least);
}

static void keep_snapshot(const struct gibbs_answer *a, const struct gibbs_snapshot *s,
                          const struct rows *r, const float range[2], uint32_t rank, float *ret)
{
    uint32_t unknowns = 1 + rank;
    float *rows = ret + RATING_HEAD + (size_t)2 * unknowns;
    ret[0] = (float)s->w;
    ret[1] = fmaxf((float)(a->noise * a->noise), variance_least);
    ret[2] = range[0];
    ret[3] = range[1];
    for (uint32_t k = 0; k < unknowns; k++)
        spread(s, a->stride, r->n_viewers, k, &ret[RATING_HEAD + k],
               &ret[RATING_HEAD + unknowns + k]);
    for (uint32_t t = 0; t < r->n_titles; t++) {
        rows[(size_t)t * unknowns] = s->bias[1][t];
        memcpy(rows + (size_t)t * unknowns + 1, s->factor[1] + (size_t)t * a->stride,
               rank * sizeof(float));
    }
}

static int keep(const struct gibbs_answer *a, struct rows *r, uint32_t rank,
                struct rating_part *ret, struct mq_error *err)
{
    struct rating_part p = {.n = r->n_titles, .rank = rank, .snapshots = a->n_snapshots};
    float range[2] = {r->target[0], r->target[0]};
    float *values = calloc(p.snapshots * rating_floats(&p), sizeof(*values));
    if (!values)
        return no_memory(err);
    for (uint32_t i = 0; i < r->n; i++) {
        range[0] = fminf(range[0], r->target[i]);
        range[1] = fmaxf(range[1], r->target[i]);
    }
    for (uint32_t s = 0; s < p.snapshots; s++)
        keep_snapshot(a, &a->snapshot[s], r, range, rank, values + s * rating_floats(&p));
    p.values = values;
    p.title = r->title;
    r->title = NULL;
    *ret = p;
    return 0;
}

int rating_fit(const struct triples *ratings, uint64_t seed, struct pool *pool,
               struct train_watch watch, struct rating_part *ret, struct mq_error *err)
{
    struct rows r = {0};
    struct gibbs_answer answer = {0};
    *ret = (struct rating_part){0};
    if (ratings->n < RATINGS_LEAST)
        return 0;
    int rc = take_rows(ratings, seed, &r, err);
    if (rc == 0 && r.n >= RATINGS_LEAST && r.n_viewers >= RATERS_LEAST) {
        struct gibbs_settings s = {.rank = r.n < FEW ? 8 : 16,
                                   .burn_in = r.n < FEW ? 100 : 40,
                                   .samples = r.n < FEW ? 200 : 60,
                                   .chains = CHAINS,
                                   .seed = seed,
                                   .snapshots = SNAPSHOTS};
        struct gibbs_data data = {.rows = r.n, .target = r.target, .n_blocks = 2};
        data.block[0] = (struct gibbs_block){.n = r.n_viewers, .of_row = r.of_viewer};
        data.block[1] = (struct gibbs_block){.n = r.n_titles, .of_row = r.of_title};
        rc = gibbs_run(&data, &s, pool, watch, &answer, err);
        if (rc == 0)
            rc = keep(&answer, &r, s.rank, ret, err);
        gibbs_answer_release(&answer);
    }
    rows_release(&r);
    return rc;
}

void rating_part_release(struct rating_part *p)
{
    free((void *)(uintptr_t)p->title);
    free((void *)(uintptr_t)p->values);
    *p = (struct rating_part){0};
}
