/* stream.c - answers that go on: one route's answer, made again each second, as chunks of one body. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "http/call.h"
#include "http/connection.h"

/* A client that takes nothing gets nothing new until it has taken what waits. */
enum { STREAM_WAITING_MAX = 64 * 1024 };

static void write_part(struct connection *c, struct str part)
{
    struct evbuffer *out = bufferevent_get_output(c->bev);
    if (!c->head.http10)
        evbuffer_add_printf(out, "%zx\r\n", part.n);
    evbuffer_add(out, part.p, part.n);
    if (!c->head.http10)
        evbuffer_add(out, "\r\n", 2);
}

void stream_start(struct connection *c, const struct api_request *q)
{
    struct loop *l = c->loop;
    struct api_response r = {.body = l->body};
    api_call(l->worker, q, &r);
    if (r.status != 200) {
        reply(c, &r, false);
    } else {
        reply_begin(c, &r);
        write_part(c, buf_str(&r.body));
    }
    l->body = r.body;
}

bool stream_goes_on(struct connection *c)
{
    struct loop *l = c->loop;
    struct mq_error err;
    if (evbuffer_get_length(bufferevent_get_output(c->bev)) > STREAM_WAITING_MAX)
        return true;
    if (access_check(c, &err) != 0)
        return false; /* the key was revoked, or its rate is used up */
    struct api_request q = {.method = API_GET,
                            .path = c->head.path,
                            .query = c->head.query,
                            .headers = c->head.lines,
                            .role = c->role,
                            .bound_viewer = str_of(c->key.viewer)};
    struct api_response r = {.body = l->body};
    api_call(l->worker, &q, &r);
    bool ok = r.status == 200;
    if (ok)
        write_part(c, buf_str(&r.body));
    l->body = r.body;
    return ok;
}
