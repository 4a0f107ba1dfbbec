#include "support/check.h"

#include <zlib.h>

#include "base/inflate.h"
#include "base/rng.h"

enum { GZIP = 15 + 16, ZLIB = 15, ROOM = 1 << 16 };

/* Appends `text` compressed to `packed`. */
static void pack(struct str text, int window, struct buf *packed)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t bound = deflateBound(&z, text.n);
    assert_true(buf_reserve(packed, bound));
    z.next_in = (z_const Bytef *)(uintptr_t)text.p;
    z.avail_in = (uInt)text.n;
    z.next_out = (Bytef *)packed->p + packed->n;
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    packed->n += bound - z.avail_out;
    deflateEnd(&z);
}

static void both_formats(void **state)
{
    (void)state;
    struct buf packed, out;
    buf_init(&packed, ROOM);
    buf_init(&out, ROOM);
    static const int windows[] = {GZIP, ZLIB};
    for (size_t i = 0; i < 2; i++) {
        buf_reset(&packed);
        buf_reset(&out);
        buf_add_z(&out, "> ");
        pack(STR("hello hello hello"), windows[i], &packed);
        assert_ok(inflate_gzip(buf_str(&packed), &out, &test_err));
        assert_str("> hello hello hello", buf_str(&out));
    }
    buf_release(&packed);
    buf_release(&out);
}

static void members_follow_each_other(void **state)
{
    (void)state;
    struct buf packed, out;
    buf_init(&packed, ROOM);
    buf_init(&out, ROOM);
    pack(STR("one "), GZIP, &packed);
    pack(STR_NONE, GZIP, &packed);
    pack(STR("two"), GZIP, &packed);
    assert_ok(inflate_gzip(buf_str(&packed), &out, &test_err));
    assert_str("one two", buf_str(&out));
    buf_add_z(&packed, "garbage");
    assert_fails(MQ_INVALID, inflate_gzip(buf_str(&packed), &out, &test_err));
    assert_str("one two", buf_str(&out));
    buf_reset(&packed);
    pack(STR("one"), ZLIB, &packed);
    pack(STR("two"), GZIP, &packed);
    assert_fails(MQ_INVALID, inflate_gzip(buf_str(&packed), &out, &test_err));
    assert_fails(MQ_INVALID, inflate_gzip(STR_NONE, &out, &test_err));
    assert_fails(MQ_INVALID, inflate_gzip(STR("plain text"), &out, &test_err));
    assert_str("one two", buf_str(&out));
    buf_release(&packed);
    buf_release(&out);
}

/* Content of exactly the maximum is taken, one byte more is not, and a bomb costs only the maximum. */
static void maximum(void **state)
{
    (void)state;
    char *zeros = calloc(1, 10 << 20);
    assert_non_null(zeros);
    struct buf packed, out;
    buf_init(&packed, 16 << 20);
    static const size_t sizes[] = {999, 1000, 1001, 10 << 20};
    for (size_t i = 0; i < 4; i++) {
        buf_reset(&packed);
        pack((struct str){zeros, sizes[i]}, i % 2 ? GZIP : ZLIB, &packed);
        buf_init(&out, 1000);
        int rc = inflate_gzip(buf_str(&packed), &out, &test_err);
        assert_int_equal(rc, sizes[i] <= 1000 ? 0 : MQ_TOO_LARGE);
        assert_int_equal(out.n, sizes[i] <= 1000 ? sizes[i] : 0);
        assert_true(out.cap <= 1000 && !out.failed);
        buf_release(&out);
    }
    free(zeros);
    buf_release(&packed);
}

static void random_text(struct rng *r, struct buf *b)
{
    size_t n = rng_below(r, 40000);
    buf_reset(b);
    for (size_t i = 0; i < n; i++)
        buf_add_char(b, (char)rng_below(r, 1 + i % 64));
}

/* What was packed comes back; every cut is refused; a flipped bit never crashes, and is noticed. */
static void damage(void **state)
{
    (void)state;
    struct buf text, packed, out;
    buf_init(&text, ROOM);
    buf_init(&packed, ROOM);
    buf_init(&out, ROOM);
    struct rng r;
    for (size_t round = 0; round < test_rounds(100); round++) {
        rng_seed_stream(&r, test_seed(), round);
        random_text(&r, &text);
        buf_reset(&packed);
        pack(buf_str(&text), round % 2 ? GZIP : ZLIB, &packed);
        buf_reset(&out);
        assert_ok(inflate_gzip(buf_str(&packed), &out, &test_err));
        assert_true(str_eq(buf_str(&out), buf_str(&text)));
        buf_reset(&out);
        struct str cut = {packed.p, rng_below(&r, packed.n)};
        assert_fails(MQ_INVALID, inflate_gzip(cut, &out, &test_err));
        size_t at = rng_below(&r, packed.n);
        packed.p[at] = (char)(packed.p[at] ^ (1 << rng_below(&r, 8)));
        int rc = inflate_gzip(buf_str(&packed), &out, &test_err);
        /* gzip's header has bytes that say nothing about the content (time, system). */
        if (rc == 0 && !str_eq(buf_str(&out), buf_str(&text)))
            fail_msg("round %zu: damage at %zu went unnoticed", round, at);
        assert_true(rc == 0 || out.n == 0);
    }
    buf_release(&text);
    buf_release(&packed);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_formats),
        cmocka_unit_test(members_follow_each_other),
        cmocka_unit_test(maximum),
        cmocka_unit_test(damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
