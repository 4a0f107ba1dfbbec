/* routes_retention.c - how long a title holds its viewers. */
#include <math.h>

#include "engine/title_retention.h"
#include "http/call.h"

enum { DIGITS = 4 };

static void write_minutes(struct json *j, const struct retention_figures *f)
{
    json_key(j, STR("minutes"));
    json_array(j);
    for (uint32_t m = 0; m < f->n; m++) {
        const struct retention_minute *x = &f->minutes[m];
        json_object(j);
        json_kv_u64(j, "minute", m);
        json_kv_double(j, "still", x->still, DIGITS);
        json_kv_double(j, "left", x->left, 10);
        json_kv_double(j, "watched", x->watched, DIGITS);
        json_kv_double(j, "rewatched", x->rewatched, DIGITS);
        json_kv_double(j, "rewatch_ratio", x->rewatch_ratio, DIGITS);
        json_kv_double(j, "skipped", x->skipped, DIGITS);
        json_kv_double(j, "skip_ratio", x->skip_ratio, DIGITS);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_devices(struct json *j, const struct retention_figures *f)
{
    json_key(j, STR("devices"));
    json_array(j);
    for (size_t i = 0; i < f->n_devices; i++) {
        const struct retention_device *d = &f->devices[i];
        json_object(j);
        json_kv_z(j, "device",
                  d->device == DEVICE_NONE ? "unknown" : device_name((enum device)d->device));
        json_kv_double(j, "viewers", d->viewers, 10);
        json_key(j, STR("still"));
        json_array(j);
        for (uint32_t m = 0; m < f->n; m++)
            json_double(j, d->still[m], DIGITS);
        json_array_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}

int route_retention(struct call *c, struct mq_error *err)
{
    struct retention_request q = {.title = str_of(c->value[0]),
                                  .who = api_role_name(c->q->role),
                                  .progress = call_progress,
                                  .progress_ctx = c->w->api};
    struct retention_figures f;
    struct str name;
    int64_t runtime_ms;
    uint64_t floor = 0;
    int rc = call_unsigned(c, "floor", 1000000, &floor, err);
    q.floor = (unsigned)floor;
    if (rc == 0)
        rc = call_flag(c, "research", &q.research, err);
    if (rc == 0 && q.research && c->q->role < API_ADMIN)
        rc = mq_fail(err, MQ_DENIED, "research: needs the role admin: ask without it");
    if (rc == 0)
        rc = call_as_of(c, &q.as_of_ms, &q.as_of_seq, err);
    if (rc == 0)
        rc = engine_title_retention(c->engine, &q, c->arena, &name, &runtime_ms, &f, err);
    if (rc)
        return rc;
    struct json *j = &c->j;
    json_object(j);
    json_kv_z(j, "title", c->value[0]);
    json_kv_str(j, "name", name);
    json_kv_i64(j, "runtime_min", runtime_ms / 60000);
    json_kv_double(j, "viewers", f.viewers, 10);
    json_kv_double(j, "finished", f.finished, 10);
    json_kv_double(j, "left", f.left, 10);
    json_kv_double(j, "open", f.open, 10);
    write_minutes(j, &f);
    write_devices(j, &f);
    json_kv_bool(j, "withheld", f.withheld);
    json_kv_bool(j, "research", q.research);
    json_object_end(j);
    return 0;
}
