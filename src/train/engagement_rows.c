/* engagement_rows.c - a viewer is played through the state machine (playback/session.h) title by title; at the viewer's
 * end each title becomes a row. */
#include "train/engagement_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "playback/attention.h"
#include "playback/engagement.h"
#include "playback/intervals.h"
#include "playback/session.h"

enum { SESSIONS = 16, SESSION_OVER_MS = 24 * 3600 * 1000, MINUTE = 60000, SITTINGS_MOST = 8 };
#define MATURE_MS (INT64_C(24) * 3600 * 1000 * ENGAGEMENT_MATURE_DAYS)

/* What is known of a title while its viewer is read. */
struct seen {
    uint32_t title;
    struct intervals watched;
    int64_t played_ms, last_ms, end_ms; /* end: the furthest place that was played to */
    double attended_ms;
    uint32_t rewinds, skips, sessions;
    uint16_t runtime_min;
    uint8_t rating, device;
    int8_t thumb;
    bool said, said_first, complete, autoplay, listed, resumed;
};

struct engagement_viewer {
    struct viewer_id id;
    uint8_t consent;
    struct seen *v; /* (n) */
    uint32_t n, cap;
    uint32_t *slots; /* (n_slots) index + 1 of a title, or 0 */
    uint32_t n_slots;
    struct {
        uint32_t title;
        uint64_t key;
        struct session machine;
        struct attention_session attention;
    } sessions[SESSIONS];
    uint32_t n_sessions;
    struct attention_viewer attention;
};

static const char *const names[ENGAGEMENT_WEIGHTS] = {
    "attended", "finished", "abandoned", "rewinds",  "skips",
    "sittings", "again",    "listed",    "autoplay", "handheld",
};

const char *engagement_weight_name(enum engagement_weight w)
{
    return w < ENGAGEMENT_WEIGHTS ? names[w] : "";
}

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "engagement: no memory for the viewings");
}

int engagement_rows_init(struct engagement_rows *r, const struct catalogue *c, struct mq_error *err)
{
    *r = (struct engagement_rows){.catalogue = c, .newest_ms = INT64_MIN};
    r->now = calloc(1, sizeof(*r->now));
    if (!r->now)
        return no_memory(err);
    r->now->id.v = ID_NONE;
    return 0;
}

static void forget_viewer(struct engagement_viewer *w)
{
    for (uint32_t i = 0; i < w->n; i++)
        intervals_release(&w->v[i].watched);
    if (w->slots)
        memset(w->slots, 0, w->n_slots * sizeof(*w->slots));
    w->n = 0;
    w->n_sessions = 0;
    w->consent = 0;
    w->attention = (struct attention_viewer){0};
}

void engagement_rows_release(struct engagement_rows *r)
{
    if (r->now) {
        forget_viewer(r->now);
        free(r->now->v);
        free(r->now->slots);
    }
    free(r->now);
    free(r->v);
    *r = (struct engagement_rows){0};
}

/* ---------------------------------------------------------------- titles of a viewer */

static uint32_t slot_of(const struct engagement_viewer *w, uint32_t title)
{
    uint32_t s = (uint32_t)hash_mix(title, 1) & (w->n_slots - 1);
    while (w->slots[s] && w->v[w->slots[s] - 1].title != title)
        s = (s + 1) & (w->n_slots - 1);
    return s;
}

static int grow(struct engagement_viewer *w, struct mq_error *err)
{
    uint32_t cap = w->cap ? w->cap * 2 : 64;
    struct seen *v = realloc(w->v, cap * sizeof(*v));
    if (!v)
        return no_memory(err);
    w->v = v;
    w->cap = cap;
    uint32_t *slots = calloc((size_t)cap * 2, sizeof(*slots));
    if (!slots)
        return no_memory(err);
    free(w->slots);
    w->slots = slots;
    w->n_slots = cap * 2;
    for (uint32_t i = 0; i < w->n; i++)
        w->slots[slot_of(w, w->v[i].title)] = i + 1;
    return 0;
}

/* *ret NULL: the viewer has too many titles. */
static int seen_of(struct engagement_viewer *w, uint32_t title, struct seen **ret,
                   struct mq_error *err)
{
    *ret = NULL;
    /* n_slots is behind cap only when the last growing ran out of memory. */
    if (w->n == w->cap || w->n_slots != w->cap * 2) {
        int rc = grow(w, err);
        if (rc)
            return rc;
    }
    uint32_t s = slot_of(w, title);
    if (w->slots[s] == 0) {
        if (w->n == ENGAGEMENT_TITLES_MAX)
            return 0;
        w->v[w->n] = (struct seen){.title = title};
        w->slots[s] = ++w->n;
    }
    *ret = &w->v[w->slots[s] - 1];
    return 0;
}

/* ---------------------------------------------------------------- playback */

/* The number of the event's session; the one silent longest makes room. */
static uint32_t session_of(struct engagement_viewer *w, const struct event *e, int64_t runtime_ms)
{
    uint64_t key = hash_str(e->session, 0);
    uint32_t oldest = 0;
    uint32_t i = 0;
    for (; i < w->n_sessions; i++) {
        if (w->sessions[i].title == e->title_id.v && w->sessions[i].key == key)
            break;
        if (w->sessions[i].machine.t < w->sessions[oldest].machine.t)
            oldest = i;
    }
    bool found = i < w->n_sessions;
    if (found && (e->session.n > 0 || e->at_ms - w->sessions[i].machine.t <= SESSION_OVER_MS))
        return i;
    if (!found)
        i = w->n_sessions < SESSIONS ? w->n_sessions++ : oldest;
    w->sessions[i].title = e->title_id.v;
    w->sessions[i].key = key;
    w->sessions[i].attention = (struct attention_session){0};
    session_init(&w->sessions[i].machine, runtime_ms, session_start_plays(e->source));
    return i;
}

static void count_jump(struct seen *s, int64_t from, int64_t jump)
{
    int64_t runtime_ms = s->runtime_min * INT64_C(60000);
    if (jump < 0) {
        s->rewinds++;
    } else if (jump > 0) {
        bool recap = from * 10 < runtime_ms;
        bool credits = jump > runtime_ms || (from + jump) * 10 >= runtime_ms * 9;
        s->skips += !recap && !credits;
    }
}

static int take_step(struct seen *s, const struct event *e, const struct session_step *step,
                     int64_t from, enum attention attention, struct mq_error *err)
{
    s->last_ms = e->at_ms;
    if (step->opened) {
        if (s->sessions == 0) {
            s->autoplay = e->autoplay == 1;
            s->device = (uint8_t)e->context.device;
        }
        s->sessions++;
    }
    if (e->kind == EVENT_COMPLETE)
        s->complete = true;
    count_jump(s, from, step->jump);
    if (step->from >= step->to)
        return 0;
    int64_t ms = step->to - step->from;
    s->played_ms = ms > INT64_MAX / 2 - s->played_ms ? INT64_MAX / 2 : s->played_ms + ms;
    s->attended_ms += attention_weight(attention) * (double)ms;
    s->end_ms = step->to > s->end_ms ? step->to : s->end_ms;
    return intervals_add(&s->watched, step->from, step->to, err);
}

static int take_playback(struct engagement_rows *r, const struct event *e, struct mq_error *err)
{
    struct engagement_viewer *w = r->now;
    struct seen *s;
    int rc = seen_of(w, e->title_id.v, &s, err);
    if (rc || !s)
        return rc;
    if (s->said) { /* only whether it was taken up again matters now */
        if (s->sessions > 0 && e->at_ms - s->last_ms <= MATURE_MS)
            s->resumed = true;
        return 0;
    }
    if (e->title_id.v < r->catalogue->n_titles)
        s->runtime_min = r->catalogue->titles[e->title_id.v].runtime_min;
    uint32_t i = session_of(w, e, s->runtime_min * INT64_C(60000));
    enum attention a = attention_feed(&w->attention, &w->sessions[i].attention, e);
    int64_t from = w->sessions[i].machine.pos;
    struct session_step step;
    session_feed(&w->sessions[i].machine, e, &step);
    return step.taken ? take_step(s, e, &step, from, a, err) : 0;
}

/* ---------------------------------------------------------------- what was said */

static int take_word(struct engagement_rows *r, const struct event *e, struct mq_error *err)
{
    struct seen *s;
    attention_feed(&r->now->attention, NULL, e);
    if (e->title_id.v == ID_NONE ||
        (e->kind != EVENT_RATING && e->kind != EVENT_THUMB && e->kind != EVENT_LIST_ADD))
        return 0;
    int rc = seen_of(r->now, e->title_id.v, &s, err);
    if (rc || !s)
        return rc;
    if (e->kind == EVENT_LIST_ADD) {
        s->listed |= !s->said;
        return 0;
    }
    if (s->sessions == 0)
        s->said_first = true;
    s->said = true;
    if (e->kind == EVENT_THUMB)
        s->thumb = e->value < 0 ? -1 : e->value > 1 ? 2 : 1;
    else if (e->value > 0 && e->scale > 0)
        s->rating = (uint8_t)fmaxf(1, fminf(200, roundf(200 * e->value / e->scale)));
    return 0;
}

static int take_order(struct engagement_rows *r, const struct event *e, struct mq_error *err)
{
    struct seen *s;
    r->now->consent = event_consent(e, r->now->consent);
    if (event_order_of(e) != ORDER_REMOVE_TITLE || e->title_id.v == ID_NONE)
        return 0;
    int rc = seen_of(r->now, e->title_id.v, &s, err);
    if (rc == 0 && s) {
        intervals_release(&s->watched);
        *s = (struct seen){.title = e->title_id.v};
    }
    return rc;
}

/* ---------------------------------------------------------------- rows */

static float per_hour(uint32_t count, int64_t played_ms)
{
    double hours = fmax(0.25, (double)played_ms / (60.0 * MINUTE));
    return (float)log1p(count / hours);
}

/* What engagement makes of the deeds, and of the words. */
static float preference_of(const struct seen *s, uint8_t flags, bool words)
{
    struct title_signal g = {.title = {s->title}, .runtime_min = s->runtime_min};
    if (words) {
        g.rating = s->rating;
        g.thumb = s->thumb;
    } else {
        g.flags = flags;
        g.played_s = (uint32_t)fmin(UINT32_MAX, (double)s->played_ms / 1000);
        g.content_s = (uint32_t)fmin(UINT32_MAX, (double)s->watched.covered / 1000);
        g.sessions = (uint16_t)(s->sessions < UINT16_MAX ? s->sessions : UINT16_MAX);
    }
    engagement_set(&g, s->runtime_min * UINT32_C(60));
    return g.preference;
}

static void row_of(const struct seen *s, uint32_t viewer, struct engagement_row *ret)
{
    double runtime_ms = s->runtime_min * (double)MINUTE;
    double content_ms = (double)s->watched.covered;
    bool half = content_ms * 2 >= runtime_ms;
    bool finished = half && (s->complete || (double)s->end_ms >= 0.9 * runtime_ms);
    bool abandoned = !finished && content_ms * 5 < runtime_ms && !s->resumed;
    uint8_t flags = (uint8_t)(SIGNAL_PLAYED | (finished ? SIGNAL_FINISHED : 0) |
                              (abandoned ? SIGNAL_ABANDONED : 0) | (s->listed ? SIGNAL_LISTED : 0));
    uint32_t sittings = s->sessions < SITTINGS_MOST ? s->sessions : SITTINGS_MOST;
    *ret = (struct engagement_row){
        .viewer = viewer,
        .last_s = (uint32_t)fmax(0, fmin(UINT32_MAX, (double)s->last_ms / 1000)),
        .share = (float)fmin(1, content_ms / runtime_ms),
        .defaults = preference_of(s, flags, false),
        .liked = s->said ? preference_of(s, 0, true) : NAN,
        .runtime_min = s->runtime_min,
    };
    float *x = ret->x;
    x[ENGAGEMENT_ATTENDED] = (float)fmin(1, s->attended_ms / runtime_ms);
    x[ENGAGEMENT_FINISHED] = finished;
    x[ENGAGEMENT_ABANDONED] = abandoned;
    x[ENGAGEMENT_REWINDS] = per_hour(s->rewinds, s->played_ms);
    x[ENGAGEMENT_SKIPS] = per_hour(s->skips, s->played_ms);
    x[ENGAGEMENT_SITTINGS] = sittings > 1 ? log2f((float)sittings) : 0;
    x[ENGAGEMENT_AGAIN] = content_ms >= 5 * MINUTE && (double)s->played_ms >= 1.5 * content_ms;
    x[ENGAGEMENT_LISTED] = s->listed;
    x[ENGAGEMENT_AUTOPLAY] = s->autoplay;
    x[ENGAGEMENT_HANDHELD] = s->device == DEVICE_PHONE || s->device == DEVICE_TABLET;
}

static int reserve(struct engagement_rows *r, size_t more, struct mq_error *err)
{
    if (r->n + more <= r->cap)
        return 0;
    size_t cap = (r->n + more) * 2;
    struct engagement_row *v = realloc(r->v, cap * sizeof(*v));
    if (!v)
        return no_memory(err);
    r->v = v;
    r->cap = cap;
    return 0;
}

static int finish_viewer(struct engagement_rows *r, struct mq_error *err)
{
    struct engagement_viewer *w = r->now;
    bool full = r->n + w->n > ENGAGEMENT_ROWS_MAX;
    int rc = 0;
    if (w->consent == 0 && full)
        r->too_many++;
    if (w->consent == 0 && !full && w->n > 0)
        rc = reserve(r, w->n, err);
    size_t before = r->n;
    for (uint32_t i = 0; rc == 0 && w->consent == 0 && !full && i < w->n; i++) {
        const struct seen *s = &w->v[i];
        if (s->played_ms == 0 || s->said_first)
            continue;
        if (s->runtime_min == 0) {
            r->unknown_runtime++;
            continue;
        }
        row_of(s, r->n_viewers, &r->v[r->n]);
        if (s->title < r->catalogue->n_titles)
            r->v[r->n].kind = r->catalogue->titles[s->title].kind;
        r->n++;
    }
    r->n_viewers += r->n > before;
    forget_viewer(w);
    return rc;
}

int engagement_rows_feed(struct engagement_rows *r, const struct event *e, struct mq_error *err)
{
    r->events++;
    r->newest_ms = e->at_ms > r->newest_ms ? e->at_ms : r->newest_ms;
    if (e->viewer_id.v != r->now->id.v) {
        int rc = finish_viewer(r, err);
        if (rc)
            return rc;
        r->now->id = e->viewer_id;
    }
    if (event_order_of(e) != ORDER_NONE)
        return take_order(r, e, err);
    if (event_kind_is_playback(e->kind))
        return e->title_id.v == ID_NONE ? 0 : take_playback(r, e, err);
    return take_word(r, e, err);
}

/* ---------------------------------------------------------------- quantiles */

/* Kind, lengths that are watched alike (sketches, episodes, long episodes, films, long films), and how it ended: the
 * quantile then says only what finishing and abandoning do not. */
static unsigned group_of(const struct engagement_row *row)
{
    static const unsigned up_to[] = {15, 35, 75, 105, 135};
    unsigned length = 0;
    while (length < sizeof(up_to) / sizeof(up_to[0]) && row->runtime_min > up_to[length])
        length++;
    unsigned end = row->x[ENGAGEMENT_FINISHED] > 0 ? 2 : row->x[ENGAGEMENT_ABANDONED] > 0;
    return (row->kind * 8U + length) * 3 + end;
}

static int by_group(const void *a, const void *b)
{
    const struct engagement_row *x = *(struct engagement_row *const *)a;
    const struct engagement_row *y = *(struct engagement_row *const *)b;
    unsigned gx = group_of(x);
    unsigned gy = group_of(y);
    if (gx != gy)
        return gx < gy ? -1 : 1;
    float sx = x->x[ENGAGEMENT_ATTENDED];
    float sy = y->x[ENGAGEMENT_ATTENDED];
    return (sx > sy) - (sx < sy);
}

/* Equal shares get the middle of their places. */
static void rank_group(struct engagement_row **v, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t j = i + 1;
        float share = v[i]->x[ENGAGEMENT_ATTENDED];
        while (j < n && v[j]->x[ENGAGEMENT_ATTENDED] == share)
            j++;
        float quantile = (float)(i + j) / (float)(2 * n) - 0.5F;
        for (; i < j; i++)
            v[i]->x[ENGAGEMENT_ATTENDED] = quantile;
    }
}

int engagement_rows_finish(struct engagement_rows *r, struct mq_error *err)
{
    int rc = finish_viewer(r, err);
    if (rc)
        return rc;
    r->now->id.v = ID_NONE;
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->newest_ms - (int64_t)r->v[i].last_s * 1000 > MATURE_MS)
            r->v[kept++] = r->v[i];
    r->young += r->n - kept;
    r->n = kept;
    if (kept == 0)
        return 0;
    struct engagement_row **order = malloc(kept * sizeof(struct engagement_row *));
    if (!order)
        return no_memory(err);
    for (size_t i = 0; i < kept; i++)
        order[i] = &r->v[i];
    qsort(order, kept, sizeof(struct engagement_row *), by_group);
    for (size_t i = 0; i < kept;) {
        size_t j = i + 1;
        while (j < kept && group_of(order[j]) == group_of(order[i]))
            j++;
        rank_group(order + i, j - i);
        i = j;
    }
    free(order);
    return 0;
}
