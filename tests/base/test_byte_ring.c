/* Records come out whole, once each and in the order of each who put them; what does not fit is refused. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/byte_ring.h"
#include "base/rng.h"
#include "support/check.h"

static void sizes_are_checked(void **state)
{
    struct byte_ring *r;
    (void)state;
    assert_fails(MQ_INVALID, byte_ring_new(5000, &r, &test_err));
    assert_fails(MQ_INVALID, byte_ring_new(1024, &r, &test_err));
    byte_ring_free(NULL);
}

static void full_is_refused(void **state)
{
    struct byte_ring *r;
    struct str s;
    char big[600] = {0};
    size_t n = 0;
    (void)state;
    assert_ok(byte_ring_new(4096, &r, &test_err));
    assert_false(byte_ring_peek(r, &s));
    assert_false(byte_ring_put(r, (struct str){big, sizeof(big)}));
    while (byte_ring_put(r, (struct str){big, 500}))
        n++;
    assert_int_equal(n, 8);
    assert_false(byte_ring_put(r, STR("")));
    for (size_t i = 0; i < n; i++) {
        assert_true(byte_ring_peek(r, &s));
        assert_int_equal(s.n, 500);
        byte_ring_drop(r);
    }
    assert_true(byte_ring_put(r, STR("")));
    assert_true(byte_ring_peek(r, &s));
    assert_int_equal(s.n, 0);
    byte_ring_drop(r);
    assert_false(byte_ring_peek(r, &s));
    byte_ring_free(r);
}

enum { WRITERS = 3, RECORDS = 4000 };

struct writer {
    struct byte_ring *ring;
    uint32_t who;
    _Atomic(uint32_t) refused;
};

static void *put_many(void *ctx)
{
    struct writer *w = ctx;
    struct rng rng;
    uint32_t record[32];
    rng_seed(&rng, w->who);
    for (uint32_t i = 0; i < RECORDS; i++) {
        size_t n = 3 + rng_below(&rng, 29);
        for (size_t k = 0; k < n; k++)
            record[k] = w->who * 1000003u + i;
        record[0] = w->who;
        record[1] = i;
        while (!byte_ring_put(w->ring, (struct str){(char *)record, n * sizeof(*record)}))
            atomic_fetch_add(&w->refused, 1);
    }
    return NULL;
}

static void many_put_one_takes(void **state)
{
    struct byte_ring *ring;
    struct writer w[WRITERS];
    pthread_t threads[WRITERS];
    uint32_t next[WRITERS] = {0};
    size_t taken = 0;
    (void)state;
    assert_ok(byte_ring_new(8192, &ring, &test_err));
    for (uint32_t i = 0; i < WRITERS; i++) {
        w[i].ring = ring;
        w[i].who = i;
        atomic_init(&w[i].refused, 0);
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, &w[i]), 0);
    }
    while (taken < (size_t)WRITERS * RECORDS) {
        struct str s;
        uint32_t record[32];
        if (!byte_ring_peek(ring, &s))
            continue;
        assert_true(s.n >= 12 && s.n <= sizeof(record));
        memcpy(record, s.p, s.n);
        assert_true(record[0] < WRITERS);
        assert_int_equal(record[1], next[record[0]]++);
        for (size_t k = 2; k < s.n / 4; k++)
            assert_int_equal(record[k], record[0] * 1000003u + record[1]);
        byte_ring_drop(ring);
        taken++;
    }
    for (size_t i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    byte_ring_free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_checked),
        cmocka_unit_test(full_is_refused),
        cmocka_unit_test(many_put_one_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
