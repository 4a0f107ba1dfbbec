/* routes_people.c - viewers themselves: who there are, what they did, portability and erasure. */
#include "http/call.h"
#include "http/keys.h"
#include "http/render.h"

struct listing {
    struct json *j;
    uint64_t left;
};

static bool list_viewer(void *ctx, struct str id)
{
    struct listing *l = ctx;
    json_str(l->j, id);
    return --l->left > 0;
}

int route_viewers(struct call *c, struct mq_error *err)
{
    uint64_t limit = 100;
    uint64_t from = 0;
    int rc = call_unsigned(c, "limit", 1000, &limit, err);
    if (rc == 0)
        rc = call_unsigned(c, "from", UINT32_MAX, &from, err);
    if (rc)
        return rc;
    struct listing l = {&c->j, limit};
    json_object(&c->j);
    json_key(&c->j, STR("viewers"));
    json_array(&c->j);
    uint32_t ever = 0;
    if (limit > 0)
        ever = engine_viewers(c->engine, (uint32_t)from, list_viewer, &l);
    json_array_end(&c->j);
    json_kv_u64(&c->j, "ever", ever);
    json_object_end(&c->j);
    return 0;
}

static int write_recent(struct call *c, const struct viewer_summary *s, struct mq_error *err)
{
    struct json *j = &c->j;
    json_key(j, STR("recent"));
    json_array(j);
    for (size_t i = 0; i < s->n_recent; i++) {
        struct str id;
        struct str name;
        int rc = engine_title_name(c->engine, s->recent[i].title, c->arena, &id, &name, err);
        if (rc)
            return rc;
        json_object(j);
        json_kv_str(j, "title", id);
        json_kv_str(j, "name", name);
        json_kv_z(j, "kind", event_kind_name(s->recent[i].kind));
        json_kv_time(j, "at", s->recent[i].at_ms);
        json_object_end(j);
    }
    json_array_end(j);
    return 0;
}

static void write_context(struct json *j, const struct context *x)
{
    char country[3];
    country_text(x->country, country);
    json_key(j, STR("context"));
    json_object(j);
    if (x->device != DEVICE_NONE)
        json_kv_z(j, "device", device_name((enum device)x->device));
    if (x->country != 0)
        json_kv_z(j, "country", country);
    if (x->offset_min != OFFSET_NONE)
        json_kv_i64(j, "offset_min", x->offset_min);
    json_object_end(j);
}

int route_viewer(struct call *c, struct mq_error *err)
{
    struct viewer_summary s;
    struct json *j = &c->j;
    int rc = engine_viewer_summary(c->engine, str_of(c->value[0]), &s, err);
    if (rc)
        return rc;
    json_object(j);
    json_kv_z(j, "viewer", c->value[0]);
    json_kv_u64(j, "events", s.events);
    json_key(j, STR("by_kind"));
    json_object(j);
    for (int k = 0; k < EVENT_KINDS; k++) {
        if (s.by_kind[k] > 0)
            json_kv_u64(j, event_kind_name((enum event_kind)k), s.by_kind[k]);
    }
    json_object_end(j);
    if (s.events > 0) {
        json_kv_time(j, "first", s.first_ms);
        json_kv_time(j, "last", s.last_ms);
    }
    write_context(j, &s.context);
    rc = write_recent(c, &s, err);
    if (rc == 0)
        json_object_end(j);
    return rc;
}

int route_erase(struct call *c, struct mq_error *err)
{
    struct mq_receipt receipt;
    /* Their keys hold the viewer's id. */
    int rc = keys_revoke_viewer(c->w->api->keys, str_of(c->value[0]), err);
    if (rc == 0)
        rc = mq_erase(c->engine, c->value[0], &receipt, err);
    if (rc == 0)
        render_receipt(&c->j, c->value[0], &receipt);
    return rc;
}

enum { EXPORT_MAX = 256 << 20 };

struct exporting {
    struct call *c;
    uint64_t left; /* lines */
};

static bool write_line(void *ctx, const char *p, size_t n)
{
    struct exporting *x = ctx;
    struct call *c = x->c;
    if (x->left == 0 || c->ret->body.n + n > EXPORT_MAX)
        return false;
    x->left--;
    buf_add(&c->ret->body, p, n);
    return !c->ret->body.failed && !api_is_stopping(c->w->api);
}

int route_export(struct call *c, struct mq_error *err)
{
    struct exporting x = {.c = c, .left = UINT64_MAX};
    uint64_t skip = 0;
    int rc = call_unsigned(c, "skip", UINT32_MAX, &skip, err);
    if (rc == 0)
        rc = call_unsigned(c, "limit", UINT32_MAX, &x.left, err);
    if (rc == 0)
        rc = mq_export(c->engine, c->value[0], skip, write_line, &x, err);
    if (rc != MQ_CANCELLED || api_is_stopping(c->w->api))
        return rc;
    return x.left == 0 ? 0
                       : mq_fail(err, MQ_TOO_LARGE,
                                 "export: over %d bytes: ask in parts: ?skip=0&limit=100000, then "
                                 "skip=100000, until an answer is empty",
                                 EXPORT_MAX);
}
