#include "http/event_batch.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/heard_titles.h"
#include "engine/lookup.h"
#include "http/call.h"
#include "http/metrics.h"

enum { ARENA_BLOCK = 1 << 16, USUAL_EVENTS = 256, KEPT_EVENTS = 4096 };
/* A body of 10 MiB cannot make more: each event's texts are shorter than its JSON. */
static const size_t arena_max = (size_t)256 << 20;

static bool make_room(struct event_batch *b, size_t cap)
{
    struct event *events = realloc(b->submission.events, cap * sizeof(*events));
    if (events)
        b->submission.events = events;
    uint8_t *outcome = realloc(b->submission.outcome, cap);
    if (outcome)
        b->submission.outcome = outcome;
    if (!events || !outcome)
        return false;
    b->cap = cap;
    return true;
}

int event_batch_new(struct event_batch **ret, struct mq_error *err)
{
    struct event_batch *b = calloc(1, sizeof(*b));
    if (!b || arena_init(&b->arena, ARENA_BLOCK, arena_max) != 0 || !make_room(b, USUAL_EVENTS)) {
        event_batch_free(b);
        return mq_fail(err, MQ_NO_MEMORY, "events: no memory for a batch");
    }
    *ret = b;
    return 0;
}

void event_batch_free(struct event_batch *b)
{
    if (!b)
        return;
    arena_release(&b->arena);
    free(b->submission.events);
    free(b->submission.outcome);
    free(b);
}

static int refuse(struct event_batch *b, size_t index, const struct mq_error *why,
                  struct mq_error *err)
{
    b->n_refused++;
    if (!b->refused)
        b->refused = ARENA_ARRAY(&b->arena, BATCH_LISTED_MAX, struct batch_refused);
    if (!b->refused)
        return mq_fail(err, MQ_NO_MEMORY, "events: no memory for the reasons");
    if (b->n_listed == BATCH_LISTED_MAX)
        return 0;
    struct str text = arena_str(&b->arena, str_of(why->text));
    if (!text.p)
        return mq_fail(err, MQ_NO_MEMORY, "events: no memory for the reasons");
    b->refused[b->n_listed++] = (struct batch_refused){index, text};
    return 0;
}

static int note_merge(struct event_batch *b, size_t index, struct mq_error *err)
{
    if (!b->merges)
        b->merges = ARENA_ARRAY(&b->arena, BATCH_LISTED_MAX, struct batch_merge);
    if (!b->merges)
        return mq_fail(err, MQ_NO_MEMORY, "events: no memory for who is who");
    if (b->n_merges < BATCH_LISTED_MAX)
        b->merges[b->n_merges++] = (struct batch_merge){index, b->submission.n};
    return 0;
}

static int keep_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct event_batch *b = ctx;
    if (b->bound_viewer.n > 0 && !str_eq(e->viewer, b->bound_viewer)) {
        struct mq_error why;
        mq_fail(&why, MQ_DENIED, "viewer: %.*s: the key is bound to another viewer",
                STR_ARG(e->viewer));
        return refuse(b, index, &why, err);
    }
    if (b->bound_viewer.n > 0 && e->other.n > 0) {
        struct mq_error why;
        mq_fail(&why, MQ_DENIED, "other: %.*s: a key bound to a viewer merges nobody",
                STR_ARG(e->other));
        return refuse(b, index, &why, err);
    }
    if (b->submission.n == b->cap && !make_room(b, b->cap * 2))
        return mq_fail(err, MQ_NO_MEMORY, "events: %zu: no memory", b->cap * 2);
    if (e->kind == EVENT_IDENTIFY && e->other.n > 0 && note_merge(b, index, err) != 0)
        return MQ_NO_MEMORY;
    b->submission.events[b->submission.n++] = *e;
    return 0;
}

static int keep_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                        struct mq_error *err)
{
    struct event_batch *b = ctx;
    engine_refused(b->engine, b->format->name, str_of(why->text), place->raw);
    return refuse(b, place->index, why, err);
}

static void hear_title(void *ctx, const struct title *t)
{
    struct event_batch *b = ctx;
    /* What a viewer's own key says of titles is not everybody's. */
    if (b->bound_viewer.n == 0)
        engine_heard_title(b->engine, t);
}

static void reset(struct event_batch *b)
{
    arena_reset(&b->arena);
    if (b->cap > KEPT_EVENTS)
        (void)make_room(b, USUAL_EVENTS); /* a refused shrink leaves the larger ones */
    b->submission.n = 0;
    b->refused = NULL;
    b->n_listed = 0;
    b->n_refused = 0;
    b->merges = NULL;
    b->n_merges = 0;
    b->status = 0;
    b->key = STR_NONE;
}

int event_batch_read(struct event_batch *b, struct api_worker *w, const struct api_request *q,
                     struct mq_error *err)
{
    reset(b);
    b->route = api_route_of(q);
    b->engine = w->api->engine;
    unsigned flags = b->route == API_NO_ROUTE ? 0 : route_at(b->route)->flags;
    b->format = event_format_at((enum event_format_name)ROUTE_FORMAT_OF(flags));
    b->bound_viewer = q->bound_viewer;
    struct event_sink sink = {
        .ctx = b, .event = keep_event, .refused = keep_refused, .title = hear_title};
    int rc = b->format->read(b, w, q, &sink, err);
    if (rc)
        b->submission.n = 0;
    b->bound_viewer = STR_NONE; /* the caller's memory */
    return rc;
}

static void write_conflict(const struct batch_merge *m, const struct event *e, struct json *j)
{
    char text[MQ_ERROR_TEXT];
    int n = snprintf(text, sizeof(text), "%.*s and %.*s: are two known viewers and stay apart",
                     (int)(e->viewer.n < 100 ? e->viewer.n : 100), e->viewer.p,
                     (int)(e->other.n < 100 ? e->other.n : 100), e->other.p);
    json_object(j);
    json_kv_u64(j, "index", m->index);
    json_kv_str(j, "error", (struct str){text, (size_t)n});
    json_object_end(j);
}

/* Said to be one, and taken, but the first merge of an id stands (store_links.c). */
static void write_conflicts(const struct event_batch *b, struct json *j)
{
    bool any = false;
    for (size_t i = 0; i < b->n_merges; i++) {
        const struct event *e = &b->submission.events[b->merges[i].event];
        if (engine_are_one(b->engine, e->viewer, e->other))
            continue;
        if (!any) {
            json_key(j, STR("conflicts"));
            json_array(j);
        }
        any = true;
        write_conflict(&b->merges[i], e, j);
    }
    if (any)
        json_array_end(j);
}

void event_batch_sums(const struct event_batch *b, const struct event_sums *sums, struct json *j)
{
    json_kv_u64(j, "accepted", sums->accepted);
    json_kv_u64(j, "duplicates", sums->duplicates);
    json_key(j, STR("rejected"));
    json_array(j);
    for (size_t i = 0; i < b->n_listed; i++) {
        json_object(j);
        json_kv_u64(j, "index", b->refused[i].index);
        json_kv_str(j, "error", b->refused[i].why);
        json_object_end(j);
    }
    json_array_end(j);
    if (b->n_refused > b->n_listed)
        json_kv_u64(j, "rejected_total", b->n_refused);
    write_conflicts(b, j);
}

void event_batch_problem(const struct event_batch *b, const struct mq_error *err, struct str path,
                         struct api_response *ret)
{
    struct mq_error as = *err;
    if (b && b->format && b->format->large_is_invalid && err->status == MQ_TOO_LARGE)
        as.status = MQ_INVALID;
    api_problem(&as, path, ret);
}

void event_batch_answer(const struct event_batch *b, struct api *a, int status,
                        const struct mq_error *err, struct api_response *ret)
{
    struct event_sums sums = {.refused = b->n_refused};
    struct json j;
    if (status) {
        event_batch_problem(b, err, str_of(route_at(b->route)->pattern), ret);
        return;
    }
    for (size_t i = 0; i < b->submission.n; i++)
        sums.accepted += b->submission.outcome[i] == APPEND_ADDED;
    sums.duplicates = b->submission.n - sums.accepted;
    metrics_events(a->metrics, sums.accepted, sums.duplicates, b->n_refused);
    buf_reset(&ret->body);
    json_init(&j, &ret->body);
    if (b->format->answer) {
        b->format->answer(b, &sums, &j);
    } else {
        json_object(&j);
        event_batch_sums(b, &sums, &j);
        json_object_end(&j);
    }
    ret->status = 200;
    ret->content_type = "application/json";
}
