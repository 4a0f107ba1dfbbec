/* likeness.c - the nearest titles by what is known of them: cosine over tokens, rare ones counting more. */
#include <math.h>
#include <stdlib.h>

#include "strategy/count_features.h"

static float group_weight(uint8_t group)
{
    switch (group) {
    case TOKEN_GENRE_PAIR:
    case TOKEN_COUNTRY:
    case TOKEN_LANGUAGE:
    case TOKEN_MATURITY:
        return 0.5F;
    case TOKEN_YEAR:
        return 0.7F;
    case TOKEN_WORD:
    case TOKEN_TITLE_WORD:
        return 0.15F; /* rarity is in the value already */
    default:
        return group >= TOKEN_ROLE ? 0.7F : 1.0F;
    }
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
        weight[c] = t->idf[c] * group_weight(t->group[c]);
    for (uint32_t r = 0; r < t->x.rows; r++) {
        struct csr_row row = csr_row(&t->x, r);
        double sum = 0;
        for (size_t k = 0; k < row.n; k++)
            sum += pow((double)(row.value[k] * weight[row.col[k]]), 2);
        length[r] = (float)sqrt(sum);
    }
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

uint32_t likeness_nearest(const struct likeness_index *ix, uint32_t row, float *scratch,
                          struct alike *ret, uint32_t max)
{
    const struct title_tokens *t = ix->tokens;
    struct csr_row r = csr_row(&t->x, row);
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
        if (dot > 0 && o != row && ix->is_train[o])
            n = offer(ret, n, max, (struct alike){o, dot / (ix->length[o] * ix->length[row])});
    }
    return n;
}
