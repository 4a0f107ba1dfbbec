/* Effects of known size: coverage of one look, false alarms of many looks, power, variance taken away. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "experiment/effect.h"

static void by_hand(void **state)
{
    (void)state;
    double a[40], b[40], per[40];
    struct effect e;

    /* Control: hours 2 of 1 page and 0 of 1 page in turn; treatment: 3 and 1. */
    for (unsigned i = 0; i < 40; i++) {
        a[i] = i % 2 ? 0 : 2;
        b[i] = i % 2 ? 1 : 3;
        per[i] = 1;
    }
    assert_ok(effect_measure(&(struct arm_sample){a, per, NULL, 40},
                             &(struct arm_sample){b, NULL, NULL, 40}, 0, &e, &test_err));
    assert_true(e.control == 1 && e.treatment == 2 && e.difference == 1);
    /* Each arm: 40 residuals of 1, over 40 * 39. */
    assert_true(fabs(e.standard_error - sqrt(2.0 / 39)) < 1e-12);
    assert_true(fabs(e.high - e.low - 2 * 1.959963984540054 * e.standard_error) < 1e-12);
    assert_true(e.anytime_low < e.low && e.anytime_high > e.high);
}

static void too_few_say_nothing(void **state)
{
    (void)state;
    double a[EFFECT_VIEWERS_MIN] = {0}, none[EFFECT_VIEWERS_MIN] = {0};
    struct effect e;
    struct arm_sample full = {a, NULL, NULL, EFFECT_VIEWERS_MIN}, few = {a, NULL, NULL, 3};

    assert_ok(effect_measure(&full, &few, 0, &e, &test_err));
    assert_true(isinf(e.low) && isinf(e.anytime_high) && e.p == 1);
    few = (struct arm_sample){a, none, NULL, EFFECT_VIEWERS_MIN};
    assert_ok(effect_measure(&full, &few, 0, &e, &test_err));
    assert_true(isnan(e.treatment) && e.p == 1);
    a[2] = NAN;
    assert_fails(MQ_INVALID, effect_measure(&full, &full, 0, &e, &test_err));
    assert_fails(MQ_INVALID, effect_measure(&full, &full, 0, &e, &test_err));
}

enum { VIEWERS = 1000 };

/* A service: viewers differ in how often they come and in how much of what they are shown they play; events come one by one. */
struct service {
    double plays[2][VIEWERS], pages[2][VIEWERS], before[2][VIEWERS], rate[2][VIEWERS];
    size_t n[2];
    size_t at[2][VIEWERS]; /* arrival of the k-th viewer: all are there from the start here */
};

static void service_reset(struct service *s, struct rng *rng, double lift)
{
    for (unsigned arm = 0; arm < 2; arm++) {
        s->n[arm] = VIEWERS;
        for (size_t i = 0; i < VIEWERS; i++) {
            double taste = 0.3 + 0.1 * rng_normal(rng);
            taste = taste < 0.02 ? 0.02 : taste > 0.9 ? 0.9 : taste;
            s->before[arm][i] = (double)rng_poisson(rng, 20 * taste) / 20;
            s->rate[arm][i] = taste + (arm ? lift : 0);
            s->plays[arm][i] = s->pages[arm][i] = 0;
        }
    }
}

static void service_events(struct service *s, struct rng *rng, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        unsigned arm = (unsigned)rng_below(rng, 2);
        /* Some come often, most seldom. */
        double u = rng_double(rng);
        size_t i = (size_t)(u * u * VIEWERS);
        s->pages[arm][i]++;
        s->plays[arm][i] += rng_double(rng) < s->rate[arm][i];
    }
}

/* Only viewers who came count. */
static size_t present(const struct service *s, unsigned arm, double out[3][VIEWERS])
{
    size_t n = 0;
    for (size_t i = 0; i < VIEWERS; i++) {
        if (s->pages[arm][i] == 0)
            continue;
        out[0][n] = s->plays[arm][i];
        out[1][n] = s->pages[arm][i];
        out[2][n++] = s->before[arm][i];
    }
    return n;
}

/* Looks after every 100 events; *ret_fixed: the last look's fixed interval misses 0. True: some look's anytime interval did. */
static bool run(struct service *s, struct rng *rng, double lift, unsigned looks, bool *ret_fixed)
{
    static double data[2][3][VIEWERS];
    bool called = false;
    struct effect e = {0};

    service_reset(s, rng, lift);
    for (unsigned look = 0; look < looks; look++) {
        service_events(s, rng, 100);
        struct arm_sample a[2];
        for (unsigned arm = 0; arm < 2; arm++)
            a[arm] = (struct arm_sample){data[arm][0], data[arm][1], data[arm][2],
                                         present(s, arm, data[arm])};
        assert_ok(effect_measure(&a[0], &a[1], 2 * VIEWERS, &e, &test_err));
        called |= e.anytime_low > 0 || e.anytime_high < 0;
    }
    *ret_fixed = e.low > 0 || e.high < 0;
    return called;
}

/* A/A with a look every 100 events: at most 5 % + 2 standard errors of all runs ever call a difference. */
static void looking_often_is_harmless(void **state)
{
    (void)state;
    static struct service s;
    struct rng rng;
    size_t rounds = test_rounds(200), called = 0, fixed = 0;

    rng_seed(&rng, test_seed());
    for (size_t r = 0; r < rounds; r++) {
        bool last;
        called += run(&s, &rng, 0, 80, &last);
        fixed += last;
    }
    double n = (double)rounds, error = sqrt(0.05 * 0.95 / n);
    print_message("A/A: %zu of %zu ever called; %zu at the single last look\n", called, rounds,
                  fixed);
    assert_true((double)called / n <= 0.05 + 2 * error);
    assert_true(fabs((double)fixed / n - 0.05) <= 4 * error);
}

static void a_difference_is_found(void **state)
{
    (void)state;
    static struct service s;
    struct rng rng;
    size_t rounds = test_rounds(40), called = 0;

    rng_seed(&rng, test_seed() + 1);
    for (size_t r = 0; r < rounds; r++) {
        bool last;
        called += run(&s, &rng, 0.06, 80, &last);
    }
    print_message("power at +.06 of .3, 8,000 pages, 2,000 viewers: %zu of %zu\n", called, rounds);
    assert_true(called * 10 >= rounds * 8);
}

static void the_past_explains(void **state)
{
    (void)state;
    struct rng rng;
    double y[2][2000], x[2][2000];
    struct effect with, without;

    rng_seed(&rng, test_seed());
    for (unsigned arm = 0; arm < 2; arm++)
        for (size_t i = 0; i < 2000; i++) {
            x[arm][i] = rng_normal(&rng);
            y[arm][i] = 1.5 * x[arm][i] + rng_normal(&rng);
        }
    assert_ok(effect_measure(&(struct arm_sample){y[0], NULL, x[0], 2000},
                             &(struct arm_sample){y[1], NULL, x[1], 2000}, 0, &with, &test_err));
    assert_ok(effect_measure(&(struct arm_sample){y[0], NULL, NULL, 2000},
                             &(struct arm_sample){y[1], NULL, NULL, 2000}, 0, &without, &test_err));
    /* 1.5^2 / (1.5^2 + 1) = .69 */
    assert_true(with.explained > 0.62 && with.explained < 0.76);
    assert_true(with.standard_error < 0.65 * without.standard_error);
    assert_true(without.explained == 0);
}

static void uneven_arms_are_noticed(void **state)
{
    (void)state;
    const double even[] = {1, 1}, a[] = {5000, 5000}, b[] = {5000, 5350}, none[] = {0, 0};
    const double hand[] = {60, 40};

    assert_true(sample_ratio_p(even, a, 2) == 1);
    assert_true(sample_ratio_p(even, b, 2) < 0.001);
    assert_true(sample_ratio_p(even, none, 2) == 1);
    /* (10^2 + 10^2) / 50 = 4: two-sided normal tail of 2. */
    assert_true(fabs(sample_ratio_p(even, hand, 2) - 0.0455002638963584) < 1e-12);
}

/* All viewers are there from the first look on, and their plays come in: looked at after each 4 %, with the interval planned for all of
 * them, a difference that is none is called in at most 5 %. */
static void looks_at_the_same_viewers(void **state)
{
    (void)state;
    enum { ASSIGNED = 400, SAME_LOOKS = 25 };
    static double value[2][ASSIGNED / 2];
    static unsigned when[2][ASSIGNED / 2];
    size_t rounds = test_rounds(400), called = 0;
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < rounds; i++) {
        bool ever = false;
        for (int a = 0; a < 2; a++) {
            for (int v = 0; v < ASSIGNED / 2; v++)
                when[a][v] =
                    rng_double(&rng) < 0.3 ? (unsigned)rng_below(&rng, SAME_LOOKS) : SAME_LOOKS;
        }
        for (unsigned look = 0; look < SAME_LOOKS && !ever; look++) {
            struct effect e;
            for (int a = 0; a < 2; a++) {
                for (int v = 0; v < ASSIGNED / 2; v++)
                    value[a][v] = when[a][v] <= look;
            }
            assert_ok(effect_measure(&(struct arm_sample){value[0], NULL, NULL, ASSIGNED / 2},
                                     &(struct arm_sample){value[1], NULL, NULL, ASSIGNED / 2},
                                     ASSIGNED, &e, &test_err));
            ever = e.anytime_low > 0 || e.anytime_high < 0;
        }
        called += ever;
    }
    print_message("25 looks at 400 viewers without an effect: called in %zu of %zu\n", called,
                  rounds);
    double n = (double)rounds;
    assert_true((double)called <= 0.05 * n + 2 * sqrt(n * 0.05 * 0.95));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(looks_at_the_same_viewers),
        cmocka_unit_test(too_few_say_nothing),
        cmocka_unit_test(looking_often_is_harmless),
        cmocka_unit_test(a_difference_is_found),
        cmocka_unit_test(the_past_explains),
        cmocka_unit_test(uneven_arms_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
