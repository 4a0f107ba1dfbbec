/* The row solve against Gaussian elimination in double precision. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/kernels.h"
#include "math/ridge.h"

enum { TITLES = 300, STRIDE_MAX = 128, ITEMS_MAX = 150 };

struct side {
    float *factors, *gram, *scratch, *x, *inverse;
    size_t rank, stride;
};

static float *floats(size_t n)
{
    float *p = aligned_alloc(64, (n * sizeof(float) + 127) / 64 * 64);

    assert_non_null(p);
    memset(p, 0, n * sizeof *p);
    return p;
}

static struct side side_of(struct rng *rng, size_t rank)
{
    struct side s = {.rank = rank, .stride = (rank + 15) / 16 * 16};

    s.factors = floats(TITLES * s.stride);
    s.gram = floats(s.stride * s.stride);
    s.scratch = floats(ridge_scratch(s.stride));
    s.x = floats(s.stride);
    s.inverse = floats(s.stride * s.stride);
    for (size_t i = 0; i < TITLES; i++)
        for (size_t c = 0; c < rank; c++)
            s.factors[i * s.stride + c] = (float)(rng_normal(rng) / sqrt((double)rank));
    kernels_plain()->rank_k(s.gram, s.factors, TITLES, s.stride);
    for (size_t i = 0; i < s.stride; i++)
        for (size_t j = 0; j < i; j++)
            s.gram[i * s.stride + j] = s.gram[j * s.stride + i];
    return s;
}

static void side_release(struct side *s)
{
    free(s->factors);
    free(s->gram);
    free(s->scratch);
    free(s->x);
    free(s->inverse);
}

/* Gauss-Jordan with pivots; a (d, d + 1) with the right-hand side last. */
static void eliminate(double *a, size_t d)
{
    for (size_t p = 0; p < d; p++) {
        size_t best = p;
        for (size_t r = p; r < d; r++)
            if (fabs(a[r * (d + 1) + p]) > fabs(a[best * (d + 1) + p]))
                best = r;
        for (size_t c = 0; c <= d; c++) {
            double t = a[p * (d + 1) + c];
            a[p * (d + 1) + c] = a[best * (d + 1) + c];
            a[best * (d + 1) + c] = t;
        }
        for (size_t r = 0; r < d; r++) {
            double m = r == p ? 0 : a[r * (d + 1) + p] / a[p * (d + 1) + p];
            for (size_t c = p; c <= d && m != 0; c++)
                a[r * (d + 1) + c] -= m * a[p * (d + 1) + c];
        }
    }
    for (size_t r = 0; r < d; r++)
        a[r * (d + 1) + d] /= a[r * (d + 1) + r];
}

static double *reference(const struct side *s, const struct ridge_row *row, double a0)
{
    size_t d = s->rank;
    double *a = calloc(d * (d + 1), sizeof *a);

    for (size_t i = 0; i < TITLES + row->n; i++) {
        bool observed = i >= TITLES;
        size_t k = observed ? i - TITLES : 0;
        const float *y = s->factors + (observed ? row->col[k] : i) * s->stride;
        double w = observed ? fabs((double)row->weight[k]) : a0;
        double p = row->target          ? (double)(observed ? row->target[k] : 0)
                   : row->weight[k] > 0 ? 1
                                        : 0;
        for (size_t r = 0; r < d; r++) {
            for (size_t c = 0; c < d; c++)
                a[r * (d + 1) + c] += w * (double)y[r] * (double)y[c];
            a[r * (d + 1) + d] += observed ? w * p * (double)y[r] : 0;
        }
    }
    for (size_t r = 0; r < d; r++)
        a[r * (d + 1) + r] += (double)row->regularisation;
    eliminate(a, d);
    return a;
}

static void one_case(struct rng *rng)
{
    size_t rank = 1 + rng_below(rng, STRIDE_MAX);
    struct side s = side_of(rng, rank);
    uint32_t col[ITEMS_MAX];
    float weight[ITEMS_MAX], target[ITEMS_MAX];
    struct ridge_row row = {col, weight, rng_below(rng, 2) ? target : NULL,
                            1 + rng_below(rng, ITEMS_MAX), (float)(0.05 + rng_double(rng))};
    struct ridge side = {s.factors, s.gram, s.stride, 0.2f};
    double gain, expected_gain = 0;

    for (size_t k = 0; k < ITEMS_MAX; k++) {
        col[k] = (uint32_t)rng_below(rng, TITLES);
        weight[k] = (float)(rng_exp(rng) * (row.target || rng_below(rng, 4) ? 1 : -1));
        target[k] = (float)rng_normal(rng);
    }
    double *expected = reference(&s, &row, 0.2);
    assert_ok(ridge_solve(&side, &row, s.scratch, s.x, &gain, s.inverse, &test_err));
    for (size_t c = 0; c < s.stride; c++) {
        double x = c < rank ? expected[c * (rank + 1) + rank] : 0;
        if (!(fabs((double)s.x[c] - x) < 1e-4))
            fail_msg("rank %zu, %zu items, at %zu: expected %.9g, got %.9g", rank, row.n, c, x,
                     (double)s.x[c]);
    }
    for (size_t k = 0; k < row.n; k++) {
        double p = row.target ? (double)target[k] : weight[k] > 0 ? 1 : 0;
        double score = 0;
        for (size_t c = 0; c < rank; c++)
            score += expected[c * (rank + 1) + rank] * (double)s.factors[col[k] * s.stride + c];
        expected_gain += fabs((double)weight[k]) * p * score;
    }
    assert_true(fabs(gain - expected_gain) < 1e-3 * (1 + fabs(expected_gain)));
    free(expected);
    side_release(&s);
}

static void equals_the_reference(void **state)
{
    (void)state;
    struct rng rng;

    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < test_rounds(40); i++)
        one_case(&rng);
}

static double part_of_loss(const struct side *s, const struct ridge_row *row, double a0,
                           const float *x)
{
    double loss = 0;

    for (size_t i = 0; i < TITLES + row->n; i++) {
        bool observed = i >= TITLES;
        const float *y = s->factors + (observed ? row->col[i - TITLES] : i) * s->stride;
        double w = observed ? (double)row->weight[i - TITLES] : a0, score = 0;
        for (size_t c = 0; c < s->rank; c++)
            score += (double)x[c] * (double)y[c];
        loss += w * (observed - score) * (observed - score);
    }
    for (size_t c = 0; c < s->rank; c++)
        loss += (double)row->regularisation * (double)x[c] * (double)x[c];
    return loss;
}

/* Each step lowers the loss, and many reach the solution. */
static void improving_ends_at_the_solution(void **state)
{
    (void)state;
    struct rng rng;

    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(20); round++) {
        struct side s = side_of(&rng, 1 + rng_below(&rng, 64));
        uint32_t col[ITEMS_MAX];
        float weight[ITEMS_MAX];
        size_t n = 1 + rng_below(&rng, ITEMS_MAX);
        struct ridge_row row = {col, weight, NULL, n, 0.3f};
        struct ridge side = {s.factors, s.gram, s.stride, 0.2f};
        float *scratch = floats(ridge_improve_scratch(s.stride, n)), *x = floats(s.stride);
        for (size_t k = 0; k < n; k++) {
            col[k] = (uint32_t)rng_below(&rng, TITLES);
            weight[k] = (float)rng_exp(&rng);
        }
        assert_ok(ridge_solve(&side, &row, s.scratch, s.x, NULL, NULL, &test_err));
        double last = part_of_loss(&s, &row, 0.2, x);
        for (int step = 0; step < 5; step++) {
            ridge_improve(&side, &row, 1, 1, scratch, &x);
            double now = part_of_loss(&s, &row, 0.2, x);
            assert_true(now <= last * (1 + 1e-6));
            last = now;
        }
        ridge_improve(&side, &row, 1, 200, scratch, &x);
        for (size_t c = 0; c < s.stride; c++)
            assert_true(fabs((double)x[c] - (double)s.x[c]) < 1e-3);
        ridge_improve(&side, &row, 1, 3, scratch, &s.x); /* at the solution nothing moves */
        for (size_t c = 0; c < s.stride; c++)
            assert_true(fabs((double)x[c] - (double)s.x[c]) < 1e-3);
        free(scratch);
        free(x);
        side_release(&s);
    }
}

/* What comes out for a row is the same alone and among others, byte for byte. */
static void rows_improve_together_as_alone(void **state)
{
    (void)state;
    struct rng rng;
    struct ridge_row row[RIDGE_TOGETHER];
    uint32_t col[RIDGE_TOGETHER][20];
    float weight[RIDGE_TOGETHER][20];
    float *x[RIDGE_TOGETHER], *alone[RIDGE_TOGETHER];

    rng_seed(&rng, test_seed());
    struct side s = side_of(&rng, 40);
    struct ridge side = {s.factors, s.gram, s.stride, 0.2f};
    float *scratch = floats(ridge_improve_scratch(s.stride, (size_t)RIDGE_TOGETHER * 20));
    for (size_t r = 0; r < RIDGE_TOGETHER; r++) {
        row[r] = (struct ridge_row){col[r], weight[r], NULL, r + 3, 0.5f};
        x[r] = floats(s.stride);
        alone[r] = floats(s.stride);
        for (size_t k = 0; k < row[r].n; k++) {
            col[r][k] = (uint32_t)rng_below(&rng, TITLES);
            weight[r][k] = (float)rng_exp(&rng);
        }
    }
    for (size_t n = 1; n <= RIDGE_TOGETHER; n += 5) {
        ridge_improve(&side, row, n, 3, scratch, x);
        for (size_t r = 0; r < n; r++) {
            ridge_improve(&side, &row[r], 1, 3, scratch, &alone[r]);
            assert_memory_equal(x[r], alone[r], s.stride * sizeof(float));
        }
    }
    for (size_t r = 0; r < RIDGE_TOGETHER; r++) {
        free(x[r]);
        free(alone[r]);
    }
    free(scratch);
    side_release(&s);
}

static void without_observations_x_is_zero(void **state)
{
    (void)state;
    struct rng rng;

    rng_seed(&rng, test_seed());
    struct side s = side_of(&rng, 20);
    struct ridge side = {s.factors, s.gram, s.stride, 0.2f};
    struct ridge_row row = {NULL, NULL, NULL, 0, 0.1f};
    s.x[0] = 5;
    assert_ok(ridge_solve(&side, &row, s.scratch, s.x, NULL, NULL, &test_err));
    for (size_t c = 0; c < s.stride; c++)
        assert_true(s.x[c] == 0);
    side_release(&s);
}

static void singular_leaves_the_output(void **state)
{
    (void)state;
    float factors[16] __attribute__((aligned(64))) = {0},
                      gram[256] __attribute__((aligned(64))) = {0};
    float x[16] __attribute__((aligned(64))) = {9};
    float *scratch = floats(ridge_scratch(16));
    struct ridge side = {factors, gram, 16, 0.1f};
    struct ridge_row row = {NULL, NULL, NULL, 0, 0};

    assert_fails(MQ_SINGULAR, ridge_solve(&side, &row, scratch, x, NULL, NULL, &test_err));
    assert_true(x[0] == 9);
    free(scratch);
}

static void regularisation_by_hand(void **state)
{
    (void)state;
    assert_true(ridge_regularisation(0.5f, 1, 0.25f, 10, 40) == 10);
    assert_true(ridge_regularisation(0.5f, 0, 0.25f, 10, 40) == 0.5f);
    assert_true(fabs((double)ridge_regularisation(2, 0.5f, 0, 16, 40) - 8) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_reference),
        cmocka_unit_test(improving_ends_at_the_solution),
        cmocka_unit_test(rows_improve_together_as_alone),
        cmocka_unit_test(without_observations_x_is_zero),
        cmocka_unit_test(singular_leaves_the_output),
        cmocka_unit_test(regularisation_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
