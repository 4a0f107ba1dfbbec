#include "held_out.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "math/kernels.h"
#include "math/topk.h"
#include "model/fold_in.h"

struct worker {
    float *scratch, *x, *score;
    struct fold_in_item *items;
    uint64_t *skip;
};

struct job {
    const struct model *m;
    const struct csr *earlier, *later;
    const uint32_t *viewers;
    double *taste, *popular; /* NDCG of each viewer */
    struct worker *workers;
    atomic_int failed;
};

static bool holds(struct csr_row row, uint32_t col)
{
    size_t low = 0, high = row.n;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (row.col[middle] < col)
            low = middle + 1;
        else
            high = middle;
    }
    return low < row.n && row.col[low] == col;
}

static size_t targets_of(struct csr_row earlier, struct csr_row later)
{
    size_t n = 0;

    for (size_t k = 0; k < later.n; k++)
        n += later.value[k] > 0 && !holds(earlier, later.col[k]);
    return n;
}

static double ndcg(const struct topk_item *best, size_t n, struct csr_row later, size_t targets)
{
    double gain = 0, ideal = 0;

    for (size_t k = 0; k < HELD_OUT_DEPTH; k++) {
        double discount = 1 / log2((double)k + 2);
        ideal += k < targets ? discount : 0;
        if (k >= n || !holds(later, best[k].index))
            continue;
        for (size_t j = 0; j < later.n; j++)
            if (later.col[j] == best[k].index && later.value[j] > 0)
                gain += discount;
    }
    return gain / ideal;
}

static int score_taste(const struct job *job, struct csr_row earlier, struct worker *w)
{
    const struct model *m = job->m;
    int rc;

    for (size_t k = 0; k < earlier.n; k++)
        w->items[k] = (struct fold_in_item){
            {earlier.col[k]}, earlier.value[k] > 0 ? 1.0f : 0.0f, fabsf(earlier.value[k])};
    rc = fold_in(m, w->items, earlier.n, w->scratch, w->x, NULL, NULL);
    if (rc == 0)
        math_kernels()->dots(m->factors, m->n_titles, m->stride, w->x, w->score);
    return rc;
}

static void measure_one(struct job *job, size_t i, struct worker *w)
{
    struct csr_row earlier = csr_row(job->earlier, job->viewers[i]);
    struct csr_row later = csr_row(job->later, job->viewers[i]);
    struct topk_item best[HELD_OUT_DEPTH];
    size_t targets = targets_of(earlier, later), n;
    int rc = score_taste(job, earlier, w);

    if (rc) {
        job->failed = rc;
        return;
    }
    for (size_t k = 0; k < earlier.n; k++)
        w->skip[earlier.col[k] / 64] |= 1ull << earlier.col[k] % 64;
    n = topk_select(w->score, job->m->n_titles, w->skip, HELD_OUT_DEPTH, best);
    job->taste[i] = ndcg(best, n, later, targets);
    n = topk_select(job->m->popularity, job->m->n_titles, w->skip, HELD_OUT_DEPTH, best);
    job->popular[i] = ndcg(best, n, later, targets);
    for (size_t k = 0; k < earlier.n; k++)
        w->skip[earlier.col[k] / 64] = 0;
}

static void measure_part(void *ctx, size_t from, size_t to, size_t worker)
{
    struct job *job = ctx;

    for (size_t i = from; i < to; i++)
        measure_one(job, i, &job->workers[worker]);
}

/* Who counts, at most HELD_OUT_VIEWERS of them. Free the result. */
static uint32_t *choose_viewers(const struct csr *earlier, const struct csr *later, uint64_t seed,
                                size_t *ret_n)
{
    uint32_t *v = calloc((size_t)earlier->rows + 1, sizeof *v);
    size_t n = 0;
    struct rng rng;

    for (uint32_t u = 0; v && u < earlier->rows; u++)
        if (csr_row(earlier, u).n > 0 && targets_of(csr_row(earlier, u), csr_row(later, u)) > 0)
            v[n++] = u;
    if (v && n > HELD_OUT_VIEWERS) {
        rng_seed(&rng, seed);
        rng_shuffle_u32(&rng, v, n);
        n = HELD_OUT_VIEWERS;
    }
    *ret_n = n;
    return v;
}

static size_t longest_row(const struct csr *m)
{
    size_t longest = 0;

    for (uint32_t u = 0; u < m->rows; u++)
        if (csr_row(m, u).n > longest)
            longest = csr_row(m, u).n;
    return longest;
}

static void free_workers(struct worker *w, size_t threads)
{
    for (size_t t = 0; w && t < threads; t++) {
        free(w[t].scratch);
        free(w[t].x);
        free(w[t].score);
        free(w[t].items);
        free(w[t].skip);
    }
    free(w);
}

static struct worker *new_workers(const struct model *m, size_t longest, size_t threads)
{
    struct worker *w = calloc(threads, sizeof *w);
    bool fine = w != NULL;

    for (size_t t = 0; fine && t < threads; t++) {
        w[t].scratch = aligned_alloc(64, (fold_in_scratch(m, longest) + 16) / 16 * 64);
        w[t].x = aligned_alloc(64, (size_t)m->stride * 4 + 64);
        w[t].score = calloc((size_t)m->n_titles + 1, sizeof *w[t].score);
        w[t].items = calloc(longest + 1, sizeof *w[t].items);
        w[t].skip = calloc((size_t)m->n_titles / 64 + 1, sizeof *w[t].skip);
        fine = w[t].scratch && w[t].x && w[t].score && w[t].items && w[t].skip;
    }
    if (fine)
        return w;
    free_workers(w, threads);
    return NULL;
}

static double mean(const double *v, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return n > 0 ? sum / (double)n : NAN;
}

int held_out_measure(const struct model *m, const struct csr *earlier, const struct csr *later,
                     struct pool *pool, uint64_t seed, struct held_out *ret, struct mq_error *err)
{
    struct job job = {.m = m, .earlier = earlier, .later = later};
    struct held_out out = {0};
    size_t n = 0, threads = pool_threads(pool);
    int rc;

    if (earlier->rows != later->rows || earlier->cols != later->cols ||
        earlier->cols != m->n_titles)
        return mq_fail(err, MQ_INVALID,
                       "held-out measure: %u and %u viewers, %u, %u and %u titles: must agree",
                       earlier->rows, later->rows, earlier->cols, later->cols, m->n_titles);
    uint32_t *viewers = choose_viewers(earlier, later, seed, &n);
    job.viewers = viewers;
    job.taste = calloc(2 * n + 1, sizeof(double));
    job.workers = new_workers(m, longest_row(earlier), threads);
    if (!viewers || !job.taste || !job.workers) {
        rc = mq_fail(err, MQ_NO_MEMORY, "held-out measure: no memory: give the process more");
        goto done;
    }
    job.popular = job.taste + n;
    pool_for(pool, n, 8, measure_part, &job);
    rc = job.failed
             ? mq_fail(err, (enum mq_status)job.failed,
                       "held-out measure: a viewer can't be folded in: raise the regularisation")
             : bootstrap_paired(job.taste, job.popular, n, seed, &out.gain, err);
    if (rc == 0) {
        out.ndcg = mean(job.taste, n);
        out.popularity_ndcg = mean(job.popular, n);
        out.viewers = n;
        *ret = out;
    }
done:
    free_workers(job.workers, threads);
    free(job.taste);
    free(viewers);
    return rc;
}

int train_held_out(const struct csr *earlier, const struct csr *later,
                   const struct train_settings *settings, struct pool *pool,
                   struct train_watch watch, struct held_out *ret, struct mq_error *err)
{
    struct train_settings s = *settings;
    struct model m;
    int rc;

    s.no_neighbours = true;
    rc = train_model(earlier, &s, pool, watch, &m, err);
    if (rc)
        return rc;
    rc = held_out_measure(&m, earlier, later, pool, s.ials.seed, ret, err);
    train_release(&m);
    return rc;
}
