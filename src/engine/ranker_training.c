#include "engine/ranker_training.h"

#include "engine/page_log.h"
#include "train/train.h"

/* Shares of the log by time: generators before the first, trees before the second. */
static const double generators_before = 0.8;
static const double trees_before = 0.9;
enum { WANTED_CHOICES = 9000 };

struct reading {
    struct ranker_log log;
    const struct shown_store *shown; /* NULL: nothing was ever shown */
    uint64_t events;
    struct train_watch watch;
    struct mq_error *err;
};

static int read_page(void *ctx, const struct shown_bytes *page)
{
    struct reading *x = ctx;
    return ranker_log_page(&x->log, page->bytes, page->at_ms, x->err);
}

static int read_event(void *ctx, const struct event *e)
{
    struct reading *x = ctx;
    enum { EVERY = 65536 };
    int rc = 0;
    if (x->events++ % EVERY == 0 && x->watch.progress &&
        !x->watch.progress(x->watch.ctx, "ranker: reading the log", x->events, 0))
        return mq_fail(x->err, MQ_CANCELLED, "training: stopped");
    if (e->viewer_id.v != x->log.viewer.v) {
        rc = ranker_log_viewer(&x->log, e->viewer_id, x->err);
        if (rc == 0 && x->shown)
            rc = shown_store_viewer(x->shown, e->viewer_id, 0, 0, read_page, x, x->err);
    }
    return rc ? rc : ranker_log_event(&x->log, e, x->err);
}

static size_t liked_from(const struct triples *t, int64_t from_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->weight[i] > 0 && t->at_ms[i] >= from_ms;
    return n;
}

static int read_log(struct mq_engine *e, struct reading *x, const struct ranker_log_settings *s,
                    struct mq_error *err)
{
    struct store_range all = {.max_seq = store_last_seq(e->store)};
    int rc = ranker_log_init(&x->log, s, err);
    if (rc == 0)
        rc = page_log_reading(e->page_log, &x->shown, err);
    if (rc == 0)
        rc = store_scan_all(e->store, &all, read_event, x, err);
    return rc ? rc : ranker_log_finish(&x->log, err);
}

struct spans {
    int64_t from_ms, test_from_ms;
};

static int fit_trees(struct mq_engine *e, const struct log_rows *rows,
                     const struct model *generators, struct spans t,
                     const struct blend_fit_options *o, struct ranker_part *ret,
                     struct mq_error *err)
{
    struct reading x = {.watch = o->watch, .err = err};
    size_t liked = liked_from(&rows->triples, t.from_ms);
    struct ranker_log_settings ls = {
        .catalogue = rows->catalogue,
        .weights = rows->weights,
        .from_ms = t.from_ms,
        .share = liked > WANTED_CHOICES ? (double)WANTED_CHOICES / (double)liked : 1,
        .seed = o->seed};
    struct ranker_fit_settings fs = {.catalogue = rows->catalogue,
                                     .generators = generators,
                                     .test_from_ms = t.test_from_ms,
                                     .seed = o->seed};
    int rc = read_log(e, &x, &ls, err);
    if (rc == 0)
        rc = ranker_fit(&x.log, &fs, o->watch, ret, err);
    ranker_log_release(&x.log);
    return rc;
}

static int rows_before(const struct triples *rows, int64_t before_ms, struct triples *ret,
                       struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < rows->n; i++)
        if (rows->at_ms[i] < before_ms)
            rc = triples_add(ret, rows->viewer[i], rows->title[i], rows->weight[i], rows->at_ms[i],
                             err);
    return rc;
}

int engine_train_ranker(struct mq_engine *e, const struct log_rows *rows, uint32_t n_titles,
                        const struct blend_fit_options *fit, struct pool *pool,
                        struct ranker_part *ret, struct mq_error *err)
{
    struct spans t;
    struct triples earlier = {0};
    struct model generators = {0};
    struct blend_found found;
    struct blend_fit_options o = *fit;
    *ret = (struct ranker_part){0};
    o.live = NULL;
    int rc = triples_cut(&rows->triples, generators_before, &t.from_ms, err);
    if (rc == 0)
        rc = triples_cut(&rows->triples, trees_before, &t.test_from_ms, err);
    if (rc == 0 && liked_from(&rows->triples, t.test_from_ms) < RANKER_LEAST_CHOICES / 3)
        return 0;
    if (rc == 0)
        rc = rows_before(&rows->triples, t.from_ms, &earlier, err);
    if (rc == 0 && liked_from(&earlier, INT64_MIN) > 0)
        rc = blend_fit(&earlier, rows->n_viewers, n_titles, &o, pool, &generators, &found, err);
    triples_release(&earlier);
    if (rc == 0 && generators.rank > 0)
        rc = fit_trees(e, rows, &generators, t, fit, ret, err);
    train_release(&generators);
    return rc;
}
