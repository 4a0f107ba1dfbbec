/* Requests to answers, without a network. */
#include "http/jobs.h"
#include "http/routes.h"
#include "small_service.h"
#include "support/check.h"

static struct service service;

static int open_service(void **state)
{
    (void)state;
    service_open(&service);
    return 0;
}

static int close_service(void **state)
{
    (void)state;
    service_close(&service);
    return 0;
}

static bool body_has(const char *text)
{
    struct buf *b = &service.response.body;
    return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

static int get(const char *path)
{
    return service_call(&service, API_ADMIN, API_GET, path, "");
}

static void test_home(void **state)
{
    (void)state;
    assert_int_equal(get("/v1/viewers/v1/home?rows=2&columns=3"), 200);
    assert_true(body_has("\"known\":true") && body_has("\"rows\":[{"));
    assert_int_equal(get("/v1/viewers/somebody/home"), 200);
    assert_true(body_has("\"known\":false") && body_has("\"rows\":[{"));
}

static void test_rules(void **state)
{
    (void)state;
    assert_int_equal(
        get("/v1/viewers/v1/recommendations?n=5&include=genre%3DComedy&exclude=year%3C1995"
            "&boost=title%3Dt11*100"),
        200);
    assert_true(body_has("\"steps\":[{\"name\":\"include genre=Comedy\"") &&
                body_has("{\"title\":\"t11\",\"name\":\"Film 11\",\"year\""));
    assert_false(body_has("Film 3\"") || body_has("Film 8\""));
    assert_int_equal(get("/v1/viewers/v1/home?language=xx"), 200);
    assert_true(body_has("\"rows\":[]") && body_has("no title passes language xx"));
    assert_int_equal(get("/v1/viewers/v1/home?pin=t9@0.0"), 200);
    assert_true(body_has("\"kind\":\"pinned\""));
    assert_int_equal(get("/v1/viewers/v1/home?include=genre%3DComedy&exclude=genre%3DComedy"), 400);
    assert_true(body_has("contradict each other") && body_has("\"remedy\":\"drop one\""));
    assert_int_equal(get("/v1/viewers/v1/home?filter=colour%3Dred"), 400);
    assert_int_equal(get("/v1/titles/t1/similar?exclude=genre%3DThriller&n=3"), 200);
    assert_int_equal(get("/v1/titles/t1/similar?boost=genre%3DThriller"), 400);
    assert_int_equal(service_call(&service, API_ADMIN, API_POST,
                                  "/v1/viewers/v1/rank?exclude=genre%3DThriller",
                                  "{\"titles\":[\"t2\",\"t9\"]}"),
                     200);
    assert_true(body_has("Film 9\"") && !body_has("Film 2\""));
}

/* The same question has the same answer, byte for byte. */
static void test_answers_repeat(void **state)
{
    static const char path[] = "/v1/viewers/v3/home?at=2026-03-10T20:00:00Z&device=tv";
    (void)state;
    assert_int_equal(get(path), 200);
    char *first = strndup(service.response.body.p, service.response.body.n);
    assert_non_null(first);
    assert_int_equal(get("/v1/viewers/v4/home"), 200);
    assert_int_equal(get(path), 200);
    assert_str(first, buf_str(&service.response.body));
    free(first);
}

static void test_every_route_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *r = route_at(i);
        char path[256];
        size_t n = 0;
        for (const char *p = r->pattern; *p; p++) {
            if (*p == '{')
                p = strchr(p, '}');
            path[n++] = *p == '}' ? '1' : *p;
        }
        path[n] = '\0';
        /* Nobody is told 401 by each route that needs somebody, and by no other. */
        int status = service_call(&service, API_NOBODY, r->method, path, "");
        assert_int_equal(service.response.route, i);
        if (strcmp(r->id, "asset") == 0)
            assert_int_equal(status, 404); /* of this name there is none */
        else if (r->role == API_NOBODY)
            assert_int_equal(status, 200);
        else
            assert_int_equal(status, 401);
        if (r->role > API_INGEST) {
            enum api_role below = (enum api_role)(r->role - 1);
            assert_int_equal(service_call(&service, below, r->method, path, ""), 403);
        }
        assert_non_null(strstr(api_allow(str_of(path)), api_method_name(r->method)));
        assert_int_equal(get("/openapi.json"), 200);
        assert_true(body_has(r->pattern) && body_has(r->id));
    }
}

static void test_route_names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(route_at(i)->id, route_at(k)->id);
            assert_false(route_at(i)->method == route_at(k)->method &&
                         strcmp(route_at(i)->pattern, route_at(k)->pattern) == 0);
        }
    }
}

static void test_wrong_method(void **state)
{
    (void)state;
    assert_int_equal(service_call(&service, API_ADMIN, API_DELETE, "/v1/titles:batch", ""), 405);
    assert_string_equal(service.response.allow, "POST");
    assert_int_equal(service_call(&service, API_ADMIN, API_POST, "/v1/titles/t1", ""), 405);
    assert_string_equal(service.response.allow, "GET, PUT, DELETE");
    assert_string_equal(service.response.content_type, "application/problem+json");
}

static void test_lanes(void **state)
{
    static const struct {
        enum api_method method;
        const char *path, *query;
        enum api_lane lane;
    } cases[] = {
        {API_GET, "/v1/viewers/v1/home", "device=tv", API_NOW},
        {API_GET, "/v1/viewers/v1/home", "device=tv&as_of=@5", API_SLOW},
        {API_GET, "/v1/viewers/v1/home", "model=1", API_SLOW},
        {API_GET, "/v1/viewers/v1/home", "has_of=1", API_NOW},
        {API_GET, "/v1/viewers/v1/%68ome", "as_of=@5", API_SLOW}, /* encoded: never the fast one */
        {API_POST, "/v1/events", "", API_EVENTS},
        {API_GET, "/v1/events", "", API_NOW}, /* a 405 */
        {API_POST, "/v1/train", "", API_LONG},
        {API_POST, "/v1/models/7:publish", "", API_LONG},
        {API_GET, "/v1/viewers/v1/export", "", API_SLOW},
        {API_GET, "/nothing", "", API_NOW},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct api_request q = {.method = cases[i].method,
                                .path = str_of(cases[i].path),
                                .query = str_of(cases[i].query)};
        if (api_lane_of(service.api, &q) != cases[i].lane)
            fail_msg("%s?%s", cases[i].path, cases[i].query);
    }
}

/* A request of the server's own that can't be taken is told of, so that it is asked for again. */
static void test_a_request_of_its_own(void **state)
{
    struct jobs *jobs;
    struct mq_error err;
    (void)state;
    assert_ok(jobs_new(service.api, &jobs, &err));
    assert_true(jobs_submit_own(jobs, API_GET, "/v1/now"));
    jobs_stop(jobs);
    assert_false(jobs_submit_own(jobs, API_GET, "/v1/now"));
    jobs_free(jobs);
}

static void test_a_bound_key(void **state)
{
    (void)state;
    struct api_request q = {.method = API_GET, .role = API_READ, .bound_viewer = STR("v1")};
    q.path = STR("/v1/viewers/v1/home");
    api_call(service.worker, &q, &service.response);
    assert_int_equal(service.response.status, 200);
    q.path = STR("/v1/viewers/v2/home");
    api_call(service.worker, &q, &service.response);
    assert_int_equal(service.response.status, 403);
    q.path = STR("/v1/titles/t1");
    api_call(service.worker, &q, &service.response);
    assert_int_equal(service.response.status, 200);
}

static void test_events_that_are_refused_are_listed(void **state)
{
    (void)state;
    static const char body[] =
        "[{\"viewer\":\"r1\",\"kind\":\"start\",\"title\":\"t1\",\"at\":\"2026-03-02\"},"
        "{\"viewer\":\"r1\"},17,{\"viewer\":\"r1\",\"kind\":\"thumb\",\"title\":\"t1\","
        "\"value\":9,\"at\":\"2026-03-02\"}]";
    assert_int_equal(service_call(&service, API_INGEST, API_POST, "/v1/events", body), 200);
    assert_true(body_has("\"accepted\":1"));
    assert_true(body_has("\"index\":1") && body_has("\"index\":2") && body_has("\"index\":3"));
}

/* More refused events than are listed: the others are counted. */
static void test_many_refused(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 1500; i++)
        buf_add_z(&b, "{}\n");
    buf_add_char(&b, '\0');
    assert_int_equal(service_call(&service, API_INGEST, API_POST, "/v1/events", b.p), 200);
    assert_true(body_has("\"index\":999") && !body_has("\"index\":1000"));
    assert_true(body_has("\"rejected_total\":1500"));
    buf_release(&b);
}

static void test_keys_last(void **state)
{
    (void)state;
    assert_int_equal(service_call(&service, API_ADMIN, API_POST, "/v1/keys",
                                  "{\"role\":\"read\",\"viewer\":\"v1\",\"label\":\"tv app\"}"),
                     201);
    assert_true(body_has("\"key\":\"mk_"));
    /* A second look at the same folder finds it again. */
    struct api *again;
    assert_ok(api_new(service.engine, &again, &test_err));
    api_free(again);
    assert_int_equal(get("/v1/keys"), 200);
    assert_true(body_has("tv app") && !body_has("mk_"));
}

static void test_small_bodies(void **state)
{
    static const struct {
        const char *path, *body;
        int status;
    } cases[] = {
        {"/v1/train", "{\"rank\":\"many\"}", 400},
        {"/v1/train", "{\"rank\":100000}", 400},
        {"/v1/train", "[]", 400},
        {"/v1/train", "{\"seed\":1", 400},
        {"/v1/train", "{\"seed\":-1}", 400},
        {"/v1/keys", "{\"role\":\"read\\u0000\"}", 400},
        {"/v1/keys", "{\"role\":7}", 400},
        {"/v1/keys", "", 400},
        {"/v1/backup", "{}", 400},
        {"/v1/viewers/v1/rank", "{\"titles\":[\"t1\",2]}", 400},
        {"/v1/viewers/v1/rank", "{\"titles\":[\"t1\",\"never\"]}", 404},
        {"/v1/viewers/v1/rank", "{\"titles\":[]}", 200},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status = service_call(&service, API_ADMIN, API_POST, cases[i].path, cases[i].body);
        if (status != cases[i].status)
            fail_msg("%s %s: %d: %.*s", cases[i].path, cases[i].body, status,
                     STR_ARG(buf_str(&service.response.body)));
    }
}

static void test_a_full_buffer_is_an_error(void **state)
{
    (void)state;
    char small[600];
    struct api_request q = {
        .method = API_GET, .path = STR("/v1/viewers/v1/home"), .role = API_READ};
    struct api_response r = {.status = 0};
    buf_over(&r.body, small, sizeof(small));
    api_call(service.worker, &q, &r);
    assert_int_equal(r.status, 413);
    assert_false(r.body.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_home),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_answers_repeat),
        cmocka_unit_test(test_every_route_is_found),
        cmocka_unit_test(test_route_names_are_unique),
        cmocka_unit_test(test_wrong_method),
        cmocka_unit_test(test_lanes),
        cmocka_unit_test(test_a_request_of_its_own),
        cmocka_unit_test(test_a_bound_key),
        cmocka_unit_test(test_events_that_are_refused_are_listed),
        cmocka_unit_test(test_many_refused),
        cmocka_unit_test(test_keys_last),
        cmocka_unit_test(test_small_bodies),
        cmocka_unit_test(test_a_full_buffer_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_service, close_service);
}
