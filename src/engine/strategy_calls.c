/* strategy_calls.c - the public questions about titles that do not exist yet. */
#include "engine/strategy_calls.h"

#include <math.h>

#include "base/clock.h"
#include "strategy/backtest.h"
#include "strategy/vain_searches.h"

struct reading {
    struct strategy_data *d;
    struct vain_searches *vain;
    mq_progress *progress;
    void *ctx;
    uint64_t total;
    struct mq_error *err;
};

static int read_title(void *ctx, const struct title *t)
{
    struct reading *r = ctx;
    return strategy_data_title(r->d, t, r->err);
}

static int read_event(void *ctx, const struct event *e)
{
    struct reading *r = ctx;
    enum { EVERY = 65536 };
    if (r->d->events % EVERY == 0 && r->progress &&
        !r->progress(r->ctx, "reading the log", r->d->events, r->total))
        return mq_fail(r->err, MQ_CANCELLED, "strategy: stopped");
    int rc = r->vain ? vain_searches_event(r->vain, e, r->err) : 0;
    return rc ? rc : strategy_data_event(r->d, e, r->err);
}

int strategy_read(struct mq_engine *e, int64_t as_of_ms, mq_progress *progress, void *ctx,
                  struct strategy_data **ret, struct mq_error *err)
{
    struct strategy_reading q = {.as_of_ms = as_of_ms, .progress = progress, .progress_ctx = ctx};
    return strategy_read_with(e, &q, ret, err);
}

int strategy_read_with(struct mq_engine *e, const struct strategy_reading *q,
                       struct strategy_data **ret, struct mq_error *err)
{
    struct store_range range = {.max_seq = store_last_seq(e->store), .known_ms = q->as_of_ms};
    if (q->as_of_seq != 0 && q->as_of_seq < range.max_seq)
        range.max_seq = q->as_of_seq;
    struct reading r = {NULL, q->vain, q->progress, q->progress_ctx, range.max_seq, err};
    int rc = strategy_data_new(&r.d, err);
    if (rc)
        return rc;
    rc = store_scan_titles(e->store, 0, read_title, &r, err);
    if (rc == 0 && range.max_seq > 0)
        rc = store_scan_all(e->store, &range, read_event, &r, err);
    if (rc == 0)
        rc = strategy_data_finish(r.d, err);
    if (rc)
        strategy_data_free(r.d);
    else
        *ret = r.d;
    return rc;
}

static struct mq_forecast_metrics metrics_out(const struct forecast_metrics *m)
{
    struct mq_forecast_metrics r = {.spearman = m->spearman,
                                    .mdape = m->mdape,
                                    .rmsle = m->rmsle,
                                    .within_2x = m->within_2x,
                                    .coverage = m->coverage,
                                    .pinball = m->pinball,
                                    .auc = m->auc,
                                    .auc_within_activity = m->auc_within_activity};
    for (int i = 0; i < 3; i++) {
        r.coverage_by_third[i] = m->coverage_by_third[i];
        r.bias_by_third[i] = m->bias_by_third[i];
    }
    return r;
}

static const char *const protocols[] = {"title-holdout", "rolling-year"};

static int protocol_from(const char *name, enum backtest_protocol *ret, struct mq_error *err)
{
    *ret = BACKTEST_TITLE_HOLDOUT;
    if (!name || strcmp(name, protocols[BACKTEST_TITLE_HOLDOUT]) == 0)
        return 0;
    if (strcmp(name, protocols[BACKTEST_ROLLING_YEAR]) != 0)
        return mq_fail(err, MQ_INVALID, "protocol: %s: give title-holdout or rolling-year", name);
    *ret = BACKTEST_ROLLING_YEAR;
    return 0;
}

int mq_strategy_backtest(struct mq_engine *e, const struct mq_backtest_request *q,
                         struct mq_backtest *ret, struct mq_error *err)
{
    uint64_t started = clock_mono_ns();
    struct backtest_options o = {.seed = q->seed ? q->seed : 1,
                                 .no_controls = q->no_controls,
                                 .watch = {q->progress, q->progress_ctx}};
    struct backtest_report report;
    struct strategy_data *d = NULL;
    struct pool *pool = NULL;
    int rc = protocol_from(q->protocol, &o.protocol, err);
    if (rc == 0)
        rc = pool_new(q->threads ? q->threads : e->options.threads, &pool, err);
    if (rc == 0)
        rc = strategy_read(e, q->as_of_ms, q->progress, q->progress_ctx, &d, err);
    if (rc == 0)
        rc = backtest_run(d, &o, pool, &report, err);
    strategy_data_free(d);
    pool_free(pool);
    if (rc)
        return rc;
    *ret = (struct mq_backtest){
        .protocol = protocols[o.protocol],
        .seed = o.seed,
        .titles = report.titles,
        .viewers = report.viewers,
        .splits = report.splits,
        .auc_titles = report.auc_titles,
        .seconds = (double)(clock_mono_ns() - started) / 1e9,
        .forecast = metrics_out(&report.forecast),
        .genre_median = metrics_out(&report.genre_median),
        .director_history = metrics_out(&report.director_history),
        .comparables = metrics_out(&report.comparables),
        .permuted_credits = metrics_out(&report.permuted_credits),
        .no_credits = metrics_out(&report.no_credits),
    };
    return 0;
}
