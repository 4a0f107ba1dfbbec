#include "eval/ranking.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "eval/ranking_metrics.h"
#include "math/kernels.h"
#include "math/topk.h"
#include "model/fold_in.h"

enum { ALIGN = 64, PART = 16 };

struct ranking_scratch {
    uint32_t n_titles;
    float *score;               /* (n_titles) */
    float *x;                   /* (stride) */
    float *fold;                /* fold_in's */
    struct fold_in_item *items; /* (longest history) */
    uint64_t *skip;             /* bit per title */
};

static size_t longest_row(const struct csr *m)
{
    size_t longest = 0;
    for (uint32_t r = 0; r < m->rows; r++) {
        if (csr_row(m, r).n > longest)
            longest = csr_row(m, r).n;
    }
    return longest;
}

static void *aligned(size_t n)
{
    return aligned_alloc(ALIGN, (n / ALIGN + 1) * ALIGN);
}

int ranking_scratch_new(const struct scorer *s, const struct ranking_cases *c,
                        struct ranking_scratch **ret, struct mq_error *err)
{
    size_t longest = longest_row(c->history);
    struct ranking_scratch *w = calloc(1, sizeof(*w));
    if (!w)
        return mq_fail(err, MQ_NO_MEMORY, "ranking: no memory");
    w->n_titles = c->n_titles;
    w->score = aligned(c->n_titles * sizeof(float));
    w->x = aligned((s->model->stride + 16) * sizeof(float));
    w->fold = aligned((fold_in_scratch(s->model, longest) + 16) * sizeof(float));
    w->items = malloc((longest + 1) * sizeof(*w->items));
    w->skip = calloc(c->n_titles / 64 + 1, sizeof(*w->skip));
    if (!w->score || !w->x || !w->fold || !w->items || !w->skip) {
        ranking_scratch_free(w);
        return mq_fail(err, MQ_NO_MEMORY, "ranking: no memory");
    }
    memset(w->score, 0, c->n_titles * sizeof(float));
    *ret = w;
    return 0;
}

void ranking_scratch_free(struct ranking_scratch *w)
{
    if (!w)
        return;
    free(w->score);
    free(w->x);
    free(w->fold);
    free(w->items);
    free(w->skip);
    free(w);
}

int ranking_scores(const struct scorer *s, struct csr_row history, struct ranking_scratch *w,
                   const float **ret, struct mq_error *err)
{
    const struct model *m = s->model;
    uint32_t known = m->n_titles < w->n_titles ? m->n_titles : w->n_titles;
    *ret = w->score;
    if (s->kind == SCORE_POPULARITY) {
        memcpy(w->score, m->popularity, known * sizeof(float));
        return 0;
    }
    for (size_t i = 0; i < history.n; i++)
        w->items[i] = (struct fold_in_item){
            {history.col[i]}, history.value[i] > 0 ? 1.0f : 0.0f, fabsf(history.value[i])};
    int rc = fold_in(m, w->items, history.n, w->fold, w->x, NULL, err);
    if (rc == 0)
        math_kernels()->dots(m->factors, known, m->stride, w->x, w->score);
    return rc;
}

struct job {
    const struct scorer *scorer;
    const struct ranking_cases *cases;
    struct ranking *out;
    struct ranking_scratch **scratch; /* one a worker */
    atomic_int failed;
};

static bool holds(struct csr_row row, uint32_t col)
{
    size_t low = 0;
    size_t high = row.n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (row.col[middle] < col)
            low = middle + 1;
        else
            high = middle;
    }
    return low < row.n && row.col[low] == col;
}

static void mark(uint64_t *skip, struct csr_row row, bool set)
{
    for (size_t i = 0; i < row.n; i++) {
        uint64_t bit = UINT64_C(1) << (row.col[i] % 64);
        if (set)
            skip[row.col[i] / 64] |= bit;
        else
            skip[row.col[i] / 64] &= ~bit;
    }
}

/* Targets that the history does not hold already: only those can be found. */
static size_t open_targets(struct csr_row history, struct csr_row targets)
{
    size_t n = 0;
    for (size_t i = 0; i < targets.n; i++)
        n += !holds(history, targets.col[i]);
    return n;
}

static int judge(struct job *job, uint32_t i, struct ranking_scratch *w)
{
    struct ranking *out = job->out;
    struct csr_row history = csr_row(job->cases->history, out->row[i]);
    struct csr_row targets = csr_row(job->cases->targets, out->row[i]);
    struct topk_item best[RANKING_DEPTH];
    bool hit[RANKING_DEPTH];
    const float *score;
    int rc = ranking_scores(job->scorer, history, w, &score, NULL);
    if (rc)
        return rc;
    mark(w->skip, history, true);
    size_t n = topk_select(score, w->n_titles, w->skip, RANKING_DEPTH, best);
    mark(w->skip, history, false);
    for (size_t k = 0; k < RANKING_DEPTH; k++) {
        out->list[(size_t)i * RANKING_DEPTH + k] = k < n ? best[k].index : ID_NONE;
        out->score[(size_t)i * RANKING_DEPTH + k] = k < n ? best[k].score : 0;
        if (k < n)
            hit[k] = holds(targets, best[k].index);
    }
    size_t open = open_targets(history, targets);
    out->recall20[i] = recall_at(hit, n, open, 20);
    out->recall50[i] = recall_at(hit, n, open, 50);
    out->ndcg100[i] = ndcg_at(hit, n, open, 100);
    out->hr10[i] = hit_rate_at(hit, n, 10);
    out->ndcg10[i] = ndcg_at(hit, n, open, 10);
    return 0;
}

static void judge_part(void *ctx, size_t from, size_t to, size_t worker)
{
    struct job *job = ctx;
    for (size_t i = from; i < to; i++) {
        int rc = judge(job, (uint32_t)i, job->scratch[worker]);
        if (rc)
            atomic_store(&job->failed, rc);
    }
}

static int allocate(const struct ranking_cases *c, struct ranking *r, struct mq_error *err)
{
    uint32_t rows = c->history->rows;
    *r = (struct ranking){0};
    r->row = malloc((rows + 1) * sizeof(*r->row));
    for (uint32_t i = 0; r->row && i < rows; i++) {
        struct csr_row history = csr_row(c->history, i);
        if (history.n > 0 && open_targets(history, csr_row(c->targets, i)) > 0)
            r->row[r->n++] = i;
    }
    if (r->row && r->n == 0)
        return mq_fail(err, MQ_INVALID, "test: no viewer has both a history and a title to find");
    double **const metrics[] = {&r->recall20, &r->recall50, &r->ndcg100, &r->hr10, &r->ndcg10};
    bool whole = r->row != NULL;
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
        *metrics[i] = calloc((size_t)r->n + 1, sizeof(double));
        whole = whole && *metrics[i];
    }
    r->list = calloc((size_t)r->n * RANKING_DEPTH + 1, sizeof(*r->list));
    r->score = calloc((size_t)r->n * RANKING_DEPTH + 1, sizeof(*r->score));
    return whole && r->list && r->score ? 0 : mq_fail(err, MQ_NO_MEMORY, "ranking: no memory");
}

int ranking_run(const struct scorer *s, const struct ranking_cases *c, struct pool *pool,
                struct ranking *ret, struct mq_error *err)
{
    size_t threads = pool_threads(pool);
    struct job job = {.scorer = s, .cases = c, .out = ret};
    job.scratch = calloc(threads, sizeof(struct ranking_scratch *));
    int rc = allocate(c, ret, err);
    if (rc == 0 && !job.scratch)
        rc = mq_fail(err, MQ_NO_MEMORY, "ranking: no memory");
    for (size_t t = 0; rc == 0 && t < threads; t++)
        rc = ranking_scratch_new(s, c, &job.scratch[t], err);
    if (rc == 0) {
        pool_for(pool, ret->n, PART, judge_part, &job);
        int failed = atomic_load(&job.failed);
        if (failed)
            rc = mq_fail(err, (enum mq_status)failed, "ranking: fold-in failed: %s",
                         mq_status_doc(failed));
    }
    for (size_t t = 0; job.scratch && t < threads; t++)
        ranking_scratch_free(job.scratch[t]);
    free(job.scratch);
    if (rc)
        ranking_release(ret);
    return rc;
}

void ranking_release(struct ranking *r)
{
    free(r->row);
    free(r->recall20);
    free(r->recall50);
    free(r->ndcg100);
    free(r->hr10);
    free(r->ndcg10);
    free(r->list);
    free(r->score);
    *r = (struct ranking){0};
}
