/* store_scan.c - events out, one viewer's or all. */
#include <stdlib.h>

#include "store/store_inside.h"

enum { ARENA_BLOCK = 4096, ARENA_MAX = 1 << 20 };

int store_event(const struct store *s, struct str key, struct str value, struct arena *arena,
                struct event *ret, struct mq_error *err)
{
    if (key.n != KEY_EVENT)
        return mq_fail(err, MQ_CORRUPT, "events: a key of %zu bytes: is none of ours", key.n);
    uint32_t viewer = get_be32(key.p);
    int64_t at_ms = time_from_key(get_be64(key.p + 4));
    int rc = event_decode(value, at_ms, arena, ret, err);
    if (rc)
        return mq_error_prefix(err, "viewer %u", viewer);
    ret->viewer_id.v = viewer;
    ret->seq = get_be64(key.p + 12);
    ret->viewer = intern_name(s->names[NAME_VIEWER], viewer);
    if (ret->other_id.v != ID_NONE)
        ret->other = intern_name(s->names[NAME_VIEWER], ret->other_id.v);
    if (ret->title_id.v != ID_NONE)
        ret->title = intern_name(s->names[NAME_TITLE], ret->title_id.v);
    for (uint32_t i = 0; i < ret->n_items; i++)
        ret->items[i].title = intern_name(s->names[NAME_TITLE], ret->items[i].title_id.v);
    return 0;
}

/* What the key alone tells. */
static bool key_in_range(const struct store_range *range, struct str key)
{
    if (key.n != KEY_EVENT)
        return true; /* store_event tells what is wrong with it */
    int64_t at_ms = time_from_key(get_be64(key.p + 4));
    bool all = range->from_ms == 0 && range->to_ms == 0;
    if (!all && (at_ms < range->from_ms || at_ms >= range->to_ms))
        return false;
    uint64_t seq = get_be64(key.p + 12);
    return seq <= range->max_seq && seq > range->after_seq;
}

/* One scan. */
struct scan {
    const struct store *s;
    const struct store_range *range;
    store_visit *visit;
    void *ctx;
    struct arena arena;
};

/* `root`: whose event it is, whatever id it came under. */
static int hand_over(struct scan *x, struct str key, struct str value, uint32_t root,
                     struct mq_error *err)
{
    struct event e;
    if (!key_in_range(x->range, key))
        return 0;
    arena_reset(&x->arena);
    int rc = store_event(x->s, key, value, &x->arena, &e, err);
    if (rc)
        return rc;
    if (e.viewer_id.v != root && !x->range->own_ids) {
        e.viewer_id.v = root;
        e.viewer = intern_name(x->s->names[NAME_VIEWER], root);
    }
    if (x->range->known_ms != 0 && event_known_ms(&e) > x->range->known_ms)
        return 0;
    return x->visit(x->ctx, &e);
}

/* The rows of one id while several are merged. */
struct source {
    struct rows rows;
    struct str key, value;
    bool more;
};

static void bounds_of(uint32_t viewer, const struct store_range *range, char from[KEY_EVENT],
                      char to[KEY_EVENT + 1], struct str *ret_to)
{
    bool all = range->from_ms == 0 && range->to_ms == 0;
    key_event(from, viewer, all ? INT64_MIN : range->from_ms, 0);
    memset(to, 0xff, KEY_EVENT + 1);
    put_be32(to, viewer);
    if (!all)
        key_event(to, viewer, range->to_ms, 0);
    *ret_to = (struct str){to, all ? KEY_EVENT + 1 : KEY_EVENT};
}

static void open_source(const struct scan *x, uint32_t viewer, struct source *source)
{
    char from[KEY_EVENT], to[KEY_EVENT + 1];
    struct str end;
    bounds_of(viewer, x->range, from, to, &end);
    rows_open(x->s, FAMILY_EVENTS, (struct str){from, KEY_EVENT}, end, ROWS_SHORT, &source->rows);
    source->more = rows_next(&source->rows, &source->key, &source->value);
}

/* Time and seq, behind the id, in the order of bytes. */
static bool comes_before(const struct source *a, const struct source *b)
{
    if (a->key.n != KEY_EVENT || b->key.n != KEY_EVENT)
        return a->key.n != KEY_EVENT; /* hand_over tells what is wrong with it */
    return memcmp(a->key.p + KEY_VIEWER, b->key.p + KEY_VIEWER, KEY_EVENT - KEY_VIEWER) < 0;
}

/* The events of several ids in the order of their time. */
static int scan_group(struct scan *x, const uint32_t *ids, size_t n, struct mq_error *err)
{
    struct source *sources = malloc(n * sizeof(*sources));
    int rc = 0;
    if (!sources)
        return mq_fail(err, MQ_NO_MEMORY, "scan: %zu ids of a viewer: no memory", n);
    for (size_t i = 0; i < n; i++)
        open_source(x, ids[i], &sources[i]);
    while (rc == 0) {
        struct source *first = NULL;
        for (size_t i = 0; i < n; i++) {
            if (sources[i].more && (!first || comes_before(&sources[i], first)))
                first = &sources[i];
        }
        if (!first)
            break;
        rc = hand_over(x, first->key, first->value, ids[0], err);
        if (rc == 0)
            first->more = rows_next(&first->rows, &first->key, &first->value);
    }
    for (size_t i = 0; i < n; i++) {
        int closed = rows_close(&sources[i].rows, "events", rc ? NULL : err);
        rc = rc ? rc : closed;
    }
    free(sources);
    return rc;
}

/* At the first row of an id: the whole group when it is the root of one, nothing when it is merged into another.
 * Then *ret_done: its rows are dealt with. */
static int meet_id(struct scan *x, struct rows *r, uint32_t viewer, bool *ret_done,
                   struct mq_error *err)
{
    uint32_t ids[STORE_IDENTITIES_MAX];
    char next[KEY_VIEWER];
    size_t n = store_identities(x->s, (struct viewer_id){viewer}, x->range, ids);
    *ret_done = n > 1;
    if (n == 1)
        return 0;
    int rc = ids[0] == viewer ? scan_group(x, ids, n, err) : 0;
    put_be32(next, viewer + 1);
    rows_seek(r, next, sizeof(next));
    return rc;
}

static int scan(struct scan *x, struct rows *r, struct mq_error *err)
{
    int rc = 0;
    struct str key, value;
    bool groups = links_any(x->s->links);
    uint32_t viewer = ID_NONE;
    while (rc == 0 && rows_next(r, &key, &value)) {
        bool done = false;
        uint32_t id = key.n >= KEY_VIEWER ? get_be32(key.p) : ID_NONE;
        if (groups && id != viewer)
            rc = meet_id(x, r, id, &done, err);
        viewer = id;
        if (rc == 0 && !done)
            rc = hand_over(x, key, value, id, err);
    }
    return rc;
}

/* `ids`: of one viewer; n == 0: all viewers. */
static int scan_ids(const struct store *s, const uint32_t *ids, size_t n,
                    const struct store_range *range, store_visit *visit, void *ctx,
                    struct mq_error *err)
{
    struct scan x = {.s = s, .range = range, .visit = visit, .ctx = ctx};
    struct rows r;
    if (arena_init(&x.arena, ARENA_BLOCK, ARENA_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "scan: no memory");
    int rc = 0;
    if (n > 0) {
        rc = scan_group(&x, ids, n, err);
    } else {
        rows_open(s, FAMILY_EVENTS, STR_NONE, STR_NONE, ROWS_ALL, &r);
        rc = scan(&x, &r, err);
        int closed = rows_close(&r, "events", rc ? NULL : err);
        rc = rc ? rc : closed;
    }
    arena_release(&x.arena);
    return rc;
}

/* Rows of a write whose names are not known yet are not there yet. */
static struct store_range known_part(const struct store *s, const struct store_range *range)
{
    struct store_range known = *range;
    uint64_t last = store_last_seq(s);
    if (known.max_seq == 0 || known.max_seq > last)
        known.max_seq = last;
    return known;
}

int store_scan_viewer(const struct store *s, struct viewer_id viewer,
                      const struct store_range *range, store_visit *visit, void *ctx,
                      struct mq_error *err)
{
    uint32_t ids[STORE_IDENTITIES_MAX];
    bool all = range->from_ms == 0 && range->to_ms == 0;
    if (!all && range->to_ms <= range->from_ms)
        return 0;
    int rc = store_enter(s, err);
    if (rc)
        return rc;
    struct store_range known = known_part(s, range);
    size_t n = store_identities(s, viewer, &known, ids);
    rc = scan_ids(s, ids, n, &known, visit, ctx, err);
    store_leave(s);
    return rc;
}

int store_scan_all(const struct store *s, const struct store_range *range, store_visit *visit,
                   void *ctx, struct mq_error *err)
{
    int rc = store_enter(s, err);
    if (rc)
        return rc;
    struct store_range known = known_part(s, range);
    rc = scan_ids(s, NULL, 0, &known, visit, ctx, err);
    store_leave(s);
    return rc;
}
