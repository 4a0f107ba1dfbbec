#include "wire/native_write.h"

#include <math.h>

#include "base/clock.h"
#include "event/attributes.h"

/* A float comes back exactly from nine significant digits. */
enum { FLOAT_DIGITS = 9 };

static void text(struct json *j, const char *key, struct str s)
{
    if (s.n > 0)
        json_kv_str(j, key, s);
}

static void number(struct json *j, const char *key, float v)
{
    if (!isnan(v))
        json_kv_double(j, key, (double)v, FLOAT_DIGITS);
}

static void write_context(struct json *j, const struct context *c)
{
    char country[3];
    country_text(c->country, country);
    if (c->offset_min == OFFSET_NONE && c->device == DEVICE_NONE && !c->country &&
        c->region.n == 0 && c->mood.n == 0)
        return;
    json_key(j, STR("context"));
    json_object(j);
    text(j, "device", str_of(device_name((enum device)c->device)));
    if (c->offset_min != OFFSET_NONE)
        json_kv_i64(j, "offset_min", c->offset_min);
    text(j, "country", str_of(country));
    text(j, "region", c->region);
    text(j, "mood", c->mood);
    json_object_end(j);
}

static void write_items(struct json *j, const struct event *e)
{
    if (e->n_items == 0)
        return;
    json_key(j, STR("items"));
    json_array(j);
    for (uint32_t i = 0; i < e->n_items; i++) {
        json_object(j);
        json_kv_str(j, "title", e->items[i].title);
        json_kv_u64(j, "row", e->items[i].row);
        json_kv_u64(j, "column", e->items[i].column);
        number(j, "propensity", e->items[i].propensity);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_attributes(struct json *j, const struct event *e)
{
    struct attributes a;
    text(j, "other", e->other);
    if (e->attributes.n == 0 || !attributes_read(e->attributes, &a))
        return;
    json_key(j, STR("attributes"));
    json_object(j);
    for (int i = 0; i < ATTRIBUTES; i++) {
        if (a.value[i].p)
            json_kv_str(j, attribute_name((enum attribute)i), a.value[i]);
    }
    json_object_end(j);
}

void native_write(struct json *j, const struct event *e)
{
    char storage[48];
    struct buf at;
    buf_over(&at, storage, sizeof storage);
    time_format(&at, e->at_ms);
    json_object(j);
    text(j, "id", e->id);
    json_kv_str(j, "viewer", e->viewer);
    json_kv_str(j, "kind", e->kind == EVENT_CUSTOM ? e->custom : str_of(event_kind_name(e->kind)));
    json_kv_str(j, "at", buf_str(&at));
    text(j, "title", e->title);
    text(j, "session", e->session);
    if (e->position_ms != EVENT_ABSENT)
        json_kv_i64(j, "position_ms", e->position_ms);
    if (e->from_ms != EVENT_ABSENT)
        json_kv_i64(j, "from_ms", e->from_ms);
    if (e->rate_milli != EVENT_NO_RATE)
        json_kv_double(j, "rate", e->rate_milli / 1000.0, FLOAT_DIGITS);
    if (e->autoplay >= 0)
        json_kv_bool(j, "autoplay", e->autoplay == 1);
    number(j, "value", e->value);
    if (e->kind == EVENT_RATING)
        number(j, "scale", e->scale);
    text(j, "recommendation_id", e->recommendation);
    text(j, "text", e->query);
    if (e->results >= 0)
        json_kv_i64(j, "results", e->results);
    text(j, "chosen", e->chosen);
    write_attributes(j, e);
    write_items(j, e);
    write_context(j, &e->context);
    json_object_end(j);
}
