#include "train/second_stage.h"

#include <stdlib.h>

#include "train/order_fit.h"
#include "train/train.h"

/* Shares of the log by time: generators before the first, the second stage before the second. */
static const double generators_before = 0.8;
static const double trees_before = 0.9;
enum { WANTED_CHOICES = 9000 };

struct spans {
    int64_t from_ms, test_from_ms;
};

static size_t liked_from(const struct triples *t, int64_t from_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->weight[i] > 0 && t->at_ms[i] >= from_ms;
    return n;
}

static int rows_before(const struct triples *rows, int64_t before_ms, struct triples *ret,
                       struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < rows->n; i++)
        if (rows->at_ms[i] < before_ms)
            rc = triples_add(ret, rows->viewer[i], rows->title[i], rows->weight[i], rows->at_ms[i],
                             err);
    return rc;
}

/* Of the kind that `m` is: all its settings, so that they are not searched for again, the model that it publishes, so that scores are
 * of the same scale, weights learnt anew, and as many moods. */
static int fit_generators(const struct log_rows *rows, const struct model *m, int64_t before_ms,
                          const struct blend_fit_options *fit, struct pool *pool, struct model *ret,
                          struct mq_error *err)
{
    struct triples earlier = {0};
    struct blend_found found;
    struct blend_fit_options o = *fit;
    struct mood_part *moods = NULL;
    o.live = NULL;
    o.given.ials = m->settings;
    if (m->blend.n > 0) {
        const struct blend_facts *f = &m->blend.facts;
        o.given.ease_lambda = f->ease_lambda;
        o.given.knn = (struct item_knn_settings){f->neighbours, (float)f->shrink};
        o.like = f;
    }
    int rc = rows_before(&rows->triples, before_ms, &earlier, err);
    if (rc == 0 && liked_from(&earlier, INT64_MIN) > 0)
        rc = blend_fit(&earlier, rows->n_viewers, m->n_titles, &o, pool, ret, &found, err);
    triples_release(&earlier);
    if (rc == 0 && ret->rank > 0 && m->moods)
        rc = mood_rows_fit_before(&rows->moods, rows->catalogue, before_ms, m->moods->model.n,
                                  o.seed, o.watch, &moods, err);
    ret->moods = moods;
    return rc;
}

/* Their scores are of one kind and scale. */
static bool alike(const struct model *a, const struct model *b)
{
    return (a->blend.n > 0) == (b->blend.n > 0) &&
           (a->blend.n == 0 || a->blend.facts.published == b->blend.facts.published);
}

static int fit_stage(const struct log_rows *rows, struct model *generators, struct spans t,
                     const struct second_stage_options *o, struct second_stage *ret,
                     struct mq_error *err)
{
    struct ranker_log log;
    size_t liked = liked_from(&rows->triples, t.from_ms);
    struct ranker_log_settings ls = {
        .catalogue = rows->catalogue,
        .weights = rows->weights,
        .from_ms = t.from_ms,
        .share = liked > WANTED_CHOICES ? (double)WANTED_CHOICES / (double)liked : 1,
        .seed = o->fit.seed};
    struct order_fit_settings os = {.catalogue = rows->catalogue,
                                    .generators = generators,
                                    .test_from_ms = t.test_from_ms,
                                    .seed = o->fit.seed};
    struct ranker_fit_settings fs = {.catalogue = rows->catalogue,
                                     .generators = generators,
                                     .test_from_ms = t.test_from_ms,
                                     .seed = o->fit.seed};
    int rc = ranker_log_init(&log, &ls, err);
    if (rc == 0)
        rc = o->read(o->ctx, &log, err);
    if (rc == 0)
        rc = order_fit(&log, &os, o->fit.watch, &ret->order, err);
    generators->order = ret->order;
    if (rc == 0 && !o->no_trees)
        rc = ranker_fit(&log, &fs, o->fit.watch, &ret->ranker, err);
    generators->order = NULL;
    ranker_log_release(&log);
    return rc;
}

int second_stage_fit(const struct log_rows *rows, const struct model *m,
                     const struct second_stage_options *o, struct pool *pool,
                     struct second_stage *ret, struct mq_error *err)
{
    struct spans t;
    struct model generators = {0};
    *ret = (struct second_stage){.order = NULL};
    int rc = triples_cut(&rows->triples, generators_before, &t.from_ms, err);
    if (rc == 0)
        rc = triples_cut(&rows->triples, trees_before, &t.test_from_ms, err);
    if (rc == 0 && liked_from(&rows->triples, t.test_from_ms) < RANKER_LEAST_CHOICES / 3)
        return 0;
    if (rc == 0)
        rc = fit_generators(rows, m, t.from_ms, &o->fit, pool, &generators, err);
    if (rc == 0 && generators.rank > 0 && alike(m, &generators))
        rc = fit_stage(rows, &generators, t, o, ret, err);
    train_release(&generators);
    if (rc) {
        free(ret->order);
        ranker_fit_release(&ret->ranker);
        *ret = (struct second_stage){.order = NULL};
    }
    return rc;
}
