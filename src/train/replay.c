#include "train/replay.h"

int replay_init(struct replay *x, const struct ranker_log *log, const struct world *w,
                struct mq_error *err)
{
    *x = (struct replay){.log = log, .world = *w};
    int rc = trend_new(&x->trend, err);
    if (rc == 0)
        rc = recommender_new(&x->r, err);
    x->world.trend = x->trend;
    return rc;
}

void replay_release(struct replay *x)
{
    recommender_free(x->r);
    trend_free(x->trend);
    *x = (struct replay){.fed = 0};
}

static int feed_until(struct replay *x, int64_t at_ms, struct mq_error *err)
{
    int rc = 0;
    for (; rc == 0 && x->fed < x->log->n_counted && x->log->counted[x->fed].at_ms < at_ms;
         x->fed++) {
        const struct counted_event *c = &x->log->counted[x->fed];
        struct event e;
        event_init(&e);
        e.kind = (enum event_kind)c->kind;
        e.at_ms = c->at_ms;
        e.title_id.v = c->title;
        e.value = c->value;
        e.scale = c->scale;
        e.context.offset_min = c->offset_min;
        e.context.country = c->country;
        e.context.device = c->device;
        rc = trend_feed(x->trend, &e, err);
    }
    return rc;
}

int replay_ask(struct replay *x, const struct ranker_choice *c, struct mq_error *err)
{
    struct ask *ask = &x->ask;
    int rc = feed_until(x, c->at_ms, err);
    if (rc)
        return rc;
    *ask =
        (struct ask){.profile = c->profile, .viewer = "", .at_ms = c->at_ms, .context = c->context};
    if (ask->context.offset_min == OFFSET_NONE) /* as serving does */
        ask->context.offset_min = c->profile->offset_min;
    if (ask->context.country == 0)
        ask->context.country = c->profile->country;
    rc = recommend_prepare(x->r, &x->world, ask, err);
    return rc ? rc : recommender_begin(x->r, &x->world, ask, err);
}
