/* access.c - who asks, from the Authorization header and where the request came in. */
#include <sodium.h>

#include "base/clock.h"
#include "http/connection.h"
#include "http/limits.h"
#include "http/routes.h"

static struct str caller(const struct connection *c)
{
    if (c->key.id[0])
        return str_of(c->key.id);
    return (struct str){(const char *)c->address, c->address_n};
}

enum { WORD_MAX = 256 }; /* bytes of a decoded "user:password" */

static int unknown_key(struct connection *c, struct mq_error *err)
{
    c->key.id[0] = '\0';
    return mq_fail(
        err, MQ_UNAUTHENTICATED,
        "key: is unknown or expired: send Authorization: Bearer mk_... with a key that is in use");
}

static int take_key(struct connection *c, struct str key, struct mq_error *err)
{
    if (!keys_find(c->loop->server->keys, key, &c->key))
        return unknown_key(c, err);
    c->role = c->key.role;
    return 0;
}

/* Basic, as SDKs send a write key: the name is the key, the password is empty. */
static int take_basic(struct connection *c, struct str value, struct mq_error *err)
{
    char word[WORD_MAX];
    size_t n = 0;
    if (sodium_base642bin((unsigned char *)word, sizeof(word), value.p, value.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return unknown_key(c, err);
    struct str rest = {word, n};
    struct str key = str_cut(&rest, ':');
    int rc = take_key(c, key, err);
    sodium_memzero(word, sizeof(word));
    return rc;
}

static int take_authorization(struct connection *c, struct mq_error *err)
{
    struct str value = c->head.authorization;
    struct str scheme = str_cut(&value, ' ');
    value = value.p ? str_trim(value) : STR_NONE;
    if (str_eq_nocase(scheme, STR("Bearer")))
        return take_key(c, value, err);
    if (str_eq_nocase(scheme, STR("Basic")))
        return take_basic(c, value, err);
    return unknown_key(c, err);
}

/* "key" of the query, for webhooks: their senders cannot set a header. Keys have no characters to be encoded. */
static struct str key_of_query(const struct connection *c)
{
    struct str query = c->head.query;
    while (query.p && str_starts(c->head.path, STR("/webhooks/"))) {
        struct str part = str_cut(&query, '&');
        if (str_starts(part, STR("key=")))
            return (struct str){part.p + 4, part.n - 4};
    }
    return STR_NONE;
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
    bool open = s->loopback && keys_count(s->keys) == 0;
    struct str scheme = c->head.authorization;
    bool bearer = str_eq_nocase(str_cut(&scheme, ' '), STR("Bearer"));
    struct str query_key = key_of_query(c);
    /* Signed over the body: checked when that is there. */
    bool is_signed = sigv4_is(c->head.authorization) && (!open || s->aws.id[0]);
    c->is_signed = is_signed;
    /* Where no key exists, SDKs that cannot go without one may send any. */
    if (is_signed)
        c->role = API_NOBODY;
    else if (open && s->aws.id[0] && sigv4_is_call(c->head.path))
        rc = mq_fail(err, MQ_UNAUTHENTICATED,
                     "Authorization: missing: sign it with the access key of --aws-key (Signature "
                     "Version 4)");
    else if (open && !bearer)
        rc = take_open(c, err);
    else if (c->head.authorization.n > 0)
        rc = take_authorization(c, err);
    else if (c->head.api_key.n > 0)
        rc = take_key(c, c->head.api_key, err);
    else if (query_key.n > 0)
        rc = take_key(c, query_key, err);
    c->retry_after_s = limits_take(s->rate, caller(c), 1, clock_mono_ns());
    if (rc == 0 && c->retry_after_s > 0)
        rc = mq_fail(err, MQ_BUSY, "rate: too many requests: wait %d s", c->retry_after_s);
    return rc;
}

int access_signature(struct connection *c, struct str body, struct mq_error *err)
{
    struct sigv4_request r = {.method = c->head.method,
                              .path = c->head.path,
                              .query = c->head.query,
                              .authorization = c->head.authorization,
                              .headers = c->head.lines,
                              .body = body};
    int rc = sigv4_check(&r, &c->loop->server->aws, clock_wall_ms(), err);
    if (rc == 0)
        c->role = API_READ;
    return rc;
}

int access_key(struct connection *c, struct str key, struct mq_error *err)
{
    if (key.n == 0)
        return mq_fail(err, MQ_UNAUTHENTICATED, "key: missing: send Authorization: Bearer mk_...");
    int rc = take_key(c, key, err);
    if (rc == 0 && c->role < API_INGEST)
        rc = mq_fail(err, MQ_DENIED, "role: %s: may not send events: use another key",
                     api_role_name(c->role));
    /* The events were read before it was known whose they may be. */
    if (rc == 0 && c->key.viewer[0])
        rc = mq_fail(err, MQ_DENIED, "key: is bound to a viewer: send it as Authorization");
    return rc;
}
