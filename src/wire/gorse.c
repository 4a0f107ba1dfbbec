#include "wire/gorse.h"

#include <math.h>

#include "base/clock.h"
#include "wire/json_body.h"
#include "wire/json_envelope.h"
#include "wire/when.h"

enum { DEPTH = 16 };

struct job {
    enum gorse_records records;
    int64_t now_ms;
    struct arena *arena;
    const struct event_sink *sink;
    struct title *titles; /* of items */
    size_t n, cap;
};

/* ---------------------------------------------------------------- feedback */

/* Of thumbs `value` is the thumb. */
static const struct {
    const char *type;
    enum event_kind kind;
    float value;
} types[] = {
    {"like", EVENT_THUMB, 1},
    {"upvote", EVENT_THUMB, 1},
    {"thumbs_up", EVENT_THUMB, 1},
    {"favorite", EVENT_THUMB, 1},
    {"love", EVENT_THUMB, 2},
    {"superlike", EVENT_THUMB, 2},
    {"dislike", EVENT_THUMB, -1},
    {"downvote", EVENT_THUMB, -1},
    {"thumbs_down", EVENT_THUMB, -1},
    {"star", EVENT_RATING, 0},
    {"rating", EVENT_RATING, 0},
    {"rate", EVENT_RATING, 0},
    {"read", EVENT_CLICK, 0},
    {"click", EVENT_CLICK, 0},
    {"view", EVENT_CLICK, 0},
    {"open", EVENT_CLICK, 0},
    {"watch", EVENT_PLAY, 0},
    {"watched", EVENT_PLAY, 0},
    {"play", EVENT_PLAY, 0},
    {"start", EVENT_START, 0},
    {"pause", EVENT_PAUSE, 0},
    {"seek", EVENT_SEEK, 0},
    {"progress", EVENT_PROGRESS, 0},
    {"stop", EVENT_STOP, 0},
    {"complete", EVENT_COMPLETE, 0},
    {"list_add", EVENT_LIST_ADD, 0},
    {"list_remove", EVENT_LIST_REMOVE, 0},
    {"hide", EVENT_HIDE, 0},
};

static void set_type(struct event *e, struct str type, bool has_value, double value)
{
    e->custom = type;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (!str_eq_nocase(type, str_of(types[i].type)))
            continue;
        e->kind = types[i].kind;
        e->custom = STR_NONE;
        if (e->kind == EVENT_THUMB)
            e->value = types[i].value;
        break;
    }
    if (e->kind == EVENT_RATING && !(value > 0) && str_eq_nocase(type, STR("star"))) {
        e->kind =
            EVENT_THUMB; /* a star as on code hosts, which Gorse's own examples send: no Value, or 0 */
        e->value = 1;
    } else if (e->kind == EVENT_RATING && has_value) {
        e->value = (float)value;
        e->scale = value > 10 ? 100 : value > 5 ? 10 : 5;
    }
    if (event_kind_is_playback(e->kind) && has_value && fabs(value * 1000) <= EVENT_POSITION_MAX)
        e->position_ms = (int64_t)(value * 1000);
}

bool gorse_event_is(const struct event *e, struct str type)
{
    for (int with_value = 0; with_value < 2; with_value++) {
        struct event as;
        event_init(&as);
        set_type(&as, type, with_value == 1, with_value);
        if (as.kind == e->kind && str_eq(as.custom, e->custom) &&
            (e->kind != EVENT_THUMB || as.value == e->value))
            return true;
    }
    return false;
}

static void init(struct event *e, int64_t now_ms)
{
    event_init(e);
    e->source = STR("gorse");
    e->at_ms = now_ms;
}

int gorse_feedback_event(struct str type, struct str user, struct str item, struct str value,
                         struct str time, int64_t now_ms, struct event *ret, struct mq_error *err)
{
    double number = 0;
    struct event e;
    init(&e, now_ms);
    if (value.n > 0 && !str_to_double(value, &number))
        return mq_fail(err, MQ_INVALID, "value: %.*s: is no number", STR_ARG(value));
    if (time.n > 0 && !when_parse(time, &e.at_ms))
        return mq_fail(err, MQ_INVALID, "time_stamp: %.*s: is no time", STR_ARG(time));
    set_type(&e, type, value.n > 0, number);
    e.viewer = user;
    e.title = item;
    int rc = event_check(&e, now_ms, err);
    if (rc == 0)
        *ret = e;
    return rc;
}

static int take_time(struct json_object *o, int64_t *ret_ms, struct mq_error *err)
{
    struct str at = json_member_text(o, "Timestamp");
    if (at.n == 0 || time_parse(at, ret_ms, NULL))
        return 0;
    return mq_fail(err, MQ_INVALID, "Timestamp: %.*s: is no time", STR_ARG(at));
}

static int read_event(const struct job *j, struct json_object *o, struct event *e,
                      char digits[2][JSON_READ_DIGITS], struct mq_error *err)
{
    double value = 0;
    init(e, j->now_ms);
    if (!o || !json_object_is_type(o, json_type_object))
        return mq_fail(err, MQ_INVALID, "feedback: must be an object");
    e->viewer = json_member_id(o, "UserId", digits[0]);
    if (j->records == GORSE_SESSION && e->viewer.n == 0)
        e->viewer = STR("anonymous");
    if (j->records == GORSE_USERS) {
        e->custom = STR("user");
        return event_check(e, j->now_ms, err);
    }
    struct str type = json_member_text(o, "FeedbackType");
    struct json_object *v = json_member(o, "Value");
    if (type.n == 0)
        return mq_fail(err, MQ_INVALID, "FeedbackType: missing: say what it was");
    int rc = v ? json_read_number("Value", v, &value, err) : 0;
    if (rc == 0)
        rc = take_time(o, &e->at_ms, err);
    if (rc)
        return rc;
    set_type(e, type, v != NULL, value);
    e->title = json_member_id(o, "ItemId", digits[1]);
    return event_check(e, j->now_ms, err);
}

static int put_event(void *ctx, struct json_object *o, const struct json_place *place,
                     struct mq_error *err)
{
    struct job *j = ctx;
    struct event e;
    struct mq_error why;
    char digits[2][JSON_READ_DIGITS];
    struct event_place at = {place->index,
                             json_place_line(place),
                             {place->body.p + place->from, place->to - place->from}};
    if (read_event(j, o, &e, digits, &why) != 0)
        return j->sink->refused(j->sink->ctx, &at, &why, err);
    int rc = event_keep(&e, j->arena, err);
    return rc ? rc : j->sink->event(j->sink->ctx, place->index, &e, err);
}

static int put_broken(void *ctx, const struct json_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    (void)ctx;
    (void)place;
    *err = *why;
    return why->status;
}

static int each(struct str body,
                int (*value)(void *, struct json_object *, const struct json_place *,
                             struct mq_error *),
                struct job *j, struct mq_error *err)
{
    struct json_tokener *tok = json_body_tokener(DEPTH);
    if (!tok)
        return mq_fail(err, MQ_NO_MEMORY, "body: no memory: free some");
    struct json_body b = {.tok = tok,
                          .max_value = GORSE_VALUE_MAX,
                          .max_values = GORSE_VALUES_MAX,
                          .what = "records"};
    struct json_body_sink sink = {.ctx = j, .value = value, .broken = put_broken};
    int rc = json_body_each(&b, body, &sink, err);
    json_tokener_free(tok);
    return rc;
}

int gorse_read_events(struct str body, enum gorse_records records, int64_t now_ms,
                      struct arena *arena, const struct event_sink *sink, struct mq_error *err)
{
    struct job j = {.records = records, .now_ms = now_ms, .arena = arena, .sink = sink};
    return each(body, put_event, &j, err);
}

/* ---------------------------------------------------------------- items */

struct texts {
    struct str *item; /* (cap) in the arena */
    uint16_t n;
};

static int add_text(struct texts *t, struct json_object *v, struct arena *arena,
                    struct mq_error *err)
{
    if (!v || !json_object_is_type(v, json_type_string) || t->n == TITLE_LIST_MAX)
        return 0;
    struct str text = {json_object_get_string(v), (size_t)json_object_get_string_len(v)};
    if (text.n == 0)
        return 0;
    t->item[t->n] = arena_str(arena, text);
    if (!t->item[t->n].p)
        return mq_fail(err, MQ_NO_MEMORY, "items: no memory: free some");
    t->n++;
    return 0;
}

/* Texts of a list, or of an object's members and their lists. */
static int add_texts(struct texts *t, struct json_object *v, struct arena *arena,
                     struct mq_error *err)
{
    int rc = 0;
    if (!t->item && !(t->item = ARENA_ARRAY(arena, TITLE_LIST_MAX, struct str)))
        return mq_fail(err, MQ_NO_MEMORY, "items: no memory: free some");
    if (v && json_object_is_type(v, json_type_array)) {
        for (size_t i = 0; rc == 0 && i < json_object_array_length(v); i++)
            rc = add_text(t, json_object_array_get_idx(v, i), arena, err);
    } else if (v && json_object_is_type(v, json_type_object)) {
        json_object_object_foreach(v, key, member)
        {
            (void)key;
            if (rc == 0)
                rc = member && json_object_is_type(member, json_type_array)
                         ? add_texts(t, member, arena, err)
                         : add_text(t, member, arena, err);
        }
    }
    return rc;
}

static int grow(struct job *j, struct mq_error *err)
{
    if (j->n < j->cap)
        return 0;
    size_t cap = j->cap ? 2 * j->cap : 16;
    struct title *more = ARENA_ARRAY(j->arena, cap, struct title);
    if (!more)
        return mq_fail(err, MQ_NO_MEMORY, "items: no memory: free some");
    if (j->n > 0)
        memcpy(more, j->titles, j->n * sizeof(*more));
    j->titles = more;
    j->cap = cap;
    return 0;
}

static int read_item(struct job *j, struct json_object *o, struct str change, struct title *ret,
                     struct mq_error *err)
{
    struct texts genres = {NULL, 0}, tags = {NULL, 0};
    char digits[JSON_READ_DIGITS];
    int64_t at_ms = 0;
    struct title t;
    title_init(&t);
    if (!o || !json_object_is_type(o, json_type_object))
        return mq_fail(err, MQ_INVALID, "item: must be an object");
    int rc = take_time(o, &at_ms, err);
    if (rc == 0)
        rc = add_texts(&genres, json_member(o, "Categories"), j->arena, err);
    if (rc == 0)
        rc = add_texts(&tags, json_member(o, "Labels"), j->arena, err);
    if (rc)
        return rc;
    struct str id = change.n > 0 ? change : json_member_id(o, "ItemId", digits);
    struct str name = json_member_text(o, "Comment");
    if (name.n == 0 && change.n == 0)
        name = id;
    t.id = arena_str(j->arena, id);
    t.name = arena_str(j->arena, name);
    t.added_ms = at_ms > 0 ? at_ms : 0;
    t.genres = genres.item;
    t.n_genres = genres.n;
    t.tags = tags.item;
    t.n_tags = tags.n;
    if ((id.n > 0 && !t.id.p) || (t.name.n > 0 && !t.name.p))
        return mq_fail(err, MQ_NO_MEMORY, "items: no memory: free some");
    rc = title_check(&t, err);
    if (rc == 0)
        *ret = t;
    return rc;
}

static int put_item(void *ctx, struct json_object *o, const struct json_place *place,
                    struct mq_error *err)
{
    struct job *j = ctx;
    (void)place;
    int rc = grow(j, err);
    if (rc == 0)
        rc = read_item(j, o, STR_NONE, &j->titles[j->n], err);
    j->n += rc == 0;
    return rc;
}

int gorse_read_item_change(struct str body, struct str id, struct arena *arena, struct title *ret,
                           struct mq_error *err)
{
    struct job j = {.arena = arena};
    struct json_object *o = NULL;
    struct json_tokener *tok = json_body_tokener(DEPTH);
    size_t at = json_read_space(body, 0);
    if (!tok)
        return mq_fail(err, MQ_NO_MEMORY, "body: no memory: free some");
    int rc = json_read_value(tok, body, &at, GORSE_VALUE_MAX, 1, &o, err);
    json_tokener_free(tok);
    if (rc)
        return rc;
    at = json_read_space(body, at);
    rc = at < body.n ? json_read_fail(body, at, 1, "text behind the item: leave it out", err)
                     : read_item(&j, o, id, ret, err);
    json_object_put(o);
    return rc;
}

int gorse_read_items(struct str body, struct arena *arena, struct title **ret_titles, size_t *ret_n,
                     struct mq_error *err)
{
    struct job j = {.arena = arena};
    int rc = each(body, put_item, &j, err);
    if (rc == 0) {
        *ret_titles = j.titles;
        *ret_n = j.n;
    }
    return rc;
}
