/* native.c - native events: each JSON value of a body checked, and kept when asked for. */
#include "wire/native.h"

#include <stdlib.h>

#include "json_body.h"
#include "native_fields.h"
#include "native_quick.h"

struct native_parser {
    struct json_tokener *tok;
    struct native_scratch scratch;
};

/* One call of native_parse. */
struct job {
    struct native_parser *p;
    const struct native_options *o;
    const struct event_sink *sink;
};

int native_parser_new(struct native_parser **ret, struct mq_error *err)
{
    struct native_parser *p = malloc(sizeof *p);
    struct json_tokener *tok = json_body_tokener(NATIVE_DEPTH);
    if (!p || !tok) {
        free(p);
        if (tok)
            json_tokener_free(tok);
        return mq_fail(err, MQ_NO_MEMORY, "parser of events: no memory: free some");
    }
    p->tok = tok;
    *ret = p;
    return 0;
}

void native_parser_free(struct native_parser *p)
{
    if (!p)
        return;
    json_tokener_free(p->tok);
    free(p);
}

static int refuse(void *ctx, const struct json_place *at, const struct mq_error *why,
                  struct mq_error *err)
{
    struct job *j = ctx;
    struct event_place place = {
        .index = at->index,
        .line = json_place_line(at),
        .raw = {at->body.p + at->from, at->to - at->from},
    };
    return j->sink->refused(j->sink->ctx, &place, why, err);
}

/* An event to the sink, accepted or refused. */
static int take_event(struct job *j, struct event *e, const struct json_place *at,
                      struct mq_error *err)
{
    struct mq_error why;
    e->source = j->o->source;
    e->archived = j->o->archived;
    int rc = event_check(e, j->o->now_ms, &why);
    if (rc != 0)
        return refuse(j, at, &why, err);
    if (j->o->arena && (rc = event_keep(e, j->o->arena, err)) != 0)
        return rc;
    return j->sink->event(j->sink->ctx, at->index, e, err);
}

static int take(void *ctx, struct json_object *v, const struct json_place *at, struct mq_error *err)
{
    struct job *j = ctx;
    struct event e;
    struct mq_error why;
    if (native_fields(v, j->o->now_ms, &j->p->scratch, &e, &why) != 0)
        return refuse(j, at, &why, err);
    return take_event(j, &e, at, err);
}

static bool take_quickly(void *ctx, size_t *at, const struct json_place *place, int *ret_rc,
                         struct mq_error *err)
{
    struct job *j = ctx;
    struct event e;
    if (!native_quick(place->body, at, NATIVE_EVENT_MAX, j->o->now_ms, &e))
        return false;
    struct json_place whole = *place;
    whole.to = *at;
    *ret_rc = take_event(j, &e, &whole, err);
    return true;
}

int native_parse(struct native_parser *p, struct str body, const struct native_options *options,
                 const struct event_sink *sink, struct mq_error *err)
{
    struct job j = {p, options, sink};
    struct json_body b = {
        .tok = p->tok,
        .lines = options->form == NATIVE_LINES,
        .max_value = NATIVE_EVENT_MAX,
        .max_values = options->max_events,
        .first_line = options->first_line,
        .what = "events",
    };
    return json_body_each(
        &b, body,
        &(struct json_body_sink){.ctx = &j, .quick = take_quickly, .value = take, .broken = refuse},
        err);
}
