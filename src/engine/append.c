/* append.c - events from the embedding program and from native JSON. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/engine.h"
#include "wire/device_words.h"
#include "wire/native.h"

enum { ARENA_BLOCK = 1 << 16, APPEND_MAX = 1 << 20 };
static const size_t arena_max = (size_t)1 << 30;

struct gathered {
    struct event *events;
    size_t n, cap;
    struct mq_appended *report;
};

static void count_refused(struct mq_appended *report, size_t index, const struct mq_error *why)
{
    if (report->rejected++ == 0) {
        report->first_rejected = index;
        report->rejection = *why;
    }
}

static int append_gathered(struct mq_engine *e, struct gathered *g, struct mq_error *err)
{
    uint8_t *outcome = malloc(g->n + 1);
    if (!outcome)
        return mq_fail(err, MQ_NO_MEMORY, "append: %zu events: no memory", g->n);
    int rc = committer_append(e->committer, g->events, g->n, outcome, true, err);
    for (size_t i = 0; rc == 0 && i < g->n; i++) {
        if (outcome[i] == APPEND_ADDED)
            g->report->accepted++;
        else
            g->report->duplicates++;
    }
    free(outcome);
    return rc;
}

static int to_event(const struct mq_event *in, int64_t now_ms, struct event *e,
                    struct mq_error *err)
{
    event_init(e);
    e->id = str_of(in->id);
    e->source = STR("library");
    e->viewer = str_of(in->viewer);
    e->kind = event_kind_from(str_of(in->kind));
    if (e->kind == EVENT_CUSTOM)
        e->custom = str_of(in->kind);
    e->at_ms = in->at_ms ? in->at_ms : now_ms;
    e->title = str_of(in->title);
    e->session = str_of(in->session);
    if (event_kind_is_playback(e->kind) && in->position_ms >= 0)
        e->position_ms = in->position_ms;
    if (e->kind == EVENT_SEEK && in->from_ms >= 0)
        e->from_ms = in->from_ms;
    e->value = in->value != 0 ? (float)in->value : NAN;
    e->scale = in->scale > 0 ? (float)in->scale : 5;
    e->recommendation = str_of(in->recommendation_id);
    e->context.device = (uint8_t)device_of_name(str_of(in->device));
    if (in->country && !country_from(str_of(in->country), &e->context.country))
        return mq_fail(err, MQ_INVALID, "country: %s: give two letters, as GB", in->country);
    e->context.region = str_of(in->region);
    int offset;
    if (in->timezone) {
        if (!time_zone_offset(str_of(in->timezone), e->at_ms, &offset))
            return mq_fail(err, MQ_INVALID,
                           "timezone: %s: is unknown: give a name as Europe/London", in->timezone);
        e->context.offset_min = (int16_t)offset;
    }
    return event_check(e, now_ms, err);
}

int mq_append(struct mq_engine *engine, const struct mq_event *events, size_t n,
              struct mq_appended *ret, struct mq_error *err)
{
    if (n > APPEND_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "append: %zu events: at most %d at once", n, APPEND_MAX);
    struct mq_appended report = {0};
    struct gathered g = {.events = calloc(n + 1, sizeof(*g.events)), .report = &report};
    if (!g.events)
        return mq_fail(err, MQ_NO_MEMORY, "append: %zu events: no memory", n);
    int64_t now = clock_wall_ms();
    for (size_t i = 0; i < n; i++) {
        struct mq_error why;
        if (to_event(&events[i], now, &g.events[g.n], &why) == 0)
            g.n++;
        else
            count_refused(&report, i, &why);
    }
    int rc = append_gathered(engine, &g, err);
    free(g.events);
    if (rc == 0)
        *ret = report;
    return rc;
}

static int keep_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct gathered *g = ctx;
    (void)index;
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 128;
        struct event *p = realloc(g->events, cap * sizeof(*p));
        if (!p)
            return mq_fail(err, MQ_NO_MEMORY, "append: %zu events: no memory", cap);
        g->events = p;
        g->cap = cap;
    }
    g->events[g->n++] = *e;
    return 0;
}

static int keep_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                        struct mq_error *err)
{
    struct gathered *g = ctx;
    (void)err;
    count_refused(g->report, place->index, why);
    return 0;
}

int mq_append_json(struct mq_engine *engine, const char *json, size_t n, struct mq_appended *ret,
                   struct mq_error *err)
{
    struct arena arena;
    struct native_parser *parser = NULL;
    struct mq_appended report = {0};
    struct gathered g = {.report = &report};
    if (arena_init(&arena, ARENA_BLOCK, arena_max) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "append: no memory");
    int rc = native_parser_new(&parser, err);
    if (rc == 0) {
        struct native_options o = {.source = STR("native"),
                                   .now_ms = clock_wall_ms(),
                                   .max_events = APPEND_MAX,
                                   .arena = &arena};
        struct event_sink sink = {.ctx = &g, .event = keep_event, .refused = keep_refused};
        rc = native_parse(parser, (struct str){json, n}, &o, &sink, err);
    }
    if (rc == 0)
        rc = append_gathered(engine, &g, err);
    native_parser_free(parser);
    free(g.events);
    arena_release(&arena);
    if (rc == 0)
        *ret = report;
    return rc;
}
