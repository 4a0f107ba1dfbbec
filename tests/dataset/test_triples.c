/* Triples: growth, cutting by time, rows. */
#include "base/rng.h"
#include "dataset/triples.h"
#include "support/check.h"

static void they_stay_in_order(void **state)
{
    (void)state;
    struct triples t = {0};
    for (uint32_t i = 0; i < 10000; i++)
        assert_ok(triples_add(&t, i % 7, i % 11, (float)i, (int64_t)i - 5000, &test_err));
    assert_int_equal(t.n, 10000);
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(t.viewer[i], i % 7);
        assert_int_equal(t.title[i], i % 11);
        assert_true(t.weight[i] == (float)i);
        assert_int_equal(t.at_ms[i], (int64_t)i - 5000);
    }
    triples_release(&t);
    assert_int_equal(t.n + t.cap, 0);
    triples_release(&t);
}

/* Every triple of the window, and no other, adds up in its cell. */
static void rows_hold_the_window(void **state)
{
    (void)state;
    enum { ROWS = 9, COLS = 13 };
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(200); round++) {
        struct triples t = {0};
        double expected[ROWS][COLS] = {{0}};
        bool there[ROWS][COLS] = {{0}};
        int64_t from = (int64_t)rng_below(&rng, 100) - 50, to = from + (int64_t)rng_below(&rng, 60);
        size_t n = rng_below(&rng, 200), inside = 0;
        for (size_t i = 0; i < n; i++) {
            uint32_t v = (uint32_t)rng_below(&rng, ROWS), c = (uint32_t)rng_below(&rng, COLS);
            int64_t at = (int64_t)rng_below(&rng, 160) - 80;
            float w = (float)rng_below(&rng, 9) - 4;
            assert_ok(triples_add(&t, v, c, w, at, &test_err));
            if (at < from || at >= to)
                continue;
            expected[v][c] += (double)w;
            there[v][c] = true;
        }
        struct csr m;
        assert_ok(triples_to_csr(&t, ROWS, COLS, from, to, &m, &test_err));
        assert_int_equal(m.rows, ROWS);
        assert_int_equal(m.cols, COLS);
        for (uint32_t v = 0; v < ROWS; v++) {
            struct csr_row row = csr_row(&m, v);
            for (size_t k = 0; k < row.n; k++) {
                assert_true(there[v][row.col[k]]);
                assert_true((double)row.value[k] == expected[v][row.col[k]]);
                inside++;
            }
        }
        for (uint32_t v = 0; v < ROWS; v++)
            for (uint32_t c = 0; c < COLS; c++)
                inside -= there[v][c];
        assert_int_equal(inside, 0);
        csr_release(&m);
        triples_release(&t);
    }
}

static void the_cut_leaves_the_share_before_it(void **state)
{
    (void)state;
    struct triples t = {0};
    int64_t cut = 7;
    assert_ok(triples_cut(&t, 0.9, &cut, &test_err));
    assert_int_equal(cut, 0);
    for (int64_t i = 0; i < 100; i++)
        assert_ok(triples_add(&t, 0, 0, 1, (i * 37) % 100 - 50, &test_err));
    static const struct {
        double before;
        int64_t cut;
    } cases[] = {{0, -50}, {0.25, -25}, {0.9, 40}, {0.999, 49}, {1, 49}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_ok(triples_cut(&t, cases[i].before, &cut, &test_err));
        assert_int_equal(cut, cases[i].cut);
    }
    /* Equal times stay together, on the later side. */
    struct triples same = {0};
    for (int i = 0; i < 10; i++)
        assert_ok(triples_add(&same, 0, 0, 1, 8, &test_err));
    assert_ok(triples_cut(&same, 0.5, &cut, &test_err));
    assert_int_equal(cut, 8);
    triples_release(&same);
    triples_release(&t);
}

static void a_row_outside_is_refused(void **state)
{
    (void)state;
    struct triples t = {0};
    struct csr m;
    assert_ok(triples_add(&t, 5, 5, 1, 0, &test_err));
    assert_int_not_equal(triples_to_csr(&t, 5, 6, INT64_MIN, INT64_MAX, &m, &test_err), 0);
    assert_int_not_equal(triples_to_csr(&t, 6, 5, INT64_MIN, INT64_MAX, &m, &test_err), 0);
    assert_ok(triples_to_csr(&t, 6, 6, INT64_MIN, INT64_MAX, &m, &test_err));
    csr_release(&m);
    triples_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_stay_in_order),
        cmocka_unit_test(rows_hold_the_window),
        cmocka_unit_test(the_cut_leaves_the_share_before_it),
        cmocka_unit_test(a_row_outside_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
