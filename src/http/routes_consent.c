/* routes_consent.c - what a viewer allows, and what they take out of their history. */
#include "engine/consent.h"
#include "http/call.h"

static int write_settings(struct call *c, struct mq_error *err)
{
    struct viewer_settings s;
    int rc = engine_get_settings(c->engine, str_of(c->value[0]), &s, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_kv_z(&c->j, "viewer", c->value[0]);
    json_kv_z(&c->j, "profiling", s.profiling ? "on" : "off");
    json_kv_z(&c->j, "child", s.child ? "on" : "off");
    json_object_end(&c->j);
    return 0;
}

int route_settings_get(struct call *c, struct mq_error *err)
{
    return write_settings(c, err);
}

static int on_or_off(const struct body_field *f, int *ret, struct mq_error *err)
{
    if (!f->given)
        return 0;
    if (strcmp(f->text, "on") == 0 || strcmp(f->text, "true") == 0)
        *ret = 1;
    else if (strcmp(f->text, "off") == 0 || strcmp(f->text, "false") == 0)
        *ret = 0;
    else
        return mq_fail(err, MQ_INVALID, "%s: %.40s: must be on or off", f->name, f->text);
    return 0;
}

int route_settings_put(struct call *c, struct mq_error *err)
{
    struct viewer_settings s = {.profiling = -1, .child = -1};
    struct body_field fields[] = {{.name = "profiling", .type = BODY_WORD},
                                  {.name = "child", .type = BODY_WORD}};
    int rc = body_fields_read(c->q->body, c->arena, fields, 2, err);
    if (rc == 0)
        rc = on_or_off(&fields[0], &s.profiling, err);
    if (rc == 0)
        rc = on_or_off(&fields[1], &s.child, err);
    /* A child is not to end its own protection. */
    if (rc == 0 && s.child >= 0 && c->q->bound_viewer.n > 0)
        rc = mq_fail(err, MQ_DENIED,
                     "child: a key bound to the viewer may not say this: use an admin key");
    if (rc == 0)
        rc = engine_put_settings(c->engine, str_of(c->value[0]), &s, err);
    return rc ? rc : write_settings(c, err);
}

int route_history_remove(struct call *c, struct mq_error *err)
{
    int rc = engine_remove_from_history(c->engine, str_of(c->value[0]), str_of(c->value[1]), err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_kv_z(&c->j, "viewer", c->value[0]);
    json_kv_z(&c->j, "title", c->value[1]);
    json_kv_bool(&c->j, "removed", true);
    json_object_end(&c->j);
    return 0;
}
