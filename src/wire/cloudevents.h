/* cloudevents.h - CloudEvents 1.0 (JSON and HTTP bindings, cloudevents.io): bytes -> struct event.
 *
 * `data` (or data_base64, or in binary mode the body) is a native event's object (native.h); what it leaves out the
 * envelope says: kind from the last part of `type` ("com.example.player.pause"), viewer from `subject`, at from `time`.
 * Two events are one when `source` and `id` are: both go into the event's source and id ("cloudevents:" + source).
 * specversion, id, source and type must be there; null is absent; extensions are passed over. */
#ifndef MQ_WIRE_CLOUDEVENTS_H
#define MQ_WIRE_CLOUDEVENTS_H

#include "wire/event_sink.h"

enum cloudevents_mode {
    CLOUDEVENTS_STRUCTURED, /* one event as JSON, or a batch: an array of them */
    CLOUDEVENTS_BINARY,     /* the body is the data, the attributes came beside it */
};

enum { CLOUDEVENTS_ATTRIBUTES = 64 };

struct cloudevents_attribute {
    struct str name;  /* "id", "source" ...; any case */
    struct str value; /* percent-encoded, as headers are */
};

struct cloudevents_options {
    enum cloudevents_mode mode;
    const struct cloudevents_attribute *attributes; /* of binary mode */
    size_t n_attributes;
    int64_t received_ms;
    size_t max_events;   /* 0 = any number */
    struct arena *arena; /* where text shall lie */
};

/* MQ_INVALID: no JSON to its end. MQ_TOO_LARGE, MQ_NO_MEMORY, or what the sink returned. */
int cloudevents_read(struct str body, const struct cloudevents_options *options,
                     const struct event_sink *sink, struct mq_error *err);

#endif
