/* store_scan.c - events out, one viewer's or all. */
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

static int scan(const struct store *s, struct rows *r, const struct store_range *range,
                store_visit *visit, void *ctx, struct mq_error *err)
{
    struct arena arena;
    if (arena_init(&arena, ARENA_BLOCK, ARENA_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "scan: no memory");
    int rc = 0;
    struct str key, value;
    while (rc == 0 && rows_next(r, &key, &value)) {
        struct event e;
        if (!key_in_range(range, key))
            continue;
        arena_reset(&arena);
        rc = store_event(s, key, value, &arena, &e, err);
        if (rc == 0 && (range->known_ms == 0 || event_known_ms(&e) <= range->known_ms))
            rc = visit(ctx, &e);
    }
    arena_release(&arena);
    return rc;
}

static int scan_rows(const struct store *s, struct str from, struct str to, enum rows_use use,
                     const struct store_range *range, store_visit *visit, void *ctx,
                     struct mq_error *err)
{
    struct rows r;
    struct store_range known = *range;
    int rc = store_enter(s, err);
    if (rc)
        return rc;
    /* Rows of a write whose names are not known yet are not there yet. */
    uint64_t last = store_last_seq(s);
    if (known.max_seq == 0 || known.max_seq > last)
        known.max_seq = last;
    rows_open(s, FAMILY_EVENTS, from, to, use, &r);
    rc = scan(s, &r, &known, visit, ctx, err);
    int closed = rows_close(&r, "events", rc ? NULL : err);
    store_leave(s);
    return rc ? rc : closed;
}

int store_scan_viewer(const struct store *s, struct viewer_id viewer,
                      const struct store_range *range, store_visit *visit, void *ctx,
                      struct mq_error *err)
{
    bool all = range->from_ms == 0 && range->to_ms == 0;
    char from[KEY_EVENT], to[KEY_EVENT + 1];
    if (!all && range->to_ms <= range->from_ms)
        return 0;
    key_event(from, viewer.v, all ? INT64_MIN : range->from_ms, 0);
    memset(to, 0xff, sizeof(to));
    put_be32(to, viewer.v);
    if (!all)
        key_event(to, viewer.v, range->to_ms, 0);
    struct str end = {to, all ? sizeof(to) : KEY_EVENT};
    return scan_rows(s, (struct str){from, sizeof(from)}, end, ROWS_SHORT, range, visit, ctx, err);
}

int store_scan_all(const struct store *s, const struct store_range *range, store_visit *visit,
                   void *ctx, struct mq_error *err)
{
    return scan_rows(s, STR_NONE, STR_NONE, ROWS_ALL, range, visit, ctx, err);
}
