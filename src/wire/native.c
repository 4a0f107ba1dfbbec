/* native.c - a body of native events, cut into events: array, NDJSON or one. Arrays are read element by
 * element, so that a large body never becomes a large tree. */
#include "wire/native.h"

#include <stdlib.h>

#include "native_fields.h"

struct native_parser {
    struct json_tokener *tok;
    struct native_scratch scratch;
};

/* One call of native_parse. */
struct job {
    struct native_parser *p;
    struct str body;
    const struct native_options *o;
    const struct native_sink *sink;
    size_t index;
    uint64_t first_line;
};

int native_parser_new(struct native_parser **ret, struct mq_error *err)
{
    struct native_parser *p = malloc(sizeof *p);
    struct json_tokener *tok = json_tokener_new_ex(NATIVE_DEPTH);
    if (!p || !tok) {
        free(p);
        if (tok)
            json_tokener_free(tok);
        return mq_fail(err, MQ_NO_MEMORY, "parser of events: no memory: free some");
    }
    json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
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

/* ------------------------------------------------------------------ one event */

static int refuse(struct job *j, size_t from, size_t to, uint64_t line, const struct mq_error *why,
                  struct mq_error *err)
{
    struct native_place place = {j->index++, line, {j->body.p + from, to - from}};
    return j->sink->refused(j->sink->ctx, &place, why, err);
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

/* A parsed value to the sink, accepted or refused. */
static int hand_over(struct job *j, struct json_object *v, size_t from, size_t to, uint64_t line,
                     struct mq_error *err)
{
    struct event e;
    struct mq_error why;
    int rc = native_fields(v, j->o->now_ms, &j->p->scratch, &e, &why);
    if (rc == 0) {
        e.source = j->o->source;
        e.archived = j->o->archived;
        rc = event_check(&e, j->o->now_ms, &why);
    }
    if (rc != 0) {
        if (line == 0)
            line = j->first_line + json_read_lines(j->body, from);
        return refuse(j, from, to, line, &why, err);
    }
    if (j->o->arena && (rc = keep(&e, j->o->arena, err)) != 0)
        return rc;
    return j->sink->event(j->sink->ctx, j->index++, &e, err);
}

static int room_for_one(const struct job *j, struct mq_error *err)
{
    if (j->o->max_events == 0 || j->index < j->o->max_events)
        return 0;
    return mq_fail(err, MQ_TOO_LARGE, "events: over %zu at once: send them in parts",
                   j->o->max_events);
}

/* ------------------------------------------------------------------ forms */

static int parse_array(struct job *j, size_t at, struct mq_error *err)
{
    struct str body = j->body;
    at = json_read_space(body, at + 1);
    bool more = at >= body.n || body.p[at] != ']';
    while (more) {
        struct json_object *v;
        int rc = room_for_one(j, err);
        at = json_read_space(body, at);
        size_t from = at;
        if (rc == 0)
            rc = json_read_value(j->p->tok, body, &at, NATIVE_EVENT_MAX, j->first_line, &v, err);
        if (rc != 0)
            return rc;
        rc = hand_over(j, v, from, at, 0, err);
        json_object_put(v);
        if (rc != 0)
            return rc;
        at = json_read_space(body, at);
        if (at >= body.n || (body.p[at] != ',' && body.p[at] != ']'))
            return json_read_fail(body, at, j->first_line, "a ',' or ']' should stand here", err);
        more = body.p[at] == ',';
        at += more;
    }
    at = json_read_space(body, at + 1);
    return at == body.n ? 0
                        : json_read_fail(body, at, j->first_line,
                                         "text behind the array: leave it out", err);
}

/* The line [from, to) as one event. */
static int parse_line(struct job *j, size_t from, size_t to, uint64_t line, struct mq_error *err)
{
    struct str text = {j->body.p + from, to - from};
    struct json_object *v = NULL;
    struct mq_error why;
    size_t at = 0;
    int rc = json_read_value(j->p->tok, text, &at, NATIVE_EVENT_MAX, line, &v, &why);
    if (rc == 0 && json_read_space(text, at) < text.n) {
        json_object_put(v);
        rc = json_read_fail(text, json_read_space(text, at), line,
                            "text behind the event: one event a line", &why);
    }
    if (rc != 0)
        return refuse(j, from, to, line, &why, err);
    rc = hand_over(j, v, from, to, line, err);
    json_object_put(v);
    return rc;
}

static int parse_lines(struct job *j, size_t at, uint64_t line, struct mq_error *err)
{
    for (; at < j->body.n; line++) {
        const char *newline = memchr(j->body.p + at, '\n', j->body.n - at);
        size_t end = newline ? (size_t)(newline - j->body.p) : j->body.n;
        size_t from = json_read_space((struct str){j->body.p, end}, at);
        if (from < end) {
            int rc = room_for_one(j, err);
            if (rc == 0)
                rc = parse_line(j, from, end, line, err);
            if (rc != 0)
                return rc;
        }
        at = end + 1;
    }
    return 0;
}

/* One event perhaps over many lines, or NDJSON: the first value decides. */
static int parse_any(struct job *j, size_t at, struct mq_error *err)
{
    struct str body = j->body;
    struct json_object *v = NULL;
    struct mq_error why;
    size_t from = at;
    uint64_t line = j->first_line + json_read_lines(body, from);
    int rc = json_read_value(j->p->tok, body, &at, NATIVE_EVENT_MAX, j->first_line, &v, &why);
    bool lines = memmem(body.p + from, body.n - from, "\n{", 2) != NULL;
    if (rc != 0 && lines)
        return parse_lines(j, from, line, err);
    if (rc != 0)
        return mq_fail(err, why.status, "%s", why.text);
    const char *newline = memchr(body.p + at, '\n', body.n - at);
    size_t end = newline ? (size_t)(newline - body.p) : body.n;
    if (json_read_space((struct str){body.p, end}, at) < end) {
        json_object_put(v);
        return lines
                   ? parse_lines(j, from, line, err)
                   : json_read_fail(body, json_read_space(body, at), j->first_line,
                                    "text behind the event: put events into an array or one a line",
                                    err);
    }
    rc = hand_over(j, v, from, at, line, err);
    json_object_put(v);
    if (rc != 0 || end == body.n)
        return rc;
    return parse_lines(j, end + 1, j->first_line + json_read_lines(body, end + 1), err);
}

int native_parse(struct native_parser *p, struct str body, const struct native_options *options,
                 const struct native_sink *sink, struct mq_error *err)
{
    struct job j = {p, body, options, sink, 0, options->first_line ? options->first_line : 1};
    size_t at = body.n >= 3 && memcmp(body.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    at = json_read_space(body, at);
    if (at >= body.n)
        return mq_fail(err, MQ_INVALID,
                       "body: empty: send one event, an array of events, or one a line");
    if (options->form == NATIVE_LINES)
        return parse_lines(&j, at, j.first_line + json_read_lines(body, at), err);
    if (body.p[at] == '[')
        return parse_array(&j, at, err);
    return parse_any(&j, at, err);
}
