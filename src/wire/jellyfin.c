#include "wire/jellyfin.h"

#include <math.h>

#include "base/clock.h"
#include "list_text.h"
#include "wire/device_words.h"
#include "wire/json_envelope.h"

enum { TICKS_PER_MS = 10000 };

static bool truth(struct json_object *o, const char *key, bool *ret)
{
    struct json_object *v = json_member(o, key);
    struct str text = json_member_text(o, key);
    if (v && json_object_is_type(v, json_type_boolean))
        *ret = json_object_get_boolean(v);
    else if (str_eq_nocase(text, STR("true")))
        *ret = true;
    else if (str_eq_nocase(text, STR("false")))
        *ret = false;
    else
        return false;
    return true;
}

static bool number(struct json_object *o, const char *key, double *ret)
{
    struct mq_error unused;
    struct json_object *v = json_member(o, key);
    struct str text = json_member_text(o, key);
    if (text.n > 0)
        return str_to_double(text, ret);
    return v && json_read_number(key, v, ret, &unused) == 0;
}

static int64_t position(struct json_object *o)
{
    double ticks;
    if (!number(o, "PlaybackPositionTicks", &ticks) ||
        !(fabs(ticks / TICKS_PER_MS) <= EVENT_POSITION_MAX))
        return EVENT_ABSENT;
    return (int64_t)(ticks / TICKS_PER_MS);
}

static bool is_video(struct str type)
{
    static const char *const types[] = {"Movie", "Episode", "Video", "MusicVideo", "Program"};
    if (type.n == 0)
        return true;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (str_eq_nocase(type, str_of(types[i])))
            return true;
    }
    return false;
}

static int set_playback(struct json_object *o, enum event_kind kind, struct event *e,
                        struct mq_error *err)
{
    struct str type = json_member_text(o, "ItemType");
    bool flag = false;
    if (!is_video(type))
        return mq_fail(err, MQ_INVALID, "ItemType: %.*s: is no video: it is not counted",
                       STR_ARG(type));
    e->kind = kind;
    if (kind == EVENT_PROGRESS)
        e->kind = truth(o, "IsPaused", &flag) && flag ? EVENT_PAUSE : EVENT_PLAY;
    else if (kind == EVENT_STOP && truth(o, "PlayedToCompletion", &flag) && flag)
        e->kind = EVENT_COMPLETE;
    e->position_ms = position(o);
    return 0;
}

/* The one thing that a saved rating says; false when it says none. */
static bool set_saved(struct json_object *o, struct event *e)
{
    bool flag;
    double rating;
    if (!str_eq(json_member_text(o, "SaveReason"), STR("UpdateUserRating")))
        return false;
    if (truth(o, "Likes", &flag)) {
        e->kind = EVENT_THUMB;
        e->value = flag ? 1.0f : -1.0f;
    } else if (number(o, "Rating", &rating) && rating > 0) {
        e->kind = EVENT_RATING;
        e->value = (float)rating;
        e->scale = 10;
    } else if (truth(o, "Favorite", &flag)) {
        e->kind = flag ? EVENT_LIST_ADD : EVENT_LIST_REMOVE;
    } else {
        return false;
    }
    return true;
}

static int set_kind(struct json_object *o, struct event *e, struct mq_error *err)
{
    struct str type = json_member_text(o, "NotificationType");
    if (str_eq(type, STR("PlaybackStart")))
        return set_playback(o, EVENT_START, e, err);
    if (str_eq(type, STR("PlaybackProgress")))
        return set_playback(o, EVENT_PROGRESS, e, err);
    if (str_eq(type, STR("PlaybackStop")))
        return set_playback(o, EVENT_STOP, e, err);
    if (str_eq(type, STR("UserDataSaved")) && set_saved(o, e))
        return 0;
    if (type.n == 0)
        return mq_fail(err, MQ_INVALID, "NotificationType: missing: switch on Send All Properties");
    e->kind = EVENT_CUSTOM;
    e->custom = type;
    return 0;
}

static struct str session_of(struct json_object *o, struct str item, struct arena *arena)
{
    char digits[JSON_READ_DIGITS];
    struct str play = json_member_text(o, "PlaySessionId");
    struct str device = json_member_id(o, "DeviceId", digits);
    if (play.n > 0 || item.n == 0)
        return play;
    char *p = arena_alloc(arena, device.n + item.n + 1);
    if (!p || device.n + item.n + 1 > EVENT_ID_MAX)
        return item;
    if (device.n > 0)
        memcpy(p, device.p, device.n);
    p[device.n] = ':';
    memcpy(p + device.n + 1, item.p, item.n);
    return (struct str){p, device.n + 1 + item.n};
}

static int read_call(struct json_object *o, int64_t now_ms, struct arena *arena, struct event *e,
                     char digits[2][JSON_READ_DIGITS], struct mq_error *err)
{
    event_init(e);
    e->source = STR("jellyfin");
    e->at_ms = now_ms;
    int rc = set_kind(o, e, err);
    if (rc)
        return rc;
    struct str at = json_member_text(o, "UtcTimestamp");
    if (at.n > 0 && !time_parse(at, &e->at_ms, NULL))
        return mq_fail(err, MQ_INVALID, "UtcTimestamp: %.*s: is no time", STR_ARG(at));
    e->viewer = json_member_id(o, "UserId", digits[0]);
    if (e->viewer.n == 0)
        return mq_fail(err, MQ_INVALID, "UserId: missing: nobody to ascribe it to");
    e->title = json_member_id(o, "ItemId", digits[1]);
    e->session = event_kind_is_playback(e->kind) ? session_of(o, e->title, arena) : STR_NONE;
    e->context.device = (uint8_t)device_of_words(json_member_text(o, "ClientName"));
    if (e->context.device == DEVICE_NONE)
        e->context.device = (uint8_t)device_of_words(json_member_text(o, "DeviceName"));
    return event_check(e, now_ms, err);
}

/* Its quotes are escaped twice. */
static struct str unescaped(struct str s, struct arena *arena)
{
    char *p = s.n > 0 && memchr(s.p, '\\', s.n) ? arena_alloc(arena, s.n) : NULL;
    size_t n = 0;
    if (!p)
        return s;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '\\' || i + 1 == s.n || s.p[i + 1] != '"')
            p[n++] = s.p[i];
    return (struct str){p, n};
}

static uint16_t small(struct json_object *o, const char *key, double most, double per)
{
    double v;
    return number(o, key, &v) && v > 0 && v / per <= most ? (uint16_t)lround(v / per) : 0;
}

/* What it tells of the item; nothing that is out of range. */
static void tell_title(struct json_object *o, const struct event *e, struct arena *arena,
                       const struct event_sink *sink)
{
    struct str type = json_member_text(o, "ItemType");
    struct text_list genres = {NULL, 0};
    struct title t;
    title_init(&t);
    t.id = e->title;
    t.name = unescaped(json_member_text(o, "Name"), arena);
    t.kind = str_eq_nocase(type, STR("Movie"))     ? TITLE_FILM
             : str_eq_nocase(type, STR("Episode")) ? TITLE_EPISODE
                                                   : TITLE_UNKNOWN;
    t.year = (int16_t)small(o, "Year", 9999, 1);
    t.runtime_min = small(o, "RunTimeTicks", UINT16_MAX, TICKS_PER_MS * 60000.0);
    if (t.kind == TITLE_EPISODE) {
        t.series = unescaped(json_member_text(o, "SeriesName"), arena);
        t.season = small(o, "SeasonNumber", UINT16_MAX, 1);
        t.episode = small(o, "EpisodeNumber", UINT16_MAX, 1);
    }
    if (list_cut(json_member_text(o, "Genres"), ',', arena, &genres)) {
        t.genres = genres.item;
        t.n_genres = genres.n;
    }
    if (t.id.n > 0 && t.name.n > 0)
        sink->title(sink->ctx, &t);
}

int jellyfin_read(struct str body, int64_t now_ms, struct arena *arena,
                  const struct event_sink *sink, struct mq_error *err)
{
    struct json_envelope v;
    struct event e;
    struct mq_error why;
    char digits[2][JSON_READ_DIGITS];
    int rc = json_envelope_read(body, STR_NONE, 0, &v, err);
    if (rc)
        return rc;
    struct event_place place = {.line = 1, .raw = body};
    if (read_call(v.members, now_ms, arena, &e, digits, &why) != 0)
        rc = sink->refused(sink->ctx, &place, &why, err);
    else if ((rc = event_keep(&e, arena, err)) == 0 &&
             (rc = sink->event(sink->ctx, 0, &e, err)) == 0 && sink->title)
        tell_title(v.members, &e, arena, sink);
    json_envelope_release(&v);
    return rc;
}
