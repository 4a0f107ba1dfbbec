/* segment_video.c - Segment's "Spec: Video" (2025).
 *
 * Positions come in seconds; of playback events they include ads when the player stitches those in. A seek is told
 * twice: Seek Started has the target in seek_position and, in position, where it began; Seek Completed has where it
 * landed. Content Started and Completed are told of each stretch between ads, so a Completed of content is only a
 * place reached; the end is Playback Completed. An interruption (network, closed window) ends the stretch as a stop
 * does; Resumed opens it again. */
#include "wire/segment_video.h"

#include <math.h>

#include "wire/json_envelope.h"

static const struct {
    const char *name;
    enum event_kind kind;
} rows[] = {
    {"Video Playback Started", EVENT_START},
    {"Video Playback Paused", EVENT_PAUSE},
    {"Video Playback Interrupted", EVENT_STOP},
    {"Video Playback Buffer Started", EVENT_BUFFER_START},
    {"Video Playback Buffer Completed", EVENT_BUFFER_END},
    {"Video Playback Seek Started", EVENT_SEEK},
    {"Video Playback Seek Completed", EVENT_PROGRESS},
    {"Video Playback Resumed", EVENT_PLAY},
    {"Video Playback Completed", EVENT_COMPLETE},
    {"Video Playback Exited", EVENT_STOP},
    {"Video Content Started", EVENT_PLAY},
    {"Video Content Playing", EVENT_PROGRESS},
    {"Video Content Completed", EVENT_PROGRESS},
};

static int64_t milliseconds(struct json_object *v)
{
    double s = NAN;
    struct mq_error err;
    if (!v || json_read_number("position", v, &s, &err) != 0)
        return EVENT_ABSENT;
    double ms = round(s * 1000);
    return ms >= 0 && ms <= (double)EVENT_POSITION_MAX ? (int64_t)ms : EVENT_ABSENT;
}

/* The first of a list, or the one that stands there. */
static struct str first_id(struct json_object *v, char *digits)
{
    struct str id = STR_NONE;
    struct mq_error err;
    if (v && json_object_is_type(v, json_type_array))
        v = json_object_array_length(v) > 0 ? json_object_array_get_idx(v, 0) : NULL;
    if (!v || json_read_id("asset_id", v, digits, &id, &err) != 0)
        return STR_NONE;
    return id;
}

struct str segment_title(struct json_object *properties, char *digits)
{
    static const char *const keys[] = {"content_asset_id", "content_asset_ids", "asset_id",
                                       "title_id"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct str id = first_id(json_member(properties, keys[i]), digits);
        if (id.n > 0)
            return id;
    }
    return STR_NONE;
}

static void take_rate(struct json_object *properties, struct event *e)
{
    double rate = NAN;
    struct mq_error err;
    struct json_object *v = json_member(properties, "playback_rate");
    if (!v)
        v = json_member(properties, "rate");
    if (v && json_read_number("rate", v, &rate, &err) == 0 && rate >= 0 && rate <= 100)
        e->rate_milli = (int32_t)lround(rate * 1000);
}

bool segment_video(struct str name, struct json_object *properties, struct segment_digits *digits,
                   struct event *e)
{
    size_t i = 0;
    while (i < sizeof(rows) / sizeof(rows[0]) && !str_eq_nocase(name, str_of(rows[i].name)))
        i++;
    if (i == sizeof(rows) / sizeof(rows[0]))
        return false;
    e->kind = rows[i].kind;
    e->title = segment_title(properties, digits->title);
    e->session = json_member_id(properties, "session_id", digits->session);
    e->position_ms = milliseconds(json_member(properties, "position"));
    if (e->kind == EVENT_SEEK) {
        e->from_ms = e->position_ms;
        e->position_ms = milliseconds(json_member(properties, "seek_position"));
    }
    struct json_object *autoplay = json_member(properties, "autoplay");
    if (autoplay && json_object_is_type(autoplay, json_type_boolean))
        e->autoplay = json_object_get_boolean(autoplay) ? 1 : 0;
    e->recommendation = json_member_text(properties, "recommendation_id");
    take_rate(properties, e);
    return true;
}
