/* event_batch.h - the body of POST /v1/events on its way to the log: parsed, submitted, answered. A server's
 * loop does these three apart, so that it never waits; api_call does them in a row. Inside http/ only. */
#ifndef MQ_HTTP_EVENT_BATCH_H
#define MQ_HTTP_EVENT_BATCH_H

#include "engine/committer.h"
#include "http/loop.h"

enum {
    BATCH_EVENTS_MAX = 50000, /* events of one request */
    BATCH_LISTED_MAX = 1000, /* refused events that the answer lists; the others are only counted */
};

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
    struct str bound_viewer; /* events of others are refused; empty: of anybody */
};

int event_batch_new(struct event_batch **ret, struct mq_error *err);
void event_batch_free(struct event_batch *b);

/* Parse the body; afterwards nothing points into it. MQ_INVALID when it is malformed (with the place),
 * MQ_TOO_LARGE, MQ_NO_MEMORY: then nothing may be submitted. Single events that are refused are noted. */
int event_batch_read(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                     struct mq_error *err);

/* What came of it: {accepted, duplicates, rejected}, or the problem of a failed append. */
void event_batch_answer(const struct event_batch *b, struct api *a, int status,
                        const struct mq_error *err, struct api_response *ret);

#endif
