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

/* Two matrices in the room of one and a row, each against its inverse. */
static void solving_is_times_the_inverse(void **state)
{
    (void)state;
    enum { M = 30, ASKED = 7, STRIDE = M + 1 };
    float both[M * STRIDE], k[2][M * M], x[2][ASKED * M], rows[ASKED * M];
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (int which = 0; which < 2; which++)
        for (int i = 0; i < M; i++)
            for (int j = 0; j <= i; j++)
                k[which][i * M + j] = k[which][j * M + i] =
                    (float)rng_normal(&rng) + (i == j ? 2 * M : 0);
    for (int i = 0; i < M; i++) {
        for (int j = 0; j <= i; j++)
            both[i * STRIDE + j] = k[0][i * M + j];
        for (int j = i; j < M; j++)
            both[i * STRIDE + 1 + j] = k[1][i * M + j];
    }
    for (int i = 0; i < ASKED * M; i++)
        x[0][i] = x[1][i] = rows[i] = (float)rng_normal(&rng);
    assert_ok(spd_factor(both, M, STRIDE, SPD_LOWER, 1, &test_err));
    assert_ok(spd_factor(both + 1, M, STRIDE, SPD_UPPER, 1, &test_err));
    spd_solve_by(both, M, STRIDE, SPD_LOWER, x[0], ASKED, 1);
    spd_solve_by(both + 1, M, STRIDE, SPD_UPPER, x[1], ASKED, 1);
    for (int which = 0; which < 2; which++) {
        assert_ok(spd_inverse(k[which], M, 1, &test_err));
        for (int r = 0; r < ASKED; r++) {
            for (int j = 0; j < M; j++) {
                double sum = 0;
                for (int i = 0; i < M; i++)
                    sum += (double)rows[r * M + i] * (double)k[which][i * M + j];
                assert_true(fabs(sum - (double)x[which][r * M + j]) < 1e-5);
            }
        }
    }
    float flat[4] = {1, 1, 1, 1};
    assert_fails(MQ_SINGULAR, spd_factor(flat, 2, 2, SPD_UPPER, 1, &test_err));
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
