/* api.c - a request finds its route, is allowed in, and its handler's answer or error is written. */
#include <stdlib.h>

#include "engine/log_scan.h"
#include "http/call.h"
#include "http/event_batch.h"
#include "http/keys.h"
#include "http/metrics.h"
#include "http/render.h"
#include "wire/native.h"

enum { ARENA_BLOCK = 1 << 17 };
static const size_t arena_max = (size_t)256 << 20;

int api_new(struct mq_engine *engine, struct api **ret, struct mq_error *err)
{
    struct api *a = calloc(1, sizeof(*a));
    if (!a)
        return mq_fail(err, MQ_NO_MEMORY, "api: no memory");
    a->engine = engine;
    int rc = keys_open(engine, &a->keys, err);
    if (rc == 0)
        rc = metrics_new(&a->metrics, err);
    if (rc) {
        api_free(a);
        return rc;
    }
    *ret = a;
    return 0;
}

void api_free(struct api *a)
{
    if (!a)
        return;
    keys_close(a->keys);
    metrics_free(a->metrics);
    free(a);
}

void api_stop(struct api *a)
{
    atomic_store(&a->stopping, true);
    readings_stop(a->engine);
}

bool api_is_stopping(const struct api *a)
{
    return atomic_load(&a->stopping);
}

int api_worker_new(struct api *a, struct api_worker **ret, struct mq_error *err)
{
    struct api_worker *w = calloc(1, sizeof(*w));
    if (!w)
        return mq_fail(err, MQ_NO_MEMORY, "api: no memory");
    w->api = a;
    int rc = arena_init(&w->arena, ARENA_BLOCK, arena_max);
    if (rc)
        mq_fail(err, MQ_NO_MEMORY, "api: no memory");
    if (rc == 0)
        rc = mq_reader_open(a->engine, &w->reader, err);
    if (rc == 0)
        rc = native_parser_new(&w->parser, err);
    if (rc == 0)
        rc = event_batch_new(&w->batch, err);
    if (rc) {
        api_worker_free(w);
        return rc;
    }
    *ret = w;
    return 0;
}

void api_worker_free(struct api_worker *w)
{
    if (!w)
        return;
    mq_reader_close(w->reader);
    native_parser_free(w->parser);
    event_batch_free(w->batch);
    arena_release(&w->arena);
    free(w);
}

/* ---------------------------------------------------------------- who may */

/* The path's {viewer} is the one that the key is bound to. */
static bool is_own(const struct call *c, const struct route *r)
{
    return c->q->bound_viewer.n > 0 && strncmp(r->pattern, "/v1/viewers/{viewer}", 20) == 0 &&
           str_eq(c->q->bound_viewer, str_of(c->value[0]));
}

static int allowed(const struct call *c, const struct route *r, struct mq_error *err)
{
    const struct api_request *q = c->q;
    bool own = is_own(c, r);
    if (own && (r->flags & ROUTE_OWN))
        return 0;
    if (q->role == API_NOBODY && r->role != API_NOBODY)
        return mq_fail(err, MQ_UNAUTHENTICATED, "key: missing: send Authorization: Bearer mk_...");
    if (q->role < r->role)
        return mq_fail(err, MQ_DENIED, "role: %s: this takes %s: %s", api_role_name(q->role),
                       api_role_name(r->role),
                       r->role == API_LOCAL ? "use the command line on the server's machine"
                                            : "use another key");
    if (q->bound_viewer.n == 0 || (r->flags & ROUTE_SHARED) || own)
        return 0;
    return mq_fail(err, MQ_DENIED, "key: is bound to a viewer: ask about that viewer only");
}

/* ---------------------------------------------------------------- the call */

static void set_retry(int status, struct api_response *ret)
{
    if (status == MQ_BUSY)
        ret->retry_after_s = 1;
    else if (mq_status_http(status) == 503)
        ret->retry_after_s = 5;
}

void api_problem(const struct mq_error *err, struct str path, struct api_response *ret)
{
    char instance[256];
    struct buf b;
    struct json j;
    buf_over(&b, instance, sizeof(instance));
    buf_add(&b, path.p, path.n < 200 ? path.n : 200);
    buf_add_char(&b, '\0');
    buf_reset(&ret->body);
    json_init(&j, &ret->body);
    render_problem(&j, err, path.n > 0 ? instance : NULL);
    ret->status = mq_status_http(err->status);
    ret->content_type = "application/problem+json";
    set_retry(err->status, ret);
}

static int run(struct call *c, struct mq_error *err)
{
    struct route_path path;
    int rc = route_path_read(c->q->path, c->arena, &path, err);
    if (rc == 0)
        rc = route_find(c->q->method, &path, &c->route, c->value, &c->ret->allow, err);
    if (rc)
        return rc;
    c->ret->route = (unsigned)route_number(c->route);
    if (c->route->content_type)
        c->ret->content_type = c->route->content_type;
    rc = allowed(c, c->route, err);
    if (rc == 0)
        rc = call_take_query(c, err);
    if (rc == 0)
        rc = c->route->run(c, err);
    if (rc == 0 && c->ret->body.failed)
        rc = mq_fail(err, MQ_TOO_LARGE, "answer: over %zu bytes: ask for less", c->ret->body.max);
    return rc;
}

void api_call(struct api_worker *w, const struct api_request *q, struct api_response *ret)
{
    struct mq_error err;
    struct call c = {.w = w, .engine = w->api->engine, .arena = &w->arena, .q = q, .ret = ret};
    ret->status = 200;
    ret->content_type = "application/json";
    ret->retry_after_s = 0;
    ret->allow = NULL;
    ret->content_encoding = NULL;
    ret->cache_control = NULL;
    ret->route = API_NO_ROUTE;
    buf_reset(&ret->body);
    json_init(&c.j, &ret->body);
    arena_reset(&w->arena);
    if (run(&c, &err) != 0)
        api_problem(&err, q->path, ret);
    mq_reader_rest(w->reader);
}

/* ---------------------------------------------------------------- for servers */

/* Does the query ask about the past? Only as a hint: an encoded key is slow, not wrong. */
static bool asks_past(struct str query)
{
    while (query.p) {
        struct str part = str_cut(&query, '&');
        if (str_starts(part, STR("as_of=")) || str_starts(part, STR("model=")))
            return true;
    }
    return false;
}

/* Compares without decoding: a path that is encoded where it need not be takes the slow lane. */
static bool matches_raw(const struct route *r, struct str path)
{
    struct str pattern = str_of(r->pattern);
    while (pattern.p && path.p) {
        struct str want = str_cut(&pattern, '/');
        struct str have = str_cut(&path, '/');
        if (want.n == 0 || want.p[0] != '{') {
            if (!str_eq(want, have))
                return false;
            continue;
        }
        size_t close = str_find(want, '}');
        struct str suffix = {want.p + close + 1, want.n - close - 1};
        if (have.n <= suffix.n || !str_ends(have, suffix))
            return false;
    }
    return !pattern.p && !path.p;
}

unsigned api_route_of(const struct api_request *q)
{
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *r = route_at(i);
        if (r->method == q->method && matches_raw(r, q->path))
            return (unsigned)i;
    }
    return API_NO_ROUTE;
}

enum api_lane api_lane_of(const struct api *a, const struct api_request *q)
{
    unsigned number = api_route_of(q);
    if (number == API_NO_ROUTE)
        return memchr(q->path.p, '%', q->path.n) ? API_SLOW : API_NOW;
    const struct route *r = route_at(number);
    if ((r->flags & ROUTE_FIT) && q->query.n == 0 && mq_strategy_fit_is_there(a->engine, 0))
        return API_SLOW;
    return (r->flags & ROUTE_PAST) && asks_past(q->query) ? API_SLOW : r->lane;
}

const char *api_allow(struct str path)
{
    unsigned methods = 0;
    for (size_t i = 0; i < route_count(); i++) {
        if (matches_raw(route_at(i), path))
            methods |= 1U << route_at(i)->method;
    }
    return methods ? route_allow_text(methods) : NULL;
}
