#include "wire/campaign_json.h"

#include "json_read.h"
#include "wire/catalogue_json.h"

struct reading {
    struct arena *arena;
    struct campaign_segment *segments;
    struct campaign_request out;
    struct mq_error *err;
};

int campaign_name_check(struct str name, struct mq_error *err)
{
    bool fine = name.n > 0 && name.n <= CAMPAIGN_NAME_MAX;
    for (size_t i = 0; i < name.n && fine; i++) {
        char c = name.p[i];
        fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    }
    return fine
               ? 0
               : mq_fail(err, MQ_INVALID,
                         "campaign: %.*s: a name has 1 to %d letters, digits, '-', '_' and '.'",
                         (int)(name.n < 80 ? name.n : 80), name.p ? name.p : "", CAMPAIGN_NAME_MAX);
}

static int unknown(struct reading *r, const char *what, const char *key, const char *known)
{
    return mq_fail(r->err, MQ_INVALID, "%s: %.40s: is no field of it: %s are", what, key, known);
}

/* Kept in the arena: terminated, without control characters, at most `max` bytes. */
static int read_text(struct reading *r, const char *field, struct json_object *v, size_t max,
                     struct str *ret)
{
    char digits[JSON_READ_DIGITS];
    struct str text = STR_NONE;
    int rc = json_read_id(field, v, digits, &text, r->err);
    if (rc)
        return rc;
    if (text.n > max)
        return mq_fail(r->err, MQ_TOO_LARGE, "%s: %zu bytes: at most %zu are allowed", field,
                       text.n, max);
    if (str_has_control(text))
        return mq_fail(r->err, MQ_INVALID, "%s: holds a control character: leave it out", field);
    char *p = arena_alloc(r->arena, text.n + 1);
    if (!p)
        return mq_fail(r->err, MQ_NO_MEMORY, "campaign: no memory");
    if (text.n > 0)
        memcpy(p, text.p, text.n);
    p[text.n] = '\0';
    *ret = (struct str){p, text.n};
    return 0;
}

static int read_lead(struct reading *r, struct json_object *o, struct campaign_segment *s)
{
    struct str kind = STR_NONE;
    int rc = 0;
    if (!o)
        return 0;
    if (!json_object_is_type(o, json_type_object))
        return mq_fail(r->err, MQ_INVALID, "lead: no object: give {kind, name}");
    json_object_object_foreach(o, key, value)
    {
        if (strcmp(key, "kind") == 0)
            rc = json_read_text("kind", value, &kind, r->err);
        else if (strcmp(key, "name") == 0)
            rc = read_text(r, "name", value, CAMPAIGN_LEAD_MAX, &s->lead);
        else
            rc = unknown(r, "lead", key, "kind and name");
        if (rc)
            return rc;
    }
    if (!lead_kind_from(kind, &s->kind))
        return mq_fail(r->err, MQ_INVALID,
                       "lead: %.*s: is no kind: give director, actor, producer, writer, creator, "
                       "genre, tag, title or none",
                       (int)(kind.n < 40 ? kind.n : 40), kind.p ? kind.p : "");
    if ((s->kind == LEAD_NONE) != (s->lead.n == 0))
        return mq_fail(r->err, MQ_INVALID, "lead: %s: %s", lead_kind_name(s->kind),
                       s->kind == LEAD_NONE ? "takes no name" : "has no name: give one");
    return 0;
}

static int read_hour(struct reading *r, struct json_object *v, struct campaign_segment *s)
{
    struct str word = STR_NONE;
    int rc = json_read_text("hour", v, &word, r->err);
    if (rc || word.n == 0 || str_eq_nocase(word, STR("any")))
        return rc;
    for (int d = DAYPART_NONE + 1; d < DAYPARTS; d++) {
        if (str_eq_nocase(word, str_of(daypart_name((enum daypart)d))))
            s->hour = (enum daypart)d;
    }
    return s->hour != DAYPART_NONE
               ? 0
               : mq_fail(r->err, MQ_INVALID,
                         "hour: %.*s: give morning, daytime, evening, late or any",
                         (int)(word.n < 40 ? word.n : 40), word.p);
}

static int read_device(struct reading *r, struct json_object *v, struct campaign_segment *s)
{
    struct str word = STR_NONE;
    int rc = json_read_text("device", v, &word, r->err);
    if (rc || word.n == 0 || str_eq_nocase(word, STR("any")))
        return rc;
    return device_from(word, &s->device)
               ? 0
               : mq_fail(r->err, MQ_INVALID,
                         "device: %.*s: is none of tv, phone, tablet, desktop, console, set_top, "
                         "cast, other, any",
                         (int)(word.n < 40 ? word.n : 40), word.p);
}

/* What a plan expects of it: a share, or a difference of shares. */
static int read_expected(struct reading *r, const char *key, struct json_object *v, double *ret)
{
    double x = 0;
    int rc = v ? json_read_number(key, v, &x, r->err) : 0;
    if (rc == 0 && !(x >= -1 && x <= 1))
        rc = mq_fail(r->err, MQ_INVALID, "%s: %g: give a share from -1 to 1", key, x);
    if (rc == 0)
        *ret = x;
    return rc;
}

static int read_segment(struct reading *r, struct json_object *o, struct campaign_segment *s)
{
    int rc = 0;
    if (json_object_is_type(o, json_type_string)) {
        rc = read_text(r, "audience", o, CAMPAIGN_AUDIENCE_MAX, &s->audience);
    } else if (json_object_is_type(o, json_type_object)) {
        json_object_object_foreach(o, key, value)
        {
            if (strcmp(key, "audience") == 0)
                rc = read_text(r, "audience", value, CAMPAIGN_AUDIENCE_MAX, &s->audience);
            else if (strcmp(key, "lead") == 0)
                rc = read_lead(r, value, s);
            else if (strcmp(key, "hour") == 0)
                rc = read_hour(r, value, s);
            else if (strcmp(key, "device") == 0)
                rc = read_device(r, value, s);
            else if (strcmp(key, "uplift") == 0)
                rc = read_expected(r, "uplift", value, &s->uplift);
            else if (strcmp(key, "anyway") == 0)
                rc = read_expected(r, "anyway", value, &s->anyway);
            else
                rc = unknown(r, "segment", key, "audience, lead, hour, device, uplift and anyway");
            if (rc)
                return rc;
        }
    } else {
        return mq_fail(r->err, MQ_INVALID,
                       "segments: neither text nor object: give an expression, or {audience, lead, "
                       "hour, device}");
    }
    if (rc == 0 && s->audience.n == 0)
        rc = mq_fail(r->err, MQ_INVALID, "audience: missing: give one as liked:genre=Drama");
    return rc;
}

static int read_segments(struct reading *r, struct json_object *list)
{
    if (!list)
        return 0;
    if (!json_object_is_type(list, json_type_array))
        return mq_fail(r->err, MQ_INVALID, "segments: no list: give expressions");
    size_t n = json_object_array_length(list);
    if (n > CAMPAIGN_SEGMENTS_MAX)
        return mq_fail(r->err, MQ_TOO_LARGE, "segments: %zu: at most %d", n, CAMPAIGN_SEGMENTS_MAX);
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = read_segment(r, json_object_array_get_idx(list, i), &r->segments[i]);
        for (size_t k = 0; k < i && rc == 0; k++) {
            if (str_eq(r->segments[i].audience, r->segments[k].audience))
                rc = mq_fail(
                    r->err, MQ_INVALID, "segments: %.*s: is there twice: give it once",
                    (int)(r->segments[i].audience.n < 200 ? r->segments[i].audience.n : 200),
                    r->segments[i].audience.p);
        }
    }
    r->out.n = n;
    return rc;
}

static int read_field(struct reading *r, const char *key, struct json_object *v)
{
    int64_t whole = 0;
    int rc = 0;
    if (strcmp(key, "title") == 0)
        return read_text(r, "title", v, CAMPAIGN_LEAD_MAX, &r->out.title);
    if (strcmp(key, "segments") == 0)
        return read_segments(r, v);
    if (strcmp(key, "name") == 0) {
        rc = read_text(r, "name", v, CAMPAIGN_AUDIENCE_MAX, &r->out.name);
        return rc || r->out.name.n == 0 ? rc : campaign_name_check(r->out.name, r->err);
    }
    if (strcmp(key, "holdout") == 0) {
        rc = json_read_number("holdout", v, &r->out.holdout, r->err);
        if (rc == 0 &&
            !(r->out.holdout >= CAMPAIGN_HOLDOUT_LEAST && r->out.holdout <= CAMPAIGN_HOLDOUT_MOST))
            rc = mq_fail(r->err, MQ_INVALID, "holdout: %g: give a share from %g to %g",
                         r->out.holdout, CAMPAIGN_HOLDOUT_LEAST, CAMPAIGN_HOLDOUT_MOST);
        return rc;
    }
    if (strcmp(key, "days") == 0) {
        whole = r->out.days;
        rc = json_read_whole("days", v, 1, CAMPAIGN_DAYS_MAX, &whole, r->err);
        r->out.days = (unsigned)whole;
        return rc;
    }
    if (strcmp(key, "floor") == 0) {
        rc = json_read_whole("floor", v, 0, 1000000, &whole, r->err);
        r->out.floor = (unsigned)whole;
        return rc;
    }
    return unknown(r, "campaign", key, "name, title, holdout, days, floor and segments");
}

static int read_all(struct reading *r, struct json_object *o)
{
    struct json_object *inner = NULL;
    int rc = 0;
    if (!json_object_is_type(o, json_type_object))
        return mq_fail(r->err, MQ_INVALID, "campaign: no object: give {title, segments}");
    if (json_object_object_get_ex(o, "campaign", &inner)) { /* a plan's answer */
        o = inner;
        if (!json_object_is_type(o, json_type_object))
            return mq_fail(r->err, MQ_INVALID,
                           "campaign: none: the plan found nobody to be moved: name segments");
    }
    json_object_object_foreach(o, key, value)
    {
        rc = read_field(r, key, value);
        if (rc)
            return rc;
    }
    return r->out.title.n > 0 ? 0
                              : mq_fail(r->err, MQ_INVALID, "title: missing: give a title's id");
}

int campaign_json_parse(struct str body, struct arena *arena, struct campaign_request *ret,
                        struct mq_error *err)
{
    struct reading r = {.arena = arena,
                        .segments =
                            ARENA_ARRAY(arena, CAMPAIGN_SEGMENTS_MAX, struct campaign_segment),
                        .out = {.holdout = 0.2, .days = 28},
                        .err = err};
    struct json_object *o = NULL;
    size_t at = 0;
    struct json_tokener *tok = json_tokener_new_ex(CATALOGUE_JSON_DEPTH + 2);
    if (!tok || !r.segments) {
        if (tok)
            json_tokener_free(tok);
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    }
    json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
    int rc = json_read_value(tok, body, &at, CAMPAIGN_JSON_MAX, 1, &o, err);
    if (rc == 0)
        rc = read_all(&r, o);
    json_object_put(o);
    json_tokener_free(tok);
    r.out.segments = r.segments;
    if (rc == 0)
        *ret = r.out;
    return rc;
}
