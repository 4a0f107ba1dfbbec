/* Where loops run. */
#include "support/check.h"

#include "http/loop.h"

static cpu_set_t set_of(const int *cpu, size_t n)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (size_t i = 0; i < n; i++)
        CPU_SET((size_t)cpu[i], &set);
    return set;
}

static void each_has_its_own(void **state)
{
    (void)state;
    const int may[] = {0, 3, 7, CPU_SETSIZE - 1};
    cpu_set_t set = set_of(may, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(loop_cpu(&set, i, 4), may[i]);
}

static void fewer_or_more_stay_free(void **state)
{
    (void)state;
    const int may[] = {1, 2, 5};
    cpu_set_t set = set_of(may, 3), none = set_of(may, 0);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(loop_cpu(&set, i, 2), -1);
        assert_int_equal(loop_cpu(&set, i, 4), -1);
        assert_int_equal(loop_cpu(&none, i, 1), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_own),
        cmocka_unit_test(fewer_or_more_stay_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
