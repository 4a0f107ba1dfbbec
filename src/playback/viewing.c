#include "playback/viewing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void viewing_init(struct viewing *v, int64_t runtime_ms, bool start_plays, bool keep_runs)
{
    *v = (struct viewing){.keep_runs = keep_runs};
    session_init(&v->session, runtime_ms, start_plays);
}

void viewing_release(struct viewing *v)
{
    free(v->runs);
    intervals_release(&v->watched);
    *v = (struct viewing){0};
}

static int keep_run(struct viewing *v, struct span run, bool extends, struct mq_error *err)
{
    if (extends) {
        v->runs[v->n_runs - 1].to = run.to;
        return 0;
    }
    if (v->n_runs == VIEWING_EVENTS_MAX)
        return mq_fail(err, MQ_TOO_LARGE,
                       "playback: more than %d stretches in one session: split it",
                       VIEWING_EVENTS_MAX);
    if (v->n_runs == v->cap_runs) {
        uint32_t cap = v->cap_runs ? v->cap_runs * 2 : 4;
        struct span *runs = realloc(v->runs, cap * sizeof(*runs));
        if (!runs)
            return mq_fail(err, MQ_NO_MEMORY, "playback: %u stretches: free memory and try again",
                           cap);
        v->runs = runs;
        v->cap_runs = cap;
    }
    v->runs[v->n_runs++] = run;
    return 0;
}

static int add_run(struct viewing *v, struct span run, struct mq_error *err)
{
    if (run.from >= run.to)
        return 0;
    bool extends = v->last_run.from < v->last_run.to && v->last_run.to == run.from;
    if (v->keep_runs) {
        int rc = keep_run(v, run, extends, err);
        if (rc)
            return rc;
    }
    v->last_run = run;
    v->played_ms = viewing_sum(v->played_ms, run.to - run.from);
    return v->exact ? 0 : intervals_add(&v->watched, run.from, run.to, err);
}

int viewing_feed(struct viewing *v, const struct event *e, struct mq_error *err)
{
    struct session_step step;
    session_feed(&v->session, e, &step);
    if (!step.taken)
        return 0;
    if (step.opened)
        v->start_position_ms = step.start_ms;
    if (step.jump < 0) {
        v->rewinds++;
        v->rewound_ms = viewing_sum(v->rewound_ms, -step.jump);
    } else if (step.jump > 0) {
        v->skips++;
        v->skipped_ms = viewing_sum(v->skipped_ms, step.jump);
    }
    v->pauses += (uint32_t)step.pauses;
    v->paused_ms += step.paused_ms;
    v->buffering_ms += step.buffering_ms;
    return add_run(v, (struct span){step.from, step.to}, err);
}

static int by_id_then_arrival(const void *a, const void *b)
{
    const struct event *x = *(const struct event *const *)a, *y = *(const struct event *const *)b;
    int c = (x->id.p != NULL) - (y->id.p != NULL);
    if (c == 0)
        c = str_cmp(x->id, y->id);
    return c ? c : (x > y) - (x < y);
}

static int by_time_then_arrival(const void *a, const void *b)
{
    const struct event *x = *(const struct event *const *)a, *y = *(const struct event *const *)b;
    int c = (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
    return c ? c : (x > y) - (x < y);
}

/* The events to take, in order of time; returns how many. */
static size_t put_in_order(const struct event *events, size_t n, const struct event **order)
{
    size_t kept = 0, out = 0;
    for (size_t i = 0; i < n; i++)
        if (event_kind_is_playback(events[i].kind) && events[i].at_ms != EVENT_ABSENT)
            order[kept++] = &events[i];
    qsort(order, kept, sizeof(*order), by_id_then_arrival);
    for (size_t i = 0; i < kept; i++)
        if (i == 0 || !order[i]->id.p || !order[i - 1]->id.p ||
            !str_eq(order[i]->id, order[i - 1]->id))
            order[out++] = order[i];
    qsort(order, out, sizeof(*order), by_time_then_arrival);
    return out;
}

static int union_of_runs(struct viewing *v, struct mq_error *err)
{
    if (v->n_runs == 0)
        return 0;
    struct span *copy = malloc(v->n_runs * sizeof(*copy));
    if (!copy)
        return mq_fail(err, MQ_NO_MEMORY, "playback: %u stretches: free memory and try again",
                       v->n_runs);
    memcpy(copy, v->runs, v->n_runs * sizeof(*copy));
    int rc = intervals_of(copy, v->n_runs, &v->watched, err);
    free(copy);
    return rc;
}

int viewing_feed_all(struct viewing *v, const struct event *events, size_t n, struct mq_error *err)
{
    if (n > VIEWING_EVENTS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "playback: %zu events in one session: at most %d", n,
                       VIEWING_EVENTS_MAX);
    if (n == 0)
        return 0;
    const struct event **order = malloc(n * sizeof(const struct event *));
    if (!order)
        return mq_fail(err, MQ_NO_MEMORY, "playback: %zu events: free memory and try again", n);
    size_t m = put_in_order(events, n, order);
    int rc = 0;
    v->exact = v->keep_runs;
    for (size_t i = 0; i < m && rc == 0; i++)
        rc = viewing_feed(v, order[i], err);
    free(order);
    return rc == 0 && v->exact ? union_of_runs(v, err) : rc;
}

static double completion(int64_t content_ms, int64_t runtime_ms)
{
    return runtime_ms > 0 ? (double)content_ms / (double)runtime_ms : (double)NAN;
}

double viewing_completion(const struct viewing *v)
{
    return completion(v->watched.covered, v->session.runtime_ms);
}

enum viewing_end viewing_ended(const struct viewing *v)
{
    return v->session.state == SESSION_STOPPED     ? VIEWING_STOP
           : v->session.state == SESSION_COMPLETED ? VIEWING_COMPLETE
                                                   : VIEWING_UNFINISHED;
}

const char *viewing_end_name(enum viewing_end end)
{
    return end == VIEWING_STOP ? "stop" : end == VIEWING_COMPLETE ? "complete" : "unfinished";
}

int viewings_combine(const struct viewing *const *parts, size_t n, int64_t runtime_ms,
                     struct viewings *ret, struct mq_error *err)
{
    struct viewings sum = {0};
    size_t spans = 0;
    for (size_t i = 0; i < n; i++)
        spans += parts[i]->watched.n;
    struct span *all = malloc((spans + 1) * sizeof(*all));
    if (!all)
        return mq_fail(err, MQ_NO_MEMORY, "playback: %zu stretches: free memory and try again",
                       spans);
    spans = 0;
    for (size_t i = 0; i < n; i++) {
        const struct intervals *w = &parts[i]->watched;
        sum.played_ms = viewing_sum(sum.played_ms, parts[i]->played_ms);
        if (w->n > 0)
            memcpy(all + spans, w->v, w->n * sizeof(*all));
        spans += w->n;
    }
    int rc = intervals_of(all, spans, &sum.watched, err);
    free(all);
    if (rc)
        return rc;
    /* Merged parts of a session count no more here than they did there. */
    sum.content_ms = sum.watched.covered < sum.played_ms ? sum.watched.covered : sum.played_ms;
    sum.rewatched_ms = sum.played_ms - sum.content_ms;
    sum.completion = completion(sum.content_ms, runtime_ms);
    *ret = sum;
    return 0;
}

void viewings_release(struct viewings *x)
{
    intervals_release(&x->watched);
    *x = (struct viewings){0};
}
