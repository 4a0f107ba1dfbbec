#include "train/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/kernels.h"
#include "math/topk.h"

enum { TITLES_AT_ONCE = 8, ROUNDS = 16 };

struct worker {
    uint32_t *common;       /* (titles) viewers in common with the title at hand */
    float *score;           /* (titles) */
    struct topk_item *best; /* (n) */
};

struct job {
    struct csr liked; /* (viewers, titles): what counts of each row */
    struct csr by_title;
    const float *factors; /* unit rows, or NULL */
    uint32_t stride, n, first;
    struct worker *workers;
    uint32_t *ret_id;
    float *ret_similarity;
};

/* Likes only, and of long rows an even choice. */
static int likes_of(const struct csr *m, struct csr *ret, struct mq_error *err)
{
    uint64_t nnz = csr_nnz(m);
    struct csr l = {.rows = m->rows, .cols = m->cols};

    l.start = calloc((size_t)m->rows + 1, sizeof *l.start);
    l.col = calloc((size_t)nnz + 1, sizeof *l.col);
    l.value = calloc((size_t)nnz + 1, sizeof *l.value);
    if (!l.start || !l.col || !l.value) {
        csr_release(&l);
        return mq_fail(err, MQ_NO_MEMORY,
                       "neighbours: %llu interactions: give the process more memory",
                       (unsigned long long)nnz);
    }
    uint64_t to = 0;
    for (uint32_t u = 0; u < m->rows; u++) {
        struct csr_row row = csr_row(m, u);
        uint64_t first = to;
        for (size_t k = 0; k < row.n; k++)
            if (row.value[k] > 0)
                l.col[to++] = row.col[k];
        uint64_t likes = to - first;
        if (likes > NEIGHBOURS_ROW_MAX) {
            for (uint64_t k = 0; k < NEIGHBOURS_ROW_MAX; k++)
                l.col[first + k] = l.col[first + k * likes / NEIGHBOURS_ROW_MAX];
            to = first + NEIGHBOURS_ROW_MAX;
        }
        l.start[u + 1] = to;
    }
    *ret = l;
    return 0;
}

static size_t count_common(const struct job *job, uint32_t title, uint32_t *common)
{
    struct csr_row viewers = csr_row(&job->by_title, title);

    memset(common, 0, (size_t)job->liked.cols * sizeof *common);
    for (size_t v = 0; v < viewers.n; v++) {
        struct csr_row row = csr_row(&job->liked, viewers.col[v]);
        for (size_t k = 0; k < row.n; k++)
            common[row.col[k]]++;
    }
    return viewers.n;
}

/* Fills score (NaN: never chosen) and returns how many are above 0. */
static size_t score_common(const struct job *job, uint32_t title, double own,
                           const uint32_t *common, float *score)
{
    size_t found = 0;

    for (uint32_t j = 0; j < job->liked.cols; j++) {
        double c = common[j];
        score[j] = NAN;
        if (common[j] == 0 || j == title)
            continue;
        double other = (double)csr_row(&job->by_title, j).n;
        score[j] = (float)(c / sqrt(own * other) * c / (c + NEIGHBOURS_SHRINK));
        found++;
    }
    return found;
}

static void score_factors(const struct job *job, uint32_t title, double own, float *cosine,
                          float *score)
{
    math_kernels()->dots(job->factors, job->liked.cols, job->stride,
                         job->factors + (size_t)title * job->stride, cosine);
    for (uint32_t j = 0; j < job->liked.cols; j++) {
        double other = (double)csr_row(&job->by_title, j).n;
        double rarer = own < other ? own : other;
        double s = fmin((double)cosine[j], 1) * rarer / (rarer + NEIGHBOURS_SHRINK);
        if (j != title && s > 0 && !((double)score[j] >= s))
            score[j] = (float)s;
    }
}

static void find_one(const struct job *job, uint32_t title, struct worker *w)
{
    uint32_t *id = job->ret_id + (size_t)title * job->n;
    float *similarity = job->ret_similarity + (size_t)title * job->n;
    double own = (double)count_common(job, title, w->common);
    size_t found = 0;

    if (own > 0) {
        size_t n = score_common(job, title, own, w->common, w->score);
        if (n < NEIGHBOURS_FEW && job->factors)
            score_factors(job, title, own, (float *)(void *)w->common, w->score);
        found = topk_select(w->score, job->liked.cols, NULL, job->n, w->best);
    }
    for (size_t k = 0; k < job->n; k++) {
        id[k] = k < found ? w->best[k].index : ID_NONE;
        similarity[k] = k < found ? w->best[k].score : 0;
    }
}

static void find_part(void *ctx, size_t from, size_t to, size_t worker)
{
    struct job *job = ctx;

    for (size_t i = from; i < to; i++)
        find_one(job, job->first + (uint32_t)i, &job->workers[worker]);
}

static float *unit_rows(const float *factors, size_t n, size_t stride)
{
    float *unit = aligned_alloc(64, n * stride * sizeof(float) + 64);

    for (size_t r = 0; unit && r < n; r++) {
        double square = 0;
        for (size_t c = 0; c < stride; c++)
            square += (double)factors[r * stride + c] * (double)factors[r * stride + c];
        double scale = square > 0 ? 1 / sqrt(square) : 0;
        for (size_t c = 0; c < stride; c++)
            unit[r * stride + c] = (float)(scale * (double)factors[r * stride + c]);
    }
    return unit;
}

static void free_workers(struct worker *w, size_t threads)
{
    for (size_t t = 0; w && t < threads; t++) {
        free(w[t].common);
        free(w[t].score);
        free(w[t].best);
    }
    free(w);
}

static struct worker *new_workers(size_t threads, size_t titles, size_t n)
{
    struct worker *w = calloc(threads, sizeof *w);

    for (size_t t = 0; w && t < threads; t++) {
        w[t].common = calloc(titles + 1, sizeof *w[t].common);
        w[t].score = calloc(titles + 1, sizeof *w[t].score);
        w[t].best = calloc(n + 1, sizeof *w[t].best);
        if (!w[t].common || !w[t].score || !w[t].best) {
            free_workers(w, threads);
            return NULL;
        }
    }
    return w;
}

/* In rounds, so that the caller hears of progress and can stop. */
static int find_all(struct job *job, struct pool *pool, struct train_watch watch,
                    struct mq_error *err)
{
    uint64_t titles = job->liked.cols;

    for (uint64_t r = 0; r < ROUNDS; r++) {
        job->first = (uint32_t)(titles * r / ROUNDS);
        if (watch.progress && !watch.progress(watch.ctx, "neighbours", job->first, titles))
            return mq_fail(err, MQ_CANCELLED,
                           "neighbours: stopped at title %u of %llu: start it again", job->first,
                           (unsigned long long)titles);
        pool_for(pool, (size_t)(titles * (r + 1) / ROUNDS) - job->first, TITLES_AT_ONCE, find_part,
                 job);
    }
    return 0;
}

int neighbours_find(const struct csr *m, const float *factors, uint32_t stride, uint32_t n,
                    struct pool *pool, struct train_watch watch, uint32_t *ret_id,
                    float *ret_similarity, struct mq_error *err)
{
    struct job job = {.stride = stride, .n = n, .ret_id = ret_id, .ret_similarity = ret_similarity};
    float *unit = NULL;
    int rc = likes_of(m, &job.liked, err);

    if (rc)
        return rc;
    rc = csr_transpose(&job.liked, &job.by_title, err);
    if (rc == 0) {
        unit = factors && stride ? unit_rows(factors, m->cols, stride) : NULL;
        job.factors = unit;
        job.workers = new_workers(pool_threads(pool), m->cols, n);
        if (!job.workers || (factors && stride && !unit))
            rc = mq_fail(err, MQ_NO_MEMORY, "neighbours: %u titles: give the process more memory",
                         m->cols);
    }
    if (rc == 0)
        rc = find_all(&job, pool, watch, err);
    free_workers(job.workers, pool_threads(pool));
    free(unit);
    csr_release(&job.by_title);
    csr_release(&job.liked);
    return rc;
}
