/* write_events.c - struct event -> a line of native JSON, with the time zone by name. Ids, zones and regions
 * are our own and need no escapes; a query does. */
#include <math.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "sim/sim_inside.h"

#define ADD(out, literal) buf_add((out), (literal), sizeof(literal) - 1)

static void add_text(struct buf *out, struct str key, struct str s)
{
    if (s.n == 0)
        return;
    buf_add_str(out, key);
    buf_add_str(out, s);
    buf_add_char(out, '"');
}

#define TEXT(out, key, s) add_text((out), STR(",\"" key "\":\""), (s))

static void add_number(struct buf *out, struct str key, int64_t v)
{
    buf_add_str(out, key);
    buf_add_i64(out, v);
}

#define NUMBER(out, key, v) add_number((out), STR(",\"" key "\":"), (v))

static void add_search(struct buf *out, const struct event *e)
{
    struct json j;
    ADD(out, ",\"text\":");
    json_init(&j, out);
    json_str(&j, e->query);
    NUMBER(out, "results", e->results);
    TEXT(out, "chosen", e->chosen);
}

/* Six significant digits: the chance as a float has hardly more. */
static void add_propensity(struct buf *out, float propensity)
{
    struct json j;
    if (isnan(propensity))
        return;
    ADD(out, ",\"propensity\":");
    json_init(&j, out);
    json_double(&j, (double)propensity, 6);
}

static void add_items(struct buf *out, const struct event *e)
{
    ADD(out, ",\"items\":[");
    for (uint32_t i = 0; i < e->n_items; i++) {
        const struct event_item *item = &e->items[i];
        if (i > 0)
            buf_add_char(out, ',');
        ADD(out, "{\"title\":\"");
        buf_add_str(out, item->title);
        ADD(out, "\"");
        NUMBER(out, "row", item->row);
        NUMBER(out, "column", item->column);
        add_propensity(out, item->propensity);
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

static void add_context(struct buf *out, const struct context *c, struct str timezone)
{
    char country[3];
    country_text(c->country, country);
    ADD(out, ",\"context\":{\"device\":\"");
    buf_add_z(out, device_name((enum device)c->device));
    ADD(out, "\"");
    TEXT(out, "timezone", timezone);
    TEXT(out, "country", str_of(country));
    TEXT(out, "region", c->region);
    ADD(out, "}}\n");
}

void event_line(struct buf *out, const struct event *e, struct str timezone)
{
    ADD(out, "{\"id\":\"");
    buf_add_str(out, e->id);
    ADD(out, "\"");
    TEXT(out, "viewer", e->viewer);
    TEXT(out, "kind", str_of(event_kind_name(e->kind)));
    ADD(out, ",\"at\":\"");
    time_format(out, e->at_ms);
    ADD(out, "\"");
    TEXT(out, "title", e->title);
    TEXT(out, "session", e->session);
    if (e->position_ms != EVENT_ABSENT)
        NUMBER(out, "position_ms", e->position_ms);
    if (e->from_ms != EVENT_ABSENT)
        NUMBER(out, "from_ms", e->from_ms);
    if (e->autoplay >= 0)
        buf_add_z(out, e->autoplay ? ",\"autoplay\":true" : ",\"autoplay\":false");
    if (!isnan(e->value))
        NUMBER(out, "value", lroundf(e->value));
    TEXT(out, "recommendation_id", e->recommendation);
    if (e->kind == EVENT_SEARCH)
        add_search(out, e);
    if (e->n_items > 0)
        add_items(out, e);
    add_context(out, &e->context, timezone);
}
