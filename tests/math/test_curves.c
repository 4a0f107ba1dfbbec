/* Curves over whole catalogues against the C library, one number at a time. */
#include "math/curves.h"
#include "math/four.h"

#include <math.h>

#include "base/rng.h"
#include "support/check.h"

enum { N = 1003 };

static void curves_are_right(void **state)
{
    (void)state;
    static float a[N], b[N], ret[N], v[N], w[N];
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(20); round++) {
        for (size_t i = 0; i < N; i++) {
            a[i] = (float)(rng_double(&rng) * pow(10, (double)rng_below(&rng, 9) - 2));
            b[i] = i % 7 == 0 ? 2 * a[i] : (float)rng_double(&rng) * a[i];
            v[i] = (float)rng_normal(&rng);
            w[i] = v[i];
        }
        curves_log1p(a, b, ret, N);
        for (size_t i = 0; i < N; i++) {
            double x = (double)(a[i] - b[i]), right = x > 0 ? log1p(x) : 0;
            assert_true(fabs((double)ret[i] - right) <= 2e-6 * (1 + right));
            assert_true(ret[i] == curve_log1p(a[i] - b[i]));
        }
        curves_log1p(a, NULL, ret, N);
        assert_true(fabsf(ret[5] - log1pf(a[5])) <= 2e-6F * (1 + ret[5]));
        curves_root(v, b, N);
        for (size_t i = 0; i < N; i++)
            assert_true(v[i] == (w[i] * b[i] > 0 ? sqrtf(w[i] * b[i]) : 0));
        curves_add(v, a, 0.5F, N);
        curves_root(w, NULL, N);
        assert_true(w[0] >= 0);
        for (size_t i = 0; i < N; i++)
            v[i] = a[i] - b[i];
        curves_squash(v, 0.5F, w, N);
        for (size_t i = 0; i < N; i++)
            assert_true(fabsf(w[i] - 0.5F * (1 + v[i] / (1 + fabsf(v[i])))) < 1e-6F);
    }
}

static void four_roots_are_those_of_each(void **state)
{
    (void)state;
    const float of[][4] = {{4, 2, 0, 1e-30F}, {-1, NAN, -0.0F, 3}, {INFINITY, 1e30F, 0.1F, 7}};
    for (size_t k = 0; k < 3; k++) {
        float got[4];
        four_store(got, four_root(four_load(of[k])));
        for (size_t i = 0; i < 4; i++)
            assert_true(got[i] == sqrtf(of[k][i] > 0 ? of[k][i] : 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(curves_are_right),
                                       cmocka_unit_test(four_roots_are_those_of_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
