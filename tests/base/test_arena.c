#include "support/check.h"

#include "base/arena.h"
#include "base/large.h"
#include "base/rng.h"

static void gives_zeroed_aligned_pieces(void **state)
{
    (void)state;
    struct arena a;
    assert_int_equal(arena_init(&a, 4096, 1 << 20), 0);
    struct arena_block *first = a.first;
    for (int round = 0; round < 3; round++) {
        for (size_t n = 0; n < 3000; n += 7) {
            unsigned char *p = arena_alloc(&a, n);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 64, 0);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xff, n);
        }
        arena_reset(&a);
        assert_ptr_equal(a.first, first);
        assert_int_equal(a.total, 4096);
    }
    arena_release(&a);
    assert_null(arena_alloc(&a, 1));
}

static void keeps_the_maximum(void **state)
{
    (void)state;
    struct arena a;
    assert_int_equal(arena_init(&a, 4096, 10000), 0);
    assert_non_null(arena_alloc(&a, 4096));
    assert_null(arena_alloc(&a, 6000)); /* in multiples of 64 */
    assert_non_null(arena_alloc(&a, 5888));
    assert_null(arena_alloc(&a, 1));
    assert_true(a.total <= a.max);
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(&a, SIZE_MAX));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 64));
    arena_release(&a);
    assert_int_equal(arena_init(&a, 0, 100), MQ_INVALID);
    assert_int_equal(arena_init(&a, 200, 100), MQ_INVALID);
}

static void copies_text(void **state)
{
    (void)state;
    struct arena a;
    assert_int_equal(arena_init(&a, 128, 128), 0);
    char word[] = "hello";
    struct str copy = arena_str(&a, str_of(word));
    memset(word, 'x', 5);
    assert_str("hello", copy);
    assert_non_null(arena_str(&a, STR_NONE).p);
    char big[200] = {0};
    struct str none = arena_str(&a, (struct str){big, sizeof(big)});
    assert_true(none.p == NULL && none.n == 0);
    arena_release(&a);
}

/* Pieces never overlap: each is filled with its number and read again at the end. */
static void pieces_are_apart(void **state)
{
    (void)state;
    enum { PIECES = 200 };
    struct rng r;
    for (size_t round = 0; round < test_rounds(200); round++) {
        struct arena a;
        unsigned char *p[PIECES];
        size_t n[PIECES];
        rng_seed_stream(&r, test_seed(), round);
        assert_int_equal(arena_init(&a, 1 + rng_below(&r, 5000), 1 << 22), 0);
        for (size_t i = 0; i < PIECES; i++) {
            n[i] = rng_below(&r, 600);
            char text[600] = {0};
            struct str s = {text, n[i] ? n[i] : 1};
            if (i % 2)
                p[i] = arena_alloc(&a, n[i]);
            else
                p[i] = (unsigned char *)(uintptr_t)arena_str(&a, s).p;
            assert_non_null(p[i]);
            memset(p[i], (int)i, n[i]);
        }
        for (size_t i = 0; i < PIECES; i++) {
            for (size_t k = 0; k < n[i]; k++)
                assert_int_equal(p[i][k], (unsigned char)i);
        }
        arena_release(&a);
    }
}

static void large_memory_is_aligned_and_all_there(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 64, 1 << 20, (1 << 20) - 1, (2 << 20) + 1, 5 << 20};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *p = large_alloc(sizes[i]);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % 64, 0);
        memset(p, 0xa5, sizes[i]);
        assert_true(sizes[i] == 0 || p[sizes[i] - 1] == 0xa5);
        free(p);
    }
    assert_null(large_alloc(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_memory_is_aligned_and_all_there),
        cmocka_unit_test(gives_zeroed_aligned_pieces),
        cmocka_unit_test(keeps_the_maximum),
        cmocka_unit_test(copies_text),
        cmocka_unit_test(pieces_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
