#include "wire/personalize.h"

#include <stdio.h>

#include "wire/json_body.h"
#include "wire/json_envelope.h"

enum { DEPTH = 8, PROPERTIES_MAX = 1024 }; /* bytes, by the service's limit */

struct job {
    struct str viewer, session;
    int64_t now_ms;
    struct arena *arena;
    const struct event_sink *sink;
    struct json_tokener *tok;
};

/* ---------------------------------------------------------------- events */

void personalize_set_type(struct event *e, struct str type, bool has_value, double value)
{
    char low[64];
    size_t n = type.n < sizeof(low) ? type.n : 0;
    for (size_t i = 0; i < n; i++)
        low[i] = (char)(type.p[i] >= 'A' && type.p[i] <= 'Z' ? type.p[i] + ('a' - 'A') : type.p[i]);
    struct str word = {low, n};
    e->kind = str_eq(word, STR("watch")) ? EVENT_PLAY : event_kind_from(word);
    if (e->kind == EVENT_CUSTOM)
        e->custom = type;
    if (has_value && (e->kind == EVENT_RATING || e->kind == EVENT_THUMB))
        e->value = (float)value;
    if (has_value && e->kind == EVENT_RATING)
        e->scale = value > 5 ? 10 : 5;
}

static void set_type(struct json_object *o, struct str type, struct event *e)
{
    struct mq_error unused;
    double value = 0;
    struct json_object *v = json_member(o, "eventValue");
    bool has_value = v && json_read_number("eventValue", v, &value, &unused) == 0;
    personalize_set_type(e, type, has_value, value);
}

static void take_ms(struct json_object *o, const char *key, int64_t *ret)
{
    struct mq_error unused;
    struct json_object *v = json_member(o, key);
    if (v)
        (void)json_read_whole(key, v, -EVENT_POSITION_MAX, EVENT_POSITION_MAX, ret, &unused);
}

/* Whatever cannot be read of it is left out: properties are the sender's own. */
static void take_properties(const struct job *j, struct json_object *o, struct event *e)
{
    struct mq_error unused;
    struct json_object *properties = NULL;
    struct json_object *given = json_member(o, "properties");
    struct str text = json_member_text(o, "properties");
    double rate;
    size_t at = 0;
    if (text.n > 0 && text.n <= PROPERTIES_MAX &&
        json_read_value(j->tok, text, &at, text.n, 1, &properties, &unused) != 0)
        properties = NULL;
    struct json_object *from = properties ? properties : given;
    take_ms(from, "position_ms", &e->position_ms);
    take_ms(from, "from_ms", &e->from_ms);
    struct json_object *v = json_member(from, "rate");
    if (v && json_read_number("rate", v, &rate, &unused) == 0 && rate > 0 && rate < 1000)
        e->rate_milli = (int32_t)(rate * 1000 + 0.5);
    json_object_put(properties);
}

static int put(const struct job *j, size_t index, struct event *e, const struct event_place *place,
               struct mq_error *err)
{
    struct mq_error why;
    if (event_check(e, j->now_ms, &why) != 0)
        return j->sink->refused(j->sink->ctx, place, &why, err);
    int rc = event_keep(e, j->arena, err);
    return rc ? rc : j->sink->event(j->sink->ctx, index, e, err);
}

static int put_impression(const struct job *j, size_t index, struct json_object *list,
                          const struct event *of, const struct event_place *place,
                          struct mq_error *err)
{
    struct event_item items[PERSONALIZE_IMPRESSIONS];
    char id[EVENT_ID_MAX + 16];
    struct event e;
    size_t n = json_object_array_length(list);
    event_init(&e);
    e.source = of->source;
    e.viewer = of->viewer;
    e.at_ms = of->at_ms;
    e.kind = EVENT_IMPRESSION;
    e.recommendation = of->recommendation;
    if (of->id.n > 0 && of->id.n + 11 <= EVENT_ID_MAX) {
        int written = snprintf(id, sizeof(id), "%.*s/impression", STR_ARG(of->id));
        e.id = (struct str){id, (size_t)written};
    }
    for (size_t i = 0; i < n && e.n_items < PERSONALIZE_IMPRESSIONS; i++) {
        struct json_object *v = json_object_array_get_idx(list, i);
        if (!v || !json_object_is_type(v, json_type_string))
            continue;
        items[e.n_items] = (struct event_item){
            .title = {json_object_get_string(v), (size_t)json_object_get_string_len(v)},
            .title_id = {ID_NONE},
            .column = (uint16_t)i,
            .propensity = __builtin_nanf("")};
        e.n_items++;
    }
    e.items = items;
    return e.n_items > 0 ? put(j, index, &e, place, err) : 0;
}

static int read_event(const struct job *j, struct json_object *o, struct event *e,
                      struct mq_error *err)
{
    double sent;
    struct json_object *at = json_member(o, "sentAt");
    struct str type = json_member_text(o, "eventType");
    event_init(e);
    if (type.n == 0)
        return mq_fail(err, MQ_INVALID, "eventType: missing: say what it was");
    if (!at || json_read_number("sentAt", at, &sent, err) != 0 || !(sent > -1e12 && sent < 1e12))
        return mq_fail(err, MQ_INVALID, "sentAt: missing or no epoch seconds");
    set_type(o, type, e);
    e->source = STR("personalize");
    e->viewer = j->viewer;
    e->session = event_kind_is_playback(e->kind) ? j->session : STR_NONE;
    e->at_ms = (int64_t)(sent * 1000);
    e->id = json_member_text(o, "eventId");
    e->title = json_member_text(o, "itemId");
    e->recommendation = json_member_text(o, "recommendationId");
    if (event_kind_is_playback(e->kind))
        take_properties(j, o, e);
    return 0;
}

static int put_all(const struct job *j, const struct json_envelope *v, struct str body,
                   struct mq_error *err)
{
    struct event events[PERSONALIZE_EVENTS];
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < v->n; i++) {
        rc = read_event(j, v->elements[i].value, &events[i], err);
        if (rc)
            return mq_error_prefix(err, "eventList[%zu]", i);
    }
    for (size_t i = 0; rc == 0 && i < v->n; i++) {
        struct event_place place = json_envelope_place(v, body, i);
        struct event e = events[i];
        struct json_object *shown = json_member(v->elements[i].value, "impression");
        rc = put(j, i, &e, &place, err);
        if (rc == 0 && shown && json_object_is_type(shown, json_type_array))
            rc = put_impression(j, i, shown, &events[i], &place, err);
    }
    return rc;
}

int personalize_read_events(struct str body, int64_t now_ms, struct arena *arena,
                            const struct event_sink *sink, struct mq_error *err)
{
    struct json_envelope v;
    struct job j = {.now_ms = now_ms, .arena = arena, .sink = sink};
    int rc = json_envelope_read(body, STR("eventList"), PERSONALIZE_EVENTS, &v, err);
    if (rc)
        return rc;
    j.session = json_member_text(v.members, "sessionId");
    j.viewer = json_member_text(v.members, "userId");
    if (j.viewer.n == 0)
        j.viewer = j.session;
    j.tok = json_body_tokener(DEPTH);
    if (!j.tok)
        rc = mq_fail(err, MQ_NO_MEMORY, "body: no memory: free some");
    else if (json_member_text(v.members, "trackingId").n == 0)
        rc = mq_fail(err, MQ_INVALID, "trackingId: missing: any text will do");
    else if (j.session.n == 0)
        rc = mq_fail(err, MQ_INVALID, "sessionId: missing: give one");
    else if (!v.has_list || v.n == 0)
        rc = mq_fail(err, MQ_INVALID, "eventList: missing or empty: give 1 to %d events",
                     PERSONALIZE_EVENTS);
    else
        rc = put_all(&j, &v, body, err);
    if (j.tok)
        json_tokener_free(j.tok);
    json_envelope_release(&v);
    return rc;
}

/* ---------------------------------------------------------------- requests */

/* Lower-case letters of the ARN's last part. */
static struct str letters_of(struct str arn, char *out, size_t size)
{
    size_t from = arn.n, n = 0;
    while (from > 0 && arn.p[from - 1] != '/')
        from--;
    for (size_t i = from; i < arn.n && n < size; i++) {
        char c = arn.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + ('a' - 'A'));
        if (c >= 'a' && c <= 'z')
            out[n++] = c;
    }
    return (struct str){out, n};
}

enum personalize_recipe personalize_recipe_of(struct str arn)
{
    static const struct {
        const char *word;
        enum personalize_recipe recipe;
    } words[] = {
        {"becauseyouwatched", PERSONALIZE_BECAUSE}, {"morelike", PERSONALIZE_MORE_LIKE},
        {"similaritems", PERSONALIZE_MORE_LIKE},    {"sims", PERSONALIZE_MORE_LIKE},
        {"mostpopular", PERSONALIZE_POPULAR},       {"popularitycount", PERSONALIZE_POPULAR},
        {"trendingnow", PERSONALIZE_TRENDING},
    };
    char storage[256];
    struct str name = letters_of(arn, storage, sizeof(storage));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (memmem(name.p, name.n, words[i].word, strlen(words[i].word)))
            return words[i].recipe;
    }
    return PERSONALIZE_TOP_PICKS;
}

static const char *text_of(struct str s, struct arena *arena)
{
    char *p = arena_alloc(arena, s.n + 1);
    if (p && s.n > 0)
        memcpy(p, s.p, s.n);
    return p;
}

/* The context's keys are the data set's columns, in capitals by custom. */
static int take_context(struct json_object *context, struct arena *arena,
                        struct personalize_request *r, struct mq_error *err)
{
    struct str device = json_member_text(context, "DEVICE");
    struct str country = json_member_text(context, "COUNTRY");
    if (device.n == 0)
        device = json_member_text(context, "DEVICE_TYPE");
    r->device = device.n > 0 ? text_of(device, arena) : NULL;
    r->country = country.n > 0 ? text_of(country, arena) : NULL;
    if ((device.n > 0 && !r->device) || (country.n > 0 && !r->country))
        return mq_fail(err, MQ_NO_MEMORY, "request: no memory: free some");
    return 0;
}

static int take_input(const struct json_envelope *v, struct arena *arena,
                      struct personalize_request *r, struct mq_error *err)
{
    r->input = ARENA_ARRAY(arena, v->n + 1, const char *);
    if (!r->input)
        return mq_fail(err, MQ_NO_MEMORY, "request: no memory: free some");
    for (size_t i = 0; i < v->n; i++) {
        struct str id = STR_NONE;
        int rc = json_read_text("inputList", v->elements[i].value, &id, err);
        if (rc)
            return rc;
        r->input[r->n_input] = text_of(id, arena);
        if (!r->input[r->n_input])
            return mq_fail(err, MQ_NO_MEMORY, "request: no memory: free some");
        r->n_input += id.n > 0;
    }
    return 0;
}

static int take_request(const struct json_envelope *v, struct arena *arena,
                        struct personalize_request *r, struct mq_error *err)
{
    int64_t n = 25;
    struct str arn = json_member_text(v->members, "recommenderArn");
    struct json_object *wanted = json_member(v->members, "numResults");
    if (arn.n == 0)
        arn = json_member_text(v->members, "campaignArn");
    if (arn.n == 0)
        return mq_fail(err, MQ_INVALID, "recommenderArn: missing: give it, or a campaignArn");
    if (json_member_text(v->members, "filterArn").n > 0)
        return mq_fail(err, MQ_INVALID, "filterArn: there are no filters here: leave it out");
    int rc = wanted ? json_read_whole("numResults", wanted, 0, PERSONALIZE_RESULTS, &n, err) : 0;
    if (rc == 0)
        rc = take_context(json_member(v->members, "context"), arena, r, err);
    if (rc == 0)
        rc = take_input(v, arena, r, err);
    r->n = n > 0 ? (unsigned)n : 25;
    r->recipe = personalize_recipe_of(arn);
    r->user = text_of(json_member_text(v->members, "userId"), arena);
    r->item = text_of(json_member_text(v->members, "itemId"), arena);
    if (rc == 0 && (!r->user || !r->item))
        rc = mq_fail(err, MQ_NO_MEMORY, "request: no memory: free some");
    return rc;
}

int personalize_read_request(struct str body, struct arena *arena, struct personalize_request *ret,
                             struct mq_error *err)
{
    struct json_envelope v;
    struct personalize_request r = {.n = 0};
    int rc = json_envelope_read(body, STR("inputList"), PERSONALIZE_RESULTS, &v, err);
    if (rc)
        return rc;
    rc = take_request(&v, arena, &r, err);
    json_envelope_release(&v);
    if (rc == 0)
        *ret = r;
    return rc;
}
