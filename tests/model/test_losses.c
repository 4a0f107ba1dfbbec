/* What scores would lose without one title of the history: as scores made again without it say. */
#include <math.h>
#include <string.h>

#include "model/ensemble.h"
#include "small_model.h"
#include "support/check.h"

#include "base/rng.h"

enum { TITLES = 60, HISTORY = 40, SCORED = 25 };

/* The blend without taste. */
static void scores(const struct ensemble *e, const struct mix *mix, const struct ensemble_view *v,
                   struct ensemble_scratch *s, const float *parts[INGREDIENTS], float *ret)
{
    assert_ok(ensemble_ingredients(e, v, mix_wants(mix), s, parts, &test_err));
    mix_score(mix, parts, s, TITLES, ret);
}

static void losses_are_exact(void **state)
{
    (void)state;
    struct model *m = small_model(TITLES, 4, 2, test_seed());
    struct ensemble_scratch *scratch[2];
    struct rng rng;
    rng_seed(&rng, test_seed());
    /* Nearly every pair is linked: where the root of next to nothing is taken, what a title counts for when it is
     * about to be forgotten shows. */
    small_model_blend(m, 300, 6);
    struct ensemble e = ensemble_of(m);
    struct mix mix = ensemble_mix(m);
    mix.weight[INGREDIENT_TASTE] = 0;
    for (size_t i = 0; i < 2; i++)
        assert_ok(ensemble_scratch_new(&e, HISTORY, &scratch[i], &test_err));
    for (size_t round = 0; round < test_rounds(20); round++) {
        uint32_t history[HISTORY];
        uint32_t order[TITLES];
        uint32_t n = 1 + (uint32_t)rng_below(&rng, HISTORY);
        float loss[HISTORY * LOSS_TITLES];
        float before[TITLES];
        float after[TITLES];
        const float *parts[INGREDIENTS];
        const float *ignored[INGREDIENTS];
        for (uint32_t t = 0; t < TITLES; t++)
            order[t] = t;
        rng_shuffle_u32(&rng, order, TITLES);
        memcpy(history, order, n * sizeof(*history));
        rng_shuffle_u32(&rng, order, TITLES);
        struct ensemble_view v = {
            .history = history, .n = n, .now_ms = 9000, .last_ms = 4000, .before_ms = 1500};
        scores(&e, &mix, &v, scratch[0], parts, before);
        ensemble_losses(&e, &mix, &v, parts, scratch[0], order, SCORED, history, n, loss,
                        LOSS_TITLES);
        for (uint32_t j = 0; j < n; j++) {
            uint32_t rest[HISTORY];
            size_t k = 0;
            for (uint32_t i = 0; i < n; i++)
                if (i != j)
                    rest[k++] = history[i];
            struct ensemble_view w = v;
            w.history = rest;
            w.n = k;
            w.last_ms = j + 1 == n ? v.before_ms : v.last_ms;
            scores(&e, &mix, &w, scratch[1], ignored, after);
            for (size_t t = 0; t < SCORED; t++)
                assert_true(fabsf(before[order[t]] - loss[j * LOSS_TITLES + t] - after[order[t]]) <
                            2e-3F);
        }
    }
    ensemble_scratch_free(scratch[0]);
    ensemble_scratch_free(scratch[1]);
    small_model_free(m);
}

/* Of a long history the latest titles count, and the losses of older ones are nothing. */
static void the_latest_count(void **state)
{
    enum { MANY = HISTORY_COUNTED + 150, LONG = HISTORY_COUNTED + 100 };
    (void)state;
    struct model *m = small_model(MANY, 4, 2, test_seed());
    struct rng rng;
    struct ensemble_scratch *scratch;
    const float *parts[INGREDIENTS];
    uint32_t order[MANY], scored[1];
    static float all[MANY], latest[MANY];
    float loss[LOSS_TITLES];
    rng_seed(&rng, test_seed());
    small_model_blend(m, 300, 6);
    struct ensemble e = ensemble_of(m);
    struct mix mix = ensemble_mix(m);
    mix.weight[INGREDIENT_TASTE] = 0;
    for (uint32_t t = 0; t < MANY; t++)
        order[t] = t;
    rng_shuffle_u32(&rng, order, MANY);
    scored[0] = order[MANY - 1];
    assert_ok(ensemble_scratch_new(&e, LONG, &scratch, &test_err));
    struct ensemble_view v = {.history = order, .n = LONG, .now_ms = 9000, .last_ms = 4000};
    assert_ok(ensemble_ingredients(&e, &v, mix_wants(&mix), scratch, parts, &test_err));
    mix_score(&mix, parts, scratch, MANY, all);
    ensemble_losses(&e, &mix, &v, parts, scratch, scored, 1, order, 1, loss, LOSS_TITLES);
    assert_true(loss[0] == 0);
    v.history = order + LONG - HISTORY_COUNTED;
    v.n = HISTORY_COUNTED;
    assert_ok(ensemble_ingredients(&e, &v, mix_wants(&mix), scratch, parts, &test_err));
    mix_score(&mix, parts, scratch, MANY, latest);
    for (uint32_t t = 0; t < MANY; t++)
        assert_true(all[t] == latest[t]);
    /* One more, and it is another history. */
    v.history--;
    v.n--;
    assert_ok(ensemble_ingredients(&e, &v, mix_wants(&mix), scratch, parts, &test_err));
    mix_score(&mix, parts, scratch, MANY, latest);
    assert_true(memcmp(all, latest, sizeof(all)) != 0);
    ensemble_scratch_free(scratch);
    small_model_free(m);
}

/* A model without a blend is taste alone. */
static void without_a_blend(void **state)
{
    (void)state;
    struct model *m = small_model(TITLES, 4, 2, 3);
    struct mix mix = ensemble_mix(m);
    assert_int_equal(mix_wants(&mix), UINT32_C(1) << INGREDIENT_TASTE);
    assert_int_equal(ensemble_of(m).ease.n, 0);
    small_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_are_exact),
        cmocka_unit_test(the_latest_count),
        cmocka_unit_test(without_a_blend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
