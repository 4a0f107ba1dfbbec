/* event_batch.h - the body of POST /v1/events on its way to the log: parsed, submitted, answered. A server's
 * loop does these three apart, so that it never waits; api_call does them in a row. Inside http/ only. */
#ifndef MQ_HTTP_EVENT_BATCH_H
#define MQ_HTTP_EVENT_BATCH_H

#include "engine/committer.h"
#include "http/loop.h"
#include "http/routes.h"
#include "wire/event_sink.h"

enum {
    BATCH_EVENTS_MAX = 50000, /* events of one request */
    BATCH_LISTED_MAX = 1000, /* refused events that the answer lists; the others are only counted */
};

struct event_format;
struct event_sums;

struct event_batch {
    struct submission submission; /* n == 0: nothing to write, answer at once */
    /* The server's: whose request it is, what `done` was told, the way back to the loop, a list. */
    struct connection *owner;
    int status;
    struct mq_error err;
    struct letter letter;
    struct event_batch *next;
    struct arena arena; /* text of the events, reasons of the refused */
    size_t cap;
    struct batch_refused {
        size_t index;
        struct str why;
    } * refused; /* (BATCH_LISTED_MAX), in the arena */
    size_t n_listed;
    uint64_t n_refused;
    /* Events that say who is who, the first ones: whether two known viewers stayed apart is known once they are in. */
    struct batch_merge {
        size_t index; /* in the body */
        size_t event; /* of the submission */
    } * merges;       /* (BATCH_LISTED_MAX), in the arena */
    size_t n_merges;
    struct str bound_viewer; /* events of others are refused; empty: of anybody */
    const struct event_format *format;
    struct mq_engine *engine;
    unsigned route;
    struct str key; /* found in the body, in the arena; empty: none */
};

int event_batch_new(struct event_batch **ret, struct mq_error *err);
void event_batch_free(struct event_batch *b);

/* A format of bodies: how its bytes become events and how its senders want to be answered. A new one is a name in
 * enum event_format_name, a row in event_formats.c, and routes in routes.c with ROUTE_FORMAT(its name). */
struct event_format {
    struct str name;
    /* The body's events into `sink`, their text into the batch's arena (event_keep). The reader is wire's. May set
     * b->key. Fails as event_batch_read does. */
    int (*read)(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                const struct event_sink *sink, struct mq_error *err);
    /* The body of the answer once all is durable; NULL: as the native one. */
    void (*answer)(const struct event_batch *b, const struct event_sums *sums, struct json *j);
    bool large_is_invalid; /* senders know 400 of a body that is too large, not 413 */
};
struct event_sums {
    uint64_t accepted, duplicates, refused;
};
const struct event_format *event_format_at(enum event_format_name name);

/* {"RowAffected": n}, as Gorse's SDKs want it. */
void gorse_answer_affected(const struct event_batch *b, const struct event_sums *sums,
                           struct json *j);

/* "accepted": n, "duplicates": n, "rejected": [{index, error}] inside an open object; and where ids were said to be one viewer
 * and are two who stay apart, "conflicts": [{index, error}]: the event was taken all the same. */
void event_batch_sums(const struct event_batch *b, const struct event_sums *sums, struct json *j);

/* The error as the format's answer: api_problem, with the status its senders know. */
void event_batch_problem(const struct event_batch *b, const struct mq_error *err, struct str path,
                         struct api_response *ret);

/* Parse the body; afterwards nothing points into it. MQ_INVALID when it is malformed (with the place),
 * MQ_TOO_LARGE, MQ_NO_MEMORY: then nothing may be submitted. Single events that are refused are noted. */
int event_batch_read(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                     struct mq_error *err);

/* What came of it: {accepted, duplicates, rejected}, or the problem of a failed append. */
void event_batch_answer(const struct event_batch *b, struct api *a, int status,
                        const struct mq_error *err, struct api_response *ret);

#endif
