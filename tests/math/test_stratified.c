/* Figures of 2 x 2 tables by stratum, beside the formulas written out; and who is compared with whom. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/stratified.h"

enum { MOST = 40 };

static bool near(double x, double y)
{
    return (isnan(x) && isnan(y)) || fabs(x - y) <= 1e-9 * (1 + fabs(y));
}

/* {both, a, b, n}, invented. */
static void by_hand(void **state)
{
    const struct stratum s[] = {{10, 14, 30, 100}, {20, 50, 30, 80}};
    struct association x;
    (void)state;
    associate(s, 2, &x);
    double r = 10.0 * 66 / 100 + 20.0 * 20 / 80, t = 4.0 * 20 / 100 + 30.0 * 10 / 80;
    assert_true(near(x.odds_ratio, r / t));
    assert_true(near(x.lift, 30.0 * 180 / (64.0 * 60)));
    assert_true(near(x.expected, 14.0 * 30 / 100 + 50.0 * 30 / 80));
    /* 20 of 86 and 10 of 30 of the others have B, in the places of 14 and 50. */
    assert_true(near(x.comparable, (14 * 20.0 / 86 + 50 * 10.0 / 30) / 64));
}

static void nobody_to_compare_with_is_no_evidence_of_none(void **state)
{
    /* As by hand, and a stratum in which everybody has both. */
    const struct stratum s[] = {{10, 14, 30, 100}, {20, 50, 30, 80}, {70, 70, 70, 70}};
    const struct stratum alone[] = {{5, 9, 5, 9}, {3, 3, 3, 3}};
    struct association x;
    (void)state;
    associate(s, 3, &x);
    assert_true(near(x.comparable, (14 * 20.0 / 86 + 50 * 10.0 / 30) / 64));
    assert_int_equal(x.a, 134);
    associate(alone, 2, &x);
    assert_true(isnan(x.comparable) && isnan(x.odds_ratio));
}

static struct stratum draw(struct rng *r)
{
    struct stratum s = {.n = (uint32_t)rng_below(r, 12)};
    for (uint32_t i = 0; i < s.n; i++) {
        bool a = rng_below(r, 10) < 7, b = rng_below(r, 3) == 0;
        s.a += a;
        s.b += b;
        s.both += a && b;
    }
    return s;
}

/* Strata in which nobody has B may be left out, as pairs of people do; and shares are shares. */
static void strata_without_b_may_be_left_out(void **state)
{
    struct rng r;
    (void)state;
    rng_seed(&r, test_seed());
    for (size_t round = 0; round < test_rounds(2000); round++) {
        struct stratum s[MOST];
        struct association all, some = {0};
        struct association_sums sums = {0};
        size_t n = 1 + (size_t)rng_below(&r, MOST);
        for (size_t i = 0; i < n; i++)
            s[i] = draw(&r);
        associate(s, n, &all);
        some = (struct association){.both = all.both, .a = all.a, .b = all.b, .n = all.n};
        for (size_t i = 0; i < n; i++) {
            if (s[i].b > 0)
                association_add(&sums, &s[i]);
        }
        association_finish(&sums, &some);
        assert_true(near(all.comparable, some.comparable));
        assert_true(isnan(all.comparable) || (all.comparable >= 0 && all.comparable <= 1 + 1e-12));
        assert_true(near(all.odds_ratio, some.odds_ratio));
        assert_true(near(all.z, some.z));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(nobody_to_compare_with_is_no_evidence_of_none),
        cmocka_unit_test(strata_without_b_may_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
