/* Sparse rows against a dense table. */
#include "support/check.h"

#include "base/rng.h"
#include "math/csr.h"

static void small_by_hand(void **state)
{
    (void)state;
    const uint32_t row[] = {2, 0, 2, 2, 0}, col[] = {1, 3, 0, 1, 0};
    const float value[] = {1, 2, 3, 4, 5};
    struct csr m;

    assert_ok(csr_from_triples(3, 4, row, col, value, 5, &m, &test_err));
    assert_int_equal(csr_nnz(&m), 4);
    assert_int_equal(csr_row(&m, 0).n, 2);
    assert_int_equal(csr_row(&m, 0).col[0], 0);
    assert_true(csr_row(&m, 0).value[0] == 5);
    assert_int_equal(csr_row(&m, 1).n, 0);
    assert_int_equal(csr_row(&m, 2).col[1], 1);
    assert_true(csr_row(&m, 2).value[1] == 5); /* 1 + 4 */
    csr_release(&m);
    csr_release(&m);
    csr_release(NULL);
}

static void nothing_in_it(void **state)
{
    (void)state;
    struct csr m, t;

    assert_ok(csr_from_triples(0, 0, NULL, NULL, NULL, 0, &m, &test_err));
    assert_int_equal(csr_nnz(&m), 0);
    assert_ok(csr_transpose(&m, &t, &test_err));
    assert_int_equal(csr_nnz(&t), 0);
    csr_release(&m);
    csr_release(&t);
    assert_ok(csr_from_triples(3, 2, NULL, NULL, NULL, 0, &m, &test_err));
    assert_int_equal(csr_row(&m, 2).n, 0);
    csr_release(&m);
}

static void refuses_what_lies_outside(void **state)
{
    (void)state;
    const uint32_t three = 3, two = 2;
    const float one = 1;
    struct csr m = {.rows = 77};

    assert_fails(MQ_INVALID, csr_from_triples(3, 3, &three, &two, &one, 1, &m, &test_err));
    assert_fails(MQ_INVALID, csr_from_triples(3, 3, &two, &three, &one, 1, &m, &test_err));
    assert_int_equal(m.rows, 77);
}

/* Rows ascending, each column once, and the same values as a dense table. */
static void compare(const struct csr *m, const double *dense)
{
    double seen = 0, all = 0;

    for (uint32_t r = 0; r < m->rows; r++) {
        struct csr_row row = csr_row(m, r);
        for (size_t k = 0; k < row.n; k++) {
            if (k > 0)
                assert_true(row.col[k] > row.col[k - 1]);
            assert_true((double)row.value[k] == dense[(size_t)r * m->cols + row.col[k]]);
            seen += (double)row.value[k];
        }
    }
    for (size_t i = 0; i < (size_t)m->rows * m->cols; i++)
        all += dense[i];
    assert_true(seen == all);
}

static void random_triples(struct rng *rng)
{
    uint32_t rows = 1 + (uint32_t)rng_below(rng, 20), cols = 1 + (uint32_t)rng_below(rng, 20);
    uint32_t row[200], col[200];
    float value[200];
    size_t n = rng_below(rng, 200);
    double dense[400] = {0}, turned[400] = {0};
    struct csr m, t, back;

    for (size_t k = 0; k < n; k++) {
        row[k] = (uint32_t)rng_below(rng, rows);
        col[k] = (uint32_t)rng_below(rng, cols);
        value[k] = (float)(1 + rng_below(rng, 9));
        dense[row[k] * cols + col[k]] += (double)value[k];
        turned[col[k] * rows + row[k]] += (double)value[k];
    }
    assert_ok(csr_from_triples(rows, cols, row, col, value, n, &m, &test_err));
    compare(&m, dense);
    assert_ok(csr_transpose(&m, &t, &test_err));
    compare(&t, turned);
    assert_ok(csr_transpose(&t, &back, &test_err));
    assert_memory_equal(back.start, m.start, (rows + 1) * sizeof *m.start);
    assert_memory_equal(back.col, m.col, csr_nnz(&m) * sizeof *m.col);
    assert_memory_equal(back.value, m.value, csr_nnz(&m) * sizeof *m.value);
    csr_release(&m);
    csr_release(&t);
    csr_release(&back);
}

static void equals_a_dense_table(void **state)
{
    (void)state;
    struct rng rng;

    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < test_rounds(300); i++)
        random_triples(&rng);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_by_hand),
        cmocka_unit_test(nothing_in_it),
        cmocka_unit_test(refuses_what_lies_outside),
        cmocka_unit_test(equals_a_dense_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
