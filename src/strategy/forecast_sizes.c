#include "strategy/forecast_sizes.h"

#include <math.h>
#include <stdlib.h>

#include "strategy/forecast.h"
#include "strategy/who_model.h"

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
}

struct mq_interval forecast_at_day(const struct count_forecast *f, const struct decay *decay, int k)
{
    double middle = (double)f->p50 + decay->log_share[k].p50;
    double below =
        hypot((double)(f->p50 - f->p10), decay->log_share[k].p50 - decay->log_share[k].p10);
    double above =
        hypot((double)(f->p90 - f->p50), decay->log_share[k].p90 - decay->log_share[k].p50);
    return (struct mq_interval){exp(middle - below), exp(middle), exp(middle + above)};
}

int forecast_support(const struct count_task *task, const uint32_t *rows, uint32_t n, unsigned *ret,
                     struct mq_error *err)
{
    enum { COUNTED = 200 };
    struct likeness_index ix;
    struct alike near[COUNTED];
    float *scratch = calloc((size_t)task->tokens->x.rows + 1, sizeof(*scratch));
    int rc = scratch ? likeness_index_make(task, &ix, err) : no_memory(err);
    if (rc == 0) {
        for (uint32_t i = 0; i < n; i++) {
            uint32_t m = likeness_nearest(&ix, rows[i], scratch, near, COUNTED);
            ret[i] = 0;
            for (uint32_t k = 0; k < m; k++)
                ret[i] += near[k].likeness >= FORECAST_LIKENESS;
        }
        likeness_index_release(&ix);
    }
    free(scratch);
    return rc;
}

struct sizing {
    struct strategy_data *d;
    uint32_t *train, *rows;
    float *log_audience;
    unsigned *support;
    struct count_forecast *count;
    float *log_size; /* (n_train) out of fold, then (n) */
    struct title_tokens tokens;
    struct count_task task;
};

static int learn(struct sizing *s, const struct title *titles, uint32_t n, struct mq_error *err)
{
    static const struct credit_source own = {0};
    int rc = 0;
    for (uint32_t i = 0; i < n && rc == 0; i++)
        rc = strategy_data_concept(s->d, &titles[i], &s->rows[i], err);
    if (rc)
        return rc;
    s->task.n_train = forecast_train_rows(s->d, s->train, s->log_audience);
    if (s->task.n_train < COUNT_TRAIN_MIN)
        return mq_fail(err, MQ_INVALID,
                       "forecast: %u titles with viewers: at least %d are needed: import titles, "
                       "credits and events first",
                       s->task.n_train, COUNT_TRAIN_MIN);
    rc = title_tokens_make(s->d, &own, &s->tokens, err);
    s->task.tokens = &s->tokens;
    s->task.credits = &own;
    if (rc == 0)
        rc = forecast_support(&s->task, s->rows, n, s->support, err);
    return rc ? rc : count_model_forecast(&s->task, s->count, s->log_size, err);
}

static void conclude(const struct sizing *s, const struct decay *decay, uint32_t i,
                     struct forecast_size *ret)
{
    static const struct mq_interval none = {NAN, NAN, NAN};
    const struct count_forecast *c = &s->count[i];
    *ret = (struct forecast_size){none, none, none, NAN, s->support[i], true};
    if (s->support[i] < FORECAST_SUPPORT_MIN)
        return;
    ret->refused = false;
    ret->viewers_28d = forecast_at_day(c, decay, 0);
    ret->viewers_90d = forecast_at_day(c, decay, 1);
    ret->viewers_all =
        (struct mq_interval){exp((double)c->p10), exp((double)c->p50), exp((double)c->p90)};
    ret->hours_per_viewer = (double)s->tokens.runtime[s->rows[i]] / 60;
}

static int spread_over_viewers(struct sizing *s, const struct forecast_size *size, uint32_t n,
                               struct forecast_who *who, struct mq_error *err)
{
    struct who_model w;
    size_t viewers = s->d->n_viewers;
    float *chance = calloc(2 * viewers + 1, sizeof(*chance));
    if (!chance)
        return no_memory(err);
    for (uint32_t i = 0; i < n; i++)
        s->log_size[s->task.n_train + i] = s->count[i].p50;
    int rc = who_model_make(&s->task, s->log_size, &w, err);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        who_model_scores(&w, i, chance, chance + viewers);
        who_model_chances(chance, (uint32_t)viewers, size[i].refused ? 0 : size[i].viewers_90d.p50);
        for (uint32_t k = 0; k < who->viewers; k++)
            who->ret[(size_t)i * who->viewers + k] =
                size[i].refused ? 0 : chance[(size_t)k * who->step];
    }
    if (rc == 0)
        who_model_release(&w);
    free(chance);
    return rc;
}

int forecast_sizes(struct strategy_data *d, const struct title *titles, uint32_t n, uint64_t seed,
                   struct pool *pool, struct forecast_size *ret, struct forecast_who *who,
                   struct mq_error *err)
{
    struct decay decay;
    struct sizing s = {.d = d};
    size_t rows = (size_t)d->n_titles + d->n_concepts + n + 1;
    if (n == 0)
        return 0;
    s.train = calloc(rows, sizeof(*s.train));
    s.rows = calloc(n, sizeof(*s.rows));
    s.log_audience = calloc(rows, sizeof(*s.log_audience));
    s.support = calloc(n, sizeof(*s.support));
    s.count = calloc(n, sizeof(*s.count));
    s.log_size = calloc(rows, sizeof(*s.log_size));
    s.task = (struct count_task){.d = d,
                                 .train = s.train,
                                 .test = s.rows,
                                 .n_test = n,
                                 .log_audience = s.log_audience,
                                 .pool = pool,
                                 .seed = seed};
    bool ok = s.train && s.rows && s.log_audience && s.support && s.count && s.log_size;
    int rc = ok ? learn(&s, titles, n, err) : no_memory(err);
    if (rc == 0)
        rc = decay_fit(d, &decay, err);
    for (uint32_t i = 0; i < n && rc == 0; i++)
        conclude(&s, &decay, i, &ret[i]);
    if (rc == 0 && who)
        rc = spread_over_viewers(&s, ret, n, who, err);
    title_tokens_release(&s.tokens);
    strategy_data_no_concepts(d);
    free(s.train);
    free(s.rows);
    free(s.log_audience);
    free(s.support);
    free(s.count);
    free(s.log_size);
    return rc;
}
