/* Forecasts of concepts in a world whose rules are known; decay from launches; what is refused. */
#include "support/check.h"

#include <math.h>

#include "planted_titles.h"
#include "strategy/decay.h"
#include "strategy/forecast.h"

enum { TITLES = 150 };

struct world {
    struct strategy_data *d;
    struct pool *pool;
    struct arena arena;
};

static void open_world(struct world *w, uint32_t titles)
{
    w->d = planted_titles(titles, test_seed());
    assert_ok(pool_new(2, &w->pool, &test_err));
    assert_int_equal(arena_init(&w->arena, 1 << 16, 64 << 20), 0);
}

static void close_world(struct world *w)
{
    arena_release(&w->arena);
    pool_free(w->pool);
    strategy_data_free(w->d);
}

static struct str drama = STR("Drama");

/* A drama of 2005 by these people; names as somebody types them. */
static struct concept concept_of(struct credit credits[2], const char *director, const char *lead)
{
    struct concept c = {.cost = NAN, .value_per_hour = NAN};

    credits[0] = (struct credit){
        .person = str_of(director), .role = ROLE_DIRECTOR, .billing = 1, .person_id = {ID_NONE}};
    credits[1] = (struct credit){
        .person = str_of(lead), .role = ROLE_ACTOR, .billing = 1, .person_id = {ID_NONE}};
    title_init(&c.title);
    c.title.name = STR("The Concept");
    c.title.year = 2005;
    c.title.genres = &drama;
    c.title.n_genres = 1;
    c.title.credits = credits;
    c.title.n_credits = 2;
    c.title.has_credits = true;
    return c;
}

static void people_raise_it(void **state)
{
    (void)state;
    struct world w;
    struct credit credits[2];
    struct mq_forecast much, little;

    open_world(&w, TITLES);
    struct concept c = concept_of(credits, "PERSON 22", "person-23");
    c.cost = 1;
    c.value_per_hour = 1;
    assert_ok(forecast_make(w.d, &c, 1, w.pool, &w.arena, &much, &test_err));
    assert_false(much.support.refused);
    assert_true(much.support.titles >= FORECAST_SUPPORT_MIN);
    assert_true(much.viewers_all.p10 < much.viewers_all.p50 &&
                much.viewers_all.p50 < much.viewers_all.p90);
    assert_true(much.viewers_28d.p50 <= much.viewers_90d.p50 &&
                much.viewers_90d.p50 <= much.viewers_all.p50 * 1.000001);
    assert_true(much.break_even > 0.9);
    assert_int_equal(much.n_attribution, 3); /* two people, one genre */
    assert_true(much.attribution[0].factor > 1 && much.attribution[1].factor > 1);
    assert_true(much.attribution[1].low <= much.attribution[1].factor &&
                much.attribution[1].factor <= much.attribution[1].high);
    bool shared = false;
    for (size_t i = 0; i < much.n_comparables; i++)
        for (size_t k = 0; k < much.comparables[i].n_ways; k++)
            shared |= strcmp(much.comparables[i].ways[k], "actor: Person 23") == 0;
    assert_true(shared);
    assert_int_equal(w.d->n_concepts, 0);

    c = concept_of(credits, "Person 2", "Person 1");
    assert_ok(forecast_make(w.d, &c, 1, w.pool, &w.arena, &little, &test_err));
    assert_true(little.viewers_all.p50 < 0.5 * much.viewers_all.p50);
    assert_true(isnan(little.break_even));
    close_world(&w);
}

static void unknown_people_are_refused(void **state)
{
    (void)state;
    struct world w;
    struct credit credits[2];
    struct mq_forecast f;

    open_world(&w, TITLES);
    struct concept c = concept_of(credits, "Nobody", "No One");
    assert_ok(forecast_make(w.d, &c, 1, w.pool, &w.arena, &f, &test_err));
    assert_true(f.support.refused);
    assert_int_equal(f.support.n_unknown, 2);
    assert_string_equal(f.support.unknown[1], "No One");
    assert_non_null(f.support.reason);
    assert_true(isnan(f.viewers_28d.p50) && isnan(f.hours_28d.p10));
    close_world(&w);
}

static void names_of_several_are_listed(void **state)
{
    (void)state;
    struct world w;
    struct credit credits[2];
    struct mq_forecast f;
    struct title t;
    struct credit other = {
        .person = STR("Pérson 22"), .role = ROLE_DIRECTOR, .billing = 1, .person_id = {99}};

    open_world(&w, TITLES);
    title_init(&t);
    t.id = STR("namesake");
    t.title_id.v = 5;
    t.credits = &other;
    t.n_credits = 1;
    t.has_credits = true;
    assert_ok(strategy_data_title(w.d, &t, &test_err));
    struct concept c = concept_of(credits, "Person 22", "Person 23");
    assert_fails(MQ_CONFLICT, forecast_make(w.d, &c, 1, w.pool, &w.arena, &f, &test_err));
    assert_non_null(strstr(test_err.text, "rson 22 ("));
    close_world(&w);
}

static void nothing_to_learn_from(void **state)
{
    (void)state;
    struct world w;
    struct credit credits[2];
    struct mq_forecast f;

    open_world(&w, 0);
    struct concept c = concept_of(credits, "Nobody", "No One");
    assert_fails(MQ_INVALID, forecast_make(w.d, &c, 1, w.pool, &w.arena, &f, &test_err));
    assert_non_null(strstr(test_err.text, "import"));
    close_world(&w);
}

/* Launches at day 100 and later; of 40 viewers 20 come within 28 days, 10 more within 90. */
static struct strategy_data *launches(bool released)
{
    enum { LAUNCHES = 12, VIEWERS = 40 };
    struct strategy_data *d;
    static const int64_t day = 86400000;

    assert_ok(strategy_data_new(&d, &test_err));
    for (uint32_t t = 0; t <= LAUNCHES; t++) {
        struct title title;
        char id[16];
        snprintf(id, sizeof id, "t%u", t);
        title_init(&title);
        title.id = str_of(id);
        title.title_id.v = t;
        title.release_day = t == LAUNCHES ? 0 : released ? (int32_t)(100 + t) : TITLE_NO_DATE;
        assert_ok(strategy_data_title(d, &title, &test_err));
        for (uint32_t v = 0; v < VIEWERS; v++) {
            int64_t after = v < 20 ? v : v < 30 ? 40 + v : 150 + v;
            struct event e = {.kind = EVENT_PLAY,
                              .title = title.id,
                              .title_id = {t},
                              .viewer_id = {v},
                              .at_ms = t == LAUNCHES ? v * 12 * day + 1 : (100 + t + after) * day};
            assert_ok(strategy_data_event(d, &e, &test_err));
        }
    }
    assert_ok(strategy_data_finish(d, &test_err));
    return d;
}

static void decay_is_that_of_launches(void **state)
{
    (void)state;
    struct decay decay;

    for (int released = 0; released < 2; released++) {
        struct strategy_data *d = launches(released);
        assert_ok(decay_fit(d, &decay, &test_err));
        assert_int_equal(decay.basis, released ? DECAY_LAUNCHES : DECAY_APPEARANCES);
        assert_int_equal(decay.launches, 12);
        assert_true(fabs(exp(decay.log_share[0].p50) - 0.5) < 1e-9);
        assert_true(fabs(exp(decay.log_share[1].p50) - 0.75) < 1e-9);
        strategy_data_free(d);
    }
    struct strategy_data *d = planted_titles(20, test_seed());
    assert_ok(decay_fit(d, &decay, &test_err));
    assert_int_equal(decay.basis, DECAY_SPAN);
    strategy_data_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_raise_it),
        cmocka_unit_test(unknown_people_are_refused),
        cmocka_unit_test(names_of_several_are_listed),
        cmocka_unit_test(nothing_to_learn_from),
        cmocka_unit_test(decay_is_that_of_launches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
