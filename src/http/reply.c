/* reply.c - answers on their way out. */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "http/connection.h"
#include "http/metrics.h"

enum {
    HEAD_BYTES = 2048 + IMAGE_SOURCES_BYTES,
    GIVE_BYTES = 256 * 1024, /* larger answers are not copied */
};

#define ALLOWED_HEADERS "authorization, content-type, content-encoding, x-request-id"

/* "Sun, 01 Mar 2026 21:04:11 GMT", made once a second. */
static const char *date(struct loop *l)
{
    int64_t now_s = clock_wall_ms() / 1000;
    if (now_s != l->date_s) {
        static const char days[7][4] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
        static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        int64_t year;
        unsigned month;
        unsigned day;
        int64_t day_number = now_s / 86400;
        int second = (int)(now_s % 86400);
        time_civil_from_days(day_number, &year, &month, &day);
        struct buf b;
        buf_over(&b, l->date, sizeof(l->date) - 1);
        buf_printf(&b, "%s, %02u %s %04d %02d:%02d:%02d GMT", days[day_number % 7], day,
                   months[month - 1], (int)year, second / 3600, second / 60 % 60, second % 60);
        l->date[b.n] = '\0';
        l->date_s = now_s;
    }
    return l->date;
}

static void add_cors(const struct connection *c, struct buf *b)
{
    struct str origin = c->head.origin;
    if (c->loop->server->cors.n == 0)
        return;
    buf_add_z(b, "Vary: Origin\r\n");
    if (origin.n == 0 || !cors_allows(&c->loop->server->cors, origin))
        return;
    buf_add_z(b, "Access-Control-Allow-Origin: ");
    buf_add_str(b, origin);
    buf_add_z(b, "\r\nAccess-Control-Expose-Headers: x-request-id, retry-after\r\n");
}

static void make_head(struct connection *c, const struct api_response *r, struct buf *b)
{
    buf_add_z(b, "HTTP/1.1 ");
    buf_add_u64(b, (uint64_t)r->status);
    buf_add_char(b, ' ');
    buf_add_z(b, http_reason(r->status));
    buf_add_z(b, "\r\nDate: ");
    buf_add_z(b, date(c->loop));
    if (r->content_type) {
        buf_add_z(b, "\r\nContent-Type: ");
        buf_add_z(b, r->content_type);
    }
    if (c->state == CONNECTION_STREAM) {
        if (!c->head.http10)
            buf_add_z(b, "\r\nTransfer-Encoding: chunked");
    } else if (r->status != 204) {
        buf_add_z(b, "\r\nContent-Length: ");
        buf_add_u64(b, r->body.n);
    }
    buf_add_z(b, "\r\nX-Request-Id: ");
    buf_add_z(b, c->request_id);
    buf_add_z(b, "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: ");
    buf_add_z(b, r->cache_control ? r->cache_control : "no-store");
    if (r->content_encoding) {
        buf_add_z(b, "\r\nVary: Accept-Encoding\r\nContent-Encoding: ");
        buf_add_z(b, r->content_encoding);
    }
    buf_add_z(b, "\r\n");
    if (r->content_type && str_starts(str_of(r->content_type), STR("text/html")))
        buf_printf(
            b,
            "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
            "connect-src 'self'; img-src 'self' data: blob:%s; base-uri 'none'; form-action "
            "'none'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n",
            c->loop->server->images.sources);
    if (r->status == 401)
        buf_add_z(b, "WWW-Authenticate: Bearer realm=\"marquee\"\r\n");
    if (r->retry_after_s > 0)
        buf_printf(b, "Retry-After: %d\r\n", r->retry_after_s);
    if (r->allow)
        buf_printf(b, "Allow: %s%s, OPTIONS\r\n", r->allow,
                   strstr(r->allow, "GET") ? ", HEAD" : "");
    add_cors(c, b);
    if (c->close_after)
        buf_add_z(b, "Connection: close\r\n");
    else if (c->head.http10)
        buf_add_z(b, "Connection: keep-alive\r\n");
}

static void give_back(const void *p, size_t n, void *ctx)
{
    (void)p;
    (void)n;
    free(ctx);
}

/* What the socket does not take at once goes through the bufferevent. */
static size_t write_now(struct connection *c, struct str head, struct str body)
{
    if (c->loop->server->tls && !c->local)
        return 0;
    if (evbuffer_get_length(bufferevent_get_output(c->bev)) > 0)
        return 0;
    struct iovec part[2] = {{(void *)(uintptr_t)head.p, head.n},
                            {(void *)(uintptr_t)body.p, body.n}};
    ssize_t n = writev(bufferevent_getfd(c->bev), part, body.n > 0 ? 2 : 1);
    /* An error shows again when the bufferevent tries. */
    return n > 0 ? (size_t)n : 0;
}

static void write_answer(struct connection *c, struct str head, struct api_response *r, bool give)
{
    struct str body = c->head_only || r->status == 204 ? STR_NONE : buf_str(&r->body);
    size_t done = write_now(c, head, body);
    if (done == head.n + body.n)
        return;
    struct evbuffer *out = bufferevent_get_output(c->bev);
    if (done < head.n)
        evbuffer_add(out, head.p + done, head.n - done);
    size_t from = done > head.n ? done - head.n : 0;
    if (from == body.n)
        return;
    if (give && body.n > GIVE_BYTES && !r->body.fixed &&
        evbuffer_add_reference(out, body.p + from, body.n - from, give_back, r->body.p) == 0) {
        size_t max = r->body.max;
        buf_init(&r->body, max);
        return;
    }
    evbuffer_add(out, body.p + from, body.n - from);
}

void reply(struct connection *c, struct api_response *r, bool give)
{
    struct server *s = c->loop->server;
    char storage[HEAD_BYTES];
    struct buf head;
    if (c->loop->draining || !c->head.keep_alive)
        c->close_after = true;
    metrics_request(s->metrics, r->route, r->status,
                    c->started_ns ? clock_mono_ns() - c->started_ns : -1);
    c->state = c->close_after ? CONNECTION_CLOSING : CONNECTION_HEAD;
    c->head_begun = false;
    c->deadline_ns = clock_mono_ns() + (int64_t)(c->close_after ? WRITE_S : IDLE_S) * 1000000000;
    if (!c->bev)
        return;
    buf_over(&head, storage, sizeof(storage));
    make_head(c, r, &head);
    buf_add_z(&head, "\r\n");
    write_answer(c, buf_str(&head), r, give);
}

void reply_begin(struct connection *c, const struct api_response *r)
{
    char storage[HEAD_BYTES];
    struct buf head;
    metrics_request(c->loop->server->metrics, r->route, r->status, -1);
    c->state = CONNECTION_STREAM;
    c->close_after = true;
    c->deadline_ns = 0;
    buf_over(&head, storage, sizeof(storage));
    make_head(c, r, &head);
    buf_add_z(&head, "\r\n");
    bufferevent_write(c->bev, head.p, head.n);
}

void reply_problem(struct connection *c, const struct mq_error *err, int retry_after_s)
{
    struct loop *l = c->loop;
    struct api_response r = {.body = l->body, .route = API_NO_ROUTE};
    api_problem(err, c->head.path, &r);
    if (retry_after_s > 0)
        r.retry_after_s = retry_after_s;
    reply(c, &r, false);
    l->body = r.body;
}

void reply_refusal(struct connection *c, int status, const char *why)
{
    struct loop *l = c->loop;
    struct json j;
    struct str text = str_of(why);
    size_t colon = str_find(text, ':');
    buf_reset(&l->body);
    json_init(&j, &l->body);
    json_object(&j);
    json_kv_z(&j, "type", "about:blank");
    json_kv_z(&j, "title", http_reason(status));
    json_kv_i64(&j, "status", status);
    json_kv_str(&j, "detail", text);
    json_kv_str(&j, "remedy", str_trim((struct str){text.p + colon + 1, text.n - colon - 1}));
    json_object_end(&j);
    struct api_response r = {.status = status,
                             .content_type = "application/problem+json",
                             .body = l->body,
                             .route = API_NO_ROUTE};
    reply(c, &r, false);
    l->body = r.body;
}

void reply_options(struct connection *c)
{
    const struct http_head *h = &c->head;
    struct server *s = c->loop->server;
    const char *allow = api_allow(h->path);
    char storage[HEAD_BYTES];
    struct buf head;
    struct mq_error err;
    struct api_response r = {.status = 204, .route = API_NO_ROUTE, .allow = allow};
    if (!allow) {
        mq_fail(&err, MQ_NOT_FOUND, "path: is no route: see /openapi.json");
        reply_problem(c, &err, 0);
        return;
    }
    if (h->preflight_method.n > 0 && !cors_allows(&s->cors, h->origin)) {
        mq_fail(&err, MQ_DENIED, "origin: %.*s: is not allowed: name it with --cors",
                (int)(h->origin.n < 100 ? h->origin.n : 100), h->origin.p ? h->origin.p : "");
        reply_problem(c, &err, 0);
        return;
    }
    if (h->preflight_method.n == 0) {
        reply(c, &r, false);
        return;
    }
    /* As reply(), with three more lines. */
    metrics_request(s->metrics, API_NO_ROUTE, 204, -1);
    if (c->loop->draining || !h->keep_alive)
        c->close_after = true;
    buf_over(&head, storage, sizeof(storage));
    make_head(c, &r, &head);
    buf_printf(&head,
               "Access-Control-Allow-Methods: %s\r\nAccess-Control-Allow-Headers: " ALLOWED_HEADERS
               "\r\nAccess-Control-Max-Age: 600\r\n\r\n",
               allow);
    write_answer(c, buf_str(&head), &r, false);
    c->state = c->close_after ? CONNECTION_CLOSING : CONNECTION_HEAD;
    c->head_begun = false;
    c->deadline_ns = clock_mono_ns() + (int64_t)IDLE_S * 1000000000;
}
