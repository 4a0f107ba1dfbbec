#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/intern.h"
#include "base/rng.h"

enum { NAME_ROOM = 32 };

static struct str nth(char room[NAME_ROOM], uint64_t i)
{
    int n = snprintf(room, NAME_ROOM, "viewer-%llu", (unsigned long long)i);
    return (struct str){room, (size_t)n};
}

static void counts_up(void **state)
{
    (void)state;
    struct intern *t;
    char room[NAME_ROOM];
    assert_ok(intern_new(&t, &test_err));
    assert_int_equal(intern_find(t, STR("none")), INTERN_NONE);
    assert_int_equal(intern_name(t, 0).n, 0);
    for (uint32_t i = 0; i < 50000; i++) {
        uint32_t id = 77;
        bool is_new = false;
        assert_ok(intern_add(t, nth(room, i), &id, &is_new, &test_err));
        assert_true(id == i && is_new);
        assert_ok(intern_add(t, nth(room, i / 2), &id, &is_new, &test_err));
        assert_true(id == i / 2 && !is_new);
    }
    assert_int_equal(intern_count(t), 50000);
    for (uint32_t i = 0; i < 50000; i++) {
        struct str name = nth(room, i);
        assert_int_equal(intern_find(t, name), i);
        assert_true(str_eq(intern_name(t, i), name));
    }
    assert_int_equal(intern_find(t, nth(room, 50000)), INTERN_NONE);
    assert_int_equal(intern_name(t, 50000).n, 0);
    assert_int_equal(intern_name(t, INTERN_NONE).n, 0);
    intern_free(t);
    intern_free(NULL);
}

static void odd_names(void **state)
{
    (void)state;
    struct intern *t;
    uint32_t empty, zero, big;
    assert_ok(intern_new(&t, &test_err));
    char *text = calloc(1, INTERN_NAME_MAX + 1);
    assert_non_null(text);
    assert_ok(intern_add(t, STR_NONE, &empty, NULL, &test_err));
    assert_ok(intern_add(t, (struct str){"\0", 1}, &zero, NULL, &test_err));
    assert_ok(intern_add(t, (struct str){text, INTERN_NAME_MAX}, &big, NULL, &test_err));
    assert_true(empty == 0 && zero == 1 && big == 2);
    assert_int_equal(intern_find(t, STR("")), 0);
    assert_int_equal(intern_name(t, 2).n, INTERN_NAME_MAX);
    assert_fails(MQ_TOO_LARGE,
                 intern_add(t, (struct str){text, INTERN_NAME_MAX + 1}, &big, NULL, &test_err));
    assert_int_equal(intern_count(t), 3);
    free(text);
    intern_free(t);
}

static void puts_in_any_order(void **state)
{
    (void)state;
    struct intern *t;
    char room[NAME_ROOM];
    assert_ok(intern_new(&t, &test_err));
    for (uint32_t i = 3000; i-- > 0;) {
        if (i % 3)
            assert_ok(intern_put(t, i * 7, nth(room, i), &test_err));
    }
    assert_int_equal(intern_count(t), 2999 * 7 + 1);
    for (uint32_t i = 0; i < 3000; i++)
        assert_int_equal(intern_find(t, nth(room, i)), i % 3 ? i * 7 : INTERN_NONE);
    assert_int_equal(intern_name(t, 3).n, 0);
    assert_ok(intern_put(t, 7, nth(room, 1), &test_err)); /* as it is */
    assert_fails(MQ_CONFLICT, intern_put(t, 7, nth(room, 99999), &test_err));
    assert_fails(MQ_CONFLICT, intern_put(t, 8, nth(room, 1), &test_err));
    assert_fails(MQ_NO_MEMORY, intern_put(t, INTERN_MAX, nth(room, 99999), &test_err));
    assert_ok(intern_put(t, 10000000, nth(room, 99999), &test_err)); /* far away */
    assert_int_equal(intern_find(t, nth(room, 99999)), 10000000);
    assert_int_equal(intern_find(t, nth(room, 2)), 14);
    assert_true(intern_memory(t) < 4 << 20);
    intern_free(t);
}

static void erases(void **state)
{
    (void)state;
    struct intern *t;
    uint32_t id;
    bool is_new;
    assert_ok(intern_new(&t, &test_err));
    assert_ok(intern_add(t, STR("anna"), &id, &is_new, &test_err));
    assert_ok(intern_add(t, STR("bert"), &id, &is_new, &test_err));
    const char *bytes = intern_name(t, 0).p;
    intern_erase(t, 0);
    intern_erase(t, 0);
    intern_erase(t, 99);
    assert_memory_equal(bytes, "\0\0\0\0", 4);
    assert_int_equal(intern_find(t, STR("anna")), INTERN_NONE);
    assert_int_equal(intern_name(t, 0).n, 0);
    assert_int_equal(intern_count(t), 2);
    assert_ok(intern_add(t, STR("anna"), &id, &is_new, &test_err));
    assert_true(id == 2 && is_new);
    intern_free(t);
}

/* Random adding, putting and erasing, against a plain array of names. */
static void as_a_plain_array(void **state)
{
    (void)state;
    enum { NAMES = 300, IDS = 4000, GONE = -1 };
    struct rng r;
    char room[NAME_ROOM];
    for (size_t round = 0; round < test_rounds(30); round++) {
        struct intern *t;
        int name_of[IDS];
        int64_t id_of[NAMES];
        uint32_t count = 0;
        memset(name_of, 0xff, sizeof(name_of));
        memset(id_of, 0xff, sizeof(id_of));
        rng_seed_stream(&r, test_seed(), round);
        assert_ok(intern_new(&t, &test_err));
        for (int i = 0; i < 5000; i++) {
            int k = (int)rng_below(&r, NAMES);
            struct str name = nth(room, (uint64_t)k);
            uint32_t id = (uint32_t)rng_below(&r, count + 3);
            uint64_t what = rng_below(&r, 10);
            if (what < 5 && count < IDS - 10) {
                bool is_new;
                assert_ok(intern_add(t, name, &id, &is_new, &test_err));
                assert_int_equal(is_new, id_of[k] == GONE);
                assert_int_equal(id, is_new ? count : id_of[k]);
            } else if (what == 5 && count < IDS - 10) {
                bool fits = id_of[k] == id || (id_of[k] == GONE && name_of[id] == GONE);
                assert_int_equal(intern_put(t, id, name, &test_err), fits ? 0 : MQ_CONFLICT);
                if (!fits)
                    continue;
            } else {
                intern_erase(t, id);
                if (name_of[id] != GONE)
                    id_of[name_of[id]] = GONE;
                name_of[id] = GONE;
                continue;
            }
            id_of[k] = id;
            name_of[id] = k;
            count = id >= count ? id + 1 : count;
        }
        assert_int_equal(intern_count(t), count);
        for (int k = 0; k < NAMES; k++)
            assert_int_equal(intern_find(t, nth(room, (uint64_t)k)), (uint32_t)id_of[k]);
        for (uint32_t id = 0; id < count; id++) {
            struct str name = name_of[id] == GONE ? STR("") : nth(room, (uint64_t)name_of[id]);
            assert_true(str_eq(intern_name(t, id), name));
        }
        intern_free(t);
    }
}

/* A few names live at a time while many come and go: neither memory nor time may explode. */
static void churn(void **state)
{
    (void)state;
    enum { LIVE = 1000, NAMES = 300000 };
    struct intern *t;
    char room[NAME_ROOM];
    uint32_t id;
    assert_ok(intern_new(&t, &test_err));
    for (uint32_t i = 0; i < NAMES; i++) {
        assert_ok(intern_add(t, nth(room, i), &id, NULL, &test_err));
        if (i >= LIVE)
            intern_erase(t, i - LIVE);
    }
    for (uint32_t i = NAMES - LIVE; i < NAMES; i++)
        assert_int_equal(intern_find(t, nth(room, i)), i);
    assert_int_equal(intern_find(t, nth(room, NAMES - LIVE - 1)), INTERN_NONE);
    assert_true(intern_memory(t) / NAMES < 60);
    for (uint32_t i = 0; i < 2 * LIVE; i++) { /* the same again and again at the same id */
        intern_erase(t, NAMES - 1);
        assert_ok(intern_put(t, NAMES - 1, STR("back"), &test_err));
    }
    assert_int_equal(intern_find(t, STR("back")), NAMES - 1);
    intern_free(t);
}

static void overhead(void **state)
{
    (void)state;
    struct intern *t;
    char room[NAME_ROOM];
    size_t bytes = 0;
    assert_ok(intern_new(&t, &test_err));
    size_t empty = intern_memory(t);
    for (uint32_t i = 0; i < 500000; i++) {
        uint32_t id;
        struct str name = nth(room, i);
        assert_ok(intern_add(t, name, &id, NULL, &test_err));
        bytes += name.n;
        if (i > 100000 && i % 10000 == 0)
            assert_true((intern_memory(t) - empty - bytes) / i <= 32);
    }
    intern_free(t);
}

/* One writer adds and erases while readers look up: what was told to be there is found, under its
 * number, with its name. */
struct scene {
    struct intern *t;
    atomic_uint added; /* names below are in */
    atomic_bool stop;
    atomic_uint bad;
};

static void *read_on(void *arg)
{
    struct scene *s = arg;
    struct rng r;
    char room[NAME_ROOM];
    rng_seed(&r, 1);
    while (!atomic_load(&s->stop)) {
        uint32_t n = atomic_load(&s->added);
        if (n == 0)
            continue;
        uint32_t i = (uint32_t)rng_below(&r, n);
        struct str name = nth(room, i);
        uint32_t id = intern_find(s->t, name);
        if (i % 8 == 7) {
            if (id != i && id != INTERN_NONE)
                atomic_fetch_add(&s->bad, 1);
        } else if (id != i || !str_eq(intern_name(s->t, i), name) || intern_count(s->t) <= i) {
            atomic_fetch_add(&s->bad, 1);
        }
        intern_find(s->t, nth(room, UINT64_C(1) << 40));
    }
    return NULL;
}

static void readers_and_a_writer(void **state)
{
    (void)state;
    struct scene s = {0};
    pthread_t readers[3];
    char room[NAME_ROOM];
    assert_ok(intern_new(&s.t, &test_err));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, &s), 0);
    for (uint32_t i = 0; i < test_rounds(100000); i++) {
        uint32_t id;
        assert_ok(intern_add(s.t, nth(room, i), &id, NULL, &test_err));
        assert_int_equal(id, i);
        atomic_store(&s.added, i + 1);
        if (i % 8 == 0 && i > 8)
            intern_erase(s.t, i - 9);
    }
    atomic_store(&s.stop, true);
    for (size_t i = 0; i < 3; i++)
        pthread_join(readers[i], NULL);
    assert_int_equal(atomic_load(&s.bad), 0);
    intern_free(s.t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_up),
        cmocka_unit_test(odd_names),
        cmocka_unit_test(puts_in_any_order),
        cmocka_unit_test(erases),
        cmocka_unit_test(as_a_plain_array),
        cmocka_unit_test(overhead),
        cmocka_unit_test(readers_and_a_writer),
        cmocka_unit_test(churn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
