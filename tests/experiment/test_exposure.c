/* What being seen does: by hand, title by title, with the coverage of its interval. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "experiment/exposure.h"

static struct exposure of(uint32_t viewer, uint8_t title, bool seen, bool began)
{
    return (struct exposure){viewer, 1, title,
                             (uint8_t)((seen ? EXPOSURE_SEEN : 0) | (began ? EXPOSURE_BEGAN : 0))};
}

static void by_hand(void **state)
{
    (void)state;
    struct exposure_effect e;
    /* Title 0: seen 1 of 2, unseen 0 of 2, weight 1. Title 1: seen alone: it says nothing. */
    struct exposure x[] = {of(0, 0, true, true), of(1, 0, true, false), of(2, 0, false, false),
                           of(3, 0, false, false), of(4, 1, true, true)};
    exposure_measure(x, 5, 0, &e);
    assert_true(e.seen == 0.5 && e.unseen == 0 && e.difference == 0.5 && e.n == 4);
    assert_true(e.viewers_seen == 2 && e.viewers_unseen == 2);
    assert_true(fabs(e.standard_error - sqrt(2 * 0.25 * 0.25)) < 1e-12);
    exposure_measure(x, 5, 1, &e); /* another group */
    assert_true(isnan(e.difference) && isnan(e.standard_error) && e.n == 0);
    exposure_measure(x, 0, 0, &e);
    assert_true(isnan(e.difference));
}

/* Popular titles are shown more and begun more: pooled they would show an effect where there is none. */
static void popularity_is_no_effect(void **state)
{
    (void)state;
    enum { VIEWERS = 300, TITLES = 4 };
    static struct exposure x[VIEWERS * TITLES];
    size_t rounds = test_rounds(400), within = 0;
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < rounds; i++) {
        struct exposure_effect e;
        size_t n = 0;
        for (uint32_t v = 0; v < VIEWERS; v++) {
            double eager = 0.5 + rng_double(&rng); /* so that a viewer's observations go together */
            for (uint8_t t = 0; t < TITLES; t++) {
                bool seen = rng_double(&rng) < 0.1 + 0.2 * t;
                double chance = eager * (0.05 + 0.12 * t) + (seen ? 0.1 : 0);
                x[n++] = of(v, t, seen, rng_double(&rng) < chance);
            }
        }
        exposure_measure(x, n, 0, &e);
        within += fabs(e.difference - 0.1) < 1.96 * e.standard_error;
    }
    double share = (double)within / (double)rounds;
    print_message("95 %% intervals hold the truth in %.1f %%\n", 100 * share);
    assert_true(share > 0.95 - 3 * sqrt(0.05 * 0.95 / (double)rounds));
    assert_true(share < 0.95 + 3 * sqrt(0.05 * 0.95 / (double)rounds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(popularity_is_no_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
