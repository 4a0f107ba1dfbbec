#include "train/content.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/spd.h"

static const double thin_evidence = 10; /* viewers at which a factor counts half */

/* Features with weights, and which titles have each. */
struct weighted {
    struct csr rows; /* (titles, features): idf / norm of the row */
    struct csr cols; /* (features, titles) */
};

static void weighted_release(struct weighted *w, size_t n)
{
    for (size_t k = 0; w && k < n; k++) {
        csr_release(&w[k].rows);
        csr_release(&w[k].cols);
    }
    free(w);
}

static int copy_csr(const struct csr *m, struct csr *ret)
{
    size_t nnz = (size_t)csr_nnz(m);
    *ret = (struct csr){.rows = m->rows, .cols = m->cols};
    ret->start = malloc(((size_t)m->rows + 1) * sizeof(*ret->start));
    ret->col = malloc((nnz + 1) * sizeof(*ret->col));
    ret->value = malloc((nnz + 1) * sizeof(*ret->value));
    if (!ret->start || !ret->col || !ret->value)
        return MQ_NO_MEMORY;
    memcpy(ret->start, m->start, ((size_t)m->rows + 1) * sizeof(*ret->start));
    memcpy(ret->col, m->col, nnz * sizeof(*ret->col));
    return 0;
}

static int weigh(const struct csr *m, struct weighted *ret, struct mq_error *err)
{
    double *idf = calloc((size_t)m->cols + 1, sizeof(*idf));
    int rc =
        idf && copy_csr(m, &ret->rows) == 0 ? 0 : mq_fail(err, MQ_NO_MEMORY, "content: no memory");
    for (uint64_t k = 0; rc == 0 && k < csr_nnz(m); k++)
        idf[m->col[k]] += 1;
    for (uint32_t f = 0; rc == 0 && f < m->cols; f++)
        idf[f] = log((1 + (double)m->rows) / (1 + idf[f]));
    for (uint32_t i = 0; rc == 0 && i < m->rows; i++) {
        struct csr_row row = csr_row(m, i);
        double square = 0;
        for (size_t k = 0; k < row.n; k++)
            square += idf[row.col[k]] * idf[row.col[k]];
        for (size_t k = 0; k < row.n; k++)
            ret->rows.value[m->start[i] + k] =
                square > 0 ? (float)(idf[row.col[k]] / sqrt(square)) : 0;
    }
    if (rc == 0)
        rc = csr_transpose(&ret->rows, &ret->cols, err);
    free(idf);
    return rc;
}

/* k(title, j) for all titles j. */
static void kernel_row(const struct weighted *w, const struct content_input *in, uint32_t title,
                       uint32_t titles, float *ret)
{
    for (uint32_t j = 0; j < titles; j++)
        ret[j] = 1;
    for (size_t k = 0; k < in->n_kinds; k++) {
        float weight = in->weight ? (float)in->weight[k] : 1;
        struct csr_row mine = csr_row(&w[k].rows, title);
        for (size_t a = 0; a < mine.n; a++) {
            struct csr_row with = csr_row(&w[k].cols, mine.col[a]);
            for (size_t b = 0; b < with.n; b++)
                ret[with.col[b]] += weight * mine.value[a] * with.value[b];
        }
    }
}

struct placing {
    const struct content_input *in;
    struct weighted *w;
    uint32_t titles;
    uint32_t *known; /* (n_known) titles that are learnt from */
    size_t n_known;
    float *row;     /* (titles) */
    float *inverse; /* (n_known, n_known) */
    float *dual;    /* (n_known, stride): inverse Y */
};

static int placing_init(struct placing *p, struct mq_error *err)
{
    const struct content_input *in = p->in;
    p->titles = in->n_kinds > 0 ? in->kinds[0]->rows : 0;
    p->w = calloc(in->n_kinds + 1, sizeof(*p->w));
    p->known = malloc(((size_t)p->titles + 1) * sizeof(*p->known));
    p->row = malloc(((size_t)p->titles + 1) * sizeof(*p->row));
    int rc = p->w && p->known && p->row ? 0 : mq_fail(err, MQ_NO_MEMORY, "content: no memory");
    for (size_t k = 0; rc == 0 && k < in->n_kinds; k++)
        rc = weigh(in->kinds[k], &p->w[k], err);
    for (uint32_t i = 0; rc == 0 && i < p->titles; i++)
        if (in->popularity[i] > 0)
            p->known[p->n_known++] = i;
    if (rc)
        return rc;
    if (p->n_known == 0)
        return mq_fail(err, MQ_INVALID, "content: no title was watched: nothing to learn from");
    if (p->n_known > SPD_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "content: %zu watched titles: at most %d", p->n_known,
                       SPD_MAX);
    p->inverse = malloc(p->n_known * p->n_known * sizeof(*p->inverse));
    p->dual = calloc(p->n_known * in->stride + 1, sizeof(*p->dual));
    return p->inverse && p->dual
               ? 0
               : mq_fail(err, MQ_NO_MEMORY, "content: %zu titles: no memory", p->n_known);
}

static int learn(struct placing *p, struct pool *pool, struct mq_error *err)
{
    const struct content_input *in = p->in;
    size_t n = p->n_known;
    for (size_t i = 0; i < n; i++) {
        kernel_row(p->w, in, p->known[i], p->titles, p->row);
        for (size_t j = 0; j < n; j++)
            p->inverse[i * n + j] = p->row[p->known[j]];
        double viewers = (double)in->popularity[p->known[i]];
        p->inverse[i * n + i] += (float)(in->ridge * (1 + thin_evidence / viewers));
    }
    int rc = spd_inverse(p->inverse, n, pool_threads(pool), err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        float *to = p->dual + i * in->stride;
        for (size_t j = 0; j < n; j++) {
            float weight = p->inverse[i * n + j];
            const float *y = in->factors + (size_t)p->known[j] * in->stride;
            for (size_t c = 0; c < in->stride; c++)
                to[c] += weight * y[c];
        }
    }
    return rc;
}

static void place(struct placing *p, uint32_t title, float *ret)
{
    size_t stride = p->in->stride;
    kernel_row(p->w, p->in, title, p->titles, p->row);
    memset(ret, 0, stride * sizeof(*ret));
    for (size_t j = 0; j < p->n_known; j++) {
        float k = p->row[p->known[j]];
        for (size_t c = 0; c < stride; c++)
            ret[c] += k * p->dual[j * stride + c];
    }
}

int content_place(const struct content_input *in, const uint32_t *titles, size_t n,
                  struct pool *pool, float *ret, struct mq_error *err)
{
    struct placing p = {.in = in};
    if (!(in->ridge > 0) || !isfinite(in->ridge))
        return mq_fail(err, MQ_INVALID, "content: ridge %g: must be above 0", in->ridge);
    int rc = placing_init(&p, err);
    if (rc == 0)
        rc = learn(&p, pool, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        place(&p, titles[i], ret + i * in->stride);
    weighted_release(p.w, in->n_kinds);
    free(p.known);
    free(p.row);
    free(p.inverse);
    free(p.dual);
    return rc;
}
