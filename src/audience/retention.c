/* retention.c - a viewer is played through the state machine; what is left of them are a place, a time, and counts per
 * minute. Kaplan and Meier 1958, "Nonparametric estimation from incomplete observations". */
#include "audience/retention.h"

#include <math.h>
#include <stdlib.h>

#include "audience/floor.h"
#include "base/hash.h"
#include "playback/intervals.h"
#include "playback/session.h"

enum { MINUTE = 60000, HALF = MINUTE / 2 };

/* What remains of a viewer. */
struct end {
    int64_t last_ms;
    uint16_t minute; /* of the furthest place */
    uint8_t device;
    bool finished;
};

struct retention {
    struct title_id title;
    int64_t runtime_ms;
    uint32_t n; /* minutes that anybody reached, or the runtime's */
    struct end *ends;
    size_t n_ends, cap_ends;
    uint32_t watched[RETENTION_MINUTES_MAX], again[RETENTION_MINUTES_MAX],
        skipped[RETENTION_MINUTES_MAX];
    /* The viewer that is read now. */
    struct viewer_id viewer;
    uint8_t consent;
    struct {
        uint64_t key;
        struct session machine;
    } sessions[RETENTION_SESSIONS];
    uint32_t n_sessions;
    struct intervals seen;
    int64_t furthest, last_ms;
    uint8_t device;
    bool complete;
    uint32_t played[RETENTION_MINUTES_MAX], jumped[RETENTION_MINUTES_MAX]; /* ms */
};

int retention_new(struct title_id title, int64_t runtime_ms, struct retention **ret,
                  struct mq_error *err)
{
    struct retention *r = calloc(1, sizeof(*r));
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "retention: no memory");
    r->title = title;
    r->runtime_ms = runtime_ms;
    r->viewer.v = ID_NONE;
    int64_t n = (runtime_ms + MINUTE - 1) / MINUTE;
    r->n = (uint32_t)(n < RETENTION_MINUTES_MAX ? n : RETENTION_MINUTES_MAX);
    *ret = r;
    return 0;
}

void retention_free(struct retention *r)
{
    if (!r)
        return;
    intervals_release(&r->seen);
    free(r->ends);
    free(r);
}

/* The title has not been touched by this viewer. */
static void begin_title(struct retention *r)
{
    intervals_release(&r->seen);
    if (r->furthest > 0 || r->n_sessions > 0) {
        memset(r->played, 0, sizeof(r->played));
        memset(r->jumped, 0, sizeof(r->jumped));
    }
    r->n_sessions = 0;
    r->furthest = 0;
    r->last_ms = 0;
    r->device = DEVICE_NONE;
    r->complete = false;
}

/* Add [from, to) to each minute's sum. */
static void spread(uint32_t *sum, int64_t from, int64_t to)
{
    int64_t end = (int64_t)RETENTION_MINUTES_MAX * MINUTE;
    to = to < end ? to : end;
    while (from < to) {
        int64_t next = (from / MINUTE + 1) * MINUTE;
        int64_t piece = (next < to ? next : to) - from;
        uint32_t *s = &sum[from / MINUTE];
        *s = piece > UINT32_MAX - (int64_t)*s ? UINT32_MAX : *s + (uint32_t)piece;
        from = next;
    }
}

/* Half of what the minute has of the title. */
static uint32_t half_of(const struct retention *r, uint32_t m)
{
    int64_t left = r->runtime_ms > 0 ? r->runtime_ms - (int64_t)m * MINUTE : MINUTE;
    return left > 0 && left < MINUTE ? (uint32_t)((left + 1) / 2) : HALF;
}

static void count_minutes(struct retention *r)
{
    uint32_t fresh[RETENTION_MINUTES_MAX] = {0};
    uint32_t reached = (uint32_t)((r->furthest + MINUTE - 1) / MINUTE);
    reached = reached < RETENTION_MINUTES_MAX ? reached : RETENTION_MINUTES_MAX;
    for (uint32_t i = 0; i < r->seen.n; i++)
        spread(fresh, r->seen.v[i].from, r->seen.v[i].to);
    for (uint32_t m = 0; m < reached; m++) {
        /* Thousands of stretches are merged (intervals.h), and then cover more than was played. */
        fresh[m] = fresh[m] < r->played[m] ? fresh[m] : r->played[m];
        uint32_t half = half_of(r, m);
        r->watched[m] += fresh[m] >= half;
        r->again[m] += fresh[m] >= half && r->played[m] - fresh[m] >= half;
        r->skipped[m] += fresh[m] < half && r->jumped[m] >= half;
    }
    r->n = reached > r->n ? reached : r->n;
}

static int finish_viewer(struct retention *r, struct mq_error *err)
{
    if (r->furthest > 0 && r->consent == 0) {
        if (r->n_ends == r->cap_ends) {
            size_t cap = r->cap_ends ? r->cap_ends * 2 : 256;
            struct end *p = realloc(r->ends, cap * sizeof(*p));
            if (!p)
                return mq_fail(err, MQ_NO_MEMORY, "retention: %zu viewers: no memory", cap);
            r->ends = p;
            r->cap_ends = cap;
        }
        int64_t minute = (r->furthest - 1) / MINUTE;
        bool credits = r->runtime_ms > 0 && r->furthest * 10 >= r->runtime_ms * 9;
        r->ends[r->n_ends++] = (struct end){
            .last_ms = r->last_ms,
            .minute =
                (uint16_t)(minute < RETENTION_MINUTES_MAX ? minute : RETENTION_MINUTES_MAX - 1),
            .device = r->device,
            .finished = r->complete || credits,
        };
        count_minutes(r);
    }
    begin_title(r);
    r->consent = 0;
    return 0;
}

static struct session *session_of(struct retention *r, const struct event *e)
{
    uint64_t key = hash_str(e->session, 0);
    uint32_t at = 0;
    while (at < r->n_sessions && r->sessions[at].key != key)
        at++;
    bool found = at < r->n_sessions;
    if (found && session_goes_on(&r->sessions[at].machine, e))
        return &r->sessions[at].machine;
    if (!found && r->n_sessions == RETENTION_SESSIONS) {
        at = 0;
        for (uint32_t i = 1; i < RETENTION_SESSIONS; i++)
            at = r->sessions[i].machine.t < r->sessions[at].machine.t ? i : at;
    } else if (!found) {
        r->n_sessions++;
    }
    r->sessions[at].key = key;
    session_init(&r->sessions[at].machine, r->runtime_ms, session_start_plays(e->source));
    return &r->sessions[at].machine;
}

static int play(struct retention *r, const struct event *e, struct mq_error *err)
{
    struct session_step step;
    struct session *s = session_of(r, e);
    session_feed(s, e, &step);
    if (!step.taken)
        return 0;
    r->last_ms = e->at_ms;
    if (r->device == DEVICE_NONE)
        r->device = e->context.device < DEVICES ? e->context.device : DEVICE_OTHER;
    r->complete = r->complete || e->kind == EVENT_COMPLETE;
    if (step.jump > 0)
        spread(r->jumped, s->pos - step.jump, s->pos);
    if (step.from >= step.to)
        return 0;
    spread(r->played, step.from, step.to);
    r->furthest = step.to > r->furthest ? step.to : r->furthest;
    return intervals_add(&r->seen, step.from, step.to, err);
}

int retention_feed(struct retention *r, const struct event *e, struct mq_error *err)
{
    if (e->viewer_id.v != r->viewer.v) {
        int rc = finish_viewer(r, err);
        if (rc)
            return rc;
        r->viewer = e->viewer_id;
    }
    if (e->kind == EVENT_CUSTOM)
        r->consent = event_consent(e, r->consent);
    if (e->title_id.v != r->title.v)
        return 0;
    if (event_order_of(e) == ORDER_REMOVE_TITLE)
        begin_title(r);
    return event_kind_is_playback(e->kind) ? play(r, e, err) : 0;
}

/* --- figures */

struct curve {
    uint32_t *left, *open; /* (n) viewers whose last minute it is */
    double viewers, finished, gone;
};

static bool has_left(const struct end *e, int64_t now_ms)
{
    return now_ms - e->last_ms > (int64_t)RETENTION_LEFT_DAYS * 86400000;
}

static int curve_of(const struct retention *r, int64_t now_ms, int device, struct arena *arena,
                    struct curve *c)
{
    *c = (struct curve){.left = ARENA_ARRAY(arena, r->n + 1, uint32_t),
                        .open = ARENA_ARRAY(arena, r->n + 1, uint32_t)};
    if (!c->left || !c->open)
        return MQ_NO_MEMORY;
    for (size_t i = 0; i < r->n_ends; i++) {
        const struct end *e = &r->ends[i];
        if (device >= 0 && e->device != device)
            continue;
        c->viewers++;
        c->gone += !e->finished && has_left(e, now_ms);
        if (e->finished)
            c->finished++;
        else if (has_left(e, now_ms))
            c->left[e->minute]++;
        else
            c->open[e->minute]++;
    }
    return 0;
}

/* Moves in steps of ten viewers where there is a floor. */
static double share(double x, double viewers, unsigned floor_k)
{
    if (floor_k == 0)
        return x;
    double steps = viewers / FLOOR_ROUND;
    double v = floor(x * steps + 0.5) / steps;
    return floor_figure(v < 1 ? v : 1, 3);
}

static double still_next(const struct curve *c, uint32_t m, double still, double *risk)
{
    double now = *risk > 0 ? still * (1 - c->left[m] / *risk) : still;
    *risk -= c->left[m] + (double)c->open[m];
    return now;
}

static int fill_devices(const struct retention *r, int64_t now_ms, unsigned floor_k,
                        struct arena *arena, struct retention_figures *f)
{
    for (int d = 0; d < DEVICES; d++) {
        struct curve c;
        if (curve_of(r, now_ms, d, arena, &c) != 0)
            return MQ_NO_MEMORY;
        if (c.viewers == 0)
            continue;
        if (c.viewers < floor_k) {
            f->withheld = true;
            continue;
        }
        struct retention_device *to = &f->devices[f->n_devices++];
        to->device = (uint8_t)d;
        to->viewers = floor_k ? floor_count(c.viewers, floor_k) : c.viewers;
        to->still = ARENA_ARRAY(arena, r->n + 1, double);
        if (!to->still)
            return MQ_NO_MEMORY;
        double still = 1, risk = c.viewers;
        for (uint32_t m = 0; m < r->n; m++) {
            to->still[m] = share(still, c.viewers, floor_k);
            still = still_next(&c, m, still, &risk);
        }
    }
    return 0;
}

static double shown(struct retention_figures *f, double count, double of, unsigned floor_k)
{
    if (floor_k && (count < floor_k || of < floor_k)) {
        f->withheld = true;
        return (double)NAN;
    }
    double x = of > 0 ? count / of : 0;
    return share(x, of, floor_k);
}

static void fill_minutes(const struct retention *r, const struct curve *c, unsigned floor_k,
                         struct retention_figures *f)
{
    double still = 1, risk = c->viewers, again = 0, skipped = 0, watched_all = 0, reached_all = 0;
    for (uint32_t m = 0; m < r->n; m++) {
        again += r->again[m];
        skipped += r->skipped[m];
        watched_all += r->watched[m];
        reached_all += risk;
        risk -= c->left[m] + (double)c->open[m];
    }
    double again_mean = watched_all > 0 ? again / watched_all : 0;
    double skip_mean = reached_all > 0 ? skipped / reached_all : 0;
    risk = c->viewers;
    for (uint32_t m = 0; m < r->n; m++) {
        struct retention_minute *to = &f->minutes[m];
        to->still = share(still, c->viewers, floor_k);
        to->watched = shown(f, r->watched[m], c->viewers, floor_k);
        to->rewatched = shown(f, r->again[m], r->watched[m], floor_k);
        to->skipped = shown(f, r->skipped[m], risk, floor_k);
        to->rewatch_ratio =
            again_mean > 0 ? floor_figure(to->rewatched / again_mean, 3) : (double)NAN;
        to->skip_ratio = skip_mean > 0 ? floor_figure(to->skipped / skip_mean, 3) : (double)NAN;
        to->left = floor_k ? floor_count(c->left[m], floor_k) : c->left[m];
        f->withheld = f->withheld || isnan(to->left);
        still = still_next(c, m, still, &risk);
    }
}

int retention_figures(struct retention *r, int64_t now_ms, unsigned floor, struct arena *arena,
                      struct retention_figures *ret, struct mq_error *err)
{
    struct curve all;
    struct retention_figures f = {0};
    int rc = finish_viewer(r, err);
    if (rc)
        return rc;
    if (curve_of(r, now_ms, -1, arena, &all) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "retention: no memory");
    if (all.viewers < floor) {
        *ret = (struct retention_figures){.viewers = (double)NAN,
                                          .finished = (double)NAN,
                                          .left = (double)NAN,
                                          .open = (double)NAN,
                                          .withheld = true};
        return 0;
    }
    double open = all.viewers - all.finished - all.gone;
    f.viewers = floor ? floor_count(all.viewers, floor) : all.viewers;
    f.finished = floor ? floor_count(all.finished, floor) : all.finished;
    f.left = floor ? floor_count(all.gone, floor) : all.gone;
    f.open = floor ? floor_count(open, floor) : open;
    f.withheld = isnan(f.finished) || isnan(f.left) || isnan(f.open);
    f.n = all.viewers > 0 ? r->n : 0;
    f.minutes = ARENA_ARRAY(arena, r->n + 1, struct retention_minute);
    if (!f.minutes || fill_devices(r, now_ms, floor, arena, &f) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "retention: no memory");
    fill_minutes(r, &all, floor, &f);
    *ret = f;
    return 0;
}
