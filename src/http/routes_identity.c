/* routes_identity.c - who is who: the ids of one viewer, merged and taken apart, and what is said of them. */
#include "event/attributes.h"
#include "http/call.h"

static bool write_id(void *ctx, struct str id)
{
    json_str(ctx, id);
    return true;
}

static int write_who(struct call *c, struct mq_error *err)
{
    struct viewer_summary s;
    struct attributes a;
    struct json *j = &c->j;
    int rc = engine_viewer_summary(c->engine, str_of(c->value[0]), &s, err);
    if (rc)
        return rc;
    json_object(j);
    json_kv_z(j, "viewer", c->value[0]);
    json_key(j, STR("identities"));
    json_array(j);
    rc = engine_identities(c->engine, str_of(c->value[0]), write_id, j, err);
    json_array_end(j);
    json_key(j, STR("attributes"));
    json_object(j);
    if (attributes_read((struct str){s.attributes, strlen(s.attributes)}, &a)) {
        for (int i = 0; i < ATTRIBUTES; i++) {
            if (a.value[i].n > 0)
                json_kv_str(j, attribute_name((enum attribute)i), a.value[i]);
        }
    }
    json_object_end(j);
    json_object_end(j);
    return rc;
}

int route_identities(struct call *c, struct mq_error *err)
{
    return write_who(c, err);
}

static int say(struct call *c, enum event_kind kind, struct mq_error *err)
{
    struct event e;
    uint8_t outcome;
    event_init(&e);
    e.kind = kind;
    e.source = STR("native");
    e.viewer = str_of(c->value[0]);
    e.other = str_of(c->value[1]);
    e.at_ms = engine_now(c->engine, NULL); /* an archive stays one */
    int rc = event_check(&e, e.at_ms, err);
    return rc ? rc : committer_append(c->engine->committer, &e, 1, &outcome, true, err);
}

int route_merge(struct call *c, struct mq_error *err)
{
    if (strcmp(c->value[0], c->value[1]) == 0)
        return mq_fail(err, MQ_INVALID, "other: %s: is the viewer: name another id", c->value[1]);
    int rc = say(c, EVENT_IDENTIFY, err);
    if (rc)
        return rc;
    if (!engine_are_one(c->engine, str_of(c->value[0]), str_of(c->value[1])))
        return mq_fail(err, MQ_CONFLICT,
                       "other: %s: is merged into another viewer, or they would be over %d ids: "
                       "unmerge it there first",
                       c->value[1], STORE_IDENTITIES_MAX);
    return write_who(c, err);
}

int route_unmerge(struct call *c, struct mq_error *err)
{
    if (strcmp(c->value[0], c->value[1]) == 0 ||
        !engine_are_one(c->engine, str_of(c->value[0]), str_of(c->value[1])))
        return mq_fail(err, MQ_NOT_FOUND, "other: %s: is not merged with this viewer", c->value[1]);
    int rc = say(c, EVENT_UNMERGE, err);
    if (rc)
        return rc;
    if (engine_are_one(c->engine, str_of(c->value[0]), str_of(c->value[1])))
        return mq_fail(err, MQ_CONFLICT,
                       "other: %s: is the id that others are merged into: unmerge those",
                       c->value[1]);
    return write_who(c, err);
}
