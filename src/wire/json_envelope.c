#include "wire/json_envelope.h"

#include <stdlib.h>

#include "wire/json_body.h"

/* One call of json_envelope_read. */
struct job {
    struct json_tokener *tok;
    struct str body;
    struct str list;
    size_t at, max;
    const struct json_thinning *thinning; /* may be NULL */
    struct buf thin;
    size_t counted; /* line ends before it: */
    uint64_t lines;
    struct json_envelope *v;
};

static bool stands(const struct job *j, char c)
{
    return j->at < j->body.n && j->body.p[j->at] == c;
}

static void pass_space(struct job *j)
{
    j->at = json_read_space(j->body, j->at);
}

static int broken(const struct job *j, const char *why, struct mq_error *err)
{
    return json_read_fail(j->body, j->at, 1, why, err);
}

static int read_value(struct job *j, struct json_object **ret, struct mq_error *err)
{
    return json_read_value(j->tok, j->body, &j->at, j->body.n, 1, ret, err);
}

static int add_element(struct job *j, struct json_element element, struct mq_error *err)
{
    struct json_envelope *v = j->v;
    if (v->n == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 64;
        struct json_element *p = realloc(v->elements, cap * sizeof(*p));
        if (!p) {
            json_object_put(element.value);
            return mq_fail(err, MQ_NO_MEMORY, "body: %zu elements: no memory", cap);
        }
        v->elements = p;
        v->cap = cap;
    }
    v->elements[v->n++] = element;
    return 0;
}

/* False: read it whole. */
static bool read_thin(struct job *j, struct json_object **ret)
{
    struct mq_error why;
    size_t behind = j->at, at = 0;
    if (!j->thinning)
        return false;
    buf_reset(&j->thin);
    if (!json_thin(j->body, &behind, j->thinning->keep, &j->thin) ||
        json_read_value(j->tok, buf_str(&j->thin), &at, j->thin.n, 1, ret, &why) != 0)
        return false;
    if (!j->thinning->enough(*ret)) {
        json_object_put(*ret);
        *ret = NULL;
        return false;
    }
    j->at = behind;
    return true;
}

static uint64_t line_here(struct job *j)
{
    struct str since = {j->body.p + j->counted, j->at - j->counted};
    j->lines += json_read_lines(since, since.n);
    j->counted = j->at;
    return 1 + j->lines;
}

/* At '['. */
static int read_list(struct job *j, struct mq_error *err)
{
    j->at++;
    pass_space(j);
    bool more = !stands(j, ']');
    while (more) {
        if (j->v->n == j->max)
            return mq_fail(err, MQ_TOO_LARGE, "%.*s: over %zu at once: send them in parts",
                           STR_ARG(j->list), j->max);
        pass_space(j);
        struct json_element element = {.from = j->at, .line = line_here(j)};
        int rc = read_thin(j, &element.value) ? 0 : read_value(j, &element.value, err);
        element.to = j->at;
        if (rc == 0)
            rc = add_element(j, element, err);
        if (rc)
            return rc;
        pass_space(j);
        if (!stands(j, ',') && !stands(j, ']'))
            return broken(j, "a ',' or ']' should stand here", err);
        more = stands(j, ',');
        j->at += more;
    }
    j->at++;
    return 0;
}

static int read_member(struct job *j, struct mq_error *err)
{
    struct json_object *key = NULL;
    pass_space(j);
    if (!stands(j, '"'))
        return broken(j, "a key should stand here", err);
    int rc = read_value(j, &key, err);
    if (rc)
        return rc;
    struct str name = {json_object_get_string(key), (size_t)json_object_get_string_len(key)};
    pass_space(j);
    if (!stands(j, ':')) {
        rc = broken(j, "a ':' should stand here", err);
    } else {
        j->at++;
        pass_space(j);
        bool is_list = str_eq(name, j->list);
        if (is_list && (j->v->has_list || !stands(j, '['))) {
            rc = mq_fail(err, MQ_INVALID, "%.*s: must be one list", STR_ARG(j->list));
        } else if (is_list) {
            j->v->has_list = true;
            rc = read_list(j, err);
        } else {
            struct json_object *value = NULL;
            rc = read_value(j, &value, err);
            if (rc == 0)
                json_object_object_add(j->v->members, name.p, value);
        }
    }
    json_object_put(key);
    return rc;
}

static int read_object(struct job *j, struct mq_error *err)
{
    pass_space(j);
    if (!stands(j, '{'))
        return broken(j, "an object should stand here", err);
    j->at++;
    pass_space(j);
    bool more = !stands(j, '}');
    while (more) {
        int rc = read_member(j, err);
        if (rc)
            return rc;
        pass_space(j);
        if (!stands(j, ',') && !stands(j, '}'))
            return broken(j, "a ',' or '}' should stand here", err);
        more = stands(j, ',');
        j->at += more;
    }
    j->at++;
    pass_space(j);
    return j->at == j->body.n ? 0 : broken(j, "text behind the object: leave it out", err);
}

int json_envelope_read_thin(struct str body, struct str list, size_t max_elements,
                            const struct json_thinning *thinning, struct json_envelope *ret,
                            struct mq_error *err)
{
    struct json_envelope v = {.members = json_object_new_object()};
    struct job j = {.tok = json_body_tokener(JSON_ENVELOPE_DEPTH),
                    .body = body,
                    .list = list,
                    .max = max_elements,
                    .thinning = thinning,
                    .v = &v};
    buf_init(&j.thin, body.n + 1);
    int rc = v.members && j.tok ? read_object(&j, err)
                                : mq_fail(err, MQ_NO_MEMORY, "body: no memory: free some");
    buf_release(&j.thin);
    if (j.tok)
        json_tokener_free(j.tok);
    if (rc)
        json_envelope_release(&v);
    else
        *ret = v;
    return rc;
}

int json_envelope_read(struct str body, struct str list, size_t max_elements,
                       struct json_envelope *ret, struct mq_error *err)
{
    return json_envelope_read_thin(body, list, max_elements, NULL, ret, err);
}

void json_envelope_release(struct json_envelope *v)
{
    for (size_t i = 0; i < v->n; i++)
        json_object_put(v->elements[i].value);
    free(v->elements);
    json_object_put(v->members);
    *v = (struct json_envelope){0};
}

struct event_place json_envelope_place(const struct json_envelope *v, struct str body, size_t i)
{
    const struct json_element *e = &v->elements[i];
    return (struct event_place){
        .index = i, .line = e->line, .raw = {body.p + e->from, e->to - e->from}};
}

struct json_object *json_member(struct json_object *object, const char *key)
{
    struct json_object *v = NULL;
    if (object && json_object_is_type(object, json_type_object))
        json_object_object_get_ex(object, key, &v);
    return v;
}

struct str json_member_text(struct json_object *object, const char *key)
{
    struct json_object *v = json_member(object, key);
    if (!v || !json_object_is_type(v, json_type_string))
        return STR_NONE;
    return (struct str){json_object_get_string(v), (size_t)json_object_get_string_len(v)};
}

struct str json_member_id(struct json_object *object, const char *key, char *digits)
{
    struct str id = STR_NONE;
    struct mq_error err;
    struct json_object *v = json_member(object, key);
    if (!v || json_read_id(key, v, digits, &id, &err) != 0)
        return STR_NONE;
    return id;
}
