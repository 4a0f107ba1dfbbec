#include "playback/session.h"

#include <string.h>

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t clamp64(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

/* The last place there is. */
static int64_t end_of(const struct session *s)
{
    return s->runtime_ms > 0 ? s->runtime_ms : SESSION_POSITION_MAX;
}

static int64_t position(const struct session *s, int64_t ms)
{
    return ms == EVENT_ABSENT ? EVENT_ABSENT : clamp64(ms, 0, end_of(s));
}

static int64_t jump_of(int64_t d)
{
    return d < -SESSION_TOLERANCE_MS || d > SESSION_TOLERANCE_MS ? d : 0;
}

static bool settles_at(const struct session *s, int64_t p)
{
    return s->target != EVENT_ABSENT && p >= s->target - SESSION_SETTLE_MS &&
           p <= s->target + SESSION_TOLERANCE_MS;
}

/* Where undisturbed playing would have arrived after `dt` ms of wall clock. */
static int64_t predicted(const struct session *s, int64_t dt)
{
    /* 2^61 ms times a rate of 2^31 does not fit 64 bits. */
    __int128 advance = (__int128)dt * s->rate_milli / 1000;
    return advance >= end_of(s) - s->pos ? end_of(s) : s->pos + (int64_t)advance;
}

static void credit(struct session *s, int64_t to, struct session_step *step)
{
    if (to <= s->pos)
        return;
    step->from = s->pos;
    step->to = to;
    s->target = EVENT_ABSENT;
}

static void take_rate(struct session *s, const struct event *e)
{
    if (e->rate_milli > 0)
        s->rate_milli = e->rate_milli;
}

/* `start`, or what stands for it before another first event. */
static void begin(struct session *s, int64_t at_ms, int64_t p)
{
    s->pos = p == EVENT_ABSENT ? 0 : p;
    s->t = at_ms;
    s->rate_milli = 1000;
    s->target = EVENT_ABSENT;
    s->state = s->start_plays ? SESSION_PLAYING : SESSION_IDLE;
    s->fresh_pause = false;
}

static void seek_while_playing(struct session *s, int64_t p, int64_t from, int64_t ahead,
                               struct session_step *step)
{
    int64_t end = ahead;
    if (from != EVENT_ABSENT)
        end = min64(clamp64(from, s->pos, ahead + SESSION_TOLERANCE_MS), end_of(s));
    credit(s, end, step);
    if (p == EVENT_ABSENT) {
        s->pos = end;
        return;
    }
    step->jump = jump_of(p - end);
    s->pos = p;
}

static void move_while_playing(struct session *s, int64_t p, int64_t dt, int64_t ahead,
                               struct session_step *step)
{
    if (p == EVENT_ABSENT)
        p = ahead;
    if (p >= s->pos - SESSION_TOLERANCE_MS && p <= ahead + SESSION_TOLERANCE_MS)
        credit(s, p, step);
    else if (dt > SESSION_SETTLE_MS || !settles_at(s, p))
        step->jump = jump_of(p - ahead);
    s->pos = p;
}

static void move_while_still(struct session *s, const struct event *e, int64_t p,
                             struct session_step *step)
{
    if (p == EVENT_ABSENT)
        return;
    if (e->kind == EVENT_SEEK || !settles_at(s, p))
        step->jump = jump_of(p - s->pos);
    s->pos = p;
}

/* Positions: what the event credits and where it leaves `pos`. */
static void move(struct session *s, const struct event *e, int64_t dt, struct session_step *step)
{
    int64_t p = position(s, e->position_ms);
    if (s->state != SESSION_PLAYING) {
        move_while_still(s, e, p, step);
    } else {
        int64_t ahead = predicted(s, dt);
        if (e->kind == EVENT_SEEK)
            seek_while_playing(s, p, position(s, e->from_ms), ahead, step);
        else
            move_while_playing(s, p, dt, ahead, step);
    }
    if (e->kind == EVENT_SEEK)
        s->target = p;
}

/* The gap before the event belongs to the state it was spent in. */
static void count_gap(const struct session *s, int64_t dt, struct session_step *step)
{
    if (s->state == SESSION_PAUSED)
        step->paused_ms = dt;
    else if (s->state == SESSION_BUFFERING)
        step->buffering_ms = dt;
}

static void pause_now(struct session *s, struct session_step *step)
{
    bool was = s->state == SESSION_PAUSED ||
               (s->state == SESSION_BUFFERING && s->before == SESSION_PAUSED);
    step->pauses = was ? 0 : 1;
    s->fresh_pause = !was;
    s->state = SESSION_PAUSED;
}

static void withdraw_pause(struct session *s, struct session_step *step)
{
    step->pauses = -1;
    step->paused_ms = 0;
    s->state = SESSION_SCRUBBING;
}

static void change_state(struct session *s, const struct event *e, bool pause_was_fresh, int64_t dt,
                         struct session_step *step)
{
    s->fresh_pause = false;
    switch (e->kind) {
    case EVENT_PLAY:
        s->state = SESSION_PLAYING;
        break;
    case EVENT_PAUSE:
        pause_now(s, step);
        break;
    case EVENT_BUFFER_START:
        if (s->state != SESSION_BUFFERING) {
            s->before = s->state;
            s->state = SESSION_BUFFERING;
        }
        break;
    case EVENT_BUFFER_END:
        if (s->state == SESSION_BUFFERING)
            s->state = s->before;
        break;
    case EVENT_SEEK:
        if (pause_was_fresh && s->state == SESSION_PAUSED && dt <= SESSION_TOLERANCE_MS)
            withdraw_pause(s, step);
        break;
    case EVENT_STOP:
        s->state = SESSION_STOPPED;
        break;
    case EVENT_COMPLETE:
        s->state = SESSION_COMPLETED;
        break;
    default:
        break;
    }
}

void session_init(struct session *s, int64_t runtime_ms, bool start_plays)
{
    memset(s, 0, sizeof(*s));
    s->runtime_ms = runtime_ms > 0 ? min64(runtime_ms, SESSION_POSITION_MAX) : 0;
    s->target = EVENT_ABSENT;
    s->rate_milli = 1000;
    s->start_plays = start_plays;
}

void session_feed(struct session *s, const struct event *e, struct session_step *ret)
{
    *ret = (struct session_step){0};
    if (!event_kind_is_playback(e->kind) || e->at_ms == EVENT_ABSENT)
        return;
    bool reopens = session_closed(s);
    if (reopens && e->kind != EVENT_START && e->kind != EVENT_PLAY)
        return;
    ret->taken = true;
    ret->opened = s->state == SESSION_NEW;
    int64_t at_ms = clamp64(e->at_ms, -SESSION_TIME_MAX, SESSION_TIME_MAX);
    if (ret->opened || e->kind == EVENT_START) {
        bool seek_from = e->kind == EVENT_SEEK && e->from_ms != EVENT_ABSENT;
        if (!ret->opened && at_ms < s->t)
            at_ms = s->t;
        begin(s, at_ms, position(s, seek_from ? e->from_ms : e->position_ms));
        ret->start_ms = ret->opened ? s->pos : 0;
    }
    if (e->kind != EVENT_START) {
        int64_t dt = at_ms > s->t && !reopens ? at_ms - s->t : 0;
        bool pause_was_fresh = s->fresh_pause;
        count_gap(s, dt, ret);
        move(s, e, dt, ret);
        change_state(s, e, pause_was_fresh, dt, ret);
        if (at_ms > s->t)
            s->t = at_ms;
    }
    take_rate(s, e);
}

bool session_start_plays(struct str source)
{
    return !str_starts(source, STR("netflix"));
}
