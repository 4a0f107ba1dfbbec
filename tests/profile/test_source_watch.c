/* The watch on sources: silent on days of normal traffic, and how soon it notices what is broken. */
#include "base/buf.h"
#include "base/rng.h"
#include "profile/source_watch.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>

/* A player of ten kinds; sessions come with the hour, are of one viewer, and differ much among each other. */
static const enum event_kind kinds[] = {
    EVENT_START,        EVENT_PLAY,       EVENT_PAUSE, EVENT_SEEK, EVENT_PROGRESS,
    EVENT_BUFFER_START, EVENT_BUFFER_END, EVENT_RATE,  EVENT_STOP, EVENT_COMPLETE};
enum { KINDS = 10, OPEN_MAX = 4096, MINUTE = 60000 };
#define DAY INT64_C(86400000)
#define BEGIN INT64_C(1772323200000) /* a midnight */

struct viewing {
    int64_t at_ms, next_ms, position_ms, left_ms;
    double pauses, seeks; /* how often, by temper */
    uint64_t number;
    bool new_app, paused, buffering;
};

struct traffic {
    struct rng rng;
    struct source_watch *watch;
    struct viewing open[OPEN_MAX];
    size_t n;
    uint64_t sessions;
    double per_minute;         /* sessions that begin, at noon */
    bool dropped[EVENT_KINDS]; /* of the new app only when new_share > 0 */
    double new_share;          /* of sessions that have the new version */
    bool seconds;              /* positions in seconds */
    bool silent;
};

static double uniform(struct traffic *t)
{
    return rng_double(&t->rng);
}

static void send(struct traffic *t, struct viewing *v, enum event_kind kind, int64_t target)
{
    char session[24], viewer[24];
    struct event e;
    if (t->silent || (t->dropped[kind] && (t->new_share == 0 || v->new_app)))
        return;
    event_init(&e);
    snprintf(session, sizeof session, "s%llu", (unsigned long long)v->number);
    snprintf(viewer, sizeof viewer, "v%llu", (unsigned long long)v->number % 977);
    e.source = STR("segment");
    e.app = v->new_app ? STR("tv 2.0") : STR("tv 1.0");
    e.viewer = str_of(viewer);
    e.session = str_of(session);
    e.title = STR("t");
    e.kind = kind;
    e.at_ms = v->next_ms;
    int64_t unit = t->seconds ? 1000 : 1;
    e.position_ms = target / unit;
    if (kind == EVENT_SEEK)
        e.from_ms = v->position_ms / unit;
    source_watch_feed(t->watch, &e);
}

/* What the viewing does at next_ms; false when it ended. */
static bool act(struct traffic *t, struct viewing *v)
{
    int64_t dt = v->next_ms - v->at_ms;
    if (!v->paused && !v->buffering)
        v->position_ms += dt;
    v->at_ms = v->next_ms;
    v->left_ms -= dt;
    double u = uniform(t);
    if (v->left_ms <= 0) {
        send(t, v, uniform(t) < 0.4 ? EVENT_COMPLETE : EVENT_STOP, v->position_ms);
        return false;
    }
    if (v->paused || v->buffering) {
        send(t, v, v->buffering ? EVENT_BUFFER_END : EVENT_PLAY, v->position_ms);
        v->paused = v->buffering = false;
    } else if (u < v->pauses) {
        send(t, v, EVENT_PAUSE, v->position_ms);
        v->paused = true;
    } else if (u < v->pauses + v->seeks) {
        int64_t target = (int64_t)(uniform(t) * 5400000);
        send(t, v, EVENT_SEEK, target);
        v->position_ms = target;
    } else if (u < v->pauses + v->seeks + 0.02) {
        send(t, v, EVENT_BUFFER_START, v->position_ms);
        v->buffering = true;
    } else if (u < v->pauses + v->seeks + 0.03) {
        send(t, v, EVENT_RATE, v->position_ms);
    } else {
        send(t, v, EVENT_PROGRESS, v->position_ms);
    }
    v->next_ms += v->paused ? 5000 + (int64_t)(uniform(t) * 120000) : v->buffering ? 2000 : 30000;
    return true;
}

static void begin(struct traffic *t, int64_t at_ms)
{
    if (t->n == OPEN_MAX)
        return;
    struct viewing v = {.at_ms = at_ms, .next_ms = at_ms, .number = t->sessions++};
    v.left_ms = (int64_t)(-log(1 - uniform(t)) * 2400000);
    v.pauses = 0.06 * uniform(t) * uniform(t);
    v.seeks = uniform(t) < 0.3 ? 0.2 * uniform(t) : 0.005;
    v.new_app = uniform(t) < t->new_share;
    send(t, &v, EVENT_START, 0);
    v.next_ms += 30000;
    t->open[t->n++] = v;
}

/* One minute of it. */
static void run_minute(struct traffic *t, int64_t from_ms)
{
    double hour = (double)(from_ms % DAY) / 3600000.0;
    double weight = 1 + 0.9 * sin((hour - 14) / 24 * 6.283185307);
    double due = t->per_minute * weight;
    for (; due > 0; due -= 1)
        if (due >= 1 || uniform(t) < due)
            begin(t, from_ms + (int64_t)(uniform(t) * MINUTE));
    for (size_t i = 0; i < t->n;) {
        bool open = true;
        while (open && t->open[i].next_ms < from_ms + MINUTE)
            open = act(t, &t->open[i]);
        if (open)
            i++;
        else
            t->open[i] = t->open[--t->n];
    }
}

static void traffic_begin(struct traffic *t, uint64_t seed, double per_minute)
{
    memset(t, 0, sizeof *t);
    rng_seed(&t->rng, seed);
    t->per_minute = per_minute;
    assert_ok(source_watch_new(&t->watch, &test_err));
}

/* Runs until `minutes` later or an alarm of that kind; returns minutes until it, -1 without. */
static int run_until(struct traffic *t, int64_t *now_ms, int minutes, enum source_trouble trouble,
                     enum event_kind kind, const char *app)
{
    for (int m = 1; m <= minutes; m++) {
        struct source_alarm a[WATCH_ALARMS];
        run_minute(t, *now_ms);
        *now_ms += MINUTE;
        size_t n = source_watch_alarms(t->watch, *now_ms, a, WATCH_ALARMS);
        for (size_t i = 0; i < n; i++)
            if (a[i].trouble == trouble && (trouble != SOURCE_MISSING || a[i].kind == kind) &&
                (!app || strcmp(a[i].app, app) == 0))
                return m;
    }
    return -1;
}

static size_t false_alarms(struct traffic *t, int64_t *now_ms, int minutes)
{
    size_t raised = 0;
    for (int m = 0; m < minutes; m++) {
        struct source_alarm a[WATCH_ALARMS];
        run_minute(t, *now_ms);
        *now_ms += MINUTE;
        size_t n = source_watch_alarms(t->watch, *now_ms, a, WATCH_ALARMS);
        for (size_t i = 0; i < n && m % 10 == 0; i++)
            print_message("minute %d: %s %s %s expected %.1f seen %.1f\n", m,
                          source_trouble_name(a[i].trouble), a[i].app, event_kind_name(a[i].kind),
                          a[i].expected, a[i].seen);
        raised += n > 0;
    }
    return raised;
}

static struct traffic t;

static void normal_days_are_silent(void **state)
{
    (void)state;
    static const double rates[] = {0.5, 4, 20};
    size_t minutes = 0, raised = 0;
    for (size_t r = 0; r < test_rounds(1) * 3; r++) {
        int64_t now = BEGIN;
        traffic_begin(&t, test_seed() + r, rates[r % 3]);
        raised += false_alarms(&t, &now, 2 * 1440);
        /* A release that is as it should be spreads. */
        t.new_share = 0.5;
        raised += false_alarms(&t, &now, 720);
        minutes += 2 * 1440 + 720;
        source_watch_free(t.watch);
    }
    print_message("%zu of %zu minutes with a false alarm\n", raised, minutes);
    assert_int_equal(0, raised);
}

static void each_of_ten_kinds_is_missed(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        int64_t now = BEGIN;
        traffic_begin(&t, test_seed() + k, 10);
        assert_int_equal(0, false_alarms(&t, &now, 18 * 60));
        t.dropped[kinds[k]] = true;
        int m = run_until(&t, &now, 60, SOURCE_MISSING, kinds[k], "");
        print_message("%s: noticed after %d minutes\n", event_kind_name(kinds[k]), m);
        assert_in_range(m, 1, 30);
        source_watch_free(t.watch);
    }
}

static void a_release_without_seeks(void **state)
{
    (void)state;
    int64_t now = BEGIN;
    traffic_begin(&t, test_seed(), 10);
    assert_int_equal(0, false_alarms(&t, &now, 18 * 60));
    t.new_share = 0.3;
    t.dropped[EVENT_SEEK] = true;
    int m = run_until(&t, &now, 60, SOURCE_MISSING, EVENT_SEEK, "tv 2.0");
    print_message("release: noticed after %d minutes\n", m);
    assert_in_range(m, 1, 30);
    source_watch_free(t.watch);
}

static void seconds_for_milliseconds(void **state)
{
    (void)state;
    int64_t now = BEGIN;
    traffic_begin(&t, test_seed(), 10);
    assert_int_equal(0, false_alarms(&t, &now, 12 * 60));
    t.seconds = true;
    int m = run_until(&t, &now, 60, SOURCE_UNITS, EVENT_CUSTOM, NULL);
    print_message("units: noticed after %d minutes\n", m);
    assert_in_range(m, 1, 30);
    t.seconds = false;
    (void)false_alarms(&t, &now, 60);
    assert_int_equal(-1, run_until(&t, &now, 10, SOURCE_UNITS, EVENT_CUSTOM, NULL));
    source_watch_free(t.watch);
}

static void a_silent_source(void **state)
{
    (void)state;
    int64_t now = BEGIN;
    traffic_begin(&t, test_seed(), 10);
    assert_int_equal(0, false_alarms(&t, &now, 36 * 60));
    t.silent = true;
    int m = run_until(&t, &now, 60, SOURCE_SILENT, EVENT_CUSTOM, NULL);
    print_message("silence: noticed after %d minutes\n", m);
    assert_in_range(m, 1, 15);
    source_watch_free(t.watch);
}

/* More streams than there is room for, hostile times: memory stays, nothing breaks. */
static void bounds(void **state)
{
    (void)state;
    struct source_stream s[WATCH_STREAMS + 1];
    struct source_watch *w;
    struct rng rng;
    rng_seed(&rng, test_seed());
    assert_ok(source_watch_new(&w, &test_err));
    for (int i = 0; i < 20000; i++) {
        char source[16];
        struct event e;
        event_init(&e);
        snprintf(source, sizeof source, "s%d", (int)(rng_double(&rng) * 1000));
        e.source = str_of(source);
        e.session = str_of(source);
        e.viewer = STR("v");
        e.kind = (enum event_kind)(rng_double(&rng) * EVENT_KINDS);
        e.at_ms = (int64_t)((rng_double(&rng) - 0.2) * 4e12);
        e.position_ms = (int64_t)((rng_double(&rng) - 0.5) * 1e15);
        source_watch_feed(w, &e);
    }
    size_t n = source_watch_streams(w, s, WATCH_STREAMS + 1);
    assert_int_equal(WATCH_STREAMS + 1, n);
    for (size_t i = 0; i < n; i++)
        assert_true(isfinite(s[i].per_minute));
    struct source_alarm a[WATCH_ALARMS];
    assert_true(source_watch_alarms(w, INT64_C(4000000000000), a, WATCH_ALARMS) <= WATCH_ALARMS);
    source_watch_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_days_are_silent),  cmocka_unit_test(each_of_ten_kinds_is_missed),
        cmocka_unit_test(a_release_without_seeks), cmocka_unit_test(seconds_for_milliseconds),
        cmocka_unit_test(a_silent_source),         cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
