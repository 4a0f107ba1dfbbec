/* Forecasts of concepts in a world whose rules are known; decay from launches; what is refused. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "planted_titles.h"
#include "strategy/decay.h"
#include "strategy/forecast.h"
#include "strategy/forecast_sizes.h"

enum { TITLES = 150 };

struct world {
    struct strategy_data *d; /* the fit's */
    struct forecast_fit *fit;
    struct arena arena;
};

static struct forecast_fit *fit_of(struct strategy_data *d, bool who, size_t threads)
{
    struct forecast_fit *fit;
    struct pool *pool;

    assert_ok(pool_new(threads, &pool, &test_err));
    assert_ok(forecast_fit_new(d, &(struct forecast_settings){1, who}, pool, &fit, &test_err));
    pool_free(pool);
    return fit;
}

static void open_world(struct world *w, struct strategy_data *d)
{
    w->d = d;
    w->fit = fit_of(d, true, 2);
    assert_int_equal(arena_init(&w->arena, 1 << 16, 64 << 20), 0);
}

static void close_world(struct world *w)
{
    arena_release(&w->arena);
    forecast_fit_free(w->fit);
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

    open_world(&w, planted_titles(TITLES, test_seed()));
    struct concept c = concept_of(credits, "PERSON 22", "person-23");
    c.cost = 1;
    c.value_per_hour = 1;
    assert_ok(forecast_say(w.fit, &c, &w.arena, &much, &test_err));
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

    c = concept_of(credits, "Person 2", "Person 1");
    assert_ok(forecast_say(w.fit, &c, &w.arena, &little, &test_err));
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

    open_world(&w, planted_titles(TITLES, test_seed()));
    struct concept c = concept_of(credits, "Nobody", "No One");
    assert_ok(forecast_say(w.fit, &c, &w.arena, &f, &test_err));
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

    struct strategy_data *d = planted_titles(TITLES, test_seed());
    title_init(&t);
    t.id = STR("namesake");
    t.title_id.v = 5;
    t.credits = &other;
    t.n_credits = 1;
    t.has_credits = true;
    assert_ok(strategy_data_title(d, &t, &test_err));
    open_world(&w, d);
    struct concept c = concept_of(credits, "Person 22", "Person 23");
    assert_fails(MQ_CONFLICT, forecast_say(w.fit, &c, &w.arena, &f, &test_err));
    assert_non_null(strstr(test_err.text, "rson 22 ("));
    close_world(&w);
}

static void nothing_to_learn_from(void **state)
{
    (void)state;
    struct forecast_fit *fit;
    struct pool *pool;

    assert_ok(pool_new(1, &pool, &test_err));
    assert_fails(MQ_INVALID,
                 forecast_fit_new(planted_titles(0, test_seed()),
                                  &(struct forecast_settings){1, true}, pool, &fit, &test_err));
    assert_non_null(strstr(test_err.text, "import"));
    pool_free(pool);
}

static bool same_interval(struct mq_interval a, struct mq_interval b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

/* All figures, to the last bit. */
static bool same_answer(const struct mq_forecast *a, const struct mq_forecast *b)
{
    bool same = same_interval(a->viewers_28d, b->viewers_28d) &&
                same_interval(a->viewers_90d, b->viewers_90d) &&
                same_interval(a->viewers_all, b->viewers_all) &&
                a->support.titles == b->support.titles && a->n_comparables == b->n_comparables &&
                a->n_attribution == b->n_attribution && a->n_communities == b->n_communities &&
                a->n_calibration == b->n_calibration;
    for (size_t i = 0; same && i < a->n_comparables; i++)
        same = a->comparables[i].likeness == b->comparables[i].likeness &&
               strcmp(a->comparables[i].title, b->comparables[i].title) == 0;
    for (size_t i = 0; same && i < a->n_attribution; i++)
        same = a->attribution[i].factor == b->attribution[i].factor &&
               a->attribution[i].low == b->attribution[i].low;
    for (size_t i = 0; same && i < a->n_communities; i++)
        same = same_interval(a->communities[i].viewers_28d, b->communities[i].viewers_28d);
    return same &&
           memcmp(a->calibration, b->calibration, a->n_calibration * sizeof(*a->calibration)) == 0;
}

/* Chances of all viewers; the caller frees them. */
static float *chances(struct world *w, const struct concept *c)
{
    struct forecast_cast cast;
    struct forecast_size size;
    float *chance = calloc(w->d->n_viewers, sizeof(*chance));
    struct forecast_who who = {.step = 1, .viewers = w->d->n_viewers, .ret = chance};

    assert_ok(forecast_people(w->d, &c->title, &w->arena, &cast, &test_err));
    assert_ok(
        forecast_sizes(w->fit, &cast.title, NULL, 1, NULL, &w->arena, &size, &who, &test_err));
    return chance;
}

/* What was asked before changes nothing, nor do threads: an answer by a fit that is kept is the one by a new fit, byte by byte. */
static void kept_says_what_new_says(void **state)
{
    (void)state;
    struct world kept, fresh;
    struct credit credits[2], others[2];
    struct mq_forecast a, b, other;

    open_world(&kept, planted_titles(TITLES, test_seed()));
    struct concept c = concept_of(credits, "Person 22", "Person 23");
    c.title.description = STR("words that no other title has");
    assert_ok(forecast_say(kept.fit, &c, &kept.arena, &a, &test_err));
    float *who = chances(&kept, &c);
    for (int i = 0; i < 3; i++) {
        char name[16];
        snprintf(name, sizeof(name), "Person %d", 2 + i);
        struct concept d = concept_of(others, name, "Person 1");
        assert_ok(forecast_say(kept.fit, &d, &kept.arena, &other, &test_err));
        assert_false(same_answer(&a, &other));
    }
    assert_ok(forecast_say(kept.fit, &c, &kept.arena, &b, &test_err));
    assert_true(a.n_calibration > 0 && a.n_attribution == 4);
    assert_true(same_answer(&a, &b));
    fresh.d = planted_titles(TITLES, test_seed());
    fresh.fit = fit_of(fresh.d, true, 1);
    assert_int_equal(arena_init(&fresh.arena, 1 << 16, 64 << 20), 0);
    assert_ok(forecast_say(fresh.fit, &c, &fresh.arena, &b, &test_err));
    assert_true(same_answer(&a, &b));
    float *again = chances(&fresh, &c);
    assert_memory_equal(who, again, kept.d->n_viewers * sizeof(*who));
    assert_true(forecast_fit_bytes(fresh.fit) > 100000);
    free(who);
    free(again);
    close_world(&fresh);
    close_world(&kept);
}

/* Many at once are said as each alone, and their viewers add up. */
static void sizes_are_those_of_each(void **state)
{
    (void)state;
    enum { N = 3 };
    struct world w;
    struct credit credits[N][2];
    struct title titles[N];
    struct forecast_size size[N];
    struct pool *pool;

    open_world(&w, planted_titles(TITLES, test_seed()));
    assert_ok(pool_new(2, &pool, &test_err));
    float *chance = calloc((size_t)N * w.d->n_viewers, sizeof(*chance));
    struct forecast_who who = {.step = 1, .viewers = w.d->n_viewers, .ret = chance};
    for (int i = 0; i < N; i++) {
        char name[16];
        snprintf(name, sizeof(name), "Person %d", 20 + i);
        struct concept c = concept_of(credits[i], name, "Person 1");
        struct forecast_cast cast;
        assert_ok(forecast_people(w.d, &c.title, &w.arena, &cast, &test_err));
        titles[i] = cast.title;
    }
    assert_ok(forecast_sizes(w.fit, titles, NULL, N, pool, &w.arena, size, &who, &test_err));
    for (int i = 0; i < N; i++) {
        char name[16];
        struct mq_forecast f;
        double sum = 0;
        snprintf(name, sizeof(name), "Person %d", 20 + i);
        struct concept c = concept_of(credits[i], name, "Person 1");
        assert_ok(forecast_say(w.fit, &c, &w.arena, &f, &test_err));
        assert_true(same_interval(f.viewers_90d, size[i].viewers_90d));
        assert_int_equal(f.support.titles, size[i].support);
        for (uint32_t u = 0; u < w.d->n_viewers; u++)
            sum += (double)chance[(size_t)i * w.d->n_viewers + u];
        assert_true(fabs(sum / size[i].viewers_90d.p50 - 1) < 0.01);
    }
    free(chance);
    pool_free(pool);
    close_world(&w);
}

/* A concept that is refused alone is refused among others, and reaches nobody. */
static void strangers_are_refused_among_others_too(void **state)
{
    (void)state;
    enum { N = 2 };
    static const char *const first[N] = {"Person 20", "Nobody Here"};
    static const char *const second[N] = {"Nobody Here", "Nobody There"};
    struct world w;
    struct credit credits[2];
    struct title titles[N];
    struct forecast_size size[N];
    struct forecast_cast cast;
    open_world(&w, planted_titles(TITLES, test_seed()));
    float *chance = calloc((size_t)N * w.d->n_viewers, sizeof(*chance));
    struct forecast_who who = {.step = 1, .viewers = w.d->n_viewers, .ret = chance};
    assert_non_null(chance);
    for (int i = 0; i < N; i++) {
        struct mq_forecast f;
        struct concept c = concept_of(credits, first[i], second[i]);
        assert_ok(forecast_say(w.fit, &c, &w.arena, &f, &test_err));
        assert_int_equal(f.support.refused, i == 1);
        assert_ok(forecast_people(w.d, &c.title, &w.arena, &cast, &test_err));
        titles[i] = cast.title;
    }
    assert_ok(forecast_sizes(w.fit, titles, NULL, N, NULL, &w.arena, size, &who, &test_err));
    assert_false(size[0].refused);
    assert_true(size[0].viewers_90d.p50 > 0);
    assert_true(size[1].refused);
    assert_true(isnan(size[1].viewers_28d.p50) && isnan(size[1].viewers_90d.p50));
    for (uint32_t u = 0; u < w.d->n_viewers; u++)
        assert_true(chance[w.d->n_viewers + u] == 0);
    free(chance);
    close_world(&w);
}

/* Whatever scores are worth: chances add up, none above 1, in the same order. */
static void chances_add_up(void **state)
{
    (void)state;
    enum { N = 400 };
    float before[N], after[N];
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t i = 0; i < test_rounds(50); i++) {
        double scale = exp(6 * rng_double(&r) - 3);
        double size = 1 + rng_double(&r) * N / 4;
        double sum = 0;
        for (int u = 0; u < N; u++)
            before[u] = after[u] = (float)(scale * (rng_exp(&r) - 0.2));
        who_model_chances(after, N, size);
        for (int u = 0; u < N; u++) {
            assert_true(after[u] >= 0 && after[u] <= 1);
            assert_true((before[u] > 0) == (after[u] > 0));
            assert_true(u == 0 || before[u] < before[u - 1] || after[u] >= after[u - 1]);
            sum += (double)after[u];
        }
        assert_true(fabs(sum - size) < 1e-3 * size);
    }
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
        assert_int_equal(decay.basis, released ? DECAY_SPAN : DECAY_APPEARANCES);
        assert_int_equal(decay.titles, released ? 0 : 12);
        assert_true(released || fabs(exp(decay.log_share[0].p50) - 0.5) < 1e-9);
        assert_true(released || fabs(exp(decay.log_share[1].p50) - 0.75) < 1e-9);
        strategy_data_free(d);
    }
    struct strategy_data *d = planted_titles(20, test_seed());
    assert_ok(decay_fit(d, &decay, &test_err));
    assert_int_equal(decay.basis, DECAY_SPAN);
    strategy_data_free(d);
}

/* Launches through a year, each of which draws as many viewers in every week that it is there: what draws over the whole log is
 * its time in the log alone. */
static struct strategy_data *even_launches(uint64_t seed)
{
    enum { OLD = 40, LAUNCHES = 60, VIEWERS = 1500, DAYS = 365 };
    static const int64_t day = 86400000;
    static const struct str genres[] = {STR("Drama"), STR("Comedy")};
    struct strategy_data *d;
    struct rng r;
    rng_seed(&r, seed);
    assert_ok(strategy_data_new(&d, &test_err));
    for (uint32_t t = 0; t < OLD + LAUNCHES; t++) {
        struct title title;
        char id[16];
        int32_t from = t < OLD ? 0 : 1 + (int32_t)(t - OLD) * (DAYS - 40) / LAUNCHES;
        snprintf(id, sizeof id, "t%u", t);
        title_init(&title);
        title.id = title.name = str_of(id);
        title.title_id.v = t;
        title.genres = &genres[t % 2];
        title.n_genres = 1;
        title.release_day = t < OLD ? TITLE_NO_DATE : 10000 + from;
        assert_ok(strategy_data_title(d, &title, &test_err));
    }
    for (uint32_t v = 0; v < VIEWERS; v++)
        for (int k = 0; k < DAYS; k++)
            for (uint32_t t = 0; t < OLD + LAUNCHES; t++) {
                int32_t from = t < OLD ? 0 : 1 + (int32_t)(t - OLD) * (DAYS - 40) / LAUNCHES;
                struct event e = {.kind = EVENT_PLAY,
                                  .title = STR("x"),
                                  .title_id = {t},
                                  .viewer_id = {v},
                                  .at_ms = (10000 + k) * day + (int64_t)t};
                if (k >= from && (k == from ? v % 10 == t % 10 : rng_double(&r) < 0.002))
                    assert_ok(strategy_data_event(d, &e, &test_err));
            }
    assert_ok(strategy_data_finish(d, &test_err));
    return d;
}

/* One more of these draws what each of them drew, however long they were there. */
static void the_next_launch_is_like_the_others(void **state)
{
    (void)state;
    struct world w;
    struct mq_forecast f;
    double mean = 0;
    uint32_t n = 0;
    struct concept c = {.cost = NAN, .value_per_hour = NAN};
    open_world(&w, even_launches(test_seed()));
    for (uint32_t t = 0; t < w.d->n_titles; t++) {
        if (w.d->titles[t].release_day == TITLE_NO_DATE)
            continue;
        for (uint64_t m = w.d->start[t]; m < w.d->start[t + 1]; m++)
            mean += w.d->met[m].at_ms < w.d->titles[t].first_ms + INT64_C(28) * 86400000;
        n++;
    }
    mean /= n;
    title_init(&c.title);
    c.title.name = STR("The Next");
    c.title.genres = &drama;
    c.title.n_genres = 1;
    assert_ok(forecast_say(w.fit, &c, &w.arena, &f, &test_err));
    assert_true(f.launch.known);
    if (!(fabs(f.viewers_28d.p50 / mean - 1) < 0.1))
        fail_msg("%.1f came to each, %.1f are forecast", mean, f.viewers_28d.p50);
    close_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_launch_is_like_the_others),
        cmocka_unit_test(people_raise_it),
        cmocka_unit_test(unknown_people_are_refused),
        cmocka_unit_test(names_of_several_are_listed),
        cmocka_unit_test(nothing_to_learn_from),
        cmocka_unit_test(kept_says_what_new_says),
        cmocka_unit_test(sizes_are_those_of_each),
        cmocka_unit_test(strangers_are_refused_among_others_too),
        cmocka_unit_test(chances_add_up),
        cmocka_unit_test(decay_is_that_of_launches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
