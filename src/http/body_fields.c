#include "http/body_fields.h"

#include <json-c/json.h>
#include <string.h>

enum { DEPTH = 8 };

/* A terminated copy; text with a NUL in it would end early somewhere. */
static int copy_text(const char *name, struct json_object *v, struct arena *arena, const char **ret,
                     struct mq_error *err)
{
    if (!json_object_is_type(v, json_type_string))
        return mq_fail(err, MQ_INVALID, "%s: must be text", name);
    const char *p = json_object_get_string(v);
    size_t n = (size_t)json_object_get_string_len(v);
    struct str s = {p, n};
    if (memchr(p, 0, n) || !str_is_utf8(s))
        return mq_fail(err, MQ_INVALID, "%s: must be UTF-8 without NUL", name);
    char *copy = arena_alloc(arena, n + 1);
    if (!copy)
        return mq_fail(err, MQ_NO_MEMORY, "%s: %zu bytes: no memory", name, n);
    memcpy(copy, p, n);
    *ret = copy;
    return 0;
}

static int copy_texts(struct body_field *f, struct json_object *v, struct arena *arena,
                      struct mq_error *err)
{
    if (!json_object_is_type(v, json_type_array))
        return mq_fail(err, MQ_INVALID, "%s: must be a list of texts", f->name);
    size_t n = json_object_array_length(v);
    if (n > BODY_FIELDS_TEXTS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %zu: at most %d are allowed", f->name, n,
                       BODY_FIELDS_TEXTS_MAX);
    f->texts = ARENA_ARRAY(arena, n + 1, const char *);
    if (!f->texts)
        return mq_fail(err, MQ_NO_MEMORY, "%s: %zu: no memory", f->name, n);
    for (size_t i = 0; i < n; i++) {
        int rc = copy_text(f->name, json_object_array_get_idx(v, i), arena, &f->texts[i], err);
        if (rc)
            return rc;
    }
    f->n_texts = n;
    return 0;
}

static int take_field(struct body_field *f, struct json_object *v, struct arena *arena,
                      struct mq_error *err)
{
    f->given = true;
    switch (f->type) {
    case BODY_WORD:
        if (json_object_is_type(v, json_type_boolean)) {
            f->text = json_object_get_boolean(v) ? "true" : "false";
            return 0;
        }
        return copy_text(f->name, v, arena, &f->text, err);
    case BODY_TEXT:
        return copy_text(f->name, v, arena, &f->text, err);
    case BODY_TEXTS:
        return copy_texts(f, v, arena, err);
    case BODY_WHOLE:
        if (!json_object_is_type(v, json_type_int) ||
            (json_object_get_int64(v) < 0 && json_object_get_uint64(v) == 0))
            return mq_fail(err, MQ_INVALID, "%s: must be a whole number from 0", f->name);
        f->whole = json_object_get_uint64(v);
        return 0;
    case BODY_NUMBER:
        if (!json_object_is_type(v, json_type_double) && !json_object_is_type(v, json_type_int))
            return mq_fail(err, MQ_INVALID, "%s: must be a number", f->name);
        f->number = json_object_get_double(v);
        return 0;
    case BODY_FLAG:
        if (!json_object_is_type(v, json_type_boolean))
            return mq_fail(err, MQ_INVALID, "%s: must be true or false", f->name);
        f->flag = json_object_get_boolean(v);
        return 0;
    }
    return mq_fail(err, MQ_BUG, "%s: unknown type", f->name);
}

static int parse(struct str body, struct json_object **ret, struct mq_error *err)
{
    struct json_tokener *t = json_tokener_new_ex(DEPTH);
    if (!t)
        return mq_fail(err, MQ_NO_MEMORY, "body: no memory");
    json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    int rc = 0;
    struct json_object *o = json_tokener_parse_ex(t, body.p, (int)body.n);
    enum json_tokener_error e = json_tokener_get_error(t);
    if (e != json_tokener_success)
        rc = mq_fail(err, MQ_INVALID, "body: byte %zu: %s", json_tokener_get_parse_end(t) + 1,
                     e == json_tokener_continue ? "it ends early" : json_tokener_error_desc(e));
    else if (!json_object_is_type(o, json_type_object))
        rc = mq_fail(err, MQ_INVALID, "body: must be a JSON object, as {\"titles\": [...]}");
    json_tokener_free(t);
    if (rc) {
        json_object_put(o);
        return rc;
    }
    *ret = o;
    return 0;
}

int body_fields_read(struct str body, struct arena *arena, struct body_field *fields, size_t n,
                     struct mq_error *err)
{
    body = str_trim(body);
    if (body.n == 0)
        return 0;
    if (body.n > BODY_FIELDS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "body: %zu bytes: at most %d are allowed", body.n,
                       BODY_FIELDS_MAX);
    struct json_object *o = NULL;
    int rc = parse(body, &o, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct json_object *v = NULL;
        if (json_object_object_get_ex(o, fields[i].name, &v) && v)
            rc = take_field(&fields[i], v, arena, err);
    }
    json_object_put(o);
    return rc;
}
