/* routes_canary.c - a new model before a share of the viewers. */
#include <math.h>

#include "engine/canary.h"
#include "http/call.h"
#include "http/render.h"

static void kv_time(struct json *j, const char *key, int64_t at_ms)
{
    if (at_ms == 0)
        json_kv_null(j, key);
    else
        json_kv_i64(j, key, at_ms);
}

static void write_head(struct json *j, const struct canary *c)
{
    json_kv_u64(j, "version", c->version);
    json_kv_u64(j, "control", c->control);
    json_kv_z(j, "state", canary_state_name(c->state));
    json_kv_z(j, "why", c->why);
    json_kv_double(j, "share", c->share, 6);
    json_kv_double(j, "margin", c->margin, 6);
    json_kv_double(j, "days", c->days, 6);
    kv_time(j, "started_ms", c->started_ms);
    kv_time(j, "ended_ms", c->ended_ms);
}

static void write_arm(struct json *j, const struct canary *c, const struct experiment_reading *r,
                      unsigned i)
{
    json_object(j);
    json_kv_z(j, "arm", i == 0 ? "live" : "canary");
    json_kv_u64(j, "answers", c->answers[i]);
    json_kv_u64(j, "failures", c->failures[i]);
    if (r) {
        json_kv_u64(j, "viewers", r->arm[i].viewers);
        json_kv_double(j, "pages", r->arm[i].pages, 12);
        json_kv_double(j, "chosen", r->arm[i].chosen, 12);
        json_kv_double(j, "valued", r->arm[i].valued, 12);
    }
    if (r && i == 1)
        render_effect(j, "valued_per_page", &r->arm[i].valued_effect);
    json_object_end(j);
}

static void write_canary(struct json *j, const struct canary *c, const struct experiment_reading *r)
{
    json_object(j);
    write_head(j, c);
    json_key(j, STR("arms"));
    json_array(j);
    write_arm(j, c, r, 0);
    write_arm(j, c, r, 1);
    json_array_end(j);
    json_object_end(j);
}

int route_canary(struct call *c, struct mq_error *err)
{
    struct canary k;
    int rc = engine_canary_get(c->engine, &k, err);
    if (rc == 0)
        write_canary(&c->j, &k, NULL);
    return rc;
}

int route_canary_start(struct call *c, struct mq_error *err)
{
    enum { VERSION, SHARE, DAYS, MARGIN, FIELDS };
    struct body_field f[FIELDS] = {
        [VERSION] = {.name = "version", .type = BODY_WHOLE},
        [SHARE] = {.name = "share", .type = BODY_NUMBER},
        [DAYS] = {.name = "days", .type = BODY_NUMBER},
        [MARGIN] = {.name = "margin", .type = BODY_NUMBER},
    };
    struct canary k;
    int rc = body_fields_read(c->q->body, c->arena, f, FIELDS, err);
    if (rc)
        return rc;
    if (!f[VERSION].given || f[VERSION].whole == 0)
        return mq_fail(err, MQ_INVALID, "version: missing: give a number from GET /v1/models");
    struct canary wanted = {.version = f[VERSION].whole,
                            .share = f[SHARE].number,
                            .days = f[DAYS].number,
                            .margin = f[MARGIN].given ? f[MARGIN].number : NAN};
    rc = engine_canary_start(c->engine, &wanted, &k, err);
    if (rc == 0)
        write_canary(&c->j, &k, NULL);
    return rc;
}

int route_canary_check(struct call *c, struct mq_error *err)
{
    struct canary k;
    struct experiment_reading r;
    int rc = engine_canary_check(c->engine, &k, &r, err);
    if (rc == 0)
        write_canary(&c->j, &k, &r);
    return rc;
}

int route_canary_stop(struct call *c, struct mq_error *err)
{
    struct canary k;
    int rc = engine_canary_stop(c->engine, "stopped by hand", &k, err);
    if (rc == 0)
        write_canary(&c->j, &k, NULL);
    return rc;
}
