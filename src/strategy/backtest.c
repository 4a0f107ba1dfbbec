#include "strategy/backtest.h"

#include <math.h>
#include <stdlib.h>

#include "base/md5.h"
#include "base/rng.h"
#include "strategy/count_model.h"
#include "strategy/who_model.h"

enum { HOLDOUT_FOLDS = 5, YEARS_MAX = 256 };

/* Which titles are judged together, and from which ones each group is learnt. */
struct splits {
    uint32_t *judged; /* (n) rows with an audience */
    uint16_t
        *group; /* (n) title-holdout: the fold; rolling-year: years since the first, ascending */
    uint32_t n;
    uint16_t first_group, n_groups;
    bool earlier_only;
};

struct running {
    const struct strategy_data *d;
    const struct backtest_options *o;
    struct pool *pool;
    struct splits s;
    float *log_audience; /* (titles) */
    uint32_t *train, *test, n_test;
    struct seen_title *seen;         /* (n_test) */
    struct count_forecast *forecast; /* (n_test) */
    float *log_size;                 /* (n_test) */
    uint32_t done, total;
};

enum series { SERIES_FORECAST, SERIES_GENRE, SERIES_DIRECTOR, SERIES_COMPARABLES, SERIES_COUNT };

/* Outcomes pooled over the groups. */
struct pooled {
    struct forecast_outcome *outcome[SERIES_COUNT];
    struct auc_sums auc;
    uint32_t n, groups;
};

static int year_quarter(const struct strategy_data *d, const uint32_t *rows, uint32_t n)
{
    uint32_t per_year[YEARS_MAX] = {0};
    enum { FIRST = 1850 };
    uint32_t with = 0;
    for (uint32_t i = 0; i < n; i++) {
        int y = d->titles[rows[i]].year - FIRST;
        if (d->titles[rows[i]].year && y >= 0 && y < YEARS_MAX) {
            per_year[y]++;
            with++;
        }
    }
    uint32_t before = 0;
    for (int y = 0; y < YEARS_MAX; y++) {
        if (with && before >= COUNT_TRAIN_MIN && before * 4 >= with)
            return FIRST + y;
        before += per_year[y];
    }
    return FIRST + YEARS_MAX;
}

static int make_splits(struct running *r, struct mq_error *err)
{
    const struct strategy_data *d = r->d;
    struct splits *s = &r->s;
    s->judged = calloc((size_t)d->n_titles + 1, sizeof(*s->judged));
    s->group = calloc((size_t)d->n_titles + 1, sizeof(*s->group));
    r->log_audience = calloc((size_t)d->n_titles + 1, sizeof(*r->log_audience));
    r->train = calloc((size_t)d->n_titles + 1, sizeof(*r->train));
    r->test = calloc((size_t)d->n_titles + 1, sizeof(*r->test));
    r->forecast = calloc((size_t)d->n_titles + 1, sizeof(*r->forecast));
    r->seen = calloc((size_t)d->n_titles + 1, sizeof(*r->seen));
    r->log_size = calloc((size_t)d->n_titles + 1, sizeof(*r->log_size));
    if (!s->judged || !s->group || !r->log_audience || !r->train || !r->test || !r->forecast ||
        !r->seen || !r->log_size)
        return mq_fail(err, MQ_NO_MEMORY, "backtest: no memory for %u titles", d->n_titles);
    bool rolling = r->o->protocol == BACKTEST_ROLLING_YEAR;
    for (uint32_t t = 0; t < d->n_titles; t++) {
        const struct strategy_title *title = &d->titles[t];
        if (title->audience == 0 || title->id.n == 0 || (rolling && title->year <= 0))
            continue;
        r->log_audience[t] = logf((float)title->audience);
        s->group[s->n] =
            rolling ? (uint16_t)title->year : (uint16_t)md5_mod(title->id, HOLDOUT_FOLDS);
        s->judged[s->n++] = t;
    }
    s->earlier_only = rolling;
    s->n_groups = HOLDOUT_FOLDS;
    if (rolling) {
        uint16_t last = 0;
        for (uint32_t i = 0; i < s->n; i++)
            last = s->group[i] > last ? s->group[i] : last;
        s->first_group = (uint16_t)year_quarter(d, s->judged, s->n);
        s->n_groups = last >= s->first_group ? (uint16_t)(last - s->first_group + 1) : 0;
    }
    if (s->n < 2 * COUNT_TRAIN_MIN || s->n_groups == 0)
        return mq_fail(err, MQ_INVALID,
                       "backtest: %u titles with viewers%s: at least %d are needed: import titles, "
                       "credits and events first",
                       s->n, rolling ? " and a year" : "", 2 * COUNT_TRAIN_MIN);
    return 0;
}

/* n_test 0: nothing to judge in this group. */
static void split(struct running *r, uint16_t group, uint32_t *ret_n_train)
{
    const struct splits *s = &r->s;
    *ret_n_train = r->n_test = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->group[i] == group)
            r->test[r->n_test++] = s->judged[i];
        else if (!s->earlier_only || s->group[i] < group)
            r->train[(*ret_n_train)++] = s->judged[i];
    }
}

static int note_baselines(struct running *r, const struct count_task *t, struct pooled *p,
                          struct mq_error *err)
{
    struct baseline_task b = {r->d, t->train, r->test, t->n_train, r->n_test, r->log_audience};
    int rc = baseline_genre_median(&b, p->outcome[SERIES_GENRE] + p->n, err);
    if (rc == 0)
        rc = baseline_director_history(&b, p->outcome[SERIES_DIRECTOR] + p->n, err);
    for (uint32_t i = 0; i < r->n_test; i++)
        p->outcome[SERIES_COMPARABLES][p->n + i] =
            (struct forecast_outcome){.p10 = NAN,
                                      .p90 = NAN,
                                      .p50 = (double)r->forecast[i].comparables,
                                      .actual = (double)r->log_audience[r->test[i]]};
    return rc;
}

static int judge_who(struct running *r, const struct count_task *t, const struct count_fit *count,
                     struct pooled *p, struct mq_error *err)
{
    struct who_fit fit;
    struct who_model who;
    for (uint32_t i = 0; i < r->n_test; i++)
        r->log_size[i] = r->forecast[i].p50;
    int rc = who_fit_make(t, count->out_of_fold, &fit, err);
    if (rc)
        return rc;
    rc = who_model_make(&fit, r->seen, r->n_test, r->log_size, r->pool, &who, err);
    if (rc == 0) {
        rc = backtest_auc(r->d, &who, r->test, r->n_test, r->pool, &p->auc, err);
        who_model_release(&who);
    }
    who_fit_release(&fit);
    return rc;
}

static int judge_sizes(struct running *r, const struct count_task *t, const struct count_fit *fit,
                       struct pooled *p, struct mq_error *err)
{
    for (uint32_t i = 0; i < r->n_test; i++)
        r->seen[i] = title_seen(r->d, t->tokens, t->credits, r->test[i]);
    int rc = count_fit_say(fit, r->seen, r->n_test, r->pool, r->forecast, NULL, err);
    for (uint32_t i = 0; rc == 0 && i < r->n_test; i++)
        p->outcome[SERIES_FORECAST][p->n + i] =
            (struct forecast_outcome){.p10 = (double)r->forecast[i].p10,
                                      .p50 = (double)r->forecast[i].p50,
                                      .p90 = (double)r->forecast[i].p90,
                                      .actual = (double)r->log_audience[r->test[i]]};
    return rc;
}

static int run_group(struct running *r, const struct title_tokens *tokens,
                     const struct credit_source *credits, uint16_t group, bool baselines,
                     struct pooled *p, struct mq_error *err)
{
    struct count_task t = {.d = r->d,
                           .tokens = tokens,
                           .credits = credits,
                           .train = r->train,
                           .log_audience = r->log_audience,
                           .pool = r->pool,
                           .seed = r->o->seed};
    const struct train_watch *w = &r->o->watch;
    if (w->progress && !w->progress(w->ctx, "backtest", r->done++, r->total))
        return mq_fail(err, MQ_CANCELLED, "backtest: stopped");
    split(r, group, &t.n_train);
    if (r->n_test == 0)
        return 0;
    struct count_fit fit;
    int rc = count_fit_make(&t, &fit, err);
    if (rc)
        return rc;
    rc = judge_sizes(r, &t, &fit, p, err);
    if (rc == 0 && baselines)
        rc = note_baselines(r, &t, p, err);
    if (rc == 0)
        rc = judge_who(r, &t, &fit, p, err);
    count_fit_release(&fit);
    p->n += r->n_test;
    p->groups++;
    return rc;
}

static int pooled_new(uint32_t n, struct pooled *ret, struct mq_error *err)
{
    struct forecast_outcome *o = calloc(SERIES_COUNT * (size_t)n + 1, sizeof(*o));
    if (!o)
        return mq_fail(err, MQ_NO_MEMORY, "backtest: no memory for %u titles", n);
    *ret = (struct pooled){0};
    for (size_t i = 0; i < SERIES_COUNT; i++)
        ret->outcome[i] = o + i * n;
    return 0;
}

/* All groups with these credits; ret_metrics SERIES_COUNT of them with baselines, else one. */
static int run_all(struct running *r, const struct credit_source *credits, bool baselines,
                   struct forecast_metrics *ret, struct pooled *p, struct mq_error *err)
{
    struct title_tokens tokens;
    int rc = pooled_new(r->s.n, p, err);
    if (rc)
        return rc;
    rc = title_tokens_make(r->d, credits, &tokens, err);
    if (rc == 0) {
        for (uint16_t g = 0; rc == 0 && g < r->s.n_groups; g++)
            rc =
                run_group(r, &tokens, credits, (uint16_t)(r->s.first_group + g), baselines, p, err);
        title_tokens_release(&tokens);
    }
    for (int i = 0; rc == 0 && i < (baselines ? SERIES_COUNT : 1); i++)
        rc = forecast_metrics_of(p->outcome[i], p->n, &ret[i], err);
    if (rc == 0) {
        ret[0].auc = p->auc.titles ? p->auc.all / p->auc.titles : NAN;
        ret[0].auc_within_activity =
            p->auc.within_titles ? p->auc.within / p->auc.within_titles : NAN;
    }
    free(p->outcome[0]);
    return rc;
}

/* Each judged title gets the credits of another one. */
static int permute(const struct running *r, uint32_t **ret, struct mq_error *err)
{
    uint32_t *row_of = calloc((size_t)r->d->n_titles + 1, sizeof(*row_of));
    uint32_t *order = calloc((size_t)r->s.n + 1, sizeof(*order));
    if (!row_of || !order) {
        free(row_of);
        free(order);
        return mq_fail(err, MQ_NO_MEMORY, "backtest: no memory");
    }
    struct rng rng;
    rng_seed(&rng, r->o->seed);
    for (uint32_t t = 0; t < r->d->n_titles; t++)
        row_of[t] = t;
    memcpy(order, r->s.judged, r->s.n * sizeof(*order));
    rng_shuffle_u32(&rng, order, r->s.n);
    for (uint32_t i = 0; i < r->s.n; i++)
        row_of[r->s.judged[i]] = order[i];
    free(order);
    *ret = row_of;
    return 0;
}

static const struct forecast_metrics no_metrics = {.spearman = NAN,
                                                   .mdape = NAN,
                                                   .rmsle = NAN,
                                                   .within_2x = NAN,
                                                   .coverage = NAN,
                                                   .pinball = NAN,
                                                   .auc = NAN,
                                                   .auc_within_activity = NAN,
                                                   .coverage_by_third = {NAN, NAN, NAN},
                                                   .bias_by_third = {NAN, NAN, NAN}};

static int run_variants(struct running *r, struct backtest_report *ret, struct mq_error *err)
{
    struct forecast_metrics m[SERIES_COUNT];
    struct pooled p;
    uint32_t *permuted = NULL;
    int rc = run_all(r, &(struct credit_source){0}, true, m, &p, err);
    if (rc)
        return rc;
    ret->titles = p.n;
    ret->splits = p.groups;
    ret->auc_titles = p.auc.titles;
    ret->forecast = m[SERIES_FORECAST];
    ret->genre_median = m[SERIES_GENRE];
    ret->director_history = m[SERIES_DIRECTOR];
    ret->comparables = m[SERIES_COMPARABLES];
    ret->permuted_credits = ret->no_credits = no_metrics;
    if (r->o->no_controls)
        return 0;
    rc = permute(r, &permuted, err);
    if (rc == 0)
        rc = run_all(r, &(struct credit_source){.row_of = permuted}, false, &ret->permuted_credits,
                     &p, err);
    free(permuted);
    if (rc == 0)
        rc = run_all(r, &(struct credit_source){.none = true}, false, &ret->no_credits, &p, err);
    return rc;
}

int backtest_run(const struct strategy_data *d, const struct backtest_options *options,
                 struct pool *pool, struct backtest_report *ret, struct mq_error *err)
{
    struct running r = {.d = d, .o = options, .pool = pool};
    struct backtest_report report = {.viewers = d->n_viewers};
    int rc = make_splits(&r, err);
    if (rc == 0) {
        r.total = (options->no_controls ? 1u : 3u) * r.s.n_groups;
        rc = run_variants(&r, &report, err);
    }
    free(r.s.judged);
    free(r.s.group);
    free(r.log_audience);
    free(r.train);
    free(r.test);
    free(r.seen);
    free(r.forecast);
    free(r.log_size);
    if (rc == 0)
        *ret = report;
    return rc;
}
