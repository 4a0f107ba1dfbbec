/* store_append.c - events in: names, duplicates, one durable write.
 *
 * 1. viewers get ids, events their identity; repetitions within the batch are marked
 * 2. seen is asked for the rest in one go; those of viewers who are new cannot be there
 * 3. what is new gets titles' ids and a seq, is encoded, and is written with its entry in seen, the new
 *    names and the counters
 * 4. only then do the names get known and the seq advance. */
#include <stdlib.h>

#include "store/store_inside.h"

enum { APPEND_MAX = 1 << 20, FIRST_ITEMS = 1024 };

/* What is known of the i-th event of the batch. */
struct item {
    struct hash128 identity;
    uint32_t viewer;
    uint32_t next;  /* of the same hash, index + 1 */
    uint32_t first; /* a repetition within the batch: of this event, index + 1; else 0 */
    bool viewer_new, stored;
    uint64_t stored_seq;
};

/* A row to be written for the i-th event: its key, for sorting. */
struct row {
    uint32_t viewer, i;
    uint64_t hi, lo;
};

struct append_space {
    struct pending pending;
    struct buf value;
    rocksdb_writebatch_t *batch;
    rocksdb_readoptions_t *read;
    size_t cap; /* of all below; a power of two */
    struct item *items;
    uint32_t *heads; /* hash -> item, index + 1 */
    char (*keys)[KEY_SEEN];
    const char **key_at;
    size_t *key_size;
    rocksdb_pinnableslice_t **found;
    char **messages;
    uint32_t *asked; /* the look-up's event */
    struct row *rows;
};

static void free_arrays(struct append_space *a)
{
    free(a->items);
    free(a->heads);
    free(a->keys);
    free(a->key_at);
    free(a->key_size);
    free(a->found);
    free(a->messages);
    free(a->asked);
    free(a->rows);
    a->cap = 0;
    a->items = NULL;
    a->heads = a->asked = NULL;
    a->keys = NULL;
    a->key_at = NULL;
    a->key_size = NULL;
    a->found = NULL;
    a->messages = NULL;
    a->rows = NULL;
}

void append_space_free(struct append_space *a)
{
    if (!a)
        return;
    free_arrays(a);
    pending_release(&a->pending);
    buf_release(&a->value);
    if (a->batch)
        rocksdb_writebatch_destroy(a->batch);
    if (a->read)
        rocksdb_readoptions_destroy(a->read);
    free(a);
}

static bool make_arrays(struct append_space *a, size_t n)
{
    size_t cap = FIRST_ITEMS;
    while (cap < n)
        cap *= 2;
    free_arrays(a);
    a->items = malloc(cap * sizeof(*a->items));
    a->heads = malloc(cap * sizeof(*a->heads));
    a->keys = malloc(cap * sizeof(*a->keys));
    a->key_at = malloc(cap * sizeof(*a->key_at));
    a->key_size = malloc(cap * sizeof(*a->key_size));
    a->found = malloc(cap * sizeof(*a->found));
    a->messages = malloc(cap * sizeof(*a->messages));
    a->asked = malloc(cap * sizeof(*a->asked));
    a->rows = malloc(cap * sizeof(*a->rows));
    bool all = a->items && a->heads && a->keys && a->key_at && a->key_size && a->found &&
               a->messages && a->asked && a->rows;
    if (!all) {
        free_arrays(a);
        return false;
    }
    a->cap = cap;
    for (size_t i = 0; i < cap; i++) {
        a->key_at[i] = a->keys[i];
        a->key_size[i] = KEY_SEEN;
    }
    return true;
}

static int ready_space(struct store *s, size_t n, struct mq_error *err)
{
    struct append_space *a = s->space;
    if (!a) {
        a = calloc(1, sizeof(*a));
        if (!a)
            return mq_fail(err, MQ_NO_MEMORY, "append: no memory");
        s->space = a;
        buf_init(&a->value, STORE_VALUE_MAX);
        a->batch = rocksdb_writebatch_create();
        a->read = rocksdb_readoptions_create();
    }
    if (n > a->cap && !make_arrays(a, n))
        return mq_fail(err, MQ_NO_MEMORY, "append: %zu events: no memory: send fewer at once", n);
    memset(a->heads, 0, a->cap * sizeof(*a->heads));
    rocksdb_writebatch_clear(a->batch);
    pending_start(&a->pending, s);
    return 0;
}

/* The event of the batch that has this identity already, index + 1. */
static uint32_t find_in_batch(const struct append_space *a, const struct item *item)
{
    for (uint32_t at = a->heads[item->identity.lo & (a->cap - 1)]; at > 0;
         at = a->items[at - 1].next) {
        const struct item *other = &a->items[at - 1];
        if (other->viewer == item->viewer && other->identity.hi == item->identity.hi &&
            other->identity.lo == item->identity.lo)
            return at;
    }
    return 0;
}

static int identify(const struct store *s, const struct event *events, size_t n,
                    struct mq_error *err)
{
    struct append_space *a = s->space;
    for (size_t i = 0; i < n; i++) {
        struct item *item = &a->items[i];
        *item = (struct item){.identity = event_identity(&events[i])};
        int rc = pending_id(&a->pending, s, NAME_VIEWER, events[i].viewer, &item->viewer,
                            &item->viewer_new, err);
        if (rc)
            return rc;
        item->first = find_in_batch(a, item);
        if (item->first == 0) {
            uint32_t *head = &a->heads[item->identity.lo & (a->cap - 1)];
            item->next = *head;
            *head = (uint32_t)i + 1;
        }
    }
    return 0;
}

static int note_found(struct append_space *a, size_t asked, struct mq_error *err)
{
    int rc = 0;
    for (size_t j = 0; j < asked; j++) {
        if (a->messages[j]) {
            int failed = store_fail(rc ? NULL : err, a->messages[j], "seen");
            rc = rc ? rc : failed;
        }
        if (!a->found[j])
            continue;
        size_t size = 0;
        const char *value = rocksdb_pinnableslice_value(a->found[j], &size);
        struct item *item = &a->items[a->asked[j]];
        item->stored = true;
        if (size == SEEN_VALUE && value[0] == 1)
            item->stored_seq = get_be64(value + 9);
        else if (rc == 0)
            rc = mq_fail(err, MQ_CORRUPT, "seen: a row of %zu bytes: is none: run a check", size);
        rocksdb_pinnableslice_destroy(a->found[j]);
    }
    return rc;
}

static int look_up(const struct store *s, size_t n, struct mq_error *err)
{
    struct append_space *a = s->space;
    size_t asked = 0;
    for (size_t i = 0; i < n; i++) {
        if (a->items[i].viewer_new || a->items[i].first > 0)
            continue;
        key_seen(a->keys[asked], a->items[i].viewer, a->items[i].identity);
        a->asked[asked++] = (uint32_t)i;
    }
    if (asked == 0)
        return 0;
    rocksdb_batched_multi_get_cf(s->live->db, a->read, s->live->cf[FAMILY_SEEN], asked, a->key_at,
                                 a->key_size, a->found, a->messages, false);
    return note_found(a, asked, err);
}

static int give_names(struct pending *p, const struct store *s, struct event *e,
                      struct mq_error *err)
{
    int rc = 0;
    e->title_id.v = ID_NONE;
    e->other_id.v = ID_NONE;
    if (e->other.n > 0)
        rc = pending_id(p, s, NAME_VIEWER, e->other, &e->other_id.v, NULL, err);
    if (rc)
        return rc;
    if (e->title.n > 0)
        rc = pending_id(p, s, NAME_TITLE, e->title, &e->title_id.v, NULL, err);
    for (uint32_t i = 0; rc == 0 && i < e->n_items; i++)
        rc = pending_id(p, s, NAME_TITLE, e->items[i].title, &e->items[i].title_id.v, NULL, err);
    return rc;
}

static int write_events(const struct store *s, const struct event *events, size_t added,
                        struct mq_error *err)
{
    struct append_space *a = s->space;
    for (size_t k = 0; k < added; k++) {
        const struct event *e = &events[a->rows[k].i];
        char key[KEY_EVENT];
        buf_reset(&a->value);
        event_encode(e, &a->value);
        if (a->value.failed)
            return mq_fail(err, MQ_NO_MEMORY, "append: no memory for an event's row");
        key_event(key, e->viewer_id.v, e->at_ms, e->seq);
        rocksdb_writebatch_put_cf(a->batch, s->live->cf[FAMILY_EVENTS], key, sizeof(key),
                                  a->value.p, a->value.n);
    }
    return 0;
}

static void write_seen(const struct store *s, const struct event *events, size_t added)
{
    struct append_space *a = s->space;
    for (size_t k = 0; k < added; k++) {
        const struct event *e = &events[a->rows[k].i];
        char key[KEY_SEEN], value[SEEN_VALUE];
        key_seen(key, e->viewer_id.v, a->items[a->rows[k].i].identity);
        value_seen(value, e->at_ms, e->seq);
        rocksdb_writebatch_put_cf(a->batch, s->live->cf[FAMILY_SEEN], key, sizeof(key), value,
                                  sizeof(value));
    }
}

static int compare_rows(const void *x, const void *y)
{
    const struct row *a = x, *b = y;
    if (a->viewer != b->viewer)
        return a->viewer < b->viewer ? -1 : 1;
    if (a->hi != b->hi)
        return a->hi < b->hi ? -1 : 1;
    return (a->lo > b->lo) - (a->lo < b->lo);
}

/* Rows in the order of their keys: a memtable takes the next row where it took the last one, which
 * halves the cost of a write (bench/store_append). */
static int write_rows(const struct store *s, const struct event *events, size_t added,
                      struct mq_error *err)
{
    struct append_space *a = s->space;
    qsort(a->rows, added, sizeof(*a->rows), compare_rows);
    int rc = write_events(s, events, added, err);
    if (rc)
        return rc;
    for (size_t k = 0; k < added; k++) {
        struct row *r = &a->rows[k];
        r->hi = a->items[r->i].identity.hi;
        r->lo = a->items[r->i].identity.lo;
    }
    qsort(a->rows, added, sizeof(*a->rows), compare_rows);
    write_seen(s, events, added);
    return 0;
}

/* Settles ids and seqs in the order of arrival; the rows of what is new are in a->rows. */
static int settle_events(struct store *s, struct event *events, size_t n, int64_t now_ms,
                         struct counters *next, size_t *ret_added, struct mq_error *err)
{
    struct append_space *a = s->space;
    size_t added = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        const struct item *item = &a->items[i];
        struct event *e = &events[i];
        if (item->stored || item->first > 0) {
            next->duplicates++;
            continue;
        }
        e->viewer_id.v = item->viewer;
        e->arrival_ms = now_ms;
        e->seq = next->last_seq + 1;
        rc = give_names(&a->pending, s, e, err);
        if (rc == 0 && e->other_id.v != ID_NONE)
            rc = links_take(s->links, e, err);
        a->rows[added++] = (struct row){item->viewer, (uint32_t)i, time_to_key(e->at_ms), e->seq};
        counters_add_time(next, e->at_ms);
        if (s->expiry.active) {
            counters_add_time(&s->expiry.times, e->at_ms);
            s->expiry.times.events = 1;
        }
        next->last_seq++;
        next->events++;
        next->by_kind[e->kind]++;
    }
    *ret_added = added;
    return rc;
}

static uint32_t known_title(const struct store *s, struct str title)
{
    uint32_t id = title.n > 0 ? intern_find(s->names[NAME_TITLE], title) : INTERN_NONE;
    return id == INTERN_NONE ? ID_NONE : id;
}

static uint32_t known_viewer(const struct store *s, struct str viewer)
{
    uint32_t id = viewer.n > 0 ? intern_find(s->names[NAME_VIEWER], viewer) : INTERN_NONE;
    return id == INTERN_NONE ? ID_NONE : id;
}

/* After the write. A repetition gets the seq of the event it repeats. */
static void tell(const struct store *s, struct event *events, size_t n, int64_t now_ms,
                 uint8_t *outcome)
{
    static const struct store_range now = {0};
    const struct item *items = s->space->items;
    for (size_t i = 0; i < n; i++) {
        struct event *e = &events[i];
        const struct item *first = items[i].first > 0 ? &items[items[i].first - 1] : &items[i];
        bool repeated = items[i].first > 0 || items[i].stored;
        outcome[i] = repeated ? APPEND_DUPLICATE : APPEND_ADDED;
        e->viewer_id = store_root(s, (struct viewer_id){items[i].viewer}, &now);
        if (!repeated)
            continue;
        e->other_id.v = known_viewer(s, e->other);
        e->arrival_ms = now_ms;
        e->seq = first->stored ? first->stored_seq : events[items[i].first - 1].seq;
        e->title_id.v = known_title(s, e->title);
        for (uint32_t k = 0; k < e->n_items; k++)
            e->items[k].title_id.v = known_title(s, e->items[k].title);
    }
}

/* Ids that were settled for a write that failed mean nothing. */
static void untell(struct event *events, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct event *e = &events[i];
        e->viewer_id.v = e->title_id.v = e->other_id.v = ID_NONE;
        e->seq = 0;
        e->arrival_ms = 0;
        for (uint32_t k = 0; k < e->n_items; k++)
            e->items[k].title_id.v = ID_NONE;
    }
}

static int append(struct store *s, struct event *events, size_t n, int64_t now_ms,
                  struct mq_error *err)
{
    struct append_space *a = s->space;
    struct counters next = s->live->counters;
    links_begin(s->links);
    int rc = identify(s, events, n, err);
    if (rc == 0)
        rc = look_up(s, n, err);
    size_t added = 0;
    if (rc == 0)
        rc = settle_events(s, events, n, now_ms, &next, &added, err);
    if (rc == 0)
        rc = write_rows(s, events, added, err);
    for (int k = 0; k < NAME_KINDS; k++)
        next.given[k] = a->pending.counts[k];
    if (rc == 0)
        rc = pending_write(&a->pending, s, a->batch, &a->value, err);
    if (rc == 0) {
        links_write(s, a->batch, &a->value);
        rc = store_commit(s, a->batch, &next, &a->pending, err);
    }
    if (rc)
        links_undo(s->links, s->live->counters.last_seq);
    return rc;
}

int store_append(struct store *s, struct event *events, size_t n, int64_t now_ms,
                 uint8_t *ret_outcome, struct mq_error *err)
{
    if (n > APPEND_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "append: %zu events: at most %d at once", n, APPEND_MAX);
    if (n == 0)
        return 0;
    int rc = store_ready(s, err);
    if (rc == 0)
        rc = ready_space(s, n, err);
    if (rc)
        return rc;
    rc = append(s, events, n, now_ms, err);
    if (rc)
        untell(events, n);
    else
        tell(s, events, n, now_ms, ret_outcome);
    return rc;
}
