/* native.c - native events: each JSON value of a body checked, and kept when asked for. */
#include "wire/native.h"

#include <stdlib.h>

#include "json_body.h"
#include "native_fields.h"

struct native_parser {
    struct json_tokener *tok;
    struct native_scratch scratch;
};

/* One call of native_parse. */
struct job {
    struct native_parser *p;
    const struct native_options *o;
    const struct native_sink *sink;
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

/* Move one text to *at in the arena's piece. */
static void move_text(struct str *s, char **at)
{
    if (s->n == 0)
        return;
    memcpy(*at, s->p, s->n);
    s->p = *at;
    *at += s->n;
}

/* Text and items out of json-c's memory into the arena, packed into one piece each. */
static int keep(struct event *e, struct arena *arena, struct mq_error *err)
{
    struct str *const texts[] = {
        &e->id,     &e->viewer,         &e->title,          &e->session,
        &e->custom, &e->recommendation, &e->context.region, &e->context.mood,
        &e->query,  &e->chosen,
    };
    enum { TEXTS = sizeof texts / sizeof *texts };
    size_t n = 0;
    for (int i = 0; i < TEXTS; i++)
        n += texts[i]->n;
    for (uint32_t i = 0; i < e->n_items; i++)
        n += e->items[i].title.n;
    char *at = arena_alloc(arena, n > 0 ? n : 1);
    struct event_item *items =
        e->n_items ? ARENA_ARRAY(arena, e->n_items, struct event_item) : NULL;
    if (!at || (e->n_items && !items))
        return mq_fail(err, MQ_NO_MEMORY, "events: over %zu bytes of text: send fewer at once",
                       arena->max);
    for (int i = 0; i < TEXTS; i++)
        move_text(texts[i], &at);
    for (uint32_t i = 0; i < e->n_items; i++) {
        items[i] = e->items[i];
        move_text(&items[i].title, &at);
    }
    e->items = items;
    return 0;
}

static int refuse(void *ctx, const struct json_place *at, const struct mq_error *why,
                  struct mq_error *err)
{
    struct job *j = ctx;
    struct native_place place = {
        .index = at->index,
        .line = json_place_line(at),
        .raw = {at->body.p + at->from, at->to - at->from},
    };
    return j->sink->refused(j->sink->ctx, &place, why, err);
}

/* A parsed value to the sink, accepted or refused. */
static int take(void *ctx, struct json_object *v, const struct json_place *at, struct mq_error *err)
{
    struct job *j = ctx;
    struct event e;
    struct mq_error why;
    int rc = native_fields(v, j->o->now_ms, &j->p->scratch, &e, &why);
    if (rc == 0) {
        e.source = j->o->source;
        e.archived = j->o->archived;
        rc = event_check(&e, j->o->now_ms, &why);
    }
    if (rc != 0)
        return refuse(j, at, &why, err);
    if (j->o->arena && (rc = keep(&e, j->o->arena, err)) != 0)
        return rc;
    return j->sink->event(j->sink->ctx, at->index, &e, err);
}

int native_parse(struct native_parser *p, struct str body, const struct native_options *options,
                 const struct native_sink *sink, struct mq_error *err)
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
    return json_body_each(&b, body, &(struct json_body_sink){&j, take, refuse}, err);
}
