/* strategy_forecast.c - a concept's forecast, from its text to the answer. */
#include <stdlib.h>

#include "engine/audiences.h"
#include "engine/kept_forecasts.h"
#include "engine/strategy_calls.h"
#include "strategy/forecast.h"
#include "wire/concept_json.h"

static void key_of(struct mq_engine *e, const struct mq_forecast_request *q,
                   struct forecast_key *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->forgotten = kept_forecasts_forgotten(e->forecasts);
    ret->concept = hash128(q->concept, q->n);
    ret->bytes = q->n;
    ret->log_seq = store_last_seq(e->store);
    ret->erasures = atomic_load(&e->erasures);
    ret->communities = audiences_communities_version(e->audiences);
    ret->seed = q->seed ? q->seed : 1;
    ret->as_of_ms = q->as_of_ms;
}

static int forecast(struct mq_engine *e, const struct mq_forecast_request *q, struct arena *arena,
                    struct mq_forecast *ret, struct mq_error *err)
{
    struct concept c;
    struct strategy_data *d = NULL;
    struct pool *pool = NULL;
    int rc = concept_json_parse((struct str){q->concept, q->n}, arena, &c, err);
    if (rc == 0)
        rc = pool_new(q->threads ? q->threads : e->options.threads, &pool, err);
    if (rc == 0)
        rc = strategy_read(e, q->as_of_ms, q->progress, q->progress_ctx, &d, err);
    /* Of the past nobody knew today's communities. */
    if (rc == 0 && q->as_of_ms == 0)
        rc = audiences_group(e->audiences, d, err);
    if (rc == 0)
        rc = forecast_make(d, &c, q->seed ? q->seed : 1, pool, arena, ret, err);
    strategy_data_free(d);
    pool_free(pool);
    return rc;
}

int mq_strategy_forecast(struct mq_engine *e, const struct mq_forecast_request *q,
                         struct mq_forecast *ret, struct mq_error *err)
{
    struct forecast_key key;
    key_of(e, q, &key);
    struct kept_forecast *f = kept_forecasts_find(e->forecasts, &key);
    if (!f) {
        f = kept_forecast_new();
        if (!f)
            return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
        int rc = forecast(e, q, &f->arena, &f->answer, err);
        if (rc) {
            kept_forecast_release(f);
            return rc;
        }
        /* Kept only when nothing came or went while it was computed. */
        key_of(e, q, &f->key);
        if (memcmp(&key, &f->key, sizeof(key)) == 0)
            kept_forecasts_keep(e->forecasts, f);
    }
    *ret = f->answer;
    ret->memory = f;
    return 0;
}

void mq_forecast_release(struct mq_forecast *f)
{
    kept_forecast_release(f->memory);
    f->memory = NULL;
}
