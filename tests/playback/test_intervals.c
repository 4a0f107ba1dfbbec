#include "support/check.h"

#include "base/rng.h"
#include "playback/intervals.h"

static void check(const struct span *v, uint32_t n, const struct span *expected,
                  uint32_t n_expected)
{
    assert_int_equal(n, n_expected);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(v[i].from, expected[i].from);
        assert_int_equal(v[i].to, expected[i].to);
    }
}

static void joins_what_touches(void **state)
{
    (void)state;
    struct span v[8];
    uint32_t n = 0;
    assert_int_equal(spans_add(v, &n, 8, 10, 20), 10);
    assert_int_equal(spans_add(v, &n, 8, 30, 40), 10);
    assert_int_equal(spans_add(v, &n, 8, 20, 25), 5); /* touches on the left */
    assert_int_equal(spans_add(v, &n, 8, 0, 5), 5);
    assert_int_equal(spans_add(v, &n, 8, 12, 18), 0); /* inside */
    assert_int_equal(spans_add(v, &n, 8, 7, 7), 0);   /* empty */
    check(v, n, (struct span[]){{0, 5}, {10, 25}, {30, 40}}, 3);
    assert_int_equal(spans_add(v, &n, 8, 4, 31), 10); /* over all */
    check(v, n, (struct span[]){{0, 40}}, 1);
}

/* A full list closes its smallest gap, wherever that is, and counts nothing for it. */
static void full_list_merges_the_closest(void **state)
{
    (void)state;
    const struct span full[] = {{0, 10}, {100, 110}, {125, 130}};
    struct span v[3];
    uint32_t n = 3;
    memcpy(v, full, sizeof(full));
    assert_int_equal(spans_add(v, &n, 3, 500, 510), 10); /* the gap of 15 */
    check(v, n, (struct span[]){{0, 10}, {100, 130}, {500, 510}}, 3);
    memcpy(v, full, sizeof(full));
    assert_int_equal(spans_add(v, &n, 3, 14, 20), 6); /* 4 after the first */
    check(v, n, (struct span[]){{0, 20}, {100, 110}, {125, 130}}, 3);
    memcpy(v, full, sizeof(full));
    assert_int_equal(spans_add(v, &n, 3, 80, 97), 17); /* 3 before the second */
    check(v, n, (struct span[]){{0, 10}, {80, 110}, {125, 130}}, 3);
    memcpy(v, full, sizeof(full));
    assert_int_equal(spans_add(v, &n, 3, 40, 50), 10); /* between; the gap right of it closes */
    check(v, n, (struct span[]){{0, 10}, {40, 50}, {100, 130}}, 3);
    assert_int_equal(spans_add(v, &n, 3, 112, 120),
                     0); /* inside the closed gap: seen, to be safe */
}

static void one_span_only(void **state)
{
    (void)state;
    struct span v[1];
    uint32_t n = 0;
    assert_int_equal(spans_add(v, &n, 1, 50, 60), 10);
    assert_int_equal(spans_add(v, &n, 1, 0, 10), 10);
    assert_int_equal(spans_add(v, &n, 1, 90, 95), 5);
    check(v, n, (struct span[]){{0, 95}}, 1);
}

/* Against a bitmap: exact while there is room; when full still sorted, apart, covering, never overstating. */
static void random_unions(void **state)
{
    (void)state;
    enum { MS = 400, MAX = 12 };
    uint64_t seed = test_seed();
    for (size_t round = 0, rounds = test_rounds(4000); round < rounds; round++) {
        struct rng r;
        rng_seed_stream(&r, seed, round);
        uint32_t max = round % 2 ? 256 : 1 + (uint32_t)rng_below(&r, MAX);
        struct span v[256];
        uint32_t n = 0;
        uint8_t bits[MS] = {0};
        int64_t sum = 0;
        for (int i = 0; i < 60; i++) {
            int64_t from = (int64_t)rng_below(&r, MS), to = from + (int64_t)rng_below(&r, 12);
            to = to < MS ? to : MS;
            sum += spans_add(v, &n, max, from, to);
            memset(bits + from, 1, (size_t)(to - from));
        }
        int64_t set = 0, covered = 0;
        for (int i = 0; i < MS; i++)
            set += bits[i];
        assert_true(n <= max);
        for (uint32_t i = 0; i < n; i++) {
            assert_true(v[i].from < v[i].to && (i == 0 || v[i].from > v[i - 1].to));
            for (int64_t ms = v[i].from; ms < v[i].to; ms++)
                covered += bits[ms];
        }
        assert_int_equal(covered, set); /* nothing seen is left out */
        if (max == 256 ? sum != set : sum > set)
            fail_msg("seed %llu round %zu: %lld counted of %lld", (unsigned long long)seed, round,
                     (long long)sum, (long long)set);
    }
}

static void grows_to_its_maximum(void **state)
{
    (void)state;
    struct intervals x = {0};
    for (int64_t i = 0; i < INTERVALS_MAX + 500; i++)
        assert_ok(intervals_add(&x, i * 10, i * 10 + 3, &test_err));
    assert_int_equal(x.n, INTERVALS_MAX);
    assert_int_equal(x.covered, (INTERVALS_MAX + 500) * 3);
    intervals_release(&x);
    assert_null(x.v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_what_touches),   cmocka_unit_test(full_list_merges_the_closest),
        cmocka_unit_test(one_span_only),        cmocka_unit_test(random_unions),
        cmocka_unit_test(grows_to_its_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
