#include "engine/sources.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

enum { SOURCES_NAMED = 64 };
#define REPLAY_MS (INT64_C(7) * 24 * 3600 * 1000)

void sources_apply(struct mq_engine *e, const struct event *events, const uint8_t *outcome,
                   size_t n)
{
    pthread_mutex_lock(&e->sources_lock);
    for (size_t i = 0; i < n; i++) {
        if (outcome[i] != APPEND_ADDED || events[i].archived)
            continue;
        source_watch_feed(e->sources, &events[i]);
        e->sources_fed = true;
    }
    pthread_mutex_unlock(&e->sources_lock);
}

/* ---------------------------------------------------------------- from the log */

/* What the watch reads of an event. */
struct sent {
    int64_t at_ms, position_ms, from_ms;
    uint64_t session; /* hash with the viewer; 0: none */
    uint8_t kind, source;
};

struct replay {
    struct sent *sent; /* (cap) a ring is not needed: the oldest half goes when it is full */
    size_t n, cap;
    int64_t from_ms;
    char source[SOURCES_NAMED][EVENT_ID_MAX + 1];
    uint32_t n_sources;
};

static int by_time(const void *x, const void *y)
{
    const struct sent *a = x, *b = y;
    return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

static uint8_t source_number(struct replay *r, struct str source)
{
    for (uint32_t i = 0; i < r->n_sources; i++) {
        if (str_eq(str_of(r->source[i]), source))
            return (uint8_t)i;
    }
    if (r->n_sources == SOURCES_NAMED || source.n > EVENT_ID_MAX)
        return SOURCES_NAMED - 1;
    if (source.n > 0)
        memcpy(r->source[r->n_sources], source.p, source.n);
    return (uint8_t)r->n_sources++;
}

/* The older half goes. */
static void halve(struct replay *r)
{
    qsort(r->sent, r->n, sizeof(*r->sent), by_time);
    size_t half = r->n / 2;
    memmove(r->sent, r->sent + half, (r->n - half) * sizeof(*r->sent));
    r->n -= half;
    r->from_ms = r->sent[0].at_ms;
}

static int keep(void *ctx, const struct event *e)
{
    struct replay *r = ctx;
    if (e->at_ms < r->from_ms)
        return 0;
    if (r->n == r->cap)
        halve(r);
    uint64_t session = e->session.n > 0 ? hash_str(e->session, e->viewer_id.v) | 1 : 0;
    r->sent[r->n++] = (struct sent){.at_ms = e->at_ms,
                                    .position_ms = e->position_ms,
                                    .from_ms = e->from_ms,
                                    .session = session,
                                    .kind = (uint8_t)e->kind,
                                    .source = source_number(r, e->source)};
    return 0;
}

static void feed(struct source_watch *w, struct replay *r)
{
    qsort(r->sent, r->n, sizeof(*r->sent), by_time);
    for (size_t i = 0; i < r->n; i++) {
        const struct sent *s = &r->sent[i];
        char session[24];
        struct event e;
        event_init(&e);
        e.source = str_of(r->source[s->source]);
        e.kind = (enum event_kind)s->kind;
        e.at_ms = s->at_ms;
        e.position_ms = s->position_ms;
        e.from_ms = s->from_ms;
        if (s->session) {
            int n = snprintf(session, sizeof(session), "%llx", (unsigned long long)s->session);
            e.session = (struct str){session, (size_t)n};
        }
        source_watch_feed(w, &e);
    }
}

static int replay(struct mq_engine *e, struct source_watch *w, struct mq_error *err)
{
    struct store_range all = {0};
    struct replay *r = calloc(1, sizeof(*r));
    if (r) {
        r->cap = SOURCES_REPLAYED;
        r->from_ms = atomic_load(&e->newest_ms) - REPLAY_MS;
        r->sent = malloc(r->cap * sizeof(*r->sent));
    }
    int rc = 0;
    if (!r || !r->sent)
        rc = mq_fail(err, MQ_NO_MEMORY, "sources: no memory for the last week's events");
    if (rc == 0)
        rc = store_scan_all(e->store, &all, keep, r, err);
    if (rc == 0)
        feed(w, r);
    if (r)
        free(r->sent);
    free(r);
    return rc;
}

/* ---------------------------------------------------------------- asking */

static void visit_alarms(const struct source_watch *w, int64_t now_ms, source_alarm_visit *visit,
                         void *ctx)
{
    struct source_alarm alarms[WATCH_ALARMS];
    size_t n = source_watch_alarms(w, now_ms, alarms, WATCH_ALARMS);
    for (size_t i = 0; i < n && visit(ctx, &alarms[i]); i++)
        continue;
}

static void visit_streams(const struct source_watch *w, source_stream_visit *visit, void *ctx)
{
    struct source_stream streams[WATCH_STREAMS + 1];
    size_t n = source_watch_streams(w, streams, WATCH_STREAMS + 1);
    for (size_t i = 0; i < n && visit(ctx, &streams[i]); i++)
        continue;
}

void engine_live_sources(struct mq_engine *e, int64_t now_ms, source_alarm_visit *alarm, void *ctx)
{
    pthread_mutex_lock(&e->sources_lock);
    visit_alarms(e->sources, now_ms, alarm, ctx);
    pthread_mutex_unlock(&e->sources_lock);
}

int engine_sources(struct mq_engine *e, int64_t now_ms, source_alarm_visit *alarm,
                   source_stream_visit *stream, void *ctx, struct mq_error *err)
{
    struct source_watch *learnt = NULL;
    pthread_mutex_lock(&e->sources_lock);
    bool live = e->sources_fed;
    pthread_mutex_unlock(&e->sources_lock);
    if (!live) {
        int rc = source_watch_new(&learnt, err);
        if (rc == 0)
            rc = replay(e, learnt, err);
        if (rc) {
            source_watch_free(learnt);
            return rc;
        }
    }
    pthread_mutex_lock(&e->sources_lock);
    const struct source_watch *w = learnt ? learnt : e->sources;
    if (alarm)
        visit_alarms(w, now_ms, alarm, ctx);
    if (stream)
        visit_streams(w, stream, ctx);
    pthread_mutex_unlock(&e->sources_lock);
    source_watch_free(learnt);
    return 0;
}
