/* Hand-computed cases. */
#include "support/check.h"

#include <math.h>

#include "math/ranking_metrics.h"

#define assert_near(actual, expected) assert_true(fabs((actual) - (expected)) < 1e-9)

static void recall_is_hits_over_the_smaller(void **state)
{
    (void)state;
    bool hit[] = {true, false, true, false};
    /* Two of three targets among the first four; at 2 one of min(2, 3). */
    assert_near(recall_at(hit, 4, 3, 4), 2.0 / 3);
    assert_near(recall_at(hit, 4, 3, 2), 1.0 / 2);
    assert_near(recall_at(hit, 4, 3, 1), 1.0);
    /* Longer than the list: k only bounds the denominator. */
    assert_near(recall_at(hit, 4, 3, 20), 2.0 / 3);
}

static void hit_rate_is_any_hit(void **state)
{
    (void)state;
    bool hit[] = {false, false, true};
    assert_near(hit_rate_at(hit, 3, 2), 0);
    assert_near(hit_rate_at(hit, 3, 3), 1);
    assert_near(hit_rate_at(hit, 0, 10), 0);
}

static void ndcg_of_one_target_is_its_discount(void **state)
{
    (void)state;
    bool first[] = {true, false};
    bool third[] = {false, false, true};
    assert_near(ndcg_at(first, 2, 1, 10), 1);
    assert_near(ndcg_at(third, 3, 1, 10), 0.5); /* 1 / log2(4) */
    assert_near(ndcg_at(third, 3, 1, 2), 0);
}

static void ndcg_of_several_targets(void **state)
{
    (void)state;
    bool hit[] = {false, true, true, false};
    /* DCG = 1/log2(3) + 1/log2(4) = 0.63093 + 0.5; ideal of 3 targets = 1 + 0.63093 + 0.5. */
    assert_near(ndcg_at(hit, 4, 3, 10), (1 / log2(3) + 0.5) / (1.5 + 1 / log2(3)));
    /* At k = 2 the ideal has two. */
    assert_near(ndcg_at(hit, 4, 3, 2), (1 / log2(3)) / (1 + 1 / log2(3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recall_is_hits_over_the_smaller),
        cmocka_unit_test(hit_rate_is_any_hit),
        cmocka_unit_test(ndcg_of_one_target_is_its_discount),
        cmocka_unit_test(ndcg_of_several_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
