/* Ridge over sparse rows: the gradient vanishes at what it finds; penalties and weights do what they say. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/sparse_ridge_many.h"

enum { ROWS = 80, COLS = 30 };

static struct csr x, by_column;
static float y[ROWS], penalty[COLS], weight[ROWS], b[COLS], mean;
static uint32_t use[ROWS];

static void make(uint64_t seed)
{
    static uint32_t row[ROWS * 6], col[ROWS * 6];
    static float value[ROWS * 6];
    struct rng r;

    rng_seed(&r, seed);
    for (uint32_t k = 0; k < ROWS * 6; k++) {
        row[k] = k / 6;
        col[k] = (uint32_t)rng_below(&r, COLS);
        value[k] = (float)rng_normal(&r);
    }
    assert_ok(csr_from_triples(ROWS, COLS, row, col, value, ROWS * 6, &x, &test_err));
    assert_ok(csr_transpose(&x, &by_column, &test_err));
    for (uint32_t i = 0; i < ROWS; i++) {
        y[i] = (float)rng_normal(&r);
        weight[i] = (float)(0.2 + rng_double(&r));
    }
    for (uint32_t c = 0; c < COLS; c++)
        penalty[c] = (float)(0.5 + rng_double(&r));
}

static void done(void)
{
    csr_release(&x);
    csr_release(&by_column);
}

static void fit(const struct sparse_ridge *s)
{
    double *scratch = calloc(sparse_ridge_scratch(&x), sizeof(*scratch));

    assert_non_null(scratch);
    sparse_ridge_fit(s, y, scratch, b, &mean);
    free(scratch);
}

/* Every second row is learnt from; column 3 is left out. */
static void gradient_vanishes(void **state)
{
    (void)state;
    struct sparse_ridge s = {.x = &x,
                             .by_column = &by_column,
                             .penalty = penalty,
                             .use = use,
                             .n_use = ROWS / 2,
                             .weight = weight,
                             .steps = 100};
    double gradient[COLS];

    make(test_seed());
    penalty[3] = INFINITY;
    for (uint32_t i = 0; i < ROWS / 2; i++)
        use[i] = 2 * i;
    fit(&s);
    assert_true(b[3] == 0);
    for (uint32_t c = 0; c < COLS; c++)
        gradient[c] = c == 3 ? 0 : (double)(penalty[c] * b[c]);
    for (uint32_t i = 0; i < ROWS; i += 2) {
        struct csr_row r = csr_row(&x, i);
        float rest = weight[i] * (sparse_ridge_value(&x, i, b, mean) - y[i]);
        for (size_t k = 0; k < r.n; k++)
            gradient[r.col[k]] += (double)(rest * r.value[k]);
    }
    for (uint32_t c = 0; c < COLS; c++)
        assert_true(c == 3 || fabs(gradient[c]) < 0.02);
    done();
}

static void nothing_to_learn(void **state)
{
    (void)state;
    struct sparse_ridge s = {
        .x = &x, .by_column = &by_column, .penalty = penalty, .use = use, .n_use = 0};

    make(test_seed());
    fit(&s);
    assert_true(mean == 0 && b[0] == 0);
    for (uint32_t i = 0; i < ROWS; i++) {
        use[i] = i;
        y[i] = 2;
    }
    s.n_use = ROWS;
    fit(&s);
    assert_true(fabsf(sparse_ridge_value(&x, 5, b, mean) - 2) < 1e-6F);
    done();
}

/* Sixteen at once are sixteen times one, to the last bit: one of them a constant, one with a column left out for all. */
static void many_are_each_alone(void **state)
{
    (void)state;
    static float many[RIDGE_MANY * ROWS], together[RIDGE_MANY * COLS], means[RIDGE_MANY];
    struct sparse_ridge s = {.x = &x,
                             .by_column = &by_column,
                             .penalty = penalty,
                             .use = use,
                             .n_use = ROWS / 2,
                             .weight = weight,
                             .steps = 12};
    struct rng r;

    make(test_seed());
    penalty[7] = INFINITY;
    rng_seed(&r, test_seed());
    for (uint32_t i = 0; i < ROWS / 2; i++)
        use[i] = 2 * i + 1;
    for (uint32_t i = 0; i < RIDGE_MANY * ROWS; i++)
        many[i] = i < ROWS ? 3 : (float)rng_normal(&r);
    double *scratch = calloc(sparse_ridge_many_scratch(&x), sizeof(*scratch));
    assert_non_null(scratch);
    sparse_ridge_fit_many(&s, many, scratch, together, means);
    free(scratch);
    for (size_t t = 0; t < RIDGE_MANY; t++) {
        memcpy(y, many + t * ROWS, sizeof(y));
        fit(&s);
        assert_memory_equal(b, together + t * COLS, sizeof(b));
        assert_true(mean == means[t]);
    }
    done();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gradient_vanishes),
                                       cmocka_unit_test(many_are_each_alone),
                                       cmocka_unit_test(nothing_to_learn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
