/* Large symmetric matrices: the inverse times the matrix is one, and what is not positive definite is refused. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/spd.h"

enum { N = 150, ROWS = 40 };

static float *random_rows(size_t rows, size_t n, uint64_t seed)
{
    float *x = calloc(rows * n, sizeof(*x));
    struct rng rng;
    rng_seed(&rng, seed);
    for (size_t i = 0; i < rows * n; i++)
        x[i] = (float)rng_normal(&rng);
    return x;
}

static void gram_is_the_definition(void **state)
{
    (void)state;
    float *x = random_rows(ROWS, N, test_seed());
    float *g = calloc(N * N, sizeof(*g));
    spd_gram(x, ROWS, N, 2, g);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t r = 0; r < ROWS; r++)
                sum += (double)x[r * N + i] * (double)x[r * N + j];
            assert_true(fabs(sum - (double)g[i * N + j]) < 1e-3);
        }
    }
    free(x);
    free(g);
}

static void inverse_times_matrix_is_one(void **state)
{
    (void)state;
    float *x = random_rows(ROWS, N, test_seed());
    float *a = calloc(N * N, sizeof(*a));
    float *p = calloc(N * N, sizeof(*p));
    spd_gram(x, ROWS, N, 1, a);
    for (size_t i = 0; i < N; i++)
        a[i * N + i] += 10;
    memcpy(p, a, N * N * sizeof(*a));
    assert_ok(spd_inverse(p, N, 2, &test_err));
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t k = 0; k < N; k++)
                sum += (double)a[i * N + k] * (double)p[k * N + j];
            assert_true(fabs(sum - (i == j)) < 1e-4);
            assert_true(p[i * N + j] == p[j * N + i]);
        }
    }
    free(x);
    free(a);
    free(p);
}

/* x' k^-1 x two ways. */
static void solving_is_times_the_inverse(void **state)
{
    (void)state;
    enum { N_SOLVED = 30, ROWS_SOLVED = 7 };
    float k[N_SOLVED * N_SOLVED], inverse[N_SOLVED * N_SOLVED];
    float x[ROWS_SOLVED * N_SOLVED], rows[ROWS_SOLVED * N_SOLVED];
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (int i = 0; i < N_SOLVED; i++)
        for (int j = 0; j <= i; j++)
            k[i * N_SOLVED + j] = k[j * N_SOLVED + i] =
                (float)rng_normal(&rng) + (i == j ? 2 * N_SOLVED : 0);
    for (int i = 0; i < ROWS_SOLVED * N_SOLVED; i++)
        x[i] = rows[i] = (float)rng_normal(&rng);
    memcpy(inverse, k, sizeof(k));
    assert_ok(spd_inverse(inverse, N_SOLVED, 1, &test_err));
    assert_ok(spd_solve(k, N_SOLVED, x, ROWS_SOLVED, 1, &test_err));
    for (int r = 0; r < ROWS_SOLVED; r++) {
        for (int j = 0; j < N_SOLVED; j++) {
            double sum = 0;
            for (int i = 0; i < N_SOLVED; i++)
                sum += (double)rows[r * N_SOLVED + i] * (double)inverse[i * N_SOLVED + j];
            assert_true(fabs(sum - (double)x[r * N_SOLVED + j]) < 1e-5);
        }
    }
    float flat[4] = {1, 1, 1, 1};
    assert_fails(MQ_SINGULAR, spd_solve(flat, 2, x, 1, 1, &test_err));
}

static void whitening_is_the_inverse_in_two_halves(void **state)
{
    (void)state;
    enum { U = 20 };
    float *x = random_rows(U, N, test_seed());
    float *y = random_rows(U, U + 5, test_seed() + 1);
    float k[U * U];
    float inverse[U * U];
    float *p = calloc(N * N, sizeof(*p));
    for (size_t i = 0; i < U; i++) {
        for (size_t j = 0; j < U; j++) {
            k[i * U + j] = i == j ? 5 : 0;
            for (size_t c = 0; c < U + 5; c++)
                k[i * U + j] += y[i * (U + 5) + c] * y[j * (U + 5) + c];
        }
    }
    memcpy(inverse, k, sizeof(k));
    assert_ok(spd_inverse(inverse, U, 1, &test_err));
    float *white = calloc((size_t)U * N, sizeof(*white));
    memcpy(white, x, (size_t)U * N * sizeof(*x));
    assert_ok(spd_whiten(k, U, white, N, 1, &test_err));
    spd_gram(white, U, N, 1, p);
    for (size_t i = 0; i < N; i += 7) {
        for (size_t j = 0; j < N; j += 5) {
            double sum = 0;
            for (size_t a = 0; a < U; a++)
                for (size_t b = 0; b < U; b++)
                    sum += (double)x[a * N + i] * (double)inverse[a * U + b] * (double)x[b * N + j];
            assert_true(fabs(sum - (double)p[i * N + j]) < 1e-3);
        }
    }
    free(x);
    free(y);
    free(white);
    free(p);
}

static void what_is_not_positive_is_refused(void **state)
{
    (void)state;
    float a[4] = {1, 2, 2, 1};
    assert_fails(MQ_SINGULAR, spd_inverse(a, 2, 1, &test_err));
    float b[4] = {1, 2, 2, 1};
    float x[2] = {1, 1};
    assert_fails(MQ_SINGULAR, spd_whiten(b, 2, x, 1, 1, &test_err));
    assert_fails(MQ_TOO_LARGE, spd_inverse(a, SPD_MAX + 1, 1, &test_err));
    assert_ok(spd_inverse(a, 0, 1, &test_err));
    assert_true(spd_core_name()[0] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gram_is_the_definition),
        cmocka_unit_test(inverse_times_matrix_is_one),
        cmocka_unit_test(solving_is_times_the_inverse),
        cmocka_unit_test(whitening_is_the_inverse_in_two_halves),
        cmocka_unit_test(what_is_not_positive_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
