#include "http/connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/metrics.h"

enum {
    REQUESTS_A_TURN = 16,   /* pipelined, before others get their turn */
    KEPT_BODY = 64 * 1024,  /* memory a connection keeps from one request to the next */
    SMALL_BODY = 64 * 1024, /* read and thrown away rather than closing the connection */
    OUTPUT_HIGH = 256 * 1024,
    READ_AT_ONCE = 256 * 1024,
};

static int64_t in_seconds(int s)
{
    return clock_mono_ns() + (int64_t)s * 1000000000;
}

/* ---------------------------------------------------------------- life */

static void unlink_connection(struct connection *c)
{
    struct loop *l = c->loop;
    if (c->prev)
        c->prev->next = c->next;
    else
        l->connections = c->next;
    if (c->next)
        c->next->prev = c->prev;
    l->n_connections--;
}

/* The client is gone or sent away. While an answer is being made the rest stays for it. */
static void end(struct connection *c)
{
    if (c->bev) {
        bufferevent_free(c->bev);
        c->bev = NULL;
        atomic_fetch_sub(&c->loop->server->connections, 1);
        metrics_connection(c->loop->server->metrics, -1);
    }
    if (c->state == CONNECTION_BUSY)
        return;
    unlink_connection(c);
    buf_release(&c->head_bytes);
    buf_release(&c->body);
    free(c);
}

static void remember_address(struct connection *c, int fd)
{
    struct sockaddr_storage a = {.ss_family = AF_UNSPEC};
    socklen_t n = sizeof(a);
    if (c->local || getpeername(fd, (struct sockaddr *)&a, &n) != 0)
        return;
    if (a.ss_family == AF_INET) {
        c->address_n = 4;
        memcpy(c->address, &((struct sockaddr_in *)&a)->sin_addr, 4);
    } else if (a.ss_family == AF_INET6) {
        /* A household or a machine has a /64. */
        c->address_n = 8;
        memcpy(c->address, &((struct sockaddr_in6 *)&a)->sin6_addr, 8);
    }
}

static struct bufferevent *make_bev(struct loop *l, int fd, bool local)
{
    struct ssl_ctx_st *tls = local ? NULL : l->server->tls;
    if (!tls)
        return bufferevent_socket_new(l->base, fd, BEV_OPT_CLOSE_ON_FREE);
    SSL *ssl = SSL_new(tls);
    struct bufferevent *bev = NULL;
    if (ssl)
        bev = bufferevent_openssl_socket_new(l->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                             BEV_OPT_CLOSE_ON_FREE);
    if (bev)
        bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    return bev;
}

/* ---------------------------------------------------------------- a request comes in */

static bool is_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char x = s.p[i];
        if (!((x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z') || (x >= '0' && x <= '9') ||
              x == '-' || x == '_' || x == '.'))
            return false;
    }
    return s.n > 0 && s.n <= REQUEST_ID_MAX;
}

static void set_request_id(struct connection *c)
{
    struct loop *l = c->loop;
    struct str given = c->head.request_id;
    if (given.p && is_id(given)) {
        memcpy(c->request_id, given.p, given.n);
        c->request_id[given.n] = '\0';
        return;
    }
    /* A number of this loop, spread: no secret, but none like another. */
    uint64_t n = (l->request_seed + ++l->requests) * UINT64_C(0x9e3779b97f4a7c15);
    snprintf(c->request_id, sizeof(c->request_id), "%016llx", (unsigned long long)n);
}

/* An answer before the body came. What is left of it can't be told from the next request. */
static void refuse_early(struct connection *c, const struct http_refusal *why)
{
    c->close_after = true;
    c->unread = true;
    c->started_ns = 0;
    if (!c->request_id[0])
        set_request_id(c);
    reply_refusal(c, why->status, why->why);
}

static void expect_body(struct connection *c)
{
    c->state = CONNECTION_BODY;
    c->chunks = (struct http_chunks){0};
    c->deadline_ns = in_seconds(BODY_S);
    buf_reset(&c->body);
    if (c->head.expects_continue && evbuffer_get_length(bufferevent_get_input(c->bev)) == 0)
        bufferevent_write(c->bev, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

static void begin(struct connection *c)
{
    const struct http_head *h = &c->head;
    bool has_body = h->chunked || h->length > 0;
    set_request_id(c);
    c->early.status = MQ_OK;
    c->retry_after_s = 0;
    c->head_only = false;
    if (access_check(c, &c->early) != 0 && has_body && (h->chunked || h->length > SMALL_BODY)) {
        c->close_after = true;
        c->unread = true;
        reply_problem(c, &c->early, c->retry_after_s);
        return;
    }
    if (h->length > c->loop->server->max_body) {
        refuse_early(c, &(struct http_refusal){413, "body: too large: send less at once"});
        return;
    }
    if (has_body)
        expect_body(c);
    else
        exchange(c, STR_NONE);
}

/* Returns whether anything was done. */
static bool take_head(struct connection *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);
    size_t n = evbuffer_get_length(in);
    if (n == 0)
        return false;
    size_t look = n < HTTP_HEAD_MAX + 4 ? n : HTTP_HEAD_MAX + 4;
    struct str bytes = {(const char *)evbuffer_pullup(in, (ev_ssize_t)look), look};
    if (!bytes.p)
        return false;
    size_t end_at = http_head_end(bytes);
    struct http_refusal why = {431, "headers: too long: send at most 16 kB"};
    c->head = (struct http_head){.http10 = false};
    c->request_id[0] = '\0';
    c->started_ns = 0;
    if (end_at == 0 && look > HTTP_HEAD_MAX) {
        refuse_early(c, &why);
        return true;
    }
    if (end_at == 0) {
        if (!c->head_begun)
            c->deadline_ns = in_seconds(HEAD_S);
        c->head_begun = true;
        return false;
    }
    buf_reset(&c->head_bytes);
    buf_add(&c->head_bytes, bytes.p, end_at);
    evbuffer_drain(in, end_at);
    c->close_after = false;
    if (c->head_bytes.failed || !http_head_read(buf_str(&c->head_bytes), &c->head, &why))
        refuse_early(c, &why);
    else
        begin(c);
    return true;
}

static bool take_chunks(struct connection *c, struct evbuffer *in)
{
    size_t n = evbuffer_get_length(in);
    struct http_refusal why;
    size_t used = 0;
    if (n == 0)
        return false;
    struct str bytes = {(const char *)evbuffer_pullup(in, -1), n};
    if (!http_chunks_read(&c->chunks, bytes, &c->body, &used, &why)) {
        refuse_early(c, &why);
        return true;
    }
    evbuffer_drain(in, used);
    if (c->chunks.state != CHUNK_DONE)
        return false;
    exchange(c, buf_str(&c->body));
    return true;
}

static bool take_body(struct connection *c)
{
    struct evbuffer *in = bufferevent_get_input(c->bev);
    if (c->head.chunked)
        return take_chunks(c, in);
    size_t n = (size_t)c->head.length;
    if (evbuffer_get_length(in) < n)
        return false;
    struct str body = {(const char *)evbuffer_pullup(in, (ev_ssize_t)n), n};
    exchange(c, body);
    evbuffer_drain(in, n);
    return true;
}

/* ---------------------------------------------------------------- turns */

static bool has_output(const struct connection *c)
{
    return evbuffer_get_length(bufferevent_get_output(c->bev)) > 0;
}

/* The last answer has left. */
static void finish(struct connection *c)
{
    if (!c->unread || c->lingering) {
        end(c);
        return;
    }
    /* Closing with unread bytes would reset the connection and take the answer from the client. */
    c->lingering = true;
    c->deadline_ns = in_seconds(LINGER_S);
    if (!c->loop->server->tls || c->local)
        shutdown(bufferevent_getfd(c->bev), SHUT_WR);
    evbuffer_drain(bufferevent_get_input(c->bev),
                   evbuffer_get_length(bufferevent_get_input(c->bev)));
    bufferevent_enable(c->bev, EV_READ);
}

static void forget_request(struct connection *c)
{
    if (c->body.cap > KEPT_BODY)
        buf_release(&c->body);
}

/* Answers what is there. May free the connection. */
static void take_turn(struct connection *c)
{
    int turns = 0;
    while (c->state == CONNECTION_HEAD || c->state == CONNECTION_BODY) {
        if (turns == REQUESTS_A_TURN) {
            bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
            return;
        }
        if (evbuffer_get_length(bufferevent_get_output(c->bev)) > OUTPUT_HIGH) {
            c->choked = true;
            bufferevent_disable(c->bev, EV_READ);
            return;
        }
        enum connection_state was = c->state;
        if (!(was == CONNECTION_HEAD ? take_head(c) : take_body(c)))
            break;
        if (c->state == CONNECTION_HEAD) {
            forget_request(c);
            turns++;
        }
    }
    if (c->state == CONNECTION_BUSY || c->state == CONNECTION_CLOSING)
        bufferevent_disable(c->bev, EV_READ);
    if (c->state == CONNECTION_CLOSING && !has_output(c))
        finish(c);
}

void connection_resume(struct connection *c)
{
    if (!c->bev) {
        end(c);
        return;
    }
    forget_request(c);
    bufferevent_enable(c->bev, EV_READ);
    take_turn(c);
}

static void on_read(struct bufferevent *bev, void *ctx)
{
    struct connection *c = ctx;
    if (c->lingering || c->state == CONNECTION_STREAM)
        evbuffer_drain(bufferevent_get_input(bev), evbuffer_get_length(bufferevent_get_input(bev)));
    else if (c->state != CONNECTION_BUSY && c->state != CONNECTION_CLOSING && !c->choked)
        take_turn(c);
}

/* All that was written has left. */
static void on_written(struct bufferevent *bev, void *ctx)
{
    struct connection *c = ctx;
    (void)bev;
    if (c->state == CONNECTION_CLOSING && !c->lingering) {
        finish(c);
    } else if (c->choked) {
        c->choked = false;
        bufferevent_enable(c->bev, EV_READ);
        take_turn(c);
    }
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
    struct connection *c = ctx;
    (void)bev;
    if (what & BEV_EVENT_CONNECTED)
        return; /* the handshake is done */
    bool half_closed = (what & BEV_EVENT_EOF) && (what & BEV_EVENT_READING) && has_output(c);
    if (half_closed && !c->lingering) {
        c->state = CONNECTION_CLOSING;
        c->unread = false;
        return;
    }
    end(c);
}

void connection_open(struct loop *l, int fd, bool local)
{
    static const struct timeval write_time = {WRITE_S, 0};
    struct connection *c = calloc(1, sizeof(*c));
    struct bufferevent *bev = c ? make_bev(l, fd, local) : NULL;
    if (!bev) {
        free(c);
        close(fd);
        atomic_fetch_sub(&l->server->connections, 1);
        return;
    }
    if (!local)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    c->loop = l;
    c->bev = bev;
    c->local = local;
    c->deadline_ns = in_seconds(HEAD_S);
    buf_init(&c->head_bytes, HTTP_HEAD_MAX + 4);
    buf_init(&c->body, l->server->max_body);
    remember_address(c, fd);
    c->next = l->connections;
    if (c->next)
        c->next->prev = c;
    l->connections = c;
    l->n_connections++;
    metrics_connection(l->server->metrics, 1);
    bufferevent_set_max_single_read(bev, READ_AT_ONCE);
    bufferevent_setcb(bev, on_read, on_written, on_event, c);
    bufferevent_set_timeouts(bev, NULL, &write_time);
    bufferevent_enable(bev, EV_READ | EV_WRITE);
}

/* ---------------------------------------------------------------- deadlines */

static bool is_idle(const struct connection *c)
{
    return c->state == CONNECTION_STREAM ||
           (c->state == CONNECTION_HEAD && !c->head_begun && !has_output(c) &&
            evbuffer_get_length(bufferevent_get_input(c->bev)) == 0);
}

static void check_deadline(struct connection *c, int64_t now_ns)
{
    if (c->bev && c->state == CONNECTION_STREAM) {
        if (!stream_goes_on(c))
            end(c);
        return;
    }
    if (!c->bev || c->state == CONNECTION_BUSY || now_ns < c->deadline_ns)
        return;
    bool begun = (c->state == CONNECTION_HEAD && c->head_begun) || c->state == CONNECTION_BODY;
    if (!begun || has_output(c)) {
        end(c);
        return;
    }
    refuse_early(c, &(struct http_refusal){408, "request: came too slowly: send it in one go"});
    bufferevent_disable(c->bev, EV_READ);
    if (!has_output(c))
        finish(c);
}

void connection_check_deadlines(struct loop *l, int64_t now_ns)
{
    struct connection *next;
    for (struct connection *c = l->connections; c; c = next) {
        next = c->next;
        check_deadline(c, now_ns);
    }
}

void connection_close_idle(struct loop *l)
{
    struct connection *next;
    for (struct connection *c = l->connections; c; c = next) {
        next = c->next;
        if (c->bev && is_idle(c))
            end(c);
    }
}

void connection_close_all(struct loop *l)
{
    struct connection *next;
    for (struct connection *c = l->connections; c; c = next) {
        next = c->next;
        if (c->bev)
            end(c);
    }
}
