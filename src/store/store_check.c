/* store_check.c - reads everything and holds what was promised against it.
 *
 * The first pass walks events in order of their key and asks seen for each; the second walks seen and asks events.
 * Rows that do not decode, names that lead nowhere and counters that differ are faults, the first of which is told. What
 * RocksDB itself finds damaged (checksums) ends the check. */
#include <stdarg.h>
#include <stdio.h>

#include "store/store_inside.h"

enum { ARENA_BLOCK = 16 * 1024, ARENA_MAX = 8 << 20 };

struct checking {
    const struct store *s;
    const rocksdb_snapshot_t *snapshot;
    rocksdb_readoptions_t *read;
    struct arena arena;
    struct store_check result;
    uint32_t ids[NAME_KINDS]; /* dense ids in use lie below */
    uint64_t seen;
    uint32_t title, credits; /* of the catalogue's last row */
    bool described;
    struct counters counted, expected;
};

__attribute__((format(printf, 2, 3))) static void fault(struct checking *c, const char *format, ...)
{
    va_list list;
    if (c->result.faults++ > 0)
        return;
    va_start(list, format);
    vsnprintf(c->result.first_fault, sizeof(c->result.first_fault), format, list);
    va_end(list);
}

static void must_be_named(struct checking *c, enum name_kind kind, uint32_t id, const char *what)
{
    static const char *const kinds[NAME_KINDS] = {"viewer", "title", "person"};
    if (id >= c->ids[kind] || intern_name(c->s->names[kind], id).n == 0)
        fault(c, "%s: %s %u: has no name", what, kinds[kind], id);
}

static int get(struct checking *c, enum family f, const char *key, size_t n,
               rocksdb_pinnableslice_t **ret, struct mq_error *err)
{
    char *message = NULL;
    *ret = rocksdb_get_pinned_cf(c->s->live->db, c->read, c->s->live->cf[f], key, n, &message);
    return message ? store_fail(err, message, family_name(f)) : 0;
}

static int check_event(struct checking *c, struct str key, struct str value, struct mq_error *err)
{
    struct event e;
    struct mq_error why;
    if (store_event(c->s, key, value, &c->arena, &e, &why) != 0) {
        fault(c, "events: %.200s", why.text);
        return 0;
    }
    must_be_named(c, NAME_VIEWER, e.viewer_id.v, "events");
    if (e.title_id.v != ID_NONE)
        must_be_named(c, NAME_TITLE, e.title_id.v, "events");
    for (uint32_t i = 0; i < e.n_items; i++)
        must_be_named(c, NAME_TITLE, e.items[i].title_id.v, "an event's items");
    counters_add_time(&c->counted, e.at_ms);
    c->counted.events++;
    c->counted.by_kind[e.kind]++;
    if (e.seq > c->expected.last_seq)
        fault(c, "events: viewer %u, seq %llu: beyond the last one", e.viewer_id.v,
              (unsigned long long)e.seq);

    /* Without an id the content is its identity, and of that the other viewer's name was erased. */
    if (e.id.n == 0 && e.other_id.v != ID_NONE && e.other.n == 0)
        return 0;
    char seen[KEY_SEEN], expected[SEEN_VALUE];
    key_seen(seen, e.viewer_id.v, event_identity(&e));
    value_seen(expected, e.at_ms, e.seq);
    rocksdb_pinnableslice_t *found;
    int rc = get(c, FAMILY_SEEN, seen, sizeof(seen), &found, err);
    if (rc)
        return rc;
    size_t n = 0;
    const char *p = found ? rocksdb_pinnableslice_value(found, &n) : NULL;
    if (n != SEEN_VALUE || memcmp(p, expected, SEEN_VALUE) != 0)
        fault(c, "events: viewer %u, seq %llu: %s in seen", e.viewer_id.v,
              (unsigned long long)e.seq, p ? "has another entry" : "has no entry");
    rocksdb_pinnableslice_destroy(found);
    return 0;
}

static int check_seen(struct checking *c, struct str key, struct str value, struct mq_error *err)
{
    c->seen++;
    if (key.n != KEY_SEEN || value.n != SEEN_VALUE || value.p[0] != 1) {
        fault(c, "seen: a row of %zu and %zu bytes: is none", key.n, value.n);
        return 0;
    }
    char event[KEY_EVENT];
    memcpy(event, key.p, KEY_VIEWER);
    memcpy(event + KEY_VIEWER, value.p + 1, KEY_EVENT - KEY_VIEWER);
    rocksdb_pinnableslice_t *found;
    int rc = get(c, FAMILY_EVENTS, event, sizeof(event), &found, err);
    if (rc == 0 && !found)
        fault(c, "seen: viewer %u, seq %llu: there is no such event", get_be32(key.p),
              (unsigned long long)get_be64(value.p + 9));
    rocksdb_pinnableslice_destroy(found);
    return rc;
}

static int check_name(struct checking *c, struct str key, struct str value, struct mq_error *err)
{
    enum name_kind kind = NAME_KINDS;
    uint32_t id = 0;
    struct str name, spelling;
    struct mq_error why;
    (void)err;
    if (names_decode(key, value, &kind, &id, &name, &spelling, &why) != 0) {
        fault(c, "%.200s", why.text);
        return 0;
    }
    if (id >= c->counted.given[kind])
        c->counted.given[kind] = (uint64_t)id + 1;
    if (!str_eq(intern_name(c->s->names[kind], id), name))
        fault(c, "names: kind %d, id %u: memory has another name", kind, id);
    return 0;
}

/* Rows of a title follow each other; the last one counts. */
static void count_title(struct checking *c)
{
    c->counted.described += c->described;
    c->counted.credits += c->described ? c->credits : 0;
    c->described = false;
}

static int check_record(struct checking *c, struct str key, struct str value, struct mq_error *err)
{
    struct title t;
    struct mq_error why;
    (void)err;
    if (key.n != KEY_TITLE) {
        fault(c, "catalogue: a key of %zu bytes: is none", key.n);
        return 0;
    }
    uint32_t id = get_be32(key.p);
    if (id != c->title)
        count_title(c);
    c->title = id;
    c->described = false;
    must_be_named(c, NAME_TITLE, id, "catalogue");
    if (title_is_deletion(value))
        return 0;
    if (title_decode(value, &c->arena, &t, &why) != 0) {
        fault(c, "title %u: %.200s", id, why.text);
        return 0;
    }
    c->described = true;
    c->credits = t.n_credits;
    for (uint32_t i = 0; i < t.n_credits; i++)
        must_be_named(c, NAME_PERSON, t.credits[i].person_id.v, "catalogue");
    return 0;
}

static int check_value(struct checking *c, struct str key, struct str value, struct mq_error *err)
{
    (void)err;
    if (value.n == 0 || value.p[0] != 1)
        fault(c, "a value: key of %zu bytes: has no version", key.n);
    return 0;
}

static int check_viewer_value(struct checking *c, struct str key, struct str value,
                              struct mq_error *err)
{
    if (key.n < KEY_VIEWER)
        fault(c, "a viewer's value: key of %zu bytes: names no viewer", key.n);
    return check_value(c, key, value, err);
}

typedef int check_row(struct checking *c, struct str key, struct str value, struct mq_error *err);

static int check_family(struct checking *c, enum family f, check_row *check, struct mq_error *err)
{
    rocksdb_iterator_t *it = rocksdb_create_iterator_cf(c->s->live->db, c->read, c->s->live->cf[f]);
    int rc = 0;
    for (rocksdb_iter_seek_to_first(it); rc == 0 && rocksdb_iter_valid(it); rocksdb_iter_next(it)) {
        struct str key, value;
        key.p = rocksdb_iter_key(it, &key.n);
        value.p = rocksdb_iter_value(it, &value.n);
        arena_reset(&c->arena);
        c->result.rows++;
        rc = check(c, key, value, err);
    }
    char *message = NULL;
    rocksdb_iter_get_error(it, &message);
    rocksdb_iter_destroy(it);
    if (message) {
        int failed = store_fail(rc ? NULL : err, message, family_name(f));
        rc = rc ? rc : failed;
    }
    return rc;
}

static void compare(struct checking *c, const char *what, uint64_t counted, uint64_t expected)
{
    if (counted != expected)
        fault(c, "counters: %s: %llu are there, %llu were counted", what,
              (unsigned long long)counted, (unsigned long long)expected);
}

static void check_counters(struct checking *c, const struct counters *expected)
{
    const struct counters *n = &c->counted;
    compare(c, "events", n->events, expected->events);
    compare(c, "seen", c->seen, expected->events);
    compare(c, "described titles", n->described, expected->described);
    compare(c, "credits", n->credits, expected->credits);
    /* A bound while old events leave: earlier than any is right. */
    if (n->first_ms < expected->first_ms)
        compare(c, "first time", (uint64_t)n->first_ms, (uint64_t)expected->first_ms);
    compare(c, "last time", (uint64_t)n->last_ms, (uint64_t)expected->last_ms);
    for (int k = 0; k < EVENT_KINDS; k++)
        compare(c, event_kind_name((enum event_kind)k), n->by_kind[k], expected->by_kind[k]);
    for (int k = 0; k < NAME_KINDS; k++) {
        if (n->given[k] > expected->given[k])
            compare(c, "names", n->given[k], expected->given[k]);
    }
}

static int check_all(struct checking *c, struct mq_error *err)
{
    static check_row *const checks[FAMILIES] = {
        [FAMILY_EVENTS] = check_event,         [FAMILY_SEEN] = check_seen,
        [FAMILY_NAMES] = check_name,           [FAMILY_CATALOGUE] = check_record,
        [FAMILY_VIEWERS] = check_viewer_value, [FAMILY_PROFILES] = check_viewer_value,
        [FAMILY_META] = check_value,
    };
    int rc = 0;
    for (int f = 0; rc == 0 && f < FAMILIES; f++) {
        if (checks[f])
            rc = check_family(c, (enum family)f, checks[f], err);
    }
    count_title(c);
    return rc;
}

int store_check(const struct store *s, struct store_check *ret, struct mq_error *err)
{
    struct checking c = {.s = s};
    if (arena_init(&c.arena, ARENA_BLOCK, ARENA_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "check: no memory");
    int rc = store_enter(s, err);
    if (rc) {
        arena_release(&c.arena);
        return rc;
    }
    pthread_mutex_lock(&s->live->commit_lock);
    c.expected = s->live->counters;
    c.snapshot = rocksdb_create_snapshot(s->live->db);
    pthread_mutex_unlock(&s->live->commit_lock);
    for (int k = 0; k < NAME_KINDS; k++)
        c.ids[k] = intern_count(s->names[k]);
    c.read = rocksdb_readoptions_create();
    rocksdb_readoptions_set_snapshot(c.read, c.snapshot);
    rocksdb_readoptions_set_total_order_seek(c.read, 1);
    rocksdb_readoptions_set_fill_cache(c.read, 0);
    rc = check_all(&c, err);
    if (rc == 0)
        check_counters(&c, &c.expected);
    rocksdb_readoptions_destroy(c.read);
    rocksdb_release_snapshot(s->live->db, c.snapshot);
    store_leave(s);
    arena_release(&c.arena);
    if (rc)
        return rc;
    c.result.events = c.counted.events;
    *ret = c.result;
    return c.result.faults == 0
               ? 0
               : mq_fail(err, MQ_CORRUPT, "data folder: %s: %s: restore it from a backup", s->dir,
                         c.result.first_fault);
}
