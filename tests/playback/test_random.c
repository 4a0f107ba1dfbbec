/* Random sessions: the streaming machine, the batch and the oracle agree on everything. */
#include "support/check.h"

#include "base/rng.h"
#include "oracle.h"
#include "play.h"

enum { EVENTS_MOST = 60, TEXT = 16384 };

struct script {
    struct event events[2 * EVENTS_MOST];
    char ids[EVENTS_MOST][24];
    size_t n;
    int64_t runtime_ms;
    bool start_plays;
};

static bool chance(struct rng *r, unsigned percent)
{
    return rng_below(r, 100) < percent;
}

/* Times in odd steps around the tolerances, positions mostly where playing would be. */
static void write_events(struct rng *r, struct script *s)
{
    static const int64_t steps[] = {0, 1, 500, 1999, 2000, 2001, 3000, 8999, 9000, 9001, 12000};
    static const int64_t off[] = {0,     0,     0,     -1,    1999,  2000,  2001,
                                  -2000, -2001, -8999, -9000, -9001, 40000, -30000};
    static const int32_t rates[] = {500, 1000, 1250, 2000, 1333, -5};
    int64_t at = 1000, pos = (int64_t)rng_below(r, 60000);
    int64_t target = 0;
    size_t n = rng_below(r, EVENTS_MOST);
    for (size_t i = 0; i < n; i++) {
        int64_t step = steps[rng_below(r, sizeof(steps) / sizeof(steps[0]))];
        enum event_kind kind = EVENT_START + (enum event_kind)rng_below(r, 10);
        if (chance(r, 40))
            kind = EVENT_PROGRESS;
        if ((kind == EVENT_STOP || kind == EVENT_COMPLETE || kind == EVENT_START) && chance(r, 70))
            kind = chance(r, 50) ? EVENT_SEEK : EVENT_PLAY;
        at += step;
        pos += step + off[rng_below(r, sizeof(off) / sizeof(off[0]))];
        if (chance(r, 15))
            pos = target + off[rng_below(r, sizeof(off) / sizeof(off[0]))];
        pos = pos < -500 ? -500 : pos > 150000 ? 150000 : pos;
        struct event e = play_event(kind, at, chance(r, 85) ? pos : NO, NO, 0);
        if (kind == EVENT_SEEK) {
            target = pos;
            if (chance(r, 50))
                e.from_ms = pos + (int64_t)rng_below(r, 20000) - 10000;
        }
        if (chance(r, 10))
            e.rate_milli = rates[rng_below(r, sizeof(rates) / sizeof(rates[0]))];
        snprintf(s->ids[i], sizeof(s->ids[i]), "e%zu", i);
        if (chance(r, 80))
            e.id = str_of(s->ids[i]);
        s->events[i] = e;
    }
    s->n = n;
}

/* What a network does: some events come twice, some are no playback, some have no time, order is lost. Equal
 * times keep their order. */
static void disturb(struct rng *r, struct script *s)
{
    size_t n = s->n;
    for (size_t i = 0; i < n; i++) {
        if (s->events[i].id.n && chance(r, 10)) {
            s->events[s->n] = s->events[i];
            s->events[s->n++].at_ms += (int64_t)rng_below(r, 3);
        }
        if (chance(r, 2))
            s->events[i].kind = EVENT_SEARCH;
        if (chance(r, 2))
            s->events[i].at_ms = EVENT_ABSENT;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        struct event e = s->events[i];
        if (chance(r, 20) && e.at_ms != s->events[i + 1].at_ms) {
            s->events[i] = s->events[i + 1];
            s->events[i + 1] = e;
        }
    }
}

static void make_script(struct rng *r, struct script *s, bool disturbed)
{
    memset(s, 0, sizeof(*s));
    s->runtime_ms = chance(r, 30) ? 0 : 20000 + (int64_t)rng_below(r, 100000);
    s->start_plays = chance(r, 60);
    write_events(r, s);
    if (disturbed)
        disturb(r, s);
}

static void check_against(const struct oracle *o, const struct viewing *v, uint64_t seed,
                          size_t round)
{
    char text[TEXT];
    play_text(v, text, sizeof(text));
    uint32_t n = 0;
    bool same = v->n_runs == o->n_runs;
    for (uint32_t i = 0; same && i < o->n_runs; i++)
        same = v->runs[i].from == o->runs[i].from && v->runs[i].to == o->runs[i].to;
    for (size_t ms = 0; ms < ORACLE_MS; ms++) { /* the union, stretch by stretch */
        if (!o->times[ms] || (ms > 0 && o->times[ms - 1]))
            continue;
        size_t to = ms;
        while (to < ORACLE_MS && o->times[to])
            to++;
        same = same && n < v->watched.n && v->watched.v[n].from == (int64_t)ms &&
               v->watched.v[n].to == (int64_t)to;
        n++;
    }
    same = same && n == v->watched.n && o->played == v->played_ms &&
           o->content == viewing_content_ms(v) && o->rewound == v->rewound_ms &&
           o->skipped == v->skipped_ms && o->rewinds == v->rewinds && o->skips == v->skips &&
           o->pauses == v->pauses && o->paused == v->paused_ms && o->buffering == v->buffering_ms &&
           o->start == v->start_position_ms && o->last == viewing_last_position_ms(v) &&
           strcmp(o->ended, viewing_end_name(viewing_ended(v))) == 0;
    if (!same)
        fail_msg("seed %llu round %zu: oracle played %lld content %lld rewinds %u/%lld skips "
                 "%u/%lld pauses "
                 "%u/%lld buffering %lld %lld..%lld %s; got %s",
                 (unsigned long long)seed, round, (long long)o->played, (long long)o->content,
                 o->rewinds, (long long)o->rewound, o->skips, (long long)o->skipped, o->pauses,
                 (long long)o->paused, (long long)o->buffering, (long long)o->start,
                 (long long)o->last, o->ended, text);
}

static void batch_is_oracle(void **state)
{
    (void)state;
    static struct oracle o;
    static struct script s;
    uint64_t seed = test_seed();
    for (size_t round = 0, rounds = test_rounds(10000); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        make_script(&r, &s, true);
        struct viewing v;
        viewing_init(&v, s.runtime_ms, s.start_plays, true);
        assert_ok(viewing_feed_all(&v, s.events, s.n, &test_err));
        oracle_run(&o, s.events, s.n, s.runtime_ms, s.start_plays);
        check_against(&o, &v, seed, round);
        viewing_release(&v);
    }
}

/* The same events one by one, in order, with no list of runs: the same numbers. */
static void stream_is_batch(void **state)
{
    (void)state;
    static struct script s;
    static char one[TEXT], all[TEXT];
    uint64_t seed = test_seed();
    size_t played = 0;
    for (size_t round = 0, rounds = test_rounds(10000); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        make_script(&r, &s, false);
        struct viewing batch, stream;
        viewing_init(&batch, s.runtime_ms, s.start_plays, false);
        viewing_init(&stream, s.runtime_ms, s.start_plays, false);
        assert_ok(viewing_feed_all(&batch, s.events, s.n, &test_err));
        for (size_t i = 0; i < s.n; i++)
            assert_ok(viewing_feed(&stream, &s.events[i], &test_err));
        play_text(&stream, one, sizeof(one));
        play_text(&batch, all, sizeof(all));
        if (strcmp(one, all) != 0)
            fail_msg("seed %llu round %zu: %s; batch %s", (unsigned long long)seed, round, one,
                     all);
        assert_int_equal(stream.n_runs, 0);
        played += stream.played_ms > 0;
        viewing_release(&batch);
        viewing_release(&stream);
    }
    assert_true(played > test_rounds(10000) / 2);
}

/* Numbers at the edge of their types do no harm. */
static void wild_numbers(void **state)
{
    (void)state;
    static const int64_t wild[] = {INT64_MAX, INT64_MIN + 1, EVENT_ABSENT, 0, -1, INT64_C(1) << 52,
                                   1,         1700000000000};
    uint64_t seed = test_seed();
    enum { WILD = sizeof(wild) / sizeof(wild[0]) };
    for (size_t round = 0, rounds = test_rounds(2000); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        struct viewing v;
        viewing_init(&v, wild[rng_below(&r, WILD)], chance(&r, 50), true);
        for (int i = 0; i < 40; i++) {
            enum event_kind kind = (enum event_kind)rng_below(&r, EVENT_KINDS);
            struct event e = play_event(kind, wild[rng_below(&r, WILD)], wild[rng_below(&r, WILD)],
                                        wild[rng_below(&r, WILD)], (int32_t)(uint32_t)rng_u64(&r));
            assert_ok(viewing_feed(&v, &e, &test_err));
            assert_true(viewing_content_ms(&v) >= 0 && viewing_content_ms(&v) <= v.played_ms);
            assert_true(v.paused_ms >= 0 && v.buffering_ms >= 0 && v.rewound_ms >= 0 &&
                        v.skipped_ms >= 0);
        }
        viewing_release(&v);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch_is_oracle),
        cmocka_unit_test(stream_is_batch),
        cmocka_unit_test(wild_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
