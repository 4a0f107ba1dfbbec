/* Settings, determinism, and whether every event makes sense. */
#include "support/check.h"

#include <math.h>

#include "base/hash.h"
#include "sim/sim.h"

static struct sim_settings small(uint64_t seed)
{
    struct sim_settings s = sim_defaults();
    s.viewers = 150;
    s.days = 30;
    s.seed = seed;
    return s;
}

static void test_bad_settings(void **state)
{
    (void)state;
    struct sim_settings bad[12];
    for (size_t i = 0; i < 12; i++)
        bad[i] = sim_defaults();
    bad[0].viewers = 0;
    bad[1].viewers = SIM_VIEWERS_MAX + 1;
    bad[2].titles = SIM_TITLES_MIN - 1;
    bad[3].titles = SIM_TITLES_MAX + 1;
    bad[4].days = 0;
    bad[5].days = SIM_DAYS_MAX + 1;
    bad[6].heartbeat_s = 4;
    bad[7].sessions_per_week = 0;
    bad[8].taste = -1;
    bad[9].context = NAN;
    bad[10].end_ms = INT64_C(86400000);
    bad[11].end_ms = INT64_MAX;
    for (size_t i = 0; i < 12; i++) {
        struct sim *s = NULL;
        assert_fails(MQ_INVALID, sim_check(&bad[i], &test_err));
        assert_fails(MQ_INVALID, sim_new(&bad[i], &s, &test_err));
        assert_null(s);
    }
    struct sim_settings good = sim_defaults();
    assert_ok(sim_check(&good, &test_err));
    assert_int_equal(good.end_ms, INT64_C(1782777600000));
}

/* Everything an event says, mixed into one number. */
static uint64_t mix(uint64_t h, const struct event *e, struct str timezone)
{
    h = hash_mix(h, hash_str(e->id, 1));
    h = hash_mix(h, hash_str(e->title, (uint64_t)e->kind));
    h = hash_mix(h, hash_str(e->session, (uint64_t)e->at_ms));
    h = hash_mix(h, hash_str(e->query, (uint64_t)e->position_ms));
    h = hash_mix(h, hash_str(e->recommendation, (uint64_t)e->from_ms));
    h = hash_mix(h, hash_str(timezone, e->context.device));
    for (uint32_t i = 0; i < e->n_items; i++)
        h = hash_mix(h, hash_str(e->items[i].title, e->items[i].column));
    return h;
}

static uint64_t digest(const struct sim_settings *settings, uint64_t *ret_n)
{
    struct sim *s = NULL;
    struct event e;
    uint64_t h = 0;
    int rc;
    assert_ok(sim_new(settings, &s, &test_err));
    *ret_n = 0;
    while ((rc = sim_next(s, &e, &test_err)) > 0) {
        h = mix(h, &e, sim_timezone(s));
        (*ret_n)++;
    }
    assert_ok(rc);
    assert_int_equal(sim_next(s, &e, &test_err), 0);
    sim_free(s);
    return h;
}

static void test_same_seed_same_world(void **state)
{
    (void)state;
    struct sim_settings a = small(test_seed()), b = small(test_seed() + 1);
    uint64_t n1, n2, n3;
    uint64_t first = digest(&a, &n1), again = digest(&a, &n2), other = digest(&b, &n3);
    assert_true(n1 > 5000);
    assert_int_equal(n1, n2);
    assert_true(first == again);
    assert_true(first != other);
}

/* A viewer's life does not depend on how many others there are. */
static void test_viewers_draw_from_their_own_streams(void **state)
{
    (void)state;
    struct sim_settings few = small(3), many = small(3);
    few.viewers = 40;
    struct sim *a = NULL, *b = NULL;
    assert_ok(sim_new(&few, &a, &test_err));
    assert_ok(sim_new(&many, &b, &test_err));
    struct event x, y;
    unsigned n = 0;
    while (sim_next(a, &x, &test_err) > 0) {
        do {
            assert_int_equal(sim_next(b, &y, &test_err), 1);
        } while (y.viewer_id.v >= few.viewers);
        assert_int_equal(x.at_ms, y.at_ms);
        assert_int_equal(x.viewer_id.v, y.viewer_id.v);
        assert_int_equal(x.kind, y.kind);
        assert_true(str_eq(x.title, y.title));
        n++;
    }
    assert_true(n > 1000);
    sim_free(a);
    sim_free(b);
}

/* Where a viewer's playback session stands. */
struct watching {
    char session[32];
    int64_t at_ms, position_ms;
    uint32_t title;
    bool open;
};

static void check_playback(const struct sim *s, struct watching *w, const struct event *e)
{
    int64_t runtime_ms = sim_title(s, e->title_id.v)->runtime_min * INT64_C(60000);
    assert_true(e->position_ms >= 0 && e->position_ms <= runtime_ms);
    if (e->kind == EVENT_START) {
        assert_false(w->open);
        snprintf(w->session, sizeof(w->session), "%.*s", STR_ARG(e->session));
        w->title = e->title_id.v;
        w->open = true;
        assert_true(e->autoplay == 0 || e->autoplay == 1);
    } else {
        assert_true(w->open); /* nothing before start, nothing after stop or complete */
        assert_str(w->session, e->session);
        assert_int_equal(w->title, e->title_id.v);
        assert_true(e->at_ms >= w->at_ms);
        int64_t before = e->kind == EVENT_SEEK ? e->from_ms : e->position_ms;
        int64_t moved = before - w->position_ms;
        assert_true(moved >= 0 && moved <= e->at_ms - w->at_ms + 2); /* no faster than the clock */
    }
    w->at_ms = e->at_ms;
    w->position_ms = e->position_ms;
    if (e->kind == EVENT_STOP || e->kind == EVENT_COMPLETE)
        w->open = false;
    if (e->kind == EVENT_COMPLETE)
        assert_true(e->position_ms * 10 >= runtime_ms * 9);
}

static void check_items(const struct event *e)
{
    assert_true(e->n_items > 0 && e->recommendation.n > 0);
    unsigned logged = 0;
    for (uint32_t i = 0; i < e->n_items; i++) {
        for (uint32_t k = 0; k < i; k++) {
            assert_true(e->items[i].title_id.v != e->items[k].title_id.v);
            assert_true(e->items[i].row != e->items[k].row ||
                        e->items[i].column != e->items[k].column);
        }
        logged += !isnan(e->items[i].propensity);
    }
    assert_true(logged >= 4);
}

static void test_every_event_makes_sense(void **state)
{
    (void)state;
    struct sim_settings settings = small(test_seed());
    settings.viewers = 300;
    settings.titles = 700;
    settings.heartbeat_s = 60;
    struct sim *s = NULL;
    struct event e;
    int rc;
    assert_ok(sim_new(&settings, &s, &test_err));
    struct watching *watching = calloc(settings.viewers, sizeof(*watching));
    unsigned kinds[EVENT_KINDS] = {0}, autoplay = 0, resumed = 0;
    int64_t last = sim_start_ms(s);
    while ((rc = sim_next(s, &e, &test_err)) > 0) {
        assert_ok(event_check(&e, settings.end_ms, &test_err));
        assert_true(e.at_ms >= last && e.at_ms < settings.end_ms);
        last = e.at_ms;
        kinds[e.kind]++;
        assert_true(e.context.country != 0 && e.context.device != DEVICE_NONE);
        if (event_kind_is_playback(e.kind))
            check_playback(s, &watching[e.viewer_id.v], &e);
        if (e.kind == EVENT_IMPRESSION)
            check_items(&e);
        if (e.kind == EVENT_SEARCH)
            assert_true(e.query.n > 0 && e.results > 0 && e.chosen.n > 0);
        autoplay += e.autoplay == 1;
        resumed += e.kind == EVENT_START && e.position_ms > 0;
        /* A title is not shown, found or watched before it came. */
        if (e.title.n > 0 && e.title_id.v < sim_real_titles(s) &&
            sim_title(s, e.title_id.v)->release_day != TITLE_NO_DATE)
            assert_true(sim_title(s, e.title_id.v)->release_day * INT64_C(86400000) <= e.at_ms);
    }
    assert_ok(rc);
    static const enum event_kind expected[] = {
        EVENT_IMPRESSION, EVENT_CLICK,    EVENT_START,    EVENT_PLAY,
        EVENT_PAUSE,      EVENT_SEEK,     EVENT_PROGRESS, EVENT_BUFFER_START,
        EVENT_BUFFER_END, EVENT_STOP,     EVENT_COMPLETE, EVENT_RATING,
        EVENT_THUMB,      EVENT_LIST_ADD, EVENT_HIDE,     EVENT_SEARCH};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(kinds[expected[i]] > 0);
    assert_true(autoplay > 0 && resumed > 0);
    free(watching);
    sim_free(s);
}

static void test_default_world_is_light(void **state)
{
    (void)state;
    struct sim_settings settings = sim_defaults();
    uint64_t n;
    digest(&settings, &n);
    assert_true(n > 200000 && n <= 400000);
}

static void test_preference_is_bounded_by_what_exists(void **state)
{
    (void)state;
    struct sim_settings settings = small(1);
    struct sim *s = NULL;
    assert_ok(sim_new(&settings, &s, &test_err));
    assert_true(isfinite(sim_preference(s, 0, 0)));
    assert_true(isnan(sim_preference(s, settings.viewers, 0)));
    assert_true(isnan(sim_preference(s, 0, settings.titles)));
    sim_free(s);
    sim_free(NULL);
}

/* The corners of what settings allow: whatever comes out is valid and ends. */
static void test_extremes(void **state)
{
    (void)state;
    static const struct {
        uint32_t viewers, titles, days, heartbeat_s;
        double sessions, taste, context;
    } corners[] = {
        {1, SIM_TITLES_MIN, 1, 5, 50, 4, 4},
        {30, SIM_TITLES_MIN, 40, 3600, 50, 4, 0},
        {30, 521, 3, 5, 50, 0, 4},
        {5, 3000, 400, 600, 0.01, 1, 1},
        {2000, SIM_TITLES_MIN, 1, 600, 1, 0, 0},
    };
    for (size_t i = 0; i < sizeof(corners) / sizeof(corners[0]); i++) {
        struct sim_settings settings = sim_defaults();
        struct sim *s = NULL;
        struct event e;
        int rc;
        settings.viewers = corners[i].viewers;
        settings.titles = corners[i].titles;
        settings.days = corners[i].days;
        settings.heartbeat_s = corners[i].heartbeat_s;
        settings.sessions_per_week = corners[i].sessions;
        settings.taste = corners[i].taste;
        settings.context = corners[i].context;
        assert_ok(sim_new(&settings, &s, &test_err));
        int64_t last = sim_start_ms(s);
        while ((rc = sim_next(s, &e, &test_err)) > 0) {
            assert_ok(event_check(&e, settings.end_ms, &test_err));
            assert_true(e.at_ms >= last && e.at_ms < settings.end_ms);
            last = e.at_ms;
        }
        assert_ok(rc);
        sim_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_settings),
        cmocka_unit_test(test_same_seed_same_world),
        cmocka_unit_test(test_viewers_draw_from_their_own_streams),
        cmocka_unit_test(test_every_event_makes_sense),
        cmocka_unit_test(test_default_world_is_light),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_preference_is_bounded_by_what_exists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
