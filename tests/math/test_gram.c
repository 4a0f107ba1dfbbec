/* The Gram matrix: the definition, and the same bytes from any number of threads. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/gram.h"

enum { STRIDE = 32, ROWS = 5000 };

static void same_bytes_from_any_threads(void **state)
{
    (void)state;
    static float rows[ROWS * STRIDE] __attribute__((aligned(64)));
    static float got[4][STRIDE * STRIDE] __attribute__((aligned(64)));
    struct rng rng;

    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < ROWS * STRIDE; i++)
        rows[i] = (float)rng_normal(&rng);
    for (size_t threads = 1; threads <= 4; threads++) {
        struct pool *pool;
        assert_ok(pool_new(threads, &pool, &test_err));
        assert_ok(gram(rows, ROWS, STRIDE, pool, got[threads - 1], &test_err));
        assert_memory_equal(got[threads - 1], got[0], sizeof got[0]);
        pool_free(pool);
    }
    for (size_t i = 0; i < STRIDE; i++)
        for (size_t j = 0; j < STRIDE; j++) {
            double sum = 0;
            for (size_t r = 0; r < ROWS; r++)
                sum += (double)rows[r * STRIDE + i] * (double)rows[r * STRIDE + j];
            assert_true(fabs(sum - (double)got[0][i * STRIDE + j]) < 1e-2);
        }
}

static void no_rows_give_zeros(void **state)
{
    (void)state;
    static float got[STRIDE * STRIDE] __attribute__((aligned(64)));
    struct pool *pool;

    memset(got, 0x55, sizeof got);
    assert_ok(pool_new(1, &pool, &test_err));
    assert_ok(gram(got, 0, STRIDE, pool, got, &test_err));
    for (size_t i = 0; i < STRIDE * STRIDE; i++)
        assert_true(got[i] == 0);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_from_any_threads),
        cmocka_unit_test(no_rows_give_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
