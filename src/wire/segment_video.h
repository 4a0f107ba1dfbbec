/* segment_video.h - Segment's video events by name, and their properties. Inside wire/ only. */
#ifndef MQ_WIRE_SEGMENT_VIDEO_H
#define MQ_WIRE_SEGMENT_VIDEO_H

#include "wire/event_sink.h"
#include "wire/json_read.h"

struct segment_digits {
    char title[JSON_READ_DIGITS], session[JSON_READ_DIGITS];
};

/* Is `name` of the video specification and about the picture? Then *e gets kind, title, session, positions and rate
 * from the properties. What cannot be a position (negative, no number, over EVENT_POSITION_MAX) is left out. Ads
 * and changes of quality are no such names: they are kept as they are called. */
bool segment_video(struct str name, struct json_object *properties, struct segment_digits *digits,
                   struct event *e);

/* The title that properties name: content_asset_id, content_asset_ids[0], asset_id, title_id. Empty: none. */
struct str segment_title(struct json_object *properties, char *digits);

#endif
