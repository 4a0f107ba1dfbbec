/* Neighbours against counting every pair. */
#include "support/check.h"

#include <math.h>

#include "planted.h"
#include "train/neighbours.h"

enum { VIEWERS = 80, TITLES = 60, N = 9 };

static const struct train_watch silent = {NULL, NULL};

static double common(const struct csr *m, uint32_t i, uint32_t j)
{
    double n = 0;

    for (uint32_t u = 0; u < m->rows; u++) {
        struct csr_row row = csr_row(m, u);
        bool has_i = false, has_j = false;
        for (size_t k = 0; k < row.n; k++) {
            has_i |= row.col[k] == i && row.value[k] > 0;
            has_j |= row.col[k] == j && row.value[k] > 0;
        }
        n += has_i && has_j;
    }
    return n;
}

static double by_definition(const struct csr *m, uint32_t i, uint32_t j)
{
    double c = common(m, i, j);

    return c == 0 ? 0 : c / sqrt(common(m, i, i) * common(m, j, j)) * c / (c + NEIGHBOURS_SHRINK);
}

static struct pool *pool_of(size_t threads)
{
    struct pool *p;

    assert_ok(pool_new(threads, &p, &test_err));
    return p;
}

static void equals_counting(void **state)
{
    (void)state;
    struct csr m;
    static uint32_t id[TITLES * N], again[TITLES * N];
    static float similarity[TITLES * N];

    planted(VIEWERS, TITLES, test_seed(), &m, NULL);
    for (uint64_t k = 0; k < csr_nnz(&m); k += 5)
        m.value[k] = -1; /* dislikes don't count */
    for (size_t threads = 1; threads <= 3; threads++) {
        struct pool *pool = pool_of(threads);
        assert_ok(neighbours_find(&m, NULL, 0, N, pool, silent, threads == 1 ? id : again,
                                  similarity, &test_err));
        pool_free(pool);
        if (threads > 1)
            assert_memory_equal(id, again, sizeof id);
    }
    for (uint32_t i = 0; i < TITLES; i++) {
        size_t better = 0;
        double last = (double)similarity[i * N + N - 1];
        for (size_t k = 0; k < N; k++) {
            uint32_t j = id[i * N + k];
            assert_true(j != i);
            assert_true(k == 0 || similarity[i * N + k] <= similarity[i * N + k - 1]);
            double s = j == ID_NONE ? 0 : by_definition(&m, i, j);
            assert_true(fabs((double)similarity[i * N + k] - s) < 1e-6);
        }
        for (uint32_t j = 0; j < TITLES; j++)
            better += j != i && by_definition(&m, i, j) > last + 1e-6;
        assert_true(better < N);
    }
    csr_release(&m);
}

static void rare_titles_are_compared_by_factors(void **state)
{
    (void)state;
    /* Viewer 0 saw titles 0 and 1, viewers 1 and 2 title 2; title 3 nobody. Factors: 0 is like 2. */
    const uint32_t row[] = {0, 0, 1, 2}, col[] = {0, 1, 2, 2};
    const float value[] = {1, 1, 1, 1};
    float factors[4 * 16] __attribute__((aligned(64))) = {0};
    struct pool *pool = pool_of(1);
    uint32_t id[4 * 3];
    float similarity[4 * 3];
    struct csr m;

    factors[0] = factors[2 * 16] = 2;
    factors[16] = -1;
    assert_ok(csr_from_triples(3, 4, row, col, value, 4, &m, &test_err));
    assert_ok(neighbours_find(&m, factors, 16, 3, pool, silent, id, similarity, &test_err));
    assert_int_equal(id[0],
                     1); /* in common: 1 / (1 + 20); by factors the same, the lower id first */
    assert_int_equal(id[1], 2);
    assert_int_equal(id[2], ID_NONE);
    assert_true(fabs((double)similarity[1] - 1.0 / 21) < 1e-6);
    assert_true(similarity[2] == 0);
    assert_int_equal(id[3 * 3], ID_NONE);
    csr_release(&m);
    pool_free(pool);
}

static bool never(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)done;
    (void)total;
    return false;
}

static void long_rows_and_stopping(void **state)
{
    (void)state;
    enum { MANY = NEIGHBOURS_ROW_MAX * 2 };
    static uint32_t row[MANY], col[MANY], id[MANY * 2];
    static float value[MANY], similarity[MANY * 2];
    struct pool *pool = pool_of(2);
    size_t with = 0;
    struct csr m;

    for (uint32_t i = 0; i < MANY; i++) {
        col[i] = i;
        value[i] = 1;
    }
    assert_ok(csr_from_triples(1, MANY, row, col, value, MANY, &m, &test_err));
    assert_ok(neighbours_find(&m, NULL, 0, 2, pool, silent, id, similarity, &test_err));
    for (uint32_t i = 0; i < MANY; i++)
        with += id[2 * i] != ID_NONE;
    assert_int_equal(with, NEIGHBOURS_ROW_MAX);
    struct train_watch stop = {never, NULL};
    assert_fails(MQ_CANCELLED,
                 neighbours_find(&m, NULL, 0, 2, pool, stop, id, similarity, &test_err));
    csr_release(&m);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_counting),
        cmocka_unit_test(rare_titles_are_compared_by_factors),
        cmocka_unit_test(long_rows_and_stopping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
