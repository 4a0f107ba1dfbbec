/* likeness.c - the nearest titles by what is known of them: cosine over tokens, rare ones counting more. */
#include <math.h>
#include <stdlib.h>

#include "strategy/count_features.h"

static float length_of(const float *weight, struct csr_row row, float unknown)
{
    double sum = (double)unknown;
    for (size_t k = 0; k < row.n; k++)
        sum += pow((double)(row.value[k] * weight[row.col[k]]), 2);
    return (float)sqrt(sum);
}

int likeness_index_make(const struct count_task *task, struct likeness_index *ret,
                        struct mq_error *err)
{
    const struct title_tokens *t = task->tokens;
    float *weight = calloc((size_t)t->x.cols + 1, sizeof(*weight));
    float *length = calloc((size_t)t->x.rows + 1, sizeof(*length));
    bool *is_train = calloc((size_t)t->x.rows + 1, sizeof(*is_train));
    *ret = (struct likeness_index){t, weight, length, is_train};
    if (!weight || !length || !is_train) {
        likeness_index_release(ret);
        return mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for comparables");
    }
    for (uint32_t c = 0; c < t->x.cols; c++)
        weight[c] = t->idf[c] * token_likeness(t->group[c]);
    for (uint32_t r = 0; r < t->x.rows; r++)
        length[r] = length_of(weight, csr_row(&t->x, r), 0);
    for (uint32_t i = 0; i < task->n_train; i++)
        is_train[task->train[i]] = true;
    return 0;
}

void likeness_index_release(struct likeness_index *ix)
{
    free((void *)(uintptr_t)ix->weight);
    free((void *)(uintptr_t)ix->length);
    free((void *)(uintptr_t)ix->is_train);
    *ix = (struct likeness_index){0};
}

static bool better(struct alike a, struct alike b)
{
    return a.likeness > b.likeness || (a.likeness == b.likeness && a.row < b.row);
}

/* Sorted insertion: most candidates fail against the last. */
static uint32_t offer(struct alike *best, uint32_t n, uint32_t max, struct alike a)
{
    if (n == max && !better(a, best[n - 1]))
        return n;
    uint32_t at = n < max ? n++ : n - 1;
    for (; at > 0 && better(a, best[at - 1]); at--)
        best[at] = best[at - 1];
    best[at] = a;
    return n;
}

uint32_t likeness_nearest(const struct likeness_index *ix, const struct seen_title *seen,
                          float *scratch, struct alike *ret, uint32_t max)
{
    const struct title_tokens *t = ix->tokens;
    struct csr_row r = seen->tokens;
    float length = length_of(ix->weight, r, seen->unknown);
    for (size_t k = 0; k < r.n; k++) {
        uint32_t token = r.col[k];
        struct csr_row with = csr_row(&t->by_column, token);
        float v = r.value[k] * ix->weight[token] * ix->weight[token];
        for (size_t i = 0; i < with.n; i++)
            scratch[with.col[i]] += v * with.value[i];
    }
    uint32_t n = 0;
    for (uint32_t o = 0; o < t->x.rows; o++) {
        float dot = scratch[o];
        scratch[o] = 0;
        if (dot > 0 && o != seen->row && ix->is_train[o])
            n = offer(ret, n, max, (struct alike){o, dot / (ix->length[o] * length)});
    }
    return n;
}
