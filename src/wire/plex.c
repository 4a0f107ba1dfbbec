#include "wire/plex.h"

#include <math.h>

#include "wire/device_words.h"
#include "wire/json_envelope.h"
#include "wire/multipart.h"

/* What a call's texts that are numbers become. */
struct digits {
    char viewer[JSON_READ_DIGITS], title[JSON_READ_DIGITS];
};

static int set_rating(struct json_object *metadata, struct event *e, struct mq_error *err)
{
    struct json_object *v = json_member(metadata, "userRating");
    double rating = 0;
    if (!v)
        v = json_member(metadata, "rating");
    if (!v || json_read_number("userRating", v, &rating, err) != 0 || !(rating > 0))
        return mq_fail(err, MQ_INVALID, "userRating: none: a rating was taken back, or is missing");
    e->kind = EVENT_RATING;
    e->value = (float)rating;
    e->scale = 10;
    return 0;
}

static int set_kind(struct json_object *o, struct json_object *metadata, struct event *e,
                    struct mq_error *err)
{
    static const struct {
        const char *event;
        enum event_kind kind;
    } events[] = {{"media.play", EVENT_START},
                  {"media.resume", EVENT_PLAY},
                  {"media.pause", EVENT_PAUSE},
                  {"media.stop", EVENT_STOP},
                  {"media.scrobble", EVENT_PROGRESS}};
    struct str event = json_member_text(o, "event");
    if (event.n == 0)
        return mq_fail(err, MQ_INVALID, "event: missing: is it a webhook of Plex?");
    if (str_eq(event, STR("media.rate")))
        return set_rating(metadata, e, err);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (str_eq(event, str_of(events[i].event))) {
            e->kind = events[i].kind;
            return 0;
        }
    }
    e->custom = event;
    return 0;
}

static bool is_video(struct str type)
{
    static const char *const types[] = {"movie", "episode", "clip", "show", "season"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (type.n == 0 || str_eq(type, str_of(types[i])))
            return true;
    }
    return false;
}

static struct str session_of(struct json_object *player, struct str title, struct arena *arena)
{
    struct str device = json_member_text(player, "uuid");
    size_t n = device.n + 1 + title.n;
    char *p = arena_alloc(arena, n);
    if (!p || n > EVENT_ID_MAX || title.n == 0)
        return title;
    if (device.n > 0)
        memcpy(p, device.p, device.n);
    p[device.n] = ':';
    memcpy(p + device.n + 1, title.p, title.n);
    return (struct str){p, n};
}

static int read_call(struct json_object *o, int64_t now_ms, struct arena *arena, struct event *e,
                     struct digits *digits, struct mq_error *err)
{
    struct json_object *metadata = json_member(o, "Metadata");
    struct json_object *player = json_member(o, "Player");
    struct json_object *offset = json_member(metadata, "viewOffset");
    struct str type = json_member_text(metadata, "type");
    struct mq_error unused;
    event_init(e);
    e->source = STR("plex");
    e->at_ms = now_ms;
    int rc = set_kind(o, metadata, e, err);
    if (rc)
        return rc;
    if (!is_video(type))
        return mq_fail(err, MQ_INVALID, "type: %.*s: is no video: it is not counted",
                       STR_ARG(type));
    e->viewer = json_member_id(json_member(o, "Account"), "id", digits->viewer);
    if (e->viewer.n == 0)
        return mq_fail(err, MQ_INVALID, "Account.id: missing: nobody to ascribe it to");
    e->title = json_member_id(metadata, "ratingKey", digits->title);
    if (e->title.n == 0)
        e->title = json_member_text(metadata, "guid");
    if (event_kind_is_playback(e->kind)) {
        e->session = session_of(player, e->title, arena);
        if (offset)
            (void)json_read_whole("viewOffset", offset, -EVENT_POSITION_MAX, EVENT_POSITION_MAX,
                                  &e->position_ms, &unused);
    }
    e->context.device = (uint8_t)device_of_words(json_member_text(player, "title"));
    return event_check(e, now_ms, err);
}

static int64_t small(struct json_object *o, const char *key, int64_t most)
{
    struct mq_error unused;
    int64_t v = 0;
    return json_read_whole(key, json_member(o, key), 0, most, &v, &unused) == 0 ? v : 0;
}

static void tell_genres(struct json_object *list, struct arena *arena, struct title *t)
{
    size_t n =
        list && json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
    struct str *v =
        n > 0 ? ARENA_ARRAY(arena, n < TITLE_LIST_MAX ? n : TITLE_LIST_MAX, struct str) : NULL;
    for (size_t i = 0; v && i < n && t->n_genres < TITLE_LIST_MAX; i++) {
        struct str tag = json_member_text(json_object_array_get_idx(list, i), "tag");
        bool again = tag.n == 0;
        for (size_t k = 0; !again && k < t->n_genres; k++)
            again = str_eq_nocase(v[k], tag);
        if (!again)
            v[t->n_genres++] = tag;
    }
    t->genres = v;
}

/* What it tells of the item; nothing that is out of range. */
static void tell_title(struct json_object *metadata, const struct event *e, struct arena *arena,
                       const struct event_sink *sink)
{
    enum { MINUTE_MS = 60000 };
    struct str type = json_member_text(metadata, "type");
    struct title t;
    title_init(&t);
    t.id = e->title;
    t.name = json_member_text(metadata, "title");
    t.kind = str_eq(type, STR("movie"))     ? TITLE_FILM
             : str_eq(type, STR("episode")) ? TITLE_EPISODE
             : str_eq(type, STR("show"))    ? TITLE_SERIES
             : str_eq(type, STR("season"))  ? TITLE_SEASON
                                            : TITLE_UNKNOWN;
    t.year = (int16_t)small(metadata, "year", 9999);
    t.runtime_min =
        (uint16_t)((small(metadata, "duration", (int64_t)UINT16_MAX * MINUTE_MS) + MINUTE_MS / 2) /
                   MINUTE_MS);
    if (t.kind == TITLE_EPISODE) {
        t.series = json_member_text(metadata, "grandparentTitle");
        t.season = (uint16_t)small(metadata, "parentIndex", UINT16_MAX);
        t.episode = (uint16_t)small(metadata, "index", UINT16_MAX);
    }
    tell_genres(json_member(metadata, "Genre"), arena, &t);
    if (t.id.n > 0 && t.name.n > 0)
        sink->title(sink->ctx, &t);
}

int plex_read(struct str content_type, struct str body, int64_t now_ms, struct arena *arena,
              const struct event_sink *sink, struct mq_error *err)
{
    struct json_envelope v;
    struct event e;
    struct mq_error why;
    struct digits digits;
    int rc = 0;
    if (multipart_is(content_type))
        rc = multipart_part(content_type, body, "payload", &body, err);
    if (rc == 0)
        rc = json_envelope_read(body, STR_NONE, 0, &v, err);
    if (rc)
        return rc;
    struct event_place place = {.line = 1, .raw = body};
    if (read_call(v.members, now_ms, arena, &e, &digits, &why) != 0)
        rc = sink->refused(sink->ctx, &place, &why, err);
    else if ((rc = event_keep(&e, arena, err)) == 0 &&
             (rc = sink->event(sink->ctx, 0, &e, err)) == 0 && sink->title)
        tell_title(json_member(v.members, "Metadata"), &e, arena, sink);
    json_envelope_release(&v);
    return rc;
}
