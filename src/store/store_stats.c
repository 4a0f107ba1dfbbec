/* store_stats.c - how much there is, and making room. */
#include "store/store_inside.h"

int store_stats(const struct store *s, struct store_stats *ret, struct mq_error *err)
{
    (void)err;
    pthread_mutex_lock(&s->live->counters_lock);
    struct counters c = s->live->counters;
    pthread_mutex_unlock(&s->live->counters_lock);
    struct store_stats stats = {
        .events = c.events,
        .duplicates = c.duplicates,
        .viewers = atomic_load(&s->live_names[NAME_VIEWER]),
        .titles = atomic_load(&s->live_names[NAME_TITLE]),
        .people = atomic_load(&s->live_names[NAME_PERSON]),
        .described_titles = c.described,
        .credits = c.credits,
        .last_seq = c.last_seq,
        .first_ms = c.first_ms,
        .last_ms = c.last_ms,
        .bytes_on_disk = folder_bytes(s->path),
        .schema = STORE_SCHEMA,
    };
    memcpy(stats.by_kind, c.by_kind, sizeof(stats.by_kind));
    *ret = stats;
    return 0;
}

int store_flush(const struct store *s, struct mq_error *err)
{
    rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(options, 1);
    char *message = NULL;
    for (int f = 0; f < FAMILIES && !message; f++)
        rocksdb_flush_cf(s->live->db, options, s->live->cf[f], &message);
    rocksdb_flushoptions_destroy(options);
    return message ? store_fail(err, message, "flush") : 0;
}

void store_flush_for_closing(const struct store *s)
{
    rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(options, 1);
    for (int f = 0; f < FAMILIES; f++) {
        char *message = NULL;
        if (family_is_behind(s, (enum family)f))
            continue;
        rocksdb_flush_cf(s->live->db, options, s->live->cf[f], &message);
        rocksdb_free(message);
    }
    rocksdb_flushoptions_destroy(options);
}

/* RocksDB rewrites the lowest level only when told to; without that, deleted rows would stay there. */
int store_compact_all(const struct store *s, struct mq_error *err)
{
    enum { FORCE = 2 };
    int rc = store_flush(s, err);
    if (rc)
        return rc;
    rocksdb_compactoptions_t *options = rocksdb_compactoptions_create();
    rocksdb_compactoptions_set_bottommost_level_compaction(options, FORCE);
    rocksdb_compactoptions_set_exclusive_manual_compaction(options, 1);
    for (int f = 0; f < FAMILIES; f++)
        rocksdb_compact_range_cf_opt(s->live->db, s->live->cf[f], options, NULL, 0, NULL, 0);
    rocksdb_compactoptions_destroy(options);
    return 0;
}

int store_compact(struct store *s, struct mq_error *err)
{
    int rc = store_ready(s, err);
    if (rc == 0)
        rc = store_enter(s, err);
    if (rc)
        return rc;
    rc = store_compact_all(s, err);
    store_leave(s);
    return rc;
}
