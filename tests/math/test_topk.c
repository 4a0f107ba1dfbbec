/* The best k against sorting everything. */
#include "support/check.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "math/topk.h"

enum { N = 700 };

static int best_first(const void *a, const void *b)
{
    const struct topk_item *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return x->index < y->index ? -1 : 1;
}

static void one_case(struct rng *rng)
{
    float score[N];
    uint64_t skip[N / 64 + 1] = {0};
    struct topk_item all[N], got[N + 1];
    size_t n = rng_below(rng, N + 1), k = rng_below(rng, n + 3), left = 0;
    uint64_t levels = 1 + rng_below(rng, 1000); /* few: many ties */
    bool skips = rng_below(rng, 2);

    for (size_t i = 0; i < n; i++) {
        score[i] = rng_below(rng, 20) ? (float)rng_below(rng, levels) : NAN;
        if (rng_below(rng, 3) == 0)
            skip[i / 64] |= 1ull << i % 64;
        bool out = isnan(score[i]) || (skips && skip[i / 64] >> i % 64 & 1);
        if (!out)
            all[left++] = (struct topk_item){(uint32_t)i, score[i]};
    }
    qsort(all, left, sizeof *all, best_first);
    k = k < N ? k : N;
    got[k].index = 4242;
    assert_int_equal(topk_select(score, n, skips ? skip : NULL, k, got), left < k ? left : k);
    for (size_t i = 0; i < left && i < k; i++) {
        assert_int_equal(all[i].index, got[i].index);
        assert_true(all[i].score == got[i].score);
    }
    assert_int_equal(got[k].index, 4242);
}

static void equals_sorting(void **state)
{
    (void)state;
    struct rng rng;

    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < test_rounds(1000); i++)
        one_case(&rng);
}

/* As many as a catalogue has, where a sample tells what is worth a look; rising scores, where it misleads and what was gathered is
 * thrown out again and again. */
static void equals_sorting_a_catalogue(void **state)
{
    enum { MANY = 30000, MOST = 1100 };
    (void)state;
    struct rng rng;
    float *score = malloc(MANY * sizeof(*score));
    struct topk_item *all = malloc(MANY * sizeof(*all));
    struct topk_item got[MOST];
    uint64_t skip[MANY / 64 + 1] = {0};
    assert_non_null(score);
    assert_non_null(all);
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(12); round++) {
        uint64_t levels = UINT64_C(1) << rng_below(&rng, 24);
        bool rising = rng_below(&rng, 3) == 0;
        size_t n = MANY - rng_below(&rng, 100), k = 1 + rng_below(&rng, MOST), left = 0;
        for (size_t i = 0; i < n; i++) {
            float drawn = (float)rng_below(&rng, levels) - (float)levels / 2;
            score[i] = rising ? (float)i - (float)(n / 2) : drawn == 0 ? -0.0F : drawn;
            uint64_t out = rng_below(&rng, 5) == 0;
            skip[i / 64] = (skip[i / 64] & ~(UINT64_C(1) << i % 64)) | out << i % 64;
            if (!out)
                all[left++] = (struct topk_item){(uint32_t)i, score[i]};
        }
        qsort(all, left, sizeof(*all), best_first);
        assert_int_equal(topk_select(score, n, skip, k, got), k);
        for (size_t i = 0; i < k; i++) {
            assert_int_equal(all[i].index, got[i].index);
            assert_true(all[i].score == got[i].score);
        }
    }
    free(score);
    free(all);
}

static void infinities_have_their_place(void **state)
{
    (void)state;
    const float score[] = {-INFINITY, 0, INFINITY, NAN};
    struct topk_item got[4];

    assert_int_equal(topk_select(score, 4, NULL, 4, got), 3);
    assert_int_equal(got[0].index, 2);
    assert_int_equal(got[1].index, 1);
    assert_int_equal(got[2].index, 0);
}

static void all_in_order(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 7);
    for (int round = 0; round < 200; round++) {
        float value[N];
        uint32_t order[N];
        struct topk_item all[N];
        size_t n = rng_below(&rng, N + 1);
        uint64_t levels = 1 + rng_below(&rng, 1000);
        for (size_t i = 0; i < n; i++) {
            value[i] = (float)rng_below(&rng, levels) - 3;
            all[i] = (struct topk_item){(uint32_t)i, value[i]};
        }
        topk_order(value, n, order);
        qsort(all, n, sizeof(*all), best_first);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(order[i], all[i].index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_sorting),
        cmocka_unit_test(equals_sorting_a_catalogue),
        cmocka_unit_test(infinities_have_their_place),
        cmocka_unit_test(all_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
