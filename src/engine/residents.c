#include "engine/residents.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Entries by dense id in chunks that never move, so that readers need no lock. 4,096 chunks of 16,384
 * entries: 67 million viewers. */
enum { CHUNK = 16384, CHUNKS = 4096 };

struct entry {
    _Atomic(struct profile *) snapshot; /* NULL: not resident */
    struct profile_builder *builder;    /* only within residents_prepare */
    uint32_t bytes;
    _Atomic(uint8_t) touched; /* asked for since the hand passed */
    bool dirty;               /* listed in dirty */
};

/* What residents_publish will do. */
struct change {
    struct entry *entry;
    struct profile *next; /* NULL: drop */
};

struct residents {
    const struct store *store;
    struct epoch *epoch;
    size_t max_bytes;
    _Atomic(struct entry *) chunks[CHUNKS];
    _Atomic(size_t) count, bytes;
    uint32_t hand;        /* of the clock that looks for whom to drop */
    struct change *dirty; /* (n_dirty) prepared, not published */
    size_t n_dirty, dirty_cap;
};

int residents_new(const struct store *store, struct epoch *epoch, size_t max_bytes,
                  struct residents **ret, struct mq_error *err)
{
    struct residents *r = calloc(1, sizeof(*r));
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "profiles: no memory");
    r->store = store;
    r->epoch = epoch;
    r->max_bytes = max_bytes;
    *ret = r;
    return 0;
}

void residents_free(struct residents *r)
{
    if (!r)
        return;
    for (int i = 0; i < CHUNKS; i++) {
        struct entry *chunk = atomic_load(&r->chunks[i]);
        for (int j = 0; chunk && j < CHUNK; j++) {
            profile_free(atomic_load(&chunk[j].snapshot));
        }
        free(chunk);
    }
    free(r->dirty);
    free(r);
}

static struct entry *entry_of(const struct residents *r, uint32_t viewer)
{
    if (viewer / CHUNK >= CHUNKS)
        return NULL;
    struct entry *chunk = atomic_load_explicit(&r->chunks[viewer / CHUNK], memory_order_acquire);
    return chunk ? &chunk[viewer % CHUNK] : NULL;
}

static struct entry *make_entry(struct residents *r, uint32_t viewer)
{
    if (viewer / CHUNK >= CHUNKS)
        return NULL;
    if (!atomic_load_explicit(&r->chunks[viewer / CHUNK], memory_order_relaxed)) {
        struct entry *chunk = calloc(CHUNK, sizeof(*chunk));
        if (!chunk)
            return NULL;
        atomic_store_explicit(&r->chunks[viewer / CHUNK], chunk, memory_order_release);
    }
    return entry_of(r, viewer);
}

const struct profile *residents_get(struct residents *r, struct viewer_id viewer)
{
    struct entry *e = entry_of(r, viewer.v);
    if (!e)
        return NULL;
    atomic_store_explicit(&e->touched, 1, memory_order_relaxed);
    return atomic_load(&e->snapshot);
}

static void free_profile(void *p)
{
    profile_free(p);
}

/* Put `snapshot` (may be NULL) in the entry's place; the old one goes when no reader can hold it. */
static void publish(struct residents *r, struct entry *e, struct profile *snapshot)
{
    struct profile *old = atomic_exchange(&e->snapshot, snapshot);
    if (old)
        epoch_defer(r->epoch, free_profile, old);
    size_t bytes = snapshot ? profile_memory(snapshot) : 0;
    atomic_fetch_add(&r->bytes, bytes);
    atomic_fetch_sub(&r->bytes, e->bytes);
    e->bytes = (uint32_t)bytes;
    if (!old && snapshot)
        atomic_fetch_add(&r->count, 1);
    if (old && !snapshot)
        atomic_fetch_sub(&r->count, 1);
}

static void drop(struct residents *r, struct entry *e)
{
    publish(r, e, NULL);
}

/* Clock: whoever was not asked for since the hand last passed is dropped, until the budget holds. */
static void make_room(struct residents *r, const struct entry *keep)
{
    uint32_t end = intern_count(store_names(r->store, NAME_VIEWER));
    for (uint64_t steps = 0; atomic_load(&r->bytes) > r->max_bytes && steps < 2 * (uint64_t)end;
         steps++) {
        r->hand = r->hand + 1 < end ? r->hand + 1 : 0;
        struct entry *e = entry_of(r, r->hand);
        if (!e || e == keep || !atomic_load_explicit(&e->snapshot, memory_order_relaxed))
            continue;
        if (atomic_exchange_explicit(&e->touched, 0, memory_order_relaxed) == 0)
            drop(r, e);
    }
}

struct feeding {
    struct profile_builder *builder;
    const struct catalogue *catalogue;
    struct mq_error *err;
};

static int feed_one(void *ctx, const struct event *e)
{
    struct feeding *f = ctx;
    return profile_feed(f->builder, e, f->catalogue, f->err);
}

static int builder_from_log(const struct store *store, struct viewer_id viewer,
                            const struct store_range *range, const struct catalogue *c,
                            struct profile_builder **ret, struct mq_error *err)
{
    struct feeding f = {.catalogue = c, .err = err};
    int rc = profile_builder_new(viewer, &f.builder, err);
    if (rc)
        return rc;
    rc = store_scan_viewer(store, viewer, range, feed_one, &f, err);
    if (rc > 0) /* a scan comes in order, so nothing in it is late */
        rc = mq_fail(err, MQ_BUG, "profile: viewer %u: the log is out of order", viewer.v);
    if (rc) {
        profile_builder_free(f.builder);
        return rc;
    }
    *ret = f.builder;
    return 0;
}

int profile_from_log(const struct store *store, struct viewer_id viewer,
                     const struct store_range *range, const struct catalogue *c,
                     const struct engagement_weights *w, struct profile **ret, struct mq_error *err)
{
    struct profile_builder *b;
    int rc = builder_from_log(store, viewer, range, c, &b, err);
    if (rc)
        return rc;
    struct profile *p;
    rc = profile_snapshot(b, w, &p, err);
    profile_builder_free(b);
    if (rc)
        return rc;
    if (p->events == 0) {
        profile_free(p);
        p = NULL;
    }
    *ret = p;
    return 0;
}

int residents_load(struct residents *r, struct viewer_id viewer, const struct catalogue *c,
                   const struct engagement_weights *w, struct mq_error *err)
{
    struct entry *e = make_entry(r, viewer.v);
    if (!e)
        return mq_fail(err, MQ_NO_MEMORY, "profiles: viewer %u: no room", viewer.v);
    struct store_range all = {0};
    struct profile *p;
    int rc = profile_from_log(r->store, viewer, &all, c, w, &p, err);
    if (rc)
        return rc;
    publish(r, e, p);
    atomic_store_explicit(&e->touched, 1, memory_order_relaxed);
    make_room(r, e);
    return 0;
}

/* Who is not in memory needs nothing: the log is read when they are asked for. So it goes with late events
 * too, whose viewer's history must be replayed: dropping costs nothing while many of them come in. */
static void feed(struct residents *r, const struct event *event, const struct catalogue *c)
{
    struct mq_error err;
    struct entry *e = entry_of(r, event->viewer_id.v);
    const struct profile *now = e ? atomic_load(&e->snapshot) : NULL;
    if (!now || event->seq <= now->seq)
        return;
    if (e->dirty && !e->builder)
        return; /* to be dropped */
    if (!e->dirty) {
        e->dirty = true;
        r->dirty[r->n_dirty++] = (struct change){.entry = e};
        if (profile_builder_resume(now, &e->builder, &err) != 0)
            return;
    }
    if (profile_feed(e->builder, event, c, &err) != 0) {
        profile_builder_free(e->builder);
        e->builder = NULL;
    }
}

void residents_prepare(struct residents *r, const struct event *events, const uint8_t *outcome,
                       size_t n, const struct catalogue *c, const struct engagement_weights *w)
{
    struct mq_error err;
    if (n > r->dirty_cap) {
        struct change *dirty = realloc(r->dirty, n * sizeof(*dirty));
        if (!dirty) {
            for (size_t i = 0; i < n; i++)
                residents_drop(r, events[i].viewer_id);
            return;
        }
        r->dirty = dirty;
        r->dirty_cap = n;
    }
    for (size_t i = 0; i < n; i++) {
        if (outcome[i] == APPEND_ADDED)
            feed(r, &events[i], c);
    }
    for (size_t i = 0; i < r->n_dirty; i++) {
        struct change *change = &r->dirty[i];
        struct entry *e = change->entry;
        if (e->builder && profile_snapshot(e->builder, w, &change->next, &err) != 0)
            change->next = NULL;
        profile_builder_free(e->builder);
        e->builder = NULL;
    }
}

void residents_publish(struct residents *r)
{
    for (size_t i = 0; i < r->n_dirty; i++) {
        struct change *change = &r->dirty[i];
        change->entry->dirty = false;
        publish(r, change->entry, change->next);
    }
    r->n_dirty = 0;
}

void residents_trim(struct residents *r)
{
    make_room(r, NULL);
}

void residents_drop(struct residents *r, struct viewer_id viewer)
{
    struct entry *e = entry_of(r, viewer.v);
    if (e)
        drop(r, e);
}

void residents_drop_all(struct residents *r)
{
    for (int i = 0; i < CHUNKS; i++) {
        struct entry *chunk = atomic_load(&r->chunks[i]);
        for (int j = 0; chunk && j < CHUNK; j++)
            drop(r, &chunk[j]);
    }
}

size_t residents_count(const struct residents *r)
{
    return atomic_load(&r->count);
}

size_t residents_bytes(const struct residents *r)
{
    return atomic_load(&r->bytes);
}
