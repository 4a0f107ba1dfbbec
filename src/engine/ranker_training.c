#include "engine/ranker_training.h"

#include <stdlib.h>

#include "engine/engagement_fitting.h"
#include "engine/page_log.h"
#include "engine/places_read.h"

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

/* ---------------------------------------------------------------- how often places are looked at */

static void add_places(const struct examination *x, const struct examined_places *p,
                       unsigned device, enum examined_along along, struct places_read *ret)
{
    for (uint32_t place = 1; place < EXAMINED_PLACES; place++) {
        struct examined e;
        examination_measure(x, p, device, along, place, &e);
        if (e.choices > 0 && ret->n < PLACES_READ_MAX)
            ret->place[ret->n++] = (struct place_read){.device = device,
                                                       .rows = along == ALONG_ROWS,
                                                       .place = place,
                                                       .choices = e.choices,
                                                       .ratio = e.ratio,
                                                       .low = e.low,
                                                       .high = e.high,
                                                       .used = e.used};
    }
}

static void tell_places(const struct examination *x, struct places_read *ret)
{
    struct examined_places p;
    examination_settle(x, &p);
    *ret = (struct places_read){.n = 0};
    for (unsigned a = 0; a < ALONG; a++) {
        ret->pages[a] = x->pages[a];
        ret->choices[a] = p.choices[a];
        ret->viewers[a] = x->of[DEVICES][a].viewers;
        ret->known[a] = p.known[a];
        add_places(x, &p, DEVICES, (enum examined_along)a, ret);
        for (unsigned d = 0; d < DEVICES; d++)
            add_places(x, &p, d, (enum examined_along)a, ret);
    }
}

int engine_places_read(struct mq_engine *e, struct places_read *ret, struct mq_error *err)
{
    /* No choice is kept and no event counted: pages and what was chosen from them alone. */
    struct ranker_log_settings s = {.from_ms = INT64_MAX, .weights = engine_engagement(e)};
    struct reading x = {.engine = e};
    struct catalogue *c = NULL;
    struct ranker_log *log = calloc(1, sizeof(*log));
    int rc = log ? catalogue_from_store(e->store, 0, &c, err)
                 : mq_fail(err, MQ_NO_MEMORY, "places: no memory");
    s.catalogue = c;
    if (rc == 0)
        rc = ranker_log_init(log, &s, err);
    if (rc == 0) {
        rc = read_log(&x, log, err);
        if (rc == 0)
            tell_places(&log->examination, ret);
        ranker_log_release(log);
    }
    free(log);
    catalogue_free(c);
    return rc;
}
