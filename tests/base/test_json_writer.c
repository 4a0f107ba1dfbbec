#include "support/check.h"

#include <locale.h>
#include <math.h>

#include "base/json_double.h"
#include "base/json_writer.h"
#include "base/rng.h"

static struct buf out;

static int set_up(void **state)
{
    (void)state;
    buf_init(&out, 1 << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    buf_release(&out);
    return 0;
}

static void structure(void **state)
{
    (void)state;
    struct json j;
    json_init(&j, &out);
    json_object(&j);
    json_kv_str(&j, "s", STR("v"));
    json_kv_z(&j, "z", "w");
    json_kv_z(&j, "none", NULL);
    json_kv_i64(&j, "i", INT64_MIN);
    json_kv_u64(&j, "u", UINT64_MAX);
    json_kv_double(&j, "d", 0.25, 6);
    json_kv_bool(&j, "t", true);
    json_kv_bool(&j, "f", false);
    json_kv_null(&j, "n");
    json_key(&j, STR("a"));
    json_array(&j);
    json_array(&j);
    json_array_end(&j);
    json_object(&j);
    json_object_end(&j);
    json_raw(&j, STR("{\"x\":1}"));
    json_null(&j);
    json_bool(&j, true);
    json_array_end(&j);
    JSON_KEY(&j, "last");
    json_u64(&j, 1);
    json_object_end(&j);
    assert_int_equal(j.depth, 0);
    assert_str("{\"s\":\"v\",\"z\":\"w\",\"none\":null,\"i\":-9223372036854775808,"
               "\"u\":18446744073709551615,\"d\":0.25,\"t\":true,\"f\":false,\"n\":null,"
               "\"a\":[[],{},{\"x\":1},null,true],\"last\":1}",
               buf_str(&out));
}

static void deepest(void **state)
{
    (void)state;
    struct json j;
    json_init(&j, &out);
    for (int i = 0; i < JSON_DEPTH; i++)
        json_array(&j);
    json_u64(&j, 1);
    json_u64(&j, 2);
    for (int i = 0; i < JSON_DEPTH; i++)
        json_array_end(&j);
    assert_int_equal(out.n, 2 * JSON_DEPTH + 3);
}

static void check_text(struct str text, const char *expected)
{
    struct json j;
    buf_reset(&out);
    json_init(&j, &out);
    json_str(&j, text);
    assert_str(expected, buf_str(&out));
}

static void escapes(void **state)
{
    (void)state;
    check_text(STR_NONE, "\"\"");
    check_text(STR("a\"b\\c"), "\"a\\\"b\\\\c\"");
    check_text(STR("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"");
    check_text((struct str){"\0\x1f\x7f", 3}, "\"\\u0000\\u001f\\u007f\"");
    check_text(STR("</script>"), "\"\\u003c/script>\"");
    check_text(STR("caf\xc3\xa9 \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
    check_text(STR("a\xff"
                   "b\xc3"),
               "\"a\xef\xbf\xbd"
               "b\xef\xbf\xbd\"");
    check_text(STR("1234567890123456\"1234567<\xe2\x82\xac"
                   "12345678"),
               "\"1234567890123456\\\"1234567\\u003c\xe2\x82\xac"
               "12345678\"");
}

/* The plain way, byte by byte: the tested reference of the fast one. */
static void reference_text(struct str s, struct buf *b)
{
    static const char *const names[32] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    buf_add_char(b, '"');
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t width = str_utf8_width(s, i);
        if (width == 0)
            buf_add_z(b, "\xef\xbf\xbd");
        else if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c < 0x20 && names[c])
            buf_add_z(b, names[c]);
        else if (c < 0x20 || c == 0x7f || c == '<')
            buf_printf(b, "\\u%04x", c);
        else
            buf_add(b, s.p + i, width);
        i += width ? width : 1;
    }
    buf_add_char(b, '"');
}

static void escapes_as_reference(void **state)
{
    (void)state;
    static const char *const bits[] = {
        "\"",   "\\",       "<", "\x7f", "\x1f", " ", "!", "\xc3\xa9", "\xe2", "\xf0\x9f\x98\x80",
        "\x80", "abcdefgh", "x", ";",    "=",    "]"};
    struct rng r;
    struct buf expected;
    buf_init(&expected, 1 << 16);
    for (size_t round = 0; round < test_rounds(50000); round++) {
        rng_seed_stream(&r, test_seed(), round);
        char text[256];
        struct buf b;
        buf_over(&b, text, sizeof(text));
        for (size_t n = rng_below(&r, 20); n > 0; n--)
            buf_add_z(&b, bits[rng_below(&r, 4) ? 11 + rng_below(&r, 5) : rng_below(&r, 16)]);
        buf_reset(&expected);
        reference_text(buf_str(&b), &expected);
        buf_reset(&out);
        struct json j;
        json_init(&j, &out);
        json_str(&j, buf_str(&b));
        if (!str_eq(buf_str(&out), buf_str(&expected)))
            fail_msg("round %zu: %.*s, not %.*s", round, STR_ARG(buf_str(&out)),
                     STR_ARG(buf_str(&expected)));
    }
    buf_release(&expected);
}

static void check_double(double v, int digits, const char *expected)
{
    struct json j;
    buf_reset(&out);
    json_init(&j, &out);
    json_double(&j, v, digits);
    assert_str(expected, buf_str(&out));
}

static void doubles(void **state)
{
    (void)state;
    check_double(0, 6, "0");
    check_double(-0.0, 17, "0");
    check_double(1, 6, "1");
    check_double(-12.5, 6, "-12.5");
    check_double(0.1, 17, "0.1");
    check_double(0.1 + 0.2, 17, "0.30000000000000004");
    check_double(0.1 + 0.2, 15, "0.3");
    check_double(1.0 / 3, 4, "0.3333");
    check_double(0.99999, 4, "1");
    check_double(9.9996, 4, "10");
    check_double(0.000001, 6, "0.000001");
    check_double(1.5e-7, 6, "1.5e-7");
    check_double(1234567, 6, "1234570");
    check_double(1234567, 7, "1234567");
    check_double(123456789012345678.0, 17, "123456789012345680");
    check_double(1e20, 6, "100000000000000000000");
    check_double(1e21, 6, "1e+21");
    check_double(1.25e300, 6, "1.25e+300");
    check_double(5e-324, 17, "4.94065645841247e-324");
    check_double(1.7976931348623157e308, 17, "1.7976931348623157e+308");
    check_double(0.5, 0, "0.5"); /* at least one digit */
    check_double(2.5, 1, "2");   /* ties to even, as printf */
    check_double(NAN, 6, "null");
    check_double(INFINITY, 6, "null");
    check_double(-INFINITY, 6, "null");
    check_double(999999999999999.0, 17, "999999999999999");
    check_double(100000000000000.0, 15, "100000000000000");
}

static double any_double(struct rng *r, size_t i)
{
    uint64_t bits = rng_u64(r);
    double v;
    memcpy(&v, &bits, sizeof(v));
    switch (i % 4) {
    case 0:
        return isfinite(v) ? v : 1;
    case 1:
        return (double)(int64_t)rng_below(r, 2000000) / 1000.0 - 1000; /* near ties of few digits */
    case 2:
        return rng_double(r) * pow(10, (double)rng_below(r, 30) - 12);
    default:
        return (double)(float)((double)rng_below(r, 4096) / 4096 * (double)(1 + rng_below(r, 100)));
    }
}

/* For any number of digits the value is that of printf's %.*g. */
static void doubles_as_printf(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t i = 0; i < test_rounds(400000); i++) {
        double v = any_double(&r, i);
        int digits = 1 + (int)rng_below(&r, 17);
        char text[JSON_DOUBLE_TEXT], printed[64];
        size_t n = json_double_text(text, v, digits);
        snprintf(printed, sizeof(printed), "%.*g", digits, v);
        double ours = 7, theirs = strtod(printed, NULL);
        bool same = n < sizeof(text) && str_to_double((struct str){text, n}, &ours);
        if (!same && !isfinite(theirs))
            continue; /* rounded up past the largest double: JSON allows it */
        if (digits > 15 ? (digits == 17 && ours != v) : ours != theirs)
            fail_msg("%a with %d digits: %.*s, not %s", v, digits, (int)n, text, printed);
    }
}

static void full_buffer_sticks(void **state)
{
    (void)state;
    for (size_t room = 0; room < 40; room++) {
        char storage[40];
        struct buf b;
        struct json j;
        buf_over(&b, storage, room);
        json_init(&j, &b);
        json_object(&j);
        json_kv_str(&j, "key", STR("a long enough value"));
        json_kv_double(&j, "d", 0.125, 6);
        json_object_end(&j);
        assert_int_equal(b.failed,
                         room < sizeof("{\"key\":\"a long enough value\",\"d\":0.125}") - 1);
    }
}

/* The number's point does not follow the locale. */
static void locale(void **state)
{
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8"))
        print_message("skipped: no de_DE.UTF-8\n");
    check_double(1.5e-9, 6, "1.5e-9");
    check_double(2.5, 17, "2.5");
    double v;
    assert_true(str_to_double(STR("1.2345678901234567890123"), &v) && v > 1.2 && v < 1.3);
    setlocale(LC_ALL, "C");
}

int main(void)
{
#define JSON_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        JSON_TEST(structure),
        JSON_TEST(deepest),
        JSON_TEST(escapes),
        JSON_TEST(doubles),
        JSON_TEST(escapes_as_reference),
        JSON_TEST(doubles_as_printf),
        JSON_TEST(locale),
        JSON_TEST(full_buffer_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
