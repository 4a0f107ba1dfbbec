/* routes_watch.c - what operators watch: the state now and each second, what was refused, who asked about groups. */
#include "base/clock.h"
#include "http/call.h"
#include "http/metrics.h"

/* One server-sent event. Asked again each second by the server (stream.c), so it touches nothing but counters. */
int route_live(struct call *c, struct mq_error *err)
{
    struct engine_pulse p;
    (void)err;
    engine_pulse(c->engine, &p);
    buf_add_z(&c->ret->body, "data: ");
    json_object(&c->j);
    json_kv_time(&c->j, "at", clock_wall_ms());
    json_kv_u64(&c->j, "log_position", p.log_seq);
    if (p.newest_ms)
        json_kv_time(&c->j, "newest", p.newest_ms);
    else
        json_kv_null(&c->j, "newest");
    json_kv_u64(&c->j, "waiting", p.waiting);
    json_kv_u64(&c->j, "model", p.model);
    json_kv_bool(&c->j, "training", p.training);
    json_kv_u64(&c->j, "profiles", p.profiles);
    metrics_pulse(c->w->api->metrics, &c->j);
    json_object_end(&c->j);
    buf_add_z(&c->ret->body, "\n\n");
    return 0;
}

enum { REFUSED_BYTES = 256 * 1024 };

int route_refused(struct call *c, struct mq_error *err)
{
    uint64_t bytes = REFUSED_BYTES;
    int rc = call_unsigned(c, "bytes", 4 << 20, &bytes, err);
    return rc ? rc : engine_read_refused(c->engine, (size_t)bytes, &c->ret->body, err);
}

enum { AUDIT_USUAL = 100, AUDIT_MAX = 10000 };

struct trail {
    struct arena *arena;
    struct str *lines; /* (limit), a ring */
    uint64_t limit, n;
};

static int keep_line(void *ctx, struct str key, struct str value)
{
    struct trail *t = ctx;
    (void)key;
    struct str line = arena_str(t->arena, value);
    if (!line.p)
        return MQ_NO_MEMORY;
    t->lines[t->n++ % t->limit] = line;
    return 0;
}

int route_audit(struct call *c, struct mq_error *err)
{
    struct trail t = {.arena = c->arena, .limit = AUDIT_USUAL};
    int rc = call_unsigned(c, "limit", AUDIT_MAX, &t.limit, err);
    if (rc)
        return rc;
    t.limit = t.limit ? t.limit : 1;
    t.lines = arena_array(c->arena, t.limit, sizeof(*t.lines));
    if (!t.lines)
        return mq_fail(err, MQ_NO_MEMORY, "audit: no memory");
    rc = engine_scan_settings(c->engine, STR("audit/"), keep_line, &t, err);
    if (rc == MQ_NO_MEMORY)
        return mq_fail(err, MQ_NO_MEMORY, "audit: no memory: ask for fewer with limit");
    if (rc)
        return rc;
    json_object(&c->j);
    json_key(&c->j, STR("entries"));
    json_array(&c->j);
    for (uint64_t i = 0; i < t.n && i < t.limit; i++)
        json_str(&c->j, t.lines[(t.n - 1 - i) % t.limit]);
    json_array_end(&c->j);
    json_kv_u64(&c->j, "of", t.n);
    json_object_end(&c->j);
    return 0;
}
