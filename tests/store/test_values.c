/* test_values.c - small values by key. */
#include "store/sample.h"

static void assert_value(const struct store *s, enum store_family f, const char *key,
                         const char *expected)
{
    struct buf b;
    buf_init(&b, 1000);
    buf_add_z(&b, "=");
    int rc = store_get_value(s, f, str_of(key), &b, &test_err);
    if (!expected) {
        assert_int_equal(rc, MQ_NOT_FOUND);
        assert_str("=", buf_str(&b));
    } else {
        assert_int_equal(rc, 0);
        assert_str(expected, ((struct str){b.p + 1, b.n - 1}));
    }
    buf_release(&b);
}

static void put_get_delete(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    for (int family = STORE_META; family <= STORE_PROFILES; family++) {
        enum store_family g = (enum store_family)family;
        assert_value(s, g, "setting", NULL);
        assert_ok(store_put_value(s, g, STR("setting"), STR("on"), &test_err));
        assert_ok(store_put_value(s, g, STR("settings"), STR_NONE, &test_err));
        assert_value(s, g, "setting", "on");
        assert_ok(store_put_value(s, g, STR("setting"), STR("off"), &test_err));
    }
    store_close(s);
    s = sample_open(f->dir);
    for (int family = STORE_META; family <= STORE_PROFILES; family++) {
        enum store_family g = (enum store_family)family;
        assert_value(s, g, "setting", "off");
        assert_value(s, g, "settings", "");
        assert_ok(store_delete_value(s, g, STR("setting"), &test_err));
        assert_ok(store_delete_value(s, g, STR("setting"), &test_err));
        assert_value(s, g, "setting", NULL);
    }
    sample_check(s);
    store_close(s);
}

static int list(void *ctx, struct str key, struct str value)
{
    struct buf *b = ctx;
    buf_printf(b, "%.*s=%.*s;", STR_ARG(key), STR_ARG(value));
    return key.n == 4 && memcmp(key.p, "stop", 4) == 0 ? 7 : 0;
}

static void prefixes(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    static const char *const keys[] = {"key/1", "key/2", "kez", "a", "\xff\xff", "stop", "zz"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_ok(store_put_value(s, STORE_META, str_of(keys[i]), STR("v"), &test_err));
    static const struct {
        const char *prefix, *expected;
        int rc;
    } cases[] = {
        {"key/", "key/1=v;key/2=v;", 0}, {"ke", "key/1=v;key/2=v;kez=v;", 0},
        {"key/1", "key/1=v;", 0},        {"x", "", 0},
        {"\xff", "\xff\xff=v;", 0},      {"", "a=v;key/1=v;key/2=v;kez=v;stop=v;", 7},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf b;
        buf_init(&b, 1000);
        int rc = store_scan_values(s, STORE_META, str_of(cases[i].prefix), list, &b, &test_err);
        assert_int_equal(rc, cases[i].rc);
        assert_str(cases[i].expected, buf_str(&b));
        buf_release(&b);
    }
    store_close(s);
}

static void what_is_refused(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    static char big[STORE_VALUE_MAX + 1];
    struct buf b;
    buf_init(&b, 4);
    assert_fails(MQ_INVALID, store_put_value(s, STORE_META, STR_NONE, STR("x"), &test_err));
    assert_fails(MQ_INVALID, store_put_value(s, STORE_META, STR("\0schema"), STR("x"), &test_err));
    assert_fails(MQ_INVALID, store_get_value(s, STORE_META, STR("\0schema"), &b, &test_err));
    assert_fails(MQ_INVALID, store_put_value(s, STORE_VIEWERS, STR("abc"), STR("x"), &test_err));
    assert_fails(MQ_TOO_LARGE, store_put_value(s, STORE_META, (struct str){big, STORE_KEY_MAX + 1},
                                               STR("x"), &test_err));
    assert_fails(MQ_TOO_LARGE, store_put_value(s, STORE_META, STR("k"),
                                               (struct str){big, sizeof(big)}, &test_err));
    assert_ok(
        store_put_value(s, STORE_META, STR("k"), (struct str){big, STORE_VALUE_MAX}, &test_err));
    assert_fails(MQ_TOO_LARGE, store_get_value(s, STORE_META, STR("k"), &b, &test_err));
    assert_int_equal(b.n, 0);
    buf_release(&b);
    store_close(s);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, sample_setup, sample_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(put_get_delete), CASE(prefixes), CASE(what_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
