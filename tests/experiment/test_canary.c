/* Canaries of known worth: a bad model goes back, an equal one goes on, with few mistakes. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "experiment/canary_verdict.h"

enum { CONTROL = 1800, NEW = 200, DAYS = 7, LOOKS_A_DAY = 4 };

struct arm {
    double valued[CONTROL], pages[CONTROL], before[CONTROL], rate[CONTROL];
    size_t n;
};

static void arm_init(struct arm *a, struct rng *rng, size_t n, double worth)
{
    a->n = n;
    for (size_t i = 0; i < n; i++) {
        double taste = fmax(0.02, 0.25 + 0.1 * rng_normal(rng));
        a->before[i] = (double)rng_poisson(rng, 20 * taste) / 20;
        a->rate[i] = taste * worth;
        a->valued[i] = a->pages[i] = 0;
    }
}

static void some_hours(struct arm *a, struct rng *rng)
{
    for (size_t i = 0; i < a->n; i++) {
        uint64_t pages = rng_poisson(rng, 2.0 / LOOKS_A_DAY);
        a->pages[i] += (double)pages;
        a->valued[i] += (double)rng_poisson(rng, (double)pages * a->rate[i]);
    }
}

static enum canary_verdict run(struct rng *rng, double worth, double margin, unsigned *ret_look)
{
    static struct arm a, b;
    enum canary_verdict v = CANARY_WAIT;
    const char *why;
    arm_init(&a, rng, CONTROL, 1);
    arm_init(&b, rng, NEW, worth);
    for (unsigned look = 1; look <= DAYS * LOOKS_A_DAY && v == CANARY_WAIT; look++) {
        struct effect f;
        some_hours(&a, rng);
        some_hours(&b, rng);
        assert_ok(effect_measure(&(struct arm_sample){a.valued, a.pages, a.before, a.n},
                                 &(struct arm_sample){b.valued, b.pages, b.before, b.n}, 0, &f,
                                 &test_err));
        struct canary_evidence e = {.valued = &f,
                                    .answers = {18000, 2000},
                                    .sample_ratio_p = 0.5,
                                    .margin = margin,
                                    .over = look == DAYS * LOOKS_A_DAY};
        v = canary_decide(&e, &why);
        *ret_look = look;
    }
    return v;
}

static void back_and_on(void **state)
{
    (void)state;
    const size_t rounds = test_rounds(100);
    size_t back = 0, kept = 0, early = 0, looks = 0;
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < rounds; i++) {
        unsigned look;
        enum canary_verdict v = run(&rng, 1, 0.02, &look);
        assert_true(v != CANARY_WAIT);
        back += v == CANARY_BACK;
        kept += run(&rng, 0.75, 0.02, &look) == CANARY_ON;
        looks += look;
        early += look < DAYS * LOOKS_A_DAY;
    }
    double n = (double)rounds;
    print_message(
        "equal: %zu of %zu rolled back; a quarter worse: %zu went on, %.1f days until back\n", back,
        rounds, kept, (double)looks / n / LOOKS_A_DAY);
    assert_true((double)back / n <= 0.05 + 2 * sqrt(0.05 * 0.95 / n));
    assert_true((double)kept / n <= 0.05);
    assert_true(early > rounds / 2);
}

static void errors_and_arms(void **state)
{
    (void)state;
    const char *why;
    struct effect none = {.low = -INFINITY,
                          .high = INFINITY,
                          .anytime_low = -INFINITY,
                          .anytime_high = INFINITY,
                          .control = NAN,
                          .treatment = NAN};
    struct canary_evidence e = {
        .valued = &none, .answers = {1000, 50}, .sample_ratio_p = 1, .margin = 0.02};
    assert_int_equal(canary_decide(&e, &why), CANARY_WAIT);
    e.failures[1] = 4;
    assert_int_equal(canary_decide(&e, &why), CANARY_WAIT);
    e.failures[1] = 10;
    assert_int_equal(canary_decide(&e, &why), CANARY_BACK);
    assert_non_null(strstr(why, "fails to answer"));
    /* The control fails as often: the disk's fault, not the model's. */
    e.failures[0] = 200;
    assert_int_equal(canary_decide(&e, &why), CANARY_WAIT);
    e.sample_ratio_p = 1e-6;
    assert_int_equal(canary_decide(&e, &why), CANARY_BACK);
    e.sample_ratio_p = 1;
    e.over = true;
    assert_int_equal(canary_decide(&e, &why), CANARY_BACK);
    assert_non_null(strstr(why, "too few"));
}

/* Looks at equal error rates: a canary that fails as often as the control is not sent back for it. */
static void equal_errors_are_no_reason(void **state)
{
    (void)state;
    const size_t rounds = test_rounds(200);
    size_t back = 0;
    struct effect none = {.low = -INFINITY,
                          .high = INFINITY,
                          .anytime_low = -INFINITY,
                          .anytime_high = INFINITY,
                          .control = NAN,
                          .treatment = NAN};
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < rounds; i++) {
        struct canary_evidence e = {.valued = &none, .sample_ratio_p = 1};
        enum canary_verdict v = CANARY_WAIT;
        const char *why;
        double rate = 0.01 * rng_double(&rng);
        for (unsigned look = 0; look < 1000 && v == CANARY_WAIT; look++) {
            e.answers[0] += 190;
            e.answers[1] += 10;
            e.failures[0] += rng_poisson(&rng, 190 * rate);
            e.failures[1] += rng_poisson(&rng, 10 * rate);
            v = canary_decide(&e, &why);
        }
        back += v == CANARY_BACK;
    }
    assert_true((double)back <= 0.01 * (double)rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_and_on),
        cmocka_unit_test(errors_and_arms),
        cmocka_unit_test(equal_errors_are_no_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
