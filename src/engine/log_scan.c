#include "engine/log_scan.h"

struct scanning {
    struct log_rows *rows;
    mq_progress *progress;
    void *progress_ctx;
    uint64_t total;
    struct mq_error *err;
};

static int scan_event(void *ctx, const struct event *e)
{
    struct scanning *s = ctx;
    enum { EVERY = 65536 };
    if (s->rows->events % EVERY == 0 && s->progress &&
        !s->progress(s->progress_ctx, "reading the log", s->rows->events, s->total))
        return mq_fail(s->err, MQ_CANCELLED, "training: stopped");
    return log_rows_feed(s->rows, e, s->err);
}

int log_scan(struct mq_engine *e, mq_progress *progress, void *progress_ctx, struct log_rows *rows,
             struct mq_error *err)
{
    struct store_range prefix = {.max_seq = store_last_seq(e->store)};
    struct scanning s = {rows, progress, progress_ctx, prefix.max_seq, err};
    if (prefix.max_seq == 0)
        return mq_fail(err, MQ_INVALID, "training: the log is empty: import or send events first");
    int rc = store_scan_all(e->store, &prefix, scan_event, &s, err);
    if (rc == 0)
        rc = log_rows_finish(rows, err);
    if (rc == 0 && rows->triples.n == 0)
        rc =
            mq_fail(err, MQ_INVALID, "training: %llu events: none says that a viewer liked a title",
                    (unsigned long long)rows->events);
    return rc;
}

int engine_likings(struct mq_engine *e, liking_visit *visit, void *ctx, struct mq_error *err)
{
    const struct intern *viewers = store_names(e->store, NAME_VIEWER);
    const struct intern *titles = store_names(e->store, NAME_TITLE);
    struct log_rows rows;
    struct catalogue *c;
    int rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc)
        return rc;
    log_rows_init(&rows, c, engine_engagement(e));
    rc = log_scan(e, NULL, NULL, &rows, err);
    for (size_t i = 0; rc == 0 && i < rows.triples.n; i++) {
        const struct triples *t = &rows.triples;
        if (t->weight[i] > 0)
            rc = visit(ctx, intern_name(viewers, t->viewer[i]), intern_name(titles, t->title[i]),
                       t->at_ms[i], err);
    }
    log_rows_release(&rows);
    catalogue_free(c);
    return rc;
}

struct visiting {
    event_visit *visit;
    void *ctx;
    struct mq_error *err;
};

static int visit_event(void *ctx, const struct event *e)
{
    struct visiting *v = ctx;
    return v->visit(v->ctx, e, v->err);
}

int engine_events(struct mq_engine *e, event_visit *visit, void *ctx, struct catalogue **ret,
                  struct mq_error *err)
{
    struct store_range prefix = {.max_seq = store_last_seq(e->store)};
    struct visiting v = {visit, ctx, err};
    struct catalogue *c;
    if (prefix.max_seq == 0)
        return mq_fail(err, MQ_INVALID, "log: is empty: import or send events first");
    int rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc)
        return rc;
    rc = store_scan_all(e->store, &prefix, visit_event, &v, err);
    if (rc) {
        catalogue_free(c);
        return rc;
    }
    *ret = c;
    return 0;
}

int training_lock(struct mq_engine *e, struct mq_error *err)
{
    if (pthread_mutex_trylock(&e->training_lock) != 0)
        return mq_fail(err, MQ_CONFLICT, "training: another one runs: wait for it to end");
    atomic_store(&e->training, true);
    return 0;
}

void training_unlock(struct mq_engine *e)
{
    atomic_store(&e->training, false);
    pthread_mutex_unlock(&e->training_lock);
}

void readings_stop(struct mq_engine *e)
{
    atomic_store(&e->stopping, true);
}

int reading_goes_on(struct mq_engine *e, uint64_t *events, const char *what, struct mq_error *err)
{
    enum { EVERY = 65536 };
    if ((*events)++ % EVERY != 0 || !atomic_load(&e->stopping))
        return 0;
    return mq_fail(err, MQ_CANCELLED, "%s: stopped: the service closes", what);
}
