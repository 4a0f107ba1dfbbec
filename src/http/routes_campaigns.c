/* routes_campaigns.c - a title put before groups of viewers: planned, launched, read, stopped. */
#include "engine/campaigns.h"
#include "http/call.h"
#include "http/render_campaigns.h"
#include "wire/campaign_json.h"

int route_campaign_plan(struct call *c, struct mq_error *err)
{
    struct campaign_request q;
    struct campaign_plan *p = ARENA_ARRAY(c->arena, 1, struct campaign_plan);
    int rc = p ? campaign_json_parse(c->q->body, c->arena, &q, err)
               : mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    if (rc == 0)
        rc = call_time(c, "as_of", &q.as_of_ms, err);
    if (rc == 0)
        rc = engine_campaign_plan(c->w->reader, &q, api_role_name(c->q->role), p, err);
    if (rc == 0)
        render_campaign_plan(&c->j, p);
    return rc;
}

static int answer(struct call *c, struct str name, struct mq_error *err)
{
    struct campaign x;
    int rc = engine_campaign_get(c->engine, name, c->arena, &x, err);
    if (rc == 0)
        render_campaign(&c->j, &x);
    return rc;
}

int route_campaign_launch(struct call *c, struct mq_error *err)
{
    struct campaign_request q;
    const char *name = call_parameter(c, "name");
    int rc = campaign_json_parse(c->q->body, c->arena, &q, err);
    if (rc == 0 && name)
        q.name = str_of(name);
    if (rc == 0)
        rc = engine_campaign_launch(c->w->reader, &q, api_role_name(c->q->role), err);
    return rc ? rc : answer(c, q.name, err);
}

int route_campaign_list(struct call *c, struct mq_error *err)
{
    size_t n = 0;
    struct campaign *all = ARENA_ARRAY(c->arena, CAMPAIGNS_MAX, struct campaign);
    if (!all)
        return mq_fail(err, MQ_NO_MEMORY, "campaigns: no memory");
    int rc = engine_campaigns(c->engine, c->arena, all, &n, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_key(&c->j, STR("campaigns"));
    json_array(&c->j);
    for (size_t i = 0; i < n; i++)
        render_campaign(&c->j, &all[i]);
    json_array_end(&c->j);
    json_object_end(&c->j);
    return 0;
}

int route_campaign_read(struct call *c, struct mq_error *err)
{
    struct campaign_reading *r = ARENA_ARRAY(c->arena, 1, struct campaign_reading);
    int64_t as_of_ms = 0;
    int rc = r ? call_time(c, "as_of", &as_of_ms, err)
               : mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    if (rc == 0)
        rc = engine_campaign_read(c->engine, str_of(c->value[0]), as_of_ms, c->arena, r, err);
    if (rc == 0)
        render_campaign_reading(&c->j, r);
    return rc;
}

int route_campaign_stop(struct call *c, struct mq_error *err)
{
    int rc = engine_campaign_stop(c->engine, str_of(c->value[0]), err);
    return rc ? rc : answer(c, str_of(c->value[0]), err);
}
