/* access.c - who asks, from the Authorization header and where the request came in. */
#include "base/clock.h"
#include "http/connection.h"
#include "http/limits.h"

static struct str caller(const struct connection *c)
{
    if (c->key.id[0])
        return str_of(c->key.id);
    return (struct str){(const char *)c->address, c->address_n};
}

static int take_key(struct connection *c, struct mq_error *err)
{
    struct str value = c->head.authorization;
    struct str scheme = str_cut(&value, ' ');
    struct str key = value.p ? str_trim(value) : STR_NONE;
    if (!str_eq_nocase(scheme, STR("Bearer")) || !keys_find(c->loop->server->keys, key, &c->key)) {
        c->key.id[0] = '\0';
        return mq_fail(
            err, MQ_UNAUTHENTICATED,
            "key: is unknown: send Authorization: Bearer mk_... with a key that is in use");
    }
    c->role = c->key.role;
    return 0;
}

static bool changes_something(const struct http_head *h)
{
    return !str_eq(h->method, STR("GET")) && !str_eq(h->method, STR("HEAD")) &&
           !str_eq(h->method, STR("OPTIONS"));
}

/* Without keys anybody on this machine may do anything; their browsers must not do it for others' pages. */
static int take_open(struct connection *c, struct mq_error *err)
{
    const struct http_head *h = &c->head;
    if (!host_is_loopback(h->host))
        return mq_fail(
            err, MQ_DENIED,
            "host: %.*s: this server is open to its own machine only: ask localhost, or make a key",
            (int)(h->host.n < 100 ? h->host.n : 100), h->host.p);
    if (h->origin.n > 0 && changes_something(h) && !cors_is_own(h->origin, h->host) &&
        !cors_allows(&c->loop->server->cors, h->origin))
        return mq_fail(err, MQ_DENIED,
                       "origin: %.*s: may not change anything: allow it with --cors",
                       (int)(h->origin.n < 100 ? h->origin.n : 100), h->origin.p);
    c->role = API_ADMIN;
    return 0;
}

int access_check(struct connection *c, struct mq_error *err)
{
    struct server *s = c->loop->server;
    c->role = API_NOBODY;
    c->key.id[0] = '\0';
    c->key.viewer[0] = '\0';
    if (c->local) {
        c->role = API_LOCAL;
        return 0;
    }
    int rc = 0;
    if (c->head.authorization.n > 0)
        rc = take_key(c, err);
    else if (s->loopback && keys_count(s->keys) == 0)
        rc = take_open(c, err);
    c->retry_after_s = limits_take(s->rate, caller(c), 1, clock_mono_ns());
    if (rc == 0 && c->retry_after_s > 0)
        rc = mq_fail(err, MQ_BUSY, "rate: too many requests: wait %d s", c->retry_after_s);
    return rc;
}
