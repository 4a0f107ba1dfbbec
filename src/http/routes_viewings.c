/* routes_viewings.c - what a viewer really watched. */
#include "engine/viewings.h"
#include "http/call.h"
#include "playback/viewing_write.h"

enum { VIEWINGS_MAX = 256 << 20 };

static void write_attention(struct json *j, const int64_t ms[ATTENTIONS])
{
    double attended = 0;
    json_key(j, STR("attention_ms"));
    json_object(j);
    for (int a = 0; a < ATTENTIONS; a++) {
        json_kv_i64(j, attention_name((enum attention)a), ms[a]);
        attended += attention_weight((enum attention)a) * (double)ms[a];
    }
    json_kv_i64(j, "attended", (int64_t)(attended + 0.5));
    json_object_end(j);
}

static void write_session(struct json *j, const struct watch_session *s)
{
    json_object(j);
    if (s->session.n > 0)
        json_kv_str(j, "session", s->session);
    json_kv_time(j, "from", s->from_ms);
    json_kv_time(j, "to", s->to_ms);
    json_kv_z(j, "how", sitting_name(s->how));
    if (s->device != DEVICE_NONE)
        json_kv_z(j, "device", device_name((enum device)s->device));
    if (s->autoplay >= 0)
        json_kv_bool(j, "autoplay", s->autoplay == 1);
    viewing_write(j, &s->viewing);
    write_attention(j, s->attention_ms);
    json_object_end(j);
}

static void write_series(struct json *j, const struct watched_title *t)
{
    if (t->series.n == 0)
        return;
    json_kv_str(j, "series", t->series);
    json_kv_u64(j, "season", t->season);
    json_kv_u64(j, "episode", t->episode);
    json_key(j, STR("next"));
    if (t->next_id.n == 0) {
        json_null(j);
        return;
    }
    json_object(j);
    json_kv_str(j, "title", t->next_id);
    json_kv_str(j, "name", t->next_name);
    json_object_end(j);
}

static int write_title(void *ctx, const struct watched_title *t)
{
    struct call *c = ctx;
    struct buf *out = &c->ret->body;
    struct json j;
    json_init(&j, out);
    json_object(&j);
    json_kv_str(&j, "title", t->id);
    json_kv_str(&j, "name", t->name);
    write_series(&j, t);
    json_key(&j, STR("runtime_ms"));
    if (t->runtime_ms > 0)
        json_i64(&j, t->runtime_ms);
    else
        json_null(&j);
    json_kv_bool(&j, "finished", t->finished);
    viewings_write(&j, &t->sum);
    write_attention(&j, t->attention_ms);
    json_key(&j, STR("sessions"));
    json_array(&j);
    for (uint32_t i = t->first; i; i = t->all[i - 1].next)
        write_session(&j, &t->all[i - 1]);
    json_array_end(&j);
    json_object_end(&j);
    buf_add_char(out, '\n');
    return out->failed || out->n > VIEWINGS_MAX || api_is_stopping(c->w->api) ? MQ_CANCELLED : 0;
}

int route_viewings(struct call *c, struct mq_error *err)
{
    int64_t as_of_ms = 0;
    uint64_t as_of_seq = 0;
    int rc = call_as_of(c, &as_of_ms, &as_of_seq, err);
    if (rc == 0)
        rc = engine_viewings(c->w->reader, str_of(c->value[0]), as_of_ms, as_of_seq, write_title, c,
                             err);
    if (rc == MQ_CANCELLED)
        return api_is_stopping(c->w->api)
                   ? mq_fail(err, MQ_CANCELLED, "viewings: the server stops")
                   : mq_fail(err, MQ_TOO_LARGE, "viewings: over %d bytes: ask as of earlier",
                             VIEWINGS_MAX);
    return rc;
}
