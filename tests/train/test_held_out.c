/* The held-out measure: by hand, on planted tastes, and on tastes that aren't there. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "held_out.h"
#include "planted.h"

static const struct train_watch silent = {NULL, NULL};

static struct pool *pool_of(size_t threads)
{
    struct pool *p;

    assert_ok(pool_new(threads, &p, &test_err));
    return p;
}

/* One viewer saw title 0 and later 2 and 3; the order of popularity is 0, 1, 2, 3 and the model knows
 * nothing (rank 0), so that its scores are all equal and the order is that of ids. */
static void by_hand(void **state)
{
    (void)state;
    const uint32_t row[] = {0, 0}, first = 0, later_col[] = {2, 3};
    const float one[] = {1, 1}, popularity[] = {9, 7, 5, 6};
    struct model m = {.n_titles = 4, .popularity = popularity};
    struct pool *pool = pool_of(1);
    struct csr earlier, later;
    struct held_out h;

    assert_ok(csr_from_triples(2, 4, row, &first, one, 1, &earlier, &test_err));
    assert_ok(csr_from_triples(2, 4, row, later_col, one, 2, &later, &test_err));
    assert_ok(held_out_measure(&m, &earlier, &later, pool, 1, &h, &test_err));
    /* 1 misses, 2 and 3 hit at places 2 and 3 (by popularity 3 and 2). */
    double expected = (1 / log2(3) + 0.5) / (1 + 1 / log2(3));
    assert_int_equal(h.viewers, 1);
    assert_true(fabs(h.ndcg - expected) < 1e-12);
    assert_true(fabs(h.popularity_ndcg - expected) < 1e-12);
    assert_true(h.gain.mean == 0);
    csr_release(&later);
    assert_ok(csr_from_triples(1, 4, row, later_col, one, 2, &later, &test_err));
    assert_fails(MQ_INVALID, held_out_measure(&m, &earlier, &later, pool, 1, &h, &test_err));
    csr_release(&earlier);
    csr_release(&later);
    pool_free(pool);
}

static void nobody_to_measure(void **state)
{
    (void)state;
    const uint32_t zero = 0;
    const float one = 1;
    struct pool *pool = pool_of(1);
    struct csr earlier, later;
    struct held_out h;
    struct train_settings s = {.ials.rank = 4};

    assert_ok(csr_from_triples(1, 3, &zero, &zero, &one, 1, &earlier, &test_err));
    assert_ok(
        csr_from_triples(1, 3, &zero, &zero, &one, 1, &later, &test_err)); /* the same again */
    assert_ok(train_held_out(&earlier, &later, &s, pool, silent, &h, &test_err));
    assert_int_equal(h.viewers, 0);
    assert_true(isnan(h.ndcg) && isnan(h.gain.low));
    csr_release(&earlier);
    csr_release(&later);
    pool_free(pool);
}

static void finds_planted_tastes(void **state)
{
    (void)state;
    struct csr earlier, later;
    struct held_out h, other;
    struct train_settings s = {.ials.rank = 8};

    planted(400, 200, test_seed(), &earlier, &later);
    struct pool *pool = pool_of(1);
    assert_ok(train_held_out(&earlier, &later, &s, pool, silent, &h, &test_err));
    pool_free(pool);
    pool = pool_of(3);
    assert_ok(train_held_out(&earlier, &later, &s, pool, silent, &other, &test_err));
    pool_free(pool);
    assert_memory_equal(&h, &other, sizeof h);
    print_message("NDCG@10 %.3f, popularity %.3f, gain %.3f [%.3f, %.3f]\n", h.ndcg,
                  h.popularity_ndcg, h.gain.mean, h.gain.low, h.gain.high);
    assert_true(h.gain.low > 0.05);
    assert_true(fabs(h.ndcg - h.popularity_ndcg - h.gain.mean) < 1e-12);
    csr_release(&earlier);
    csr_release(&later);
}

/* Where everyone watches by popularity alone, no gain may be found. */
static void finds_no_taste_where_there_is_none(void **state)
{
    (void)state;
    enum { V = 500, T = 120 };
    static uint32_t row[2][V * T], col[2][V * T];
    static float one[V * T];
    size_t n[2] = {0, 0};
    struct csr m[2];
    struct pool *pool = pool_of(2);
    struct train_settings s = {.ials.rank = 8};
    struct held_out h;
    struct rng rng;

    rng_seed(&rng, test_seed());
    for (uint32_t u = 0; u < V; u++)
        for (uint32_t i = 0; i < T; i++) {
            size_t half = rng_below(&rng, 2);
            one[u * T + i] = 1;
            if (rng_double(&rng) >= 0.4 * (1 - (double)i / T))
                continue;
            row[half][n[half]] = u;
            col[half][n[half]++] = i;
        }
    for (size_t half = 0; half < 2; half++)
        assert_ok(csr_from_triples(V, T, row[half], col[half], one, n[half], &m[half], &test_err));
    assert_ok(train_held_out(&m[0], &m[1], &s, pool, silent, &h, &test_err));
    assert_true(h.gain.high < 0.03);
    csr_release(&m[0]);
    csr_release(&m[1]);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(nobody_to_measure),
        cmocka_unit_test(finds_planted_tastes),
        cmocka_unit_test(finds_no_taste_where_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
