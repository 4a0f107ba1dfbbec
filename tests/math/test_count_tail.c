#include "support/check.h"

#include <math.h>

#include "math/count_tail.h"

static void near(double expected, double actual)
{
    assert_true(fabs(expected - actual) <= 1e-11 * fabs(expected));
}

static void known_values(void **state)
{
    (void)state;
    assert_true(count_tail(0, 3, 2) == 1);
    assert_true(count_tail(1, 0, 2) == 0);
    near(1 - exp(-1), count_tail(1, 1, INFINITY));
    near(1 - exp(-1) * 2.5, count_tail(3, 1, INFINITY));
    /* Shape 1 is geometric: P(X >= k) = q^k. */
    near(pow(0.75, 9), count_tail(9, 3, 1));
    near(pow(0.75, 2), count_tail(2, 3, 1));
    /* Shape 2: P(X >= k) = q^k (1 + k (1 - q)). */
    near(pow(0.6, 7) * (1 + 7 * 0.4), count_tail(7, 3, 2));
    near(pow(1e-3 / (1e-3 + 2), 8) * (1 + 8 * (2 / (2 + 1e-3))), count_tail(8, 1e-3, 2));
}

static void tails_fall(void **state)
{
    (void)state;
    static const double means[] = {1e-4, 0.3, 5, 400}, shapes[] = {0.2, 1, 8, 1e6, INFINITY};
    for (size_t m = 0; m < 4; m++)
        for (size_t s = 0; s < 5; s++) {
            double before = 1;
            for (uint32_t k = 1; k < 1000; k++) {
                double p = count_tail(k, means[m], shapes[s]);
                assert_true(p >= 0 && p <= before * (1 + 1e-9));
                before = p;
            }
        }
    /* A very large shape is Poisson; a smaller one has the heavier tail. */
    assert_true(fabs(count_tail(20, 5, 1e9) / count_tail(20, 5, INFINITY) - 1) < 1e-5);
    assert_true(count_tail(20, 5, 2) > 10 * count_tail(20, 5, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(known_values),
                                       cmocka_unit_test(tails_fall)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
