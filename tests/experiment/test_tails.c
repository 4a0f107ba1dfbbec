/* Against tables (Abramowitz, Stegun 26.8, 26.10). */
#include "support/check.h"

#include <math.h>

#include "experiment/tails.h"

static void tabled_values(void **state)
{
    (void)state;
    assert_true(fabs(normal_two_sided(1.959963984540054) - 0.05) < 1e-12);
    assert_true(fabs(normal_two_sided(-2.575829303548901) - 0.01) < 1e-12);
    assert_true(normal_two_sided(0) == 1);
    assert_true(fabs(chi_square_tail(3.841458820694124, 1) - 0.05) < 1e-12);
    assert_true(fabs(chi_square_tail(5.991464547107979, 2) - 0.05) < 1e-12);
    assert_true(fabs(chi_square_tail(18.307038053275146, 10) - 0.05) < 1e-12);
    assert_true(fabs(chi_square_tail(0.5, 4) - 0.973501) < 1e-6);
    assert_true(chi_square_tail(0, 3) == 1);
    assert_true(fabs(student_975(3) / 3.182446 - 1) < 0.02);
    assert_true(fabs(student_975(10) - 2.228139) < 1e-3);
    assert_true(fabs(student_975(60) - 2.000298) < 1e-5);
    assert_true(fabs(student_975(1e9) - NORMAL_975) < 1e-8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tabled_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
