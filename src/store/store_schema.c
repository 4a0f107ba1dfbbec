/* store_schema.c - which layout a folder has, and the way from an older one to ours.
 *
 * The number stands twice: in the meta family, changed in one write with the rows it is about (the
 * truth), and in the file DIR/schema, which is raised before a migration begins: by it a folder of a
 * newer Marquee is refused before RocksDB touches anything. */
#include <stdio.h>

#include "base/file.h"
#include "store/store_inside.h"

enum { SCHEMA_VALUE = 5, SCHEMA_FILE_MAX = 64 };

/* From schema `from` to from + 1: adds what is to be written to `batch` and *counters. The number itself and the
 * counters are written with it, all or nothing. */
struct migration {
    uint32_t from;
    int (*run)(const struct store *s, rocksdb_writebatch_t *batch, struct counters *counters,
               struct mq_error *err);
};

/* 0 had no counters. */
static int count_rows(const struct store *s, rocksdb_writebatch_t *batch, struct counters *counters,
                      struct mq_error *err)
{
    (void)batch;
    return counters_recount(s, counters, err);
}

static const struct migration migrations[] = {
    {0, count_rows},
};

static int newer(const struct store *s, uint64_t schema, struct mq_error *err)
{
    return mq_fail(err, MQ_VERSION,
                   "data folder: %s: has schema %llu, this Marquee knows up to %d: use a newer one",
                   s->dir, (unsigned long long)schema, STORE_SCHEMA);
}

int schema_refuse_newer(const struct store *s, struct mq_error *err)
{
    char path[FOLDER_PATH_MAX], text[SCHEMA_FILE_MAX];
    struct buf content;
    int rc = folder_join(path, s->dir, "schema", err);
    if (rc)
        return rc;
    buf_over(&content, text, sizeof(text));
    if (!file_exists(path))
        return 0;
    rc = file_read(path, &content, err);
    if (rc)
        return rc;
    uint64_t schema;
    if (!str_to_u64(str_trim(buf_str(&content)), &schema))
        return mq_fail(err, MQ_CORRUPT, "data folder: %s: is no number: restore it from a backup",
                       path);
    return schema > STORE_SCHEMA ? newer(s, schema, err) : 0;
}

static int write_file(const struct store *s, struct mq_error *err)
{
    char path[FOLDER_PATH_MAX], text[SCHEMA_FILE_MAX];
    int rc = folder_join(path, s->dir, "schema", err);
    if (rc)
        return rc;
    int n = snprintf(text, sizeof(text), "%d\n", STORE_SCHEMA);
    return file_write(path, (struct str){text, (size_t)n}, 0644, err);
}

static bool is_empty(const struct store *s, enum family f)
{
    struct rows r;
    struct str key, value;
    rows_open(s, f, STR_NONE, STR_NONE, ROWS_SHORT, &r);
    bool any = rows_next(&r, &key, &value);
    return rows_close(&r, "", NULL) == 0 && !any;
}

static bool is_new(const struct store *s)
{
    for (int f = 0; f < FAMILIES; f++) {
        if (!is_empty(s, (enum family)f))
            return false;
    }
    return true;
}

/* *ret = STORE_SCHEMA for a folder in which nothing was ever written. */
static int read_schema(const struct store *s, uint32_t *ret, bool *ret_new, struct mq_error *err)
{
    char storage[SCHEMA_VALUE];
    struct buf value;
    buf_over(&value, storage, sizeof(storage));
    int rc = store_get(s, FAMILY_META, STR(SCHEMA_KEY), &value, err);
    *ret_new = rc == MQ_NOT_FOUND && is_new(s);
    if (*ret_new)
        return 0;
    if (rc == MQ_NOT_FOUND)
        return mq_fail(err, MQ_CORRUPT,
                       "data folder: %s: has rows but no schema: it is not ours, or damaged",
                       s->dir);
    if (rc)
        return rc;
    struct cursor c = cursor_over(value.p, value.n);
    uint8_t version = cursor_u8(&c);
    uint32_t schema = cursor_u32(&c);
    if (version != 1 || c.failed)
        return mq_fail(err, MQ_CORRUPT, "data folder: %s: the schema's row is damaged", s->dir);
    *ret = schema;
    return 0;
}

static void put_schema(const struct store *s, rocksdb_writebatch_t *batch)
{
    char storage[SCHEMA_VALUE];
    struct buf value;
    buf_over(&value, storage, sizeof(storage));
    buf_add_u8(&value, 1);
    buf_add_u32(&value, STORE_SCHEMA);
    rocksdb_writebatch_put_cf(batch, s->live->cf[FAMILY_META], SCHEMA_KEY, sizeof(SCHEMA_KEY) - 1,
                              value.p, value.n);
}

static int load_counters(struct store *s, struct counters *ret, struct mq_error *err)
{
    char storage[COUNTERS_MAX];
    struct buf value;
    buf_over(&value, storage, sizeof(storage));
    int rc = store_get(s, FAMILY_META, STR(COUNTERS_KEY), &value, err);
    if (rc == MQ_NOT_FOUND)
        return mq_fail(err, MQ_CORRUPT,
                       "data folder: %s: the counters are missing: restore it from a backup",
                       s->dir);
    return rc ? rc : counters_decode(buf_str(&value), ret, err);
}

/* One write for all steps: a migration that fails leaves the folder as it was. */
static int migrate(struct store *s, uint32_t from, struct mq_error *err)
{
    int rc = 0;
    struct counters counters = {0};
    if (from > 0)
        rc = load_counters(s, &counters, err);
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    for (size_t i = 0; rc == 0 && i < sizeof(migrations) / sizeof(migrations[0]); i++) {
        if (migrations[i].from >= from)
            rc = migrations[i].run(s, batch, &counters, err);
    }
    if (rc)
        mq_error_prefix(err, "migration from schema %u", from);
    if (rc == 0)
        rc = write_file(s, err);
    put_schema(s, batch);
    if (rc == 0)
        rc = store_commit(s, batch, &counters, NULL, err);
    rocksdb_writebatch_destroy(batch);
    return rc;
}

static int create(struct store *s, struct mq_error *err)
{
    int rc = write_file(s, err);
    if (rc)
        return rc;
    struct counters zero = {0};
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    put_schema(s, batch);
    rc = store_commit(s, batch, &zero, NULL, err);
    rocksdb_writebatch_destroy(batch);
    return rc;
}

int schema_ready(struct store *s, struct mq_error *err)
{
    uint32_t schema = STORE_SCHEMA;
    bool fresh = false;
    int rc = read_schema(s, &schema, &fresh, err);
    if (rc)
        return rc;
    if (fresh)
        return create(s, err);
    if (schema > STORE_SCHEMA)
        return newer(s, schema, err);
    if (schema < STORE_SCHEMA)
        return migrate(s, schema, err);
    struct counters counters = {0};
    rc = load_counters(s, &counters, err);
    if (rc)
        return rc;
    s->live->counters = counters;
    atomic_store(&s->last_seq, counters.last_seq);
    return 0;
}
