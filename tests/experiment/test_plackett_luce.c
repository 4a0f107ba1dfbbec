/* The logged chance is the chance: against enumeration, and against how often it happens. */
#include "support/check.h"

#include <math.h>

#include "experiment/plackett_luce.h"

static void drawn_as_often_as_said(void **state)
{
    (void)state;
    const float weight[4] = {1.0f, 0.0f, -1.0f, 2.5f};
    double left[4], said[64] = {0};
    unsigned often[64] = {0};
    struct rng rng;
    enum { ROUNDS = 40000 };

    rng_seed(&rng, test_seed());
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct chosen c[3];
        assert_int_equal(plackett_luce_draw(weight, 4, 3, &rng, left, c), 3);
        unsigned key = c[0].index * 16 + c[1].index * 4 + c[2].index;
        often[key]++;
        said[key] = (double)c[0].propensity * (double)c[1].propensity * (double)c[2].propensity;
    }
    for (unsigned key = 0; key < 64; key++) {
        double expected = said[key] * ROUNDS, error = sqrt(expected + 1);
        if (fabs(often[key] - expected) > 5 * error)
            fail_msg("order %u: %u of %.1f expected", key, often[key], expected);
    }
}

/* All orders of all four: their chances sum to one, and agree with the definition. */
static void chances_sum_to_one(void **state)
{
    (void)state;
    const float weight[4] = {0.3f, -2.0f, 5.0f, 0.0f};
    double left[4], total = 0;

    for (uint32_t a = 0; a < 4; a++)
        for (uint32_t b = 0; b < 4; b++)
            for (uint32_t c = 0; c < 4; c++) {
                if (a == b || b == c || a == c)
                    continue;
                const uint32_t order[3] = {a, b, c};
                float p[3];
                plackett_luce_propensities(weight, 4, order, 3, left, p);
                double sum = 0;
                for (unsigned i = 0; i < 4; i++)
                    sum += exp(weight[i]);
                assert_true(fabs((double)p[0] - exp(weight[a]) / sum) < 1e-6);
                total += (double)p[0] * (double)p[1] * (double)p[2];
            }
    assert_true(fabs(total - 1) < 1e-6);
}

static void extreme_weights(void **state)
{
    (void)state;
    const float weight[3] = {3e38f, -3e38f, 0.0f};
    double left[3];
    struct chosen c[3];
    struct rng rng;

    rng_seed(&rng, 1);
    assert_int_equal(plackett_luce_draw(weight, 3, 9, &rng, left, c), 3);
    assert_int_equal(c[0].index, 0);
    for (unsigned i = 0; i < 3; i++)
        assert_true(c[i].propensity > 0 && c[i].propensity <= 1);
    assert_int_equal(plackett_luce_draw(weight, 0, 2, &rng, left, c), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drawn_as_often_as_said),
        cmocka_unit_test(chances_sum_to_one),
        cmocka_unit_test(extreme_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
