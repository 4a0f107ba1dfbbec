#include "strategy/forecast_sizes.h"

#include <math.h>
#include <stdlib.h>

#include "strategy/forecast_support.h"

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
}

/* Logs of sizes plus logs of shares `k` days on; their spreads are taken as independent. */
static struct mq_interval at_day(const struct count_forecast *f, const struct decay *decay, int k)
{
    double middle = (double)f->p50 + decay->log_share[k].p50;
    double below =
        hypot((double)(f->p50 - f->p10), decay->log_share[k].p50 - decay->log_share[k].p10);
    double above =
        hypot((double)(f->p90 - f->p50), decay->log_share[k].p90 - decay->log_share[k].p50);
    return (struct mq_interval){exp(middle - below), exp(middle), exp(middle + above)};
}

static struct mq_interval between(struct mq_interval usual, struct launch_size launch,
                                  double usual_share)
{
    double share = 1 - usual_share;
    return (struct mq_interval){exp(usual_share * log(usual.p10) + share * launch.p10),
                                exp(usual_share * log(usual.p50) + share * launch.p50),
                                exp(usual_share * log(usual.p90) + share * launch.p90)};
}

struct forecast_spans forecast_spans_of(const struct forecast_fit *fit,
                                        const struct count_forecast *f, double unpromoted)
{
    struct forecast_spans r = {
        .viewers_28d = at_day(f, &fit->decay, 0),
        .viewers_90d = at_day(f, &fit->decay, 1),
        .viewers_all = {exp((double)f->p10), exp((double)f->p50), exp((double)f->p90)},
    };
    const struct launch_sizes *l = &fit->launches;
    if (l->launches < LAUNCH_LEAST)
        return r;
    struct launch_said x = {{(double)f->plain, (double)f->comparables}};
    r.viewers_28d = between(r.viewers_28d, launch_size_of(l, x, LAUNCH_28), unpromoted);
    r.viewers_90d = between(r.viewers_90d, launch_size_of(l, x, LAUNCH_90), unpromoted);
    r.viewers_all = between(r.viewers_all, launch_size_of(l, x, LAUNCH_LOG), unpromoted);
    return r;
}

static void conclude(const struct forecast_fit *f, const struct title *t,
                     const struct count_forecast *c, const struct seen_title *seen,
                     double unpromoted, struct forecast_size *ret)
{
    static const struct mq_interval none = {NAN, NAN, NAN};
    *ret = (struct forecast_size){none, none, none, NAN, ret->support, true};
    if (forecast_refusal(t, ret->support))
        return;
    ret->refused = false;
    struct forecast_spans spans = forecast_spans_of(f, c, unpromoted);
    ret->viewers_28d = spans.viewers_28d;
    ret->viewers_90d = spans.viewers_90d;
    ret->viewers_all = spans.viewers_all;
    ret->hours_per_viewer = (double)seen->runtime / 60;
}

static int spread_over_viewers(const struct forecast_fit *f, const struct seen_title *seen,
                               const struct count_forecast *count, const struct forecast_size *size,
                               uint32_t n, struct pool *pool, struct forecast_who *who,
                               struct mq_error *err)
{
    struct who_model w;
    size_t viewers = f->d->n_viewers;
    float *chance = calloc(2 * viewers + 1, sizeof(*chance));
    float *log_size = calloc((size_t)n + 1, sizeof(*log_size));
    int rc = chance && log_size ? 0 : no_memory(err);
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        log_size[i] = count[i].p50;
    if (rc == 0)
        rc = who_model_make(&f->who, seen, n, log_size, pool, &w, err);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        who_model_scores(&w, i, chance, chance + viewers);
        who_model_chances(chance, (uint32_t)viewers, size[i].refused ? 0 : size[i].viewers_90d.p50);
        for (uint32_t k = 0; k < who->viewers; k++)
            who->ret[(size_t)i * who->viewers + k] =
                size[i].refused ? 0 : chance[(size_t)k * who->step];
    }
    if (rc == 0)
        who_model_release(&w);
    free(log_size);
    free(chance);
    return rc;
}

int forecast_sizes(const struct forecast_fit *fit, const struct title *titles,
                   const double *unpromoted, uint32_t n, struct pool *pool, struct arena *arena,
                   struct forecast_size *ret, struct forecast_who *who, struct mq_error *err)
{
    struct concept_tokens tokens;
    struct seen_title *seen = calloc((size_t)n + 1, sizeof(*seen));
    struct count_forecast *count = calloc((size_t)n + 1, sizeof(*count));
    int rc = seen && count ? concept_tokens_make(&fit->tokens, titles, n, arena, &tokens, err)
                           : no_memory(err);
    if (rc) {
        free(seen);
        free(count);
        return rc;
    }
    for (uint32_t i = 0; i < n; i++)
        seen[i] = concept_seen(&tokens, i);
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        struct forecast_near near;
        rc = forecast_near(fit, &seen[i], &near, err);
        if (rc == 0)
            ret[i].support = near.titles;
    }
    if (rc == 0)
        rc = count_fit_say(&fit->count, seen, n, pool, count, NULL, err);
    for (uint32_t i = 0; i < n && rc == 0; i++)
        conclude(fit, &titles[i], &count[i], &seen[i], unpromoted ? unpromoted[i] : 0, &ret[i]);
    if (rc == 0 && who)
        rc = spread_over_viewers(fit, seen, count, ret, n, pool, who, err);
    concept_tokens_release(&tokens);
    free(seen);
    free(count);
    return rc;
}
