/* store_rows.c - walking a family, and getting one value. Callers hold the database (store_enter) or are the
 * writer. */
#include <assert.h>

#include "store/store_inside.h"

void rows_open(const struct store *s, enum family f, struct str from, struct str to,
               enum rows_use use, struct rows *r)
{
    assert(from.n <= sizeof(r->from) && to.n <= sizeof(r->to));
    r->n_from = from.n;
    r->n_to = to.n;
    if (from.n > 0)
        memcpy(r->from, from.p, from.n);
    if (to.n > 0)
        memcpy(r->to, to.p, to.n);
    r->options = rocksdb_readoptions_create();
    if (to.n > 0)
        rocksdb_readoptions_set_iterate_upper_bound(r->options, r->to, r->n_to);
    bool one_viewer =
        from.n >= KEY_VIEWER && to.n >= KEY_VIEWER && memcmp(from.p, to.p, KEY_VIEWER) == 0;
    /* Only then may the filter over viewers skip files; anything else needs all of them. */
    rocksdb_readoptions_set_total_order_seek(r->options, !one_viewer);
    rocksdb_readoptions_set_prefix_same_as_start(r->options, one_viewer);
    if (use == ROWS_ALL) {
        rocksdb_readoptions_set_fill_cache(r->options, 0);
        rocksdb_readoptions_set_readahead_size(r->options, 2 * 1024 * 1024);
    }
    r->it = rocksdb_create_iterator_cf(s->live->db, r->options, s->live->cf[f]);
    if (from.n > 0)
        rocksdb_iter_seek(r->it, r->from, r->n_from);
    else
        rocksdb_iter_seek_to_first(r->it);
    r->begun = false;
}

void rows_seek(struct rows *r, const char *key, size_t n)
{
    rocksdb_iter_seek(r->it, key, n);
    r->begun = false;
}

bool rows_next(struct rows *r, struct str *ret_key, struct str *ret_value)
{
    if (r->begun)
        rocksdb_iter_next(r->it);
    r->begun = true;
    if (!rocksdb_iter_valid(r->it))
        return false;
    ret_key->p = rocksdb_iter_key(r->it, &ret_key->n);
    ret_value->p = rocksdb_iter_value(r->it, &ret_value->n);
    return true;
}

int rows_close(struct rows *r, const char *what, struct mq_error *err)
{
    char *message = NULL;
    rocksdb_iter_get_error(r->it, &message);
    rocksdb_iter_destroy(r->it);
    rocksdb_readoptions_destroy(r->options);
    return message ? store_fail(err, message, what) : 0;
}

int store_get(const struct store *s, enum family f, struct str key, struct buf *value,
              struct mq_error *err)
{
    rocksdb_readoptions_t *options = rocksdb_readoptions_create();
    char *message = NULL;
    rocksdb_pinnableslice_t *slice =
        rocksdb_get_pinned_cf(s->live->db, options, s->live->cf[f], key.p, key.n, &message);
    rocksdb_readoptions_destroy(options);
    if (message)
        return store_fail(err, message, family_name(f));
    if (!slice)
        return mq_fail(err, MQ_NOT_FOUND, "%s: there is no such row", family_name(f));
    size_t n = 0;
    const char *p = rocksdb_pinnableslice_value(slice, &n);
    buf_add(value, p, n);
    rocksdb_pinnableslice_destroy(slice);
    return value->failed
               ? mq_fail(err, MQ_NO_MEMORY, "%s: a row of %zu bytes: no room", family_name(f), n)
               : 0;
}
