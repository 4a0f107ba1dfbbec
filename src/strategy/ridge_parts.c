/* ridge_parts.c - linear forecasts over tokens, out of fold. */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "math/sparse_ridge.h"
#include "strategy/count_features.h"

enum { FOLDS = 8 };

static float penalty_of(uint8_t group, bool base)
{
    switch (group) {
    case TOKEN_GENRE:
    case TOKEN_YEAR:
    case TOKEN_KIND:
        return 1;
    case TOKEN_GENRE_PAIR:
    case TOKEN_COUNTRY:
    case TOKEN_LANGUAGE:
    case TOKEN_MATURITY:
        return 2;
    case TOKEN_TITLE_WORD:
        return base ? INFINITY : 3;
    default:
        return base ? INFINITY : 1;
    }
}

struct ridge_job {
    const struct count_task *task;
    struct ridge_parts *out;
    const uint8_t *fold;     /* (rows); FOLDS: not of the training set */
    const float *penalty[2]; /* base, full */
    double *scratch;         /* per worker */
    float *b;                /* (tokens) per worker */
    uint32_t *use;           /* (n_train) per worker */
    size_t n_scratch;
};

/* The full forecast's parts: from people, from words. */
static float full_of(const struct title_tokens *t, struct csr_row r, const float *b, float mean,
                     float *ret_people, float *ret_words)
{
    double part[3] = {0};
    for (size_t k = 0; k < r.n; k++) {
        uint8_t g = t->group[r.col[k]];
        int which = g >= TOKEN_ROLE ? 1 : g >= TOKEN_WORD && g <= TOKEN_TITLE_WORD ? 2 : 0;
        part[which] += (double)(r.value[k] * b[r.col[k]]);
    }
    *ret_people = (float)part[1];
    *ret_words = (float)part[2];
    return mean + (float)(part[0] + part[1] + part[2]);
}

static void note(const struct ridge_job *j, uint32_t row, bool full, const float *b, float mean)
{
    const struct title_tokens *t = j->task->tokens;
    if (full)
        j->out->full[row] =
            full_of(t, csr_row(&t->x, row), b, mean, &j->out->people[row], &j->out->words[row]);
    else
        j->out->base[row] = sparse_ridge_value(&t->x, row, b, mean);
}

struct ridge_said ridge_parts_say(const struct ridge_parts *p, const struct title_tokens *t,
                                  const struct seen_title *seen)
{
    struct ridge_said said = {.base = sparse_ridge_row(seen->tokens, p->b[0], p->mean[0])};
    said.full = full_of(t, seen->tokens, p->b[1], p->mean[1], &said.people, &said.words);
    return said;
}

/* Task k: model k / (FOLDS + 1), fold k % (FOLDS + 1); the last fold learns from all, for other titles. */
static void fit_some(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct ridge_job *j = ctx;
    const struct count_task *t = j->task;
    double *scratch = j->scratch + worker * j->n_scratch;
    float *b = j->b + worker * t->tokens->x.cols;
    uint32_t *use = j->use + worker * t->n_train;
    for (size_t k = from; k < to; k++) {
        bool full = k / (FOLDS + 1) == 1;
        uint8_t fold = (uint8_t)(k % (FOLDS + 1));
        uint32_t n = 0;
        for (uint32_t i = 0; i < t->n_train; i++)
            if (j->fold[t->train[i]] != fold)
                use[n++] = t->train[i];
        struct sparse_ridge s = {.x = &t->tokens->x,
                                 .by_column = &t->tokens->by_column,
                                 .penalty = j->penalty[full],
                                 .use = use,
                                 .n_use = n};
        float mean;
        sparse_ridge_fit(&s, t->log_audience, scratch, b, &mean);
        for (uint32_t i = 0; fold < FOLDS && i < t->n_train; i++)
            if (j->fold[t->train[i]] == fold)
                note(j, t->train[i], full, b, mean);
        if (fold == FOLDS) {
            memcpy(j->out->b[full], b, t->tokens->x.cols * sizeof(*b));
            j->out->mean[full] = mean;
        }
    }
}

static void penalties(const struct title_tokens *t, bool base, float *ret)
{
    for (uint32_t c = 0; c < t->x.cols; c++)
        ret[c] = penalty_of(t->group[c], base);
}

int ridge_parts_make(const struct count_task *task, struct ridge_parts *ret, struct mq_error *err)
{
    uint32_t rows = task->tokens->x.rows;
    uint32_t cols = task->tokens->x.cols;
    size_t threads = pool_threads(task->pool);
    struct ridge_job j = {.task = task, .n_scratch = sparse_ridge_scratch(&task->tokens->x)};
    float *block = calloc(4 * (size_t)rows + 2 * (size_t)cols + 1, sizeof(*block));
    float *penalty = calloc(2 * (size_t)cols + 1, sizeof(*penalty));
    uint8_t *fold = calloc((size_t)rows + 1, 1);
    j.scratch = calloc(threads * j.n_scratch + 1, sizeof(*j.scratch));
    j.b = calloc(threads * cols + 1, sizeof(*j.b));
    j.use = calloc(threads * task->n_train + 1, sizeof(*j.use));
    int rc = 0;
    if (!block || !penalty || !fold || !j.scratch || !j.b || !j.use) {
        free(block);
        rc = mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for %u titles", rows);
    } else {
        float *b = block + 4 * (size_t)rows;
        *ret = (struct ridge_parts){.base = block,
                                    .full = block + rows,
                                    .people = block + 2 * (size_t)rows,
                                    .words = block + 3 * (size_t)rows,
                                    .b = {b, b + cols}};
        for (uint32_t i = 0; i < task->n_train; i++) {
            uint32_t row = task->train[i];
            fold[row] = (uint8_t)(hash_mix(task->seed, row) % FOLDS);
        }
        penalties(task->tokens, true, penalty);
        penalties(task->tokens, false, penalty + cols);
        j.out = ret;
        j.fold = fold;
        j.penalty[0] = penalty;
        j.penalty[1] = penalty + cols;
        pool_for(task->pool, 2 * (FOLDS + 1), 1, fit_some, &j);
    }
    free(penalty);
    free(fold);
    free(j.scratch);
    free(j.b);
    free(j.use);
    return rc;
}

void ridge_parts_release(struct ridge_parts *p)
{
    free(p->base);
    *p = (struct ridge_parts){0};
}
