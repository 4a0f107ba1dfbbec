/* Token buckets, origins, hosts, addresses. */
#include "http/cors.h"
#include "http/limits.h"
#include "http/listen.h"
#include "support/check.h"

#include <unistd.h>

static const int64_t second = 1000000000;

static void test_a_bucket(void **state)
{
    struct limits *l;
    int64_t now = 5 * second;
    (void)state;
    assert_ok(limits_new(10, &l, &test_err));
    for (int i = 0; i < 20; i++)
        assert_int_equal(limits_take(l, STR("a"), 1, now), 0);
    assert_int_equal(limits_take(l, STR("a"), 1, now), 1);
    assert_int_equal(limits_take(l, STR("b"), 1, now), 0); /* others are not concerned */
    now += second / 2;
    for (int i = 0; i < 5; i++)
        assert_int_equal(limits_take(l, STR("a"), 1, now), 0);
    assert_true(limits_take(l, STR("a"), 1, now) > 0);
    limits_free(l);
}

/* In the long run exactly the rate goes through, however it is asked. */
static void test_the_rate_holds(void **state)
{
    struct limits *l;
    (void)state;
    assert_ok(limits_new(100, &l, &test_err));
    int given = 0;
    for (int i = 0; i < 100000; i++)
        given += limits_take(l, STR("greedy"), 1, 1000 + (int64_t)i * second / 10000) == 0;
    assert_in_range(given, 1199, 1201); /* ten seconds, and the two it began with */
    limits_free(l);
}

static void test_debt(void **state)
{
    struct limits *l;
    (void)state;
    assert_ok(limits_new(10, &l, &test_err));
    assert_int_equal(limits_take(l, STR("a"), 120, second), 0);
    assert_int_equal(limits_take(l, STR("a"), 1, second), 11);
    assert_int_equal(limits_take(l, STR("a"), 1, 11 * second), 1);
    assert_int_equal(limits_take(l, STR("a"), 1, 12 * second), 0);
    assert_int_equal(limits_take(l, STR("a"), 0, 12 * second), 0); /* nothing costs nothing */
    limits_free(l);
}

/* Less than one a second is a rate, too. */
static void test_a_slow_rate(void **state)
{
    struct limits *l;
    (void)state;
    assert_ok(limits_new(0.1, &l, &test_err));
    assert_int_equal(limits_take(l, STR("a"), 1, second), 0);
    assert_int_equal(limits_take(l, STR("a"), 1, second), 10);
    assert_int_equal(limits_take(l, STR("a"), 1, 11 * second), 0);
    limits_free(l);
}

static void test_no_limit(void **state)
{
    struct limits *l;
    (void)state;
    assert_ok(limits_new(0, &l, &test_err));
    assert_null(l);
    assert_int_equal(limits_take(l, STR("a"), 1e9, 0), 0);
}

/* More callers than are remembered: whoever comes is served. */
static void test_many_callers(void **state)
{
    struct limits *l;
    (void)state;
    assert_ok(limits_new(1, &l, &test_err));
    for (int i = 0; i < 50000; i++) {
        char name[16];
        snprintf(name, sizeof(name), "c%d", i);
        assert_int_equal(limits_take(l, str_of(name), 1, second + i), 0);
    }
    limits_free(l);
}

static void test_origins(void **state)
{
    static const char *const list[] = {"https://watch.example", "http://localhost:3000"};
    static const char *const any[] = {"*"};
    struct cors c = {list, 2};
    (void)state;
    assert_ok(cors_check(&c, &test_err));
    assert_true(cors_allows(&c, STR("https://watch.example")));
    assert_true(cors_allows(&c, STR("http://localhost:3000")));
    assert_false(cors_allows(&c, STR("http://watch.example")));
    assert_false(cors_allows(&c, STR("https://watch.example.evil")));
    assert_false(cors_allows(&c, STR("null")));
    assert_true(cors_allows(&(struct cors){any, 1}, STR("https://whoever")));
    assert_true(cors_is_own(STR("http://localhost:80"), STR("localhost:80")));
    assert_false(cors_is_own(STR("http://localhost:81"), STR("localhost:80")));
    assert_false(cors_is_own(STR("null"), STR("null")));
}

static void test_hosts(void **state)
{
    static const char *const ours[] = {
        "", "localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9:80", "[::1]", "[::1]:80"};
    static const char *const others[] = {
        "example.com", "127.evil.example", "localhost.evil.example", "10.0.0.1", "0.0.0.0",
        "[::2]",       "1270.0.0.1"};
    (void)state;
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        assert_true(host_is_loopback(str_of(ours[i])));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(host_is_loopback(str_of(others[i])));
}

static void test_addresses(void **state)
{
    static const char *const wrong[] = {
        "", "80", "localhost", "localhost:", ":80", "127.0.0.1:http", "127.0.0.1:99999"};
    char text[LISTEN_TEXT];
    bool loopback = false;
    int fd;
    int other;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_not_equal(listen_tcp(wrong[i], &fd, &loopback, text, &test_err), 0);
    assert_ok(listen_tcp("127.0.0.1:0", &fd, &loopback, text, &test_err));
    assert_true(loopback);
    assert_fails(MQ_CONFLICT, listen_tcp(text, &other, &loopback, text, &test_err));
    close(fd);
    assert_ok(listen_tcp("0.0.0.0:0", &fd, &loopback, text, &test_err));
    assert_false(loopback);
    close(fd);
}

static void test_the_local_socket(void **state)
{
    char path[512];
    int fd;
    int other;
    (void)state;
    char *dir = strdup(test_dir());
    assert_non_null(dir);
    snprintf(path, sizeof(path), "%s/marquee.sock", dir);
    assert_ok(listen_local(path, &fd, &test_err));
    assert_fails(MQ_CONFLICT, listen_local(path, &other, &test_err));
    close(fd);
    /* What a killed server leaves behind. */
    assert_ok(listen_local(path, &fd, &test_err));
    close(fd);
    test_dir_remove(dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bucket),  cmocka_unit_test(test_the_rate_holds),
        cmocka_unit_test(test_debt),      cmocka_unit_test(test_a_slow_rate),
        cmocka_unit_test(test_no_limit),  cmocka_unit_test(test_many_callers),
        cmocka_unit_test(test_origins),   cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_the_local_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
