#include "support/check.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/pool.h"
#include "base/rng.h"

struct tally {
    size_t n, part, threads;
    atomic_uint *hits;       /* (n) */
    uint64_t per_worker[64]; /* plain: a worker's slot is its own */
    atomic_bool wrong;
};

static void tally_part(void *ctx, size_t from, size_t to, size_t worker)
{
    struct tally *t = ctx;
    if (from >= to || to > t->n || to - from > t->part || worker >= t->threads)
        atomic_store(&t->wrong, true);
    for (size_t i = from; i < to; i++)
        atomic_fetch_add(&t->hits[i], 1);
    t->per_worker[worker] += to - from;
}

static void check_job(struct pool *p, size_t n, size_t part)
{
    struct tally t = {.n = n, .part = part, .threads = pool_threads(p)};
    t.hits = calloc(n + 1, sizeof(*t.hits));
    assert_non_null(t.hits);
    pool_for(p, n, part, tally_part, &t);
    uint64_t sum = 0;
    for (size_t i = 0; i < 64; i++)
        sum += t.per_worker[i];
    assert_int_equal(sum, n);
    assert_false(atomic_load(&t.wrong));
    for (size_t i = 0; i < n; i++)
        assert_int_equal(atomic_load(&t.hits[i]), 1);
    free(t.hits);
}

static void every_part_once(void **state)
{
    (void)state;
    static const size_t threads[] = {1, 2, 3, 8};
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t k = 0; k < 4; k++) {
        struct pool *p;
        assert_ok(pool_new(threads[k], &p, &test_err));
        assert_int_equal(pool_threads(p), threads[k]);
        check_job(p, 0, 1);
        check_job(p, 1, SIZE_MAX);
        for (size_t i = 0; i < test_rounds(300); i++)
            check_job(p, rng_below(&r, 2000), 1 + rng_below(&r, 300));
        pool_free(p);
    }
}

static void limits(void **state)
{
    (void)state;
    struct pool *p;
    assert_fails(MQ_INVALID, pool_new(65, &p, &test_err));
    assert_ok(pool_new(0, &p, &test_err));
    assert_in_range(pool_threads(p), 1, 64);
    pool_free(p);
    pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_once),
        cmocka_unit_test(limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
