#include "small_service.h"

#include "support/check.h"

enum { BODY_MAX = 64 << 20 };

int service_call(struct service *s, enum api_role role, enum api_method method, const char *path,
                 const char *body)
{
    struct str query = str_of(path);
    struct str route = str_cut(&query, '?');
    struct api_request q = {.method = method,
                            .path = route,
                            .query = query.p ? query : STR_NONE,
                            .body = str_of(body),
                            .role = role};
    api_call(s->worker, &q, &s->response);
    return s->response.status;
}

static void fill(struct service *s)
{
    struct buf b;
    buf_init(&b, BODY_MAX);
    for (int t = 0; t < SERVICE_TITLES; t++)
        buf_printf(&b, "%s{\"id\":\"t%d\",\"name\":\"Film %d\",\"year\":%d,\"genres\":[\"%s\"]}",
                   t ? "," : "[", t, t, 1990 + t, t % 2 ? "Comedy" : "Thriller");
    buf_add(&b, "]", 2);
    assert_int_equal(service_call(s, API_ADMIN, API_POST, "/v1/titles:batch", b.p), 200);
    buf_reset(&b);
    for (int v = 0; v < SERVICE_VIEWERS; v++) {
        for (int k = 0; k < 7; k++)
            buf_printf(&b,
                       "{\"id\":\"e%d-%d\",\"viewer\":\"v%d\",\"kind\":\"rating\",\"value\":5,"
                       "\"title\":\"t%d\","
                       "\"at\":\"2026-03-%02dT20:00:00Z\"}\n",
                       v, k, v, v % 2 + 2 * ((v / 2 + k * (1 + v % 3)) % (SERVICE_TITLES / 2)),
                       1 + k);
    }
    buf_add_char(&b, '\0');
    assert_int_equal(service_call(s, API_INGEST, API_POST, "/v1/events", b.p), 200);
    buf_release(&b);
    assert_int_equal(service_call(s, API_ADMIN, API_POST, "/v1/train", ""), 200);
}

void service_open(struct service *s)
{
    *s = (struct service){.engine = NULL};
    snprintf(s->dir, sizeof(s->dir), "%s", test_dir());
    assert_ok(mq_engine_open(s->dir, NULL, &s->engine, &test_err));
    assert_ok(api_new(s->engine, &s->api, &test_err));
    assert_ok(api_worker_new(s->api, &s->worker, &test_err));
    buf_init(&s->response.body, BODY_MAX);
    fill(s);
}

void service_close(struct service *s)
{
    buf_release(&s->response.body);
    api_worker_free(s->worker);
    api_free(s->api);
    mq_engine_close(s->engine);
    test_dir_remove(s->dir);
}
