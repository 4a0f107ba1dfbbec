#include "train/item_knn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/topk.h"

enum { TITLES_AT_ONCE = 16 };

struct job {
    const struct co_counts *c;
    float shrink;
    uint32_t keep;
    float *score;           /* (threads, n) */
    struct topk_item *best; /* (threads, keep) */
    uint32_t *found;        /* (n) */
    uint32_t *col;          /* (n, keep) */
    float *value;           /* (n, keep) */
};

static void find(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct job *job = ctx;
    size_t n = job->c->n;
    float *score = job->score + worker * n;
    struct topk_item *best = job->best + worker * job->keep;
    for (size_t i = from; i < to; i++) {
        const float *count = job->c->count + i * n;
        double own = (double)count[i];
        for (size_t j = 0; j < n; j++) {
            double both = (double)count[j];
            double other = (double)job->c->count[j * n + j];
            score[j] = both > 0 && j != i
                           ? (float)(both / sqrt(own * other) * both / (both + (double)job->shrink))
                           : NAN;
        }
        job->found[i] = (uint32_t)topk_select(score, n, NULL, job->keep, best);
        for (uint32_t k = 0; k < job->found[i]; k++) {
            job->col[i * job->keep + k] = best[k].index;
            job->value[i * job->keep + k] = best[k].score;
        }
    }
}

/* (n, keep) with gaps -> rows one after another. Takes col and value over. */
static int close_up(const struct job *job, struct links *ret)
{
    uint64_t *start = malloc(((size_t)job->c->n + 1) * sizeof(*start));
    uint64_t at = 0;
    if (!start)
        return MQ_NO_MEMORY;
    for (uint32_t i = 0; i < job->c->n; i++) {
        size_t from = (size_t)i * job->keep;
        start[i] = at;
        memmove(job->col + at, job->col + from, job->found[i] * sizeof(*job->col));
        memmove(job->value + at, job->value + from, job->found[i] * sizeof(*job->value));
        at += job->found[i];
    }
    start[job->c->n] = at;
    *ret = (struct links){.n = job->c->n, .start = start, .col = job->col, .value = job->value};
    return 0;
}

int item_knn_train(const struct co_counts *c, const struct item_knn_settings *s, struct pool *pool,
                   struct links *ret, struct mq_error *err)
{
    size_t n = c->n;
    size_t threads = pool_threads(pool);
    struct job job = {.c = c, .shrink = s->shrink};
    job.keep = s->neighbours > 0 && s->neighbours < c->n ? s->neighbours : c->n;
    job.score = malloc((threads * n + 1) * sizeof(*job.score));
    job.best = malloc((threads * job.keep + 1) * sizeof(*job.best));
    job.found = malloc((n + 1) * sizeof(*job.found));
    job.col = malloc((n * job.keep + 1) * sizeof(*job.col));
    job.value = malloc((n * job.keep + 1) * sizeof(*job.value));
    bool fine = job.score && job.best && job.found && job.col && job.value;
    if (fine) {
        pool_for(pool, n, TITLES_AT_ONCE, find, &job);
        fine = close_up(&job, ret) == 0;
    }
    if (!fine) {
        free(job.col);
        free(job.value);
    }
    free(job.score);
    free(job.best);
    free(job.found);
    return fine ? 0
                : mq_fail(err, MQ_NO_MEMORY,
                          "item neighbours: %zu titles: give the process more "
                          "memory",
                          n);
}
