/* segment.c - calls of Segment's and RudderStack's SDKs, one or a batch. */
#include "wire/segment.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "wire/countries.h"
#include "wire/device_words.h"
#include "wire/json_body.h"
#include "wire/json_envelope.h"
#include "wire/native_fields.h"
#include "wire/segment_traits.h"
#include "wire/segment_video.h"

static const struct {
    const char *word, *letter;
} calls[SEGMENT_CALLS] = {
    [SEGMENT_BATCH] = {"batch", "b"},       [SEGMENT_TRACK] = {"track", "t"},
    [SEGMENT_IDENTIFY] = {"identify", "i"}, [SEGMENT_PAGE] = {"page", "p"},
    [SEGMENT_SCREEN] = {"screen", "s"},     [SEGMENT_GROUP] = {"group", "g"},
    [SEGMENT_ALIAS] = {"alias", "a"},
};

bool segment_call_from(struct str word, enum segment_call *ret)
{
    for (int c = 0; c < SEGMENT_CALLS; c++) {
        if (str_eq(word, str_of(calls[c].word)) || str_eq(word, str_of(calls[c].letter))) {
            *ret = (enum segment_call)c;
            return true;
        }
    }
    return false;
}

enum {
    HASH_ID = 35,
    APP_PART = 60 /* bytes of an app's name and of its version */
};                /* "h-", 32 hex digits, NUL */

/* One body. */
struct job {
    const struct segment_options *o;
    const struct event_sink *sink;
    struct native_scratch *scratch;
    struct str batch_sent;
    bool archived; /* of a file */
};

/* One call's texts that are made here, until the sink has them. */
struct texts {
    char viewer[JSON_READ_DIGITS];
    char hash[HASH_ID];
    char app[2 * APP_PART + 2];
    struct segment_digits video;
    char other[JSON_READ_DIGITS];
    char attributes[ATTRIBUTES_TEXT_MAX];
};

/* ---------------------------------------------------------------- who, when */

static struct str who(struct json_object *call, char *digits)
{
    struct str user = json_member_id(call, "userId", digits);
    return user.n > 0 ? user : json_member_id(call, "anonymousId", digits);
}

static int read_id(struct json_object *call, struct texts *t, struct str *ret, struct mq_error *err)
{
    struct str id = json_member_text(call, "messageId");
    if (id.n > SEGMENT_ID_MAX)
        return mq_fail(err, MQ_INVALID, "messageId: %.40s...: %zu bytes: at most %d are allowed",
                       str_is_utf8((struct str){id.p, 40}) ? id.p : "?", id.n, SEGMENT_ID_MAX);
    if (id.n == 0) {
        /* sentAt changes when it is sent again. */
        json_object_object_del(call, "sentAt");
        const char *text = json_object_to_json_string_ext(call, JSON_C_TO_STRING_PLAIN);
        struct hash128 h = hash128(text, strlen(text));
        int n = snprintf(t->hash, sizeof(t->hash), "h-%016llx%016llx", (unsigned long long)h.hi,
                         (unsigned long long)h.lo);
        id = (struct str){t->hash, (size_t)n};
    }
    *ret = id;
    return 0;
}

static bool instant(struct str text, int64_t *ret)
{
    return text.n > 0 && time_parse(text, ret, NULL);
}

/* See the header on files. */
static int when_archived(const struct job *j, struct json_object *call, int64_t *ret,
                         struct mq_error *err)
{
    int64_t at, sent, received;
    struct str original = json_member_text(call, "originalTimestamp");
    if (instant(json_member_text(call, "timestamp"), &at)) {
        *ret = at;
        return 0;
    }
    if (!instant(original, &at))
        return mq_fail(err, MQ_INVALID,
                       "timestamp: missing or no time: a call of a file needs one");
    if (instant(json_member_text(call, "receivedAt"), &received) &&
        (instant(json_member_text(call, "sentAt"), &sent) || instant(j->batch_sent, &sent)))
        at += received - sent;
    *ret = at;
    return 0;
}

static int64_t when(const struct job *j, struct json_object *call)
{
    int64_t at = j->o->received_ms;
    int64_t sent = 0;
    if (!instant(json_member_text(call, "originalTimestamp"), &at) &&
        !instant(json_member_text(call, "timestamp"), &at))
        return at;
    if (!instant(json_member_text(call, "sentAt"), &sent) && !instant(j->batch_sent, &sent))
        return at;
    int64_t off = j->o->received_ms - sent;
    return off > SEGMENT_WAY_MS || off < -SEGMENT_WAY_MS ? at + off : at;
}

/* ---------------------------------------------------------------- where, on what */

static enum device device_of(struct json_object *context)
{
    struct json_object *device = json_member(context, "device");
    const struct str said[] = {
        json_member_text(device, "type"),
        json_member_text(device, "model"),
        json_member_text(device, "name"),
        json_member_text(json_member(context, "os"), "name"),
        json_member_text(context, "userAgent"),
    };
    enum device first = DEVICE_NONE;
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        enum device d = device_of_words(said[i]);
        /* The mobile libraries call every device "ios" or "android": a better word may follow. */
        bool system = i == 0 && (str_eq_nocase(said[0], STR("ios")) ||
                                 str_eq_nocase(said[0], STR("android")));
        if (d != DEVICE_NONE && !system)
            return d;
        first = first == DEVICE_NONE ? d : first;
    }
    return first;
}

static void take_place(struct json_object *where, struct context *c)
{
    struct str country = json_member_text(where, "country");
    struct str region = json_member_text(where, "region");
    if (c->country == 0 && country.n > 0)
        (void)country_find(country, &c->country);
    if (region.n == 0)
        region = json_member_text(where, "state");
    if (c->region.n == 0 && region.n <= EVENT_TEXT_MAX && !str_has_control(region))
        c->region = region;
}

/* "name version" */
static void take_app(struct json_object *app, struct texts *t, struct event *e)
{
    struct str name = json_member_text(app, "name"), version = json_member_text(app, "version");
    struct buf b;
    buf_over(&b, t->app, sizeof(t->app));
    buf_add(&b, name.p, name.n < APP_PART ? name.n : APP_PART);
    buf_add_z(&b, name.n && version.n ? " " : "");
    buf_add(&b, version.p, version.n < APP_PART ? version.n : APP_PART);
    struct str text = buf_str(&b);
    if (str_is_utf8(text) && !str_has_control(text))
        e->app = text;
}

static void take_context(struct json_object *call, struct texts *t, struct event *e)
{
    struct json_object *context = json_member(call, "context");
    struct json_object *traits = json_member(call, "traits");
    int minutes;
    e->context.device = (uint8_t)device_of(context);
    take_place(json_member(context, "location"), &e->context);
    take_place(json_member(traits ? traits : json_member(context, "traits"), "address"),
               &e->context);
    take_app(json_member(context, "app"), t, e);
    struct str zone = json_member_text(context, "timezone");
    if (zone.n > 0 && offset_of_zone(zone, e->at_ms, &minutes))
        e->context.offset_min = (int16_t)minutes;
}

/* ---------------------------------------------------------------- one call */

/* Properties as a native event's members; who, when and id are the call's. */
static int read_native(struct job *j, struct str name, struct json_object *properties,
                       struct event *e, struct mq_error *err)
{
    if (!j->scratch)
        j->scratch = ARENA_NEW(j->o->arena, struct native_scratch);
    struct json_object *kind = json_object_new_string_len(name.p, (int)name.n);
    if (!j->scratch || !kind || json_object_object_add(properties, "kind", kind) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "call: no memory: free some");
    return native_fields(properties, j->o->received_ms, j->scratch, e, err);
}

static int read_track(struct job *j, struct json_object *call, struct texts *t, struct event *e,
                      struct mq_error *err)
{
    struct str name = json_member_text(call, "event");
    struct json_object *properties = json_member(call, "properties");
    if (name.n == 0)
        return mq_fail(err, MQ_INVALID, "event: missing: name what was tracked");
    if (segment_video(name, properties, &t->video, e)) {
        if (e->title.n == 0)
            return mq_fail(err, MQ_INVALID,
                           "content_asset_id: missing: a video event must say of what");
        return 0;
    }
    if (event_kind_from(name) != EVENT_CUSTOM && properties &&
        json_object_is_type(properties, json_type_object)) {
        return read_native(j, name, properties, e, err);
    }
    e->custom = name;
    e->title = segment_title(properties, t->video.title);
    e->session = json_member_id(properties, "session_id", t->video.session);
    return 0;
}

/* An identify names the anonymous id that it was until now; an alias any former one. */
static int read_who(struct json_object *call, enum segment_call kind, struct texts *t,
                    struct event *e, struct mq_error *err)
{
    struct buf text;
    buf_over(&text, t->attributes, sizeof(t->attributes));
    e->other = json_member_id(call, kind == SEGMENT_ALIAS ? "previousId" : "anonymousId", t->other);
    if (str_eq(e->other, e->viewer))
        e->other = STR_NONE;
    if (kind == SEGMENT_ALIAS && e->other.n == 0)
        return mq_fail(err, MQ_INVALID, "previousId: missing: say who userId was before");
    if (kind == SEGMENT_IDENTIFY)
        segment_traits(json_member(call, "traits"), e->at_ms, &text);
    e->attributes = text.failed ? STR_NONE : buf_str(&text);
    return 0;
}

static int read_call(struct job *j, struct json_object *call, enum segment_call kind,
                     struct texts *t, struct event *e, struct mq_error *err)
{
    event_init(e);
    int rc = 0;
    if (kind == SEGMENT_TRACK)
        rc = read_track(j, call, t, e, err);
    else if (kind == SEGMENT_IDENTIFY || kind == SEGMENT_ALIAS)
        e->kind = EVENT_IDENTIFY;
    else
        e->custom = str_of(calls[kind].word);
    if (rc)
        return rc;
    e->viewer = who(call, t->viewer);
    if (e->viewer.n == 0)
        return mq_fail(err, MQ_INVALID, "userId: missing: give it, or an anonymousId");
    bool rudder = json_member(call, "channel") && json_member(call, "originalTimestamp");
    e->source = rudder ? STR("rudderstack") : STR("segment");
    e->archived = j->archived;
    if (!j->archived)
        e->at_ms = when(j, call);
    else if ((rc = when_archived(j, call, &e->at_ms, err)) != 0)
        return rc;
    take_context(call, t, e);
    if (e->kind == EVENT_IDENTIFY)
        rc = read_who(call, kind, t, e, err);
    return rc ? rc : read_id(call, t, &e->id, err);
}

static int take(struct job *j, struct json_object *call, enum segment_call kind,
                const struct event_place *place, struct mq_error *err)
{
    struct event e;
    struct texts texts;
    struct mq_error why;
    int rc = 0;
    if (!call || !json_object_is_type(call, json_type_object))
        rc = mq_fail(&why, MQ_INVALID, "call: must be an object");
    else if (place->raw.n > SEGMENT_EVENT_MAX)
        rc = mq_fail(&why, MQ_TOO_LARGE, "call: %zu bytes: at most %d are allowed", place->raw.n,
                     SEGMENT_EVENT_MAX);
    else if (kind == SEGMENT_BATCH &&
             (!segment_call_from(json_member_text(call, "type"), &kind) || kind == SEGMENT_BATCH))
        rc =
            mq_fail(&why, MQ_INVALID,
                    "type: missing or unknown: give track, identify, page, screen, group or alias");
    if (rc == 0)
        rc = read_call(j, call, kind, &texts, &e, &why);
    if (rc == 0)
        rc = event_check(&e, j->o->received_ms, &why);
    if (rc)
        return j->sink->refused(j->sink->ctx, place, &why, err);
    rc = event_keep(&e, j->o->arena, err);
    return rc ? rc : j->sink->event(j->sink->ctx, place->index, &e, err);
}

/* ---------------------------------------------------------------- the body */

static int keep_key(const struct job *j, struct json_object *from, struct str *ret,
                    struct mq_error *err)
{
    struct str key = json_member_text(from, "writeKey");
    *ret = arena_str(j->o->arena, key);
    if (key.n > 0 && !ret->p)
        return mq_fail(err, MQ_NO_MEMORY, "writeKey: no memory");
    return 0;
}

static const struct json_keep kept_properties[] = {JSON_KEEP("content_asset_id", NULL),
                                                   JSON_KEEP("content_asset_ids", NULL),
                                                   JSON_KEEP("asset_id", NULL),
                                                   JSON_KEEP("title_id", NULL),
                                                   JSON_KEEP("session_id", NULL),
                                                   JSON_KEEP("position", NULL),
                                                   JSON_KEEP("seek_position", NULL),
                                                   JSON_KEEP("autoplay", NULL),
                                                   JSON_KEEP("recommendation_id", NULL),
                                                   JSON_KEEP("playback_rate", NULL),
                                                   JSON_KEEP("rate", NULL),
                                                   JSON_KEEP_END};
static const struct json_keep kept_context[] = {
    JSON_KEEP("device", NULL),    JSON_KEEP("os", NULL),
    JSON_KEEP("userAgent", NULL), JSON_KEEP("location", NULL),
    JSON_KEEP("traits", NULL),    JSON_KEEP("app", NULL),
    JSON_KEEP("timezone", NULL),  JSON_KEEP_END};
static const struct json_keep kept[] = {JSON_KEEP("type", NULL),
                                        JSON_KEEP("event", NULL),
                                        JSON_KEEP("userId", NULL),
                                        JSON_KEEP("anonymousId", NULL),
                                        JSON_KEEP("previousId", NULL),
                                        JSON_KEEP("messageId", NULL),
                                        JSON_KEEP("timestamp", NULL),
                                        JSON_KEEP("originalTimestamp", NULL),
                                        JSON_KEEP("sentAt", NULL),
                                        JSON_KEEP("channel", NULL),
                                        JSON_KEEP("traits", NULL),
                                        JSON_KEEP("properties", kept_properties),
                                        JSON_KEEP("context", kept_context),
                                        JSON_KEEP_END};

/* Without a messageId all members are the identity; events that are none of a video may have a native one's. */
static bool says_enough(struct json_object *call)
{
    static const struct str video = {"Video ", 6};
    struct str type = json_member_text(call, "type");
    struct str name = json_member_text(call, "event");
    enum segment_call kind;
    if (json_member_text(call, "messageId").n == 0 || !segment_call_from(type, &kind))
        return false;
    return kind != SEGMENT_TRACK ||
           (name.n > video.n && str_eq_nocase((struct str){name.p, video.n}, video));
}

static int read_batch(struct job *j, struct str body, struct str *ret_key, struct mq_error *err)
{
    struct json_envelope v;
    if (body.n > SEGMENT_BATCH_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "batch: %zu bytes: at most %d are allowed", body.n,
                       SEGMENT_BATCH_MAX);
    static const struct json_thinning thinning = {kept, says_enough};
    int rc = json_envelope_read_thin(body, STR("batch"), SEGMENT_BATCH_EVENTS, &thinning, &v, err);
    if (rc)
        return rc;
    if (!v.has_list)
        rc = mq_fail(err, MQ_INVALID, "batch: missing: give a list of calls");
    if (rc == 0)
        rc = keep_key(j, v.members, ret_key, err);
    j->batch_sent = json_member_text(v.members, "sentAt");
    for (size_t i = 0; rc == 0 && i < v.n; i++) {
        struct event_place place = json_envelope_place(&v, body, i);
        rc = take(j, v.elements[i].value, SEGMENT_BATCH, &place, err);
    }
    json_envelope_release(&v);
    return rc;
}

static int read_one(struct job *j, struct str body, struct str *ret_key, struct mq_error *err)
{
    size_t at = json_read_space(body, 0);
    struct json_object *call = NULL;
    struct event_place place = {.line = 1, .raw = {body.p + at, body.n - at}};
    struct json_tokener *tok = json_body_tokener(JSON_ENVELOPE_DEPTH);
    int rc = tok ? 0 : mq_fail(err, MQ_NO_MEMORY, "body: no memory: free some");
    if (rc == 0 && place.raw.n > SEGMENT_EVENT_MAX)
        rc = mq_fail(err, MQ_TOO_LARGE, "call: %zu bytes: at most %d are allowed", place.raw.n,
                     SEGMENT_EVENT_MAX);
    if (rc == 0)
        rc = json_read_value(tok, body, &at, body.n, 1, &call, err);
    if (tok)
        json_tokener_free(tok);
    if (rc)
        return rc;
    at = json_read_space(body, at);
    if (at < body.n)
        rc = json_read_fail(body, at, 1, "text behind the call: leave it out", err);
    if (rc == 0)
        rc = keep_key(j, call, ret_key, err);
    if (rc == 0)
        rc = take(j, call, j->o->call, &place, err);
    json_object_put(call);
    return rc;
}

int segment_read(struct str body, const struct segment_options *options,
                 const struct event_sink *sink, struct str *ret_key, struct mq_error *err)
{
    struct job j = {.o = options, .sink = sink};
    struct str key = STR_NONE;
    int rc = options->call == SEGMENT_BATCH ? read_batch(&j, body, &key, err)
                                            : read_one(&j, body, &key, err);
    if (rc == 0)
        *ret_key = key;
    return rc;
}

/* ---------------------------------------------------------------- files */

struct file_job {
    const struct segment_file_options *o;
    const struct event_sink *sink;
};

static int refuse_line(void *ctx, const struct json_place *at, const struct mq_error *why,
                       struct mq_error *err)
{
    struct file_job *f = ctx;
    uint64_t line = json_place_line(at);
    struct event_place place = {.index = (size_t)(line - f->o->first_line),
                                .line = line,
                                .raw = {at->body.p + at->from, at->to - at->from}};
    return f->sink->refused(f->sink->ctx, &place, why, err);
}

static int take_listed(struct job *j, struct json_object *list, struct event_place place,
                       struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < json_object_array_length(list); i++) {
        struct json_object *call = json_object_array_get_idx(list, i);
        /* A copy: reading the call may write it anew. */
        place.raw = arena_str(j->o->arena,
                              str_of(json_object_to_json_string_ext(call, JSON_C_TO_STRING_PLAIN)));
        rc = place.raw.p ? take(j, call, SEGMENT_BATCH, &place, err)
                         : mq_fail(err, MQ_NO_MEMORY, "batch: no memory: send it in parts");
    }
    return rc;
}

static int take_value(void *ctx, struct json_object *v, const struct json_place *at,
                      struct mq_error *err)
{
    struct file_job *f = ctx;
    arena_reset(f->o->arena);
    struct segment_options o = {SEGMENT_BATCH, f->o->now_ms, f->o->arena};
    struct job j = {.o = &o, .sink = f->sink, .archived = true};
    struct json_object *list = json_member(v, "batch");
    uint64_t line = json_place_line(at);
    struct event_place place = {.index = (size_t)(line - f->o->first_line),
                                .line = line,
                                .raw = {at->body.p + at->from, at->to - at->from}};
    if (!list || !json_object_is_type(list, json_type_array))
        return take(&j, v, SEGMENT_BATCH, &place, err);
    j.batch_sent = json_member_text(v, "sentAt");
    return take_listed(&j, list, place, err);
}

int segment_read_file(struct str bytes, const struct segment_file_options *options,
                      const struct event_sink *sink, struct mq_error *err)
{
    struct file_job f = {options, sink};
    struct json_tokener *tok = json_body_tokener(JSON_ENVELOPE_DEPTH);
    if (!tok)
        return mq_fail(err, MQ_NO_MEMORY, "calls: no memory: free some");
    struct json_body b = {.tok = tok,
                          .lines = options->lines,
                          .max_value = SEGMENT_FILE_BATCH_MAX,
                          .first_line = options->first_line,
                          .what = "calls"};
    int rc = json_body_each(
        &b, bytes, &(struct json_body_sink){.ctx = &f, .value = take_value, .broken = refuse_line},
        err);
    json_tokener_free(tok);
    return rc;
}
