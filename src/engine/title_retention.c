#include "engine/title_retention.h"

#include <stdio.h>

#include "audience/floor.h"
#include "engine/audiences.h"

struct reading {
    struct retention *retention;
    const struct retention_request *q;
    uint64_t events, total;
    int64_t newest_ms;
    struct mq_error *err;
};

static int take(void *ctx, const struct event *e)
{
    enum { EVERY = 65536 };
    struct reading *r = ctx;
    const struct retention_request *q = r->q;
    if (r->events++ % EVERY == 0 && q->progress &&
        !q->progress(q->progress_ctx, "reading the log", r->events, r->total))
        return mq_fail(r->err, MQ_CANCELLED, "retention: stopped");
    r->newest_ms = e->at_ms > r->newest_ms ? e->at_ms : r->newest_ms;
    return retention_feed(r->retention, e, r->err);
}

static int read_log(struct mq_engine *e, const struct retention_request *q, struct title_id title,
                    int64_t runtime_ms, unsigned floor, struct arena *arena,
                    struct retention_figures *ret, struct mq_error *err)
{
    uint64_t seq = atomic_load(&e->applied_seq);
    struct reading r = {.q = q, .total = seq, .err = err};
    struct store_range range = {.known_ms = q->as_of_ms,
                                .max_seq = q->as_of_seq && q->as_of_seq < seq ? q->as_of_seq : seq};
    int rc = retention_new(title, runtime_ms, &r.retention, err);
    if (rc == 0 && seq > 0)
        rc = store_scan_all(e->store, &range, take, &r, err);
    int64_t now = q->as_of_ms ? q->as_of_ms : q->as_of_seq ? r.newest_ms : engine_now(e, NULL);
    if (rc == 0)
        rc = retention_figures(r.retention, now, floor, arena, ret, err);
    retention_free(r.retention);
    return rc;
}

int engine_title_retention(struct mq_engine *e, const struct retention_request *q,
                           struct arena *arena, struct str *ret_name, int64_t *ret_runtime_ms,
                           struct retention_figures *ret, struct mq_error *err)
{
    unsigned floor;
    struct title record;
    title_init(&record);
    struct title_id id;
    int rc = engine_title_id(e, q->title, &id, err);
    if (rc)
        return rc;
    if (q->as_of_ms != 0 && q->as_of_seq != 0)
        return mq_fail(err, MQ_INVALID, "as of: a time and a position: give one of them");
    rc = floor_take(q->floor, &floor, err);
    if (rc == 0)
        rc = store_get_title(e->store, id, q->as_of_seq, arena, &record, err);
    if (rc != 0 && rc != MQ_NOT_FOUND)
        return rc;
    *ret_name = record.name.n > 0 ? record.name : q->title;
    *ret_runtime_ms = record.runtime_min * INT64_C(60000);
    rc = read_log(e, q, id, *ret_runtime_ms, q->research ? 0 : floor, arena, ret, err);
    if (rc)
        return rc;
    char text[EVENT_ID_MAX + 16];
    const char *what[] = {text};
    snprintf(text, sizeof(text), "title=%.*s", STR_ARG(q->title));
    struct mq_audience_request line = {.expressions = what,
                                       .n_expressions = 1,
                                       .who = q->who,
                                       .research = q->research,
                                       .floor = floor};
    return audiences_audit(e, "retention", &line, ret->withheld, err);
}
