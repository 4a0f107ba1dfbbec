/* call.h - one request on its way through a handler. Inside http/ only. */
#ifndef MQ_HTTP_CALL_H
#define MQ_HTTP_CALL_H

#include "engine/lookup.h"
#include "http/api.h"
#include "http/body_fields.h"
#include "http/routes.h"

struct image_hosts;
struct keys;
struct metrics;
struct event_batch;
struct native_parser;

struct api {
    struct mq_engine *engine;
    struct keys *keys;
    struct metrics *metrics;
    const struct image_hosts *images; /* NULL: pictures are drawn here alone */
    _Atomic(bool) stopping;
    /* A server's: a request of its own, for later (jobs_submit_own). NULL: there is no later. False: nor now. */
    bool (*later)(void *ctx, enum api_method method, const char *path);
    void *later_ctx;
    _Atomic(bool) fit_asked; /* what forecasts rest on is to be made anew */
};

enum {
    QUERY_MAX = 16 * 1024, /* bytes of a query */
    QUERY_PARAMETERS = 64,
};

struct api_worker {
    struct api *api;
    struct mq_reader *reader;
    struct native_parser *parser;
    struct event_batch *batch;
    struct arena arena; /* of the request */
};

struct call {
    struct api_worker *w;
    struct mq_engine *engine;
    struct arena *arena;
    const struct api_request *q;
    struct api_response *ret;
    const struct route *route;
    struct json j; /* over ret->body */
    const char *value[ROUTE_VARIABLES];
    struct {
        struct str key;
        const char *value;
    } parameter[QUERY_PARAMETERS];
    size_t n_parameters;
};

/* Takes the query apart: percent-decoded, in the arena. "+" is a space, but in times and time zones, where
 * it is a sign. Parameters that no route knows are passed over. */
int call_take_query(struct call *c, struct mq_error *err);

/* NULL when it was not given. The one given last counts. */
const char *call_parameter(const struct call *c, const char *name);
/* These leave *ret as it was when the parameter was not given. */
int call_unsigned(const struct call *c, const char *name, uint64_t max, uint64_t *ret,
                  struct mq_error *err);
int call_flag(const struct call *c, const char *name, bool *ret, struct mq_error *err);
int call_time(const struct call *c, const char *name, int64_t *ret_ms, struct mq_error *err);
/* as_of: a time, or "@N", a place in the log. */
int call_as_of(const struct call *c, int64_t *ret_ms, uint64_t *ret_seq, struct mq_error *err);

/* Work that takes long asks this whether to go on. */
bool call_progress(void *api, const char *what, uint64_t done, uint64_t total);

#endif
