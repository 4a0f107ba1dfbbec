#include "engine/consent.h"

#include <stdio.h>

#include "base/clock.h"
#include "engine/lookup.h"

int engine_get_settings(struct mq_engine *e, struct str viewer, struct viewer_settings *ret,
                        struct mq_error *err)
{
    struct viewer_summary s;
    int rc = engine_viewer_summary(e, viewer, &s, err);
    if (rc)
        return rc;
    ret->profiling = !(s.consent & CONSENT_UNPROFILED);
    ret->child = (s.consent & CONSENT_CHILD) != 0;
    return 0;
}

/* Behind all that is in the log, at the moment that answers are for: an archive stays one. */
static int64_t order_time(const struct mq_engine *e)
{
    int64_t now = engine_now(e, NULL);
    int64_t newest = atomic_load(&e->newest_ms);
    return newest > now ? newest : now;
}

static int give_order(struct mq_engine *e, struct event *order, struct mq_error *err)
{
    char id[64];
    uint8_t outcome;
    int n = snprintf(id, sizeof(id), "%lld-%lld", (long long)clock_wall_ms(),
                     (long long)clock_mono_ns());
    order->id = (struct str){id, (size_t)n};
    order->kind = EVENT_CUSTOM;
    order->source = EVENT_ORDER_SOURCE;
    order->at_ms = order_time(e);
    int rc = event_check(order, clock_wall_ms(), err);
    if (rc == 0)
        rc = committer_append(e->committer, order, 1, &outcome, false, err);
    order->id = STR_NONE; /* its text ends with this call */
    return rc;
}

int engine_put_settings(struct mq_engine *e, struct str viewer, const struct viewer_settings *s,
                        struct mq_error *err)
{
    char text[64];
    struct buf b;
    struct event order;
    if (s->profiling < 0 && s->child < 0)
        return mq_fail(err, MQ_INVALID, "settings: none given: send profiling or child");
    buf_over(&b, text, sizeof(text));
    if (s->profiling >= 0)
        buf_add_z(&b, s->profiling ? "profiling=on" : "profiling=off");
    if (s->child >= 0 && b.n > 0)
        buf_add_char(&b, ' ');
    if (s->child >= 0)
        buf_add_z(&b, s->child ? "child=on" : "child=off");
    event_init(&order);
    order.viewer = viewer;
    order.custom = EVENT_ORDER_SETTINGS;
    order.query = buf_str(&b);
    return give_order(e, &order, err);
}

int engine_remove_from_history(struct mq_engine *e, struct str viewer, struct str title,
                               struct mq_error *err)
{
    struct event order;
    struct viewer_id known;
    struct title_id there;
    int rc = engine_find_viewer(e, viewer, &known, err);
    if (rc == 0)
        rc = engine_title_id(e, title, &there, err);
    if (rc)
        return rc;
    event_init(&order);
    order.viewer = viewer;
    order.title = title;
    order.custom = EVENT_ORDER_REMOVE_TITLE;
    return give_order(e, &order, err);
}
