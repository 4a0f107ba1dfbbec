/* api.h - requests to answers, without a network: the one table of routes.
 *
 * The server calls it for what comes over TCP and over DIR/marquee.sock; the command line calls it directly
 * on a folder that no server has open. So a command gets the same answer either way. */
#ifndef MQ_HTTP_API_H
#define MQ_HTTP_API_H

#include "base/arena.h"
#include "base/buf.h"
#include "marquee.h"

enum api_method { API_GET, API_POST, API_PUT, API_DELETE, API_PATCH, API_METHODS };

/* What a caller may do; each includes those before it. API_LOCAL: whoever may open the folder's socket or
 * the folder itself. */
enum api_role { API_NOBODY, API_INGEST, API_READ, API_ANALYST, API_ADMIN, API_LOCAL, API_ROLES };

struct api;        /* routes of one engine; shared */
struct api_worker; /* one thread's: a reader, parsers, an arena */

struct api_request {
    enum api_method method;
    struct str path;  /* without the query, still percent-encoded */
    struct str query; /* after "?", may be empty */
    struct str body;  /* inflated already */
    struct str content_type;
    struct str headers; /* lines as sent, for the formats that keep something there; may be empty */
    enum api_role role;
    struct str bound_viewer; /* a read key bound to one viewer; else empty */
};

struct api_response {
    int status;               /* HTTP */
    const char *content_type; /* static text */
    struct buf
        body; /* the caller's: initialised by the caller, appended to, released by the caller */
    int retry_after_s;            /* > 0: a Retry-After header */
    const char *allow;            /* of a 405: "GET, PUT"; static text */
    const char *content_encoding; /* of the body; NULL: as it is; static text */
    const char *cache_control;    /* NULL: no-store; static text */
    unsigned route;               /* its number, for metrics; API_NO_ROUTE: none */
};

int api_new(struct mq_engine *engine, struct api **ret, struct mq_error *err);
void api_free(struct api *a);
int api_worker_new(struct api *a, struct api_worker **ret, struct mq_error *err);
void api_worker_free(struct api_worker *w);

/* Answer now, waiting for whatever it takes (appends until durable, trainings until published). Errors are
 * answers too: status and problem details in the body. ret->body is the caller's initialised buffer (it is
 * emptied first); all other fields are filled. */
void api_call(struct api_worker *w, const struct api_request *q, struct api_response *ret);

/* --- for servers, whose loops must not wait --- */

#define API_NO_ROUTE UINT32_MAX

/* How an answer to this request comes about. */
enum api_lane {
    API_NOW,    /* computed at once, well under a millisecond of work */
    API_EVENTS, /* an append: event_batch.h does it without waiting */
    API_SLOW,   /* waits for the disk or reads a history: some thread that may wait */
    API_LONG,   /* seconds to minutes: trainings, imports, backups */
};
enum api_lane api_lane_of(const struct api *a, const struct api_request *q);

/* The route's number; API_NO_ROUTE when none matches as it stands, undecoded. */
unsigned api_route_of(const struct api_request *q);

/* The problem `err` as an answer. `path` (may be empty) goes in as its instance. */
void api_problem(const struct mq_error *err, struct str path, struct api_response *ret);

/* Methods there are at a path, as "GET, PUT"; NULL when there is no such path. Static text. */
const char *api_allow(struct str path);

/* Work in progress (trainings, imports) ends early with MQ_CANCELLED from now on. */
void api_stop(struct api *a);
bool api_is_stopping(const struct api *a);

#endif
