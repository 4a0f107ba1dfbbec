/* Whose pictures may be shown: hosts are named exactly, and whatever looks like one of them but is none is refused. */
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#include "http/image_hosts.h"

static const char *const named[] = {"images.example.com", "cdn.example.net:8443"};

static void only_named_hosts(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool allowed;
    } cases[] = {
        {"https://images.example.com/a.jpg", true},
        {"HTTPS://Images.Example.COM/a.jpg?w=300&h=450#x", true},
        {"https://cdn.example.net:8443/a", true},
        {"http://images.example.com/a.jpg", false},
        {"https://cdn.example.net/a", false},
        {"https://images.example.com:8443/a", false},
        {"https://images.example.com", false},
        {"https://images.example.com?/a", false},
        {"https://images.example.com.evil.test/a", false},
        {"https://evil.test/images.example.com/a", false},
        {"https://evil.test#https://images.example.com/a", false},
        {"https://images.example.com@evil.test/a", false},
        {"https://user@images.example.com/a", false},
        {"https://evil.test\\@images.example.com/a", false},
        {"https://images.example.com\\.evil.test/a", false},
        {"https://a.images.example.com/a", false},
        {"https://images.example.com/a b", false},
        {"https://images.example.com/\"onerror=alert(1)", false},
        {"https://images.example.com/<script>", false},
        {"https://images.example.com/\n", false},
        {"https://images.example.com/\xc3\xa9", false},
        {" https://images.example.com/a", false},
        {"//images.example.com/a", false},
        {"javascript:alert(1)//https://images.example.com/", false},
        {"data:image/svg+xml,<svg/>", false},
        {"https:///a", false},
        {"https://", false},
        {"", false},
    };
    struct image_hosts h;
    struct image_hosts none;
    assert_ok(image_hosts_make(named, 2, &h, &test_err));
    assert_string_equal(h.sources, " https://images.example.com https://cdn.example.net:8443");
    assert_ok(image_hosts_make(NULL, 0, &none, &test_err));
    assert_string_equal(none.sources, "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (image_hosts_allow(&h, str_of(cases[i].url)) != cases[i].allowed)
            fail_msg("%s", cases[i].url);
        assert_false(image_hosts_allow(&none, str_of(cases[i].url)));
    }
    char url[IMAGE_URL_BYTES + 2] = "https://images.example.com/";
    memset(url + strlen(url), 'a', IMAGE_URL_BYTES - strlen(url));
    assert_true(image_hosts_allow(&h, (struct str){url, IMAGE_URL_BYTES}));
    url[IMAGE_URL_BYTES] = 'a';
    assert_false(image_hosts_allow(&h, (struct str){url, IMAGE_URL_BYTES + 1}));
}

static void hosts_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "https://images.example.com",
        "images.example.com/",
        "*",
        "*.a.test",
        "a b",
        "a.test; script-src *",
        "a.test\r\nSet-Cookie: x",
        "a.test:",
        "a.test:0",
        "a.test:65536",
        "a.test:x",
        "user@a.test",
        "'self'",
        "a.test:80:80",
        ".a.test",
    };
    struct image_hosts h;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_fails(MQ_INVALID, image_hosts_make(&bad[i], 1, &h, &test_err));
    char text[IMAGE_HOSTS_MAX + 1][IMAGE_HOST_BYTES];
    const char *many[IMAGE_HOSTS_MAX + 1];
    for (int i = 0; i <= IMAGE_HOSTS_MAX; i++) {
        snprintf(text[i], sizeof(text[i]), "h%d.example.com", i);
        many[i] = text[i];
    }
    assert_ok(image_hosts_make(many, IMAGE_HOSTS_MAX, &h, &test_err));
    assert_fails(MQ_INVALID, image_hosts_make(many, IMAGE_HOSTS_MAX + 1, &h, &test_err));
    for (int i = 0; i < IMAGE_HOSTS_MAX; i++) {
        memset(text[i], 'a', IMAGE_HOST_BYTES - 1);
        text[i][IMAGE_HOST_BYTES - 1] = '\0';
    }
    assert_fails(MQ_INVALID, image_hosts_make(many, IMAGE_HOSTS_MAX, &h, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_named_hosts),
        cmocka_unit_test(hosts_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
