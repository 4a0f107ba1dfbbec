/* Titles that came out while the log was written: for how much of it were they there, and how do audiences follow that? */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "strategy/count_model.h"
#include "strategy/time_in_log.h"

enum { FIRST_DAY = 10000, DAYS = 100, TITLES = 160, VIEWERS = 200 };

static void add_title(struct strategy_data *d, uint32_t row, int32_t day, uint32_t director)
{
    char id[16], name[32], person[16];
    struct credit credit = {.role = ROLE_DIRECTOR, .billing = 1, .person_id = {director}};
    struct title t;

    snprintf(id, sizeof id, "%u", row + 1);
    snprintf(name, sizeof name, "Title %c%c", 'A' + (int)(row % 26), 'a' + (int)(row / 26 % 26));
    snprintf(person, sizeof person, "Person %u", director);
    credit.person = str_of(person);
    title_init(&t);
    t.id = str_of(id);
    t.name = str_of(name);
    t.title_id = (struct title_id){row};
    t.release_day = day;
    t.credits = &credit;
    t.n_credits = 1;
    t.has_credits = true;
    assert_ok(strategy_data_title(d, &t, &test_err));
}

static void meet(struct strategy_data *d, uint32_t title, uint32_t viewer, int32_t day)
{
    struct event e = {.kind = EVENT_RATING,
                      .title = STR("x"),
                      .viewer_id = {viewer},
                      .title_id = {title},
                      .at_ms = (int64_t)(FIRST_DAY + day) * 86400000 + 5};
    assert_ok(strategy_data_event(d, &e, &test_err));
}

static void shares_are_those_of_the_log_after_the_release(void **state)
{
    (void)state;
    struct strategy_data *d;
    float share[6];

    assert_ok(strategy_data_new(&d, &test_err));
    add_title(d, 0, FIRST_DAY - 500, 0);
    add_title(d, 1, FIRST_DAY + 75, 0);
    add_title(d, 2, FIRST_DAY + 5000, 0); /* after the log */
    add_title(d, 3, TITLE_NO_DATE, 0);
    add_title(d, 4, FIRST_DAY, 0);
    for (uint32_t day = 0; day < DAYS; day++)
        meet(d, 0, day, (int32_t)day);
    assert_ok(strategy_data_finish(d, &test_err));
    assert_ok(exposure_shares(d, share, &test_err));
    assert_true(fabs((double)share[1] - log(0.25)) < 1e-5);
    assert_true(share[2] < share[1] && isfinite(share[2]));
    assert_true(share[0] == 0 && share[3] == 0 && share[4] == 0);
    strategy_data_free(d);
}

/* Met before it was released: these days are not those of this log. */
static void releases_that_do_not_fit_the_log_say_nothing(void **state)
{
    (void)state;
    struct strategy_data *d;
    float share[2];

    assert_ok(strategy_data_new(&d, &test_err));
    add_title(d, 0, FIRST_DAY - 500, 0);
    add_title(d, 1, FIRST_DAY + 75, 0);
    for (uint32_t day = 0; day < DAYS; day++)
        meet(d, day % 2, day, (int32_t)day);
    assert_ok(strategy_data_finish(d, &test_err));
    assert_ok(exposure_shares(d, share, &test_err));
    assert_true(share[0] == 0 && share[1] == 0);
    strategy_data_free(d);
}

/* Even directors draw four times as many as odd ones. Every second title was there before the log, the others come out in its
 * course. launches: all who want a title watch it when it comes out, else whenever they come by and it is there. */
static struct strategy_data *world(bool launches, uint64_t seed)
{
    static int8_t day_of[TITLES][VIEWERS];
    int32_t release[TITLES];
    struct strategy_data *d;
    struct rng r;

    rng_seed(&r, seed);
    assert_ok(strategy_data_new(&d, &test_err));
    for (uint32_t t = 0; t < TITLES; t++) {
        uint32_t director = (uint32_t)rng_below(&r, 16);
        release[t] = t % 2 ? (int32_t)rng_below(&r, DAYS - 10) : -400 + (int32_t)t;
        add_title(d, t, FIRST_DAY + release[t], director);
        for (uint32_t v = 0; v < VIEWERS; v++) {
            bool wants = rng_double(&r) < (director % 2 ? 0.15 : 0.6);
            int32_t day = (int32_t)rng_below(&r, DAYS);
            if (launches && t % 2)
                day = release[t] + day % 10;
            day_of[t][v] = wants && day >= release[t] ? (int8_t)day : -1;
        }
    }
    for (int32_t day = 0; day < DAYS; day++) {
        for (uint32_t t = 0; t < TITLES; t++)
            for (uint32_t v = 0; v < VIEWERS; v++)
                if (day_of[t][v] == day)
                    meet(d, t, v, day);
    }
    assert_ok(strategy_data_finish(d, &test_err));
    return d;
}

/* Learns from the even titles and every `late_step`-th odd one (0: none). Mean error of the other odd ones, in logs. */
static double mean_error(const struct strategy_data *d, uint32_t late_step, float *ret_power)
{
    static uint32_t train[TITLES], test[TITLES];
    static float log_audience[TITLES];
    static struct seen_title seen[TITLES];
    static struct count_forecast said[TITLES];
    struct credit_source credits = {0};
    struct title_tokens tokens;
    struct count_fit fit;
    uint32_t n_test = 0;
    double error = 0;
    struct count_task t = {.d = d,
                           .tokens = &tokens,
                           .credits = &credits,
                           .train = train,
                           .log_audience = log_audience,
                           .seed = 3};

    assert_ok(pool_new(2, &t.pool, &test_err));
    assert_ok(title_tokens_make(d, &credits, &tokens, &test_err));
    for (uint32_t i = 0; i < d->n_titles; i++) {
        if (d->titles[i].audience == 0)
            continue;
        log_audience[i] = logf((float)d->titles[i].audience);
        if (i % 2 == 0 || (late_step && i / 2 % late_step == 0))
            train[t.n_train++] = i;
        else
            test[n_test++] = i;
    }
    assert_ok(count_fit_make(&t, &fit, &test_err));
    for (uint32_t i = 0; i < n_test; i++)
        seen[i] = title_seen(d, &tokens, &credits, test[i]);
    assert_ok(count_fit_say(&fit, seen, n_test, t.pool, said, NULL, &test_err));
    for (uint32_t i = 0; i < n_test; i++)
        error += (double)(said[i].p50 - log_audience[test[i]]) / n_test;
    *ret_power = fit.exposure_power;
    count_fit_release(&fit);
    title_tokens_release(&tokens);
    pool_free(t.pool);
    return error;
}

/* Nothing that was learnt from came out during the log; half of what is asked for was there for less than half of it, and
 * without knowing that the mean error is .9. */
static void late_titles_are_forecast_over_their_time(void **state)
{
    (void)state;
    struct strategy_data *d = world(false, test_seed());
    float power;
    double error = mean_error(d, 0, &power);

    assert_true(power == 1);
    if (fabs(error) > 0.3)
        fail_msg("mean error %.3f", error);
    strategy_data_free(d);
}

static void launches_do_not_follow_their_time(void **state)
{
    (void)state;
    struct strategy_data *even = world(false, test_seed());
    struct strategy_data *launched = world(true, test_seed());
    float follows, flat;
    double error_even = mean_error(even, 2, &follows);
    double error_launched = mean_error(launched, 2, &flat);

    if (follows < 0.7F || flat > 0.4F)
        fail_msg("power %.2f where they follow, %.2f where they do not", (double)follows,
                 (double)flat);
    assert_true(fabs(error_even) < 0.35 && fabs(error_launched) < 0.35);
    strategy_data_free(even);
    strategy_data_free(launched);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_those_of_the_log_after_the_release),
        cmocka_unit_test(releases_that_do_not_fit_the_log_say_nothing),
        cmocka_unit_test(late_titles_are_forecast_over_their_time),
        cmocka_unit_test(launches_do_not_follow_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
