/* strategy_forecast.c - a concept's forecast, from its text to the answer. */
#include <stdlib.h>

#include "engine/kept_forecasts.h"
#include "engine/strategy_fits.h"
#include "strategy/forecast.h"
#include "wire/concept_json.h"

static void key_of(const struct mq_forecast_request *q, const struct kept_fit *fit,
                   struct forecast_key *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->concept = hash128(q->concept, q->n);
    ret->bytes = q->n;
    ret->log_seq = fit->log_seq;
    ret->communities = fit->communities;
    ret->forgotten = fit->forgotten;
    ret->seed = fit->key.seed;
    ret->as_of_ms = fit->key.as_of_ms;
}

/* The answer that is kept, or a new one, which is kept. */
static int say(struct mq_engine *e, const struct mq_forecast_request *q, const struct concept *c,
               const struct kept_fit *fit, struct kept_forecast **ret, struct mq_error *err)
{
    struct forecast_key key;
    key_of(q, fit, &key);
    struct kept_forecast *f = kept_forecasts_find(e->forecasts, &key);
    if (!f) {
        f = kept_forecast_new();
        if (!f)
            return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
        int rc = forecast_say(fit->fit, c, &f->arena, &f->answer, err);
        if (rc) {
            kept_forecast_release(f);
            return rc;
        }
        f->key = key;
        kept_forecasts_keep(e->forecasts, f);
    }
    *ret = f;
    return 0;
}

static struct fit_question question_of(const struct mq_forecast_request *q)
{
    return (struct fit_question){.as_of_ms = q->as_of_ms,
                                 .seed = q->seed,
                                 .exact = q->exact,
                                 .threads = q->threads,
                                 .progress = q->progress,
                                 .progress_ctx = q->progress_ctx};
}

int mq_strategy_forecast(struct mq_engine *e, const struct mq_forecast_request *q,
                         struct mq_forecast *ret, struct mq_error *err)
{
    enum { ARENA_FIRST = 1 << 14 };
    struct fit_question asked = question_of(q);
    struct kept_fit *fit = NULL;
    struct kept_forecast *f = NULL;
    struct concept c;
    struct arena arena; /* of the concept: what is answered lies elsewhere */
    if (arena_init(&arena, ARENA_FIRST, (size_t)16 << 20) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    int rc = concept_json_parse((struct str){q->concept, q->n}, &arena, &c, err);
    if (rc == 0)
        rc = strategy_fit(e, &asked, &fit, err);
    if (rc == 0)
        rc = say(e, q, &c, fit, &f, err);
    if (rc == 0) {
        *ret = f->answer;
        ret->log_seq = fit->log_seq;
        ret->behind = strategy_fit_behind(e, fit);
        ret->due = strategy_fit_is_due(e, fit);
        ret->memory = f;
    }
    kept_fit_release(fit);
    arena_release(&arena);
    return rc;
}

void mq_forecast_release(struct mq_forecast *f)
{
    kept_forecast_release(f->memory);
    f->memory = NULL;
}

int mq_strategy_fit(struct mq_engine *e, const struct mq_fit_request *q, struct mq_fit *ret,
                    struct mq_error *err)
{
    struct fit_question asked = {.as_of_ms = q->as_of_ms,
                                 .seed = q->seed,
                                 .threads = q->threads,
                                 .progress = q->progress,
                                 .progress_ctx = q->progress_ctx};
    struct kept_fit *fit = NULL;
    bool there = strategy_fit_is_there(e, &asked);
    int rc = strategy_fit(e, &asked, &fit, err);
    if (rc == 0 && there && strategy_fit_is_due(e, fit)) {
        kept_fit_release(fit);
        fit = NULL;
        asked.exact = true;
        there = false;
        rc = strategy_fit(e, &asked, &fit, err);
    }
    if (rc)
        return rc;
    *ret = (struct mq_fit){.log_seq = fit->log_seq,
                           .behind = strategy_fit_behind(e, fit),
                           .made = !there,
                           .seconds = fit->seconds,
                           .titles = fit->fit->n_train,
                           .bytes = forecast_fit_bytes(fit->fit)};
    kept_fit_release(fit);
    return 0;
}

bool mq_strategy_fit_is_there(struct mq_engine *e, int64_t as_of_ms)
{
    return strategy_fit_is_there(e, &(struct fit_question){.as_of_ms = as_of_ms});
}
