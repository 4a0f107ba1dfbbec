/* store_titles.c - the catalogue family: each record with the place in the log at which it was put.
 *
 *   key    title u32, seq u64: the last seq of the log when the record was put
 *   value  title_encode (catalogue/title_codec.c); a deletion is the version byte alone
 *
 * The record as of max_seq is the newest with seq <= max_seq. Of several put at one place the last counts. */
#include <stdlib.h>

#include "store/store_inside.h"

enum { TITLES_MAX = 1 << 20, ARENA_BLOCK = 16 * 1024, ARENA_MAX = 8 << 20, RECORD_MAX = 4 << 20 };

static const char deletion[] = {1};

bool title_is_deletion(struct str value)
{
    return value.n == sizeof(deletion) && value.p[0] == deletion[0];
}

/* Looks records up, one after the other, as they stood when it was made. */
struct finder {
    rocksdb_readoptions_t *options;
    rocksdb_iterator_t *it;
};

static void finder_open(const struct store *s, struct finder *f)
{
    f->options = rocksdb_readoptions_create();
    pthread_mutex_lock(&s->live->commit_lock);
    f->it = rocksdb_create_iterator_cf(s->live->db, f->options, s->live->cf[FAMILY_CATALOGUE]);
    pthread_mutex_unlock(&s->live->commit_lock);
}

static int finder_close(struct finder *f, struct mq_error *err)
{
    char *message = NULL;
    rocksdb_iter_get_error(f->it, &message);
    rocksdb_iter_destroy(f->it);
    rocksdb_readoptions_destroy(f->options);
    return message ? store_fail(err, message, "catalogue") : 0;
}

/* Valid until the next call. p == NULL when there is none, or it was deleted. */
static struct str finder_get(struct finder *f, uint32_t title, uint64_t max_seq)
{
    char key[KEY_TITLE];
    key_title(key, title, max_seq ? max_seq : UINT64_MAX);
    rocksdb_iter_seek_for_prev(f->it, key, sizeof(key));
    size_t n = 0;
    const char *at = rocksdb_iter_valid(f->it) ? rocksdb_iter_key(f->it, &n) : NULL;
    if (!at || n != KEY_TITLE || get_be32(at) != title)
        return STR_NONE;
    struct str value;
    value.p = rocksdb_iter_value(f->it, &value.n);
    return title_is_deletion(value) ? STR_NONE : value;
}

static int fill_names(const struct store *s, uint32_t id, struct arena *arena, struct title *t,
                      struct mq_error *err)
{
    t->title_id.v = id;
    struct credit *credits = ARENA_ARRAY(arena, t->n_credits, struct credit);
    if (t->n_credits > 0 && !credits)
        return mq_fail(err, MQ_NO_MEMORY, "title %u: %u credits: no memory", id, t->n_credits);
    for (uint32_t i = 0; i < t->n_credits; i++) {
        credits[i] = t->credits[i];
        credits[i].person = names_person(s, credits[i].person_id);
        struct str key = intern_name(s->names[NAME_PERSON], credits[i].person_id.v);
        credits[i].person_key = str_eq(key, credits[i].person) ? STR_NONE : key;
    }
    t->credits = credits;
    return 0;
}

static int decode(const struct store *s, uint32_t id, struct str value, struct arena *arena,
                  struct title *ret, struct mq_error *err)
{
    struct title t;
    int rc = title_decode(value, arena, &t, err);
    if (rc == 0)
        rc = fill_names(s, id, arena, &t, err);
    if (rc)
        return mq_error_prefix(err, "title %u", id);
    *ret = t;
    return 0;
}

static uint32_t credits_of(struct str value)
{
    struct arena arena;
    struct title t;
    uint32_t n = 0;
    if (value.p && arena_init(&arena, ARENA_BLOCK, ARENA_MAX) == 0) {
        if (title_decode(value, &arena, &t, NULL) == 0)
            n = t.n_credits;
        arena_release(&arena);
    }
    return n;
}

/* One store_put_titles. */
struct put {
    const struct store *s;
    struct pending pending;
    struct finder finder;
    rocksdb_writebatch_t *batch;
    struct buf value, before; /* before: the record of the same title earlier in this call */
    struct counters next;
    struct credit *credits;
    struct title *titles;
    uint32_t *ids;           /* (n) */
    uint32_t *chain, *heads; /* index + 1 of the earlier record of an id with the same hash */
    size_t mask, changed;
};

static int encode(struct put *p, const struct title *title, struct buf *out, struct mq_error *err)
{
    struct title t = *title;
    if (t.n_credits > TITLE_CREDITS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "title: %.*s: %u credits: at most %d", STR_ARG(t.id),
                       t.n_credits, TITLE_CREDITS_MAX);
    for (uint32_t i = 0; i < t.n_credits; i++) {
        p->credits[i] = t.credits[i];
        int rc = pending_person(&p->pending, p->s, t.credits[i].person_key, t.credits[i].person,
                                &p->credits[i].person_id.v, err);
        if (rc)
            return rc;
    }
    t.credits = p->credits;
    buf_reset(out);
    title_encode(&t, out);
    return out->failed
               ? mq_fail(err, MQ_NO_MEMORY, "title: %.*s: no memory for its record", STR_ARG(t.id))
               : 0;
}

/* The record that stands before the i-th is put: an earlier one of this call, else the stored one. */
static int find_before(struct put *p, size_t i, struct str *ret, struct mq_error *err)
{
    for (uint32_t at = p->heads[p->ids[i] & p->mask]; at > 0; at = p->chain[at - 1]) {
        if (p->ids[at - 1] != p->ids[i])
            continue;
        int rc = encode(p, &p->titles[at - 1], &p->before, err);
        *ret = buf_str(&p->before);
        return rc;
    }
    *ret = finder_get(&p->finder, p->ids[i], 0);
    return 0;
}

/* One place for all that one call changes. */
static void take_place(const struct store *s, struct counters *next)
{
    if (s->options.titles_take_place)
        next->last_seq = s->live->counters.last_seq + 1;
}

static int put_one(struct put *p, size_t i, struct mq_error *err)
{
    const struct title *t = &p->titles[i];
    struct str before = STR_NONE;
    int rc = pending_id(&p->pending, p->s, NAME_TITLE, t->id, &p->ids[i], NULL, err);
    if (rc == 0)
        rc = find_before(p, i, &before, err);
    size_t names = p->pending.n;
    if (rc == 0)
        rc = encode(p, t, &p->value, err);
    if (rc)
        return rc;
    uint32_t *head = &p->heads[p->ids[i] & p->mask];
    p->chain[i] = *head;
    *head = (uint32_t)i + 1;
    if (before.p && str_eq(before, buf_str(&p->value))) {
        p->changed += p->pending.n > names; /* a person is spelt in another way now */
        return 0;
    }
    p->next.described += before.p == NULL;
    p->next.credits += (uint64_t)t->n_credits - credits_of(before);
    p->changed++;
    take_place(p->s, &p->next);
    char key[KEY_TITLE];
    key_title(key, p->ids[i], p->next.last_seq);
    rocksdb_writebatch_put_cf(p->batch, p->s->live->cf[FAMILY_CATALOGUE], key, sizeof(key),
                              p->value.p, p->value.n);
    return 0;
}

static int put_all(struct store *s, struct put *p, size_t n, struct mq_error *err)
{
    int rc = 0;
    pending_start(&p->pending, s);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = put_one(p, i, err);
    for (int k = 0; k < NAME_KINDS; k++)
        p->next.given[k] = p->pending.counts[k];
    if (rc == 0)
        rc = pending_write(&p->pending, s, p->batch, &p->value, err);
    int closed = finder_close(&p->finder, rc ? NULL : err);
    if (rc || closed)
        return rc ? rc : closed;
    if (rocksdb_writebatch_count(p->batch) == 0)
        return 0;
    return store_commit(s, p->batch, &p->next, &p->pending, err);
}

static void put_release(struct put *p)
{
    pending_release(&p->pending);
    rocksdb_writebatch_destroy(p->batch);
    buf_release(&p->value);
    buf_release(&p->before);
    free(p->credits);
    free(p->ids);
    free(p->chain);
    free(p->heads);
}

int store_put_titles(struct store *s, struct title *titles, size_t n, size_t *ret_changed,
                     struct mq_error *err)
{
    if (n > TITLES_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "catalogue: %zu titles: at most %d at once", n,
                       TITLES_MAX);
    int rc = store_ready(s, err);
    if (rc)
        return rc;
    size_t heads = 64;
    while (heads < n)
        heads *= 2;
    struct put p = {.s = s, .next = s->live->counters, .titles = titles, .mask = heads - 1};
    buf_init(&p.value, RECORD_MAX);
    buf_init(&p.before, RECORD_MAX);
    p.batch = rocksdb_writebatch_create();
    p.credits = calloc(TITLE_CREDITS_MAX, sizeof(*p.credits));
    p.ids = calloc(n + 1, sizeof(*p.ids));
    p.chain = calloc(n + 1, sizeof(*p.chain));
    p.heads = calloc(heads, sizeof(*p.heads));
    if (p.credits && p.ids && p.chain && p.heads) {
        finder_open(s, &p.finder);
        rc = put_all(s, &p, n, err);
    } else {
        rc = mq_fail(err, MQ_NO_MEMORY, "catalogue: %zu titles: no memory: send fewer at once", n);
    }
    for (size_t i = 0; rc == 0 && i < n; i++)
        titles[i].title_id.v = p.ids[i];
    if (rc == 0 && ret_changed)
        *ret_changed = p.changed;
    put_release(&p);
    return rc;
}

int store_get_title(const struct store *s, struct title_id id, uint64_t max_seq,
                    struct arena *arena, struct title *ret, struct mq_error *err)
{
    struct finder f;
    int rc = store_enter(s, err);
    if (rc)
        return rc;
    finder_open(s, &f);
    struct str value = finder_get(&f, id.v, max_seq);
    bool found = value.p != NULL;
    struct str copy = found ? arena_str(arena, value) : STR_NONE;
    rc = finder_close(&f, err);
    store_leave(s);
    if (rc)
        return rc;
    if (!found)
        return mq_fail(err, MQ_NOT_FOUND, "title %u: has no record", id.v);
    if (!copy.p)
        return mq_fail(err, MQ_NO_MEMORY, "title %u: no memory for its record", id.v);
    return decode(s, id.v, copy, arena, ret, err);
}

int store_delete_title(struct store *s, struct title_id id, struct mq_error *err)
{
    int rc = store_ready(s, err);
    if (rc)
        return rc;
    struct finder f;
    finder_open(s, &f);
    struct str value = finder_get(&f, id.v, 0);
    bool found = value.p != NULL;
    uint32_t credits = credits_of(value);
    rc = finder_close(&f, err);
    if (rc)
        return rc;
    if (!found)
        return mq_fail(err, MQ_NOT_FOUND, "title %u: has no record", id.v);
    struct counters next = s->live->counters;
    take_place(s, &next);
    next.described--;
    next.credits -= credits;
    char key[KEY_TITLE];
    key_title(key, id.v, next.last_seq);
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    rocksdb_writebatch_put_cf(batch, s->live->cf[FAMILY_CATALOGUE], key, sizeof(key), deletion,
                              sizeof(deletion));
    rc = store_commit(s, batch, &next, NULL, err);
    rocksdb_writebatch_destroy(batch);
    return rc;
}

static int tell(const struct store *s, uint32_t id, struct str value, struct arena *arena,
                store_visit_title *visit, void *ctx, struct mq_error *err)
{
    struct title t;
    if (value.n == 0 || title_is_deletion(value))
        return 0;
    arena_reset(arena);
    int rc = decode(s, id, value, arena, &t, err);
    return rc ? rc : visit(ctx, &t);
}

/* The rows of a title follow each other, oldest first: the last that counts is told when they end. */
static int scan_titles(const struct store *s, struct rows *r, uint64_t max_seq, struct buf *last,
                       struct arena *arena, store_visit_title *visit, void *ctx,
                       struct mq_error *err)
{
    struct str key, value;
    uint32_t id = ID_NONE;
    int rc = 0;
    while (rc == 0 && rows_next(r, &key, &value)) {
        if (key.n != KEY_TITLE)
            return mq_fail(err, MQ_CORRUPT, "catalogue: a key of %zu bytes: is none of ours",
                           key.n);
        if (get_be32(key.p) != id) {
            rc = tell(s, id, buf_str(last), arena, visit, ctx, err);
            buf_reset(last);
            id = get_be32(key.p);
        }
        if (rc == 0 && (max_seq == 0 || get_be64(key.p + 4) <= max_seq)) {
            buf_reset(last);
            buf_add_str(last, value);
            if (last->failed)
                rc = mq_fail(err, MQ_NO_MEMORY, "title %u: a record of %zu bytes: no room", id,
                             value.n);
        }
    }
    return rc ? rc : tell(s, id, buf_str(last), arena, visit, ctx, err);
}

int store_scan_titles(const struct store *s, uint64_t max_seq, store_visit_title *visit, void *ctx,
                      struct mq_error *err)
{
    struct arena arena;
    if (arena_init(&arena, ARENA_BLOCK, ARENA_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "catalogue: no memory");
    int rc = store_enter(s, err);
    if (rc == 0) {
        struct rows r;
        struct buf last;
        buf_init(&last, RECORD_MAX);
        pthread_mutex_lock(&s->live->commit_lock);
        rows_open(s, FAMILY_CATALOGUE, STR_NONE, STR_NONE, ROWS_ALL, &r);
        pthread_mutex_unlock(&s->live->commit_lock);
        rc = scan_titles(s, &r, max_seq, &last, &arena, visit, ctx, err);
        int closed = rows_close(&r, "catalogue", rc ? NULL : err);
        rc = rc ? rc : closed;
        buf_release(&last);
        store_leave(s);
    }
    arena_release(&arena);
    return rc;
}
