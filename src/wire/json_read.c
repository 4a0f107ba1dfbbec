/* json_read.c - what json-c leaves out: UTF-8, keys that occur twice, positions, ranges. */
#include "json_read.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

uint64_t json_read_lines(struct str all, size_t at)
{
    uint64_t n = 0;
    const char *p = all.p, *end = all.p + at;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        n++;
        p++;
    }
    return n;
}

int json_read_fail(struct str all, size_t at, uint64_t line, const char *why, struct mq_error *err)
{
    size_t from = at;
    while (from > 0 && all.p[from - 1] != '\n')
        from--;
    return mq_fail(err, MQ_INVALID, "malformed JSON: byte %zu (line %" PRIu64 "): %s",
                   at - from + 1, line + json_read_lines(all, at), why);
}

size_t json_read_space(struct str all, size_t at)
{
    while (at < all.n &&
           (all.p[at] == ' ' || all.p[at] == '\n' || all.p[at] == '\t' || all.p[at] == '\r'))
        at++;
    return at;
}

/* ------------------------------------------------------------------ keys that occur twice */

/* Keys and text values below `v`, or -1 when a number isn't finite (json-c reads NaN and Infinity). */
static int64_t count_texts(struct json_object *v)
{
    int64_t n = 0;
    switch (json_object_get_type(v)) {
    case json_type_string:
        return 1;
    case json_type_double:
        return isfinite(json_object_get_double(v)) ? 0 : -1;
    case json_type_object: {
        json_object_object_foreach(v, key, member)
        {
            (void)key;
            int64_t inner = count_texts(member);
            if (inner < 0)
                return -1;
            n += 1 + inner;
        }
        return n;
    }
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(v); i++) {
            int64_t inner = count_texts(json_object_array_get_idx(v, i));
            if (inner < 0)
                return -1;
            n += inner;
        }
        return n;
    case json_type_null:
    case json_type_boolean:
    case json_type_int:
        break;
    }
    return 0;
}

/* Strings in well-formed JSON text. */
static int64_t count_strings(struct str text)
{
    int64_t quotes = 0, escapes = 0;
    for (size_t i = 0; i < text.n; i++) {
        quotes += text.p[i] == '"';
        escapes += text.p[i] == '\\';
    }
    if (escapes == 0)
        return quotes / 2;
    quotes = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\\')
            i++;
        else
            quotes += text.p[i] == '"';
    }
    return quotes / 2;
}

/* ------------------------------------------------------------------ one value */

static const char *tokener_reason(enum json_tokener_error e)
{
    switch ((int)e) {
    case json_tokener_error_depth:
        return "nested too deep: send it flatter";
    case json_tokener_error_parse_eof:
        return "it ends early: send it whole";
    case json_tokener_error_parse_number:
        return "no number";
    case json_tokener_error_parse_null:
    case json_tokener_error_parse_boolean:
        return "no word of JSON: true, false, null, or put quotes around text";
    case json_tokener_error_parse_utf8_string:
        return "text that is no UTF-8";
    case json_tokener_error_parse_object_key_name:
        return "a quoted key should stand here";
    case json_tokener_error_parse_object_key_sep:
        return "a ':' should stand here";
    case json_tokener_error_parse_object_value_sep:
        return "a ',' or '}' should stand here";
    case json_tokener_error_parse_array:
        return "a ',' or ']' should stand here";
    case json_tokener_error_parse_string:
        return "a broken text";
    default:
        return "unexpected character";
    }
}

static int check_value(struct str all, size_t from, size_t to, uint64_t line, struct json_object *v,
                       struct mq_error *err)
{
    struct str text = {all.p + from, to - from};
    if (!str_is_utf8(text))
        return json_read_fail(all, from, line, "text that is no UTF-8: send UTF-8", err);
    int64_t texts = count_texts(v);
    if (texts < 0)
        return json_read_fail(all, from, line, "NaN or an infinite number: leave the field out",
                              err);
    if (texts != count_strings(text))
        return json_read_fail(all, from, line, "an object has a key twice: send each key once",
                              err);
    return 0;
}

int json_read_value(struct json_tokener *tok, struct str all, size_t *at, size_t max, uint64_t line,
                    struct json_object **ret_value, struct mq_error *err)
{
    size_t from = json_read_space(all, *at);
    size_t left = all.n - from;
    bool cut = left > max;
    json_tokener_reset(tok);
    struct json_object *v = json_tokener_parse_ex(tok, all.p + from,
                                                  (int)(cut              ? max
                                                        : left > INT_MAX ? INT_MAX
                                                                         : left));
    enum json_tokener_error e = json_tokener_get_error(tok);
    size_t to = from + json_tokener_get_parse_end(tok);
    if (e == json_tokener_continue && !cut) { /* a number may end with the bytes: a NUL says so */
        v = json_tokener_parse_ex(tok, "", 1);
        e = v ? json_tokener_success : json_tokener_continue;
        to = all.n;
    }
    if (e == json_tokener_continue && !v) {
        if (cut)
            return mq_fail(err, MQ_TOO_LARGE,
                           "JSON: over %zu bytes (line %" PRIu64 "): send less at once", max,
                           line + json_read_lines(all, from));
        return json_read_fail(all, all.n, line, "it ends early: send it whole", err);
    }
    if (e != json_tokener_success && e != json_tokener_continue)
        return json_read_fail(all, to, line, tokener_reason(e), err);
    int rc = check_value(all, from, to, line, v, err);
    if (rc != 0) {
        json_object_put(v);
        return rc;
    }
    *at = to;
    *ret_value = v;
    return 0;
}

/* ------------------------------------------------------------------ members */

static int wrong_type(const char *field, struct json_object *v, const char *wanted,
                      struct mq_error *err)
{
    return mq_fail(err, MQ_INVALID, "%s: %.100s: must be %s", field, json_object_to_json_string(v),
                   wanted);
}

int json_read_text(const char *field, struct json_object *v, struct str *ret, struct mq_error *err)
{
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_string))
        return wrong_type(field, v, "text", err);
    *ret = (struct str){json_object_get_string(v), (size_t)json_object_get_string_len(v)};
    return 0;
}

/* json-c keeps a whole number that doesn't fit at the nearest one that does. */
static bool saturated(struct json_object *v)
{
    int64_t n = json_object_get_int64(v);
    return n == INT64_MAX || n == INT64_MIN;
}

int json_read_id(const char *field, struct json_object *v, char *digits, struct str *ret,
                 struct mq_error *err)
{
    if (!json_object_is_type(v, json_type_int))
        return json_read_text(field, v, ret, err);
    int64_t whole = json_object_get_int64(v);
    uint64_t large =
        whole == INT64_MAX ? json_object_get_uint64(v) : 0; /* beyond int64: kept apart */
    if (whole == INT64_MIN || large == UINT64_MAX)
        return wrong_type(field, v, "text: the number is too large", err);
    int n = large > 0 ? snprintf(digits, JSON_READ_DIGITS, "%" PRIu64, large)
                      : snprintf(digits, JSON_READ_DIGITS, "%" PRId64, whole);
    *ret = (struct str){digits, (size_t)n};
    return 0;
}

int json_read_whole(const char *field, struct json_object *v, int64_t low, int64_t high,
                    int64_t *ret, struct mq_error *err)
{
    if (!v)
        return 0;
    int64_t n = 0;
    bool fits = false;
    if (json_object_is_type(v, json_type_int)) {
        n = json_object_get_int64(v);
        fits = !saturated(v);
    } else if (json_object_is_type(v, json_type_double)) {
        double d = json_object_get_double(v);
        if (d != rint(d))
            return wrong_type(field, v, "a whole number", err);
        fits = fabs(d) <= 9007199254740992.0; /* 2^53: beyond, doubles skip whole numbers */
        n = fits ? (int64_t)d : 0;
    } else {
        return wrong_type(field, v, "a whole number", err);
    }
    if (!fits || n < low || n > high)
        return mq_fail(err, MQ_INVALID, "%s: %.100s: must lie between %" PRId64 " and %" PRId64,
                       field, json_object_to_json_string(v), low, high);
    *ret = n;
    return 0;
}

int json_read_number(const char *field, struct json_object *v, double *ret, struct mq_error *err)
{
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_double) && !json_object_is_type(v, json_type_int))
        return wrong_type(field, v, "a number", err);
    double d = json_object_get_double(v);
    if (!isfinite(d))
        return wrong_type(field, v, "a finite number", err);
    *ret = d;
    return 0;
}

int json_read_bool(const char *field, struct json_object *v, bool *ret, struct mq_error *err)
{
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_boolean))
        return wrong_type(field, v, "true or false", err);
    *ret = json_object_get_boolean(v);
    return 0;
}
