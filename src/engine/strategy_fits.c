#include "engine/strategy_fits.h"

#include "base/clock.h"
#include "engine/audiences.h"
#include "engine/strategy_calls.h"

static struct fit_wish wish_of(struct mq_engine *e, const struct fit_question *q)
{
    struct fit_wish w;
    memset(&w, 0, sizeof(w));
    w.key.as_of_ms = q->as_of_ms;
    w.key.as_of_seq = q->as_of_seq;
    w.key.seed = q->seed ? q->seed : 1;
    w.who = q->who;
    if (q->exact) {
        w.log_seq = q->data ? q->log_seq : store_last_seq(e->store);
        w.communities = audiences_communities_version(e->audiences);
    }
    return w;
}

static int read_past(struct mq_engine *e, const struct fit_question *q, uint64_t log_seq,
                     struct strategy_data **ret, struct mq_error *err)
{
    struct strategy_reading r = {.as_of_ms = q->as_of_ms,
                                 .as_of_seq = q->as_of_seq ? q->as_of_seq : log_seq,
                                 .progress = q->progress,
                                 .progress_ctx = q->progress_ctx};
    if (!q->data || !*q->data)
        return strategy_read_with(e, &r, ret, err);
    *ret = *q->data;
    *q->data = NULL;
    return 0;
}

static int make(struct mq_engine *e, const struct fit_question *q, const struct fit_key *key,
                struct kept_fit **ret, struct mq_error *err)
{
    struct forecast_settings s = {.seed = key->seed, .who = q->who};
    uint64_t started = clock_mono_ns();
    uint64_t forgotten = kept_fits_forgotten(e->fits);
    uint64_t log_seq = q->data && *q->data ? q->log_seq : store_last_seq(e->store);
    uint64_t communities = audiences_communities_version(e->audiences);
    struct strategy_data *d = NULL;
    struct forecast_fit *fit = NULL;
    struct pool *pool = NULL;
    int rc = pool_new(q->threads ? q->threads : e->options.threads, &pool, err);
    if (rc == 0)
        rc = read_past(e, q, log_seq, &d, err);
    /* Of the past nobody knew today's communities. */
    if (rc == 0 && key->as_of_ms == 0 && key->as_of_seq == 0)
        rc = audiences_group(e->audiences, d, err);
    if (rc)
        strategy_data_free(d);
    else
        rc = forecast_fit_new(d, &s, pool, &fit, err);
    pool_free(pool);
    if (rc)
        return rc;
    struct kept_fit *f = kept_fit_new(fit);
    if (!f)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    f->key = *key;
    f->log_seq = log_seq;
    f->communities = communities;
    f->forgotten = forgotten;
    f->made_ns = clock_mono_ns();
    f->seconds = (double)(f->made_ns - started) / 1e9;
    *ret = f;
    return 0;
}

int strategy_fit(struct mq_engine *e, const struct fit_question *q, struct kept_fit **ret,
                 struct mq_error *err)
{
    struct fit_wish w = wish_of(e, q);
    struct kept_fit *f = kept_fits_begin(e->fits, &w);
    if (!f) {
        int rc = make(e, q, &w.key, &f, err);
        kept_fits_end(e->fits, &w.key, rc ? NULL : f);
        if (rc)
            return rc;
    }
    *ret = f;
    return 0;
}

bool strategy_fit_is_there(struct mq_engine *e, const struct fit_question *q)
{
    struct fit_wish w = wish_of(e, q);
    struct kept_fit *f = kept_fits_find(e->fits, &w);
    kept_fit_release(f);
    return f != NULL;
}

uint64_t strategy_fit_behind(struct mq_engine *e, const struct kept_fit *f)
{
    uint64_t now = store_last_seq(e->store);
    return now > f->log_seq ? now - f->log_seq : 0;
}

bool strategy_fit_is_due(struct mq_engine *e, const struct kept_fit *f)
{
    enum { SHARE = 100 };
    uint64_t behind = strategy_fit_behind(e, f);
    uint64_t age_s = (clock_mono_ns() - f->made_ns) / 1000000000;
    if (f->key.as_of_ms == 0 && f->communities != audiences_communities_version(e->audiences))
        return true;
    return behind > 0 && (behind * SHARE > store_last_seq(e->store) || age_s >= FIT_OLD_S);
}
