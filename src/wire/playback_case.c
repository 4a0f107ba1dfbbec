#include "wire/playback_case.h"

#include "wire/json_body.h"

enum { DEPTH = 32 };

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "case: no memory: give a smaller one");
}

static struct json_object *member(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static int read_ms(struct json_object *o, const char *field, int64_t *ret, struct mq_error *err)
{
    return json_read_whole(field, member(o, field), INT64_MIN + 1, INT64_MAX, ret, err);
}

static int copy_text(struct arena *arena, struct str *s, struct mq_error *err)
{
    if (!s->p)
        return 0;
    *s = s->n > 0 ? arena_str(arena, *s) : STR("");
    return s->p ? 0 : no_memory(err);
}

static int read_event(struct json_object *o, struct arena *arena, struct event *e,
                      struct mq_error *err)
{
    struct str kind = STR_NONE;
    double rate = 0;
    event_init(e);
    e->at_ms = EVENT_ABSENT;
    if (!json_object_is_type(o, json_type_object))
        return mq_fail(err, MQ_INVALID, "%.100s: must be an object", json_object_to_json_string(o));
    int rc = json_read_text("kind", member(o, "kind"), &kind, err);
    e->kind = event_kind_from(kind);
    if (rc != 0 || !event_kind_is_playback(e->kind))
        return rc;
    e->id = STR_NONE;
    rc = json_read_text("id", member(o, "id"), &e->id, err);
    if (rc == 0)
        rc = copy_text(arena, &e->id, err);
    if (rc == 0)
        rc = read_ms(o, "at_ms", &e->at_ms, err);
    if (rc == 0)
        rc = read_ms(o, "position_ms", &e->position_ms, err);
    if (rc == 0)
        rc = read_ms(o, "from_ms", &e->from_ms, err);
    if (rc == 0)
        rc = json_read_number("rate", member(o, "rate"), &rate, err);
    e->rate_milli = event_rate_milli(rate);
    return rc;
}

/* The list `field` of `o`; MQ_INVALID when there is none. */
static int read_list(struct json_object *o, const char *field, size_t max, struct json_object **ret,
                     size_t *ret_n, struct mq_error *err)
{
    struct json_object *list = member(o, field);
    if (!list)
        return mq_fail(err, MQ_INVALID, "%s: missing: give a list", field);
    if (!json_object_is_type(list, json_type_array))
        return mq_fail(err, MQ_INVALID, "%s: %.100s: must be a list", field,
                       json_object_to_json_string(list));
    *ret_n = json_object_array_length(list);
    if (*ret_n > max)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %zu: at most %zu", field, *ret_n, max);
    *ret = list;
    return 0;
}

static int read_session(struct json_object *o, struct arena *arena,
                        struct playback_case_session *ret, struct mq_error *err)
{
    struct json_object *list;
    size_t n;
    int rc = read_list(o, "events", PLAYBACK_CASE_EVENTS_MAX, &list, &n, err);
    if (rc)
        return rc;
    ret->events = ARENA_ARRAY(arena, n + 1, struct event);
    if (!ret->events)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        struct event *e = &ret->events[ret->n];
        struct mq_error inner;
        rc = read_event(json_object_array_get_idx(list, i), arena, e, &inner);
        if (rc) {
            bool whole = !json_object_is_type(json_object_array_get_idx(list, i), json_type_object);
            return mq_fail(err, inner.status, "events[%zu]%s%s", i, whole ? ": " : ".", inner.text);
        }
        ret->n += event_kind_is_playback(e->kind);
    }
    return 0;
}

static int read_sessions(struct json_object *o, struct arena *arena, struct playback_case *ret,
                         struct mq_error *err)
{
    struct json_object *list;
    ret->several = member(o, "sessions") != NULL;
    ret->n_sessions = 1;
    if (ret->several) {
        int rc = read_list(o, "sessions", PLAYBACK_CASE_SESSIONS_MAX, &list, &ret->n_sessions, err);
        if (rc)
            return rc;
    }
    ret->sessions = ARENA_ARRAY(arena, ret->n_sessions + 1, struct playback_case_session);
    if (!ret->sessions)
        return no_memory(err);
    if (!ret->several)
        return read_session(o, arena, ret->sessions, err);
    for (size_t i = 0; i < ret->n_sessions; i++) {
        struct json_object *s = json_object_array_get_idx(list, i);
        struct mq_error inner;
        int rc = json_object_is_type(s, json_type_object)
                     ? read_session(s, arena, &ret->sessions[i], &inner)
                     : mq_fail(&inner, MQ_INVALID, "%.100s: must be an object",
                               json_object_to_json_string(s));
        if (rc)
            return mq_fail(err, inner.status, "sessions[%zu]: %s", i, inner.text);
    }
    return 0;
}

static int read_case(struct json_object *o, struct arena *arena, struct playback_case *ret,
                     struct mq_error *err)
{
    if (!json_object_is_type(o, json_type_object))
        return mq_fail(err, MQ_INVALID,
                       "case: must be one object: {\"name\": ..., \"events\": ...}");
    int rc = json_read_text("name", member(o, "name"), &ret->name, err);
    if (rc == 0 && !ret->name.p)
        rc = mq_fail(err, MQ_INVALID, "name: missing: give one");
    if (rc == 0)
        rc = copy_text(arena, &ret->name, err);
    if (rc == 0)
        rc = read_ms(o, "runtime_ms", &ret->runtime_ms, err);
    if (rc == 0 && !member(o, "start_plays"))
        rc = mq_fail(err, MQ_INVALID, "start_plays: missing: give true or false");
    if (rc == 0)
        rc = json_read_bool("start_plays", member(o, "start_plays"), &ret->start_plays, err);
    return rc ? rc : read_sessions(o, arena, ret, err);
}

int playback_case_read(struct str text, struct arena *arena, struct playback_case *ret,
                       struct mq_error *err)
{
    struct json_tokener *tok = json_body_tokener(DEPTH);
    if (!tok)
        return no_memory(err);
    struct json_object *o = NULL;
    struct playback_case c = {0};
    size_t at = text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    int rc = json_read_space(text, at) == text.n
                 ? mq_fail(err, MQ_INVALID, "case: empty: give a JSON object")
                 : json_read_value(tok, text, &at, PLAYBACK_CASE_BYTES_MAX, 1, &o, err);
    if (rc == 0 && json_read_space(text, at) != text.n)
        rc = json_read_fail(text, json_read_space(text, at), 1,
                            "text behind the case: one in a file", err);
    if (rc == 0)
        rc = read_case(o, arena, &c, err);
    json_object_put(o);
    json_tokener_free(tok);
    if (rc == 0)
        *ret = c;
    return rc;
}
