/* routes_gorse.c - what Gorse's SDKs ask: users, items, recommendations. Feedback goes the way of all events. */
#include <stdlib.h>

#include "base/clock.h"
#include "http/call.h"
#include "http/event_batch.h"
#include "wire/gorse.h"
#include "wire/gorse_write.h"

enum {
    DEFAULT_N = 10,
    LIST_MAX = 1000,    /* n and offset together */
    SESSION_ITEMS = 50, /* of a session; later ones are passed over */
    SESSION_SIMILAR = 100,
};

/* ---------------------------------------------------------------- shared */

static void write_affected(struct call *c, uint64_t n)
{
    json_object(&c->j);
    json_kv_u64(&c->j, "RowAffected", n);
    json_object_end(&c->j);
}

void gorse_answer_affected(const struct event_batch *b, const struct event_sums *sums,
                           struct json *j)
{
    (void)b;
    json_object(j);
    json_kv_u64(j, "RowAffected", sums->accepted);
    json_object_end(j);
}

static int take_slice(const struct call *c, uint64_t *n, uint64_t *offset, struct mq_error *err)
{
    *n = DEFAULT_N;
    *offset = 0;
    int rc = call_unsigned(c, "n", LIST_MAX, n, err);
    return rc ? rc : call_unsigned(c, "offset", LIST_MAX, offset, err);
}

/* ---------------------------------------------------------------- users */

int route_gorse_user(struct call *c, struct mq_error *err)
{
    struct viewer_summary s;
    int rc = engine_viewer_summary(c->engine, str_of(c->value[0]), &s, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_kv_z(&c->j, "UserId", c->value[0]);
    json_kv_null(&c->j, "Labels");
    json_kv_z(&c->j, "Comment", "");
    json_object_end(&c->j);
    return 0;
}

/* PATCH: of a user nothing is kept that could change; who nobody saw is told so. */
int route_gorse_user_patch(struct call *c, struct mq_error *err)
{
    struct viewer_id id;
    int rc = engine_find_viewer(c->engine, str_of(c->value[0]), &id, err);
    if (rc == 0)
        rc = body_fields_read(c->q->body, c->arena, NULL, 0, err);
    if (rc == 0)
        write_affected(c, 1);
    return rc;
}

struct listing {
    struct json *j;
    uint64_t left, listed;
};

static bool list_user(void *ctx, struct str id)
{
    struct listing *l = ctx;
    json_object(l->j);
    json_kv_str(l->j, "UserId", id);
    json_kv_null(l->j, "Labels");
    json_kv_z(l->j, "Comment", "");
    json_object_end(l->j);
    l->listed++;
    return --l->left > 0;
}

/* The cursor is how many ids were passed; it is empty at the end. */
int route_gorse_users(struct call *c, struct mq_error *err)
{
    uint64_t n = DEFAULT_N, from = 0;
    const char *cursor = call_parameter(c, "cursor");
    int rc = call_unsigned(c, "n", LIST_MAX, &n, err);
    if (rc == 0 && cursor && cursor[0])
        rc = call_unsigned(c, "cursor", UINT32_MAX, &from, err);
    if (rc)
        return rc;
    struct listing l = {&c->j, n, 0};
    json_object(&c->j);
    json_key(&c->j, STR("Users"));
    json_array(&c->j);
    uint32_t ever = n > 0 ? engine_viewers(c->engine, (uint32_t)from, list_user, &l) : 0;
    json_array_end(&c->j);
    gorse_write_cursor(&c->j, l.listed == n && from + n < ever ? from + n : 0);
    json_object_end(&c->j);
    return 0;
}

int route_gorse_user_delete(struct call *c, struct mq_error *err)
{
    int rc = route_erase(c, err);
    if (rc)
        return rc;
    buf_reset(&c->ret->body);
    json_init(&c->j, &c->ret->body);
    write_affected(c, 1);
    return 0;
}

/* ---------------------------------------------------------------- items */

int route_gorse_items_put(struct call *c, struct mq_error *err)
{
    struct title *titles = NULL;
    size_t n = 0;
    int rc = gorse_read_items(c->q->body, c->arena, &titles, &n, err);
    if (rc == 0 && n > 0)
        rc = engine_put_titles(c->engine, titles, n, false, NULL, err);
    if (rc == 0)
        write_affected(c, n);
    return rc;
}

/* PATCH: what the body does not name stays. */
int route_gorse_item_patch(struct call *c, struct mq_error *err)
{
    struct title there, t;
    int rc = engine_get_title(c->engine, str_of(c->value[0]), c->arena, &there, err);
    if (rc == 0)
        rc = gorse_read_item_change(c->q->body, str_of(c->value[0]), c->arena, &t, err);
    if (rc == 0)
        rc = engine_put_titles(c->engine, &t, 1, false, NULL, err);
    if (rc == 0)
        write_affected(c, 1);
    return rc;
}

int route_gorse_item(struct call *c, struct mq_error *err)
{
    struct title t;
    int rc = engine_get_title(c->engine, str_of(c->value[0]), c->arena, &t, err);
    if (rc)
        return rc;
    gorse_write_item(&c->j, str_of(c->value[0]), &t);
    return 0;
}

int route_gorse_item_delete(struct call *c, struct mq_error *err)
{
    int rc = engine_delete_title(c->engine, str_of(c->value[0]), err);
    if (rc == 0)
        write_affected(c, 1);
    return rc;
}

/* ---------------------------------------------------------------- recommendations */

/* Of the path ("/api/latest/{category}"), else of the query. */
static const char *category_of(const struct call *c)
{
    size_t variables = 0;
    if (!str_ends(str_of(c->route->pattern), STR("/{category}")))
        return call_parameter(c, "category");
    for (const char *p = c->route->pattern; *p; p++)
        variables += *p == '{';
    return c->value[variables - 1];
}

/* Categories are genres. */
static int has_category(struct call *c, const char *title, const char *category, bool *ret,
                        struct mq_error *err)
{
    struct title t;
    *ret = true;
    if (!category || !category[0])
        return 0;
    *ret = false;
    int rc = engine_get_title(c->engine, str_of(title), c->arena, &t, err);
    if (rc == MQ_NOT_FOUND)
        return 0;
    for (size_t i = 0; rc == 0 && i < t.n_genres; i++)
        *ret |= str_eq_nocase(t.genres[i], str_of(category));
    return rc;
}

static int write_slice(struct call *c, const struct mq_item *items, size_t n_items, bool scores,
                       struct mq_error *err)
{
    const char *category = category_of(c);
    uint64_t n, offset;
    struct json *j = &c->j;
    int rc = take_slice(c, &n, &offset, err);
    json_array(j);
    for (size_t i = 0; rc == 0 && n > 0 && i < n_items; i++) {
        bool in;
        rc = has_category(c, items[i].title, category, &in, err);
        if (rc || !in || (offset > 0 && offset-- > 0))
            continue;
        if (scores) {
            json_object(j);
            json_kv_z(j, "Id", items[i].title);
            json_kv_double(j, "Score", items[i].score, 9);
            json_object_end(j);
        } else {
            json_str(j, str_of(items[i].title));
        }
        n--;
    }
    if (rc == 0)
        json_array_end(j);
    return rc;
}

int route_gorse_recommend(struct call *c, struct mq_error *err)
{
    struct mq_request q = {.viewer = c->value[0], .n = LIST_MAX};
    struct mq_list list;
    int rc = mq_recommend(c->w->reader, &q, &list, err);
    return rc ? rc : write_slice(c, list.items, list.n_items, false, err);
}

static int similar(struct call *c, const char *item, struct mq_error *err)
{
    struct mq_list list;
    int rc = mq_similar(c->w->reader, item, &(struct mq_request){.n = LIST_MAX}, &list, err);
    return rc ? rc : write_slice(c, list.items, list.n_items, true, err);
}

int route_gorse_neighbors(struct call *c, struct mq_error *err)
{
    return similar(c, c->value[0], err);
}

int route_gorse_item_to_item(struct call *c, struct mq_error *err)
{
    return similar(c, c->value[1], err);
}

/* A row of a page that knows no viewer. */
static int row(struct call *c, const char *kind, struct mq_error *err)
{
    struct mq_request q = {.viewer = "-", .no_profiling = true, .rows = 40, .columns = 100};
    struct mq_page page;
    int rc = mq_home(c->w->reader, &q, &page, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < page.n_rows; i++) {
        if (strcmp(page.rows[i].kind, kind) == 0)
            return write_slice(c, page.rows[i].items, page.rows[i].n_items, true, err);
    }
    return write_slice(c, NULL, 0, true, err);
}

int route_gorse_latest(struct call *c, struct mq_error *err)
{
    return row(c, "new", err);
}

/* What is recommended to somebody of whom nothing is known. */
int route_gorse_popular(struct call *c, struct mq_error *err)
{
    struct mq_request q = {.viewer = "-", .no_profiling = true, .n = LIST_MAX};
    struct mq_list list;
    int rc = mq_recommend(c->w->reader, &q, &list, err);
    return rc ? rc : write_slice(c, list.items, list.n_items, true, err);
}

/* ---------------------------------------------------------------- sessions */

struct session {
    struct arena *arena;
    const char *item[SESSION_ITEMS];
    size_t n;
};

static int keep_item(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct session *s = ctx;
    (void)index;
    if (s->n == SESSION_ITEMS)
        return 0;
    char *p = arena_alloc(s->arena, e->title.n + 1);
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "session: no memory");
    if (e->title.n > 0)
        memcpy(p, e->title.p, e->title.n);
    s->item[s->n++] = p;
    return 0;
}

static int refuse_item(void *ctx, const struct event_place *place, const struct mq_error *why,
                       struct mq_error *err)
{
    (void)ctx;
    (void)place;
    *err = *why;
    return why->status;
}

static int by_title(const void *x, const void *y)
{
    return strcmp(((const struct mq_item *)x)->title, ((const struct mq_item *)y)->title);
}

static int by_score(const void *x, const void *y)
{
    const struct mq_item *a = x, *b = y;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return strcmp(a->title, b->title);
}

/* What is like each item of the session; a title that is like several has the sum of its scores. */
static int gather(struct call *c, const struct session *s, struct mq_item **ret, size_t *ret_n,
                  struct mq_error *err)
{
    struct mq_item *all = ARENA_ARRAY(c->arena, s->n * SESSION_SIMILAR + 1, struct mq_item);
    size_t n = 0, kept = 0;
    if (!all)
        return mq_fail(err, MQ_NO_MEMORY, "session: no memory");
    for (size_t i = 0; i < s->n; i++) {
        struct mq_list list;
        int rc = mq_similar(c->w->reader, s->item[i], &(struct mq_request){.n = SESSION_SIMILAR},
                            &list, err);
        if (rc == MQ_NOT_FOUND)
            continue;
        if (rc)
            return rc;
        for (size_t k = 0; k < list.n_items; k++) {
            struct str id = arena_str(
                c->arena, (struct str){list.items[k].title, strlen(list.items[k].title) + 1});
            if (!id.p)
                return mq_fail(err, MQ_NO_MEMORY, "session: no memory");
            all[n] = list.items[k];
            all[n++].title = id.p;
        }
    }
    qsort(all, n, sizeof(*all), by_title);
    for (size_t i = 0; i < n; i++) {
        bool in_session = false;
        for (size_t k = 0; k < s->n; k++)
            in_session |= strcmp(all[i].title, s->item[k]) == 0;
        if (in_session)
            continue;
        if (kept > 0 && strcmp(all[kept - 1].title, all[i].title) == 0)
            all[kept - 1].score += all[i].score;
        else
            all[kept++] = all[i];
    }
    qsort(all, kept, sizeof(*all), by_score);
    *ret = all;
    *ret_n = kept;
    return 0;
}

int route_gorse_session(struct call *c, struct mq_error *err)
{
    struct session s = {.arena = c->arena};
    struct event_sink sink = {&s, keep_item, refuse_item, NULL};
    struct mq_item *items = NULL;
    size_t n = 0;
    int rc = gorse_read_events(c->q->body, GORSE_SESSION, clock_wall_ms(), c->arena, &sink, err);
    if (rc == 0)
        rc = gather(c, &s, &items, &n, err);
    return rc ? rc : write_slice(c, items, n, true, err);
}

int route_gorse_health(struct call *c, struct mq_error *err)
{
    (void)err;
    json_object(&c->j);
    json_kv_bool(&c->j, "Ready", true);
    json_object_end(&c->j);
    return 0;
}
