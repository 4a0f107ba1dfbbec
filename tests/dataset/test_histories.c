/* Histories: by viewer in order of time, the order of addition among equal times. */
#include "support/check.h"

#include "base/rng.h"
#include "dataset/histories.h"

static void in_order_of_time(void **state)
{
    (void)state;
    struct triples t = {0};
    struct histories h;
    assert_ok(triples_add(&t, 1, 4, 1, 300, &test_err));
    assert_ok(triples_add(&t, 0, 2, 1, 100, &test_err));
    assert_ok(triples_add(&t, 1, 3, 1, 100, &test_err));
    assert_ok(triples_add(&t, 1, 0, 1, 100, &test_err));
    assert_ok(triples_add(&t, 1, 1, -1, 50, &test_err)); /* not liked: left out */
    assert_ok(triples_add(&t, 1, 4, 1, 50, &test_err));
    assert_ok(histories_from(&t, NULL, 3, 5, &h, &test_err));
    struct history one = history_of(&h, 1, SIZE_MAX);
    const uint32_t expected[] = {4, 3, 0, 4};
    assert_int_equal(one.n, 4);
    assert_memory_equal(one.title, expected, sizeof(expected));
    assert_int_equal(history_of(&h, 1, 2).n, 2);
    assert_int_equal(history_of(&h, 2, SIZE_MAX).n, 0);
    assert_int_equal(histories_entries(&h), 5);
    struct csr m;
    assert_ok(histories_to_csr(&h, &m, &test_err));
    assert_int_equal(csr_row(&m, 1).n, 3); /* title 4 once */
    assert_true(csr_row(&m, 1).value[2] == 1);
    csr_release(&m);
    histories_release(&h);
    const uint8_t keep[] = {0, 1, 1, 1, 1, 0};
    assert_ok(histories_from(&t, keep, 3, 5, &h, &test_err));
    assert_int_equal(history_of(&h, 1, SIZE_MAX).n, 2);
    histories_release(&h);
    triples_release(&t);
}

static void nothing_is_lost(void **state)
{
    (void)state;
    struct rng rng;
    struct triples t = {0};
    struct histories h;
    rng_seed(&rng, test_seed());
    for (int i = 0; i < 2000; i++)
        assert_ok(triples_add(&t, (uint32_t)rng_below(&rng, 30), (uint32_t)rng_below(&rng, 50), 1,
                              (int64_t)rng_below(&rng, 40), &test_err));
    assert_ok(histories_from(&t, NULL, 30, 50, &h, &test_err));
    assert_int_equal(histories_entries(&h), 2000);
    for (uint32_t v = 0; v < 30; v++) {
        struct history one = history_of(&h, v, SIZE_MAX);
        for (size_t k = 1; k < one.n; k++)
            assert_true(one.at_ms[k - 1] <= one.at_ms[k]);
    }
    histories_release(&h);
    triples_release(&t);
    assert_ok(histories_from(&t, NULL, 0, 0, &h, &test_err));
    assert_int_equal(histories_entries(&h), 0);
    histories_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_of_time),
        cmocka_unit_test(nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
