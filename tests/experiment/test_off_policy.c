/* Policies of known value: no bias, and intervals that cover as often as they say. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "experiment/off_policy.h"

static void by_hand(void **state)
{
    (void)state;
    struct choice c[60];
    struct off_policy p;

    /* Weights 2 and 0.5 in turn; the former earn 1. */
    for (unsigned i = 0; i < 60; i++)
        c[i] = (struct choice){.viewer = i,
                               .page = i,
                               .reward = i % 2 ? 0 : 1,
                               .logged = i % 2 ? 2.0 / 3 : 1.0 / 3,
                               .target = i % 2 ? 1.0 / 3 : 2.0 / 3};
    assert_ok(off_policy_estimate(c, 60, OFF_POLICY_SNIPS, &p, &test_err));
    assert_true(p.refused); /* 75^2 / (30 * 4 + 30 / 4) = 44.1 */
    assert_true(fabs(p.effective - 75.0 * 75 / 127.5) < 1e-9);
    assert_true(fabs(p.mean_weight - 1.25) < 1e-12);
    assert_true(fabs(p.logged_value - 0.5) < 1e-12);
    assert_true(isnan(p.value));
}

enum { ITEMS = 6, VIEWERS = 150, PAGES = 6 };

struct log_world {
    double logged[ITEMS], target[ITEMS], reward[ITEMS];
};

/* Viewers differ (their rewards are higher or lower on all items): choices of one are not independent. */
static size_t draw_log(const struct log_world *w, struct rng *rng, bool model, struct choice *ret)
{
    size_t n = 0;
    for (uint64_t v = 0; v < VIEWERS; v++) {
        double mood = 0.15 * (rng_double(rng) - 0.5);
        for (unsigned k = 0; k < PAGES; k++) {
            double at = rng_double(rng);
            unsigned item = 0;
            while (item + 1 < ITEMS && at >= w->logged[item])
                at -= w->logged[item++];
            ret[n] = (struct choice){.viewer = v,
                                     .page = n,
                                     .reward = rng_double(rng) < w->reward[item] + mood,
                                     .logged = w->logged[item],
                                     .target = w->target[item]};
            if (model) { /* a model that is half right */
                ret[n].model_logged = 0.5 * w->reward[item] + 0.1;
                for (unsigned i = 0; i < ITEMS; i++)
                    ret[n].model_target += w->target[i] * (0.5 * w->reward[i] + 0.1);
            }
            n++;
        }
    }
    return n;
}

static void honest(enum off_policy_method method)
{
    static const struct log_world w = {
        {.3, .25, .2, .1, .1, .05}, {.05, .1, .15, .2, .2, .3}, {.1, .2, .3, .4, .5, .2}};
    struct choice log[VIEWERS * PAGES];
    struct rng rng;
    size_t rounds = test_rounds(200), covered = 0;
    double truth = 0, sum = 0, sum2 = 0;

    for (unsigned i = 0; i < ITEMS; i++)
        truth += w.target[i] * w.reward[i];
    rng_seed(&rng, test_seed());
    for (size_t r = 0; r < rounds; r++) {
        struct off_policy p;
        size_t n = draw_log(&w, &rng, method == OFF_POLICY_DR, log);
        assert_ok(off_policy_estimate(log, n, method, &p, &test_err));
        assert_false(p.refused);
        covered += p.low <= truth && truth <= p.high;
        sum += p.value;
        sum2 += p.value * p.value;
    }
    double n = (double)rounds, mean = sum / n, error = sqrt((sum2 / n - mean * mean) / n);
    print_message("truth %.4f, mean estimate %.4f (standard error %.4f), covered %zu of %zu\n",
                  truth, mean, error, covered, rounds);
    /* Three here, so that one seed in a hundred fails no build; the long run is read by eye against two. */
    assert_true(fabs(mean - truth) < 3 * error);
    assert_true(fabs((double)covered / n - 0.95) < 3 * sqrt(0.95 * 0.05 / n));
}

static void snips_is_honest(void **state)
{
    (void)state;
    honest(OFF_POLICY_SNIPS);
}

static void dr_is_honest(void **state)
{
    (void)state;
    honest(OFF_POLICY_DR);
}

/* A row of three slots; a play in one hides those to its right. */
static void cascade_is_honest(void **state)
{
    (void)state;
    static const struct log_world w = {
        {.3, .2, .2, .1, .1, .1}, {.1, .1, .1, .2, .2, .3}, {.1, .2, .3, .4, .5, .2}};
    enum { SLOTS = 3, N = 500 };
    struct choice log[N * SLOTS];
    struct rng rng;
    size_t rounds = test_rounds(200), covered = 0;
    double each = 0, truth = 0, hidden = 1, sum = 0, sum2 = 0;

    for (unsigned i = 0; i < ITEMS; i++)
        each += w.target[i] * w.reward[i];
    for (unsigned s = 0; s < SLOTS; s++) {
        truth += hidden * each;
        hidden *= 1 - each;
    }
    rng_seed(&rng, test_seed());
    for (size_t r = 0; r < rounds; r++) {
        struct off_policy p;
        for (size_t i = 0; i < N; i++) {
            bool open = true;
            for (size_t s = 0; s < SLOTS; s++) {
                double at = rng_double(&rng);
                unsigned item = 0;
                while (item + 1 < ITEMS && at >= w.logged[item])
                    at -= w.logged[item++];
                bool play = open && rng_double(&rng) < w.reward[item];
                open = open && !play;
                log[i * SLOTS + s] = (struct choice){.viewer = i / 2,
                                                     .page = i,
                                                     .reward = play,
                                                     .logged = w.logged[item],
                                                     .target = w.target[item]};
            }
        }
        assert_ok(off_policy_estimate(log, N * SLOTS, OFF_POLICY_CASCADE, &p, &test_err));
        assert_false(p.refused);
        assert_int_equal(p.pages, N);
        covered += p.low <= truth && truth <= p.high;
        sum += p.value;
        sum2 += p.value * p.value;
    }
    double n = (double)rounds, mean = sum / n, error = sqrt((sum2 / n - mean * mean) / n);
    print_message("cascade: truth %.4f, mean %.4f (%.4f), covered %zu of %zu\n", truth, mean, error,
                  covered, rounds);
    assert_true(fabs(mean - truth) < 3 * error + 0.002);
    assert_true(fabs((double)covered / n - 0.95) < 3 * sqrt(0.95 * 0.05 / n) + 0.005);
}

/* The target would mostly choose what the log never shows. */
static void outside_the_support(void **state)
{
    (void)state;
    static const struct log_world w = {
        {.5, .5, 0, 0, 0, 0}, {.3, .2, .5, 0, 0, 0}, {.1, .2, .9, 0, 0, 0}};
    struct choice log[VIEWERS * PAGES];
    struct rng rng;
    struct off_policy p;

    rng_seed(&rng, 1);
    assert_ok(
        off_policy_estimate(log, draw_log(&w, &rng, false, log), OFF_POLICY_SNIPS, &p, &test_err));
    assert_true(p.refused);
    assert_non_null(strstr(p.why, "mean weight"));
}

static void bad_rows_are_named(void **state)
{
    (void)state;
    struct choice c = {.logged = 0, .target = 0.5};
    struct off_policy p;

    assert_fails(MQ_INVALID, off_policy_estimate(&c, 0, OFF_POLICY_SNIPS, &p, &test_err));
    assert_fails(MQ_INVALID, off_policy_estimate(&c, 1, OFF_POLICY_SNIPS, &p, &test_err));
    c.logged = 0.5;
    c.target = 1.5;
    assert_fails(MQ_INVALID, off_policy_estimate(&c, 1, OFF_POLICY_SNIPS, &p, &test_err));
    c.target = 1;
    c.reward = NAN;
    assert_fails(MQ_INVALID, off_policy_estimate(&c, 1, OFF_POLICY_SNIPS, &p, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(snips_is_honest),
        cmocka_unit_test(dr_is_honest),
        cmocka_unit_test(cascade_is_honest),
        cmocka_unit_test(outside_the_support),
        cmocka_unit_test(bad_rows_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
