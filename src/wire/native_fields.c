/* native_fields.c - the members of a native event; native.h lists them. */
#include "native_fields.h"

#include <math.h>

#include "base/clock.h"
#include "wire/countries.h"
#include "wire/device_words.h"

enum { OFFSET_MAX = 18 * 60, DEFAULT_SCALE = 5 };
#define FLOAT_MAX 1e30            /* of value and scale, which event_check bounds further */
#define AT_MAX (INT64_C(1) << 53) /* what a double holds exactly */
/* Numbers nearer to 0 than this (early in 1973) are some other unit, and would land in 1970. */
#define AT_MIN INT64_C(100000000000)

/* What the members say before they can be put together. */
struct parts {
    struct event *e;
    struct native_scratch *s;
    struct str zone;
    bool has_at;
    int at_offset; /* minutes that `at` itself is written with */
};

static bool two_digits(struct str s, size_t at, int *ret)
{
    if (at + 2 > s.n || s.p[at] < '0' || s.p[at] > '9' || s.p[at + 1] < '0' || s.p[at + 1] > '9')
        return false;
    *ret = (s.p[at] - '0') * 10 + (s.p[at + 1] - '0');
    return true;
}

bool offset_of_zone(struct str name, int64_t at_ms, int *ret_min)
{
    if (str_eq(name, STR("Z")) || str_eq(name, STR("UTC"))) {
        *ret_min = 0;
        return true;
    }
    if (name.n == 0 || (name.p[0] != '+' && name.p[0] != '-'))
        return time_zone_offset(name, at_ms, ret_min);
    int hours, minutes = 0;
    size_t colon = name.n == 6 && name.p[3] == ':';
    if (!two_digits(name, 1, &hours) || (name.n != 3 && !two_digits(name, 3 + colon, &minutes)) ||
        (name.n != 3 && name.n != 5 + colon) || minutes > 59 || hours * 60 + minutes > OFFSET_MAX)
        return false;
    *ret_min = (name.p[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

/* ------------------------------------------------------------------ context */

static int read_country(struct json_object *v, country_code *ret, struct mq_error *err)
{
    struct str word = STR_NONE;
    int rc = json_read_text("context.country", v, &word, err);
    if (rc != 0 || word.n == 0)
        return rc;
    /* Codes that nobody assigned are used too (XK for Kosovo): any two letters will do. */
    if (country_find(word, ret) || country_from(word, ret))
        return 0;
    return mq_fail(err, MQ_INVALID, "context.country: %.*s: give the two letters of ISO 3166",
                   STR_ARG(word));
}

static int read_device(struct json_object *v, uint8_t *ret, struct mq_error *err)
{
    struct str word = STR_NONE;
    int rc = json_read_text("context.device", v, &word, err);
    if (rc == 0 && word.n > 0)
        *ret = (uint8_t)device_of_name(word);
    return rc;
}

static int read_offset(struct json_object *v, int16_t *ret, struct mq_error *err)
{
    int64_t minutes = OFFSET_NONE;
    int rc = json_read_whole("context.offset_min", v, -OFFSET_MAX, OFFSET_MAX, &minutes, err);
    if (rc == 0)
        *ret = (int16_t)minutes;
    return rc;
}

static int read_context(struct parts *p, struct json_object *v, struct mq_error *err)
{
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID, "context: %.100s: must be an object",
                       json_object_to_json_string(v));
    struct context *c = &p->e->context;
    int rc = 0;
    json_object_object_foreach(v, key, member)
    {
        if (strcmp(key, "device") == 0)
            rc = read_device(member, &c->device, err);
        else if (strcmp(key, "timezone") == 0)
            rc = json_read_text("context.timezone", member, &p->zone, err);
        else if (strcmp(key, "offset_min") == 0)
            rc = read_offset(member, &c->offset_min, err);
        else if (strcmp(key, "country") == 0)
            rc = read_country(member, &c->country, err);
        else if (strcmp(key, "region") == 0)
            rc = json_read_text("context.region", member, &c->region, err);
        else if (strcmp(key, "mood") == 0)
            rc = json_read_text("context.mood", member, &c->mood, err);
        else if (strcmp(key, "app") == 0)
            rc = json_read_text("context.app", member, &p->e->app, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ------------------------------------------------------------------ items */

static int read_item(struct json_object *v, char *digits, struct event_item *ret,
                     struct mq_error *err)
{
    *ret = (struct event_item){.title_id = {ID_NONE}, .propensity = NAN};
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID, "items: %.100s: each must be an object",
                       json_object_to_json_string(v));
    int64_t row = 0, column = 0;
    double propensity = (double)NAN;
    int rc = 0;
    json_object_object_foreach(v, key, member)
    {
        if (strcmp(key, "title") == 0)
            rc = json_read_id("items.title", member, digits, &ret->title, err);
        else if (strcmp(key, "row") == 0)
            rc = json_read_whole("items.row", member, 0, UINT16_MAX, &row, err);
        else if (strcmp(key, "column") == 0)
            rc = json_read_whole("items.column", member, 0, UINT16_MAX, &column, err);
        else if (strcmp(key, "propensity") == 0)
            rc = json_read_number("items.propensity", member, &propensity, err);
        if (rc != 0)
            return rc;
    }
    ret->row = (uint16_t)row;
    ret->column = (uint16_t)column;
    ret->propensity = (float)propensity;
    return 0;
}

static int read_items(struct parts *p, struct json_object *v, struct mq_error *err)
{
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_array))
        return mq_fail(err, MQ_INVALID, "items: %.100s: must be an array",
                       json_object_to_json_string(v));
    size_t n = json_object_array_length(v);
    if (n > EVENT_ITEMS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "items: %zu: at most %d are allowed", n, EVENT_ITEMS_MAX);
    for (size_t i = 0; i < n; i++) {
        int rc =
            read_item(json_object_array_get_idx(v, i), p->s->item_digits[i], &p->s->items[i], err);
        if (rc != 0)
            return rc;
    }
    p->e->items = n > 0 ? p->s->items : NULL;
    p->e->n_items = (uint32_t)n;
    return 0;
}

/* ------------------------------------------------------------------ members */

static int read_at(struct parts *p, struct json_object *v, struct mq_error *err)
{
    if (!v)
        return 0;
    p->has_at = true;
    if (!json_object_is_type(v, json_type_string)) {
        int64_t ms = 0;
        int rc = json_read_whole("at", v, -AT_MAX, AT_MAX, &ms, err);
        if (rc != 0)
            return rc;
        if (ms > -AT_MIN && ms < AT_MIN)
            return mq_fail(err, MQ_INVALID,
                           "at: %lld: would be in 1970 as epoch milliseconds: multiply seconds by "
                           "1000, or give RFC 3339",
                           (long long)ms);
        p->e->at_ms = ms;
        return 0;
    }
    struct str text = {json_object_get_string(v), (size_t)json_object_get_string_len(v)};
    if (time_parse(text, &p->e->at_ms, &p->at_offset))
        return 0;
    return mq_fail(err, MQ_INVALID,
                   "at: %.*s: give RFC 3339 (2026-03-01T21:04:11.250Z) or epoch milliseconds",
                   STR_ARG(text));
}

static int read_kind(struct event *e, struct json_object *v, struct mq_error *err)
{
    struct str word = STR_NONE;
    int rc = json_read_text("kind", v, &word, err);
    if (rc != 0 || word.n == 0)
        return rc;
    e->kind = event_kind_from(word);
    if (e->kind == EVENT_CUSTOM)
        e->custom = word;
    return 0;
}

static int read_rate(struct event *e, struct json_object *v, struct mq_error *err)
{
    double rate;
    int rc = json_read_number("rate", v, &rate, err);
    if (rc != 0 || !v)
        return rc;
    if (!(rate >= 0 && rate <= 100))
        return mq_fail(err, MQ_INVALID, "rate: %g: must lie between 0 and 100", rate);
    e->rate_milli = (int32_t)lround(rate * 1000);
    return 0;
}

static int read_autoplay(struct event *e, struct json_object *v, struct mq_error *err)
{
    bool yes = false;
    int rc = json_read_bool("autoplay", v, &yes, err);
    if (rc == 0 && v)
        e->autoplay = yes;
    return rc;
}

static int read_float(const char *field, struct json_object *v, float *ret, struct mq_error *err)
{
    double d = (double)*ret;
    int rc = json_read_number(field, v, &d, err);
    if (rc != 0 || !v)
        return rc;
    if (fabs(d) > FLOAT_MAX)
        return mq_fail(err, MQ_INVALID, "%s: %g: must lie between %g and %g", field, d, -FLOAT_MAX,
                       FLOAT_MAX);
    *ret = (float)d;
    return 0;
}

static int read_results(struct event *e, struct json_object *v, struct mq_error *err)
{
    int64_t n = e->results;
    int rc = json_read_whole("results", v, 0, INT32_MAX, &n, err);
    if (rc == 0)
        e->results = (int32_t)n;
    return rc;
}

static int read_attribute(const char *key, struct json_object *v, struct attributes *a,
                          struct native_scratch *s, struct mq_error *err)
{
    enum attribute i = attribute_from(str_of(key));
    struct str value = STR("");
    if (i == ATTRIBUTES)
        return 0;
    int rc = 0;
    if (v && json_object_is_type(v, json_type_boolean))
        value = json_object_get_boolean(v) ? STR("true") : STR("false");
    else
        rc = json_read_id(key, v, s->attribute_digits[i], &value, err);
    if (rc == 0 && !attribute_value_ok(value))
        rc = mq_fail(err, MQ_INVALID,
                     "attributes.%s: %.*s: at most %d bytes, none of them & or =", key,
                     STR_ARG(value), ATTRIBUTE_VALUE_MAX);
    if (rc == 0)
        a->value[i] = value.p ? value : STR("");
    return rc;
}

/* null takes an attribute back. */
static int read_attributes(struct parts *p, struct json_object *v, struct mq_error *err)
{
    struct attributes a = {0};
    struct buf text;
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID, "attributes: %.100s: must be an object",
                       json_object_to_json_string(v));
    json_object_object_foreach(v, key, member)
    {
        int rc = read_attribute(key, member, &a, p->s, err);
        if (rc)
            return rc;
    }
    buf_over(&text, p->s->attributes, sizeof(p->s->attributes));
    attributes_write(&a, &text);
    p->e->attributes = buf_str(&text);
    return text.failed ? mq_fail(err, MQ_TOO_LARGE, "attributes: too long") : 0;
}

enum member {
    M_AT,
    M_ATTRIBUTES,
    M_AUTOPLAY,
    M_CHOSEN,
    M_CONTEXT,
    M_FROM,
    M_ID,
    M_ITEMS,
    M_KIND,
    M_OTHER,
    M_POSITION,
    M_RATE,
    M_RECOMMENDATION,
    M_RESULTS,
    M_SCALE,
    M_SESSION,
    M_TEXT,
    M_TITLE,
    M_VALUE,
    M_VIEWER,
    MEMBERS
};

static const struct str member_names[MEMBERS] = {
    [M_AT] = {"at", 2},
    [M_ATTRIBUTES] = {"attributes", 10},
    [M_AUTOPLAY] = {"autoplay", 8},
    [M_CHOSEN] = {"chosen", 6},
    [M_CONTEXT] = {"context", 7},
    [M_FROM] = {"from_ms", 7},
    [M_ID] = {"id", 2},
    [M_ITEMS] = {"items", 5},
    [M_KIND] = {"kind", 4},
    [M_OTHER] = {"other", 5},
    [M_POSITION] = {"position_ms", 11},
    [M_RATE] = {"rate", 4},
    [M_RECOMMENDATION] = {"recommendation_id", 17},
    [M_RESULTS] = {"results", 7},
    [M_SCALE] = {"scale", 5},
    [M_SESSION] = {"session", 7},
    [M_TEXT] = {"text", 4},
    [M_TITLE] = {"title", 5},
    [M_VALUE] = {"value", 5},
    [M_VIEWER] = {"viewer", 6},
};

static enum member member_of(const char *key)
{
    int m = 0;
    while (m < MEMBERS && (member_names[m].p[0] != key[0] || strcmp(member_names[m].p, key) != 0))
        m++;
    return (enum member)m;
}

static int read_member(struct parts *p, enum member m, struct json_object *v, struct mq_error *err)
{
    struct event *e = p->e;
    char(*digits)[JSON_READ_DIGITS] = p->s->digits;
    switch (m) {
    case M_AT:
        return read_at(p, v, err);
    case M_ATTRIBUTES:
        return read_attributes(p, v, err);
    case M_AUTOPLAY:
        return read_autoplay(e, v, err);
    case M_CHOSEN:
        return json_read_id("chosen", v, digits[0], &e->chosen, err);
    case M_CONTEXT:
        return read_context(p, v, err);
    case M_FROM:
        return json_read_whole("from_ms", v, 0, EVENT_POSITION_MAX, &e->from_ms, err);
    case M_ID:
        return json_read_id("id", v, digits[1], &e->id, err);
    case M_ITEMS:
        return read_items(p, v, err);
    case M_KIND:
        return read_kind(e, v, err);
    case M_OTHER:
        return json_read_id("other", v, digits[5], &e->other, err);
    case M_POSITION:
        return json_read_whole("position_ms", v, 0, EVENT_POSITION_MAX, &e->position_ms, err);
    case M_RATE:
        return read_rate(e, v, err);
    case M_RECOMMENDATION:
        return json_read_text("recommendation_id", v, &e->recommendation, err);
    case M_RESULTS:
        return read_results(e, v, err);
    case M_SCALE:
        return read_float("scale", v, &e->scale, err);
    case M_SESSION:
        return json_read_id("session", v, digits[2], &e->session, err);
    case M_TEXT:
        return json_read_text("text", v, &e->query, err);
    case M_TITLE:
        return json_read_id("title", v, digits[3], &e->title, err);
    case M_VALUE:
        return read_float("value", v, &e->value, err);
    case M_VIEWER:
        return json_read_id("viewer", v, digits[4], &e->viewer, err);
    case MEMBERS:
        break;
    }
    return 0;
}

void native_offset(struct event *e, int minutes)
{
    bool told = minutes != 0 && minutes >= -OFFSET_MAX && minutes <= OFFSET_MAX;
    if (e->context.offset_min == OFFSET_NONE && told)
        e->context.offset_min = (int16_t)minutes;
}

int native_fields(struct json_object *v, int64_t now_ms, struct native_scratch *s,
                  struct event *ret, struct mq_error *err)
{
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID, "event: %.100s: must be an object",
                       json_object_to_json_string(v));
    event_init(ret);
    struct parts p = {.e = ret, .s = s};
    json_object_object_foreach(v, key, member)
    {
        int rc = read_member(&p, member_of(key), member, err);
        if (rc != 0)
            return rc;
    }
    if (!p.has_at)
        ret->at_ms = now_ms;
    if (ret->kind != EVENT_RATING)
        ret->scale =
            DEFAULT_SCALE; /* elsewhere it means nothing, and must not make two events of one */
    if (ret->kind == EVENT_CUSTOM && ret->custom.n == 0)
        return mq_fail(err, MQ_INVALID, "kind: missing: give one, for example \"play\"");
    int minutes;
    if (p.zone.n == 0) {
        native_offset(ret, p.at_offset);
        return 0;
    }
    if (!offset_of_zone(p.zone, ret->at_ms, &minutes))
        return mq_fail(
            err, MQ_INVALID,
            "context.timezone: %.*s: give a name of the tz database (Europe/London) or +02:00",
            STR_ARG(p.zone));
    ret->context.offset_min = (int16_t)minutes;
    return 0;
}
