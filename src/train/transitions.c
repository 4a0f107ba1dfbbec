#include "train/transitions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/topk.h"

enum { TITLES_AT_ONCE = 8, WINDOW_MAX = 256 };

struct occurrence {
    uint64_t at, end; /* entry of the histories, and where its viewer's end */
};

struct job {
    const struct histories *h;
    uint32_t window, keep;
    float decay[WINDOW_MAX + 1]; /* by distance */
    uint64_t *start;             /* (titles + 1) */
    struct occurrence *where;    /* (entries) by title */
    double *after;               /* (titles) summed weight of what follows */
    float *score;                /* (threads, titles) */
    struct topk_item *best;      /* (threads, keep) */
    uint32_t *found;             /* (titles) */
    uint32_t **col;              /* (titles) heap, found long */
    float **value;
    bool *short_of_memory; /* (threads) */
};

static void find_occurrences(struct job *job)
{
    const struct histories *h = job->h;
    for (uint64_t k = 0; k < histories_entries(h); k++)
        job->start[h->title[k] + 1]++;
    for (uint32_t i = 0; i < h->titles; i++)
        job->start[i + 1] += job->start[i];
    for (uint32_t v = 0; v < h->rows; v++) {
        for (uint64_t k = h->start[v]; k < h->start[v + 1]; k++)
            job->where[job->start[h->title[k]]++] = (struct occurrence){k, h->start[v + 1]};
    }
    for (uint32_t i = h->titles; i > 0; i--)
        job->start[i] = job->start[i - 1];
    job->start[0] = 0;
}

/* Keep the strongest links of title i, scaled. */
static void keep_row(struct job *job, size_t i, const float *score, struct topk_item *best,
                     size_t worker)
{
    uint32_t n = (uint32_t)topk_select(score, job->h->titles, NULL, job->keep, best);
    while (n > 0 && !(best[n - 1].score > 0))
        n--;
    float scale = 1 / ((float)job->after[i] + TRANSITIONS_PRIOR);
    job->col[i] = malloc(((size_t)n + 1) * sizeof(**job->col));
    job->value[i] = malloc(((size_t)n + 1) * sizeof(**job->value));
    if (!job->col[i] || !job->value[i]) {
        job->short_of_memory[worker] = true;
        return;
    }
    job->found[i] = n;
    for (uint32_t k = 0; k < n; k++) {
        job->col[i][k] = best[k].index;
        job->value[i][k] = best[k].score * scale;
    }
}

static void count_after(void *ctx, size_t from, size_t to, size_t worker)
{
    struct job *job = ctx;
    const struct histories *h = job->h;
    float *score = job->score + worker * h->titles;
    for (size_t i = from; i < to; i++) {
        memset(score, 0, h->titles * sizeof(*score));
        for (uint64_t o = job->start[i]; o < job->start[i + 1]; o++) {
            struct occurrence at = job->where[o];
            for (uint64_t k = at.at + 1; k < at.end && k - at.at <= job->window; k++)
                score[h->title[k]] += job->decay[k - at.at];
        }
        score[i] = 0;
        for (uint32_t j = 0; j < h->titles; j++)
            job->after[i] += (double)score[j];
        keep_row(job, i, score, job->best + worker * job->keep, worker);
    }
}

/* Summed weight of what came before each title. */
static void count_before(const struct job *job, double *before)
{
    const struct histories *h = job->h;
    for (uint32_t v = 0; v < h->rows; v++) {
        double sum = 0;
        for (uint64_t k = h->start[v]; k < h->start[v + 1]; k++) {
            uint64_t place = k - h->start[v];
            before[h->title[k]] += sum;
            if (place < job->window)
                sum += (double)job->decay[place + 1];
        }
    }
}

static int gather(const struct job *job, struct links *ret)
{
    uint32_t n = job->h->titles;
    uint64_t *start = malloc(((size_t)n + 1) * sizeof(*start));
    uint64_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += job->found[i];
    uint32_t *col = malloc((total + 1) * sizeof(*col));
    float *value = malloc((total + 1) * sizeof(*value));
    if (!start || !col || !value) {
        free(start);
        free(col);
        free(value);
        return MQ_NO_MEMORY;
    }
    uint64_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        start[i] = at;
        memcpy(col + at, job->col[i], job->found[i] * sizeof(*col));
        memcpy(value + at, job->value[i], job->found[i] * sizeof(*value));
        at += job->found[i];
    }
    start[n] = at;
    *ret = (struct links){.n = n, .start = start, .col = col, .value = value};
    return 0;
}

static int scales(const struct job *job, struct transitions *ret)
{
    uint32_t n = job->h->titles;
    double *before = calloc((size_t)n + 1, sizeof(*before));
    ret->from_scale = malloc(((size_t)n + 1) * sizeof(float));
    ret->to_scale = malloc(((size_t)n + 1) * sizeof(float));
    if (!before || !ret->from_scale || !ret->to_scale) {
        free(before);
        return MQ_NO_MEMORY;
    }
    count_before(job, before);
    for (uint32_t i = 0; i < n; i++) {
        ret->from_scale[i] = ((float)job->after[i] + TRANSITIONS_PRIOR) /
                             sqrtf((float)job->after[i] + TRANSITIONS_COSINE_PRIOR);
        ret->to_scale[i] = 1 / sqrtf((float)before[i] + TRANSITIONS_COSINE_PRIOR);
    }
    free(before);
    return 0;
}

static bool job_new(struct job *job, const struct histories *h, size_t threads)
{
    size_t n = h->titles;
    job->keep = h->titles < TRANSITIONS_ROW_MAX ? h->titles : TRANSITIONS_ROW_MAX;
    job->start = calloc(n + 2, sizeof(*job->start));
    job->where = malloc((histories_entries(h) + 1) * sizeof(*job->where));
    job->after = calloc(n + 1, sizeof(*job->after));
    job->score = malloc((threads * n + 1) * sizeof(*job->score));
    job->best = malloc((threads * job->keep + 1) * sizeof(*job->best));
    job->found = calloc(n + 1, sizeof(*job->found));
    job->col = calloc(n + 1, sizeof(*job->col));
    job->value = calloc(n + 1, sizeof(*job->value));
    job->short_of_memory = calloc(threads, sizeof(*job->short_of_memory));
    return job->start && job->where && job->after && job->score && job->best && job->found &&
           job->col && job->value && job->short_of_memory;
}

static void job_release(struct job *job)
{
    for (uint32_t i = 0; job->col && job->value && i < job->h->titles; i++) {
        free(job->col[i]);
        free(job->value[i]);
    }
    free(job->start);
    free(job->where);
    free(job->after);
    free(job->score);
    free(job->best);
    free(job->found);
    free((void *)job->col);
    free((void *)job->value);
    free(job->short_of_memory);
}

int transitions_train(const struct histories *h, const struct transitions_settings *s,
                      struct pool *pool, struct transitions *ret, struct mq_error *err)
{
    struct job job = {.h = h};
    struct transitions out = {0};
    bool fine = job_new(&job, h, pool_threads(pool));
    job.window = s->window < WINDOW_MAX ? s->window : WINDOW_MAX;
    for (uint32_t d = 1; d <= job.window; d++)
        job.decay[d] = exp2f(-(float)(d - 1) / s->half_life);
    if (fine) {
        find_occurrences(&job);
        pool_for(pool, h->titles, TITLES_AT_ONCE, count_after, &job);
        for (size_t t = 0; t < pool_threads(pool); t++)
            fine = fine && !job.short_of_memory[t];
    }
    fine = fine && gather(&job, &out.follows) == 0 && scales(&job, &out) == 0;
    job_release(&job);
    if (!fine) {
        transitions_release(&out);
        return mq_fail(err, MQ_NO_MEMORY, "transitions: %u titles: give the process more memory",
                       h->titles);
    }
    *ret = out;
    return 0;
}

void transitions_release(struct transitions *t)
{
    links_release(&t->follows);
    free(t->from_scale);
    free(t->to_scale);
    *t = (struct transitions){0};
}
