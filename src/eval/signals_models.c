#include "eval/signals_models.h"

#include "eval/rating_models.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPSHOTS = 16 };

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "signals: no memory: give the process more");
}

int signal_matrices(const struct signal_data *d, struct signal_models *ret, struct mq_error *err)
{
    uint32_t viewers = intern_count(d->book->viewers);
    uint32_t titles = intern_count(d->book->titles);
    int rc = triples_to_csr(d->met, viewers, titles, INT64_MIN, INT64_MAX, &ret->met, err);
    if (rc == 0)
        rc = triples_to_csr(d->met, viewers, titles, INT64_MIN, INT64_MAX, &ret->values, err);
    if (rc == 0 && d->shares)
        rc = triples_to_csr(d->shares, viewers, titles, INT64_MIN, INT64_MAX, &ret->shares, err);
    if (rc == 0)
        rc = rating_matrix(d->rated, d->book, &ret->rated, err);
    for (uint64_t k = 0; rc == 0 && !d->graded && k < csr_nnz(&ret->met); k++)
        ret->met.value[k] = ret->values.value[k] = 1;
    /* Both rows ascend by title. */
    for (uint32_t v = 0; rc == 0 && v < viewers; v++) {
        struct csr_row have = csr_row(&ret->rated, v);
        uint64_t at = ret->values.start[v];
        for (size_t k = 0; k < have.n; k++) {
            while (at < ret->values.start[v + 1] && ret->values.col[at] < have.col[k])
                at++;
            if (at < ret->values.start[v + 1] && ret->values.col[at] == have.col[k] &&
                (double)have.value[k] < d->positive)
                ret->values.value[at] = -fabsf(ret->values.value[at]);
        }
    }
    return rc;
}

/* Rows of viewer and title alone: lists have no time. */
static int fit_ratings(const struct signal_data *d, const struct triples *cases, struct pool *pool,
                       struct train_watch watch, struct gibbs_answer *ret, struct mq_error *err)
{
    struct csr by_viewer = {0};
    struct csr by_title = {0};
    uint32_t viewers = intern_count(d->book->viewers);
    uint32_t titles = intern_count(d->book->titles);
    struct gibbs_settings settings = {.seed = d->seed, .snapshots = SNAPSHOTS};
    uint32_t *of = calloc(d->rated->n + 1, sizeof(*of));
    int rc = of ? rating_matrix(d->rated, d->book, &by_viewer, err) : no_memory(err);
    if (rc == 0)
        rc = csr_transpose(&by_viewer, &by_title, err);
    if (rc == 0) {
        uint64_t n = csr_nnz(&by_viewer);
        for (uint32_t v = 0; v < viewers; v++)
            for (uint64_t k = by_viewer.start[v]; k < by_viewer.start[v + 1]; k++)
                of[k] = v;
        struct gibbs_data data = {.rows = (uint32_t)n,
                                  .cases = (uint32_t)cases->n,
                                  .target = by_viewer.value,
                                  .n_blocks = 2};
        data.block[0] = (struct gibbs_block){.n = viewers,
                                             .of_row = of,
                                             .of_case = cases->viewer,
                                             .sets = {&by_viewer},
                                             .n_sets = 1};
        data.block[1] = (struct gibbs_block){.n = titles,
                                             .of_row = by_viewer.col,
                                             .of_case = cases->title,
                                             .sets = {&by_title},
                                             .n_sets = 1};
        gibbs_defaults(&data, &settings);
        settings.samples /= 2;
        settings.burn_in /= 2;
        rc = gibbs_run(&data, &settings, pool, watch, ret, err);
    }
    csr_release(&by_viewer);
    csr_release(&by_title);
    free(of);
    return rc;
}

int signal_models_fit(const struct signal_data *d, const struct ials_settings ials[SIGNAL_IALS],
                      const struct triples *cases, struct pool *pool, struct train_watch watch,
                      struct signal_models *ret, struct mq_error *err)
{
    *ret = (struct signal_models){.n_titles = intern_count(d->book->titles)};
    ret->popularity = calloc((size_t)ret->n_titles + 1, sizeof(float));
    int rc = ret->popularity ? signal_matrices(d, ret, err) : no_memory(err);
    for (uint64_t k = 0; rc == 0 && k < csr_nnz(&ret->met); k++)
        ret->popularity[ret->met.col[k]] += 1;
    if (rc == 0)
        rc = ials_train(&ret->met, &ials[0], pool, watch, &ret->ials[0], err);
    if (rc == 0)
        rc = ials_train(&ret->values, &ials[1], pool, watch, &ret->ials[1], err);
    if (rc == 0 && d->shares)
        rc = ials_train(&ret->shares, &ials[2], pool, watch, &ret->ials[2], err);
    if (rc == 0)
        rc = fit_ratings(d, cases, pool, watch, &ret->gibbs, err);
    if (rc)
        signal_models_release(ret);
    return rc;
}

void signal_models_release(struct signal_models *m)
{
    csr_release(&m->met);
    csr_release(&m->values);
    csr_release(&m->shares);
    csr_release(&m->rated);
    for (int k = 0; k < SIGNAL_IALS; k++)
        ials_release(&m->ials[k]);
    gibbs_answer_release(&m->gibbs);
    free(m->popularity);
    *m = (struct signal_models){0};
}

static float dot(const float *x, const float *y, uint32_t stride)
{
    float sum[8] = {0};
    for (uint32_t d = 0; d < stride; d += 8)
        for (uint32_t l = 0; l < 8; l++)
            sum[l] += x[d + l] * y[d + l];
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

static void ials_scores(const struct ials *a, uint32_t viewer, float *ret)
{
    const float *x = a->viewers + (size_t)viewer * a->stride;
    for (uint32_t i = 0; i < a->n_titles; i++)
        ret[i] = dot(x, a->titles + (size_t)i * a->stride, a->stride);
}

static void rating_scores(const struct gibbs_answer *g, uint32_t viewer, uint32_t n_titles,
                          float *ret)
{
    memset(ret, 0, n_titles * sizeof(*ret));
    float share = 1 / (float)g->n_snapshots;
    for (uint32_t s = 0; s < g->n_snapshots; s++) {
        const struct gibbs_snapshot *p = &g->snapshot[s];
        const float *x = p->factor[0] + (size_t)viewer * g->stride;
        float base = (float)p->w + p->bias[0][viewer];
        for (uint32_t i = 0; i < n_titles; i++)
            ret[i] += share * (base + p->bias[1][i] +
                               dot(x, p->factor[1] + (size_t)i * g->stride, g->stride));
    }
}

void signal_scores(const struct signal_models *m, const struct signal_settings *s, uint32_t viewer,
                   float *ret)
{
    size_t n = m->n_titles;
    float *blend = ret + SIGNAL_BLEND * n;
    const float *implicit = ret + SIGNAL_IMPLICIT * n;
    const float *weighted = ret + SIGNAL_WEIGHTED * n;
    const float *rating = ret + SIGNAL_EXPLICIT * n;
    memcpy(ret + SIGNAL_POPULARITY * n, m->popularity, n * sizeof(*ret));
    ials_scores(&m->ials[0], viewer, ret + SIGNAL_IMPLICIT * n);
    ials_scores(&m->ials[1], viewer, ret + SIGNAL_WEIGHTED * n);
    if (m->ials[2].titles)
        ials_scores(&m->ials[2], viewer, ret + SIGNAL_COMPLETION * n);
    else
        memset(ret + SIGNAL_COMPLETION * n, 0, n * sizeof(*ret));
    rating_scores(&m->gibbs, viewer, m->n_titles, ret + SIGNAL_EXPLICIT * n);
    for (size_t i = 0; i < n; i++)
        blend[i] = implicit[i] + (float)s->weighted * weighted[i] + (float)s->rating * rating[i];
}
