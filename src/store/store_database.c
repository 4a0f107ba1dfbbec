/* store_database.c - how RocksDB is set up: families, memory, compression, recovery.
 *
 * events and seen get a row per event at places all over their key range. Universal compaction writes such rows
 * fewer times than levels do, and the fewer the more sorted runs it merges at once, so that the cost of an event grows
 * slowly with the log (bench/store_append): merging at least four, and all of them only when the newer ones are twice as
 * large as the oldest, made the growth from 5 to 30 million events small. seen is only ever asked for single keys, nearly always absent ones: a full Bloom filter answers for
 * each sorted run. events are asked for one viewer's rows: a filter over the key's first four bytes.
 *
 * Memtables of both are lists by the hash of what they are asked for, an identity or a viewer: a sixth less of the writer's time
 * than a skip list of all, in which each row is looked for all over the memtable. Who asks for everything in order, a flush or
 * a scan, has it sorted first: about a microsecond a row. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/thread.h"
#include "store/store_inside.h"

enum {
    MIB = 1024 * 1024,
    CACHE_DEFAULT = 64 * MIB,
    MEMTABLE_DEFAULT = 32 * MIB,
    SMALL_MEMTABLE = 8 * MIB,
    LEAST_MEMTABLE = 256 * 1024,
    BYTES_PER_BUCKET = 128, /* about the memory of an entry of seen, and of an event */
    /* Of the background: one flushes, one compacts. */
    BACKGROUND_JOBS = 2,
    OPEN_FILES_MAX = 512,
    /* Of universal compaction: sorted runs that start it, slow writes down and stop them; how many are merged at
     * least, up to how many percent larger than the others before it a run may be to join, and the bytes of all
     * newer runs in percent of the oldest from which on everything is merged. */
    RUNS = 8,
    RUNS_SLOW = 24,
    RUNS_STOP = 48,
    LEVELS = 7,       /* RocksDB's default, and */
    LEVEL0_SLOW = 20, /* its default for families of levels */
    MERGE_LEAST = 4,
    MERGE_LARGER_PERCENT = 10,
    MERGE_ALL_PERCENT = 200,
    /* Filters: 1 in 100 absent keys is looked for in vain, of seen, which is asked for each event, 1 in 700. */
    FILTER_BITS = 10,
    SEEN_FILTER_BITS = 14,
    INFO_LOG_FILES = 1,
    MANIFEST_BYTES = 16 * MIB,
    /* A torn record at the very end of the log was never acknowledged; damage anywhere else is an error, where
     * RocksDB's default would silently drop what stands behind it. */
    RECOVER_TORN_TAIL_ONLY = 0,
};

struct family_setup {
    const char *name;
    uint64_t memtable_eighths; /* of options.memtable_bytes; 0 = small */
    int compression, bottom;
    bool universal, whole_key_filter, viewer_filter, hashed_memtable;
};

static const struct family_setup setups[FAMILIES] = {
    [FAMILY_DEFAULT] = {.name = "default"},
    [FAMILY_EVENTS] = {.name = "events",
                       .memtable_eighths = 4,
                       .compression = rocksdb_lz4_compression,
                       .bottom = rocksdb_zstd_compression,
                       .universal = true,
                       .viewer_filter = true,
                       .hashed_memtable = true},
    [FAMILY_SEEN] = {.name = "seen",
                     .memtable_eighths = 2,
                     .universal = true,
                     .whole_key_filter = true,
                     .hashed_memtable = true},
    /* Plain, so that a search through the files for an erased name means something. */
    [FAMILY_NAMES] = {.name = "names"},
    [FAMILY_CATALOGUE] = {.name = "catalogue",
                          .compression = rocksdb_lz4_compression,
                          .bottom = rocksdb_zstd_compression},
    [FAMILY_VIEWERS] = {.name = "viewers",
                        .compression = rocksdb_lz4_compression,
                        .bottom = rocksdb_lz4_compression,
                        .whole_key_filter = true},
    [FAMILY_PROFILES] = {.name = "profiles",
                         .compression = rocksdb_lz4_compression,
                         .bottom = rocksdb_lz4_compression,
                         .whole_key_filter = true},
    [FAMILY_META] = {.name = "meta"},
};
_Static_assert(rocksdb_no_compression == 0, "what is not said is stored plain");

const char *family_name(enum family f)
{
    return setups[f].name;
}

static void set_blocks(rocksdb_options_t *o, const struct family_setup *f, rocksdb_cache_t *cache)
{
    rocksdb_block_based_table_options_t *t = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(t, cache);
    rocksdb_block_based_options_set_format_version(t, 5);
    rocksdb_block_based_options_set_block_size(t, 16 * 1024);
    if (f->whole_key_filter || f->viewer_filter) {
        rocksdb_block_based_options_set_filter_policy(
            t, rocksdb_filterpolicy_create_bloom_full(
                   f->universal && !f->viewer_filter ? SEEN_FILTER_BITS : FILTER_BITS));
        rocksdb_block_based_options_set_whole_key_filtering(t, f->whole_key_filter);
    }
    rocksdb_options_set_block_based_table_factory(o, t);
    rocksdb_block_based_options_destroy(t);
}

static void set_memtable(rocksdb_options_t *o, const struct family_setup *f, size_t memtable_bytes)
{
    size_t bytes = memtable_bytes / 8 * f->memtable_eighths;
    rocksdb_options_set_write_buffer_size(o, bytes ? bytes : SMALL_MEMTABLE);
    rocksdb_options_set_max_write_buffer_number(o, 3);
    if (f->hashed_memtable) {
        rocksdb_options_set_prefix_extractor(o, rocksdb_slicetransform_create_fixed_prefix(
                                                    f->viewer_filter ? KEY_VIEWER : KEY_SEEN));
        rocksdb_options_set_hash_link_list_rep(o, bytes / BYTES_PER_BUCKET);
    } else if (f->whole_key_filter) {
        rocksdb_options_set_memtable_prefix_bloom_size_ratio(o, 0.1);
        rocksdb_options_set_memtable_whole_key_filtering(o, 1);
    }
}

static rocksdb_options_t *family_options(const struct store *s, enum family which)
{
    const struct family_setup *f = &setups[which];
    rocksdb_options_t *o = rocksdb_options_create();
    set_blocks(o, f, s->live->cache);
    set_memtable(o, f, s->options.memtable_bytes);
    rocksdb_options_set_compression(o, f->compression);
    rocksdb_options_set_bottommost_compression(o, f->bottom);
    rocksdb_options_set_level_compaction_dynamic_level_bytes(o, 1);
    if (f->universal) {
        rocksdb_universal_compaction_options_t *u = rocksdb_universal_compaction_options_create();
        rocksdb_universal_compaction_options_set_max_size_amplification_percent(u,
                                                                                MERGE_ALL_PERCENT);
        rocksdb_universal_compaction_options_set_size_ratio(u, MERGE_LARGER_PERCENT);
        rocksdb_universal_compaction_options_set_min_merge_width(u, MERGE_LEAST);
        rocksdb_options_set_level0_file_num_compaction_trigger(o, RUNS);
        rocksdb_options_set_level0_slowdown_writes_trigger(o, RUNS_SLOW);
        rocksdb_options_set_level0_stop_writes_trigger(o, RUNS_STOP);
        rocksdb_options_set_compaction_style(o, rocksdb_universal_compaction);
        rocksdb_options_set_universal_compaction_options(o, u);
        rocksdb_universal_compaction_options_destroy(u);
    }
    return o;
}

bool family_is_behind(const struct store *s, enum family f)
{
    uint64_t runs = 0;
    for (int level = 0; level < LEVELS; level++) {
        char name[40];
        snprintf(name, sizeof(name), "rocksdb.num-files-at-level%d", level);
        char *files = rocksdb_property_value_cf(s->live->db, s->live->cf[f], name);
        uint64_t n = files ? strtoull(files, NULL, 10) : 0;
        rocksdb_free(files);
        runs += level == 0 ? n : n > 0;
    }
    return runs + 2 >= (setups[f].universal ? RUNS_SLOW : LEVEL0_SLOW);
}

static void whole_options(rocksdb_options_t *o, const struct store *s, bool create)
{
    rocksdb_options_set_create_if_missing(o, create);
    rocksdb_options_set_create_missing_column_families(o, 1);
    rocksdb_options_set_max_background_jobs(o, BACKGROUND_JOBS);
    rocksdb_options_set_max_open_files(o, OPEN_FILES_MAX);
    rocksdb_options_set_info_log_level(o, STORE_INFO_LOG);
    rocksdb_options_set_keep_log_file_num(o, INFO_LOG_FILES);
    rocksdb_options_set_max_manifest_file_size(o, MANIFEST_BYTES);
    rocksdb_options_set_stats_dump_period_sec(o, 0);
    rocksdb_options_set_wal_recovery_mode(o, RECOVER_TORN_TAIL_ONLY);
    /* What is replayed after a crash: at most as much as the memtables of events and seen hold. */
    rocksdb_options_set_max_total_wal_size(o, s->options.memtable_bytes);
    /* One writer at a time. */
    rocksdb_options_set_allow_concurrent_memtable_write(o, 0);
    rocksdb_options_set_bytes_per_sync(o, MIB);
    rocksdb_options_set_paranoid_checks(o, 1);
}

/* Compactions are long and nobody waits for them, while a page takes a millisecond: they get the processor when nobody
 * else wants it. (These threads are the process's; so all its stores share the choice.) */
static void lower_background(void)
{
    rocksdb_env_t *env = rocksdb_create_default_env();
    rocksdb_env_lower_thread_pool_cpu_priority(env);
    rocksdb_env_destroy(env);
}

static bool flushes(pid_t thread)
{
    static const char name[] = "rocksdb:high";
    char path[64], text[sizeof(name)] = "";
    snprintf(path, sizeof(path), "/proc/self/task/%d/comm", (int)thread);
    FILE *f = fopen(path, "re");
    bool ret = f && fread(text, 1, sizeof(name) - 1, f) == sizeof(name) - 1 &&
               memcmp(text, name, sizeof(name) - 1) == 0;
    if (f)
        fclose(f);
    return ret;
}

static void lower_flush(void *ctx, pid_t thread)
{
    enum { NICER = 10 };
    (void)ctx;
    if (flushes(thread) && getpriority(PRIO_PROCESS, (id_t)thread) < NICER)
        (void)setpriority(PRIO_PROCESS, (id_t)thread, NICER); /* on Linux of this thread alone */
}

/* A flush takes half a second of a processor, more than a page beside it can wait for; but once memtables are full every
 * writer waits for a flush, so it has a tenth of a processor that others want, not as little as compactions. RocksDB itself
 * knows only less. Where the system has no such threads nothing is lowered. */
static void lower_flushes(void)
{
    thread_visit_all(lower_flush, NULL);
}

int database_options(struct store *s, struct mq_error *err)
{
    lower_background();
    struct live *live = calloc(1, sizeof(*live));
    if (!live)
        return mq_fail(err, MQ_NO_MEMORY, "data folder: %s: no memory to open it", s->dir);
    s->live = live;
    pthread_rwlock_init(&live->lock, NULL);
    pthread_mutex_init(&live->counters_lock, NULL);
    pthread_mutex_init(&live->backup_lock, NULL);
    pthread_mutex_init(&live->commit_lock, NULL);
    if (s->options.cache_bytes == 0)
        s->options.cache_bytes = CACHE_DEFAULT;
    if (s->options.memtable_bytes == 0)
        s->options.memtable_bytes = MEMTABLE_DEFAULT;
    if (s->options.memtable_bytes < LEAST_MEMTABLE)
        s->options.memtable_bytes = LEAST_MEMTABLE;
    live->cache = rocksdb_cache_create_lru(s->options.cache_bytes);
    for (int f = 0; f < FAMILIES; f++)
        live->cf_options[f] = family_options(s, (enum family)f);
    s->sync = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(s->sync, 1);
    return 0;
}

void database_options_free(struct store *s)
{
    struct live *live = s->live;
    if (!live)
        return;
    for (int f = 0; f < FAMILIES; f++)
        rocksdb_options_destroy(live->cf_options[f]);
    rocksdb_cache_destroy(live->cache);
    rocksdb_writeoptions_destroy(s->sync);
    pthread_mutex_destroy(&live->counters_lock);
    pthread_mutex_destroy(&live->backup_lock);
    pthread_mutex_destroy(&live->commit_lock);
    pthread_rwlock_destroy(&live->lock);
    free(live);
    s->live = NULL;
}

int database_open(struct store *s, bool create, struct mq_error *err)
{
    struct live *live = s->live;
    const char *names[FAMILIES];
    const rocksdb_options_t *family[FAMILIES];
    for (int f = 0; f < FAMILIES; f++) {
        names[f] = setups[f].name;
        family[f] = live->cf_options[f];
    }
    rocksdb_options_t *o = rocksdb_options_create();
    whole_options(o, s, create);
    char *message = NULL;
    rocksdb_column_family_handle_t *cf[FAMILIES] = {NULL};
    rocksdb_t *db = rocksdb_open_column_families(o, s->path, FAMILIES, names, family, cf, &message);
    rocksdb_options_destroy(o);
    if (message)
        return store_fail(err, message, s->dir);
    memcpy(live->cf, cf, sizeof(cf));
    live->db = db;
    lower_flushes();
    folder_remove_unfinished_options(s->path);
    return 0;
}

void database_close(struct store *s)
{
    struct live *live = s->live;
    if (!live->db)
        return;
    for (int f = 0; f < FAMILIES; f++)
        rocksdb_column_family_handle_destroy(live->cf[f]);
    rocksdb_close(live->db);
    live->db = NULL;
}
