/* What rises in a place: found where it is and nowhere else, soon, and not where nothing rises. */
#include "support/check.h"

#include <math.h>

#include "base/hash.h"
#include "base/rng.h"
#include "profile/rising_bar.h"
#include "profile/trend.h"
#include "profile/trend_codec.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define START (INT64_C(2930) * 7 * DAY)

enum { TITLES = 300 };

static const char *const regions[] = {"London", "Leeds", ""};

static struct event choice(uint32_t title, uint32_t viewer, int64_t at_ms, const char *country,
                           const char *region)
{
    struct event e;
    event_init(&e);
    e.kind = EVENT_START;
    e.title_id.v = title;
    e.viewer_id.v = viewer;
    e.at_ms = at_ms;
    e.context.offset_min = 0;
    assert_true(country_from(str_of(country), &e.context.country));
    e.context.region = str_of(region);
    return e;
}

static struct trend *new_trend(void)
{
    struct trend *t;
    assert_ok(trend_new(&t, &test_err));
    assert_ok(trend_watch_rising(t, &test_err));
    return t;
}

static size_t read_in(const struct trend *t, int64_t at_ms, const char *country, const char *region,
                      struct rising_title *ret)
{
    country_code code;
    assert_true(country_from(str_of(country), &code));
    return trend_rising(t, at_ms, code, str_of(region), ret);
}

/* Starts a minute at an hour: few at night, many in the evening; evenings differ. */
static double rate(double busiest, int64_t at_ms)
{
    double hour = (double)(at_ms % DAY) / (double)HOUR;
    double day = 0.7 + 0.6 * (double)(hash64(&(int64_t){at_ms / DAY}, 8, 1) % 1000) / 1000;
    return busiest * day * (0.1 + 0.9 * exp(-pow((hour - 20) / 4, 2)));
}

/* The titles' shares fall with their rank; the ranks of the evening are others than those of the day. */
static uint32_t draw_title(struct rng *r, int64_t at_ms)
{
    double u = rng_double(r);
    uint32_t rank = (uint32_t)(TITLES * u * u * u);
    bool evening = at_ms % DAY >= 17 * HOUR && at_ms % DAY < 22 * HOUR;
    return evening ? TITLES - 1 - rank : rank;
}

struct world {
    struct trend *t;
    struct rng rng;
    double busiest;
    uint32_t burst; /* title; ID_NONE: none */
};

/* One minute of GB (two regions) and of US. */
static void live(struct world *w, int64_t at_ms)
{
    uint64_t n = rng_poisson(&w->rng, 2 * rate(w->busiest, at_ms));
    for (uint64_t i = 0; i < n; i++) {
        bool gb = rng_below(&w->rng, 2) == 0;
        bool caught = gb && w->burst != ID_NONE && rng_double(&w->rng) < 0.3;
        uint32_t title = caught ? w->burst : draw_title(&w->rng, at_ms);
        struct event e = choice(title, (uint32_t)rng_below(&w->rng, 100000),
                                at_ms + (int64_t)rng_below(&w->rng, (uint64_t)MINUTE),
                                gb ? "GB" : "US", gb ? regions[rng_below(&w->rng, 2)] : "");
        assert_ok(trend_feed(w->t, &e, &test_err));
    }
}

/* Whether something rises there that did not a minute ago. */
static size_t begins(const struct trend *t, int64_t at_ms, const char *country, const char *region)
{
    struct rising_title now[RISING_MAX];
    return read_in(t, at_ms, country, region, now) > 0 &&
           read_in(t, at_ms - MINUTE, country, region, now) == 0;
}

/* Delays of bursts at 20:00, and false alarms of many days without any. Fails when what is expected does not follow how much
 * is chosen in the place at the moment. */
static void found_soon_and_seldom_wrongly(void **state)
{
    (void)state;
    const size_t rounds = test_rounds(4), days = 12;
    size_t alarms = 0, soon = 0, place_days = 0;
    for (size_t round = 0; round < rounds; round++) {
        struct world w = {.t = new_trend(), .busiest = 12, .burst = ID_NONE};
        struct rising_title now[RISING_MAX];
        int64_t at = START, found = -1;
        rng_seed_stream(&w.rng, test_seed(), round);
        for (; at < START + (int64_t)days * DAY + 20 * HOUR; at += MINUTE) {
            live(&w, at);
            if (at < START + 2 * DAY)
                continue;
            alarms += begins(w.t, at + MINUTE - 1, "GB", "");
            alarms += begins(w.t, at + MINUTE - 1, "US", "");
            alarms += begins(w.t, at + MINUTE - 1, "GB", "Leeds");
        }
        place_days += 3 * (days - 2);
        w.burst = (uint32_t)rng_below(&w.rng, TITLES);
        for (int64_t from = at; at < from + 5 * MINUTE && found < 0; at += MINUTE) {
            live(&w, at);
            size_t n = read_in(w.t, at + MINUTE - 1, "GB", "", now);
            if (n > 0 && now[0].title.v == w.burst)
                found = at + MINUTE - from;
            assert_int_equal(read_in(w.t, at + MINUTE - 1, "US", "", now), 0);
        }
        soon += found >= 0;
        trend_free(w.t);
    }
    /* The bound is 0.25 a day; what comes and goes counts each time. */
    if (alarms > place_days / 5 || soon < rounds)
        fail_msg("seed %llu: %zu false alarms in %zu days, %zu of %zu bursts found in 5 "
                 "minutes",
                 (unsigned long long)test_seed(), alarms, place_days, soon, rounds);
}

/* A quiet past of GB: ten titles, one choice of each in ten minutes, for three days. */
static struct trend *quiet(void)
{
    struct trend *t = new_trend();
    for (int64_t at = START; at < START + 3 * DAY; at += MINUTE) {
        uint32_t i = (uint32_t)(at / MINUTE);
        struct event e = choice(i % 10, i, at, "GB", "London");
        assert_ok(trend_feed(t, &e, &test_err));
    }
    return t;
}

static void starts(struct trend *t, unsigned n, uint32_t title, bool one_viewer, int64_t at_ms,
                   const char *region)
{
    for (unsigned i = 0; i < n; i++) {
        struct event e =
            choice(title, one_viewer ? 7 : 1000 + i, at_ms + (int64_t)i * 20000, "GB", region);
        assert_ok(trend_feed(t, &e, &test_err));
    }
}

static void of_its_region(void **state)
{
    (void)state;
    struct rising_title now[RISING_MAX];
    struct trend *t = quiet();
    int64_t at = START + 3 * DAY;
    assert_int_equal(read_in(t, at, "GB", "", now), 0);
    starts(t, 10, 40, false, at, "London");
    assert_int_equal(read_in(t, at + 4 * MINUTE, "GB", "London", now), 1);
    assert_int_equal(now[0].title.v, 40);
    assert_int_equal(now[0].chosen, 10);
    assert_true(now[0].usual < 0.1f);
    assert_int_equal(read_in(t, at + 4 * MINUTE, "GB", "", now), 1);
    assert_int_equal(read_in(t, at + 4 * MINUTE, "GB", "Leeds", now), 0);
    assert_int_equal(read_in(t, at + 4 * MINUTE, "FR", "London", now), 0);
    assert_int_equal(read_in(t, at + 4 * MINUTE, "", "", now), 0);
    /* Gone when it is over. */
    assert_int_equal(read_in(t, at + 20 * MINUTE, "GB", "London", now), 0);
    assert_int_equal(read_in(t, at - 20 * MINUTE, "GB", "London", now), 0);
    /* The same again and again by one viewer, and too few, are none. */
    starts(t, 30, 41, true, at + HOUR, "London");
    starts(t, RISING_VIEWERS - 1, 42, false, at + HOUR, "London");
    assert_int_equal(read_in(t, at + HOUR + 10 * MINUTE, "GB", "London", now), 0);
    /* Where nothing is known of the past, nothing rises. */
    starts(t, 30, 5, false, at + 2 * HOUR, "Bath");
    assert_int_equal(read_in(t, at + 2 * HOUR + 9 * MINUTE, "GB", "Bath", now), 0);
    /* A clock ten minutes ahead takes nothing away. */
    starts(t, 10, 43, false, at + 3 * HOUR, "London");
    starts(t, 1, 43, false, at + 3 * HOUR + 13 * MINUTE, "London");
    assert_int_equal(read_in(t, at + 3 * HOUR + 3 * MINUTE, "GB", "London", now), 1);
    trend_free(t);
}

/* All choices of a place at once are no burst of any title. */
static void a_busy_hour_is_none(void **state)
{
    (void)state;
    struct rising_title now[RISING_MAX];
    struct trend *t = quiet();
    int64_t at = START + 3 * DAY;
    for (uint32_t i = 0; i < 400; i++) {
        struct event e = choice(i % 10, 50000 + i, at + i * 1000, "GB", "London");
        assert_ok(trend_feed(t, &e, &test_err));
        assert_int_equal(read_in(t, at + i * 1000, "GB", "", now), 0);
    }
    trend_free(t);
}

static struct event random_choice(struct rng *r)
{
    static const char *const countries[] = {"GB", "US", "FR", ""};
    struct event e = choice((uint32_t)rng_below(r, 400), (uint32_t)rng_below(r, 50),
                            START + (int64_t)rng_below(r, 20 * (uint64_t)DAY),
                            countries[rng_below(r, 4)], regions[rng_below(r, 3)]);
    if (rng_below(r, 10) == 0)
        e.at_ms = START + 20 * DAY + (int64_t)rng_below(r, 40 * (uint64_t)MINUTE);
    e.context.offset_min = rng_below(r, 5) ? 60 : OFFSET_NONE;
    return e;
}

static void same(const struct trend *a, const struct trend *b)
{
    for (int64_t at = START + 20 * DAY - HOUR; at < START + 20 * DAY + 2 * HOUR; at += MINUTE)
        for (unsigned k = 0; k < 9; k++) {
            static const char *const countries[] = {"GB", "US", "FR"};
            struct rising_title x[RISING_MAX], y[RISING_MAX];
            memset(x, 0, sizeof(x));
            memset(y, 0, sizeof(y));
            assert_int_equal(read_in(a, at, countries[k / 3], regions[k % 3], x),
                             read_in(b, at, countries[k / 3], regions[k % 3], y));
            assert_memory_equal(x, y, sizeof(x));
        }
}

static void order_and_bytes(void **state)
{
    (void)state;
    enum { N = 12000 };
    struct event *events = calloc(N, sizeof(*events));
    uint32_t *order = calloc(N, sizeof(*order));
    struct rng r;
    assert_true(events && order);
    for (size_t round = 0; round < test_rounds(3); round++) {
        struct trend *a = new_trend(), *b = new_trend(), *c;
        struct rising_title now[RISING_MAX];
        struct buf bytes, again;
        rng_seed_stream(&r, test_seed(), round);
        for (uint32_t i = 0; i < N; i++) {
            events[i] = random_choice(&r);
            order[i] = i;
        }
        for (uint32_t i = 0; i < 40; i++) { /* something that does rise */
            events[i] = choice(399, i, START + 20 * DAY + 30 * MINUTE + i * 5000, "GB", "Leeds");
            events[N - 1 - i] = choice(398, i, START + 20 * DAY + 33 * MINUTE, "US", "");
        }
        rng_shuffle_u32(&r, order, N);
        for (uint32_t i = 0; i < N; i++) {
            assert_ok(trend_feed(a, &events[i], &test_err));
            assert_ok(trend_feed(b, &events[order[i]], &test_err));
        }
        assert_true(read_in(a, START + 20 * DAY + 33 * MINUTE, "GB", "Leeds", now) > 0);
        same(a, b);
        buf_init(&bytes, 1 << 26);
        buf_init(&again, 1 << 26);
        trend_encode(a, &bytes);
        assert_ok(trend_decode(buf_str(&bytes), &c, &test_err));
        same(a, c);
        trend_encode(c, &again);
        assert_int_equal(bytes.n, again.n);
        assert_memory_equal(bytes.p, again.p, bytes.n);
        for (size_t cut = 0; cut < bytes.n; cut += 1 + bytes.n / 200) {
            struct trend *none = NULL;
            assert_true(trend_decode((struct str){bytes.p, cut}, &none, &test_err) < 0);
        }
        buf_release(&bytes);
        buf_release(&again);
        trend_free(a);
        trend_free(b);
        trend_free(c);
    }
    free(events);
    free(order);
}

/* More places than there is room for: countries before regions, whatever came first. */
static void places_are_limited(void **state)
{
    (void)state;
    struct rising_title now[RISING_MAX];
    struct trend *t = new_trend();
    for (unsigned i = 0; i < 1000; i++) {
        char region[16];
        snprintf(region, sizeof(region), "r%u", i);
        struct event e = choice(i % 10, i, START, "US", region);
        assert_ok(trend_feed(t, &e, &test_err));
    }
    size_t memory = trend_memory(t);
    for (int64_t at = START; at < START + DAY; at += MINUTE) {
        struct event e =
            choice((uint32_t)(at / MINUTE) % 10, (uint32_t)(at / MINUTE), at, "GB", "");
        assert_ok(trend_feed(t, &e, &test_err));
    }
    assert_true(trend_memory(t) < memory + (2 << 20));
    starts(t, 10, 40, false, START + DAY, "");
    assert_int_equal(read_in(t, START + DAY + 4 * MINUTE, "GB", "", now), 1);
    trend_free(t);
}

/* The titles by how often they were chosen are what the cells say, through weeks that begin and events that come late. */
static void bins_follow_the_cells(void **state)
{
    struct rising *x;
    struct rng r;
    (void)state;
    for (unsigned b = 0; b < RISING_BINS; b++)
        assert_int_equal(rising_bin(rising_bin_from(b)), b);
    assert_int_equal(rising_bin(2 * RISING_BASE_MAX), RISING_BINS - 1);
    rng_seed(&r, test_seed());
    assert_ok(rising_new(&x, &test_err));
    for (int i = 0; i < 20000; i++) {
        struct event e = random_choice(&r);
        assert_ok(rising_feed(x, &e, &test_err));
    }
    for (unsigned i = 0; i < RISING_PLACES && x->places[i]; i++) {
        const struct rising_place *p = x->places[i];
        uint32_t count[DAYPARTS][RISING_BINS] = {{0}};
        for (unsigned k = 0; k < 400; k++) {
            const struct rising_chunk *chunk = p->chunks[k / RISING_CHUNK];
            const struct rising_cell *c = chunk ? &chunk->cells[k % RISING_CHUNK] : NULL;
            for (unsigned d = 0; c && c->week > 0 && d < DAYPARTS; d++)
                count[d][rising_bin((uint32_t)c->base[0][d] + c->base[1][d])]++;
        }
        for (unsigned d = 0; d < DAYPARTS; d++)
            for (unsigned b = 0; b < RISING_BINS; b++)
                assert_int_equal(count[d][b], p->alike[d][b]);
    }
    rising_free(x);
}

/* Of a place with rare titles alone the bar is high, with titles that reach three viewers again and again it is low; at a busy moment it is
 * not lower than at an idle one; and always between the two that are known beforehand. */
static void the_bar_follows_the_titles(void **state)
{
    const double window[RISING_WINDOWS] = {1, 2, 3, 5, 8, 12};
    uint32_t rare[RISING_BINS] = {[2] = 300}, common[RISING_BINS] = {[11] = 300};
    struct rising_bars about = rising_bars_about(300);
    double of_rare = rising_bar(rare, 3000, window, 1, about);
    double of_common = rising_bar(common, 3000, window, 1, about);
    (void)state;
    assert_true(about.sure < about.most);
    assert_true(of_rare > 3 * of_common && of_common >= about.sure && of_rare <= about.most);
    for (double busy = 0.05; busy < 10; busy *= 1.3) {
        double now = rising_bar(common, 3000, window, busy, about);
        assert_true(now >= about.sure && now <= about.most);
        assert_true(busy > 1 ? now >= of_common : now <= of_common);
    }
    assert_true(rising_bars_about(3000).sure < about.sure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_follow_the_cells),
        cmocka_unit_test(the_bar_follows_the_titles),
        cmocka_unit_test(of_its_region),
        cmocka_unit_test(a_busy_hour_is_none),
        cmocka_unit_test(order_and_bytes),
        cmocka_unit_test(places_are_limited),
        cmocka_unit_test(found_soon_and_seldom_wrongly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
