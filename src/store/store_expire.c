/* store_expire.c - what viewers did long ago leaves, in steps that a writer can make between two appends: of some rows those that
 * are old, with their entries in seen, in one write. The last step settles the oldest and the newest time; until then the oldest is
 * a bound. What viewers said stays: ratings, thumbs, lists, hiding, who they are, their orders (event/event.h). */
#include "store/store_inside.h"

enum { ARENA_BLOCK = 16 * 1024, ARENA_MAX = 8 << 20 };

struct expiry {
    struct store *s;
    struct arena arena;
    rocksdb_writebatch_t *batch;
    struct counters next;
    void (*gone)(void *ctx, struct viewer_id viewer);
    void *ctx;
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

/* Into the batch, when it may go. */
static int take_old(struct expiry *x, struct str key, struct str value, bool *ret_gone,
                    struct mq_error *err)
{
    struct event e;
    char seen[KEY_SEEN];
    arena_reset(&x->arena);
    int rc = store_event(x->s, key, value, &x->arena, &e, err);
    if (rc || !expires(&e))
        return rc;
    key_seen(seen, e.viewer_id.v, event_identity(&e));
    rocksdb_writebatch_delete_cf(x->batch, x->s->live->cf[FAMILY_EVENTS], key.p, key.n);
    rocksdb_writebatch_delete_cf(x->batch, x->s->live->cf[FAMILY_SEEN], seen, sizeof(seen));
    x->next.events--;
    x->next.by_kind[e.kind]--;
    x->removed++;
    *ret_gone = true;
    x->gone(x->ctx, e.viewer_id);
    return 0;
}

/* The rows of one step; the first one of the next step is kept in the pass. */
static int gather(struct expiry *x, struct expiry_pass *pass, struct mq_error *err)
{
    struct rows r;
    struct str key, value;
    struct str from = pass->active ? (struct str){pass->next, KEY_EVENT} : STR_NONE;
    size_t n = 0;
    int rc = 0;
    rows_open(x->s, FAMILY_EVENTS, from, STR_NONE, ROWS_ALL, &r);
    while (rc == 0 && rows_next(&r, &key, &value)) {
        bool gone = false;
        if (key.n != KEY_EVENT)
            continue; /* a check tells */
        if (n++ == STORE_EXPIRE_ROWS) {
            memcpy(pass->next, key.p, KEY_EVENT);
            x->more = true;
            break;
        }
        int64_t at_ms = time_from_key(get_be64(key.p + 4));
        if (at_ms < pass->before_ms)
            rc = take_old(x, key, value, &gone, err);
        if (gone)
            continue;
        counters_add_time(&pass->times, at_ms);
        pass->times.events = 1;
    }
    int closed = rows_close(&r, "events", rc ? NULL : err);
    return rc ? rc : closed;
}

static void ignore_gone(void *ctx, struct viewer_id viewer)
{
    (void)ctx;
    (void)viewer;
}

int store_expire(struct store *s, int64_t before_ms, void (*gone)(void *ctx, struct viewer_id),
                 void *ctx, uint64_t *ret_removed, bool *ret_more, struct mq_error *err)
{
    struct expiry x = {.s = s, .gone = gone ? gone : ignore_gone, .ctx = ctx};
    struct expiry_pass *pass = &s->expiry;
    int rc = store_ready(s, err);
    if (rc)
        return rc;
    if (arena_init(&x.arena, ARENA_BLOCK, ARENA_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "expiry: no memory");
    if (!pass->active || pass->before_ms != before_ms)
        *pass = (struct expiry_pass){.before_ms = before_ms};
    x.next = s->live->counters;
    x.batch = rocksdb_writebatch_create();
    rc = gather(&x, pass, err);
    bool settled = !x.more && (x.next.first_ms != pass->times.first_ms ||
                               x.next.last_ms != pass->times.last_ms);
    if (!x.more) {
        x.next.first_ms = pass->times.first_ms;
        x.next.last_ms = pass->times.last_ms;
    }
    if (rc == 0 && (x.removed > 0 || settled))
        rc = store_commit(s, x.batch, &x.next, NULL, err);
    rocksdb_writebatch_destroy(x.batch);
    arena_release(&x.arena);
    pass->active = rc == 0 && x.more; /* after a failure a pass begins anew */
    if (rc)
        return rc;
    *ret_removed = x.removed;
    *ret_more = x.more;
    return 0;
}
