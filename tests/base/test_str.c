#include "support/check.h"

#include <locale.h>
#include <math.h>

#include "base/rng.h"

static void compares(void **state)
{
    (void)state;
    assert_true(str_cmp(STR("a"), STR("b")) < 0);
    assert_true(str_cmp(STR("ab"), STR("a")) > 0);
    assert_int_equal(str_cmp(STR_NONE, STR("")), 0);
    assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
    assert_true(str_eq_nocase(STR("AbZ"), STR("aBz")));
    assert_false(str_eq_nocase(STR("a"), STR("ab")));
    assert_false(str_eq_nocase(STR("@"), STR("`")));
    assert_true(str_starts(STR("abc"), STR("ab")) && str_starts(STR("abc"), STR_NONE));
    assert_false(str_starts(STR("a"), STR("ab")));
    assert_true(str_ends(STR("abc"), STR("bc")) && str_ends(STR_NONE, STR_NONE));
    assert_false(str_ends(STR("c"), STR("bc")));
}

static void trims_cuts_finds(void **state)
{
    (void)state;
    assert_str("a b", str_trim(STR(" \t\r\na b\v\f")));
    assert_str("", str_trim(STR("  ")));
    assert_int_equal(str_find(STR("abc"), 'c'), 2);
    assert_int_equal(str_find(STR("abc"), 'x'), 3);
    assert_int_equal(str_find(STR_NONE, 'x'), 0);
    struct str rest = STR("a||c|");
    static const char *const parts[] = {"a", "", "c", ""};
    size_t n = 0;
    while (rest.p) {
        struct str part = str_cut(&rest, '|');
        assert_true(n < 4);
        assert_str(parts[n], part);
        n++;
    }
    assert_int_equal(n, 4);
}

static void integers(void **state)
{
    (void)state;
    int64_t i = 42;
    uint64_t u = 42;
    assert_true(str_to_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(str_to_i64(STR("+9223372036854775807"), &i) && i == INT64_MAX);
    assert_true(str_to_u64(STR("18446744073709551615"), &u) && u == UINT64_MAX);
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      " 1",
                                      "1 ",
                                      "1,000",
                                      "0x1",
                                      "--1",
                                      "1.",
                                      "9223372036854775808",
                                      "-9223372036854775809"};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        i = 7;
        assert_false(str_to_i64(str_of(bad[k]), &i));
        assert_int_equal(i, 7);
    }
    u = 7;
    assert_false(str_to_u64(STR("18446744073709551616"), &u));
    assert_false(str_to_u64(STR("-0"), &u));
    for (int c = -128; c < 128; c++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF", *at = c ? strchr(digits, c) : NULL;
        assert_int_equal(str_hex((char)c), at ? (at - digits) % 16 : -1);
    }
    assert_int_equal(u, 7);
}

static void doubles(void **state)
{
    (void)state;
    double v;
    assert_true(str_to_double(STR("1.5e3"), &v) && v == 1500);
    assert_true(str_to_double(STR("-.5"), &v) && v == -0.5);
    assert_true(str_to_double(STR("5."), &v) && v == 5);
    assert_true(str_to_double(STR("4.9e-324"), &v) && v > 0);
    assert_true(str_to_double(STR("1e-99999999999999999999"), &v) && v == 0);
    assert_true(str_to_double(STR("9007199254740993"), &v) && v == 9007199254740992.0);
    assert_true(str_to_double(STR("123456789012345678901234567890"), &v) &&
                v == 123456789012345678901234567890.0);
    static const char *const bad[] = {"",      "nan", "inf",   "-",    ".",  "e5",
                                      "1e",    "1e+", "0x1p3", "1 ",   " 1", "1,5",
                                      "1e999", "--1", "1.5.2", "1e5.0"};
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        v = 7;
        assert_false(str_to_double(str_of(bad[k]), &v));
        assert_true(v == 7);
    }
    char digits[STR_DOUBLE_MAX + 1];
    memset(digits, '0', sizeof(digits));
    assert_true(str_to_double((struct str){digits, STR_DOUBLE_MAX}, &v) && v == 0);
    assert_false(str_to_double((struct str){digits, sizeof(digits)}, &v));
}

/* Any double's text, however written, reads as what strtod reads. */
static void doubles_as_strtod(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t i = 0; i < test_rounds(200000); i++) {
        uint64_t bits = rng_u64(&r);
        double v, back;
        memcpy(&v, &bits, sizeof(v));
        if (i % 2)
            v = (double)(int64_t)rng_below(&r, 1u << 30) / (double)(1 + rng_below(&r, 1000));
        if (!isfinite(v))
            continue;
        char text[64];
        snprintf(text, sizeof(text), i % 3 ? "%.*g" : "%.*e", (int)(1 + rng_below(&r, 18)), v);
        double expected = strtod(text, NULL);
        bool ok = str_to_double(str_of(text), &back);
        if (ok != (isfinite(expected) != 0) || (ok && memcmp(&back, &expected, sizeof(back)) != 0))
            fail_msg("%s: %a, not %a", text, back, expected);
    }
}

static void utf8(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "a",
                                       "\xc2\x80",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "twelve ascii\xc3\xa9"};
    static const char *const bad[] = {
        "\x80",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x9f\xbf",
        "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xc3",         "\xe2\x82",         "\xf0\x9f\x98",     "12345678\xff",
        "1234567\xc3"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(str_is_utf8(str_of(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(str_is_utf8(str_of(bad[i])));
    assert_true(str_has_control(STR("a\x1f")) && str_has_control(STR("\x7f")));
    assert_true(str_has_control((struct str){"a\0b", 3}));
    assert_false(str_has_control(STR("a\xc3\xa9 ")));
}

/* Every code point below U+110000 but the surrogates, encoded, is one character. */
static void utf8_whole_range(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        unsigned char b[4];
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
        for (size_t i = n; i-- > 1;)
            b[i] = (unsigned char)(0x80 | ((c >> (6 * (n - 1 - i))) & 0x3f));
        b[0] = (unsigned char)(lead[n] | (c >> (6 * (n - 1))));
        bool surrogate = c >= 0xd800 && c < 0xe000;
        struct str s = {(const char *)b, n};
        assert_int_equal(str_utf8_width(s, 0), surrogate ? 0 : n);
        assert_int_equal(str_utf8_width((struct str){s.p, n - 1}, 0), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),          cmocka_unit_test(trims_cuts_finds),
        cmocka_unit_test(integers),          cmocka_unit_test(doubles),
        cmocka_unit_test(doubles_as_strtod), cmocka_unit_test(utf8),
        cmocka_unit_test(utf8_whole_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
