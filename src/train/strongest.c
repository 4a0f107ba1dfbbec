#include "train/strongest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "math/topk.h"

enum { ROWS_AT_ONCE = 16 };

struct job {
    const struct links *l;
    uint32_t keep;
    float *size;            /* (threads, n) */
    struct topk_item *best; /* (threads, keep) */
    uint32_t *found;        /* (n) */
    uint32_t *col;          /* (n, keep) */
    float *value;
};

static int by_title(const void *a, const void *b)
{
    uint32_t x = ((const struct topk_item *)a)->index;
    uint32_t y = ((const struct topk_item *)b)->index;
    return (x > y) - (x < y);
}

static void keep_row(const struct job *job, uint32_t i, float *size, struct topk_item *best)
{
    const struct links *l = job->l;
    size_t from = l->dense ? (size_t)i * l->n : (size_t)l->start[i];
    size_t n = l->dense ? l->n : (size_t)(l->start[i + 1] - l->start[i]);
    const float *value = l->dense ? l->dense + from : l->value + from;
    for (size_t k = 0; k < n; k++)
        size[k] = value[k] != 0 ? fabsf(value[k]) : NAN;
    size_t kept = topk_select(size, n, NULL, job->keep, best);
    for (size_t k = 0; k < kept; k++) {
        size_t at = best[k].index;
        best[k] = (struct topk_item){l->dense ? (uint32_t)at : l->col[from + at], value[at]};
    }
    qsort(best, kept, sizeof(*best), by_title);
    for (size_t k = 0; k < kept; k++) {
        job->col[(size_t)i * job->keep + k] = best[k].index;
        job->value[(size_t)i * job->keep + k] = best[k].score;
    }
    job->found[i] = (uint32_t)kept;
}

static void keep_rows(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct job *job = ctx;
    for (size_t i = from; i < to; i++)
        keep_row(job, (uint32_t)i, job->size + worker * job->l->n, job->best + worker * job->keep);
}

/* (n, keep) with gaps -> rows one after another. */
static void close_up(const struct job *job, uint64_t *start)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < job->l->n; i++) {
        size_t from = (size_t)i * job->keep;
        start[i] = at;
        memmove(job->col + at, job->col + from, job->found[i] * sizeof(*job->col));
        memmove(job->value + at, job->value + from, job->found[i] * sizeof(*job->value));
        at += job->found[i];
    }
    start[job->l->n] = at;
}

int links_strongest(struct links *l, uint32_t keep, struct pool *pool, struct mq_error *err)
{
    size_t n = l->n;
    size_t threads = pool_threads(pool);
    struct job job = {.l = l, .keep = keep < l->n ? keep : l->n};
    if (n == 0 || keep == 0)
        return 0;
    uint64_t *start = malloc((n + 1) * sizeof(*start));
    job.size = malloc((threads * n + 1) * sizeof(*job.size));
    job.best = malloc((threads * job.keep + 1) * sizeof(*job.best));
    job.found = malloc((n + 1) * sizeof(*job.found));
    job.col = malloc((n * job.keep + 1) * sizeof(*job.col));
    job.value = malloc((n * job.keep + 1) * sizeof(*job.value));
    bool fine = start && job.size && job.best && job.found && job.col && job.value;
    if (fine) {
        pool_for(pool, n, ROWS_AT_ONCE, keep_rows, &job);
        close_up(&job, start);
        links_release(l);
        *l = (struct links){.n = (uint32_t)n, .start = start, .col = job.col, .value = job.value};
    } else {
        free(start);
        free(job.col);
        free(job.value);
    }
    free(job.size);
    free(job.best);
    free(job.found);
    return fine ? 0 : mq_fail(err, MQ_NO_MEMORY, "links: %zu titles: no memory", n);
}
