#include "engine/ranker_training.h"

#include "engine/page_log.h"
struct reading {
    struct mq_engine *engine;
    struct ranker_log *log;
    const struct shown_store *shown; /* NULL: nothing was ever shown */
    uint64_t events;
    struct train_watch watch;
    struct mq_error *err;
};

static int read_page(void *ctx, const struct shown_bytes *page)
{
    struct reading *x = ctx;
    return ranker_log_page(x->log, page->bytes, page->at_ms, x->err);
}

static int read_event(void *ctx, const struct event *e)
{
    struct reading *x = ctx;
    enum { EVERY = 65536 };
    int rc = 0;
    if (x->events++ % EVERY == 0 && x->watch.progress &&
        !x->watch.progress(x->watch.ctx, "ranker: reading the log", x->events, 0))
        return mq_fail(x->err, MQ_CANCELLED, "training: stopped");
    if (e->viewer_id.v != x->log->viewer.v) {
        rc = ranker_log_viewer(x->log, e->viewer_id, x->err);
        if (rc == 0 && x->shown)
            rc = shown_store_viewer(x->shown, e->viewer_id, 0, 0, read_page, x, x->err);
    }
    return rc ? rc : ranker_log_event(x->log, e, x->err);
}

static int read_log(void *ctx, struct ranker_log *log, struct mq_error *err)
{
    struct reading *x = ctx;
    struct mq_engine *e = x->engine;
    struct store_range all = {.max_seq = store_last_seq(e->store)};
    x->log = log;
    x->err = err;
    int rc = page_log_reading(e->page_log, &x->shown, err);
    if (rc == 0)
        rc = store_scan_all(e->store, &all, read_event, x, err);
    return rc ? rc : ranker_log_finish(log, err);
}

int engine_train_ranker(struct mq_engine *e, const struct log_rows *rows, const struct model *m,
                        const struct blend_fit_options *fit, struct pool *pool,
                        struct second_stage *ret, struct mq_error *err)
{
    struct reading x = {.engine = e, .watch = fit->watch};
    struct second_stage_options o = {.fit = *fit, .read = read_log, .ctx = &x};
    return second_stage_fit(rows, m, &o, pool, ret, err);
}
