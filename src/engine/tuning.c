/* tuning.c - search settings on the newest part of the log, and keep what was found for training. */
#include "base/clock.h"
#include "engine/log_scan.h"
#include "engine/tuned.h"
#include "train/time_validation.h"

static void to_info(const struct lineup_choice *c, struct mq_tuning *ret)
{
    const struct ials_settings *s = &c->settings.ials;
    *ret = (struct mq_tuning){.rank = s->rank,
                              .epochs = s->epochs,
                              .regularisation = (double)s->regularisation,
                              .unobserved = (double)s->unobserved,
                              .ease_lambda = c->settings.ease_lambda,
                              .neighbours = c->settings.knn.neighbours,
                              .shrink = (double)c->settings.knn.shrink,
                              .best = lineup_model_name(c->best),
                              .questions = c->questions,
                              .tried = c->tried,
                              .complete = c->complete};
    for (unsigned m = 0; m < LINEUP_MODELS && m < MQ_TUNING_MODELS; m++) {
        ret->model[m].name = lineup_model_name((enum lineup_model)m);
        ret->model[m].ndcg = c->score[m];
        ret->n_models = m + 1;
    }
}

static int search(struct mq_engine *e, const struct log_rows *rows, uint32_t n_titles,
                  const struct mq_tune_options *o, struct lineup_choice *ret, struct mq_error *err)
{
    const struct triples *t = &rows->triples;
    struct moments m = {0};
    struct histories train = {0};
    struct time_validation v = {0};
    struct pool *pool = NULL;
    int rc = moments_init(t, rows->n_viewers, &m, err);
    if (rc == 0)
        rc = histories_from(t, NULL, rows->n_viewers, n_titles, &train, err);
    if (rc == 0)
        rc = time_validation_of(t, &train, t->n, 0, o->seed, &m, &v, err);
    if (rc == 0)
        rc = pool_new(e->options.threads, &pool, err);
    if (rc == 0) {
        struct lineup_validation validation = {.fit = &v.fit,
                                               .timeline = &train,
                                               .questions = v.asked.list,
                                               .n = v.asked.n,
                                               .ordered = true};
        struct lineup_search_options options = {
            .seed = o->seed,
            .seconds = o->seconds,
            .watch = {.progress = o->progress, .ctx = o->progress_ctx}};
        rc = lineup_search(&validation, &options, pool, ret, err);
    }
    pool_free(pool);
    time_validation_release(&v);
    histories_release(&train);
    moments_release(&m);
    return rc;
}

static int tune_locked(struct mq_engine *e, const struct mq_tune_options *o, struct mq_tuning *ret,
                       struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct tuned tuned = {.seed = o->seed};
    struct log_rows rows;
    struct catalogue *c;
    int rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc)
        return rc;
    log_rows_init(&rows, c, engine_engagement(e));
    rc = log_scan(e, o->progress, o->progress_ctx, &rows, err);
    if (rc == 0)
        rc = search(e, &rows, intern_count(store_names(e->store, NAME_TITLE)), o, &tuned.choice,
                    err);
    tuned.log_seq = rows.last_seq;
    if (rc == 0)
        rc = tuned_write(e->dir, &tuned, err);
    if (rc == 0)
        to_info(&tuned.choice, ret);
    ret->seconds = (double)(clock_mono_ns() - started) / 1e9;
    log_rows_release(&rows);
    catalogue_free(c);
    return rc;
}

int mq_tune(struct mq_engine *e, const struct mq_tune_options *options, struct mq_tuning *ret,
            struct mq_error *err)
{
    struct mq_tune_options none = {.seed = 1};
    struct mq_tuning found = {0};
    int rc = training_lock(e, err);
    if (rc)
        return rc;
    rc = tune_locked(e, options ? options : &none, &found, err);
    training_unlock(e);
    if (rc == 0 && ret)
        *ret = found;
    return rc;
}
