/* store_links.c - who is who: which ids are one viewer, and since which place in the log.
 *
 * An `identify` event says that `other` is its viewer; an `unmerge` takes it back. Events stay where they came in,
 * under the id that they named; reading puts the histories of one viewer together (store_scan.c). So a merge moves
 * nothing, and can be undone exactly.
 *
 *   - an id is merged into at most one other: the first merge stands until it is undone. So a device that several
 *     people sign in on never makes one person of them.
 *   - what is one already, or would be more than STORE_IDENTITIES_MAX ids, stays as it is.
 *
 * Each id that was ever merged has its history: when (seq, and the moment known), into whom (or into nobody again),
 * newest first. It follows from the log alone, in the order of its seqs; it is kept as a row of the viewers family
 * (key: id, "links"; value: version 1, count, then seq, known_ms, parent) written with the events it comes from.
 *
 * Lists only grow at their heads and are freed at close, so readers need no lock. */
#include <stdlib.h>

#include "store/store_inside.h"

enum { CHUNK = 16384, CHUNKS = 4096, LINKS_VERSION = 1 };
#define LINKS_KEY "links"
enum { KEY_LINKS = KEY_VIEWER + sizeof(LINKS_KEY) - 1 };

/* One change of an id's parent. */
struct link {
    uint64_t seq;
    int64_t known_ms;
    uint32_t parent; /* ID_NONE: merged into nobody */
    struct link *before;
    struct link *all; /* of everything that was allocated */
};

struct child {
    uint32_t id;
    struct child *next;
};

struct node {
    _Atomic(struct link *) newest;
    _Atomic(struct child *) children; /* whoever was ever merged into this id */
};

struct links {
    _Atomic(struct node *) chunks[CHUNKS];
    _Atomic(uint64_t) count; /* links ever made; 0: nobody was merged */
    struct link *all;
    uint32_t *changed; /* (n_changed) ids of the write in progress */
    size_t n_changed, cap;
};

static struct node *node_of(const struct links *l, uint32_t id)
{
    if (id / CHUNK >= CHUNKS)
        return NULL;
    struct node *chunk = atomic_load_explicit(&l->chunks[id / CHUNK], memory_order_acquire);
    return chunk ? &chunk[id % CHUNK] : NULL;
}

static struct node *make_node(struct links *l, uint32_t id)
{
    if (id / CHUNK < CHUNKS && !node_of(l, id)) {
        struct node *chunk = calloc(CHUNK, sizeof(*chunk));
        if (chunk)
            atomic_store_explicit(&l->chunks[id / CHUNK], chunk, memory_order_release);
    }
    return node_of(l, id);
}

int links_new(struct links **ret, struct mq_error *err)
{
    struct links *l = calloc(1, sizeof(*l));
    if (!l)
        return mq_fail(err, MQ_NO_MEMORY, "viewers: no memory");
    *ret = l;
    return 0;
}

static void free_children(struct child *c)
{
    while (c) {
        struct child *next = c->next;
        free(c);
        c = next;
    }
}

void links_free(struct links *l)
{
    if (!l)
        return;
    for (int i = 0; i < CHUNKS; i++) {
        struct node *chunk = atomic_load(&l->chunks[i]);
        for (int j = 0; chunk && j < CHUNK; j++)
            free_children(atomic_load(&chunk[j].children));
        free(chunk);
    }
    while (l->all) {
        struct link *next = l->all->all;
        free(l->all);
        l->all = next;
    }
    free(l->changed);
    free(l);
}

/* ---------------------------------------------------------------- reading */

static uint32_t parent_of(const struct links *l, uint32_t id, const struct store_range *range)
{
    struct node *n = node_of(l, id);
    const struct link *at = n ? atomic_load_explicit(&n->newest, memory_order_acquire) : NULL;
    while (at && ((range->max_seq > 0 && at->seq > range->max_seq) ||
                  (range->known_ms != 0 && at->known_ms > range->known_ms)))
        at = at->before;
    return at ? at->parent : ID_NONE;
}

static uint32_t root_of(const struct links *l, uint32_t id, const struct store_range *range)
{
    /* No circle: nobody is merged into one of their own. */
    for (uint32_t up = parent_of(l, id, range); up != ID_NONE; up = parent_of(l, id, range))
        id = up;
    return id;
}

/* Breadth first; returns how many, at most `max`. */
static size_t group_of(const struct links *l, uint32_t root, const struct store_range *range,
                       uint32_t *ret, size_t max)
{
    size_t n = 1;
    ret[0] = root;
    for (size_t i = 0; i < n; i++) {
        struct node *node = node_of(l, ret[i]);
        const struct child *c =
            node ? atomic_load_explicit(&node->children, memory_order_acquire) : NULL;
        for (; c && n < max; c = c->next) {
            bool known = false; /* merged, undone and merged again: twice in the list */
            for (size_t k = 0; k < n; k++)
                known = known || ret[k] == c->id;
            if (!known && parent_of(l, c->id, range) == ret[i])
                ret[n++] = c->id;
        }
    }
    return n;
}

bool links_any(const struct links *l)
{
    return atomic_load_explicit(&l->count, memory_order_acquire) > 0;
}

struct viewer_id store_root(const struct store *s, struct viewer_id viewer,
                            const struct store_range *range)
{
    if (!links_any(s->links))
        return viewer;
    return (struct viewer_id){root_of(s->links, viewer.v, range)};
}

size_t store_identities(const struct store *s, struct viewer_id viewer,
                        const struct store_range *range, uint32_t ret[STORE_IDENTITIES_MAX])
{
    ret[0] = viewer.v;
    if (!links_any(s->links))
        return 1;
    return group_of(s->links, root_of(s->links, viewer.v, range), range, ret, STORE_IDENTITIES_MAX);
}

/* ---------------------------------------------------------------- writing */

static int push(struct links *l, uint32_t id, struct link link, struct mq_error *err)
{
    struct node *node = make_node(l, id);
    struct node *up = link.parent == ID_NONE ? node : make_node(l, link.parent);
    struct link *p = malloc(sizeof(*p));
    struct child *c = link.parent == ID_NONE ? NULL : malloc(sizeof(*c));
    if (!node || !up || !p || (link.parent != ID_NONE && !c)) {
        free(p);
        free(c);
        return mq_fail(err, MQ_NO_MEMORY, "viewers: no memory to merge one");
    }
    *p = link;
    p->before = atomic_load(&node->newest);
    p->all = l->all;
    l->all = p;
    if (c) {
        *c = (struct child){id, atomic_load(&up->children)};
        atomic_store_explicit(&up->children, c, memory_order_release);
    }
    atomic_store_explicit(&node->newest, p, memory_order_release);
    atomic_fetch_add(&l->count, 1);
    return 0;
}

void links_begin(struct links *l)
{
    l->n_changed = 0;
}

static int note_changed(struct links *l, uint32_t id, struct mq_error *err)
{
    if (l->n_changed == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;
        uint32_t *p = realloc(l->changed, cap * sizeof(*p));
        if (!p)
            return mq_fail(err, MQ_NO_MEMORY, "viewers: no memory to merge %zu", cap);
        l->changed = p;
        l->cap = cap;
    }
    l->changed[l->n_changed++] = id;
    return 0;
}

int links_take(struct links *l, const struct event *e, struct mq_error *err)
{
    static const struct store_range now = {0};
    uint32_t mine[STORE_IDENTITIES_MAX], theirs[STORE_IDENTITIES_MAX];
    uint32_t other = e->other_id.v;
    if (other == ID_NONE || other == e->viewer_id.v)
        return 0;
    struct link link = {.seq = e->seq, .known_ms = event_known_ms(e), .parent = e->viewer_id.v};
    uint32_t root = root_of(l, e->viewer_id.v, &now);
    bool one = root_of(l, other, &now) == root;
    bool merged = parent_of(l, other, &now) != ID_NONE;
    if (e->kind == EVENT_UNMERGE) {
        if (!one || !merged)
            return 0;
        link.parent = ID_NONE;
    } else if (one || merged ||
               group_of(l, root, &now, mine, STORE_IDENTITIES_MAX) +
                       group_of(l, other, &now, theirs, STORE_IDENTITIES_MAX) >
                   STORE_IDENTITIES_MAX) {
        return 0;
    }
    int rc = note_changed(l, other, err);
    return rc ? rc : push(l, other, link, err);
}

static void key_links(char out[KEY_LINKS], uint32_t id)
{
    put_be32(out, id);
    memcpy(out + KEY_VIEWER, LINKS_KEY, sizeof(LINKS_KEY) - 1);
}

void links_write(const struct store *s, rocksdb_writebatch_t *batch, struct buf *value)
{
    const struct links *l = s->links;
    for (size_t i = 0; i < l->n_changed; i++) {
        char key[KEY_LINKS];
        uint64_t n = 0;
        const struct link *newest = atomic_load(&node_of(l, l->changed[i])->newest);
        for (const struct link *at = newest; at; at = at->before)
            n++;
        key_links(key, l->changed[i]);
        buf_reset(value);
        buf_add_u8(value, LINKS_VERSION);
        buf_add_varint(value, n);
        for (const struct link *at = newest; at; at = at->before) {
            buf_add_varint(value, at->seq);
            buf_add_svarint(value, at->known_ms);
            buf_add_u32(value, at->parent);
        }
        rocksdb_writebatch_put_cf(batch, s->live->cf[FAMILY_VIEWERS], key, sizeof(key), value->p,
                                  value->n);
    }
}

void links_undo(struct links *l, uint64_t last_seq)
{
    for (size_t i = 0; i < l->n_changed; i++) {
        struct node *node = node_of(l, l->changed[i]);
        struct link *at = node ? atomic_load(&node->newest) : NULL;
        while (at && at->seq > last_seq)
            at = at->before;
        if (node)
            atomic_store_explicit(&node->newest, at, memory_order_release);
    }
    l->n_changed = 0;
}

void links_forget(struct links *l, uint32_t id)
{
    struct node *node = node_of(l, id);
    if (node)
        atomic_store_explicit(&node->newest, NULL, memory_order_release);
}

/* ---------------------------------------------------------------- opening */

static int load_row(struct links *l, uint32_t id, struct str value, struct mq_error *err)
{
    struct cursor c = cursor_over(value.p, value.n);
    uint8_t version = cursor_u8(&c);
    uint64_t n = cursor_varint(&c);
    if (version != LINKS_VERSION || n > cursor_left(&c))
        return mq_fail(err, version > LINKS_VERSION ? MQ_VERSION : MQ_CORRUPT,
                       "viewer %u: its merges: version %u: run a check", id, version);
    /* Newest first in the row: read into the list from its end. */
    struct link *list = calloc(n + 1, sizeof(*list));
    int rc = list ? 0 : mq_fail(err, MQ_NO_MEMORY, "viewers: no memory");
    for (uint64_t i = 0; rc == 0 && i < n; i++) {
        list[i].seq = cursor_varint(&c);
        list[i].known_ms = cursor_svarint(&c);
        list[i].parent = cursor_u32(&c);
    }
    if (rc == 0 && (c.failed || cursor_left(&c) > 0))
        rc = mq_fail(err, MQ_CORRUPT, "viewer %u: its merges: %zu bytes: are none", id, value.n);
    for (uint64_t i = n; rc == 0 && i > 0; i--)
        rc = push(l, id, list[i - 1], err);
    free(list);
    return rc;
}

int links_load(struct store *s, struct mq_error *err)
{
    struct rows r;
    struct str key, value;
    int rc = 0;
    rows_open(s, FAMILY_VIEWERS, STR_NONE, STR_NONE, ROWS_ALL, &r);
    while (rc == 0 && rows_next(&r, &key, &value)) {
        if (key.n == KEY_LINKS && memcmp(key.p + KEY_VIEWER, LINKS_KEY, key.n - KEY_VIEWER) == 0)
            rc = load_row(s->links, get_be32(key.p), value, err);
    }
    int closed = rows_close(&r, "viewers", rc ? NULL : err);
    return rc ? rc : closed;
}
