#include "profile/source_watch.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"

enum {
    HOURS = 24,
    STEP_LEAST_MS = 5000, /* of wall clock between two positions that are compared */
    STEP_MOST_MS = 120000,
    RARER = 10, /* this many times more rarely counts as missing */
};
#define KNOWN_MS INT64_C(3600000)
#define RECENT_MS INT64_C(900000)       /* half-life of the recent counts */
#define STEPS_MS INT64_C(180000)        /* of steps of positions */
static const double rare_expected = 30; /* of which a tenth is seen */

struct stream {
    char source[WATCH_NAME_MAX + 1], app[WATCH_NAME_MAX + 1];
    uint64_t key; /* 0: free */
    uint64_t events;
    int64_t first_ms, last_ms;
    /* The window that fills now. */
    int64_t window_ms;
    double window[EVENT_KINDS], window_n;
    /* Of closed windows, faded. */
    double count[EVENT_KINDS], n;
    double spread[EVENT_KINDS], spread_n[EVENT_KINDS]; /* sums of Pearson terms, and how many */
    double hour_n[HOURS], hour_ms[HOURS];              /* events, and the time they came in */
    double hour_spread, hour_spread_n;
    double time_ms;
    /* Recent ones, faded fast. */
    double recent[EVENT_KINDS], recent_n;
    int64_t faded_ms;
    /* When the kind was last seen: how many events the stream had by then, and the time. */
    double seen_n[EVENT_KINDS];
    int64_t seen_ms[EVENT_KINDS];
    /* Steps of positions: as they should be, a thousand times too small, too large; faded fast. */
    double steps_right, steps_small, steps_large;
    int64_t right_ms;
};

struct place {
    uint64_t session; /* hash */
    int64_t at_ms, position_ms;
    bool playing;
};

struct source_watch {
    struct stream stream[WATCH_STREAMS + 1]; /* the last one is shared by what found no room */
    struct place place[WATCH_SESSIONS];
};

int source_watch_new(struct source_watch **ret, struct mq_error *err)
{
    struct source_watch *w = calloc(1, sizeof(*w));
    if (!w)
        return mq_fail(err, MQ_NO_MEMORY, "source watch: no memory");
    *ret = w;
    return 0;
}

void source_watch_free(struct source_watch *w)
{
    free(w);
}

const char *source_trouble_name(enum source_trouble t)
{
    static const char *const names[SOURCE_TROUBLES] = {"missing", "silent", "units"};
    return names[t];
}

/* ---------------------------------------------------------------- streams */

static void copy_name(char to[WATCH_NAME_MAX + 1], struct str s)
{
    size_t n = s.n < WATCH_NAME_MAX ? s.n : WATCH_NAME_MAX;
    while (n > 0 && n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--; /* no half character */
    if (n > 0)
        memcpy(to, s.p, n);
    to[n] = '\0';
}

static struct stream *find_stream(struct source_watch *w, struct str source, struct str app)
{
    uint64_t key = hash_mix(hash_str(source, 0), hash_str(app, app.n > 0)) | 1;
    for (uint32_t i = 0; i < WATCH_STREAMS; i++) {
        struct stream *s = &w->stream[(key + i) % WATCH_STREAMS];
        if (s->key == key)
            return s;
        if (s->key == 0) {
            s->key = key;
            copy_name(s->source, source);
            copy_name(s->app, app);
            return s;
        }
    }
    struct stream *s = &w->stream[WATCH_STREAMS];
    s->key = 1;
    copy_name(s->source, STR("(others)"));
    return s;
}

static double fade(double ms, double half_life_ms)
{
    return ms > 0 ? exp2(-ms / half_life_ms) : 1;
}

static double dispersion(double sum, double n)
{
    double d = n >= 3 ? sum / n : 4; /* not yet known: rather too much */
    return d < 1 ? 1 : d;
}

/* Of the day; events may lie before 1970. */
static int hour_of(int64_t ms)
{
    int hour = (int)(ms / 3600000 % HOURS);
    return hour < 0 ? hour + HOURS : hour;
}

/* How the window compares with what was known before it; then it joins that. */
static void close_window(struct stream *s, int64_t now_ms)
{
    double passed = (double)(now_ms - s->window_ms);
    double f = fade(passed, (double)WATCH_MEMORY_MS);
    int hour = hour_of(s->window_ms);
    double rate = s->hour_ms[hour] > 0 ? s->hour_n[hour] / s->hour_ms[hour] : 0;
    double awaited = rate * (double)WATCH_WINDOW_MS;
    for (int k = 0; k < EVENT_KINDS; k++) {
        double expected = s->n > 0 ? s->count[k] / s->n * s->window_n : 0;
        double off = s->window[k] - expected;
        if (s->n >= WATCH_KNOWN_EVENTS && expected >= 1) {
            s->spread[k] = s->spread[k] * f + off * off / expected;
            s->spread_n[k] = s->spread_n[k] * f + 1;
        }
        s->count[k] = s->count[k] * f + s->window[k];
        s->window[k] = 0;
    }
    if (awaited >= 1) {
        double off = s->window_n - awaited;
        s->hour_spread = s->hour_spread * f + off * off / awaited;
        s->hour_spread_n = s->hour_spread_n * f + 1;
    }
    s->n = s->n * f + s->window_n;
    s->time_ms = s->time_ms * f + (double)WATCH_WINDOW_MS;
    s->hour_n[hour] = s->hour_n[hour] * f + s->window_n;
    s->hour_ms[hour] = s->hour_ms[hour] * f + (double)WATCH_WINDOW_MS;
    s->window_n = 0;
    s->window_ms = now_ms - now_ms % WATCH_WINDOW_MS;
}

static void fade_recent(struct stream *s, int64_t passed_ms)
{
    double f = fade((double)passed_ms, (double)RECENT_MS);
    for (int k = 0; k < EVENT_KINDS; k++)
        s->recent[k] *= f;
    s->recent_n *= f;
    f = fade((double)passed_ms, (double)STEPS_MS);
    s->steps_right *= f;
    s->steps_small *= f;
    s->steps_large *= f;
}

static bool take(struct stream *s, const struct event *e)
{
    int k = e->kind;
    if (s->events > 0 && e->at_ms < s->last_ms - WATCH_LATE_MS)
        return false;
    if (s->events++ == 0) {
        s->first_ms = s->last_ms = s->right_ms = s->faded_ms = e->at_ms;
        s->window_ms = e->at_ms - e->at_ms % WATCH_WINDOW_MS;
        for (int i = 0; i < EVENT_KINDS; i++)
            s->seen_ms[i] = e->at_ms;
    }
    if (e->at_ms >= s->window_ms + WATCH_WINDOW_MS)
        close_window(s, e->at_ms);
    if (e->at_ms > s->last_ms)
        s->last_ms = e->at_ms;
    if (s->last_ms - s->faded_ms >= 1000) {
        fade_recent(s, s->last_ms - s->faded_ms);
        s->faded_ms = s->last_ms;
    }
    s->window[k]++;
    s->window_n++;
    s->recent[k]++;
    s->recent_n++;
    s->seen_n[k] = (double)s->events;
    s->seen_ms[k] = s->last_ms;
    return true;
}

/* ---------------------------------------------------------------- positions */

static void take_step(struct stream *s, double ratio)
{
    if (ratio > 0.2 && ratio < 5) {
        s->steps_right++;
        s->right_ms = s->last_ms;
    } else if (ratio > 0.0002 && ratio < 0.005) {
        s->steps_small++;
    } else if (ratio > 200 && ratio < 5000) {
        s->steps_large++;
    }
}

/* The step from the session's last position to this one over the time between them, while it was playing; 0: none. */
static double step(struct source_watch *w, const struct event *e)
{
    if (!event_kind_is_playback(e->kind) || e->session.n == 0)
        return 0;
    uint64_t session = hash_mix(hash_str(e->session, 1), hash_str(e->viewer, 2)) | 1;
    struct place *p = &w->place[session % WATCH_SESSIONS];
    double ratio = 0;
    int64_t end = e->kind == EVENT_SEEK ? e->from_ms : e->position_ms;
    int64_t dt = e->at_ms - p->at_ms;
    if (p->session == session && p->playing && end != EVENT_ABSENT &&
        p->position_ms != EVENT_ABSENT && dt >= STEP_LEAST_MS && dt <= STEP_MOST_MS)
        ratio = (double)(end - p->position_ms) / (double)dt;
    bool stays = p->session == session && p->playing;
    bool playing = e->kind == EVENT_START || e->kind == EVENT_PLAY || e->kind == EVENT_PROGRESS ||
                   e->kind == EVENT_BUFFER_END || (e->kind == EVENT_SEEK && stays);
    *p = (struct place){session, e->at_ms, e->position_ms, playing};
    return ratio;
}

void source_watch_feed(struct source_watch *w, const struct event *e)
{
    struct stream *whole = find_stream(w, e->source, STR_NONE);
    double ratio = step(w, e);
    if (take(whole, e) && ratio != 0)
        take_step(whole, ratio);
    if (e->app.n == 0)
        return;
    struct stream *version = find_stream(w, e->source, e->app);
    if (version != whole && take(version, e) && ratio != 0)
        take_step(version, ratio);
}

/* ---------------------------------------------------------------- alarms */

struct alarms {
    struct source_alarm *list;
    size_t n, max;
};

static void raise(struct alarms *a, struct source_alarm alarm)
{
    if (a->n < a->max)
        a->list[a->n++] = alarm;
}

/* `known` says what is usual: the stream itself, or a new version's source. */
static void look_for_missing(const struct stream *s, const struct stream *known, struct alarms *a)
{
    if (known->n < WATCH_KNOWN_EVENTS || known->last_ms - known->first_ms < KNOWN_MS)
        return;
    for (int k = 0; k < EVENT_KINDS; k++) {
        if (known->count[k] < WATCH_KNOWN_KIND)
            continue;
        double share = known->count[k] / known->n;
        double d = dispersion(known->spread[k], known->spread_n[k]);
        double expected = share * ((double)s->events - s->seen_n[k]), seen = 0;
        bool gone = expected >= WATCH_EXPECTED * d;
        if (!gone) {
            expected = share * s->recent_n;
            seen = s->recent[k];
            gone = expected >= rare_expected * d && seen * RARER < expected;
        }
        if (gone)
            raise(a, (struct source_alarm){s->source, s->app, SOURCE_MISSING, (enum event_kind)k,
                                           s->seen_ms[k], expected, seen});
    }
}

/* Events that would have come between the last one and now, by the hours of the day. */
static double awaited(const struct stream *s, int64_t now_ms)
{
    double sum = 0;
    for (int64_t t = s->last_ms; t < now_ms && t < s->last_ms + INT64_C(24) * 3600000;) {
        int64_t next = t - t % 3600000 + 3600000;
        if (next > now_ms)
            next = now_ms;
        int hour = hour_of(t);
        if (s->hour_ms[hour] > 0)
            sum += s->hour_n[hour] / s->hour_ms[hour] * (double)(next - t);
        t = next;
    }
    return sum;
}

static void look_for_silence(const struct stream *s, int64_t now_ms, struct alarms *a)
{
    if (s->app[0] || s->n < WATCH_KNOWN_EVENTS || s->last_ms - s->first_ms < KNOWN_MS)
        return;
    double expected = awaited(s, now_ms);
    double d = dispersion(s->hour_spread, s->hour_spread_n);
    if (expected >= WATCH_EXPECTED * d)
        raise(a, (struct source_alarm){s->source, s->app, SOURCE_SILENT, EVENT_CUSTOM, s->last_ms,
                                       expected, 0});
}

static void look_at_units(const struct stream *s, struct alarms *a)
{
    double wrong = s->steps_small + s->steps_large;
    double all = wrong + s->steps_right;
    if (all >= WATCH_PAIRS && wrong > all / 2)
        raise(a, (struct source_alarm){s->source, s->app, SOURCE_UNITS, EVENT_CUSTOM, s->right_ms,
                                       all, wrong});
}

static const struct stream *source_of(const struct source_watch *w, const struct stream *s)
{
    for (uint32_t i = 0; i < WATCH_STREAMS; i++) {
        const struct stream *whole = &w->stream[i];
        if (whole->key && !whole->app[0] && strcmp(whole->source, s->source) == 0)
            return whole;
    }
    return s;
}

size_t source_watch_alarms(const struct source_watch *w, int64_t now_ms, struct source_alarm *ret,
                           size_t max)
{
    struct alarms a = {ret, 0, max};
    for (uint32_t i = 0; i <= WATCH_STREAMS; i++) {
        const struct stream *s = &w->stream[i];
        if (s->key == 0)
            continue;
        /* A version nobody uses any more misses nothing. */
        if (!s->app[0] || now_ms - s->last_ms < WATCH_LATE_MS)
            look_for_missing(s, s->app[0] ? source_of(w, s) : s, &a);
        look_for_silence(s, now_ms, &a);
        look_at_units(s, &a);
    }
    return a.n;
}

size_t source_watch_streams(const struct source_watch *w, struct source_stream *ret, size_t max)
{
    size_t n = 0;
    for (uint32_t i = 0; i <= WATCH_STREAMS && n < max; i++) {
        const struct stream *s = &w->stream[i];
        if (s->key == 0)
            continue;
        struct source_stream *to = &ret[n++];
        double all = s->n + s->window_n, ms = s->time_ms + (double)(s->last_ms - s->window_ms);
        *to = (struct source_stream){.source = s->source,
                                     .app = s->app,
                                     .events = s->events,
                                     .first_ms = s->first_ms,
                                     .last_ms = s->last_ms,
                                     .per_minute = ms > 0 ? all / ms * 60000 : 0};
        for (int k = 0; k < EVENT_KINDS; k++)
            to->share[k] = all > 0 ? (s->count[k] + s->window[k]) / all : 0;
    }
    return n;
}
