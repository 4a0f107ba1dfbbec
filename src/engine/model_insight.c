/* model_insight.c - what the live model rests on: its ranker's features, what signals say, whether predicted ratings come true. */
#include <math.h>

#include "engine/engagement_fitting.h"
#include "engine/log_scan.h"
#include "model/library.h"
#include "recommend/features.h"
#include "train/rating_check.h"

_Static_assert((int)FEATURES <= (int)MQ_FEATURES_MAX, "all features have room");
_Static_assert((int)ENGAGEMENT_WEIGHTS <= (int)MQ_SIGNALS_MAX, "all signals have room");
_Static_assert((int)RATING_CHECK_BINS <= (int)MQ_RATING_BINS, "all bins have room");

static int features_of_model(const struct model *m, struct mq_ranker_features *ret,
                             struct mq_error *err)
{
    uint64_t splits[FEATURES];
    double share[FEATURES];
    const struct forest *f = &m->ranker.trees;
    ret->version = m->facts.version;
    if (f->n_trees == 0 || f->n_features != FEATURES ||
        m->ranker.meaning != RANKER_FEATURES_VERSION)
        return 0;
    int rc = forest_uses(f, splits, share, err);
    if (rc)
        return rc;
    ret->trees = f->n_trees;
    ret->n = FEATURES;
    for (unsigned i = 0; i < FEATURES; i++)
        ret->feature[i] = (struct mq_ranker_feature){feature_name(i), i <= (unsigned)FEATURE_BLEND,
                                                     splits[i], share[i]};
    return 0;
}

int mq_ranker_features(struct mq_engine *e, struct mq_ranker_features *ret, struct mq_error *err)
{
    struct mq_ranker_features out = {0};
    struct model *m; /* opened anew: the one that serves is its readers' */
    uint64_t refused;
    int rc = library_open_live(e->dir, &m, &refused, err);
    if (rc)
        return rc;
    rc = features_of_model(m, &out, err);
    model_close(m);
    if (rc == 0)
        *ret = out;
    return rc;
}

int mq_signals(struct mq_engine *e, struct mq_signals *ret, struct mq_error *err)
{
    struct engagement_kept k = {0};
    struct mq_signals out = {.judged_by = engine_engagement_name(e)};
    int rc = engagement_file_read(e->dir, &k, err);
    if (rc != 0 && rc != MQ_NOT_FOUND && rc != MQ_CORRUPT)
        return rc;
    out.right_fitted = out.right_rules = out.right_completion = NAN;
    if (rc == 0 && k.measured) {
        out.right_fitted = k.right[ENGAGEMENT_FITTED];
        out.right_rules = k.right[ENGAGEMENT_DEFAULTS];
        out.right_completion = k.right[ENGAGEMENT_COMPLETION];
        out.n = ENGAGEMENT_WEIGHTS;
    }
    for (size_t i = 0; i < out.n; i++) {
        const struct engagement_measured *m = &k.signal[i];
        bool rare = m->used < ENGAGEMENT_USED_LEAST;
        out.signal[i] = (struct mq_signal){
            .name = engagement_weight_name((enum engagement_weight)i),
            .weight = rare ? NAN : m->weight,
            .low = rare ? NAN : m->low,
            .high = rare ? NAN : m->high,
            .viewings = m->used,
        };
    }
    *ret = out;
    return 0;
}

/* The log's ratings, and how they would have been predicted. */
static int check(struct mq_engine *e, const struct mq_rating_check_request *q,
                 struct rating_check *ret, struct mq_error *err)
{
    struct train_watch watch = {.progress = q->progress, .ctx = q->progress_ctx};
    struct catalogue *c;
    struct log_rows rows;
    struct pool *pool = NULL;
    int rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc)
        return rc;
    log_rows_init(&rows, c, engine_engagement(e));
    rc = log_scan(e, q->progress, q->progress_ctx, &rows, err);
    if (rc == 0)
        rc = pool_new(e->options.threads, &pool, err);
    if (rc == 0)
        rc = rating_check(&rows.ratings, q->seed ? q->seed : 1, pool, watch, ret, err);
    pool_free(pool);
    log_rows_release(&rows);
    catalogue_free(c);
    return rc;
}

int mq_check_ratings(struct mq_engine *e, const struct mq_rating_check_request *request,
                     struct mq_rating_check *ret, struct mq_error *err)
{
    struct mq_rating_check_request none = {.seed = 1};
    struct rating_check c;
    int rc = training_lock(e, err);
    if (rc)
        return rc;
    rc = check(e, request ? request : &none, &c, err);
    training_unlock(e);
    if (rc)
        return rc;
    *ret = (struct mq_rating_check){.ratings = c.ratings,
                                    .asked = c.asked,
                                    .viewers = c.viewers,
                                    .rmse = c.rmse,
                                    .title_mean_rmse = c.mean_rmse,
                                    .inside = c.inside,
                                    .n = c.n_bins};
    for (size_t i = 0; i < c.n_bins; i++)
        ret->bin[i] = (struct mq_rating_bin){c.bin[i].predicted, c.bin[i].actual.mean,
                                             c.bin[i].actual.low, c.bin[i].actual.high, c.bin[i].n};
    return 0;
}
