/* Groups: found where they are, compared, and matched as trying every permutation would. */
#include "support/check.h"

#include <math.h>

#include "math/kmeans.h"

static void finds_planted_groups(void **state)
{
    (void)state;
    enum { N = 600, STRIDE = 16, K = 4 };
    float *rows = calloc(N * STRIDE, sizeof *rows);
    float centre[K * STRIDE], again[K * STRIDE];
    uint32_t pick[N];
    uint8_t truth[N], got[N];
    struct rng rng;
    struct pool *pool;
    rng_seed(&rng, test_seed());
    assert_ok(pool_new(2, &pool, &test_err));
    for (uint32_t i = 0; i < N; i++) {
        double length = 0;
        truth[i] = (uint8_t)(i % K);
        pick[i] = i;
        for (int d = 0; d < STRIDE; d++) {
            rows[i * STRIDE + (uint32_t)d] =
                (float)((d == truth[i] ? 2.0 : 0.0) + 0.2 * rng_normal(&rng));
            length += pow(rows[i * STRIDE + (uint32_t)d], 2);
        }
        for (int d = 0; d < STRIDE; d++)
            rows[i * STRIDE + (uint32_t)d] /= (float)sqrt(length);
    }
    assert_ok(kmeans(rows, STRIDE, pick, N, K, 30, 2, &rng, pool, centre, &test_err));
    kmeans_assign(rows, N, STRIDE, centre, K, pool, got);
    assert_true(adjusted_rand(truth, got, N) > 0.99);
    /* the same seed gives the same bytes, with one thread too */
    struct pool *one;
    assert_ok(pool_new(1, &one, &test_err));
    struct rng a, b;
    rng_seed(&a, 5);
    rng_seed(&b, 5);
    assert_ok(kmeans(rows, STRIDE, pick, N, 3, 30, 2, &a, pool, centre, &test_err));
    assert_ok(kmeans(rows, STRIDE, pick, N, 3, 30, 2, &b, one, again, &test_err));
    assert_memory_equal(centre, again, 3 * STRIDE * sizeof(float));
    assert_fails(MQ_INVALID, kmeans(rows, STRIDE, pick, 2, 3, 3, 1, &a, pool, centre, &test_err));
    pool_free(pool);
    pool_free(one);
    free(rows);
}

static void agreement(void **state)
{
    (void)state;
    const uint8_t a[] = {0, 0, 1, 1, 2, 2}, same[] = {2, 2, 0, 0, 1, 1},
                  half[] = {0, 0, 1, 2, 2, 2};
    uint8_t x[5000], y[5000];
    struct rng rng;
    rng_seed(&rng, test_seed());
    assert_true(adjusted_rand(a, same, 6) == 1);
    /* pairs together: 3 and 4 of 15, both 2; (2 - 12/15) / (3.5 - 12/15) */
    assert_true(fabs(adjusted_rand(a, half, 6) - (2 - 0.8) / (3.5 - 0.8)) < 1e-12);
    for (int i = 0; i < 5000; i++) {
        x[i] = (uint8_t)rng_below(&rng, 5);
        y[i] = (uint8_t)rng_below(&rng, 7);
    }
    assert_true(fabs(adjusted_rand(x, y, 5000)) < 0.02);
}

static double best_of(const double *gain, uint32_t k, uint32_t row, unsigned used)
{
    double best = -INFINITY;
    if (row == k)
        return 0;
    for (uint32_t j = 0; j < k; j++) {
        if (used >> j & 1)
            continue;
        double sum = gain[row * k + j] + best_of(gain, k, row + 1, used | 1u << j);
        best = sum > best ? sum : best;
    }
    return best;
}

static void equals_every_permutation(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(300); round++) {
        uint32_t k = 1 + (uint32_t)rng_below(&rng, 6), column[6];
        double gain[36], sum = 0;
        unsigned seen = 0;
        for (uint32_t i = 0; i < k * k; i++)
            gain[i] = rng_below(&rng, 3) ? (double)rng_below(&rng, 20) : 0;
        assign_best(gain, k, column);
        for (uint32_t i = 0; i < k; i++) {
            sum += gain[i * k + column[i]];
            seen |= 1u << column[i];
        }
        assert_int_equal(seen, (1u << k) - 1);
        assert_true(fabs(sum - best_of(gain, k, 0, 0)) < 1e-9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_planted_groups),
        cmocka_unit_test(agreement),
        cmocka_unit_test(equals_every_permutation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
