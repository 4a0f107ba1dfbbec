/* store_expire.c - what viewers did long ago leaves: event rows with their entries in seen, and the counters settled, in
 * one write. What viewers said stays: ratings, thumbs, lists, hiding, who they are, their orders (event/event.h). */
#include "store/store_inside.h"

enum { ARENA_BLOCK = 16 * 1024, ARENA_MAX = 8 << 20, EXPIRE_ROWS = 200000 };

struct expiry {
    struct store *s;
    int64_t before_ms;
    struct arena arena;
    rocksdb_writebatch_t *batch;
    struct counters next, times;
    uint64_t removed;
    bool more;
};

static bool expires(const struct event *e)
{
    switch (e->kind) {
    case EVENT_RATING:
    case EVENT_THUMB:
    case EVENT_LIST_ADD:
    case EVENT_LIST_REMOVE:
    case EVENT_HIDE:
    case EVENT_IDENTIFY: /* who is who */
    case EVENT_UNMERGE:
        return false;
    default:
        return event_order_of(e) == ORDER_NONE;
    }
}

/* Into the batch, when it is old enough, may go and there is room. */
static int take_old(struct expiry *x, struct str key, struct str value, bool *ret_gone,
                    struct mq_error *err)
{
    struct event e;
    char seen[KEY_SEEN];
    arena_reset(&x->arena);
    int rc = store_event(x->s, key, value, &x->arena, &e, err);
    if (rc || !expires(&e))
        return rc;
    if (x->removed == EXPIRE_ROWS) {
        x->more = true;
        return 0;
    }
    key_seen(seen, e.viewer_id.v, event_identity(&e));
    rocksdb_writebatch_delete_cf(x->batch, x->s->live->cf[FAMILY_EVENTS], key.p, key.n);
    rocksdb_writebatch_delete_cf(x->batch, x->s->live->cf[FAMILY_SEEN], seen, sizeof(seen));
    x->next.events--;
    x->next.by_kind[e.kind]--;
    x->removed++;
    *ret_gone = true;
    return 0;
}

static int gather(struct expiry *x, struct mq_error *err)
{
    struct rows r;
    struct str key, value;
    int rc = 0;
    rows_open(x->s, FAMILY_EVENTS, STR_NONE, STR_NONE, ROWS_ALL, &r);
    while (rc == 0 && rows_next(&r, &key, &value)) {
        bool gone = false;
        if (key.n != KEY_EVENT)
            continue; /* a check tells */
        int64_t at_ms = time_from_key(get_be64(key.p + 4));
        if (at_ms < x->before_ms)
            rc = take_old(x, key, value, &gone, err);
        if (gone)
            continue;
        counters_add_time(&x->times, at_ms);
        x->times.events = 1;
    }
    int closed = rows_close(&r, "events", rc ? NULL : err);
    return rc ? rc : closed;
}

int store_expire(struct store *s, int64_t before_ms, uint64_t *ret_removed, bool *ret_more,
                 struct mq_error *err)
{
    struct expiry x = {.s = s, .before_ms = before_ms};
    int rc = store_ready(s, err);
    if (rc)
        return rc;
    if (arena_init(&x.arena, ARENA_BLOCK, ARENA_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "expiry: no memory");
    x.next = s->live->counters;
    x.batch = rocksdb_writebatch_create();
    rc = gather(&x, err);
    x.next.first_ms = x.times.first_ms;
    x.next.last_ms = x.times.last_ms;
    if (rc == 0 && x.removed > 0)
        rc = store_commit(s, x.batch, &x.next, NULL, err);
    rocksdb_writebatch_destroy(x.batch);
    arena_release(&x.arena);
    if (rc)
        return rc;
    *ret_removed = x.removed;
    *ret_more = x.more;
    return 0;
}
