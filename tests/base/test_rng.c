#include "support/check.h"

#include <math.h>

#include "base/rng.h"

enum { DRAWS = 200000 };

/* xoshiro256** from state {1, 2, 3, 4}: the reference program's first outputs. */
static void reference_outputs(void **state)
{
    (void)state;
    struct rng r = {{1, 2, 3, 4}};
    static const uint64_t expected[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};
    for (size_t i = 0; i < 4; i++)
        assert_true(rng_u64(&r) == expected[i]);
    rng_seed(&r, 0); /* splitmix64's first output for seed 0 */
    assert_true(r.s[0] == UINT64_C(0xe220a8397b1dcdaf));
}

static void streams_differ_and_repeat(void **state)
{
    (void)state;
    struct rng a, b;
    rng_seed_stream(&a, 1, 2);
    rng_seed_stream(&b, 1, 2);
    assert_true(rng_u64(&a) == rng_u64(&b));
    rng_seed_stream(&a, 1, 2);
    rng_seed_stream(&b, 2, 1);
    assert_true(rng_u64(&a) != rng_u64(&b));
}

static void below_is_uniform(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    int count[7] = {0};
    for (int i = 0; i < DRAWS; i++)
        count[rng_below(&r, 7)]++;
    double chi2 = 0;
    for (int i = 0; i < 7; i++)
        chi2 += pow(count[i] - DRAWS / 7.0, 2) / (DRAWS / 7.0);
    assert_true(chi2 < 30); /* 6 degrees of freedom: p < 1e-4 */
    for (int i = 0; i < 1000; i++) {
        uint64_t big = UINT64_C(3) << 62;
        assert_true(rng_below(&r, big) < big);
        assert_int_equal(rng_below(&r, 1), 0);
    }
}

/* Six standard errors around the mean and a rough band around the variance. */
static void check_moments(const char *what, const double *x, double mean, double variance)
{
    double m = 0, v = 0;
    for (int i = 0; i < DRAWS; i++)
        m += x[i] / DRAWS;
    for (int i = 0; i < DRAWS; i++)
        v += (x[i] - m) * (x[i] - m) / (DRAWS - 1);
    if (fabs(m - mean) > 6 * sqrt(variance / DRAWS) || fabs(v / variance - 1) > 0.1)
        fail_msg("%s: mean %g for %g, variance %g for %g", what, m, mean, v, variance);
}

static void distributions(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    double *x = calloc(DRAWS, sizeof(*x));
    assert_non_null(x);
#define DRAW(call)                                                                                 \
    for (int i = 0; i < DRAWS; i++)                                                                \
    x[i] = (double)(call)
    DRAW(rng_double(&r));
    for (int i = 0; i < DRAWS; i++)
        assert_true(x[i] >= 0 && x[i] < 1);
    check_moments("double", x, 0.5, 1.0 / 12);
    DRAW(rng_normal(&r));
    check_moments("normal", x, 0, 1);
    float three[3]; /* an odd number: the second of the last pair is left */
    for (int i = 0; i < DRAWS; i++) {
        if (i % 3 == 0)
            rng_normals(&r, three, 3);
        x[i] = (double)three[i % 3];
    }
    check_moments("normals", x, 0, 1);
    for (int i = DRAWS - 1; i > 0; i--)
        x[i] *= x[i - 1];
    x[0] = 0;
    check_moments("neighbouring normals", x, 0, 1);
    DRAW(rng_exp(&r));
    check_moments("exp", x, 1, 1);
    static const double shapes[] = {0.1, 0.7, 1, 3.5, 100};
    for (size_t k = 0; k < 5; k++) {
        DRAW(rng_gamma(&r, shapes[k]));
        check_moments("gamma", x, shapes[k], shapes[k]);
    }
    static const double means[] = {0.01, 3, 9.99, 10, 50, 12345};
    for (size_t k = 0; k < 6; k++) {
        DRAW(rng_poisson(&r, means[k]));
        check_moments("poisson", x, means[k], means[k]);
    }
    assert_int_equal(rng_poisson(&r, 0), 0);
    free(x);
}

static void shuffle_permutes(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    uint32_t v[50] = {0};
    int first[50] = {0};
    for (int round = 0; round < 10000; round++) {
        uint64_t seen = 0;
        for (uint32_t i = 0; i < 50; i++)
            v[i] = i;
        rng_shuffle_u32(&r, v, 50);
        for (uint32_t i = 0; i < 50; i++)
            seen |= UINT64_C(1) << v[i];
        assert_true(seen == (UINT64_C(1) << 50) - 1);
        first[v[0]]++;
    }
    for (int i = 0; i < 50; i++)
        assert_in_range(first[i], 100, 300); /* 200 expected, 14 a standard deviation */
    rng_shuffle_u32(&r, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_outputs), cmocka_unit_test(streams_differ_and_repeat),
        cmocka_unit_test(below_is_uniform),  cmocka_unit_test(distributions),
        cmocka_unit_test(shuffle_permutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
