/* who_kernel.c - who, straight from tokens: what each viewer would do by ridge regression on the tokens of what they watched.
 *
 * With the kernel K = X X' of the training titles' tokens, a viewer's forecast for a new title is k'(K + l I)^-1 (r - m) + m, r what they watched and
 * m their share of all. The weights k'(K + l I)^-1 are the same for all viewers. */
#include <stdlib.h>

#include "math/spd.h"
#include "strategy/who_model.h"

static const float kernel_penalty = 10; /* found on MovieLens 100K */

struct weighing {
    const struct count_task *t;
    const uint32_t *at;   /* (rows) place among the training rows + 1; 0: none */
    const float *inverse; /* (n_train, n_train) */
    float *kernel;        /* (n_train) per worker */
    float *ret;           /* (n_test, n_train) */
};

/* k of `row` with all training rows. */
static void kernel_row(const struct count_task *t, const uint32_t *at, uint32_t row, float *ret)
{
    memset(ret, 0, t->n_train * sizeof(*ret));
    struct csr_row r = csr_row(&t->tokens->x, row);
    for (size_t k = 0; k < r.n; k++) {
        struct csr_row with = csr_row(&t->tokens->by_column, r.col[k]);
        for (size_t i = 0; i < with.n; i++)
            if (at[with.col[i]])
                ret[at[with.col[i]] - 1] += r.value[k] * with.value[i];
    }
}

static void weigh_some(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct weighing *w = ctx;
    size_t n = w->t->n_train;
    float *kernel = w->kernel + worker * n;
    for (size_t i = from; i < to; i++) {
        float *ret = w->ret + i * n;
        kernel_row(w->t, w->at, w->t->test[i], kernel);
        for (size_t j = 0; j < n; j++) {
            const float *row = w->inverse + j * n;
            float v = kernel[j];
            for (size_t c = 0; v != 0 && c < n; c++)
                ret[c] += v * row[c];
        }
    }
}

int who_kernel_weights(const struct count_task *t, float *ret, struct mq_error *err)
{
    size_t n = t->n_train;
    uint32_t *at = calloc((size_t)t->tokens->x.rows + 1, sizeof(*at));
    float *k = malloc((n * n + 1) * sizeof(*k));
    float *kernel = calloc(pool_threads(t->pool) * n + 1, sizeof(*kernel));
    int rc = at && k && kernel ? 0 : mq_fail(err, MQ_NO_MEMORY, "who: no memory for %zu titles", n);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        at[t->train[i]] = i + 1;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        kernel_row(t, at, t->train[i], k + i * n);
        k[i * n + i] += kernel_penalty;
    }
    if (rc == 0)
        rc = spd_inverse(k, n, 1, err);
    if (rc == 0) {
        struct weighing w = {t, at, k, kernel, ret};
        memset(ret, 0, (size_t)t->n_test * n * sizeof(*ret));
        pool_for(t->pool, t->n_test, 8, weigh_some, &w);
    }
    free(at);
    free(k);
    free(kernel);
    return rc;
}
