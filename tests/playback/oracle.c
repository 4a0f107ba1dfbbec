#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#include "support/check.h"

struct player {
    struct oracle *o;
    int64_t runtime, pos, t, rate, target;
    bool open, closed, settling, start_plays;
    const char *state, *before; /* idle playing paused buffering scrubbing */
    const struct event *previous;
    bool pause_counted; /* by the previous event */
};

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static int64_t clamp_position(const struct player *p, int64_t ms)
{
    if (ms != EVENT_ABSENT && ms < 0)
        ms = 0;
    if (ms != EVENT_ABSENT && p->runtime > 0 && ms > p->runtime)
        ms = p->runtime;
    return ms;
}

static void credit_run(struct player *p, int64_t a, int64_t b)
{
    if (a >= b)
        return;
    struct oracle *o = p->o;
    assert_in_range(b, 1, ORACLE_MS);
    for (int64_t ms = a; ms < b; ms++)
        o->times[ms]++;
    if (o->n_runs > 0 && o->runs[o->n_runs - 1].to == a) {
        o->runs[o->n_runs - 1].to = b;
    } else {
        assert_in_range(o->n_runs, 0, 4095);
        o->runs[o->n_runs++] = (struct span){a, b};
    }
    p->settling = false;
}

static void count_jump(struct player *p, int64_t d)
{
    if (d < -2000) {
        p->o->rewinds++;
        p->o->rewound += -d;
    } else if (d > 2000) {
        p->o->skips++;
        p->o->skipped += d;
    }
}

static bool settling_at(const struct player *p, int64_t at)
{
    return p->settling && p->target - 9000 <= at && at <= p->target + 2000;
}

static void open_at(struct player *p, int64_t position)
{
    p->pos = position == EVENT_ABSENT ? 0 : position;
    p->rate = 1000;
    p->settling = false;
    p->closed = false;
    p->state = p->start_plays ? "playing" : "idle";
    if (!p->open)
        p->o->start = p->pos;
    p->open = true;
}

static void take_position_playing(struct player *p, const struct event *e, int64_t gap)
{
    int64_t at = clamp_position(p, e->position_ms), from = clamp_position(p, e->from_ms);
    int64_t predicted = p->pos + gap * p->rate / 1000;
    if (p->runtime > 0 && predicted > p->runtime)
        predicted = p->runtime;
    if (e->kind == EVENT_SEEK) {
        int64_t end = predicted;
        if (from != EVENT_ABSENT) {
            end = from;
            if (end < p->pos)
                end = p->pos;
            if (end > predicted + 2000)
                end = predicted + 2000;
            if (p->runtime > 0 && end > p->runtime)
                end = p->runtime;
        }
        credit_run(p, p->pos, end);
        if (at == EVENT_ABSENT) {
            p->pos = end;
        } else {
            count_jump(p, at - end);
            p->pos = at;
        }
    } else if (at == EVENT_ABSENT) {
        credit_run(p, p->pos, predicted);
        p->pos = predicted;
    } else {
        if (p->pos - 2000 <= at && at <= predicted + 2000)
            credit_run(p, p->pos, at);
        else if (gap <= 9000 && settling_at(p, at))
            ;
        else
            count_jump(p, at - predicted);
        p->pos = at;
    }
}

static void take_position(struct player *p, const struct event *e, int64_t gap)
{
    int64_t at = clamp_position(p, e->position_ms);
    if (!p->closed && is(p->state, "playing")) {
        take_position_playing(p, e, gap);
    } else if (at != EVENT_ABSENT) {
        if (e->kind == EVENT_SEEK || !settling_at(p, at))
            count_jump(p, at - p->pos);
        p->pos = at;
    }
    if (e->kind == EVENT_SEEK) {
        p->settling = at != EVENT_ABSENT;
        p->target = at;
    }
}

static void follow_state(struct player *p, const struct event *e, int64_t gap, bool withdrawn)
{
    bool counted = false;
    if (e->kind == EVENT_PLAY) {
        p->state = "playing";
        p->closed = false;
    } else if (e->kind == EVENT_PAUSE) {
        counted =
            !(is(p->state, "paused") || (is(p->state, "buffering") && is(p->before, "paused")));
        p->o->pauses += counted;
        p->state = "paused";
    } else if (e->kind == EVENT_BUFFER_START && !is(p->state, "buffering")) {
        p->before = p->state;
        p->state = "buffering";
    } else if (e->kind == EVENT_BUFFER_END && is(p->state, "buffering")) {
        p->state = p->before;
    } else if (withdrawn) {
        p->o->pauses--;
        p->o->paused -= gap;
        p->state = "scrubbing";
    } else if (e->kind == EVENT_STOP || e->kind == EVENT_COMPLETE) {
        p->closed = true;
        p->o->ended = e->kind == EVENT_STOP ? "stop" : "complete";
    }
    p->pause_counted = counted;
}

static void take(struct player *p, const struct event *e)
{
    if (p->closed && e->kind != EVENT_START && e->kind != EVENT_PLAY)
        return;
    int64_t gap = p->open && !p->closed && e->kind != EVENT_START ? e->at_ms - p->t : 0;
    p->o->ended = "unfinished";
    bool withdrawn = e->kind == EVENT_SEEK && p->previous && p->previous->kind == EVENT_PAUSE &&
                     p->pause_counted && is(p->state, "paused") && gap <= 2000;
    if (e->kind == EVENT_START) {
        open_at(p, clamp_position(p, e->position_ms));
        p->pause_counted = false;
    } else {
        if (!p->open)
            open_at(p, clamp_position(p, e->kind == EVENT_SEEK && e->from_ms != EVENT_ABSENT
                                             ? e->from_ms
                                             : e->position_ms));
        if (!p->closed && is(p->state, "paused"))
            p->o->paused += gap;
        if (!p->closed && is(p->state, "buffering"))
            p->o->buffering += gap;
        take_position(p, e, gap);
        follow_state(p, e, gap, withdrawn);
    }
    if (e->rate_milli > 0)
        p->rate = e->rate_milli;
    p->t = e->at_ms;
    p->previous = e;
}

static bool arrived_before(const struct event *events, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (events[j].id.n && str_eq(events[j].id, events[i].id) &&
            events[j].at_ms != EVENT_ABSENT && event_kind_is_playback(events[j].kind))
            return true;
    return false;
}

void oracle_run(struct oracle *o, const struct event *events, size_t n, int64_t runtime_ms,
                bool start_plays)
{
    memset(o, 0, sizeof(*o));
    o->ended = "unfinished";
    const struct event **order = calloc(n + 1, sizeof(const struct event *));
    assert_non_null(order);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (!event_kind_is_playback(events[i].kind) || events[i].at_ms == EVENT_ABSENT ||
            arrived_before(events, i))
            continue;
        size_t j = m++;
        for (; j > 0 && order[j - 1]->at_ms > events[i].at_ms; j--)
            order[j] = order[j - 1];
        order[j] = &events[i];
    }
    struct player p = {.o = o, .runtime = runtime_ms, .start_plays = start_plays};
    p.state = "idle";
    for (size_t i = 0; i < m; i++)
        take(&p, order[i]);
    o->last = p.pos;
    for (size_t ms = 0; ms < ORACLE_MS; ms++) {
        o->played += o->times[ms];
        o->content += o->times[ms] > 0;
    }
    free(order);
}
