#include "store/shown_store.h"

#include <rocksdb/c.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "store/store_inside.h"

enum {
    KEY = 20,
    MEMTABLE = 4 << 20,
    CACHE = 4 << 20,
    OPEN_FILES = 64,
    EXPIRE_BATCH = 20000,
    COPY_MAX = 1 << 30,
};
#define SHOWN "shown"

struct shown_store {
    char path[FOLDER_PATH_MAX];
    rocksdb_t *db;
    rocksdb_options_t *options;
    rocksdb_writeoptions_t *write;
};

static void key_of(char out[KEY], uint32_t viewer, int64_t at_ms, uint64_t id)
{
    put_be32(out, viewer);
    put_be64(out + 4, time_to_key(at_ms));
    put_be64(out + 12, id);
}

static rocksdb_options_t *make_options(bool create)
{
    rocksdb_options_t *o = rocksdb_options_create();
    rocksdb_block_based_table_options_t *t = rocksdb_block_based_options_create();
    rocksdb_cache_t *cache = rocksdb_cache_create_lru(CACHE);
    rocksdb_block_based_options_set_block_cache(t, cache);
    rocksdb_block_based_options_set_block_size(t, 16 * 1024);
    rocksdb_block_based_options_set_format_version(t, 5);
    rocksdb_options_set_block_based_table_factory(o, t);
    rocksdb_block_based_options_destroy(t);
    rocksdb_cache_destroy(cache); /* the table options hold it */
    rocksdb_options_set_create_if_missing(o, create);
    rocksdb_options_set_write_buffer_size(o, MEMTABLE);
    rocksdb_options_set_max_total_wal_size(o, 2 * (uint64_t)MEMTABLE);
    rocksdb_options_set_compression(o, rocksdb_lz4_compression);
    rocksdb_options_set_bottommost_compression(o, rocksdb_zstd_compression);
    rocksdb_options_set_max_open_files(o, OPEN_FILES);
    rocksdb_options_set_info_log_level(o, STORE_INFO_LOG);
    rocksdb_options_set_keep_log_file_num(o, 1);
    rocksdb_options_set_stats_dump_period_sec(o, 0);
    return o;
}

int shown_store_open(const char *dir, bool create, struct shown_store **ret, struct mq_error *err)
{
    char current[FOLDER_PATH_MAX];
    struct shown_store *s = calloc(1, sizeof(*s));
    if (!s)
        return mq_fail(err, MQ_NO_MEMORY, "shown pages: no memory");
    int rc = folder_join(s->path, dir, SHOWN, err);
    if (rc == 0)
        rc = folder_join(current, s->path, "CURRENT", err);
    if (rc || (!create && !file_exists(current))) {
        free(s);
        if (rc == 0)
            *ret = NULL;
        return rc;
    }
    char *message = NULL;
    s->options = make_options(create);
    s->write = rocksdb_writeoptions_create();
    s->db = rocksdb_open(s->options, s->path, &message);
    if (message) {
        rc = store_fail(err, message, s->path);
        shown_store_close(s);
        return rc;
    }
    folder_remove_unfinished_options(s->path);
    *ret = s;
    return 0;
}

void shown_store_close(struct shown_store *s)
{
    if (!s)
        return;
    if (s->db)
        rocksdb_close(s->db);
    rocksdb_writeoptions_destroy(s->write);
    rocksdb_options_destroy(s->options);
    free(s);
}

static int write_batch(struct shown_store *s, rocksdb_writebatch_t *batch, struct mq_error *err)
{
    char *message = NULL;
    rocksdb_write(s->db, s->write, batch, &message);
    return message ? store_fail(err, message, "shown pages") : 0;
}

int shown_store_add(struct shown_store *s, const struct shown_bytes *pages, size_t n,
                    struct mq_error *err)
{
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    for (size_t i = 0; i < n; i++) {
        char key[KEY];
        key_of(key, pages[i].viewer.v, pages[i].at_ms, pages[i].id);
        rocksdb_writebatch_put(batch, key, KEY, pages[i].bytes.p, pages[i].bytes.n);
    }
    int rc = write_batch(s, batch, err);
    rocksdb_writebatch_destroy(batch);
    return rc;
}

/* Rows with keys in [from, to). */
static int walk(const struct shown_store *s, const char from[KEY], const char *to,
                shown_visit *visit, void *ctx, struct mq_error *err)
{
    rocksdb_readoptions_t *o = rocksdb_readoptions_create();
    if (to)
        rocksdb_readoptions_set_iterate_upper_bound(o, to, KEY);
    rocksdb_iterator_t *it = rocksdb_create_iterator(s->db, o);
    int rc = 0;
    for (rocksdb_iter_seek(it, from, KEY); rc == 0 && rocksdb_iter_valid(it);
         rocksdb_iter_next(it)) {
        size_t n = 0;
        const char *key = rocksdb_iter_key(it, &n);
        if (n != KEY)
            continue;
        struct shown_bytes page = {.viewer = {get_be32(key)},
                                   .at_ms = time_from_key(get_be64(key + 4)),
                                   .id = get_be64(key + 12)};
        page.bytes.p = rocksdb_iter_value(it, &page.bytes.n);
        rc = visit(ctx, &page);
    }
    char *message = NULL;
    rocksdb_iter_get_error(it, &message);
    rocksdb_iter_destroy(it);
    rocksdb_readoptions_destroy(o);
    if (message && rc == 0)
        return store_fail(err, message, "shown pages");
    if (message)
        rocksdb_free(message);
    return rc;
}

int shown_store_viewer(const struct shown_store *s, struct viewer_id viewer, int64_t from_ms,
                       int64_t to_ms, shown_visit *visit, void *ctx, struct mq_error *err)
{
    char from[KEY], to[KEY];
    bool all = from_ms == 0 && to_ms == 0;
    key_of(from, viewer.v, all ? INT64_MIN : from_ms, 0);
    key_of(to, viewer.v, all ? INT64_MAX : to_ms, all ? UINT64_MAX : 0);
    return walk(s, from, to, visit, ctx, err);
}

int shown_store_all(const struct shown_store *s, shown_visit *visit, void *ctx,
                    struct mq_error *err)
{
    char from[KEY];
    key_of(from, 0, INT64_MIN, 0);
    return walk(s, from, NULL, visit, ctx, err);
}

static int count(void *ctx, const struct shown_bytes *page)
{
    (void)page;
    ++*(uint64_t *)ctx;
    return 0;
}

/* The rows are overwritten by one range deletion, then every file is made anew without them, and the write-ahead log is
 * behind a flush. */
static int take_out(struct shown_store *s, struct viewer_id viewer, bool compact,
                    struct mq_error *err)
{
    char from[KEY], to[KEY];
    char *message = NULL;
    key_of(from, viewer.v, INT64_MIN, 0);
    key_of(to, viewer.v, INT64_MAX, UINT64_MAX);
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    rocksdb_writebatch_delete_range(batch, from, KEY, to, KEY);
    int rc = write_batch(s, batch, err);
    rocksdb_writebatch_destroy(batch);
    if (rc || !compact)
        return rc;
    rocksdb_flushoptions_t *f = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(f, 1);
    rocksdb_flush(s->db, f, &message);
    rocksdb_flushoptions_destroy(f);
    if (message)
        return store_fail(err, message, "shown pages");
    rocksdb_compactoptions_t *c = rocksdb_compactoptions_create();
    rocksdb_compactoptions_set_exclusive_manual_compaction(c, 1);
    rocksdb_compactoptions_set_bottommost_level_compaction(c, 2 /* rewrite it too */);
    rocksdb_compact_range_opt(s->db, c, NULL, 0, NULL, 0);
    rocksdb_compactoptions_destroy(c);
    return 0;
}

int shown_store_erase(struct shown_store *s, struct viewer_id viewer, bool compact,
                      uint64_t *ret_removed, uint64_t *ret_left, struct mq_error *err)
{
    uint64_t removed = 0, left = 0;
    int rc = shown_store_viewer(s, viewer, 0, 0, count, &removed, err);
    if (rc == 0 && (removed > 0 || compact))
        rc = take_out(s, viewer, compact, err);
    if (rc == 0)
        rc = shown_store_viewer(s, viewer, 0, 0, count, &left, err);
    if (rc)
        return rc;
    *ret_removed = removed;
    *ret_left = left;
    return 0;
}

struct expiring {
    struct shown_store *s;
    rocksdb_writebatch_t *batch;
    int64_t before_ms;
    size_t waiting;
    uint64_t removed;
    struct mq_error *err;
};

static int write_out(struct expiring *x)
{
    int rc = write_batch(x->s, x->batch, x->err);
    rocksdb_writebatch_clear(x->batch);
    x->removed += rc ? 0 : x->waiting;
    x->waiting = 0;
    return rc;
}

static int expire_old(void *ctx, const struct shown_bytes *page)
{
    struct expiring *x = ctx;
    char key[KEY];
    if (page->at_ms >= x->before_ms)
        return 0;
    key_of(key, page->viewer.v, page->at_ms, page->id);
    rocksdb_writebatch_delete(x->batch, key, KEY);
    return ++x->waiting == EXPIRE_BATCH ? write_out(x) : 0;
}

int shown_store_expire(struct shown_store *s, int64_t before_ms, uint64_t *ret_removed,
                       struct mq_error *err)
{
    struct expiring x = {
        .s = s, .batch = rocksdb_writebatch_create(), .before_ms = before_ms, .err = err};
    int rc = shown_store_all(s, expire_old, &x, err);
    if (rc == 0 && x.waiting > 0)
        rc = write_out(&x);
    rocksdb_writebatch_destroy(x.batch);
    if (rc == 0)
        *ret_removed = x.removed;
    return rc;
}

/* Tables are immutable: the checkpoint links them, and everything else is small. */
int shown_store_backup(const struct shown_store *s, const char *to, struct mq_error *err)
{
    char path[FOLDER_PATH_MAX];
    char *message = NULL;
    if (!s)
        return 0;
    int rc = folder_join(path, to, SHOWN, err);
    if (rc)
        return rc;
    rocksdb_checkpoint_t *c = rocksdb_checkpoint_object_create(s->db, &message);
    if (!message) {
        rocksdb_checkpoint_create(c, path, 0, &message);
        rocksdb_checkpoint_object_destroy(c);
    }
    return message ? store_fail(err, message, "shown pages: backup") : 0;
}

static int copy_one(void *ctx, const char *path, const char *name, struct mq_error *err)
{
    char to[FOLDER_PATH_MAX];
    struct buf b;
    buf_init(&b, COPY_MAX);
    int rc = folder_join(to, ctx, name, err);
    if (rc == 0)
        rc = file_read(path, &b, err);
    if (rc == 0)
        rc = file_write(to, buf_str(&b), 0644, err);
    buf_release(&b);
    return rc;
}

int shown_store_restore(const char *from, const char *to, struct mq_error *err)
{
    char in[FOLDER_PATH_MAX], out[FOLDER_PATH_MAX];
    int rc = folder_join(in, from, SHOWN, err);
    if (rc == 0)
        rc = folder_join(out, to, SHOWN, err);
    if (rc || !file_is_dir(in))
        return rc;
    rc = file_make_dirs(out, err);
    return rc ? rc : folder_each(in, copy_one, out, err);
}
