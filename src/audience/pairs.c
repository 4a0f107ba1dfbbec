#include "audience/pairs.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "audience/pairs_inside.h"
#include "math/bits.h"
#include "math/kernels.h"

/* ---------------------------------------------------------------- one pass over all pairs */

/* In four sums, which need not wait for each other. */
static double dot(const double *a, const double *b, uint32_t n)
{
    double sum[4] = {0};
    uint32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        for (uint32_t k = 0; k < 4; k++)
            sum[k] += a[i + k] * b[i + k];
    }
    for (; i < n; i++)
        sum[0] += a[i] * b[i];
    return sum[0] + sum[1] + (sum[2] + sum[3]);
}

/* Below the square of the z of PAIRS_LEVEL (1.6449): spares most pairs their p. */
#define LEVEL_Z2_LEAST 2.69

/* What one worker found in its part. */
struct part {
    struct found *v;
    size_t n, cap;
    uint64_t tested;
    bool failed;
};

static void judge(struct work *w, struct part *part, uint32_t a, uint32_t b, uint32_t both,
                  double expected, double variance)
{
    double beyond = both - expected;
    part->tested++;
    if (w->keep_ratio)
        w->ratio[(size_t)a * w->b.n + b] = (float)((both + 0.5) / (expected + 0.5));
    if (!(beyond > 0) || beyond * beyond < LEVEL_Z2_LEAST * variance) /* far from PAIRS_LEVEL */
        return;
    double p = variance > 0 ? normal_above(beyond / sqrt(variance)) : 1;
    if (p > PAIRS_LEVEL)
        return;
    if (part->n == part->cap) {
        size_t cap = part->cap ? part->cap * 2 : 1024;
        struct found *v = realloc(part->v, cap * sizeof(*v));
        part->failed = part->failed || !v;
        if (!v)
            return;
        part->v = v;
        part->cap = cap;
    }
    part->v[part->n++] = (struct found){p, a, b};
}

static void test_shared(struct work *w, struct part *part, uint32_t a, uint32_t b, size_t from,
                        size_t to, size_t worker)
{
    uint32_t k = w->strata->k;
    uint64_t *x = w->scratch[worker];
    uint64_t *y = x + w->words;
    double *m = w->moments[worker];
    const struct kernels *kernels = math_kernels();
    if (pairs_lay_out_rest(w, &w->a, &w->a.v[a], from, to, x) < PAIRS_TITLES ||
        pairs_lay_out_rest(w, &w->b, &w->b.v[b], from, to, y) < PAIRS_TITLES)
        return;
    /* In a shuffled world a side may fall a little short; it is asked about all the same. */
    uint32_t least = w->keep_ratio ? w->question->least_viewers : 1;
    if (pairs_moments(w, x, m, m + k) < least || pairs_moments(w, y, m + 2 * k, m + 3 * k) < least)
        return;
    judge(w, part, a, b, kernels->count_both(x, y, w->words), dot(m, m + 2 * k, k),
          dot(m + k, m + 3 * k, k));
}

/* Tiles of a few by a few, so that their sets stay near. */
enum { TILE_A = 8, TILE_B = 24, AT_ONCE = 4 };

static void test_plain(struct work *w, struct part *part, uint32_t a, const uint32_t *list,
                       uint32_t n)
{
    const struct side *x = &w->a.v[a];
    const struct kernels *kernels = math_kernels();
    for (uint32_t i = 0; i < n; i += AT_ONCE) {
        const uint64_t *sets[AT_ONCE];
        uint32_t both[AT_ONCE];
        for (uint32_t k = 0; k < AT_ONCE; k++)
            sets[k] = w->b.v[list[i + k < n ? i + k : i]].bits;
        kernels->count_four(x->bits, sets, w->words, both);
        for (uint32_t k = 0; k < AT_ONCE && i + k < n; k++) {
            const struct side *y = &w->b.v[list[i + k]];
            judge(w, part, a, list[i + k], both[k], dot(x->x, y->x, w->strata->k),
                  dot(x->y, y->y, w->strata->k));
        }
    }
}

/* One of a with [from, to) of b. */
static void test_row(struct work *w, struct part *part, uint32_t a, uint32_t from, uint32_t to,
                     size_t worker)
{
    uint32_t plain[TILE_B];
    uint32_t n = 0;
    size_t shared = pairs_shared_at(w, a, from);
    for (uint32_t b = from; b < to; b++) {
        size_t first = shared;
        while (shared < w->n_shared && w->shared[shared].a == a && w->shared[shared].b == b)
            shared++;
        if (w->a.v[a].person == w->b.v[b].person)
            continue;
        if (shared > first)
            test_shared(w, part, a, b, first, shared, worker);
        else
            plain[n++] = b;
    }
    test_plain(w, part, a, plain, n);
}

static void deliver(struct work *w, struct part *part)
{
    pthread_mutex_lock(&w->lock);
    size_t need = w->n_found + part->n;
    if (need > w->cap_found) {
        size_t cap = need * 2;
        struct found *v = realloc(w->found, cap * sizeof(*v));
        part->failed = part->failed || !v;
        if (v) {
            w->found = v;
            w->cap_found = cap;
        }
    }
    if (!part->failed && part->n > 0) {
        memcpy(w->found + w->n_found, part->v, part->n * sizeof(*part->v));
        w->n_found += part->n;
    }
    w->tested += part->tested;
    w->failed = w->failed || part->failed;
    pthread_mutex_unlock(&w->lock);
    free(part->v);
}

static void test_rows(void *ctx, size_t from, size_t to, size_t worker)
{
    struct work *w = ctx;
    struct part part = {0};
    for (uint32_t b = 0; b < w->b.n && !w->stopped; b += TILE_B) {
        uint32_t end = b + TILE_B < w->b.n ? b + TILE_B : w->b.n;
        for (size_t i = from; i < to; i++)
            test_row(w, &part, (uint32_t)i, b, end, worker);
    }
    uint64_t done = atomic_fetch_add(&w->done, to - from) + (to - from);
    /* Only the asking thread, which is worker 0, may tell. */
    if (worker == 0 && w->question->progress &&
        !w->question->progress(w->question->progress_ctx, w->stage, done, w->a.n))
        w->stopped = true;
    deliver(w, &part);
}

static int by_p(const void *x, const void *y)
{
    const struct found *a = x;
    const struct found *b = y;
    if (a->p != b->p)
        return a->p < b->p ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

/* Tests all and sorts; how many pass, and their q in *ret_q (n_found, to be freed). */
static int pass_over(struct work *w, uint64_t *ret_passed, double **ret_q)
{
    w->n_found = 0;
    w->tested = 0;
    atomic_store(&w->done, 0);
    pool_for(w->pool, w->a.n, TILE_A, test_rows, w);
    if (w->stopped)
        return mq_fail(w->err, MQ_CANCELLED, "pairs: stopped");
    double *q = calloc(w->n_found + 1, sizeof(*q));
    if (w->failed || !q) {
        free(q);
        return pairs_no_memory(w->err);
    }
    if (w->n_found > 0)
        qsort(w->found, w->n_found, sizeof(*w->found), by_p);
    for (size_t i = 0; i < w->n_found; i++)
        q[i] = w->found[i].p;
    false_discovery_q(q, w->n_found, w->tested, q);
    uint64_t passed = 0;
    while (passed < w->n_found && q[passed] <= PAIRS_LEVEL)
        passed++;
    *ret_passed = passed;
    *ret_q = q;
    return 0;
}

/* ---------------------------------------------------------------- all of it */

static int make_scratch(struct work *w)
{
    size_t threads = pool_threads(w->pool);
    w->scratch = calloc(threads, sizeof(*w->scratch));
    w->moments = calloc(threads, sizeof(*w->moments));
    bool ok = w->scratch && w->moments;
    for (size_t i = 0; ok && i < threads; i++) {
        w->scratch[i] = calloc(2 * w->words + 1, sizeof(**w->scratch));
        w->moments[i] = calloc((size_t)4 * w->strata->k + 1, sizeof(**w->moments));
        ok = w->scratch[i] && w->moments[i];
    }
    return ok ? 0 : pairs_no_memory(w->err);
}

static void release(struct work *w)
{
    size_t threads = pool_threads(w->pool);
    for (size_t i = 0; i < threads; i++) {
        if (w->scratch)
            free(w->scratch[i]);
        if (w->moments)
            free(w->moments[i]);
    }
    free(w->scratch);
    free(w->moments);
    free(w->shared);
    free(w->ratio);
    free(w->found);
    pairs_roster_release(&w->a);
    pairs_roster_release(&w->b);
    likes_release(&w->likes);
    pthread_mutex_destroy(&w->lock);
}

static int prepare(struct work *w)
{
    int rc = likes_init(w->sets, w->strata, &w->likes, w->err);
    w->words = bits_words(w->strata->n) + 1;
    if (rc == 0)
        rc = make_scratch(w);
    if (rc == 0)
        rc = pairs_roster_init(w, w->question->a, &w->a);
    if (rc == 0)
        rc = pairs_roster_init(w, w->question->b, &w->b);
    if (rc)
        return rc;
    pairs_lay_out_all(w, &w->a);
    pairs_lay_out_all(w, &w->b);
    pairs_keep_large(w, &w->a);
    pairs_keep_large(w, &w->b);
    uint64_t pairs = (uint64_t)w->a.n * w->b.n;
    if (pairs > PAIRS_MAX)
        return mq_fail(w->err, MQ_TOO_LARGE, "pairs: %llu: at most %llu: raise the floor",
                       (unsigned long long)pairs, (unsigned long long)PAIRS_MAX);
    w->ratio = calloc(pairs + 1, sizeof(*w->ratio));
    if (!w->ratio)
        return pairs_no_memory(w->err);
    for (uint64_t i = 0; i < pairs; i++)
        w->ratio[i] = NAN;
    return pairs_find_shared(w);
}

static int shuffled_pass(struct work *w, uint64_t *ret_passed)
{
    struct rng rng;
    double *q = NULL;
    rng_seed(&rng, w->question->seed);
    int rc = likes_shuffle(&w->likes, (uint64_t)PAIRS_TRADES * w->likes.n, &rng, w->pool, w->err);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < w->a.n; i++)
        w->a.v[i].viewers = 0;
    pairs_lay_out_all(w, &w->a);
    pairs_lay_out_all(w, &w->b);
    w->keep_ratio = false;
    w->stage = "pairs, shuffled";
    rc = pass_over(w, ret_passed, &q);
    free(q);
    return rc;
}

int pairs_find(const struct viewer_sets *sets, const struct catalogue *c, const struct strata *s,
               const struct pairs_question *question, struct pool *pool, struct arena *arena,
               struct mq_pairs *ret, struct mq_error *err)
{
    struct work w = {.sets = sets,
                     .catalogue = c,
                     .strata = s,
                     .question = question,
                     .pool = pool,
                     .keep_ratio = true,
                     .stage = "pairs",
                     .err = err};
    double *q = NULL;
    uint64_t shuffled = 0;
    pthread_mutex_init(&w.lock, NULL);
    *ret = (struct mq_pairs){.level = PAIRS_LEVEL, .strata = s->k, .shuffled_passed = NAN};
    int rc = prepare(&w);
    ret->people_a = w.a.n;
    ret->people_b = w.b.n;
    if (rc == 0)
        rc = pass_over(&w, &ret->passed, &q);
    ret->tested = w.tested;
    if (rc == 0)
        rc = pairs_list(&w, ret->passed, q, arena, ret);
    free(q);
    if (rc == 0 && !question->no_shuffle) {
        rc = shuffled_pass(&w, &shuffled);
        ret->shuffled_passed = (double)shuffled;
    }
    release(&w);
    return rc;
}
