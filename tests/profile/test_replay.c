/* However the events came, the profile is the one a scan of the log gives; and its times are those of the
 * playback room. */
#include "support/check.h"

#include "playback/viewing.h"
#include "viewer_events.h"

enum { EVENTS = 400 };

static size_t bytes_of(const struct profile *p)
{
    return sizeof(*p) + p->n * sizeof(p->signals[0]) + p->tail;
}

static void assert_same(const struct profile *a, const struct profile *b, uint64_t seed,
                        size_t round)
{
    if (bytes_of(a) != bytes_of(b) || memcmp(a, b, bytes_of(a)) != 0)
        fail_msg("seed %llu round %zu: %u titles and %llu events; the scan gives %u and %llu",
                 (unsigned long long)seed, round, a->n, (unsigned long long)a->events, b->n,
                 (unsigned long long)b->events);
}

static int by_key(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

/* Events arrive, some of them late; a late one makes the builder anew from the log, as the engine does. */
static void late_events_rebuild(void **state)
{
    (void)state;
    static struct event arrived[EVENTS], log[EVENTS];
    uint64_t seed = test_seed();
    size_t rebuilt = 0;
    for (size_t round = 0, rounds = test_rounds(300); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        size_t n = rng_below(&r, EVENTS);
        const struct catalogue *c = round % 4 ? test_catalogue() : NULL;
        random_history(&r, arrived, n, 2 + (uint32_t)rng_below(&r, 30));
        for (size_t i = 0; i + 3 < n; i++) {
            size_t j = i + rng_below(&r, 3);
            struct event e = arrived[i];
            if (rng_below(&r, 30) == 0) {
                arrived[i] = arrived[j];
                arrived[j] = e;
            }
        }
        struct profile_builder *b;
        assert_ok(profile_builder_new((struct viewer_id){7}, &b, &test_err));
        for (size_t i = 0; i < n; i++) {
            arrived[i].seq = i + 1;
            log[i] = arrived[i];
            qsort(log, i + 1, sizeof(*log), by_key);
            int rc = profile_feed(b, &arrived[i], c, &test_err);
            if (rc == PROFILE_LATE) {
                rebuilt++;
                profile_builder_free(b);
                assert_ok(profile_builder_new((struct viewer_id){7}, &b, &test_err));
                for (size_t j = 0; j <= i; j++)
                    assert_ok(profile_feed(b, &log[j], c, &test_err));
            } else {
                assert_int_equal(rc, 0);
            }
        }
        struct profile *streamed, *scanned = profile_of(log, n, c);
        assert_ok(profile_snapshot(b, NULL, &streamed, &test_err));
        assert_same(streamed, scanned, seed, round);
        assert_int_equal(streamed->events, n);
        profile_free(streamed);
        profile_free(scanned);
        profile_builder_free(b);
    }
    assert_true(rebuilt > 0);
}

/* A snapshot in between changes nothing for those after it. */
static void snapshots_are_free_of_effects(void **state)
{
    (void)state;
    static struct event events[EVENTS];
    struct rng r;
    rng_seed(&r, test_seed());
    random_history(&r, events, EVENTS, 10);
    struct profile_builder *b;
    assert_ok(profile_builder_new((struct viewer_id){7}, &b, &test_err));
    for (size_t i = 0; i < EVENTS; i++) {
        struct profile *now, *scanned = profile_of(events, i, test_catalogue());
        assert_ok(profile_snapshot(b, NULL, &now, &test_err));
        assert_same(now, scanned, test_seed(), i);
        profile_free(now);
        profile_free(scanned);
        assert_ok(profile_feed(b, &events[i], test_catalogue(), &test_err));
    }
    profile_builder_free(b);
}

static struct profile_builder *put_away(struct profile_builder *b)
{
    struct profile *p;
    assert_ok(profile_snapshot(b, NULL, &p, &test_err));
    profile_builder_free(b);
    assert_ok(profile_builder_resume(p, &b, &test_err));
    profile_free(p);
    return b;
}

/* A builder taken up again from a snapshot, at any point and as often as one likes, goes on the same. */
static void resumed_builders_go_on(void **state)
{
    (void)state;
    static struct event events[EVENTS];
    uint64_t seed = test_seed();
    for (size_t round = 0, rounds = test_rounds(200); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        size_t n = rng_below(&r, EVENTS);
        random_history(&r, events, n, 2 + (uint32_t)rng_below(&r, 30));
        struct profile_builder *b;
        assert_ok(profile_builder_new((struct viewer_id){7}, &b, &test_err));
        for (size_t i = 0; i < n; i++) {
            if (round == 0 || rng_below(&r, 4) == 0)
                b = put_away(b);
            assert_ok(profile_feed(b, &events[i], test_catalogue(), &test_err));
        }
        b = put_away(b);
        if (n > 1) { /* what is late still is */
            struct event late = events[n - 1];
            late.seq--;
            assert_int_equal(profile_feed(b, &late, test_catalogue(), &test_err), PROFILE_LATE);
        }
        struct profile *streamed, *scanned = profile_of(events, n, test_catalogue());
        assert_ok(profile_snapshot(b, NULL, &streamed, &test_err));
        assert_same(streamed, scanned, seed, round);
        profile_free(streamed);
        profile_free(scanned);
        profile_builder_free(b);
    }
}

/* At most 4 interleaved sessions within a day: each title's times are those of its viewings together. */
static void times_are_those_of_the_viewings(void **state)
{
    (void)state;
    enum { SESSIONS = 4, N = 60 };
    static const char *const names[SESSIONS] = {"a", "b", "c", "d"};
    uint64_t seed = test_seed();
    size_t compared = 0;
    for (size_t round = 0, rounds = test_rounds(400); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        struct event events[N];
        struct viewing v[SESSIONS];
        random_history(&r, events, N, 1);
        for (int i = 0; i < SESSIONS; i++)
            viewing_init(&v[i], 0, true, false);
        for (size_t i = 0; i < N; i++) {
            unsigned s = (unsigned)rng_below(&r, SESSIONS);
            events[i].at_ms =
                MONDAY + (int64_t)i * 20 * MINUTE - (int64_t)rng_below(&r, 19 * MINUTE);
            events[i].session = str_of(names[s]);
            assert_ok(viewing_feed(&v[s], &events[i], &test_err));
        }
        struct viewings all;
        const struct viewing *parts[SESSIONS] = {&v[0], &v[1], &v[2], &v[3]};
        assert_ok(viewings_combine(parts, SESSIONS, 0, &all, &test_err));
        struct profile *p = profile_of(events, N, NULL);
        const struct title_signal *s = profile_signal(p, (struct title_id){0});
        assert_non_null(s);
        assert_int_equal(s->played_s, all.played_ms / 1000);
        if (all.watched.n <= 16) /* beyond, merged stretches count less */
            assert_true(s->content_s <= all.content_ms / 1000);
        if (all.watched.n <= 8) {
            assert_int_equal(s->content_s, all.content_ms / 1000);
            compared += all.content_ms > 0;
        }
        profile_free(p);
        viewings_release(&all);
        for (int i = 0; i < SESSIONS; i++)
            viewing_release(&v[i]);
    }
    assert_true(compared > 10);
}

/* What the README promises for a usual viewer: 50 events over 8 titles. */
static void lean(void **state)
{
    (void)state;
    struct profile_builder *b;
    struct profile *p;
    assert_ok(profile_builder_new((struct viewer_id){7}, &b, &test_err));
    for (uint32_t i = 0; i < 48; i++) {
        int64_t beat = i % 6;
        struct event e = viewer_event(beat == 0   ? EVENT_START
                                      : beat == 5 ? EVENT_STOP
                                                  : EVENT_PROGRESS,
                                      100 + i / 6, MONDAY + i / 6 * 2 * DAY + beat * 10 * MINUTE,
                                      beat * 10 * MINUTE);
        e.context.offset_min = 60;
        e.context.device = DEVICE_TV;
        assert_ok(profile_feed(b, &e, test_catalogue(), &test_err));
    }
    assert_ok(profile_snapshot(b, NULL, &p, &test_err));
    print_message("builder %zu bytes, snapshot %zu bytes\n", profile_builder_memory(b),
                  profile_memory(p));
    assert_true(profile_builder_memory(b) <= 760);
    assert_true(profile_memory(p) <= 751); /* a million of them in 0.7 GiB */
    profile_free(p);
    profile_builder_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_events_rebuild),
        cmocka_unit_test(snapshots_are_free_of_effects),
        cmocka_unit_test(resumed_builders_go_on),
        cmocka_unit_test(times_are_those_of_the_viewings),
        cmocka_unit_test(lean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
