#include "train/ease.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/spd.h"

enum { TITLES_AT_ONCE = 8 };

size_t ease_memory(uint32_t n_titles)
{
    return 2 * (size_t)n_titles * n_titles * sizeof(float);
}

bool ease_fits(uint32_t n_titles)
{
    return ease_memory(n_titles) <= EASE_BYTES_MAX && n_titles <= SPD_MAX;
}

/* ---------------------------------------------------------------- who has what in common */

struct counting {
    const struct csr *by_viewer, *by_title;
    float *count;
};

static void count_rows(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct counting *c = ctx;
    size_t n = c->by_viewer->cols;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        struct csr_row viewers = csr_row(c->by_title, (uint32_t)i);
        float *row = c->count + i * n;
        for (size_t v = 0; v < viewers.n; v++) {
            struct csr_row titles = csr_row(c->by_viewer, viewers.col[v]);
            if (!(viewers.value[v] > 0))
                continue;
            for (size_t k = 0; k < titles.n; k++)
                row[titles.col[k]] += titles.value[k] > 0 ? 1.0f : 0.0f;
        }
    }
}

int co_counts_of(const struct csr *m, struct pool *pool, struct co_counts *ret,
                 struct mq_error *err)
{
    struct csr by_title = {0};
    size_t n = m->cols;
    if (!ease_fits(m->cols))
        return mq_fail(err, MQ_TOO_LARGE,
                       "EASE: %u titles: would take %.1f GB, at most %.1f: neighbours take its "
                       "place",
                       m->cols, (double)ease_memory(m->cols) / 1e9, (double)EASE_BYTES_MAX / 1e9);
    float *count = calloc(n * n + 1, sizeof(*count));
    int rc = count ? csr_transpose(m, &by_title, err)
                   : mq_fail(err, MQ_NO_MEMORY, "EASE: %zu bytes: give the process more memory",
                             ease_memory(m->cols));
    if (rc) {
        free(count);
        return rc;
    }
    struct counting c = {m, &by_title, count};
    pool_for(pool, n, TITLES_AT_ONCE, count_rows, &c);
    csr_release(&by_title);
    ret->n = m->cols;
    ret->count = count;
    return 0;
}

void co_counts_release(struct co_counts *c)
{
    free(c->count);
    *c = (struct co_counts){0};
}

/* ---------------------------------------------------------------- the inverse */

/* P by its own size. */
static int inverse_by_titles(const struct co_counts *c, double lambda, struct pool *pool, float *p,
                             struct mq_error *err)
{
    size_t n = c->n;
    memcpy(p, c->count, n * n * sizeof(*p));
    for (size_t i = 0; i < n; i++)
        p[i * n + i] += (float)lambda;
    return spd_inverse(p, n, pool_threads(pool), err);
}

static size_t active_rows(const struct csr *m)
{
    size_t n = 0;
    for (uint32_t v = 0; v < m->rows; v++)
        n += csr_row(m, v).n > 0;
    return n;
}

/* Rows of viewers with anything, dense, by `scale`: (active, n). */
static void dense_rows(const struct csr *m, float *x)
{
    size_t at = 0;
    memset(x, 0, active_rows(m) * m->cols * sizeof(*x));
    for (uint32_t v = 0; v < m->rows; v++) {
        struct csr_row row = csr_row(m, v);
        if (row.n == 0)
            continue;
        for (size_t k = 0; k < row.n; k++)
            x[at * m->cols + row.col[k]] = row.value[k] > 0 ? 1.0f : 0.0f;
        at++;
    }
}

/* K = X X' + lambda I, (u, u): how much two viewers have in common. */
static void viewer_matrix(const struct csr *m, const float *x, double lambda, float *k)
{
    size_t a = 0;
    size_t u = active_rows(m);
    for (uint32_t v = 0; v < m->rows; v++) {
        struct csr_row row = csr_row(m, v);
        if (row.n == 0)
            continue;
        for (size_t b = 0; b < u; b++) {
            float sum = 0;
            for (size_t t = 0; t < row.n; t++)
                sum += row.value[t] > 0 ? x[b * m->cols + row.col[t]] : 0.0f;
            k[a * u + b] = sum;
        }
        k[a * u + a] += (float)lambda;
        a++;
    }
}

/* P through the viewers: with K^-1 = L L', X' K^-1 X = (L' X)' (L' X). */
static int inverse_by_viewers(const struct csr *m, double lambda, struct pool *pool, float *p,
                              struct mq_error *err)
{
    size_t n = m->cols;
    size_t u = active_rows(m);
    float *x = malloc((u * n + 1) * sizeof(*x));
    float *k = malloc((u * u + 1) * sizeof(*k));
    int rc = x && k
                 ? 0
                 : mq_fail(err, MQ_NO_MEMORY, "EASE: %zu viewers: give the process more memory", u);
    if (rc == 0) {
        dense_rows(m, x);
        viewer_matrix(m, x, lambda, k);
        rc = spd_whiten(k, u, x, n, pool_threads(pool), err);
    }
    if (rc == 0) {
        spd_gram(x, u, n, pool_threads(pool), p);
        float inverse = (float)(1 / lambda);
        for (size_t i = 0; i < n * n; i++)
            p[i] *= -inverse;
        for (size_t i = 0; i < n; i++)
            p[i * n + i] += inverse;
    }
    free(x);
    free(k);
    return rc;
}

/* B in place of P. */
static int to_weights(float *p, size_t n, struct mq_error *err)
{
    float *scale = malloc((n + 1) * sizeof(*scale));
    if (!scale)
        return mq_fail(err, MQ_NO_MEMORY, "EASE: no memory");
    for (size_t j = 0; j < n; j++)
        scale[j] = p[j * n + j] > 0 ? -1 / p[j * n + j] : 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            p[i * n + j] *= scale[j];
        p[i * n + i] = 0;
    }
    free(scale);
    return 0;
}

int ease_train(const struct csr *m, const struct co_counts *c, double lambda, struct pool *pool,
               struct links *ret, struct mq_error *err)
{
    size_t n = c->n;
    if (!(lambda > 0) || !isfinite(lambda))
        return mq_fail(err, MQ_INVALID, "EASE: lambda %g: must be above 0", lambda);
    float *p = malloc((n * n + 1) * sizeof(*p));
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "EASE: %zu bytes: give the process more memory",
                       ease_memory(c->n));
    int rc = active_rows(m) * 2 < n ? inverse_by_viewers(m, lambda, pool, p, err)
                                    : inverse_by_titles(c, lambda, pool, p, err);
    if (rc == 0)
        rc = to_weights(p, n, err);
    if (rc) {
        free(p);
        return rc;
    }
    *ret = (struct links){.n = c->n, .dense = p};
    return 0;
}
