/* event_formats.c - the formats of event bodies: which reader, which answer. */
#include "base/clock.h"
#include "http/call.h"
#include "http/event_batch.h"
#include "http/http_message.h"
#include "wire/cloudevents.h"
#include "wire/gorse.h"
#include "wire/jellyfin.h"
#include "wire/native.h"
#include "wire/personalize.h"
#include "wire/plex.h"
#include "wire/segment.h"

/* What stands behind the path's last slash. */
static struct str last_segment(struct str path)
{
    const char *slash = memrchr(path.p, '/', path.n);
    size_t at = slash ? (size_t)(slash - path.p) + 1 : 0;
    return (struct str){path.p + at, path.n - at};
}

static int read_native(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                       const struct event_sink *sink, struct mq_error *err)
{
    struct native_options o = {.source = STR("native"),
                               .now_ms = clock_wall_ms(),
                               .max_events = BATCH_EVENTS_MAX,
                               .arena = &b->arena};
    return native_parse(w->parser, q->body, &o, sink, err);
}

static int read_segment(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                        const struct event_sink *sink, struct mq_error *err)
{
    struct segment_options o = {.received_ms = clock_wall_ms(), .arena = &b->arena};
    (void)w;
    if (!segment_call_from(last_segment(q->path), &o.call))
        return mq_fail(err, MQ_BUG, "segment: %.*s: is no call", STR_ARG(q->path));
    return segment_read(q->body, &o, sink, &b->key, err);
}

static void answer_segment(const struct event_batch *b, const struct event_sums *sums,
                           struct json *j)
{
    json_object(j);
    json_kv_bool(j, "success", true);
    event_batch_sums(b, sums, j);
    json_object_end(j);
}

/* Binary mode's attributes: the headers whose names begin with "ce-". */
static size_t take_attributes(struct str lines, struct cloudevents_attribute *ret)
{
    struct str name, value;
    size_t n = 0;
    while (n < CLOUDEVENTS_ATTRIBUTES && http_header_next(&lines, &name, &value)) {
        if (name.n > 3 && str_eq_nocase((struct str){name.p, 3}, STR("ce-")))
            ret[n++] = (struct cloudevents_attribute){{name.p + 3, name.n - 3}, {value.p, value.n}};
    }
    return n;
}

static int read_cloudevents(struct event_batch *b, struct api_worker *w,
                            const struct api_request *q, const struct event_sink *sink,
                            struct mq_error *err)
{
    static const struct str structured = {"application/cloudevents", 23};
    struct cloudevents_attribute attributes[CLOUDEVENTS_ATTRIBUTES];
    struct cloudevents_options o = {.received_ms = clock_wall_ms(),
                                    .max_events = BATCH_EVENTS_MAX,
                                    .attributes = attributes,
                                    .arena = &b->arena};
    struct str type = q->content_type;
    (void)w;
    if (type.n >= structured.n && str_eq_nocase((struct str){type.p, structured.n}, structured))
        return cloudevents_read(q->body, &o, sink, err);
    o.n_attributes = take_attributes(q->headers, attributes);
    /* Without attributes it may still be structured, labelled as JSON. */
    o.mode = o.n_attributes > 0 ? CLOUDEVENTS_BINARY : CLOUDEVENTS_STRUCTURED;
    return cloudevents_read(q->body, &o, sink, err);
}

static int read_jellyfin(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                         const struct event_sink *sink, struct mq_error *err)
{
    (void)w;
    return jellyfin_read(q->body, clock_wall_ms(), &b->arena, sink, err);
}

static int read_plex(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                     const struct event_sink *sink, struct mq_error *err)
{
    (void)w;
    return plex_read(q->content_type, q->body, clock_wall_ms(), &b->arena, sink, err);
}

static int read_personalize(struct event_batch *b, struct api_worker *w,
                            const struct api_request *q, const struct event_sink *sink,
                            struct mq_error *err)
{
    (void)w;
    return personalize_read_events(q->body, clock_wall_ms(), &b->arena, sink, err);
}

/* The service answers nothing. */
static void answer_personalize(const struct event_batch *b, const struct event_sums *sums,
                               struct json *j)
{
    (void)b;
    (void)sums;
    json_object(j);
    json_object_end(j);
}

static int read_gorse(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                      const struct event_sink *sink, struct mq_error *err)
{
    (void)w;
    return gorse_read_events(q->body, GORSE_FEEDBACK, clock_wall_ms(), &b->arena, sink, err);
}

static int read_gorse_users(struct event_batch *b, struct api_worker *w,
                            const struct api_request *q, const struct event_sink *sink,
                            struct mq_error *err)
{
    (void)w;
    return gorse_read_events(q->body, GORSE_USERS, clock_wall_ms(), &b->arena, sink, err);
}

static const struct event_format formats[EVENT_FORMATS] = {
    [FORMAT_NATIVE] = {.name = {"native", 6}, .read = read_native},
    [FORMAT_SEGMENT] = {.name = {"segment", 7},
                        .read = read_segment,
                        .answer = answer_segment,
                        .large_is_invalid = true},
    [FORMAT_CLOUDEVENTS] = {.name = {"cloudevents", 11}, .read = read_cloudevents},
    [FORMAT_JELLYFIN] = {.name = {"jellyfin", 8}, .read = read_jellyfin},
    [FORMAT_PLEX] = {.name = {"plex", 4}, .read = read_plex},
    [FORMAT_PERSONALIZE] = {.name = {"personalize", 11},
                            .read = read_personalize,
                            .answer = answer_personalize},
    [FORMAT_GORSE] = {.name = {"gorse", 5}, .read = read_gorse, .answer = gorse_answer_affected},
    [FORMAT_GORSE_USERS] = {.name = {"gorse", 5},
                            .read = read_gorse_users,
                            .answer = gorse_answer_affected},
};

const struct event_format *event_format_at(enum event_format_name name)
{
    return &formats[name < EVENT_FORMATS ? name : FORMAT_NATIVE];
}
