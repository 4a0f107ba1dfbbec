#include "support/check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/epoch.h"

static void count_free(void *p)
{
    (*(int *)p)++;
}

static void waits_for_those_inside(void **state)
{
    (void)state;
    struct epoch *e;
    unsigned a, b;
    int freed = 0;
    assert_ok(epoch_new(&e, &test_err));
    assert_ok(epoch_join(e, &a, &test_err));
    assert_ok(epoch_join(e, &b, &test_err));
    epoch_defer(e, count_free, &freed);
    assert_int_equal(freed, 1); /* nobody inside */

    epoch_enter(e, a);
    epoch_defer(e, count_free, &freed);
    assert_int_equal(freed, 1);
    epoch_enter(e, b); /* since after the defer: does not hold it */
    epoch_collect(e);
    assert_int_equal(freed, 1);
    epoch_exit(e, a);
    epoch_collect(e);
    assert_int_equal(freed, 2);
    epoch_defer(e, count_free, &freed);
    epoch_exit(e, b);
    assert_int_equal(freed, 2);
    epoch_wait(e);
    epoch_leave_for_good(e, a);
    epoch_leave_for_good(e, b);
    epoch_free(e); /* runs the last */
    assert_int_equal(freed, 3);
    epoch_free(NULL);
}

static void many_deferred(void **state)
{
    (void)state;
    struct epoch *e;
    unsigned slot;
    int freed = 0;
    assert_ok(epoch_new(&e, &test_err));
    assert_ok(epoch_join(e, &slot, &test_err));
    for (int round = 0; round < 3; round++) {
        epoch_enter(e, slot);
        for (int i = 0; i < 1000; i++)
            epoch_defer(e, count_free, &freed);
        assert_int_equal(freed, 1000 * round);
        epoch_exit(e, slot);
        epoch_collect(e);
        assert_int_equal(freed, 1000 * (round + 1));
    }
    epoch_free(e);
}

static void slots_run_out_and_return(void **state)
{
    (void)state;
    struct epoch *e;
    unsigned slot, last = 0;
    assert_ok(epoch_new(&e, &test_err));
    for (unsigned i = 0; i < EPOCH_READERS; i++) {
        assert_ok(epoch_join(e, &slot, &test_err));
        assert_int_equal(slot, i);
    }
    assert_fails(MQ_BUSY, epoch_join(e, &last, &test_err));
    epoch_leave_for_good(e, 5);
    assert_ok(epoch_join(e, &last, &test_err));
    assert_int_equal(last, 5);
    epoch_free(e);
}

/* Readers follow a pointer that writers replace and free all the time. A freed version is poisoned, so
 * that a reader that still sees one finds out even without a sanitizer. */
struct version {
    uint64_t a, b;
};

struct scene {
    struct epoch *e;
    _Atomic(struct version *) shared;
    atomic_bool stop;
    atomic_uint bad;
    atomic_uint reads;
};

static void poison(void *p)
{
    struct version *v = p;
    v->a = 1;
    v->b = 2;
    free(v);
}

static void *read_on(void *arg)
{
    struct scene *s = arg;
    unsigned slot;
    if (epoch_join(s->e, &slot, NULL) != 0)
        return arg;
    while (!atomic_load(&s->stop)) {
        epoch_enter(s->e, slot);
        const struct version *v = atomic_load(&s->shared);
        for (int i = 0; i < 20; i++) {
            if (v->a != v->b)
                atomic_fetch_add(&s->bad, 1);
        }
        epoch_exit(s->e, slot);
        atomic_fetch_add_explicit(&s->reads, 1, memory_order_relaxed);
    }
    epoch_leave_for_good(s->e, slot);
    return NULL;
}

static void *replace_on(void *arg)
{
    struct scene *s = arg;
    for (uint64_t i = 0; i < test_rounds(5000); i++) {
        struct version *v = malloc(sizeof(*v));
        if (!v)
            return arg;
        *v = (struct version){i + 10, i + 10};
        struct version *old = atomic_exchange(&s->shared, v);
        if (i % 64 == 0) {
            epoch_wait(s->e);
            poison(old);
        } else {
            epoch_defer(s->e, poison, old);
        }
        if (i % 16 == 0)
            sched_yield();
    }
    return NULL;
}

static void readers_and_writers(void **state)
{
    (void)state;
    struct scene s = {0};
    assert_ok(epoch_new(&s.e, &test_err));
    struct version *first = calloc(1, sizeof(*first));
    atomic_store(&s.shared, first);
    pthread_t readers[3], writers[2];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, &s), 0);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, replace_on, &s), 0);
    void *ret;
    for (size_t i = 0; i < 2; i++) {
        pthread_join(writers[i], &ret);
        assert_null(ret);
    }
    while (atomic_load(&s.reads) == 0) /* on a busy machine the readers may begin last */
        sched_yield();
    atomic_store(&s.stop, true);
    for (size_t i = 0; i < 3; i++) {
        pthread_join(readers[i], &ret);
        assert_null(ret);
    }
    assert_int_equal(atomic_load(&s.bad), 0);
    assert_true(atomic_load(&s.reads) > 0);
    epoch_free(s.e);
    free(atomic_load(&s.shared));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_those_inside),
        cmocka_unit_test(many_deferred),
        cmocka_unit_test(slots_run_out_and_return),
        cmocka_unit_test(readers_and_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
