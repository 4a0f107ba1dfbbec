/* store_values.c - small values by key: u8 version (1), then the caller's bytes. */
#include "store/store_inside.h"

enum { VALUE_VERSION = 1 };

static enum family family_of(enum store_family f)
{
    return f == STORE_META ? FAMILY_META : f == STORE_VIEWERS ? FAMILY_VIEWERS : FAMILY_PROFILES;
}

static int check_key(enum store_family f, struct str key, struct mq_error *err)
{
    if (key.n > STORE_KEY_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "key: %zu bytes: at most %d", key.n, STORE_KEY_MAX);
    if (f == STORE_META && (key.n == 0 || key.p[0] == 0))
        return mq_fail(err, MQ_INVALID,
                       "key: is empty or begins with a zero byte: those are the store's own");
    if (f != STORE_META && key.n < KEY_VIEWER)
        return mq_fail(err, MQ_INVALID, "key: %zu bytes: begins with the viewer's number in %d",
                       key.n, KEY_VIEWER);
    return 0;
}

static int commit_one(struct store *s, rocksdb_writebatch_t *batch, struct mq_error *err)
{
    struct counters next = s->live->counters;
    int rc = store_commit(s, batch, &next, NULL, err);
    rocksdb_writebatch_destroy(batch);
    return rc;
}

int store_put_value(struct store *s, enum store_family f, struct str key, struct str value,
                    struct mq_error *err)
{
    int rc = check_key(f, key, err);
    if (rc == 0 && value.n > STORE_VALUE_MAX)
        rc = mq_fail(err, MQ_TOO_LARGE, "value: %zu bytes: at most %d", value.n, STORE_VALUE_MAX);
    if (rc == 0)
        rc = store_ready(s, err);
    if (rc)
        return rc;
    static const char version = VALUE_VERSION;
    const char *const parts[] = {&version, value.p ? value.p : ""};
    const size_t sizes[] = {1, value.n};
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    rocksdb_writebatch_putv_cf(batch, s->live->cf[family_of(f)], 1, &key.p, &key.n, 2, parts,
                               sizes);
    return commit_one(s, batch, err);
}

int store_delete_value(struct store *s, enum store_family f, struct str key, struct mq_error *err)
{
    int rc = check_key(f, key, err);
    if (rc == 0)
        rc = store_ready(s, err);
    if (rc)
        return rc;
    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    rocksdb_writebatch_delete_cf(batch, s->live->cf[family_of(f)], key.p, key.n);
    return commit_one(s, batch, err);
}

/* The caller's bytes of a stored value. */
static int strip(struct str *value, struct mq_error *err)
{
    if (value->n == 0 || value->p[0] == 0)
        return mq_fail(err, MQ_CORRUPT, "value: %zu bytes: has no version", value->n);
    if ((uint8_t)value->p[0] > VALUE_VERSION)
        return mq_fail(err, MQ_VERSION, "value: version %u: written by a newer Marquee",
                       (uint8_t)value->p[0]);
    value->p++;
    value->n--;
    return 0;
}

int store_get_value(const struct store *s, enum store_family f, struct str key, struct buf *value,
                    struct mq_error *err)
{
    struct buf stored;
    int rc = check_key(f, key, err);
    if (rc == 0)
        rc = store_enter(s, err);
    if (rc)
        return rc;
    buf_init(&stored, STORE_VALUE_MAX + 1);
    rc = store_get(s, family_of(f), key, &stored, err);
    store_leave(s);
    struct str bytes = buf_str(&stored);
    if (rc == 0)
        rc = strip(&bytes, err);
    if (rc == 0) {
        if (buf_reserve(value, bytes.n))
            buf_add_str(value, bytes);
        else
            rc =
                mq_fail(err, MQ_TOO_LARGE, "value: %zu bytes: more than the reader takes", bytes.n);
    }
    buf_release(&stored);
    return rc;
}

/* The first key after all that begin with `prefix`; 0 bytes when there is none. */
static size_t after_prefix(struct str prefix, char *out)
{
    size_t n = prefix.n;
    memcpy(out, prefix.p, n);
    while (n > 0 && (uint8_t)out[n - 1] == 0xff)
        n--;
    if (n > 0)
        out[n - 1]++;
    return n;
}

int store_scan_values(const struct store *s, enum store_family f, struct str prefix,
                      store_visit_value *visit, void *ctx, struct mq_error *err)
{
    char from[STORE_KEY_MAX] = {1}, to[STORE_KEY_MAX];
    size_t n_to = 0;
    if (prefix.n > STORE_KEY_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "prefix: %zu bytes: at most %d", prefix.n, STORE_KEY_MAX);
    if (prefix.n > 0) {
        memcpy(from, prefix.p, prefix.n);
        n_to = after_prefix(prefix, to);
    }
    /* Without a prefix the store's own rows of meta are left out. */
    size_t n_from = prefix.n > 0 ? prefix.n : f == STORE_META ? 1 : 0;
    if (f == STORE_META && prefix.n > 0 && prefix.p[0] == 0)
        return 0;
    int rc = store_enter(s, err);
    if (rc)
        return rc;
    struct rows r;
    struct str key, value;
    rows_open(s, family_of(f), (struct str){from, n_from}, (struct str){to, n_to}, ROWS_SHORT, &r);
    while (rc == 0 && rows_next(&r, &key, &value)) {
        rc = strip(&value, err);
        if (rc == 0)
            rc = visit(ctx, key, value);
    }
    int closed = rows_close(&r, family_name(family_of(f)), rc ? NULL : err);
    store_leave(s);
    return rc ? rc : closed;
}
