#include "engine/counting_aside.h"

#include <stdlib.h>

static int count(struct counted *n, const struct event *e, struct mq_error *err)
{
    if (n->newest_ms == 0 || e->at_ms > n->newest_ms)
        n->newest_ms = e->at_ms;
    if (n->first_ms == 0 || e->at_ms < n->first_ms)
        n->first_ms = e->at_ms;
    return trend_feed(n->trend, e, err);
}

int counting_aside_new(struct counting_aside **ret, struct mq_error *err)
{
    struct counting_aside *a = calloc(1, sizeof(*a));
    if (!a)
        return mq_fail(err, MQ_NO_MEMORY, "counters: no memory");
    pthread_mutex_init(&a->lock, NULL);
    *ret = a;
    return 0;
}

void counting_aside_free(struct counting_aside *a)
{
    if (!a)
        return;
    if (a->active)
        trend_free(a->n.trend);
    pthread_mutex_destroy(&a->lock);
    free(a);
}

void counting_aside_feed(struct mq_engine *e, const struct event *events, const uint8_t *outcome,
                         size_t n)
{
    struct counting_aside *a = e->aside;
    struct mq_error ignored;
    pthread_mutex_lock(&a->lock);
    for (size_t i = 0; a->active && i < n; i++)
        if (outcome[i] == APPEND_ADDED && count(&a->n, &events[i], &ignored) != 0)
            a->failed = MQ_NO_MEMORY;
    pthread_mutex_unlock(&a->lock);
}

/* Between two groups: what comes behind applied_seq is fed. */
static int begin(void *ctx, struct mq_error *err)
{
    struct mq_engine *e = ctx;
    struct counting_aside *a = e->aside;
    struct trend *trend;
    int rc = counted_trend_new(&trend, err);
    if (rc)
        return rc;
    pthread_mutex_lock(&a->lock);
    if (a->active) {
        rc = mq_fail(err, MQ_CONFLICT, "counters: are being counted already: wait");
    } else {
        a->active = true;
        a->n = (struct counted){.trend = trend};
        a->seq = store_last_seq(e->store);
        a->erasures = atomic_load(&e->erasures);
        a->failed = 0;
        trend = NULL;
    }
    pthread_mutex_unlock(&a->lock);
    trend_free(trend);
    return rc;
}

struct reading {
    struct counting_aside *aside;
    struct mq_error *err;
};

/* A lock for each event: the committer never waits for more than one. */
static int take(void *ctx, const struct event *e)
{
    struct reading *r = ctx;
    pthread_mutex_lock(&r->aside->lock);
    int rc = count(&r->aside->n, e, r->err);
    pthread_mutex_unlock(&r->aside->lock);
    return rc;
}

/* Between two groups again. Whoever was erased meanwhile may have been read: then the log is counted here. */
static int finish(void *ctx, struct mq_error *err)
{
    struct mq_engine *e = ctx;
    struct counting_aside *a = e->aside;
    pthread_mutex_lock(&a->lock);
    struct counted n = a->n;
    bool good = a->failed == 0 && a->erasures == atomic_load(&e->erasures);
    a->active = false;
    pthread_mutex_unlock(&a->lock);
    if (!good) {
        trend_free(n.trend);
        return engine_recount(e, err);
    }
    e->kept_seq = 0;
    engine_serve_counters(e, &n);
    return 0;
}

int counting_aside(struct mq_engine *e, struct mq_error *err)
{
    struct counting_aside *a = e->aside;
    struct reading r = {a, err};
    int rc = committer_call(e->committer, begin, e, err);
    if (rc)
        return rc;
    struct store_range range = {.max_seq = a->seq};
    if (range.max_seq > 0) /* 0 would be "all" */
        rc = store_scan_all(e->store, &range, take, &r, err);
    if (rc) {
        pthread_mutex_lock(&a->lock);
        a->failed = rc;
        pthread_mutex_unlock(&a->lock);
    }
    struct mq_error again;
    int finished = committer_call(e->committer, finish, e, rc ? &again : err);
    return rc ? rc : finished;
}
