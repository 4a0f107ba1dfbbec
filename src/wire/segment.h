/* segment.h - what Segment's SDKs send, and RudderStack's, which speak the same: bytes -> struct event.
 *
 * Segment, "HTTP Tracking API" and "Spec: Video"; RudderStack, "HTTP API specification" (read 2025). Read are:
 *
 * calls      track, identify, alias, page, screen, group; alone, or many in {"batch": [...], "sentAt", "writeKey"}
 * who        userId, else anonymousId; one of them must be there
 * id         messageId; without one a hash of the call as it stands, `sentAt` left out: sent again it is the same
 * when       originalTimestamp, else timestamp, else now; corrected by the sender's clock: when sentAt (the call's, else
 *            the batch's) lies over SEGMENT_WAY_MS beside our clock, the difference is added
 * where      context.timezone; context.location or traits.address {country, region}; context.device, os, userAgent by
 *            device_words.h. What of these is unknown is left out: it is no reason to lose an event.
 *
 * track      the video specification's names (segment_video.c has the table) become playback events;
 *            a name that is a kind of ours (rating, thumb, list_add, hide, search, ...) has its properties read as
 *            native.h's fields; any other is kept under its own name
 * identify   says that userId is anonymousId, and traits (segment_traits.h); alias that userId was previousId
 * page, screen, group   are kept under these names
 *
 * The SDKs expect success for whatever could be read, so what is refused only goes to the sink's `refused`: no
 * one to ascribe it to, over SEGMENT_EVENT_MAX bytes, a messageId over 100 characters, no `event`, a video event without
 * content, and whatever event_check refuses.
 *
 * A file of calls (segment_read_file) is an archive: a call counts from when it happened, `timestamp` (which Segment has
 * corrected) before originalTimestamp, and is corrected only where it says itself when it was received (receivedAt). One
 * without any time is refused: now would be another event at each reading. */
#ifndef MQ_WIRE_SEGMENT_H
#define MQ_WIRE_SEGMENT_H

#include "wire/event_sink.h"

enum {
    SEGMENT_EVENT_MAX = 32 * 1024,  /* bytes of one call */
    SEGMENT_BATCH_MAX = 500 * 1024, /* bytes of a batch */
    SEGMENT_BATCH_EVENTS = 2500,
    SEGMENT_ID_MAX = 100, /* characters of a messageId */
    SEGMENT_WAY_MS =
        2000, /* sentAt so near our clock: the way took that long, the clock is right */
};

enum segment_call {
    SEGMENT_BATCH,
    SEGMENT_TRACK,
    SEGMENT_IDENTIFY,
    SEGMENT_PAGE,
    SEGMENT_SCREEN,
    SEGMENT_GROUP,
    SEGMENT_ALIAS,
    SEGMENT_CALLS
};

/* "track" or "t"; false for none. */
bool segment_call_from(struct str word, enum segment_call *ret);

struct segment_options {
    enum segment_call call;
    int64_t received_ms;
    struct arena *arena; /* where text shall lie */
};

/* The whole body. *ret_key (in the arena): the writeKey that stands in the body, empty without one.
 * MQ_INVALID: no JSON, or not of this form. MQ_TOO_LARGE: over the limits above; nothing was handed over.
 * MQ_NO_MEMORY, or what the sink returned. */
int segment_read(struct str body, const struct segment_options *options,
                 const struct event_sink *sink, struct str *ret_key, struct mq_error *err);

enum { SEGMENT_FILE_BATCH_MAX = 16 << 20 /* bytes of one value of a file */ };

struct segment_file_options {
    bool lines;          /* a call or batch never goes over a line's end; else found out */
    int64_t now_ms;      /* nothing lies much after it */
    uint64_t first_line; /* what to call the first line */
    struct arena *arena; /* emptied again and again: text lives until the sink's function returns */
};

/* Calls that say their `type`, or batches of them: one a line, an array, or one. The index that the sink is given counts
 * lines from first_line. MQ_INVALID: no JSON to its end. MQ_NO_MEMORY, or what the sink returned. */
int segment_read_file(struct str bytes, const struct segment_file_options *options,
                      const struct event_sink *sink, struct mq_error *err);

#endif
