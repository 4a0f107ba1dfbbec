/* event.h - one thing a viewer did at one time: the noun that wire/ makes, store/ keeps and everything
 * else reads. */
#ifndef MQ_EVENT_EVENT_H
#define MQ_EVENT_EVENT_H

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "event/context.h"
#include "event/ids.h"

/* X(constant, word, needs a title, is part of a playback session) */
#define EVENT_KIND_TABLE(X)                                                                        \
    X(EVENT_CUSTOM, "custom", 0, 0) /* any other name: kept and counted */                         \
    X(EVENT_IMPRESSION, "impression", 0, 0)                                                        \
    X(EVENT_CLICK, "click", 1, 0)                                                                  \
    X(EVENT_START, "start", 1, 1)                                                                  \
    X(EVENT_PLAY, "play", 1, 1)                                                                    \
    X(EVENT_PAUSE, "pause", 1, 1)                                                                  \
    X(EVENT_SEEK, "seek", 1, 1)                                                                    \
    X(EVENT_PROGRESS, "progress", 1, 1)                                                            \
    X(EVENT_BUFFER_START, "buffer_start", 1, 1)                                                    \
    X(EVENT_BUFFER_END, "buffer_end", 1, 1)                                                        \
    X(EVENT_RATE, "rate", 1, 1)                                                                    \
    X(EVENT_STOP, "stop", 1, 1)                                                                    \
    X(EVENT_COMPLETE, "complete", 1, 1)                                                            \
    X(EVENT_RATING, "rating", 1, 0)                                                                \
    X(EVENT_THUMB, "thumb", 1, 0)                                                                  \
    X(EVENT_LIST_ADD, "list_add", 1, 0)                                                            \
    X(EVENT_LIST_REMOVE, "list_remove", 1, 0)                                                      \
    X(EVENT_HIDE, "hide", 1, 0)                                                                    \
    X(EVENT_SEARCH, "search", 0, 0)                                                                \
    X(EVENT_IDENTIFY, "identify", 0, 0) /* says who the viewer is, and that `other` is the same */ \
    X(EVENT_UNMERGE, "unmerge", 0, 0)   /* takes that back */

enum event_kind {
#define EVENT_KIND_ENUM(code, word, title, playback) code,
    EVENT_KIND_TABLE(EVENT_KIND_ENUM)
#undef EVENT_KIND_ENUM
        EVENT_KINDS
};

#define EVENT_ABSENT INT64_MIN /* of position_ms and from_ms */
enum { EVENT_NO_RATE = INT32_MIN };

/* Stated limits; beyond them an event is refused with MQ_INVALID or MQ_TOO_LARGE. */
enum {
    EVENT_ID_MAX = 256,       /* bytes of any id, session, source or custom name */
    EVENT_TEXT_MAX = 512,     /* bytes of a query, region, mood */
    EVENT_ITEMS_MAX = 500,    /* items of an impression */
    EVENT_FUTURE_MS = 600000, /* at most ten minutes after it arrived, else refused */
};
#define EVENT_POSITION_MAX INT64_C(1000000000000) /* ms: 31 years */
#define EVENT_AT_MIN INT64_C(-2208988800000)      /* 1900-01-01 */

/* One title of an impression. */
struct event_item {
    struct str title;
    struct title_id title_id;
    uint16_t row, column; /* from 0 */
    float
        propensity; /* chance of this title in this slot given the slots before it; NaN = unknown */
};

/* All text points into memory of whoever made the event (a request, an arena, a stored row). */
struct event {
    struct str id;     /* the source's id; empty = derived from the content (event_identity) */
    struct str source; /* who says so: "native", "import", "segment" ... */
    struct str viewer;
    struct str title;
    struct str session;
    struct str custom;         /* the kind's own name when kind is EVENT_CUSTOM */
    struct str recommendation; /* recommendation_id */
    struct str app; /* name and version of what sent it; for the watch on sources, not stored */
    enum event_kind kind;
    int8_t autoplay; /* 1, 0, or -1 = not said */
    bool archived;   /* came by an import of the past: counts as having arrived when it happened */
    struct context context;
    int64_t at_ms;            /* wall clock, ms since 1970 */
    int64_t position_ms;      /* place in the title, or EVENT_ABSENT; of a seek the target */
    int64_t from_ms;          /* of a seek: where it began, or EVENT_ABSENT */
    int32_t rate_milli;       /* playback speed in thousandths, or EVENT_NO_RATE */
    float value;              /* of a rating: stars; of a thumb: -1, 1 or 2; else NaN */
    float scale;              /* of a rating: the most stars there are (5) */
    int32_t results;          /* of a search, or -1 */
    struct str query;         /* of a search */
    struct str chosen;        /* of a search */
    struct str other;         /* of identify and unmerge: another id of the same viewer */
    struct str attributes;    /* of an identify: as attributes_write says; may be empty */
    struct event_item *items; /* of an impression */
    uint32_t n_items;
    /* Given by the store at append and by event_decode. */
    struct viewer_id viewer_id;
    struct viewer_id other_id;
    struct title_id title_id;
    int64_t arrival_ms; /* when it was acknowledged */
    uint64_t seq;       /* place in the log, from 1 */
};

/* An event with everything absent: ids ID_NONE, numbers absent, kind EVENT_CUSTOM. */
void event_init(struct event *e);

const char *event_kind_name(enum event_kind k);
/* EVENT_CUSTOM for a word that is no built-in kind (the word "custom" included). */
enum event_kind event_kind_from(struct str word);
bool event_kind_is_playback(enum event_kind k);

/* Is this an event? Checks required fields, limits, UTF-8, ranges (rating in (0, scale], scale in
 * [1, 100], thumb -1/1/2, propensity in (0, 1]), and that at_ms lies within
 * [EVENT_AT_MIN, now_ms + EVENT_FUTURE_MS]. The message names the field and the value. */
int event_check(const struct event *e, int64_t now_ms, struct mq_error *err);

/* What makes two events one: the source and its id, or without an id the source and the content
 * (viewer, kind, title, session, time, position, value ...). */
struct hash128 event_identity(const struct event *e);

/* The value of a stored event: version byte, then fields (docs/store-format.md). Viewer, at_ms and seq
 * are in its key. title_id and the items' title_id must be set. */
void event_encode(const struct event *e, struct buf *out);

/* Fills *ret from a stored value; text points into `bytes`, items lie in `arena`. `at_ms` is the time in
 * its key. The names of viewer and titles stay empty (title ids are set); viewer_id and seq are the
 * caller's to set. MQ_CORRUPT when the bytes are no event, MQ_VERSION when newer. */
int event_decode(struct str bytes, int64_t at_ms, struct arena *arena, struct event *ret,
                 struct mq_error *err);

/* Orders of a viewer's that lie in the log like what they did, so that every answer from a prefix of it honours those
 * given by then: EVENT_CUSTOM of the source "marquee", which nothing from outside can claim. */
enum event_order {
    ORDER_NONE,
    ORDER_SETTINGS, /* custom "settings"; query: "profiling=off child=on", either or both */
    ORDER_REMOVE_TITLE, /* custom "remove_title": what was done with `title` before is taken out of the history */
};
#define EVENT_ORDER_SOURCE STR("marquee")
#define EVENT_ORDER_SETTINGS STR("settings")
#define EVENT_ORDER_REMOVE_TITLE STR("remove_title")

static inline enum event_order event_order_of(const struct event *e)
{
    if (e->kind != EVENT_CUSTOM || !str_eq(e->source, EVENT_ORDER_SOURCE))
        return ORDER_NONE;
    return str_eq(e->custom, EVENT_ORDER_SETTINGS)       ? ORDER_SETTINGS
           : str_eq(e->custom, EVENT_ORDER_REMOVE_TITLE) ? ORDER_REMOVE_TITLE
                                                         : ORDER_NONE;
}

/* What a viewer allows. */
enum consent {
    CONSENT_UNPROFILED = 1, /* no page, model or audience is made from the history */
    CONSENT_CHILD = 2,      /* the history is used for the viewer's own page alone */
};
/* `now` as the order leaves it. */
uint8_t event_consent(const struct event *e, uint8_t now);

/* Does it choose its title, as far as the viewer did nothing with it before: begun by hand; or rated at a known hour or on a known device, as in
 * services that send ratings alone. A rating that says neither may be of what was seen long ago. */
static inline bool event_chooses(const struct event *e)
{
    bool told = e->context.offset_min != OFFSET_NONE || e->context.device != DEVICE_NONE;
    return e->kind == EVENT_START ? e->autoplay != 1 : e->kind == EVENT_RATING && told;
}

/* A playback rate in thousandths, halves up, as much as fits; EVENT_NO_RATE for one that rounds to 0, is
 * negative, or is none. */
static inline int32_t event_rate_milli(double rate)
{
    double milli = floor(rate * 1000.0 + 0.5);
    if (!(milli >= 1.0))
        return EVENT_NO_RATE;
    return milli < INT32_MAX ? (int32_t)milli : INT32_MAX;
}

/* The moment an event counts from, for "as of": at_ms of archived ones, else arrival_ms. */
static inline int64_t event_known_ms(const struct event *e)
{
    return e->archived ? e->at_ms : e->arrival_ms;
}

#endif
