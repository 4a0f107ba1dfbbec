/* routes_doctor.c - are the sources well? */
#include "engine/sources.h"
#include "http/call.h"
#include "http/metrics.h"

static void kv_names(struct json *j, const char *source, const char *app)
{
    json_kv_z(j, "source", source);
    if (app[0])
        json_kv_z(j, "app", app);
}

/* In words: what, how sure, and what to look at. */
static void write_detail(struct json *j, const struct source_alarm *a)
{
    char text[256];
    struct buf b;
    buf_over(&b, text, sizeof(text));
    if (a->trouble == SOURCE_MISSING)
        buf_printf(&b, "%s: %.0f were to be expected, %.0f came: did a release stop sending them?",
                   event_kind_name(a->kind), a->expected, a->seen);
    else if (a->trouble == SOURCE_SILENT)
        buf_printf(&b, "%.0f events were to be expected since then, none came: does it still run?",
                   a->expected);
    else
        buf_printf(&b,
                   "%.0f of %.0f steps of position_ms are a thousand times too small or too large: "
                   "are seconds sent for milliseconds?",
                   a->seen, a->expected);
    json_kv_str(j, "detail", buf_str(&b));
}

struct writing {
    struct json *j;
    struct buf streams; /* comes behind the alarms */
    struct json stream;
    uint64_t alarms;
};

static bool write_alarm(void *ctx, const struct source_alarm *a)
{
    struct writing *w = ctx;
    json_object(w->j);
    kv_names(w->j, a->source, a->app);
    json_kv_z(w->j, "alarm", source_trouble_name(a->trouble));
    if (a->trouble == SOURCE_MISSING)
        json_kv_z(w->j, "kind", event_kind_name(a->kind));
    json_kv_time(w->j, "since", a->since_ms);
    write_detail(w->j, a);
    json_object_end(w->j);
    w->alarms++;
    return true;
}

static bool write_stream(void *ctx, const struct source_stream *s)
{
    struct writing *w = ctx;
    struct json *j = &w->stream;
    json_object(j);
    kv_names(j, s->source, s->app);
    json_kv_u64(j, "events", s->events);
    json_kv_time(j, "first", s->first_ms);
    json_kv_time(j, "last", s->last_ms);
    json_kv_double(j, "per_minute", s->per_minute, 4);
    json_key(j, STR("mix"));
    json_object(j);
    for (int k = 0; k < EVENT_KINDS; k++) {
        if (s->share[k] > 0)
            json_kv_double(j, event_kind_name((enum event_kind)k), s->share[k], 3);
    }
    json_object_end(j);
    json_object_end(j);
    return true;
}

enum { STREAMS_BYTES = 4 << 20 };

int route_doctor(struct call *c, struct mq_error *err)
{
    struct json *j = &c->j;
    struct writing w = {.j = j};
    int64_t now = engine_now(c->engine, NULL);
    buf_init(&w.streams, STREAMS_BYTES);
    json_init(&w.stream, &w.streams);
    json_array(&w.stream);
    json_object(j);
    json_kv_time(j, "now", now);
    json_key(j, STR("alarms"));
    json_array(j);
    int rc = engine_sources(c->engine, now, write_alarm, write_stream, &w, err);
    if (rc == 0) {
        json_array_end(j);
        json_array_end(&w.stream);
        json_key(j, STR("sources"));
        json_raw(j, buf_str(&w.streams));
        json_kv_bool(j, "well", w.alarms == 0);
        json_object_end(j);
    }
    buf_release(&w.streams);
    return rc;
}

static void add_label(struct buf *b, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_char(b, '\\');
        buf_add_char(b, (unsigned char)*text < 0x20 ? ' ' : *text);
    }
}

static bool write_gauge(void *ctx, const struct source_alarm *a)
{
    struct buf *b = ctx;
    buf_printf(b, "marquee_source_alarm{alarm=\"%s\",kind=\"%s\",source=\"",
               source_trouble_name(a->trouble),
               a->trouble == SOURCE_MISSING ? event_kind_name(a->kind) : "");
    add_label(b, a->source);
    buf_add_z(b, "\",app=\"");
    add_label(b, a->app);
    buf_add_z(b, "\"} 1\n");
    return true;
}

void metrics_write_sources(struct mq_engine *e, struct buf *out)
{
    buf_add_z(out,
              "# HELP marquee_source_alarm What is wrong with a source now (docs/operations.md).\n"
              "# TYPE marquee_source_alarm gauge\n");
    engine_live_sources(e, engine_now(e, NULL), write_gauge, out);
}
