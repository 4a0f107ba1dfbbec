#include "availability_json.h"

#include "json_read.h"
#include "wire/countries.h"
#include "wire/when.h"

static int no_room(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "availability: no memory: send fewer titles at once");
}

static int read_time(const char *field, struct json_object *v, int64_t *ret, struct mq_error *err)
{
    struct str s = STR_NONE;
    int rc = json_read_text(field, v, &s, err);
    if (rc != 0 || s.n == 0 || when_parse(s, ret))
        return rc;
    return mq_fail(err, MQ_INVALID, "%s: %.*s: give RFC 3339 (2026-03-01T00:00:00Z) or a date",
                   field, STR_ARG(s));
}

static int read_countries(struct json_object *v, struct arena *arena, struct window *w,
                          struct mq_error *err)
{
    if (!v)
        return 0;
    bool one = json_object_is_type(v, json_type_string);
    if (!one && !json_object_is_type(v, json_type_array))
        return mq_fail(err, MQ_INVALID, "availability.countries: must be an array of texts");
    size_t n = one ? 1 : json_object_array_length(v);
    if (n > TITLE_LIST_MAX)
        return mq_fail(err, MQ_TOO_LARGE,
                       "availability.countries: %zu entries: at most %d are allowed", n,
                       TITLE_LIST_MAX);
    if (n == 0) /* nowhere cannot be said so: everywhere would be its opposite */
        return mq_fail(err, MQ_INVALID,
                       "availability.countries: empty: leave it out for everywhere, or name some");
    country_code *codes = ARENA_ARRAY(arena, n, country_code);
    if (!codes)
        return no_room(err);
    for (size_t i = 0; i < n; i++) {
        struct str s = STR_NONE;
        int rc = json_read_text("availability.countries", one ? v : json_object_array_get_idx(v, i),
                                &s, err);
        if (rc)
            return rc;
        if (!country_find(s, &codes[i]))
            return mq_fail(err, MQ_INVALID,
                           "availability.countries: %.*s: give the two letters of ISO 3166",
                           STR_ARG(s));
    }
    w->countries = codes;
    w->n_countries = (uint16_t)n;
    return 0;
}

static int read_window(struct json_object *v, struct arena *arena, struct window *w,
                       struct mq_error *err)
{
    *w = (struct window){0};
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID,
                       "availability: each must be an object {from, until, countries}");
    int rc = read_time("availability.from", json_object_object_get(v, "from"), &w->from_ms, err);
    if (rc == 0)
        rc = read_time("availability.until", json_object_object_get(v, "until"), &w->until_ms, err);
    if (rc == 0)
        rc = read_countries(json_object_object_get(v, "countries"), arena, w, err);
    return rc;
}

int availability_json_read(struct json_object *v, struct arena *arena, struct title *ret,
                           struct mq_error *err)
{
    if (!v)
        return 0;
    bool one = json_object_is_type(v, json_type_object);
    if (!one && !json_object_is_type(v, json_type_array))
        return mq_fail(err, MQ_INVALID,
                       "availability: must be an array of {from, until, countries}");
    size_t n = one ? 1 : json_object_array_length(v);
    if (n > TITLE_WINDOWS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "availability: %zu windows: at most %d are allowed", n,
                       TITLE_WINDOWS_MAX);
    struct window *windows = ARENA_ARRAY(arena, n, struct window);
    if (n > 0 && !windows)
        return no_room(err);
    for (size_t i = 0; i < n; i++) {
        int rc = read_window(one ? v : json_object_array_get_idx(v, i), arena, &windows[i], err);
        if (rc)
            return rc;
    }
    ret->windows = windows;
    ret->n_windows = (uint16_t)n;
    ret->has_windows = true;
    return 0;
}
