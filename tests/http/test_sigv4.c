/* AWS Signature Version 4: a signature made by an independent implementation (Python's hmac), and what breaks it. */
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "http/sigv4.h"
#include "support/check.h"

#define HEADERS                                                                                    \
    "Host: 127.0.0.1:8080\r\nContent-Type: application/json\r\nX-Amz-Date: 20260301T210411Z\r\n"   \
    "X-Odd:  two   spaces \r\n"
#define BODY "{\"trackingId\":\"t\"}"
#define SIGNATURE "1ca8cab21ffe6c5d2bb6ab6618dfe30d8c71782c6b07eb74c1b98ad0471062b5"
#define AUTHORIZATION(id, headers, signature)                                                      \
    "AWS4-HMAC-SHA256 Credential=" id                                                              \
    "/20260301/eu-west-1/personalize/aws4_request, SignedHeaders=" headers                         \
    ", Signature=" signature
#define SIGNED "content-type;host;x-amz-date;x-odd"

static const struct sigv4_key key = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};

static int check(const char *authorization, const char *headers, const char *body, int64_t late_ms)
{
    int64_t now;
    assert_true(time_parse(STR("2026-03-01T21:04:11Z"), &now, NULL));
    struct sigv4_request r = {.method = STR("POST"),
                              .path = STR("/events"),
                              .authorization = str_of(authorization),
                              .headers = str_of(headers),
                              .body = str_of(body)};
    return sigv4_check(&r, &key, now + late_ms, &test_err);
}

static void signatures(void **state)
{
    (void)state;
    const char *good = AUTHORIZATION("AKIDEXAMPLE", SIGNED, SIGNATURE);
    assert_true(sigv4_is(str_of(good)));
    assert_false(sigv4_is(STR("Bearer mk_x")));
    assert_ok(check(good, HEADERS, BODY, 0));
    assert_ok(check(good, HEADERS "X-Unsigned: 1\r\n", BODY, SIGV4_SKEW_MS));
    assert_fails(MQ_DENIED, check(good, HEADERS, BODY " ", 0));
    assert_fails(MQ_DENIED, check(good, HEADERS, BODY, SIGV4_SKEW_MS + 1));
    assert_fails(MQ_DENIED, check(good, HEADERS "Host: other\r\n", BODY, 0));
    assert_fails(MQ_DENIED, check(good, "Host: 127.0.0.1:8080\r\n", BODY, 0));
    assert_fails(MQ_DENIED, check(AUTHORIZATION("OTHER", SIGNED, SIGNATURE), HEADERS, BODY, 0));
    assert_fails(MQ_DENIED,
                 check(AUTHORIZATION("AKIDEXAMPLE", "x-odd", SIGNATURE), HEADERS, BODY, 0));
    assert_fails(MQ_INVALID, check(AUTHORIZATION("AKIDEXAMPLE", SIGNED, "00"), HEADERS, BODY, 0));
    assert_fails(MQ_INVALID, check("AWS4-HMAC-SHA256", HEADERS, BODY, 0));
    /* Every wrong digit is noticed. */
    char wrong[512];
    size_t n = strlen(good);
    for (size_t i = n - 64; i < n; i++) {
        memcpy(wrong, good, n + 1);
        wrong[i] = wrong[i] == '0' ? '1' : '0';
        assert_fails(MQ_DENIED, check(wrong, HEADERS, BODY, 0));
    }
    const struct sigv4_key none = {"", ""};
    struct sigv4_request r = {.authorization = str_of(good)};
    assert_fails(MQ_DENIED, sigv4_check(&r, &none, 0, &test_err));
}

static void key_files(void **state)
{
    (void)state;
    char path[512];
    struct sigv4_key k;
    const char *dir = test_dir();
    snprintf(path, sizeof path, "%s/key", dir);
    assert_ok(file_write(path, STR("AKID secret/with+signs\n"), 0600, &test_err));
    assert_ok(sigv4_key_read(path, &k, &test_err));
    assert_string_equal(k.id, "AKID");
    assert_string_equal(k.secret, "secret/with+signs");
    static const char *const bad[] = {"", "AKID", "AKID secret more", "\n\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_ok(file_write(path, str_of(bad[i]), 0600, &test_err));
        assert_fails(MQ_INVALID, sigv4_key_read(path, &k, &test_err));
    }
    test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(signatures), cmocka_unit_test(key_files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
