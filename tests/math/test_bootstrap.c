/* Intervals: what must hold exactly, and how often they cover the truth. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/bootstrap.h"

static void constant_difference_has_no_width(void **state)
{
    (void)state;
    const double a[] = {1.5, 2.5, 3.5}, b[] = {1, 2, 3};
    struct interval i;

    assert_ok(bootstrap_paired(a, b, 3, 1, &i, &test_err));
    assert_true(i.mean == 0.5 && i.low == 0.5 && i.high == 0.5);
    assert_int_equal(i.n, 3);
}

static void without_pairs_nothing_is_known(void **state)
{
    (void)state;
    struct interval i;

    assert_ok(bootstrap_paired(NULL, NULL, 0, 1, &i, &test_err));
    assert_true(isnan(i.mean) && isnan(i.low) && isnan(i.high) && i.n == 0);
}

static void same_seed_same_interval(void **state)
{
    (void)state;
    double a[50];
    struct rng rng;
    struct interval x, y, z;

    rng_seed(&rng, 5);
    for (size_t i = 0; i < 50; i++)
        a[i] = rng_normal(&rng);
    assert_ok(bootstrap_paired(a, NULL, 50, 9, &x, &test_err));
    assert_ok(bootstrap_paired(a, NULL, 50, 9, &y, &test_err));
    assert_ok(bootstrap_paired(a, NULL, 50, 10, &z, &test_err));
    assert_true(x.low == y.low && x.high == y.high);
    assert_true(x.low != z.low);
    assert_true(x.low < x.mean && x.mean < x.high);
}

/* 300 samples of 60 from a normal around 0.3: the interval holds 0.3 about 95 times in 100 (standard error
 * 1.3; the percentile bootstrap covers a little less). */
static void covers_the_truth(void **state)
{
    (void)state;
    struct rng rng;
    int covered = 0;

    rng_seed(&rng, test_seed());
    for (uint64_t s = 0; s < 300; s++) {
        double a[60];
        struct interval i;
        for (size_t k = 0; k < 60; k++)
            a[k] = 0.3 + rng_normal(&rng);
        assert_ok(bootstrap_paired(a, NULL, 60, s, &i, &test_err));
        covered += i.low <= 0.3 && 0.3 <= i.high;
    }
    print_message("covered %d of 300\n", covered);
    assert_in_range(covered, 265, 299);
}

/* Alone it is bootstrap_ratio without a root, draw by draw; a group less itself is 0; others' rows change nothing. */
static void ratios_of_groups_that_share_viewers(void **state)
{
    (void)state;
    double a[40], count[40], more[40];
    const double none[40] = {0};
    struct interval x, y, d;
    struct rng rng;

    rng_seed(&rng, 3);
    for (size_t i = 0; i < 40; i++) {
        count[i] = i % 5 == 0 ? 0 : (double)(i % 7 + 1);
        a[i] = count[i] * rng_double(&rng);
        more[i] = a[i] + 0.25 * count[i];
    }
    assert_ok(bootstrap_ratio(a, NULL, count, 40, false, 7, &x, &test_err));
    assert_ok(bootstrap_ratios(a, count, NULL, NULL, 40, 7, &y, &test_err));
    assert_true(x.mean == y.mean && x.low == y.low && x.high == y.high);
    assert_ok(bootstrap_ratios(a, count, a, count, 40, 7, &d, &test_err));
    assert_true(d.mean == 0 && d.low == 0 && d.high == 0);
    assert_ok(bootstrap_ratios(more, count, a, count, 40, 7, &d, &test_err));
    assert_true(fabs(d.mean - 0.25) < 1e-12 && fabs(d.high - d.low) < 1e-12);
    assert_ok(bootstrap_ratios(a, count, a, none, 40, 7, &d, &test_err));
    assert_true(isnan(d.mean) && isnan(d.low) && isnan(d.high));
}

/* Two viewers: 4 squares over 4 rows, 0 over 1. All: sqrt(4 / 5). Resampled: 1 (both the first), 0, or the same. */
static void ratio_of_sums_by_hand(void **state)
{
    (void)state;
    const double square[] = {4, 0}, half[] = {1, 0}, rows[] = {4, 1};
    struct interval i;

    assert_ok(bootstrap_ratio(square, NULL, rows, 2, true, 1, &i, &test_err));
    assert_true(fabs(i.mean - sqrt(0.8)) < 1e-12 && i.low == 0 && i.high == 1);
    assert_ok(bootstrap_ratio(square, half, rows, 2, true, 1, &i, &test_err));
    assert_true(fabs(i.mean - sqrt(0.8) / 2) < 1e-12 && i.high == 0.5);
    assert_ok(bootstrap_ratio(square, half, rows, 2, false, 1, &i, &test_err));
    assert_true(fabs(i.mean - 0.6) < 1e-12);
    assert_ok(bootstrap_ratio(NULL, NULL, NULL, 0, true, 1, &i, &test_err));
    assert_true(isnan(i.mean));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_difference_has_no_width),
        cmocka_unit_test(ratios_of_groups_that_share_viewers),
        cmocka_unit_test(ratio_of_sums_by_hand),
        cmocka_unit_test(without_pairs_nothing_is_known),
        cmocka_unit_test(same_seed_same_interval),
        cmocka_unit_test(covers_the_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
