/* The whole backtest in a world whose rules are known, and where there is too little. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "planted_titles.h"
#include "strategy/backtest.h"
#include "strategy/count_model.h"
#include "strategy/who_model.h"

enum { TITLES = 150 };

static struct pool *pool_of(size_t threads)
{
    struct pool *p;

    assert_ok(pool_new(threads, &p, &test_err));
    return p;
}

/* Returns how well who is told within activity: of one world it varies by .06 from seed to seed. */
static double look_at_planted(uint64_t seed)
{
    struct strategy_data *d = planted_titles(TITLES, seed);
    struct pool *pool = pool_of(2);
    struct backtest_options o = {.seed = 1, .no_controls = true};
    struct backtest_report r;

    assert_ok(backtest_run(d, &o, pool, &r, &test_err));
    assert_true(r.titles > TITLES * 9 / 10 && r.titles <= TITLES);
    assert_int_equal(r.splits, 5);
    assert_true(r.forecast.spearman > 0.7);
    assert_true(r.forecast.spearman > r.genre_median.spearman + 0.3);
    assert_true(r.forecast.pinball < r.genre_median.pinball);
    assert_true(r.forecast.coverage > 0.6 && r.forecast.coverage < 0.95);
    assert_true(r.forecast.auc > 0.75 && r.forecast.auc_within_activity > 0.56);
    assert_true(isnan(r.comparables.pinball) && isnan(r.director_history.auc));
    assert_true(isnan(r.no_credits.spearman));
    pool_free(pool);
    strategy_data_free(d);
    return r.forecast.auc_within_activity;
}

static void finds_what_is_planted(void **state)
{
    (void)state;
    enum { WORLDS = 3 };
    double within = 0;
    for (uint64_t k = 0; k < WORLDS; k++)
        within += look_at_planted(test_seed() + k) / WORLDS;
    /* Each viewer watches one genre only: the score knows which. */
    assert_true(within > 0.62);
}

/* Learns from even rows and forecasts odd ones. */
static void forecast(const struct strategy_data *d, const struct credit_source *credits,
                     size_t threads, struct count_forecast *ret, double *ret_spearman)
{
    static uint32_t train[TITLES], test[TITLES];
    static float log_audience[TITLES];
    static struct seen_title seen[TITLES];
    struct count_fit fit;
    uint32_t n_test = 0;
    static double a[TITLES], b[TITLES];
    struct title_tokens tokens;
    struct count_task t = {.d = d,
                           .tokens = &tokens,
                           .credits = credits,
                           .train = train,
                           .log_audience = log_audience,
                           .pool = pool_of(threads),
                           .seed = 3};

    assert_ok(title_tokens_make(d, credits, &tokens, &test_err));
    for (uint32_t i = 0; i < TITLES; i++) {
        if (d->titles[i].audience == 0)
            continue;
        log_audience[i] = logf((float)d->titles[i].audience);
        if (i % 2)
            test[n_test++] = i;
        else
            train[t.n_train++] = i;
    }
    assert_ok(count_fit_make(&t, &fit, &test_err));
    for (uint32_t i = 0; i < n_test; i++)
        seen[i] = title_seen(d, &tokens, credits, test[i]);
    assert_ok(count_fit_say(&fit, seen, n_test, threads > 1 ? t.pool : NULL, ret, NULL, &test_err));
    count_fit_release(&fit);
    for (uint32_t i = 0; i < n_test; i++) {
        a[i] = (double)ret[i].p50;
        b[i] = (double)log_audience[test[i]];
        assert_true(ret[i].p10 <= ret[i].p50 && ret[i].p50 <= ret[i].p90);
    }
    assert_ok(rank_correlation(a, b, n_test, ret_spearman, &test_err));
    title_tokens_release(&tokens);
    pool_free(t.pool);
}

static void people_carry_it_and_threads_do_not_matter(void **state)
{
    (void)state;
    static struct count_forecast one[TITLES], three[TITLES];
    static uint32_t row_of[TITLES];
    struct strategy_data *d = planted_titles(TITLES, test_seed());
    struct credit_source own = {0}, none = {.none = true}, other = {.row_of = row_of};
    double with, again, without, permuted;

    forecast(d, &own, 1, one, &with);
    forecast(d, &own, 3, three, &again);
    assert_memory_equal(one, three, sizeof(one[0]) * TITLES / 2);
    forecast(d, &none, 2, three, &without);
    for (uint32_t i = 0; i < TITLES; i++)
        row_of[i] = (i + 37) % TITLES;
    forecast(d, &other, 2, three, &permuted);
    assert_true(with > without + 0.3);
    assert_true(with > permuted + 0.3);
    strategy_data_free(d);
}

/* A title is forecast the same whatever its own audience was. */
static void own_audience_is_not_seen(void **state)
{
    (void)state;
    static struct count_forecast before[TITLES], after[TITLES];
    struct strategy_data *d = planted_titles(TITLES, test_seed());
    struct credit_source own = {0};
    double r;

    forecast(d, &own, 2, before, &r);
    for (uint32_t i = 1; i < TITLES; i += 2)
        if (d->titles[i].audience)
            d->titles[i].audience = 1 + i;
    forecast(d, &own, 2, after, &r);
    assert_memory_equal(before, after, sizeof(before[0]) * TITLES / 2);
    strategy_data_free(d);
}

/* Every person has dozens of titles, and what a title draws is chance: then the mean over a person's other titles tells,
 * to a tree that finds out who it is, what the title itself drew. Intervals must be as wide as forecasts are wrong. */
static void intervals_are_honest_where_nothing_can_be_known(void **state)
{
    (void)state;
    enum { MANY = 300, LEARNT = 200 };
    static uint32_t train[LEARNT];
    static float log_audience[MANY];
    static struct seen_title seen[MANY - LEARNT];
    static struct count_forecast said[MANY - LEARNT];
    struct strategy_data *d = planted_titles(MANY, test_seed());
    struct credit_source credits = {0};
    struct title_tokens tokens;
    struct count_fit fit;
    struct rng r;

    rng_seed(&r, test_seed());
    assert_ok(title_tokens_make(d, &credits, &tokens, &test_err));
    for (uint32_t i = 0; i < MANY; i++)
        log_audience[i] = (float)(4 + rng_normal(&r));
    for (uint32_t i = 0; i < LEARNT; i++)
        train[i] = i;
    struct count_task t = {.d = d,
                           .tokens = &tokens,
                           .credits = &credits,
                           .train = train,
                           .n_train = LEARNT,
                           .log_audience = log_audience,
                           .pool = pool_of(2),
                           .seed = 3};
    assert_ok(count_fit_make(&t, &fit, &test_err));
    for (uint32_t i = LEARNT; i < MANY; i++)
        seen[i - LEARNT] = title_seen(d, &tokens, &credits, i);
    assert_ok(count_fit_say(&fit, seen, MANY - LEARNT, t.pool, said, NULL, &test_err));
    unsigned inside = 0;
    for (uint32_t i = LEARNT; i < MANY; i++) {
        const struct count_forecast *s = &said[i - LEARNT];
        inside += s->p10 <= log_audience[i] && log_audience[i] <= s->p90;
    }
    if (inside < 64 || inside > 96) /* 80, and four standard errors */
        fail_msg("%u of 100 lie in their intervals", inside);
    count_fit_release(&fit);
    title_tokens_release(&tokens);
    pool_free(t.pool);
    strategy_data_free(d);
}

/* All titles are of one year and one genre. Even viewers watch what came out in its first weeks, odd ones what came out in its
 * last: nothing but the day of the release tells them apart. */
static void who_follows_the_day_of_the_release(void **state)
{
    (void)state;
    enum { VIEWERS = 200 };
    struct strategy_data *d;
    struct rng rng;
    struct pool *pool = pool_of(2);
    struct backtest_options o = {.seed = 1, .no_controls = true};
    struct backtest_report r;

    rng_seed(&rng, test_seed());
    assert_ok(strategy_data_new(&d, &test_err));
    for (uint32_t row = 0; row < TITLES; row++) {
        char id[16];
        struct title t;
        bool late = rng_below(&rng, 2);
        snprintf(id, sizeof id, "%u", row + 1);
        title_init(&t);
        t.id = str_of(id);
        t.name = STR("Film"); /* one series, no word of its own */
        t.title_id = (struct title_id){row};
        t.year = 1990;
        t.release_day = 7305 + (int32_t)rng_below(&rng, 40) + (late ? 320 : 0);
        assert_ok(strategy_data_title(d, &t, &test_err));
        for (uint32_t v = 0; v < VIEWERS; v++) {
            struct event e = {.kind = EVENT_RATING,
                              .title = t.id,
                              .viewer_id = {v},
                              .title_id = {row},
                              .at_ms = 1000000000000};
            if (rng_double(&rng) < (v % 2 == late ? 0.5 : 0.1))
                assert_ok(strategy_data_event(d, &e, &test_err));
        }
    }
    assert_ok(strategy_data_finish(d, &test_err));
    assert_ok(backtest_run(d, &o, pool, &r, &test_err));
    if (!(r.forecast.auc > 0.62 && r.forecast.auc_within_activity > 0.56))
        fail_msg("AUC %.3f, within activity %.3f", r.forecast.auc, r.forecast.auc_within_activity);
    pool_free(pool);
    strategy_data_free(d);
}

/* The scores of title 1 for all viewers, learnt from the others. ret (PLANTED_VIEWERS) */
static void scores_of_first(const struct strategy_data *d, float *ret)
{
    static uint32_t train[TITLES];
    static float log_size[TITLES];
    float scratch[PLANTED_VIEWERS];
    struct credit_source credits = {0};
    struct title_tokens tokens;
    struct who_fit fit;
    struct who_model who;
    struct count_task t = {.d = d,
                           .tokens = &tokens,
                           .credits = &credits,
                           .train = train,
                           .pool = pool_of(1),
                           .seed = 3};

    assert_int_equal(d->n_viewers, PLANTED_VIEWERS);
    assert_ok(title_tokens_make(d, &credits, &tokens, &test_err));
    for (uint32_t i = 1; i < TITLES; i++) {
        if (d->titles[i].audience == 0)
            continue;
        log_size[t.n_train] = logf((float)d->titles[i].audience);
        train[t.n_train++] = i;
    }
    struct seen_title seen = title_seen(d, &tokens, &credits, 0);
    assert_ok(who_fit_make(&t, log_size, &fit, &test_err));
    assert_ok(who_model_make(&fit, &seen, 1, log_size, NULL, &who, &test_err));
    who_model_scores(&who, 0, ret, scratch);
    who_model_release(&who);
    who_fit_release(&fit);
    title_tokens_release(&tokens);
    pool_free(t.pool);
}

static void who_left_before_the_release_is_put_behind(void **state)
{
    (void)state;
    enum { LEFT = 100 };
    static float before[PLANTED_VIEWERS], after[PLANTED_VIEWERS];
    struct strategy_data *d = planted_titles(TITLES, test_seed());

    d->titles[0].release_day = 20;
    for (uint64_t m = 0; m < d->n_met; m++)
        d->met[m].at_ms += (int64_t)50 * 86400000;
    scores_of_first(d, before);
    for (uint64_t m = 0; m < d->n_met; m++) {
        if (d->met[m].viewer < LEFT)
            d->met[m].at_ms -= (int64_t)50 * 86400000;
    }
    scores_of_first(d, after);
    for (uint32_t v = 0; v < PLANTED_VIEWERS; v++) {
        if (v < LEFT)
            assert_true(after[v] < before[v]);
        else
            assert_true(after[v] == before[v]);
    }
    strategy_data_free(d);
}

/* Viewer 0 met sixteen titles that say half a thing each, viewer 1 four that say one and a half: taste decides, not how much. */
static void the_active_are_not_ahead_by_activity(void **state)
{
    (void)state;
    enum { MANY = 16, FEW = 4, VIEWERS = 3, ROWS = MANY + FEW };
    static float habit[VIEWERS * WHO_COLUMNS];
    float place[WHO_COLUMNS] = {1};
    float weight[ROWS], scores[VIEWERS], scratch[VIEWERS];
    float base = 0;
    uint32_t train[ROWS], watched[VIEWERS] = {MANY, FEW, 0};
    int32_t last_day[VIEWERS] = {0};
    int32_t day = TITLE_NO_DATE;
    struct strategy_data *d;

    assert_ok(strategy_data_new(&d, &test_err));
    for (uint32_t row = 0; row < ROWS; row++) {
        struct title t;
        title_init(&t);
        t.id = STR("a");
        t.title_id = (struct title_id){row};
        assert_ok(strategy_data_title(d, &t, &test_err));
        struct event e = {.kind = EVENT_RATING,
                          .title = t.id,
                          .viewer_id = {row < MANY ? 0 : 1},
                          .title_id = {row},
                          .at_ms = 1000000000000};
        assert_ok(strategy_data_event(d, &e, &test_err));
        train[row] = row;
        weight[row] = row < MANY ? 0.5F : 1.5F;
    }
    assert_ok(strategy_data_finish(d, &test_err));
    habit[0] = 1;
    habit[2 * WHO_COLUMNS] = -1;
    struct who_fit fit = {.d = d,
                          .train = train,
                          .n_train = ROWS,
                          .n_viewers = VIEWERS,
                          .habit = habit,
                          .watched = watched,
                          .last_day = last_day,
                          .kernel.met = FEW};
    struct who_model who = {&fit, 1, place, &day, weight, &base};
    who_model_scores(&who, 0, scores, scratch);
    assert_true(scores[1] > scores[0] && scores[0] > scores[2]);
    strategy_data_free(d);
}

static void too_little_is_refused(void **state)
{
    (void)state;
    struct pool *pool = pool_of(1);
    struct backtest_options o = {.seed = 1};
    struct backtest_report r;
    struct strategy_data *d;

    assert_ok(strategy_data_new(&d, &test_err));
    assert_ok(strategy_data_finish(d, &test_err));
    assert_fails(MQ_INVALID, backtest_run(d, &o, pool, &r, &test_err));
    strategy_data_free(d);
    d = planted_titles(20, test_seed());
    assert_fails(MQ_INVALID, backtest_run(d, &o, pool, &r, &test_err));
    assert_non_null(strstr(test_err.text, "import"));
    strategy_data_free(d);
    pool_free(pool);
}

static void meetings_count_once(void **state)
{
    (void)state;
    struct strategy_data *d = planted_titles(3, test_seed());

    for (uint32_t t = 0; t < d->n_titles; t++) {
        assert_int_equal(d->titles[t].audience, d->start[t + 1] - d->start[t]);
        for (uint64_t m = d->start[t] + 1; m < d->start[t + 1]; m++)
            assert_true(d->met[m - 1].viewer < d->met[m].viewer);
    }
    uint32_t found[4];
    assert_int_equal(strategy_people_named(d, STR("no one"), found, 4), 0);
    strategy_data_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_planted),
        cmocka_unit_test(people_carry_it_and_threads_do_not_matter),
        cmocka_unit_test(own_audience_is_not_seen),
        cmocka_unit_test(intervals_are_honest_where_nothing_can_be_known),
        cmocka_unit_test(who_follows_the_day_of_the_release),
        cmocka_unit_test(who_left_before_the_release_is_put_behind),
        cmocka_unit_test(the_active_are_not_ahead_by_activity),
        cmocka_unit_test(too_little_is_refused),
        cmocka_unit_test(meetings_count_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
