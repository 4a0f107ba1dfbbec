/* Chances to be the best: by hand, against draws, and what they earn in a simulated service. */
#include "support/check.h"

#include <math.h>

#include "experiment/best_chance.h"

static void by_hand(void **state)
{
    (void)state;
    float p[VARIANTS_MAX];
    best_chance((struct variant[]){{0, 0}}, 1, 0.1, p);
    assert_true(p[0] == 1);
    best_chance((struct variant[]){{0, 0}, {0, 0}, {0, 0}, {0, 0}}, 4, 0.02, p);
    for (int i = 0; i < 4; i++)
        assert_true(fabsf(p[i] - 0.25f) < 1e-4f);
    /* Uniform priors (rate 1/2), one success of one against none of one: P(x > y) of Beta(2,1), Beta(1,2) is 5/6. */
    best_chance((struct variant[]){{1, 1}, {1, 0}}, 2, 0.5, p);
    assert_true(fabsf(p[0] - 5.0f / 6) < 0.003f && fabsf(p[0] + p[1] - 1) < 1e-6f);
    best_chance((struct variant[]){{4000000, 40000}, {4000000, 20000}}, 2, 0.01, p);
    assert_true(p[0] > 0.999f);
}

/* Gamma draws give beta draws: the share of draws in which each is the best. */
static void as_often_as_drawn(void **state)
{
    (void)state;
    enum { DRAWS = 20000 };
    struct rng rng;
    for (size_t round = 0; round < test_rounds(6); round++) {
        struct variant v[VARIANTS_MAX];
        double rate = 0.02 + 0.3 * (double)round / 10, best[VARIANTS_MAX] = {0};
        size_t n = 2 + round % 5;
        float p[VARIANTS_MAX];
        rng_seed_stream(&rng, test_seed(), round);
        for (size_t i = 0; i < n; i++) {
            v[i].shown = (uint32_t)rng_below(&rng, 400);
            v[i].won = (uint32_t)((double)v[i].shown * rate * rng_double(&rng) * 2);
        }
        best_chance(v, n, rate, p);
        for (int k = 0; k < DRAWS; k++) {
            size_t at = 0;
            double most = -1;
            for (size_t i = 0; i < n; i++) {
                double a = rng_gamma(&rng, 1 + v[i].won);
                double b = rng_gamma(&rng, (1 - rate) / rate + (v[i].shown - v[i].won));
                double x = a / (a + b);
                at = x > most ? i : at;
                most = fmax(most, x);
            }
            best[at] += 1.0 / DRAWS;
        }
        for (size_t i = 0; i < n; i++)
            assert_true(fabs(best[i] - (double)p[i]) < 0.004 + 4 * sqrt(0.25 / DRAWS));
    }
}

static void draws_have_their_chance(void **state)
{
    (void)state;
    enum { DRAWS = 40000 };
    static const float p[3] = {0.6f, 0.3f, 0.1f};
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (int half = 0; half < 2; half++) {
        double exploration = half ? 0.5 : 1, count[3] = {0};
        float chance;
        for (int k = 0; k < DRAWS; k++) {
            size_t i = best_draw(p, 3, exploration, &rng, &chance);
            double expected = exploration * (double)p[i] + (i == 0 ? 1 - exploration : 0);
            assert_true(fabs((double)chance - expected) < 1e-6);
            count[i]++;
        }
        for (int i = 0; i < 3; i++) {
            double expected = exploration * (double)p[i] + (i == 0 ? 1 - exploration : 0);
            assert_true(fabs(count[i] / DRAWS - expected) < 4 * sqrt(0.25 / DRAWS));
        }
    }
    float chance;
    assert_int_equal(best_draw(p, 3, 0, &rng, &chance), 0);
    assert_true(isnan(chance));
    assert_int_equal(best_draw(p, 1, 1, &rng, &chance), 0);
    assert_true(isnan(chance));
}

/* 40 titles of four pictures; what was learnt is served from the next day on. Regret: what the best picture would have won more. Against
 * uniform draws it must flatten, on the same titles. */
static void regret_flattens(void **state)
{
    (void)state;
    enum { TITLES = 40, DAYS = 60, SHOWS = 60 };
    struct rng rng;
    double halves[2] = {0}, uniform = 0;
    size_t right = 0;
    rng_seed(&rng, test_seed());
    for (size_t t = 0; t < TITLES; t++) {
        struct variant v[4] = {{0, 0}};
        double rate[4], best = 0;
        float p[4];
        for (int i = 0; i < 4; i++) {
            rate[i] = 0.02 + 0.08 * rng_double(&rng);
            best = fmax(best, rate[i]);
        }
        for (int day = 0; day < DAYS; day++) {
            best_chance(v, 4, 0.05, p);
            for (int k = 0; k < SHOWS; k++) {
                float chance;
                size_t i = best_draw(p, 4, 1, &rng, &chance);
                v[i].shown++;
                v[i].won += rng_double(&rng) < rate[i];
                halves[day >= DAYS / 2] += best - rate[i];
                uniform += (best - rate[rng_below(&rng, 4)]);
            }
        }
        size_t most = 0;
        for (size_t i = 1; i < 4; i++)
            most = p[i] > p[most] ? i : most;
        right += rate[most] > best - 0.01;
    }
    print_message("regret: first half %.0f, second %.0f, of uniform draws %.0f; within .01 of the "
                  "best picture: %zu of %d titles\n",
                  halves[0], halves[1], uniform, right, TITLES);
    assert_true(halves[1] < 0.6 * halves[0]);
    assert_true(halves[0] + halves[1] < 0.5 * uniform);
    assert_true(right >= TITLES * 3 / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(as_often_as_drawn),
        cmocka_unit_test(draws_have_their_chance),
        cmocka_unit_test(regret_flattens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
