/* routes_gorse_lists.c - what Gorse's SDKs list: feedback of a user, items; and feedback taken back. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/catalogue_search.h"
#include "engine/consent.h"
#include "http/call.h"
#include "wire/gorse.h"
#include "wire/gorse_write.h"

enum {
    DEFAULT_N = 10,
    LIST_MAX = 1000,
    BODY_MAX = 32 << 20,
    LOOKED_MAX = 200000, /* events for one page of everybody's feedback: then the page is shorter */
};

/* A title that was taken out of the history, with all that happened before. */
struct removal {
    struct title_id title;
    int64_t at_ms;
};

struct feedback {
    struct call *c;
    struct str type, title; /* empty: any */
    bool single;            /* the newest, as one object */
    uint64_t n;
    uint64_t most; /* 0: all; else it stops before one more, or where it has looked enough */
    uint64_t skip, passed; /* events of the viewer: not to be listed again; gone by */
    uint64_t looked;
    bool full;
    struct removal *
        removed; /* (n_removed) of the viewer; when all are found, by title, the last one of each first */
    size_t n_removed, cap_removed;
    struct mq_error *err;
};

/* Orders may come late: they are gathered before anything is listed. */
static int find_removal(void *ctx, const struct event *e)
{
    struct feedback *f = ctx;
    if (event_order_of(e) != ORDER_REMOVE_TITLE)
        return 0;
    if (f->n_removed == f->cap_removed) {
        size_t cap = f->cap_removed ? 2 * f->cap_removed : 16;
        struct removal *more = ARENA_ARRAY(f->c->arena, cap, struct removal);
        if (!more)
            return mq_fail(f->err, MQ_NO_MEMORY, "feedback: no memory");
        if (f->n_removed > 0)
            memcpy(more, f->removed, f->n_removed * sizeof(*more));
        f->removed = more;
        f->cap_removed = cap;
    }
    f->removed[f->n_removed++] = (struct removal){e->title_id, e->at_ms};
    return 0;
}

static int by_title(const void *a, const void *b)
{
    const struct removal *x = a, *y = b;
    if (x->title.v != y->title.v)
        return x->title.v < y->title.v ? -1 : 1;
    return (x->at_ms < y->at_ms) - (x->at_ms > y->at_ms);
}

static bool is_removed(const struct feedback *f, const struct event *e)
{
    size_t low = 0, high = f->n_removed;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->removed[middle].title.v < e->title_id.v)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->n_removed && f->removed[low].title.v == e->title_id.v &&
           e->at_ms <= f->removed[low].at_ms;
}

static int list_event(void *ctx, const struct event *e)
{
    struct feedback *f = ctx;
    if (f->passed < f->skip) {
        f->passed++;
        return 0;
    }
    if (f->most > 0 && (f->n == f->most || ++f->looked > LOOKED_MAX)) {
        f->full = true;
        return mq_fail(f->err, MQ_CANCELLED, "feedback: the page is full");
    }
    f->passed++;
    if (e->title.n == 0 || event_order_of(e) != ORDER_NONE || is_removed(f, e) ||
        (f->type.n > 0 && !gorse_event_is(e, f->type)) ||
        (f->title.n > 0 && !str_eq(e->title, f->title)))
        return 0;
    if (f->single) {
        buf_reset(&f->c->ret->body);
        json_init(&f->c->j, &f->c->ret->body);
    }
    f->n++;
    gorse_write_feedback(&f->c->j, e, f->type);
    if (f->c->ret->body.n > BODY_MAX)
        return mq_fail(f->err, MQ_TOO_LARGE, "feedback: over %d bytes: ask /v1/viewers/{id}/export",
                       BODY_MAX);
    return 0;
}

static int list_feedback(struct feedback *f, struct str viewer)
{
    struct mq_engine *e = f->c->engine;
    f->n_removed = 0;
    int rc = engine_viewer_events(e, viewer, find_removal, f, f->err);
    if (f->n_removed > 0)
        qsort(f->removed, f->n_removed, sizeof(*f->removed), by_title);
    return rc ? rc : engine_viewer_events(e, viewer, list_event, f, f->err);
}

/* /api/user/{viewer}/feedback, and of a type. */
int route_gorse_user_feedback(struct call *c, struct mq_error *err)
{
    struct feedback f = {.c = c, .err = err};
    if (str_ends(str_of(c->route->pattern), STR("/{type}")))
        f.type = str_of(c->value[1]);
    json_array(&c->j);
    int rc = list_feedback(&f, str_of(c->value[0]));
    if (rc == 0)
        json_array_end(&c->j);
    return rc;
}

/* /api/feedback/{viewer}/{title}: all that the viewer said of it. */
int route_gorse_pair_feedback(struct call *c, struct mq_error *err)
{
    struct feedback f = {.c = c, .err = err, .title = str_of(c->value[1])};
    json_array(&c->j);
    int rc = list_feedback(&f, str_of(c->value[0]));
    if (rc == 0)
        json_array_end(&c->j);
    return rc;
}

/* ---------------------------------------------------------------- everybody's */

struct everybody {
    struct feedback f;
    uint32_t viewer; /* dense id, as engine_viewers counts them */
    int rc;
};

static bool list_viewer(void *ctx, struct str id)
{
    struct everybody *w = ctx;
    struct viewer_id viewer;
    w->rc = engine_find_viewer(w->f.c->engine, id, &viewer, w->f.err);
    if (w->rc == 0) {
        w->f.skip = viewer.v == w->viewer ? w->f.skip : 0;
        w->viewer = viewer.v;
        w->f.passed = 0;
        w->rc = list_feedback(&w->f, id);
    }
    if (w->rc == MQ_NOT_FOUND || w->f.full)
        w->rc = 0; /* forgotten meanwhile */
    return w->rc == 0 && !w->f.full;
}

/* "VIEWER.EVENTS": the next one is this viewer's, after so many events. */
static int take_place(const struct call *c, uint32_t *viewer, uint64_t *events,
                      struct mq_error *err)
{
    const char *cursor = call_parameter(c, "cursor");
    uint64_t at;
    if (!cursor || !cursor[0])
        return 0;
    struct str rest = str_of(cursor), first = str_cut(&rest, '.');
    if (!str_to_u64(first, &at) || at > UINT32_MAX || !str_to_u64(rest, events))
        return mq_fail(err, MQ_INVALID,
                       "cursor: %.64s: give the Cursor of the answer before, or none", cursor);
    *viewer = (uint32_t)at;
    return 0;
}

/* /api/feedback, and of a type: viewer by viewer, as first seen. What arrives between two pages may be missed. */
int route_gorse_all_feedback(struct call *c, struct mq_error *err)
{
    struct everybody w = {.f = {.c = c, .err = err, .most = DEFAULT_N}};
    if (str_ends(str_of(c->route->pattern), STR("/{type}")))
        w.f.type = str_of(c->value[0]);
    int rc = call_unsigned(c, "n", LIST_MAX, &w.f.most, err);
    if (rc == 0)
        rc = take_place(c, &w.viewer, &w.f.skip, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_key(&c->j, STR("Feedback"));
    json_array(&c->j);
    if (w.f.most > 0)
        engine_viewers(c->engine, w.viewer, list_viewer, &w);
    if (w.rc)
        return w.rc;
    json_array_end(&c->j);
    char place[48] = "";
    if (w.f.full)
        snprintf(place, sizeof(place), "%u.%llu", w.viewer, (unsigned long long)w.f.passed);
    json_kv_z(&c->j, "Cursor", place);
    json_object_end(&c->j);
    return 0;
}

/* ---------------------------------------------------------------- one, and what is taken back */

/* /api/feedback/{type}/{viewer}/{title}: the newest. */
int route_gorse_feedback(struct call *c, struct mq_error *err)
{
    struct feedback f = {.c = c,
                         .err = err,
                         .single = true,
                         .type = str_of(c->value[0]),
                         .title = str_of(c->value[2])};
    int rc = list_feedback(&f, str_of(c->value[1]));
    if (rc || f.n > 0)
        return rc;
    return mq_fail(err, MQ_NOT_FOUND, "feedback: %s: there is none of %s about %s: list the user's",
                   c->value[0], c->value[1], c->value[2]);
}

/* /api/feedback/{viewer}/{title}: the title leaves the history, with all that was said of it. */
int route_gorse_feedback_delete(struct call *c, struct mq_error *err)
{
    int rc = engine_remove_from_history(c->engine, str_of(c->value[0]), str_of(c->value[1]), err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_kv_u64(&c->j, "RowAffected", 1);
    json_object_end(&c->j);
    return 0;
}

static int write_item(struct call *c, struct str id, struct mq_error *err)
{
    struct title t;
    int rc = engine_get_title(c->engine, id, c->arena, &t, err);
    if (rc == 0)
        gorse_write_item(&c->j, id, &t);
    return rc == MQ_NOT_FOUND ? 0 : rc; /* deleted meanwhile */
}

/* The cursor is how many items were passed; it is empty at the end. */
int route_gorse_items(struct call *c, struct mq_error *err)
{
    uint64_t n = DEFAULT_N, from = 0;
    const char *cursor = call_parameter(c, "cursor"), *words = call_parameter(c, "q");
    uint32_t *rows;
    size_t found;
    int rc = call_unsigned(c, "n", LIST_MAX, &n, err);
    if (rc == 0 && cursor && cursor[0])
        rc = call_unsigned(c, "cursor", UINT32_MAX, &from, err);
    if (rc)
        return rc;
    const struct catalogue *all = engine_catalogue(c->w->reader);
    rc = catalogue_search_titles(all, words ? str_trim(str_of(words)) : STR_NONE, c->arena, &rows,
                                 &found, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_key(&c->j, STR("Items"));
    json_array(&c->j);
    for (uint64_t i = from; rc == 0 && i < found && i < from + n; i++)
        rc = write_item(c, all->titles[rows[i]].id, err);
    json_array_end(&c->j);
    gorse_write_cursor(&c->j, n > 0 && from + n < found ? from + n : 0);
    json_object_end(&c->j);
    return rc;
}
