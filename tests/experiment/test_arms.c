/* Arms: evenly filled, independent of each other, the same for ever. */
#include "support/check.h"

#include <math.h>

#include "experiment/arms.h"
#include "experiment/effect.h"

enum { VIEWERS = 40000 };

static struct str viewer(unsigned i, char at[16])
{
    snprintf(at, 16, "v-%u", i);
    return str_of(at);
}

static void filled_by_weight(void **state)
{
    (void)state;
    const struct arms a = {STR("ranker-2"), 0.5, {1, 2, 1}, 3};
    double count[3] = {0};
    unsigned outside = 0;
    char at[16];

    assert_ok(arms_check(&a, &test_err));
    for (unsigned i = 0; i < VIEWERS; i++) {
        int arm = arm_of(&a, viewer(i, at));
        if (arm == ARM_NONE)
            outside++;
        else
            count[arm]++;
    }
    assert_in_range(outside, VIEWERS / 2 - 500, VIEWERS / 2 + 500);
    assert_true(sample_ratio_p(a.weight, count, 3) > 1e-4);
}

static void more_traffic_moves_nobody(void **state)
{
    (void)state;
    struct arms small = {STR("x"), 0.1, {1, 1}, 2}, large = small;
    char at[16];

    large.traffic = 0.9;
    for (unsigned i = 0; i < VIEWERS; i++) {
        int arm = arm_of(&small, viewer(i, at));
        if (arm != ARM_NONE)
            assert_int_equal(arm_of(&large, viewer(i, at)), arm);
    }
}

/* Of those in arm 1 of one experiment, half are in arm 1 of another. */
static void experiments_are_independent(void **state)
{
    (void)state;
    const struct arms a = {STR("a"), 1, {1, 1}, 2}, b = {STR("b"), 1, {1, 1}, 2};
    double count[2] = {0};
    const double even[2] = {1, 1};
    char at[16];

    for (unsigned i = 0; i < VIEWERS; i++) {
        if (arm_of(&a, viewer(i, at)) == 1)
            count[arm_of(&b, viewer(i, at))]++;
    }
    assert_true(sample_ratio_p(even, count, 2) > 1e-4);
}

/* Changing the hash would move every viewer of every running experiment. */
static void an_arm_is_for_ever(void **state)
{
    (void)state;
    const struct arms a = {STR("pin"), 1, {1, 1, 1, 1}, 4};
    char seen[17];
    char at[16];

    for (unsigned i = 0; i < 16; i++)
        seen[i] = (char)('0' + arm_of(&a, viewer(i, at)));
    seen[16] = '\0';
    assert_string_equal(seen, "0100132331002311");
}

static void bad_settings_are_named(void **state)
{
    (void)state;
    struct arms a = {STR("a b"), 1, {1, 1}, 2};

    assert_fails(MQ_INVALID, arms_check(&a, &test_err));
    a.name = STR("");
    assert_fails(MQ_INVALID, arms_check(&a, &test_err));
    a.name = STR("ab");
    a.traffic = 0;
    assert_fails(MQ_INVALID, arms_check(&a, &test_err));
    a.traffic = 1;
    a.n = 1;
    assert_fails(MQ_INVALID, arms_check(&a, &test_err));
    a.n = 2;
    a.weight[1] = NAN;
    assert_fails(MQ_INVALID, arms_check(&a, &test_err));
    assert_non_null(strstr(test_err.text, "weight of arm 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filled_by_weight),
        cmocka_unit_test(more_traffic_moves_nobody),
        cmocka_unit_test(experiments_are_independent),
        cmocka_unit_test(an_arm_is_for_ever),
        cmocka_unit_test(bad_settings_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
