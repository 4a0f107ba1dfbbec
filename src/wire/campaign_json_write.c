/* campaign_json_write.c - apart from the reader: json-c's headers can't stand beside base/json_writer.h. */
#include "wire/campaign_json_write.h"

void campaign_lead_write(struct json *j, const struct campaign_segment *s)
{
    json_key(j, STR("lead"));
    json_object(j);
    json_kv_z(j, "kind", lead_kind_name(s->kind));
    if (s->kind != LEAD_NONE)
        json_kv_str(j, "name", s->lead);
    json_object_end(j);
}

void campaign_json_write(struct json *j, const struct campaign_request *c)
{
    json_object(j);
    if (c->name.n)
        json_kv_str(j, "name", c->name);
    json_kv_str(j, "title", c->title);
    json_kv_double(j, "holdout", c->holdout, 9);
    json_kv_u64(j, "days", c->days);
    json_kv_u64(j, "floor", c->floor);
    json_key(j, STR("segments"));
    json_array(j);
    for (size_t i = 0; i < c->n; i++) {
        const struct campaign_segment *s = &c->segments[i];
        json_object(j);
        json_kv_str(j, "audience", s->audience);
        campaign_lead_write(j, s);
        json_kv_z(j, "hour", s->hour == DAYPART_NONE ? "any" : daypart_name(s->hour));
        json_kv_z(j, "device", s->device == DEVICE_NONE ? "any" : device_name(s->device));
        if (s->uplift != 0)
            json_kv_double(j, "uplift", s->uplift, 6);
        if (s->anyway != 0)
            json_kv_double(j, "anyway", s->anyway, 6);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}
