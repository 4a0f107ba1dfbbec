/* The rules of playback one by one: invented sessions and what was watched in them, worked out by hand. */
#include "support/check.h"

#include <math.h>

#include "play.h"

enum { EVENTS_MOST = 12 };

struct line {
    enum event_kind kind;
    int64_t at_ms, position_ms, from_ms;
    int32_t rate_milli;
    const char *id;
};

struct example {
    const char *name;
    int64_t runtime_ms;
    bool start_idle; /* `start` does not play yet */
    struct line lines[EVENTS_MOST];
    const char *expected; /* play_text */
};

#define START EVENT_START
#define PLAY EVENT_PLAY
#define PAUSE EVENT_PAUSE
#define SEEK EVENT_SEEK
#define BEAT EVENT_PROGRESS
#define STALL EVENT_BUFFER_START
#define FLOW EVENT_BUFFER_END
#define STOP EVENT_STOP
#define DONE EVENT_COMPLETE

#define E(k, at, p, from)                                                                          \
    {                                                                                              \
        .kind = (k), .at_ms = (at), .position_ms = (p), .from_ms = (from)                          \
    }
/* with a rate, with an id */
#define R(k, at, p, from, r)                                                                       \
    {                                                                                              \
        .kind = (k), .at_ms = (at), .position_ms = (p), .from_ms = (from), .rate_milli = (r)       \
    }
#define D(k, at, p, from, i)                                                                       \
    {                                                                                              \
        .kind = (k), .at_ms = (at), .position_ms = (p), .from_ms = (from), .id = (i)               \
    }

static const struct example examples[] = {
    {"nothing at all",
     5000,
     false,
     {E(EVENT_CUSTOM, 0, 0, 0)},
     "runs; watched; played 0 content 0; rewinds 0/0 skips 0/0; pauses 0/0 buffering 0; 0..0 "
     "unfinished"},
    {"straight through",
     9000,
     false,
     {E(START, 100, 0, NO), E(BEAT, 4100, 4000, NO), E(DONE, 9100, 9000, NO)},
     "runs 0-9000; watched 0-9000; played 9000 content 9000; rewinds 0/0 skips 0/0; pauses 0/0 "
     "buffering 0; "
     "0..9000 complete"},
    {"a pause earns nothing and the run goes on",
     0,
     false,
     {E(START, 0, 500, NO), E(PAUSE, 3000, 3500, NO), E(PAUSE, 4000, 3500, NO),
      E(PLAY, 9000, 3500, NO), E(STOP, 10000, 4500, NO)},
     "runs 500-4500; watched 500-4500; played 4000 content 4000; rewinds 0/0 skips 0/0; pauses "
     "1/6000 buffering 0; "
     "500..4500 stop"},
    {"a seek back counts what was played until it began",
     60000,
     false,
     {E(START, 0, 0, NO), E(SEEK, 10000, 4000, 10000), E(STOP, 16000, 10000, NO)},
     "runs 0-10000 4000-10000; watched 0-10000; played 16000 content 10000; rewinds 1/6000 skips "
     "0/0; "
     "pauses 0/0 buffering 0; 0..10000 stop"},
    {"where a seek began is believed within 2 s of what playing explains",
     60000,
     false,
     {E(START, 0, 0, NO), E(SEEK, 10000, 40000, 30000), E(STOP, 11000, 41000, NO)},
     "runs 0-12000 40000-41000; watched 0-12000 40000-41000; played 13000 content 13000; rewinds "
     "0/0 skips 1/28000; "
     "pauses 0/0 buffering 0; 0..41000 stop"},
    {"a seek without a target stays where it began",
     60000,
     false,
     {E(START, 0, 0, NO), E(SEEK, 10000, NO, 8000), E(STOP, 12000, 10000, NO)},
     "runs 0-10000; watched 0-10000; played 10000 content 10000; rewinds 0/0 skips 0/0; pauses 0/0 "
     "buffering 0; "
     "0..10000 stop"},
    {"2 s are no jump, 2 s and 1 ms are",
     60000,
     false,
     {E(START, 0, 0, NO), E(BEAT, 5000, 7000, NO), E(BEAT, 10000, 14001, NO),
      E(BEAT, 10000, 11999, NO)},
     "runs 0-7000; watched 0-7000; played 7000 content 7000; rewinds 1/2002 skips 1/2001; pauses "
     "0/0 buffering 0; "
     "0..11999 unfinished"},
    {"falling back by less than 2 s is a stall, not a rewind",
     60000,
     false,
     {E(START, 0, 10000, NO), E(BEAT, 5000, 8000, NO), E(BEAT, 7000, 10000, NO)},
     "runs 8000-10000; watched 8000-10000; played 2000 content 2000; rewinds 0/0 skips 0/0; pauses "
     "0/0 buffering 0; "
     "10000..10000 unfinished"},
    {"a jump while paused",
     60000,
     false,
     {E(START, 0, 0, NO), E(PAUSE, 1000, 1000, NO), E(SEEK, 9000, 30000, NO),
      E(PLAY, 10000, 30000, NO), E(STOP, 11000, NO, NO)},
     "runs 0-1000 30000-31000; watched 0-1000 30000-31000; played 2000 content 2000; rewinds 0/0 "
     "skips 1/29000; "
     "pauses 1/9000 buffering 0; 0..31000 stop"},
    {"a pause 2 s before a seek belongs to it",
     60000,
     false,
     {E(START, 0, 0, NO), E(PAUSE, 1000, 1000, NO), E(SEEK, 3000, 30000, NO),
      E(BEAT, 5000, 30000, NO), E(PLAY, 6000, 30000, NO)},
     "runs 0-1000; watched 0-1000; played 1000 content 1000; rewinds 0/0 skips 1/29000; pauses 0/0 "
     "buffering 0; "
     "0..30000 unfinished"},
    {"a second pause is not the one that began the pause",
     60000,
     false,
     {E(START, 0, 0, NO), E(PAUSE, 1000, 1000, NO), E(PAUSE, 1500, 1000, NO),
      E(SEEK, 2000, 30000, NO), E(PLAY, 2500, 30000, NO)},
     "runs 0-1000; watched 0-1000; played 1000 content 1000; rewinds 0/0 skips 1/29000; pauses "
     "1/1500 buffering 0; "
     "0..30000 unfinished"},
    {"a pause after scrubbing counts",
     60000,
     false,
     {E(START, 0, 0, NO), E(PAUSE, 1000, 1000, NO), E(SEEK, 1100, 30000, NO),
      E(PAUSE, 2000, 30000, NO), E(PLAY, 5000, 30000, NO)},
     "runs 0-1000; watched 0-1000; played 1000 content 1000; rewinds 0/0 skips 1/29000; pauses "
     "1/3000 buffering 0; "
     "0..30000 unfinished"},
    {"buffering returns to what was before",
     0,
     false,
     {E(START, 0, 0, NO), E(PAUSE, 1000, 1000, NO), E(STALL, 2000, 1000, NO),
      E(STALL, 3000, 1000, NO), E(FLOW, 4000, 1000, NO), E(PLAY, 6000, 1000, NO),
      E(STOP, 7000, 2000, NO)},
     "runs 0-2000; watched 0-2000; played 2000 content 2000; rewinds 0/0 skips 0/0; pauses 1/3000 "
     "buffering 2000; "
     "0..2000 stop"},
    {"a pause while buffering that began while paused is not another",
     0,
     false,
     {E(START, 0, 0, NO), E(PAUSE, 1000, 1000, NO), E(STALL, 2000, 1000, NO),
      E(PAUSE, 3000, 1000, NO), E(SEEK, 3500, 50000, NO)},
     "runs 0-1000; watched 0-1000; played 1000 content 1000; rewinds 0/0 skips 1/49000; pauses "
     "1/1500 buffering 1000; "
     "0..50000 unfinished"},
    {"an end of buffering out of place still has its position taken",
     0,
     false,
     {E(START, 0, 0, NO), E(FLOW, 1000, 1000, NO), E(STOP, 2000, 2000, NO)},
     "runs 0-2000; watched 0-2000; played 2000 content 2000; rewinds 0/0 skips 0/0; pauses 0/0 "
     "buffering 0; 0..2000 stop"},
    {"a seek lands 9 s early",
     600000,
     false,
     {E(START, 0, 0, NO), E(SEEK, 1000, 100000, 1000), E(BEAT, 10000, 91000, NO),
      E(BEAT, 12000, 93000, NO)},
     "runs 0-1000 91000-93000; watched 0-1000 91000-93000; played 3000 content 3000; rewinds 0/0 "
     "skips 1/99000; "
     "pauses 0/0 buffering 0; 0..93000 unfinished"},
    {"landing takes too long: a rewind from where playing would be",
     600000,
     false,
     {E(START, 0, 0, NO), E(SEEK, 1000, 100000, 1000), E(BEAT, 10001, 91000, NO)},
     "runs 0-1000; watched 0-1000; played 1000 content 1000; rewinds 1/18001 skips 1/99000; pauses "
     "0/0 buffering 0; "
     "0..91000 unfinished"},
    {"after a credited run nothing settles",
     600000,
     false,
     {E(START, 0, 0, NO), E(SEEK, 1000, 100000, 1000), E(BEAT, 2000, 101000, NO),
      E(BEAT, 3000, 95000, NO)},
     "runs 0-1000 100000-101000; watched 0-1000 100000-101000; played 2000 content 2000; rewinds "
     "1/7000 skips 1/99000; "
     "pauses 0/0 buffering 0; 0..95000 unfinished"},
    {"one and a half times as fast; odd milliseconds are cut",
     0,
     false,
     {R(START, 0, 0, NO, 1500), E(PAUSE, 333, NO, NO), R(PLAY, 400, NO, NO, -3),
      R(STOP, 1400, NO, NO, 3000)},
     "runs 0-1999; watched 0-1999; played 1999 content 1999; rewinds 0/0 skips 0/0; pauses 1/67 "
     "buffering 0; 0..1999 stop"},
    {"positions are clamped to the runtime, and to 0",
     10000,
     false,
     {E(START, 0, -700, NO), E(BEAT, 9000, 9000, NO), E(SEEK, 9000, 99000, 12000),
      E(DONE, 9500, 12000, NO)},
     "runs 0-10000; watched 0-10000; played 10000 content 10000; rewinds 0/0 skips 0/0; pauses 0/0 "
     "buffering 0; "
     "0..10000 complete"},
    {"without positions time alone counts, to the runtime",
     4000,
     false,
     {E(START, 0, NO, NO), E(STOP, 9000, NO, NO)},
     "runs 0-4000; watched 0-4000; played 4000 content 4000; rewinds 0/0 skips 0/0; pauses 0/0 "
     "buffering 0; 0..4000 stop"},
    {"loading is not playing",
     0,
     true,
     {E(START, 0, 0, NO), E(BEAT, 3000, 0, NO), E(PLAY, 5000, 0, NO), E(STOP, 6000, 1000, NO)},
     "runs 0-1000; watched 0-1000; played 1000 content 1000; rewinds 0/0 skips 0/0; pauses 0/0 "
     "buffering 0; 0..1000 stop"},
    {"no start: opened by the first event",
     0,
     false,
     {E(BEAT, 1000, 70000, NO), E(BEAT, 2000, 71000, NO)},
     "runs 70000-71000; watched 70000-71000; played 1000 content 1000; rewinds 0/0 skips 0/0; "
     "pauses 0/0 buffering 0; "
     "70000..71000 unfinished"},
    {"no start: a seek opens where it began",
     0,
     false,
     {E(SEEK, 1000, 70000, 5000), E(BEAT, 2000, 71000, NO)},
     "runs 70000-71000; watched 70000-71000; played 1000 content 1000; rewinds 0/0 skips 1/65000; "
     "pauses 0/0 "
     "buffering 0; 5000..71000 unfinished"},
    {"a start in an open session begins anew",
     0,
     false,
     {R(START, 0, 0, NO, 2000), E(PAUSE, 1000, 2000, NO), E(START, 9000, 50000, NO),
      E(STOP, 10000, NO, NO)},
     "runs 0-2000 50000-51000; watched 0-2000 50000-51000; played 3000 content 3000; rewinds 0/0 "
     "skips 0/0; "
     "pauses 1/0 buffering 0; 0..51000 stop"},
    {"closed is closed, but for play, which keeps the rate",
     0,
     false,
     {R(START, 0, 0, NO, 2000), E(STOP, 1000, 2000, NO), R(BEAT, 2000, 3000, NO, 1000),
      E(SEEK, 2500, 90000, NO), E(PLAY, 90000, 10000, NO), E(DONE, 91000, NO, NO),
      E(STOP, 92000, 0, NO)},
     "runs 0-2000 10000-12000; watched 0-2000 10000-12000; played 4000 content 4000; rewinds 0/0 "
     "skips 1/8000; "
     "pauses 0/0 buffering 0; 0..12000 complete"},
    {"sent twice and out of order",
     0,
     false,
     {D(STOP, 5000, 2000, NO, "c"), D(START, 0, 0, NO, "a"), D(SEEK, 3000, 0, 3000, "b"),
      D(SEEK, 4000, 0, 4000, "b"), D(EVENT_SEARCH, 1, NO, NO, "d"), D(BEAT, NO, 8, NO, "d"),
      D(BEAT, 1000, 1000, NO, "d")},
     "runs 0-3000 0-2000; watched 0-3000; played 5000 content 3000; rewinds 1/3000 skips 0/0; "
     "pauses 0/0 buffering 0; "
     "0..2000 stop"},
};

static size_t lines_of(const struct example *x, struct event *events)
{
    size_t n = 0;
    for (; n < EVENTS_MOST && x->lines[n].kind != EVENT_CUSTOM; n++) {
        const struct line *l = &x->lines[n];
        events[n] = play_event(l->kind, l->at_ms, l->position_ms, l->from_ms, l->rate_milli);
        events[n].id = str_of(l->id);
    }
    return n;
}

static void rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const struct example *x = &examples[i];
        struct event events[EVENTS_MOST];
        char text[2048];
        struct viewing v;
        viewing_init(&v, x->runtime_ms, !x->start_idle, true);
        assert_ok(viewing_feed_all(&v, events, lines_of(x, events), &test_err));
        play_text(&v, text, sizeof(text));
        if (strcmp(text, x->expected) != 0)
            fail_msg("%s:\n  %s\nexpected\n  %s", x->name, text, x->expected);
        viewing_release(&v);
    }
}

/* Two sittings: what both saw counts once. */
static void several_sessions(void **state)
{
    (void)state;
    const struct event first[] = {play_event(START, 0, 0, NO, 0),
                                  play_event(STOP, 30000, 30000, NO, 0)};
    const struct event second[] = {play_event(START, 0, 25000, NO, 0),
                                   play_event(DONE, 15000, 40000, NO, 0)};
    struct viewing a, b;
    viewing_init(&a, 80000, true, false);
    viewing_init(&b, 80000, true, false);
    assert_ok(viewing_feed_all(&a, first, 2, &test_err));
    assert_ok(viewing_feed_all(&b, second, 2, &test_err));
    assert_true(fabs(viewing_completion(&a) - 0.375) < 1e-12);
    struct viewings all;
    assert_ok(viewings_combine((const struct viewing *[]){&b, &a}, 2, 80000, &all, &test_err));
    assert_int_equal(all.watched.n, 1);
    assert_int_equal(all.watched.v[0].to, 40000);
    assert_int_equal(all.played_ms, 45000);
    assert_int_equal(all.content_ms, 40000);
    assert_int_equal(all.rewatched_ms, 5000);
    assert_true(fabs(all.completion - 0.5) < 1e-12);
    viewings_release(&all);
    assert_ok(viewings_combine(NULL, 0, 0, &all, &test_err));
    assert_true(isnan(all.completion) && all.content_ms == 0);
    viewings_release(&all);
    viewing_release(&a);
    viewing_release(&b);
}

static void too_many_events(void **state)
{
    (void)state;
    struct viewing v;
    struct event e = play_event(START, 0, 0, NO, 0);
    viewing_init(&v, 0, true, false);
    assert_fails(MQ_TOO_LARGE, viewing_feed_all(&v, &e, (size_t)VIEWING_EVENTS_MAX + 1, &test_err));
    assert_int_equal(v.session.state, SESSION_NEW);
    viewing_release(&v);
}

static void rates_and_sources(void **state)
{
    (void)state;
    assert_int_equal(event_rate_milli(1.0), 1000);
    assert_int_equal(event_rate_milli(1.25049), 1250);
    assert_int_equal(event_rate_milli(0.0125), 13);
    assert_int_equal(event_rate_milli(0.0004), EVENT_NO_RATE);
    assert_int_equal(event_rate_milli(-2.0), EVENT_NO_RATE);
    assert_int_equal(event_rate_milli((double)NAN), EVENT_NO_RATE);
    assert_int_equal(event_rate_milli(1e300), INT32_MAX);
    assert_false(session_start_plays(STR("netflix-export")));
    assert_true(session_start_plays(STR("native")));
    assert_true(session_start_plays(STR_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),
        cmocka_unit_test(several_sessions),
        cmocka_unit_test(too_many_events),
        cmocka_unit_test(rates_and_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
