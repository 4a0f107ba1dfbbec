#include "support/check.h"

#include "base/buf.h"
#include "base/rng.h"

static void grows_to_the_maximum(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    for (int i = 0; i < 1000; i++)
        buf_add_char(&b, 'x');
    assert_false(b.failed);
    assert_int_equal(b.n, 1000);
    assert_true(b.cap <= 1000);
    buf_add_char(&b, 'y');
    assert_true(b.failed);
    buf_add(&b, "", 0);
    assert_int_equal(b.n, 1000);
    buf_reset(&b);
    assert_false(b.failed);
    buf_add_z(&b, "abc");
    assert_str("abc", buf_str(&b));
    assert_false(buf_reserve(&b, SIZE_MAX));
    assert_true(b.failed);
    buf_release(&b);
    buf_release(&b);
}

static void fixed_storage(void **state)
{
    (void)state;
    char storage[8];
    struct buf b;
    buf_over(&b, storage, sizeof(storage));
    buf_add_str(&b, STR("1234567"));
    buf_add_str(&b, STR("89"));
    assert_true(b.failed && b.n == 7 && b.p == storage);
    buf_add_char(&b, '8'); /* sticks, though it would fit */
    assert_int_equal(b.n, 7);
}

static void numbers_and_formats(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    buf_add_u64(&b, 0);
    buf_add_char(&b, ' ');
    buf_add_u64(&b, UINT64_MAX);
    buf_add_char(&b, ' ');
    buf_add_i64(&b, INT64_MIN);
    buf_printf(&b, " %s %d", "x", 5);
    assert_str("0 18446744073709551615 -9223372036854775808 x 5", buf_str(&b));
    buf_reset(&b);
    buf_printf(&b, "%4096d", 1); /* exactly the maximum */
    assert_false(b.failed);
    assert_int_equal(b.n, 4096);
    buf_reset(&b);
    buf_printf(&b, "%4097d", 1);
    assert_true(b.failed && b.n == 0);
    buf_release(&b);
}

/* Random sequences of binary values come back as they were, and end in failure, not beyond. */
static void binary_round_trip(void **state)
{
    (void)state;
    struct rng r;
    for (size_t round = 0; round < test_rounds(2000); round++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        rng_seed_stream(&r, test_seed(), round);
        size_t n = rng_below(&r, 50);
        for (size_t i = 0; i < n; i++) {
            uint64_t v = rng_u64(&r) >> rng_below(&r, 64);
            buf_add_u8(&b, (uint8_t)v);
            buf_add_u32(&b, (uint32_t)v);
            buf_add_u64le(&b, v);
            buf_add_f32(&b, (float)v);
            buf_add_varint(&b, v);
            buf_add_svarint(&b, (int64_t)v);
            buf_add_svarint(&b, (int64_t)-v);
            buf_add_lenstr(&b, (struct str){(const char *)&v, v % 9});
        }
        rng_seed_stream(&r, test_seed(), round);
        rng_below(&r, 50);
        struct cursor c = cursor_over(b.p, b.n);
        for (size_t i = 0; i < n; i++) {
            uint64_t v = rng_u64(&r) >> rng_below(&r, 64);
            assert_int_equal(cursor_u8(&c), (uint8_t)v);
            assert_int_equal(cursor_u32(&c), (uint32_t)v);
            assert_true(cursor_u64le(&c) == v);
            assert_true(cursor_f32(&c) == (float)v);
            assert_true(cursor_varint(&c) == v);
            assert_true(cursor_svarint(&c) == (int64_t)v);
            assert_true(cursor_svarint(&c) == (int64_t)-v);
            assert_true(str_eq(cursor_lenstr(&c), (struct str){(const char *)&v, v % 9}));
        }
        assert_false(c.failed);
        assert_int_equal(cursor_left(&c), 0);
        assert_int_equal(cursor_u8(&c), 0);
        assert_true(c.failed);
        buf_release(&b);
    }
}

static void cursor_refuses(void **state)
{
    (void)state;
    static const uint8_t overlong[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
    struct cursor c = cursor_over(overlong, sizeof(overlong));
    assert_int_equal(cursor_varint(&c), 0);
    assert_true(c.failed);
    c = cursor_over(overlong, 9); /* cut off */
    assert_int_equal(cursor_varint(&c), 0);
    assert_true(c.failed);
    static const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 'a'};
    c = cursor_over(huge, sizeof(huge)); /* a length of 2^64 - 1 */
    assert_true(cursor_lenstr(&c).p == NULL && c.failed);
    c = cursor_over("abc", 3);
    assert_int_equal(cursor_u32(&c), 0);
    assert_int_equal(cursor_u8(&c), 0); /* sticks */
    c = cursor_over(NULL, 0);
    assert_int_equal(cursor_left(&c), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_to_the_maximum), cmocka_unit_test(fixed_storage),
        cmocka_unit_test(numbers_and_formats),  cmocka_unit_test(binary_round_trip),
        cmocka_unit_test(cursor_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
