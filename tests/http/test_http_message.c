/* Heads and chunks as bytes. */
#include "base/rng.h"
#include "http/http_message.h"
#include "support/check.h"

static int status_of(const char *text)
{
    struct http_head h;
    struct http_refusal why = {0, NULL};
    return http_head_read(str_of(text), &h, &why) ? 200 : why.status;
}

static void test_a_head(void **state)
{
    (void)state;
    struct http_head h;
    struct http_refusal why;
    assert_true(http_head_read(
        STR("POST /v1/events?a=b%20c HTTP/1.1\r\nHost: x:80\r\ncontent-length:  17 \r\n"
            "X-Request-ID: r1\r\nAuthorization: Bearer mk_1\r\nOrigin:\r\n\r\n"),
        &h, &why));
    assert_str("POST", h.method);
    assert_str("/v1/events", h.path);
    assert_str("a=b%20c", h.query);
    assert_str("x:80", h.host);
    assert_str("r1", h.request_id);
    assert_str("Bearer mk_1", h.authorization);
    assert_true(h.has_length && h.length == 17 && h.keep_alive && !h.chunked && !h.http10);
    assert_true(h.origin.p && h.origin.n == 0);
}

/* As proxies send it: the scheme and host are no part of the path, also where nothing follows them. */
static void test_absolute_targets(void **state)
{
    static const struct {
        const char *text;
        const char *path;
        const char *query;
    } cases[] = {
        {"GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n", "/b", "c"},
        {"GET https://a:1/b HTTP/1.1\r\nHost: a\r\n\r\n", "/b", ""},
        {"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "/", ""},
        {"GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", "/", ""},
        {"GET https:// HTTP/1.1\r\nHost: a\r\n\r\n", "/", ""},
        {"GET http:/// HTTP/1.1\r\nHost: a\r\n\r\n", "/", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_head h;
        struct http_refusal why;
        assert_true(http_head_read(str_of(cases[i].text), &h, &why));
        assert_str(cases[i].path, h.path);
        assert_str(cases[i].query, h.query);
    }
}

static void test_connections(void **state)
{
    static const struct {
        const char *text;
        bool keep;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_head h;
        struct http_refusal why;
        assert_true(http_head_read(str_of(cases[i].text), &h, &why));
        assert_int_equal(h.keep_alive, cases[i].keep);
    }
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *text;
        int status;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200},
        {"GET /\r\n\r\n", 400},
        {"GET / HTTP/1.1\nHost: a\n\n", 400},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
        {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n: v\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
         400},
        {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
         "chunked\r\n\r\n",
         501},
        {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n", 400},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status = status_of(cases[i].text);
        if (status != cases[i].status)
            fail_msg("%s: %d, not %d", cases[i].text, status, cases[i].status);
    }
}

static void test_where_a_head_ends(void **state)
{
    (void)state;
    assert_int_equal(http_head_end(STR("GET / HTTP/1.1\r\n\r\nbody")), 18);
    assert_int_equal(http_head_end(STR("\r\n\r\nGET / HTTP/1.1\r\n\r\n")), 22);
    assert_int_equal(http_head_end(STR("\r\n\r\n")), 0);
    assert_int_equal(http_head_end(STR("GET / HTTP/1.1\r\n\r")), 0);
    assert_int_equal(http_head_end(STR("")), 0);
}

/* However a chunked body is cut, on the wire and into reads, the same bytes come out. */
static void test_chunks_cut_anyhow(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t round = 0; round < test_rounds(300); round++) {
        char plain[2000];
        size_t n = rng_below(&r, sizeof(plain));
        struct buf wire;
        struct buf out;
        buf_init(&wire, 1 << 20);
        buf_init(&out, sizeof(plain));
        for (size_t i = 0; i < n; i++)
            plain[i] = "\r\n0a;x"[rng_below(&r, 6)];
        for (size_t at = 0; at < n;) {
            size_t part = 1 + rng_below(&r, n - at);
            buf_printf(&wire, rng_below(&r, 2) ? "%zx\r\n" : "%zX;name=\"v\"\r\n", part);
            buf_add(&wire, plain + at, part);
            buf_add_z(&wire, "\r\n");
            at += part;
        }
        buf_add_z(&wire, rng_below(&r, 2) ? "0\r\n\r\n" : "000\r\nTrailer: 1\r\n\r\n");
        size_t whole = wire.n;
        buf_add_z(&wire, "GET /next");
        struct http_chunks c = {0};
        struct http_refusal why;
        size_t at = 0;
        size_t seen = 0;
        while (c.state != CHUNK_DONE) {
            size_t used;
            seen += rng_below(&r, 40);
            if (seen > wire.n)
                seen = wire.n;
            if (!http_chunks_read(&c, (struct str){wire.p + at, seen - at}, &out, &used, &why))
                fail_msg("round %zu: %s", round, why.why);
            at += used;
        }
        assert_int_equal(at, whole);
        assert_int_equal(out.n, n);
        assert_memory_equal(out.p ? out.p : "", plain, n);
        buf_release(&wire);
        buf_release(&out);
    }
}

static int chunks_status(const char *text, size_t max)
{
    struct http_chunks c = {0};
    struct http_refusal why = {0, NULL};
    struct buf out;
    size_t used;
    buf_init(&out, max);
    bool ok = http_chunks_read(&c, str_of(text), &out, &used, &why);
    buf_release(&out);
    return ok ? (c.state == CHUNK_DONE ? 200 : 100) : why.status;
}

static void test_broken_chunks(void **state)
{
    char line[600];
    (void)state;
    assert_int_equal(chunks_status("3\r\nabc\r\n0\r\n\r\n", 3), 200);
    assert_int_equal(chunks_status("3\r\nabc\r\n0\r\n", 3), 100);
    assert_int_equal(chunks_status("4\r\nabcd\r\n0\r\n\r\n", 3), 413);
    assert_int_equal(chunks_status("ffffffffffff\r\n", 3), 413);
    assert_int_equal(chunks_status("fffffffffffff\r\n", 3), 400);
    assert_int_equal(chunks_status("-1\r\n", 3), 400);
    assert_int_equal(chunks_status("\r\n", 3), 400);
    assert_int_equal(chunks_status("3 x\r\nabc\r\n", 3), 400);
    assert_int_equal(chunks_status("3\r\nabcd\r\n", 9), 400);
    memset(line, 'a', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    assert_int_equal(chunks_status(line, 3), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_head),
        cmocka_unit_test(test_absolute_targets),
        cmocka_unit_test(test_connections),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_where_a_head_ends),
        cmocka_unit_test(test_chunks_cut_anyhow),
        cmocka_unit_test(test_broken_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
