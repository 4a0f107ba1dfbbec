/* native.h - native JSON events: bytes -> struct event.
 *
 *     native_parser_new(&parser, &err);                        one per thread, reused
 *     native_parse(parser, body, &(struct native_options){.source = STR("native"), .now_ms = now},
 *                  &(struct event_sink){.ctx = x, .event = keep, .refused = count}, &err);
 *
 * A body is one event, an array of events, or NDJSON (one event a line; blank lines are passed over).
 *
 * Fields, all but viewer and kind optional, null = absent, unknown ones ignored:
 *   id, viewer, kind, title, session   text; viewer, title, session and id also whole numbers, kept as digits
 *   at                                 RFC 3339, or epoch milliseconds as a number, not within 100,000,000
 *                                      seconds of 1970 (those are seconds); absent = now_ms
 *   position_ms, from_ms               whole numbers of milliseconds
 *   rate                               playback speed (1 = normal)
 *   autoplay                           true, false
 *   value, scale                       of ratings (scale 5 when absent) and thumbs
 *   recommendation_id, results, chosen text, whole number, text; the search itself in `text`
 *   other, attributes                  of identify and unmerge: another id of the viewer; {age_band, gender, country,
 *                                      region, plan, language, occupation, kids, signup} (event/attributes.h)
 *   items                              [{title, row, column, propensity}]
 *   context                            {device, timezone, offset_min, country, region, mood, app}; app is name and
 *                                      version of what sent the event, for the watch on sources
 * A kind that is not built in becomes EVENT_CUSTOM with `custom` set. timezone is a tz database name,
 * "+02:00", "+0200", "Z" or "UTC"; it is turned into the offset at the event's own time, and wins over
 * offset_min. A time zone nobody knows, or a country of other than two letters that is no country's name, refuses the
 * event; devices are named or told by their words ("mobile", "laptop": device_words.h), else "other".
 *
 * Refused with a reason: malformed JSON (with byte and line), more than NATIVE_DEPTH levels, an event over
 * NATIVE_EVENT_MAX bytes, bytes that are no UTF-8, a field of the wrong type, a number out of range or NaN,
 * a key that occurs twice in one object, and whatever event_check refuses. */
#ifndef MQ_WIRE_NATIVE_H
#define MQ_WIRE_NATIVE_H

#include "wire/event_sink.h"

enum {
    NATIVE_DEPTH = 32,
    NATIVE_EVENT_MAX = 256 * 1024, /* bytes of one event's JSON */
};

/* Scratch memory of one thread: json-c's tokener and room for an impression's items. */
struct native_parser;
int native_parser_new(struct native_parser **ret, struct mq_error *err);
void native_parser_free(struct native_parser *p);

enum native_form {
    NATIVE_ANY,   /* find out: '[' begins an array; else one event, or NDJSON when more follows */
    NATIVE_LINES, /* NDJSON: an event never goes over a line's end, a bad line harms no other */
};

struct native_options {
    enum native_form form;
    struct str source;   /* into event.source; not copied */
    bool archived;       /* into event.archived */
    int64_t now_ms;      /* for an absent `at`, and for event_check */
    size_t max_events;   /* more end the reading with MQ_TOO_LARGE; 0 = any number */
    uint64_t first_line; /* what to call the body's first line in reports; 0 = 1 */
    struct arena
        *arena; /* where the events' text and items shall lie; NULL: they are valid only until
                            the sink's function returns */
};

/* 0 when the body was read to its end, however many events were refused.
 * MQ_INVALID: the body is empty, or no JSON to its end (an array that breaks off, text around it): events
 * before that point went to the sink; a request that must be whole throws them away.
 * MQ_TOO_LARGE: max_events. MQ_NO_MEMORY: also when the arena is full. Or what the sink returned.
 * Not reentrant per parser. Without an arena it allocates only what json-c does. */
int native_parse(struct native_parser *p, struct str body, const struct native_options *options,
                 const struct event_sink *sink, struct mq_error *err);

#endif
