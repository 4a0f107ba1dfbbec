#include "support/check.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/rng.h"
#include "profile/trend.h"
#include "profile/trend_codec.h"

#define HOUR INT64_C(3600000)
#define WEEK (168 * HOUR)
#define NOW (2930 * WEEK + 20 * HOUR) /* 20:00 UTC */

static struct event choice(uint32_t title, int64_t at_ms)
{
    struct event e;
    event_init(&e);
    e.kind = EVENT_START;
    e.title_id.v = title;
    e.at_ms = at_ms;
    e.context.offset_min = OFFSET_NONE;
    return e;
}

static country_code code_of(const char *two)
{
    country_code c;
    assert_true(country_from(str_of(two), &c));
    return c;
}

static void feed(struct trend *t, struct event e, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        assert_ok(trend_feed(t, &e, &test_err));
}

static struct trend *new_trend(void)
{
    struct trend *t;
    assert_ok(trend_new(&t, &test_err));
    return t;
}

static void all_scores(const struct trend *t, int64_t at_ms, const struct context *c, uint32_t n,
                       float *ret)
{
    uint32_t *chosen = calloc(n, sizeof(*chosen));
    assert_non_null(chosen);
    trend_read(t, at_ms, c, n, ret, chosen);
    free(chosen);
}

static const struct context nowhere = {.offset_min = OFFSET_NONE};

static float score(const struct trend *t, uint32_t title, int64_t at_ms, const struct context *c)
{
    float s[64];
    assert_true(title < 64);
    all_scores(t, at_ms, c, 64, s);
    return s[title];
}

static void weights_halve_by_week(void **state)
{
    (void)state;
    struct trend *t = new_trend();
    assert_true(score(t, 1, NOW, &nowhere) == 0.0f);
    for (uint32_t age = 0; age < 7; age++)
        feed(t, choice(age, NOW - age * WEEK), 16);
    feed(t, choice(10, NOW - 60 * WEEK), 16);
    static const float expected[] = {16, 8, 4, 2, 1, 1, 1};
    for (uint32_t age = 0; age < 7; age++)
        assert_true(score(t, age, NOW, &nowhere) == expected[age]);
    assert_true(score(t, 10, NOW, NULL) == 1.0f);
    /* A week later, and long after; a week before, when this week's counts are new. */
    assert_true(score(t, 0, NOW + WEEK, &nowhere) == 8.0f);
    assert_true(score(t, 3, NOW + WEEK, &nowhere) == 1.0f);
    assert_true(score(t, 0, NOW + 50 * WEEK, &nowhere) == 1.0f);
    assert_true(score(t, 0, NOW - WEEK, &nowhere) == 16.0f);
    assert_true(score(t, 1, NOW - WEEK, &nowhere) == 16.0f);
    assert_true(score(t, 2, NOW - WEEK, &nowhere) == 8.0f);
    trend_free(t);
}

static void only_choices_count(void **state)
{
    (void)state;
    struct trend *t = new_trend();
    static const struct {
        enum event_kind kind;
        float value;
        float counts;
    } kinds[] = {
        {EVENT_START, NAN, 1},      {EVENT_COMPLETE, NAN, 1}, {EVENT_LIST_ADD, NAN, 1},
        {EVENT_RATING, 2.5f, 1},    {EVENT_RATING, 2.0f, 0},  {EVENT_THUMB, 1, 1},
        {EVENT_THUMB, 2, 1},        {EVENT_THUMB, -1, 0},     {EVENT_PROGRESS, NAN, 0},
        {EVENT_CLICK, NAN, 0},      {EVENT_HIDE, NAN, 0},     {EVENT_STOP, NAN, 0},
        {EVENT_IMPRESSION, NAN, 0}, {EVENT_CUSTOM, NAN, 0},
    };
    enum { N = sizeof(kinds) / sizeof(kinds[0]) };
    for (uint32_t i = 0; i < N; i++) {
        struct event e = choice(i, NOW);
        e.kind = kinds[i].kind;
        e.value = kinds[i].value;
        e.scale = 5;
        feed(t, e, 1);
    }
    for (uint32_t i = 0; i < N; i++)
        assert_true(score(t, i, NOW, &nowhere) == kinds[i].counts);
    size_t before = trend_memory(t);
    feed(t, choice(ID_NONE, NOW), 1);
    feed(t, choice(1024 * 4096, NOW), 1);
    assert_int_equal(trend_memory(t), before);
    feed(t, choice(1024 * 4096 - 1, NOW), 1); /* the last there is */
    assert_true(trend_memory(t) > before);
    unsigned parts;
    assert_int_equal(trend_count(t, (struct title_id){1024 * 4096 - 1}, NOW, &nowhere, &parts), 1);
    assert_int_equal(trend_count(t, (struct title_id){1024 * 4096}, NOW, &nowhere, &parts), 0);
    assert_int_equal(trend_count(t, (struct title_id){ID_NONE}, NOW, &nowhere, &parts), 0);
    trend_free(t);
}

/* lift = (count + 10) / (expected + 10), worked out by hand. */
static void lifts_are_shrunk(void **state)
{
    (void)state;
    struct trend *t = new_trend();
    struct event e = choice(1, NOW);
    feed(t, e, 60);
    e.context.device = DEVICE_PHONE;
    feed(t, e, 40); /* title 1: 100, 40 of them on phones */
    e = choice(2, NOW);
    feed(t, e, 100); /* title 2: 100, none; a fifth of all are on phones */
    const struct context phone = {.offset_min = OFFSET_NONE, .device = DEVICE_PHONE};
    assert_true(fabsf(score(t, 1, NOW, &phone) - 100.0f * 50.0f / 30.0f) < 1e-3f);
    assert_true(fabsf(score(t, 2, NOW, &phone) - 100.0f * 10.0f / 30.0f) < 1e-3f);
    assert_true(score(t, 1, NOW, &nowhere) == 100.0f);
    const struct context tv = {.offset_min = OFFSET_NONE, .device = DEVICE_TV};
    assert_true(score(t, 1, NOW, &tv) == 100.0f); /* nothing known of that device: no lift */
    /* Country and hour multiply on top. */
    e = choice(2, NOW);
    e.context.country = code_of("FR");
    e.context.offset_min = 0;
    feed(t, e, 200);
    const struct context all = {.offset_min = 0, .device = DEVICE_PHONE, .country = code_of("FR")};
    float phones = (0 + 10.0f) / (300.0f * 0.1f + 10.0f),
          there = (200 + 10.0f) / (300.0f * 0.5f + 10.0f);
    assert_true(fabsf(score(t, 2, NOW, &all) - 300.0f * phones * there * there) < 0.1f);
    trend_free(t);
}

static void counts_name_the_narrowest_part(void **state)
{
    (void)state;
    struct trend *t = new_trend();
    struct event e = choice(1, NOW);
    e.context = (struct context){.offset_min = 0, .device = DEVICE_TV, .country = code_of("DE")};
    feed(t, e, 4);
    unsigned parts = 99;
    assert_int_equal(trend_count(t, (struct title_id){1}, NOW, &e.context, &parts), 4);
    assert_int_equal(parts, 0);
    struct event tv = choice(2, NOW);
    tv.context.device = DEVICE_TV;
    feed(t, tv, 50);
    struct event at_home = choice(1, NOW - WEEK);
    at_home.context.country = code_of("DE");
    feed(t, at_home, 6);
    assert_int_equal(trend_count(t, (struct title_id){1}, NOW, &e.context, &parts), 10);
    assert_int_equal(parts, TREND_COUNTRY);
    assert_int_equal(trend_count(t, (struct title_id){2}, NOW, &e.context, &parts), 50);
    assert_int_equal(parts, TREND_DEVICE);
    assert_int_equal(trend_count(t, (struct title_id){1}, NOW, NULL, &parts), 10);
    assert_int_equal(parts, 0);
    assert_int_equal(trend_count(t, (struct title_id){1}, NOW + 3 * WEEK, &e.context, &parts), 4);
    assert_int_equal(trend_count(t, (struct title_id){1}, NOW + 4 * WEEK, &e.context, &parts), 0);
    trend_free(t);
}

enum { MANY = 3000, TITLES = 64 };

static struct event random_choice(struct rng *r, unsigned countries)
{
    struct event e =
        choice((uint32_t)(rng_below(r, TITLES) * rng_below(r, TITLES) / TITLES),
               NOW - (int64_t)rng_below(r, 12) * WEEK + (int64_t)rng_below(r, (uint64_t)WEEK));
    if (rng_below(r, 20) == 0)
        e.at_ms = -e.at_ms; /* before 1970 */
    uint64_t c = rng_below(r, countries + 1);
    e.context.device = (uint8_t)rng_below(r, DEVICES);
    if (c)
        e.context.country = (country_code)(('A' + c % 26) << 8 | ('A' + c / 26 * 3));
    e.context.offset_min = rng_below(r, 3) ? (int16_t)(60 * (int)rng_below(r, 12)) : OFFSET_NONE;
    return e;
}

/* Any order of arrival ends in the same scores and counts, with more countries than there are tables too. */
static void order_does_not_matter(void **state)
{
    (void)state;
    static struct event events[MANY];
    uint64_t seed = test_seed();
    for (size_t round = 0, rounds = test_rounds(40); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        unsigned countries = round % 2 ? 200 : 30;
        struct trend *a = new_trend(), *b = new_trend();
        for (size_t i = 0; i < MANY; i++) {
            events[i] = random_choice(&r, countries);
            feed(a, events[i], 1);
        }
        for (size_t i = MANY; i-- > 0;) {
            size_t j = rng_below(&r, i + 1);
            struct event e = events[j];
            events[j] = events[i];
            feed(b, e, 1);
        }
        for (int q = 0; q < 60; q++) {
            struct event ask = random_choice(&r, countries);
            float x[TITLES], y[TITLES];
            uint32_t chosen[TITLES];
            trend_read(a, ask.at_ms, &ask.context, TITLES, x, chosen);
            all_scores(b, ask.at_ms, &ask.context, TITLES, y);
            unsigned p1, p2;
            for (uint32_t i = 0; i < TITLES; i++) {
                uint32_t n = trend_count(a, (struct title_id){i}, ask.at_ms, &ask.context, &p1);
                if (trend_chosen_count(chosen[i]) != n || trend_chosen_parts(chosen[i]) != p1)
                    fail_msg("seed %llu round %zu title %u: chosen %u times by one way, %u by the "
                             "other",
                             (unsigned long long)seed, round, i, trend_chosen_count(chosen[i]), n);
            }
            uint32_t c1 = trend_count(a, ask.title_id, ask.at_ms, &ask.context, &p1);
            uint32_t c2 = trend_count(b, ask.title_id, ask.at_ms, &ask.context, &p2);
            if (memcmp(x, y, sizeof(x)) != 0 || c1 != c2 || p1 != p2)
                fail_msg("seed %llu round %zu: the order of events shows", (unsigned long long)seed,
                         round);
        }
        trend_free(a);
        trend_free(b);
    }
}

/* Against counting by hand over the list of events. */
static void scores_are_the_definition(void **state)
{
    (void)state;
    static struct event events[MANY];
    uint64_t seed = test_seed();
    for (size_t round = 0, rounds = test_rounds(20); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        struct trend *t = new_trend();
        int64_t newest = INT64_MIN;
        for (size_t i = 0; i < MANY; i++) {
            events[i] = random_choice(&r, 40);
            int64_t week = (int64_t)floor((double)events[i].at_ms / (double)WEEK);
            newest = week > newest ? week : newest;
            feed(t, events[i], 1);
        }
        struct event ask = random_choice(&r, 40);
        int64_t at = (newest + (int64_t)rng_below(&r, 3)) * WEEK + 20 * HOUR;
        double all = 0, parts[3] = {0}, title[TITLES] = {0}, in[TITLES][3] = {{0}};
        for (size_t i = 0; i < MANY; i++) {
            int64_t week = (int64_t)floor((double)events[i].at_ms / (double)WEEK),
                    age = at / WEEK - week;
            double w = newest - week >= 4 || age > 3 ? 1.0 / 16 : 1.0 / (1 << (age < 0 ? 0 : age));
            enum daypart d = daypart_at(events[i].at_ms, events[i].context.offset_min);
            bool same[3] = {ask.context.country && events[i].context.country == ask.context.country,
                            d != DAYPART_NONE && d == daypart_at(at, ask.context.offset_min),
                            ask.context.device && events[i].context.device == ask.context.device};
            all += w;
            title[events[i].title_id.v] += w;
            for (int p = 0; p < 3; p++) {
                parts[p] += same[p] ? w : 0;
                in[events[i].title_id.v][p] += same[p] ? w : 0;
            }
        }
        float got[TITLES + 1] = {[TITLES - 1] = 7.0f, [TITLES] = 7.0f};
        all_scores(t, at, &ask.context, TITLES - 1, got);
        assert_true(got[TITLES - 1] == 7.0f); /* nothing else is touched */
        for (int i = 0; i < TITLES - 1; i++) {
            double expected = title[i];
            for (int p = 0; p < 3; p++)
                expected *= (in[i][p] + 10) / (title[i] * parts[p] / all + 10);
            if (fabs(expected - (double)got[i]) > 1e-4 * (1 + expected))
                fail_msg("seed %llu round %zu title %d: %g instead of %g", (unsigned long long)seed,
                         round, i, (double)got[i], expected);
        }
        trend_free(t);
    }
}

static void assert_same(const struct trend *a, const struct trend *b, struct rng *r)
{
    for (int q = 0; q < 30; q++) {
        struct event ask = random_choice(r, 200);
        float x[TITLES], y[TITLES];
        uint32_t m[TITLES], n[TITLES];
        trend_read(a, ask.at_ms, &ask.context, TITLES, x, m);
        trend_read(b, ask.at_ms, &ask.context, TITLES, y, n);
        assert_memory_equal(x, y, sizeof(x));
        assert_memory_equal(m, n, sizeof(m));
    }
}

/* Kept as bytes and taken up again, counters go on as if nothing had been; fewer bytes are refused. */
static void bytes_give_them_again(void **state)
{
    (void)state;
    struct rng r;
    struct buf b;
    rng_seed(&r, test_seed());
    buf_init(&b, 1 << 20);
    for (size_t round = 0; round < test_rounds(10); round++) {
        struct trend *a = new_trend(), *again;
        size_t n = rng_below(&r, MANY);
        for (size_t i = 0; i < n; i++)
            feed(a, random_choice(&r, 200), 1);
        buf_reset(&b);
        trend_encode(a, &b);
        assert_false(b.failed);
        assert_ok(trend_decode(buf_str(&b), &again, &test_err));
        assert_same(a, again, &r);
        for (size_t i = 0; i < 500; i++) {
            struct event e = random_choice(&r, 200);
            feed(a, e, 1);
            feed(again, e, 1);
        }
        assert_same(a, again, &r);
        trend_free(again);
        trend_free(a);
        for (size_t cut = 0; cut < b.n; cut += 1 + b.n / 40)
            assert_fails(MQ_CORRUPT, trend_decode((struct str){b.p, cut}, &again, &test_err));
        b.p[0] = 3;
        assert_fails(MQ_VERSION, trend_decode(buf_str(&b), &again, &test_err));
    }
    buf_release(&b);
}

/* Titles far apart, at the borders of blocks and chunks. */
static void growing(void **state)
{
    (void)state;
    static const uint32_t titles[] = {0, 255, 256, 4095, 4096, 4097, 12287, 20000};
    enum { N = 20001 };
    struct trend *t = new_trend();
    for (unsigned i = 8; i-- > 0;)
        feed(t, choice(titles[i], NOW), i + 1);
    float *s = malloc(N * sizeof(*s));
    assert_non_null(s);
    all_scores(t, NOW, &nowhere, N, s);
    double sum = 0;
    for (uint32_t i = 0; i < N; i++)
        sum += (double)s[i];
    assert_true(sum == 36.0);
    for (unsigned i = 0; i < 8; i++)
        assert_true(s[titles[i]] == (float)(i + 1));
    free(s);
    trend_free(t);
}

struct shared {
    struct trend *t;
    atomic_bool done, broken;
    atomic_ulong asked;
};

static void *reader(void *arg)
{
    struct shared *s = arg;
    float *scores = malloc(9000 * sizeof(*scores));
    struct context c = {.offset_min = 60, .device = DEVICE_TV, .country = 'U' << 8 | 'S'};
    while (!atomic_load(&s->done)) {
        unsigned parts;
        all_scores(s->t, NOW, &c, 9000, scores);
        bool sane = trend_count(s->t, (struct title_id){3}, NOW, &c, &parts) <= MANY * 20;
        for (int i = 0; i < 9000; i++)
            sane = sane && scores[i] >= 0 && scores[i] < 1e9f;
        if (!sane)
            atomic_store(&s->broken, true);
        atomic_fetch_add(&s->asked, 1);
    }
    free(scores);
    return NULL;
}

/* One feeds while others read: weeks begin, countries are displaced, chunks are added. */
static void readers_need_no_lock(void **state)
{
    (void)state;
    struct shared s = {.t = new_trend()};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, &s), 0);
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t i = 0; i < MANY * 4 || atomic_load(&s.asked) < 20; i++) {
        struct event e = random_choice(&r, i < 2000 ? 30 : 200);
        e.at_ms = NOW - WEEK * 20 + (int64_t)i * WEEK / 500;
        e.title_id.v += (uint32_t)(i / 1000) * 700;
        feed(s.t, e, 1);
    }
    atomic_store(&s.done, true);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_false(atomic_load(&s.broken));
    trend_free(s.t);
}

static void a_title_has_a_history(void **state)
{
    struct trend *t = new_trend();
    struct trend_history h;
    (void)state;
    assert_false(trend_history(t, (struct title_id){3}, &h));
    for (unsigned age = 0; age < 7; age++)
        feed(t, choice(3, NOW - age * WEEK), age + 1);
    struct event e = choice(3, NOW);
    e.context.device = DEVICE_TV;
    feed(t, e, 10);
    feed(t, choice(2, NOW), 5); /* the other half of the word */
    assert_true(trend_history(t, (struct title_id){3}, &h));
    assert_int_equal(h.newest_ms, NOW / WEEK * WEEK);
    const uint64_t weeks[] = {11, 2, 3, 4};
    for (unsigned i = 0; i < TREND_HISTORY_WEEKS; i++)
        assert_int_equal(h.weeks[i], weeks[i]);
    assert_int_equal(h.older, 5 + 6 + 7);
    assert_int_equal(h.devices[DEVICE_TV], 10);
    assert_int_equal(h.devices[DEVICE_PHONE], 0);
    assert_true(trend_history(t, (struct title_id){70000}, &h));
    assert_int_equal(h.weeks[0], 0);
    trend_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_title_has_a_history),
        cmocka_unit_test(weights_halve_by_week),
        cmocka_unit_test(only_choices_count),
        cmocka_unit_test(lifts_are_shrunk),
        cmocka_unit_test(counts_name_the_narrowest_part),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(scores_are_the_definition),
        cmocka_unit_test(bytes_give_them_again),
        cmocka_unit_test(growing),
        cmocka_unit_test(readers_need_no_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
