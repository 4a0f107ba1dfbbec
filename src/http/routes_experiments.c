/* routes_experiments.c - several ways to serve at once, and what came of them. */
#include <math.h>

#include "engine/experiments.h"
#include "engine/places_read.h"
#include "http/call.h"
#include "http/render.h"

static void write_time(struct json *j, const char *key, int64_t at_ms)
{
    if (at_ms == 0)
        json_kv_null(j, key);
    else
        json_kv_i64(j, key, at_ms);
}

static void write_arm(struct json *j, const struct experiment_arm *a)
{
    json_kv_z(j, "arm", a->name);
    json_kv_double(j, "weight", a->weight, 6);
    if (a->model)
        json_kv_u64(j, "model", a->model);
    json_kv_z(j, "ranker", a->no_ranker ? "off" : "on");
    json_kv_z(j, "context", a->no_context ? "off" : "on");
    json_kv_u64(j, "draw", a->draw);
}

static void write_head(struct json *j, const struct experiment *x)
{
    json_kv_z(j, "name", x->name);
    json_kv_z(j, "state", x->stopped_ms ? "stopped" : x->started_ms ? "running" : "created");
    json_kv_double(j, "traffic", x->traffic, 6);
    json_kv_bool(j, "interleave", x->interleave);
    write_time(j, "created_ms", x->created_ms);
    write_time(j, "started_ms", x->started_ms);
    write_time(j, "stopped_ms", x->stopped_ms);
}

static void write_experiment(struct json *j, const struct experiment *x)
{
    json_object(j);
    write_head(j, x);
    json_key(j, STR("arms"));
    json_array(j);
    for (size_t i = 0; i < x->n; i++) {
        json_object(j);
        write_arm(j, &x->arm[i]);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static void write_reading(struct json *j, const struct experiment_reading *r)
{
    bool broken = r->sample_ratio_p < 0.001;
    json_object(j);
    write_head(j, &r->experiment);
    json_kv_double(j, "sample_ratio_p", r->sample_ratio_p, 4);
    json_kv_bool(
        j, "broken",
        broken); /* the arms are not filled as they should be: no effect is to be believed */
    json_key(j, STR("arms"));
    json_array(j);
    for (size_t i = 0; i < r->experiment.n; i++) {
        const struct arm_reading *a = &r->arm[i];
        json_object(j);
        write_arm(j, &r->experiment.arm[i]);
        json_kv_u64(j, "viewers", a->viewers);
        json_kv_double(j, "pages", a->pages, 12);
        json_kv_double(j, "chosen", a->chosen, 12);
        json_kv_double(j, "valued", a->valued, 12);
        if (i > 0 && !broken) {
            render_effect(j, "chosen_per_page", &a->chosen_effect);
            render_effect(j, "valued_per_page", &a->valued_effect);
        }
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static int answer(struct call *c, struct mq_error *err)
{
    struct experiment x;
    int rc = engine_experiment_get(c->engine, str_of(c->value[0]), &x, err);
    if (rc == 0)
        write_experiment(&c->j, &x);
    return rc;
}

int route_experiment_create(struct call *c, struct mq_error *err)
{
    struct experiment x = {.traffic = 1};
    struct body_field f[] = {{.name = "name", .type = BODY_TEXT},
                             {.name = "traffic", .type = BODY_NUMBER},
                             {.name = "arms", .type = BODY_TEXTS},
                             {.name = "interleave", .type = BODY_FLAG}};
    int rc = body_fields_read(c->q->body, c->arena, f, 4, err);
    x.interleave = f[3].flag;
    if (rc)
        return rc;
    if (!f[0].given || !f[2].given)
        return mq_fail(err, MQ_INVALID,
                       "name, arms: missing: send {\"name\": \"...\", \"arms\": [\"control\", "
                       "\"plain:ranker=off\"]}");
    if (strlen(f[0].text) > EXPERIMENT_NAME_MAX || f[2].n_texts > EXPERIMENT_ARMS_MAX)
        return mq_fail(err, MQ_INVALID,
                       "experiment: %.80s: a name has at most %d bytes, and there "
                       "are at most %d arms",
                       f[0].text, EXPERIMENT_NAME_MAX, EXPERIMENT_ARMS_MAX);
    memcpy(x.name, f[0].text, strlen(f[0].text) + 1);
    if (f[1].given)
        x.traffic = f[1].number;
    for (; rc == 0 && x.n < f[2].n_texts; x.n++)
        rc = experiment_arm_read(str_of(f[2].texts[x.n]), &x.arm[x.n], err);
    if (rc == 0)
        rc = engine_experiment_create(c->engine, &x, err);
    if (rc == 0)
        rc = engine_experiment_get(c->engine, str_of(x.name), &x, err);
    if (rc == 0)
        write_experiment(&c->j, &x);
    return rc;
}

int route_experiment_list(struct call *c, struct mq_error *err)
{
    size_t n = 0;
    struct experiment *all = ARENA_ARRAY(c->arena, EXPERIMENTS_MAX, struct experiment);
    if (!all)
        return mq_fail(err, MQ_NO_MEMORY, "experiments: no memory");
    int rc = engine_experiments(c->engine, all, &n, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_key(&c->j, STR("experiments"));
    json_array(&c->j);
    for (size_t i = 0; i < n; i++)
        write_experiment(&c->j, &all[i]);
    json_array_end(&c->j);
    json_object_end(&c->j);
    return 0;
}

int route_experiment_start(struct call *c, struct mq_error *err)
{
    int rc = engine_experiment_start(c->engine, str_of(c->value[0]), err);
    return rc ? rc : answer(c, err);
}

int route_experiment_stop(struct call *c, struct mq_error *err)
{
    int rc = engine_experiment_stop(c->engine, str_of(c->value[0]), err);
    return rc ? rc : answer(c, err);
}

int route_experiment_read(struct call *c, struct mq_error *err)
{
    struct experiment_reading r;
    int64_t as_of_ms = 0;
    int rc = call_time(c, "as_of", &as_of_ms, err);
    if (rc == 0)
        rc = engine_experiment_read(c->engine, str_of(c->value[0]), as_of_ms, &r, err);
    if (rc == 0)
        write_reading(&c->j, &r);
    return rc;
}

static void write_number(struct json *j, const char *key, double v)
{
    if (isnan(v))
        json_kv_null(j, key);
    else
        json_kv_double(j, key, v, 4);
}

static void write_along(struct json *j, const char *key, const struct places_read *p, unsigned rows)
{
    json_key(j, str_of(key));
    json_object(j);
    json_kv_u64(j, "pages", p->pages[rows]);
    json_kv_u64(j, "choices", p->choices[rows]);
    json_kv_u64(j, "viewers", p->viewers[rows]);
    json_kv_z(j, "weights",
              p->known[rows] ? "from swaps"
                             : "none: too few swaps, all are assumed to be looked at alike");
    json_object_end(j);
}

int route_places(struct call *c, struct mq_error *err)
{
    struct places_read *p = ARENA_ARRAY(c->arena, 1, struct places_read);
    int rc =
        p ? engine_places_read(c->engine, p, err) : mq_fail(err, MQ_NO_MEMORY, "places: no memory");
    if (rc)
        return rc;
    json_object(&c->j);
    json_kv_z(
        &c->j, "assumes",
        "whether a place is looked at does not depend on what stands there; row and column act "
        "apart");
    write_along(&c->j, "columns", p, 0);
    write_along(&c->j, "rows", p, 1);
    json_key(&c->j, STR("places"));
    json_array(&c->j);
    for (size_t i = 0; i < p->n; i++) {
        const struct place_read *x = &p->place[i];
        json_object(&c->j);
        json_kv_z(&c->j, "device",
                  x->device < DEVICES ? device_name((enum device)x->device) : "all");
        json_kv_z(&c->j, "along", x->rows ? "row" : "column");
        json_kv_u64(&c->j, "place", x->place);
        json_kv_double(&c->j, "choices", x->choices, 12);
        write_number(&c->j, "ratio", x->ratio);
        write_number(&c->j, "low", x->low);
        write_number(&c->j, "high", x->high);
        write_number(&c->j, "used", x->used);
        json_object_end(&c->j);
    }
    json_array_end(&c->j);
    json_object_end(&c->j);
    return 0;
}
