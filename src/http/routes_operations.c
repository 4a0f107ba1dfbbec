/* routes_operations.c - the moment, numbers, imports, backups, checks, keys, probes. */
#include "base/clock.h"
#include "http/call.h"
#include "http/image_hosts.h"
#include "http/keys.h"
#include "http/metrics.h"
#include "http/render.h"

int route_now(struct call *c, struct mq_error *err)
{
    bool archive;
    (void)err;
    int64_t now = engine_now(c->engine, &archive);
    json_object(&c->j);
    json_kv_time(&c->j, "now", now);
    json_kv_bool(&c->j, "archive", archive);
    json_key(&c->j, STR("image_hosts"));
    json_array(&c->j);
    for (size_t i = 0; c->w->api->images && i < c->w->api->images->n; i++)
        json_str(&c->j, str_of(c->w->api->images->host[i]));
    json_array_end(&c->j);
    json_object_end(&c->j);
    return 0;
}

int route_stats(struct call *c, struct mq_error *err)
{
    struct mq_stats s;
    int rc = mq_stats(c->engine, &s, err);
    if (rc == 0)
        render_stats(&c->j, &s);
    return rc;
}

int route_import(struct call *c, struct mq_error *err)
{
    enum { FORMAT, PATHS, MAP, ID, REJECTS, STRICT, FIELDS };
    struct body_field f[FIELDS] = {
        [FORMAT] = {.name = "format", .type = BODY_TEXT},
        [PATHS] = {.name = "paths", .type = BODY_TEXTS},
        [MAP] = {.name = "map", .type = BODY_TEXT},
        [ID] = {.name = "id", .type = BODY_TEXT},
        [REJECTS] = {.name = "rejects", .type = BODY_TEXT},
        [STRICT] = {.name = "strict", .type = BODY_FLAG},
    };
    int rc = body_fields_read(c->q->body, c->arena, f, FIELDS, err);
    if (rc)
        return rc;
    if (!f[FORMAT].given || f[PATHS].n_texts == 0)
        return mq_fail(err, MQ_INVALID,
                       "import: format or paths missing: send {format, paths: [...]}");
    struct mq_import what = {.format = f[FORMAT].text,
                             .paths = f[PATHS].texts,
                             .n_paths = f[PATHS].n_texts,
                             .map = f[MAP].text,
                             .id = f[ID].text,
                             .rejects = f[REJECTS].text,
                             .strict = f[STRICT].flag,
                             .progress = call_progress,
                             .progress_ctx = c->w->api};
    struct mq_import_report report;
    rc = mq_import(c->engine, &what, &report, err);
    if (rc == 0)
        render_import(&c->j, &report);
    return rc;
}

int route_backup(struct call *c, struct mq_error *err)
{
    struct body_field to = {.name = "to", .type = BODY_TEXT};
    int rc = body_fields_read(c->q->body, c->arena, &to, 1, err);
    if (rc)
        return rc;
    /* A relative folder would mean the server's working folder, which no caller knows. */
    if (!to.given || to.text[0] != '/')
        return mq_fail(err, MQ_INVALID, "to: %.80s: give a folder that begins with /",
                       to.given ? to.text : "missing");
    int64_t started = clock_mono_ns();
    rc = mq_backup(c->engine, to.text, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_kv_z(&c->j, "to", to.text);
    json_kv_double(&c->j, "seconds", (double)(clock_mono_ns() - started) / 1e9, 4);
    json_object_end(&c->j);
    return 0;
}

int route_check(struct call *c, struct mq_error *err)
{
    struct mq_check check = {0};
    int rc = mq_check(c->engine, &check, err);
    if (rc != 0 && (rc != MQ_CORRUPT || check.faults == 0))
        return rc;
    render_check(&c->j, &check);
    return 0;
}

/* ---------------------------------------------------------------- keys */

static void write_key(struct json *j, const struct key_facts *f, const char *secret)
{
    json_object(j);
    json_kv_z(j, "id", f->id);
    if (secret)
        json_kv_z(j, "key", secret);
    json_kv_z(j, "role", api_role_name(f->role));
    if (f->viewer[0])
        json_kv_z(j, "viewer", f->viewer);
    if (f->label[0])
        json_kv_z(j, "label", f->label);
    json_kv_time(j, "created", f->created_ms);
    if (f->expires_ms)
        json_kv_time(j, "expires", f->expires_ms);
    json_object_end(j);
}

int route_key_create(struct call *c, struct mq_error *err)
{
    enum { ROLE, VIEWER, LABEL, DAYS, FIELDS };
    struct body_field f[FIELDS] = {
        [ROLE] = {.name = "role", .type = BODY_TEXT, .text = ""},
        [VIEWER] = {.name = "viewer", .type = BODY_TEXT, .text = ""},
        [LABEL] = {.name = "label", .type = BODY_TEXT, .text = ""},
        [DAYS] = {.name = "days", .type = BODY_NUMBER},
    };
    struct key_wish wish;
    struct key_facts facts;
    char secret[KEY_TEXT_BYTES];
    int rc = body_fields_read(c->q->body, c->arena, f, FIELDS, err);
    if (rc)
        return rc;
    if (!api_role_from(str_of(f[ROLE].text), &wish.role))
        return mq_fail(err, MQ_INVALID, "role: %.40s: give ingest, read, analyst or admin",
                       f[ROLE].text);
    wish.viewer = str_of(f[VIEWER].text);
    wish.label = str_of(f[LABEL].text);
    wish.days = f[DAYS].number;
    rc = keys_create(c->w->api->keys, &wish, &facts, secret, err);
    if (rc)
        return rc;
    c->ret->status = 201;
    write_key(&c->j, &facts, secret);
    return 0;
}

int route_keys(struct call *c, struct mq_error *err)
{
    struct key_facts *list = ARENA_ARRAY(c->arena, KEYS_MAX, struct key_facts);
    if (!list)
        return mq_fail(err, MQ_NO_MEMORY, "keys: no memory");
    size_t n = keys_list(c->w->api->keys, list, KEYS_MAX);
    json_object(&c->j);
    json_key(&c->j, STR("keys"));
    json_array(&c->j);
    for (size_t i = 0; i < n; i++)
        write_key(&c->j, &list[i], NULL);
    json_array_end(&c->j);
    json_object_end(&c->j);
    return 0;
}

int route_key_revoke(struct call *c, struct mq_error *err)
{
    int rc = keys_revoke(c->w->api->keys, str_of(c->value[0]), err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_kv_z(&c->j, "id", c->value[0]);
    json_kv_bool(&c->j, "revoked", true);
    json_object_end(&c->j);
    return 0;
}

/* ---------------------------------------------------------------- probes */

static void write_status(struct call *c, const char *status)
{
    json_object(&c->j);
    json_kv_z(&c->j, "status", status);
    json_kv_z(&c->j, "version", mq_version());
    json_object_end(&c->j);
}

int route_healthz(struct call *c, struct mq_error *err)
{
    (void)err;
    write_status(c, "ok");
    return 0;
}

int route_readyz(struct call *c, struct mq_error *err)
{
    if (api_is_stopping(c->w->api))
        return mq_fail(err, MQ_CANCELLED, "server: shuts down: ask another one");
    write_status(c, "ready");
    return 0;
}

int route_metrics(struct call *c, struct mq_error *err)
{
    struct mq_stats s;
    int rc = mq_stats(c->engine, &s, err);
    if (rc == 0)
        metrics_write(c->w->api->metrics, &s, engine_waiting(c->engine),
                      engine_is_training(c->engine), &c->ret->body);
    if (rc == 0)
        metrics_write_sources(c->engine, &c->ret->body);
    return rc;
}

int route_openapi(struct call *c, struct mq_error *err)
{
    (void)err;
    openapi_write(&c->j);
    return 0;
}
