/* store_erase.c - a viewer leaves: rows, then bytes, then proof.
 *
 * 1. one write deletes the viewer's rows in every family and settles the counters
 * 2. scans that began before it are waited for (RocksDB keeps what an open snapshot can see), and the name is
 *    forgotten in memory
 * 3. memtables are flushed (which empties the log) and every family is compacted down to its lowest level
 * 4. scans that began meanwhile are waited for: they hold the old files
 * 5. the receipt: all rows of all families are read for the dense id, and the raw bytes of all files of the
 *    folder, RocksDB's own logs included, are searched for the external id.
 *
 * names rows are stored plain, so that the search means something. An id shorter than SHORT_NAME bytes would be
 * found by chance (figures in RocksDB's logs); it is searched together with the frame of its row (version, kind, dense id,
 * length), which stands before it in tables and log alike. A longer one that lies within the row of a name that stays
 * ("viewer-17" in "viewer-170") is none of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/store_inside.h"

enum {
    SHORT_NAME = 8,
    PIECE = 1 << 20,
    PATTERN_MAX = INTERN_NAME_MAX + 16,
    AROUND = 2048, /* bytes of a row that is looked at around what was found */
    FRAME = 2 + 4  /* before the length of a name's row */
};

struct erasure {
    struct store *s;
    uint32_t viewer;
    char first[KEY_VIEWER], after[KEY_VIEWER]; /* keys of the viewer's rows lie in [first, after) */
    struct counters next;
    struct store_receipt receipt;
    struct buf pattern;
    char *piece;
};

static const enum family viewer_families[] = {FAMILY_EVENTS, FAMILY_SEEN, FAMILY_VIEWERS,
                                              FAMILY_PROFILES};
enum { VIEWER_FAMILIES = sizeof(viewer_families) / sizeof(viewer_families[0]) };

/* Scans in progress have ended when this returns. */
static void wait_for_readers(const struct store *s)
{
    pthread_rwlock_wrlock(&s->live->lock);
    pthread_rwlock_unlock(&s->live->lock);
}

static int count_rows(struct erasure *x, enum family f, uint64_t *ret, struct mq_error *err)
{
    struct rows r;
    struct str key, value;
    rows_open(x->s, f, (struct str){x->first, KEY_VIEWER}, (struct str){x->after, KEY_VIEWER},
              ROWS_ALL, &r);
    while (rows_next(&r, &key, &value)) {
        ++*ret;
        uint8_t kind = value.n > 1 ? (uint8_t)value.p[1] : EVENT_KINDS;
        if (f == FAMILY_EVENTS && kind < EVENT_KINDS) {
            x->next.events--;
            x->next.by_kind[kind]--;
        }
    }
    return rows_close(&r, family_name(f), err);
}

/* The oldest and newest event of all but the erased viewer: two steps for each viewer, found by seeking
 * over the rest. */
static int find_times(struct erasure *x, struct mq_error *err)
{
    rocksdb_readoptions_t *options = rocksdb_readoptions_create();
    rocksdb_readoptions_set_total_order_seek(options, 1);
    rocksdb_iterator_t *it =
        rocksdb_create_iterator_cf(x->s->live->db, options, x->s->live->cf[FAMILY_EVENTS]);
    struct counters times = {0};
    size_t n = 0;
    rocksdb_iter_seek_to_first(it);
    while (rocksdb_iter_valid(it)) {
        const char *key = rocksdb_iter_key(it, &n);
        if (n != KEY_EVENT)
            break; /* a check tells; the times are of what came before */
        uint32_t viewer = get_be32(key);
        int64_t first = time_from_key(get_be64(key + 4));
        char end[KEY_EVENT];
        key_event(end, viewer, INT64_MAX, UINT64_MAX);
        rocksdb_iter_seek_for_prev(it, end, sizeof(end));
        if (!rocksdb_iter_valid(it))
            break;
        key = rocksdb_iter_key(it, &n);
        if (viewer != x->viewer) {
            counters_add_time(&times, first);
            times.events = 1;
            counters_add_time(&times, time_from_key(get_be64(key + 4)));
        }
        rocksdb_iter_next(it);
    }
    char *message = NULL;
    rocksdb_iter_get_error(it, &message);
    rocksdb_iter_destroy(it);
    rocksdb_readoptions_destroy(options);
    if (message)
        return store_fail(err, message, "events");
    x->next.first_ms = times.first_ms;
    x->next.last_ms = times.last_ms;
    return 0;
}

static int delete_rows(struct erasure *x, struct mq_error *err)
{
    struct store *s = x->s;
    char name[KEY_NAME];
    key_name(name, NAME_VIEWER, x->viewer);
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    for (int i = 0; i < VIEWER_FAMILIES; i++)
        rocksdb_writebatch_delete_range_cf(batch, s->live->cf[viewer_families[i]], x->first,
                                           KEY_VIEWER, x->after, KEY_VIEWER);
    rocksdb_writebatch_delete_cf(batch, s->live->cf[FAMILY_NAMES], name, sizeof(name));
    int rc = store_commit(s, batch, &x->next, NULL, err);
    rocksdb_writebatch_destroy(batch);
    return rc;
}

static int delete_and_count(struct erasure *x, struct mq_error *err)
{
    x->next = x->s->live->counters;
    int rc = count_rows(x, FAMILY_EVENTS, &x->receipt.events, err);
    if (rc == 0)
        rc = count_rows(x, FAMILY_SEEN, &x->receipt.seen, err);
    if (rc == 0)
        rc = count_rows(x, FAMILY_VIEWERS, &x->receipt.values, err);
    if (rc == 0)
        rc = count_rows(x, FAMILY_PROFILES, &x->receipt.values, err);
    if (rc == 0)
        rc = find_times(x, err);
    return rc ? rc : delete_rows(x, err);
}

static bool is_left(const struct erasure *x, enum family f, struct str key)
{
    if (f == FAMILY_NAMES)
        return key.n == KEY_NAME && key.p[0] == NAME_VIEWER && get_be32(key.p + 1) == x->viewer;
    for (int i = 0; i < VIEWER_FAMILIES; i++) {
        if (f == viewer_families[i])
            return key.n >= KEY_VIEWER && get_be32(key.p) == x->viewer;
    }
    return false;
}

static int scan_families(struct erasure *x, struct mq_error *err)
{
    int rc = 0;
    for (int f = 0; rc == 0 && f < FAMILIES; f++) {
        struct rows r;
        struct str key, value;
        rows_open(x->s, (enum family)f, STR_NONE, STR_NONE, ROWS_ALL, &r);
        while (rows_next(&r, &key, &value)) {
            x->receipt.rows_scanned++;
            x->receipt.rows_left += is_left(x, (enum family)f, key);
        }
        rc = rows_close(&r, family_name((enum family)f), err);
    }
    return rc;
}

/* Does the text that begins at `at` belong to the row of a name that is still there, and `found` lie within it? */
static bool is_row_of_other(const struct erasure *x, const char *bytes, size_t have, size_t at,
                            size_t found)
{
    for (size_t length = 1; length <= 2 && at >= FRAME + length; length++) {
        const char *frame = bytes + at - length - FRAME;
        struct cursor c = cursor_over(bytes + at - length, have - (at - length));
        struct str text = cursor_lenstr(&c);
        if (frame[0] != NAMES_VERSION || (uint8_t)frame[1] >= NAME_KINDS || c.failed ||
            text.p != bytes + at)
            continue;
        const struct intern *names = x->s->names[(uint8_t)frame[1]];
        if (!str_eq(text, intern_name(names, get_be32(frame + 2))))
            continue;
        struct str spelling = cursor_lenstr(&c);
        const char *end = c.failed ? text.p + text.n : spelling.p + spelling.n;
        return bytes + found + x->pattern.n <= end;
    }
    return false;
}

static bool is_of_other(const struct erasure *x, size_t have, size_t found)
{
    for (size_t back = 0; back <= found && back < AROUND; back++)
        if (is_row_of_other(x, x->piece, have, found - back, found))
            return true;
    return false;
}

/* Searches what begins within [from, to) of the piece. */
static bool search_piece(const struct erasure *x, size_t have, size_t from, size_t to)
{
    while (from < to) {
        const char *p = memmem(x->piece + from, have - from, x->pattern.p, x->pattern.n);
        size_t found = p ? (size_t)(p - x->piece) : have;
        if (found >= to)
            return false;
        if (!is_of_other(x, have, found))
            return true;
        from = found + 1;
    }
    return false;
}

/* Searches a file piece by piece, each with what lies around its ends. */
static int search_file(void *ctx, const char *path, const char *name, struct mq_error *err)
{
    struct erasure *x = ctx;
    (void)name;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) /* a compaction may have removed it */
        return errno == ENOENT ? 0 : mq_fail_errno(err, errno, "erasure: %s", path);
    size_t have = 0, judged = 0;
    const size_t behind = x->pattern.n + AROUND;
    bool found = false;
    ssize_t n;
    do {
        n = read(fd, x->piece + have, PIECE);
        have += n > 0 ? (size_t)n : 0;
        x->receipt.bytes_scanned += n > 0 ? (uint64_t)n : 0;
        size_t to = n <= 0 ? have : have > behind ? have - behind : 0;
        found = found || search_piece(x, have, judged, to);
        judged = to > judged ? to : judged;
        size_t past = judged > AROUND ? judged - AROUND : 0;
        memmove(x->piece, x->piece + past, have - past);
        have -= past;
        judged -= past;
    } while (n > 0);
    int failed = n < 0 ? errno : 0;
    close(fd);
    if (failed)
        return mq_fail_errno(err, failed, "erasure: %s", path);
    x->receipt.files_scanned++;
    x->receipt.files_with_name += found;
    return 0;
}

static int prepare(struct erasure *x, struct mq_error *err)
{
    struct str name = intern_name(x->s->names[NAME_VIEWER], x->viewer);
    put_be32(x->first, x->viewer);
    put_be32(x->after, x->viewer + 1);
    buf_init(&x->pattern, PATTERN_MAX);
    if (name.n > 0 && name.n < SHORT_NAME)
        names_encode(NAME_VIEWER, x->viewer, name, STR_NONE, &x->pattern);
    else
        buf_add_str(&x->pattern, name);
    x->piece = malloc(PIECE + PATTERN_MAX + 2 * AROUND);
    return x->pattern.failed || !x->piece ? mq_fail(err, MQ_NO_MEMORY, "erasure: no memory") : 0;
}

/* At once after the rows: an event that came now would otherwise use an id that has no row. */
static void forget_name(const struct erasure *x)
{
    struct store *s = x->s;
    pthread_rwlock_wrlock(&s->live->lock);
    intern_erase(s->names[NAME_VIEWER], x->viewer);
    links_forget(s->links, x->viewer);
    pthread_rwlock_unlock(&s->live->lock);
    if (x->pattern.n > 0)
        atomic_fetch_sub(&s->live_names[NAME_VIEWER], 1);
}

static int search_files(struct erasure *x, struct mq_error *err)
{
    if (x->pattern.n == 0)
        return 0;
    int rc = folder_each(x->s->path, search_file, x, err);
    return rc ? rc : folder_each(x->s->dir, search_file, x, err);
}

static int erase(struct erasure *x, struct mq_error *err)
{
    int rc = store_flush(x->s, err);
    if (rc == 0)
        rc = delete_and_count(x, err);
    if (rc)
        return rc;
    forget_name(x);
    rc = store_compact_all(x->s, err);
    wait_for_readers(x->s);
    if (rc == 0)
        rc = scan_families(x, err);
    if (rc == 0)
        rc = search_files(x, err);
    if (rc)
        return rc;
    if (x->receipt.rows_left > 0)
        return mq_fail(err, MQ_BUG, "erasure: viewer %u: %llu rows are left", x->viewer,
                       (unsigned long long)x->receipt.rows_left);
    return 0;
}

int store_erase(struct store *s, struct viewer_id viewer, int64_t now_ms, struct store_receipt *ret,
                struct mq_error *err)
{
    if (viewer.v >= intern_count(s->names[NAME_VIEWER]))
        return mq_fail(err, MQ_NOT_FOUND, "viewer %u: is unknown", viewer.v);
    int rc = store_ready(s, err);
    if (rc)
        return rc;
    struct erasure x = {.s = s, .viewer = viewer.v, .receipt = {.at_ms = now_ms}};
    /* A backup in progress holds links to the files that shall go. */
    pthread_mutex_lock(&s->live->backup_lock);
    rc = prepare(&x, err);
    if (rc == 0)
        rc = erase(&x, err);
    pthread_mutex_unlock(&s->live->backup_lock);
    if (rc == 0)
        *ret = x.receipt;
    buf_release(&x.pattern);
    free(x.piece);
    return rc;
}
