/* routes_titles.c - the catalogue: one title, many, and what is like one. */
#include "http/call.h"
#include "http/render.h"
#include "http/rule_parameters.h"
#include "wire/catalogue_json.h"

int route_title_get(struct call *c, struct mq_error *err)
{
    struct title t;
    int rc = engine_get_title(c->engine, str_of(c->value[0]), c->arena, &t, err);
    if (rc == 0)
        catalogue_json_write(&c->j, &t);
    return rc;
}

int route_title_put(struct call *c, struct mq_error *err)
{
    struct title t;
    int rc = catalogue_json_parse(c->q->body, str_of(c->value[0]), c->arena, &t, err);
    if (rc == 0)
        rc = engine_put_titles(c->engine, &t, 1, false, NULL, err);
    return rc ? rc : route_title_get(c, err);
}

int route_title_delete(struct call *c, struct mq_error *err)
{
    int rc = engine_delete_title(c->engine, str_of(c->value[0]), err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_kv_z(&c->j, "title", c->value[0]);
    json_kv_bool(&c->j, "deleted", true);
    json_object_end(&c->j);
    return 0;
}

enum { LISTED_MAX = 1000 };

struct batch {
    struct arena *arena;
    struct title *titles; /* (CATALOGUE_BATCH_MAX) */
    size_t n;
    uint64_t refused;
    struct {
        size_t index;
        struct str why;
    } * listed;
    size_t n_listed;
};

static int keep_title(void *ctx, size_t index, const struct title *t, struct mq_error *err)
{
    struct batch *b = ctx;
    (void)index;
    if (b->n == CATALOGUE_BATCH_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "titles: at most %d at once", CATALOGUE_BATCH_MAX);
    b->titles[b->n++] = *t;
    return 0;
}

static int keep_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                        struct mq_error *err)
{
    struct batch *b = ctx;
    b->refused++;
    if (b->n_listed == LISTED_MAX)
        return 0;
    struct str text = arena_str(b->arena, str_of(why->text));
    if (!text.p)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory for the reasons");
    b->listed[b->n_listed].index = place->index;
    b->listed[b->n_listed++].why = text;
    return 0;
}

static void write_batch(struct call *c, const struct batch *b, size_t changed)
{
    struct json *j = &c->j;
    json_object(j);
    json_kv_u64(j, "read", b->n + b->refused);
    json_kv_u64(j, "changed", changed);
    json_key(j, STR("rejected"));
    json_array(j);
    for (size_t i = 0; i < b->n_listed; i++) {
        json_object(j);
        json_kv_u64(j, "index", b->listed[i].index);
        json_kv_str(j, "error", b->listed[i].why);
        json_object_end(j);
    }
    json_array_end(j);
    if (b->refused > b->n_listed)
        json_kv_u64(j, "rejected_total", b->refused);
    json_object_end(j);
}

int route_titles_batch(struct call *c, struct mq_error *err)
{
    struct batch b = {.arena = c->arena};
    b.titles = ARENA_ARRAY(c->arena, CATALOGUE_BATCH_MAX, struct title);
    b.listed = arena_array(c->arena, LISTED_MAX, sizeof(*b.listed));
    if (!b.titles || !b.listed)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory");
    struct catalogue_json_sink sink = {.ctx = &b, .title = keep_title, .refused = keep_refused};
    size_t changed = 0;
    int rc = catalogue_json_parse_batch(c->q->body, c->arena, &sink, err);
    if (rc == 0 && b.n > 0)
        rc = engine_put_titles(c->engine, b.titles, b.n, false, &changed, err);
    if (rc == 0)
        write_batch(c, &b, changed);
    return rc;
}

int route_similar(struct call *c, struct mq_error *err)
{
    uint64_t n = 0;
    struct mq_list list;
    struct mq_rules rules;
    struct mq_request q = {.country = call_parameter(c, "country"), .rules = &rules};
    int rc = call_unsigned(c, "n", 1000, &n, err);
    if (rc == 0)
        rc = call_time(c, "at", &q.at_ms, err);
    if (rc == 0)
        rc = call_as_of(c, &q.as_of_ms, &q.as_of_seq, err);
    if (rc == 0)
        rc = call_unsigned(c, "model", UINT64_MAX, &q.model, err);
    if (rc == 0)
        rc = rule_parameters(c, &rules, err);
    q.n = (unsigned)n;
    if (rc == 0)
        rc = mq_similar(c->w->reader, c->value[0], &q, &list, err);
    if (rc == 0)
        render_list(&c->j, &list);
    return rc;
}
