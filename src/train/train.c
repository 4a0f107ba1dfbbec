#include "train/train.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/neighbours.h"
#include "train/rating_fit.h"
#include "train/trees.h"

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY,
                   "training: no memory: give the process more, or lower the rank");
}

static int check_size(const struct csr *m, struct mq_error *err)
{
    if (m->cols > MODEL_TITLES_MAX)
        return mq_fail(err, MQ_INVALID, "titles: %u: at most %u", m->cols, MODEL_TITLES_MAX);
    if (csr_nnz(m) == 0)
        return mq_fail(err, MQ_INVALID, "interactions: none: bring in what viewers did first");
    return 0;
}

static void count_rows(const struct csr *m, struct model *ret, float *popularity)
{
    uint8_t *seen = (uint8_t *)(void *)calloc((size_t)m->cols + 1, 1);

    for (uint32_t u = 0; u < m->rows; u++) {
        struct csr_row row = csr_row(m, u);
        ret->facts.n_viewers += row.n > 0;
        for (size_t k = 0; k < row.n; k++) {
            if (row.value[k] > 0)
                popularity[row.col[k]] += 1;
            if (seen)
                seen[row.col[k]] = 1;
        }
    }
    for (uint32_t i = 0; seen && i < m->cols; i++)
        ret->n_active += seen[i];
    ret->facts.n_interactions = csr_nnz(m);
    free(seen);
}

static int add_popularity(const struct csr *m, struct model *ret, struct mq_error *err)
{
    float *popularity = calloc((size_t)m->cols + 1, sizeof *popularity);

    if (!popularity)
        return no_memory(err);
    count_rows(m, ret, popularity);
    ret->popularity = popularity;
    return 0;
}

static int add_factors(const struct csr *m, const struct ials_settings *settings, struct pool *pool,
                       struct train_watch watch, struct model *ret, struct mq_error *err)
{
    struct ials a;
    int rc = ials_train(m, settings, pool, watch, &a, err);

    if (rc)
        return rc;
    ret->settings = a.settings;
    ret->rank = a.settings.rank;
    ret->stride = a.stride;
    ret->n_active = a.n_active;
    ret->factors = a.titles;
    ret->gram = a.gram;
    a.titles = a.gram = NULL;
    ials_release(&a);
    return 0;
}

static int add_neighbours(const struct csr *m, struct pool *pool, struct train_watch watch,
                          struct model *ret, struct mq_error *err)
{
    uint32_t *id = calloc((size_t)m->cols * MODEL_NEIGHBOURS + 1, sizeof *id);
    float *similarity = calloc((size_t)m->cols * MODEL_NEIGHBOURS + 1, sizeof *similarity);

    ret->neighbours = id;
    ret->similarity = similarity;
    if (!id || !similarity)
        return no_memory(err);
    ret->n_neighbours = MODEL_NEIGHBOURS;
    return neighbours_find(m, ret->factors, ret->stride, MODEL_NEIGHBOURS, pool, watch, id,
                           similarity, err);
}

int train_model(const struct csr *m, const struct train_settings *settings, struct pool *pool,
                struct train_watch watch, struct model *ret, struct mq_error *err)
{
    struct model out = {.n_titles = m->cols};
    int rc = check_size(m, err);

    if (rc)
        return rc;
    out.facts.held_out_ndcg = out.facts.popularity_ndcg = NAN;
    out.facts.held_out_low = out.facts.held_out_high = NAN;
    rc = add_popularity(m, &out, err);
    if (rc == 0 && !settings->popularity_only)
        rc = add_factors(m, &settings->ials, pool, watch, &out, err);
    if (rc == 0 && !settings->no_neighbours)
        rc = add_neighbours(m, pool, watch, &out, err);
    if (rc) {
        train_release(&out);
        return rc;
    }
    *ret = out;
    return 0;
}

int train_model_eased(const struct csr *m, struct train_settings *settings, struct pool *pool,
                      struct train_watch watch, struct model *ret, struct mq_error *err)
{
    int rc = train_model(m, settings, pool, watch, ret, err);
    for (int tries = 0;
         rc == MQ_INVALID && settings->ials.regularisation > 0 && tries < TRAIN_EASED; tries++) {
        settings->ials.regularisation /= 4;
        rc = train_model(m, settings, pool, watch, ret, err);
    }
    return rc;
}

/* The arrays of a model are const, since most are mapped; these are ours. */
static void free_const(const void *p)
{
    free((void *)(uintptr_t)p);
}

static void release_blend(struct blend_part *b)
{
    free_const(b->popularity);
    links_release(&b->ease);
    links_release(&b->knn);
    for (size_t k = 0; k < TRANSITION_KINDS; k++) {
        links_release(&b->follows[k]);
        free_const(b->from_scale[k]);
        free_const(b->to_scale[k]);
    }
    free_const(b->trends.at_ms);
    for (size_t s = 0; s < RECENT_SPEEDS; s++)
        free_const(b->trends.recent[s]), free_const(b->trends.fresh[s]);
    free_const(b->trends.total);
}

void train_release(struct model *m)
{
    if (!m)
        return;
    free_const(m->factors);
    free_const(m->gram);
    free_const(m->popularity);
    free_const(m->neighbours);
    free_const(m->similarity);
    release_blend(&m->blend);
    rating_part_release(&m->ratings);
    if (m->ranker.trees.n_trees > 0)
        trees_release(&m->ranker.trees);
    free_const(m->moods);
    free_const(m->order);
    *m = (struct model){0};
}
