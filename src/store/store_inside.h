/* store_inside.h - what the files of this room share; nobody else includes it. docs/store-format.md says
 * what lies where. */
#ifndef MQ_STORE_STORE_INSIDE_H
#define MQ_STORE_STORE_INSIDE_H

#include <pthread.h>
#include <rocksdb/c.h>
#include <stdatomic.h>

#include "store/store.h"
#include "store/store_keys.h"

/* Column families. RocksDB insists on "default"; nothing is kept there. */
enum family {
    FAMILY_DEFAULT,
    FAMILY_EVENTS,
    FAMILY_SEEN,
    FAMILY_NAMES,
    FAMILY_CATALOGUE,
    FAMILY_VIEWERS,
    FAMILY_PROFILES,
    FAMILY_META,
    FAMILIES
};
const char *family_name(enum family f);

/* Above every level, so that RocksDB's own log stays empty: the builds of some distributions keep their assertions, and one
 * of them ends the process when a full disk refuses a line of that log. Later versions can't write a level that has no
 * name into their OPTIONS, and then don't open; with the highest that has one their log is empty too (9.10). */
#ifdef MQ_ROCKSDB_8
enum { STORE_INFO_LOG = 5 };
#else
enum { STORE_INFO_LOG = 6 };
#endif

/* In DIR, while a backup runs: links to tables. Left behind by a crash, it goes at the next opening. */
#define STORE_CHECKPOINT "checkpoint"

/* Rows of the room's own in the meta family begin with a zero byte. */
#define COUNTERS_KEY "\0counters"
#define SCHEMA_KEY "\0schema"

/* Written with what they count, so that they are exact after a crash. */
struct counters {
    uint64_t writes; /* successful commits ever: tells a log that lost or gained one */
    uint64_t events, duplicates, described, credits, last_seq;
    uint64_t given[NAME_KINDS]; /* dense ids ever given, erased ones included */
    int64_t first_ms, last_ms;
    uint64_t by_kind[EVENT_KINDS];
};

/* The open database. Readers hold `lock` shared while they use it; only a repair after a failed write
 * and the erasure of a viewer take it alone. */
struct live {
    pthread_rwlock_t lock;
    rocksdb_t *db; /* NULL after a repair that failed: nothing can be read until one succeeds */
    rocksdb_column_family_handle_t *cf[FAMILIES];
    rocksdb_cache_t *cache;
    rocksdb_options_t *cf_options[FAMILIES];
    pthread_mutex_t counters_lock;
    pthread_mutex_t backup_lock; /* one backup or erasure at a time */
    /* Held from a write until its names are known: who takes a snapshot under it finds a name for every id. */
    pthread_mutex_t commit_lock;
    struct counters counters; /* as last committed; the writer reads them without the lock */
};

/* The last write-ahead log file that an acknowledged write went to, and its length then. */
struct wal_mark {
    uint64_t number, size;
};

struct append_space;
struct links;
struct spellings;

/* Where a pass of store_expire stands between two steps. */
struct expiry_pass {
    bool active;
    int64_t before_ms;
    char next[KEY_EVENT];
    struct counters times; /* of what stays and of what came meanwhile; `events` 1: there is some */
};

struct store {
    char *dir; /* the folder; its database is `path` */
    char *path;
    struct store_options options;
    struct live *live;
    struct intern *names[NAME_KINDS];
    struct links *links;
    struct spellings *spellings; /* persons' names where the key is another */
    rocksdb_writeoptions_t *sync;
    struct append_space *space; /* the writer's scratch memory */
    _Atomic(uint64_t) last_seq;
    _Atomic(uint32_t) live_names[NAME_KINDS];
    /* The writer's. */
    _Atomic(int) failed; /* 0, or why nothing can be written until a repair */
    struct wal_mark mark;
    struct expiry_pass expiry;
};

/* --- store_status.c --- */

/* Turns RocksDB's message into a code and frees it; "what: " goes before it. */
int store_fail(struct mq_error *err, char *message, const char *what);
/* Shared use of the database. store_enter fails with MQ_IO when it is not open; else leave. */
int store_enter(const struct store *s, struct mq_error *err);
void store_leave(const struct store *s);

/* --- store_database.c --- */

int database_options(struct store *s, struct mq_error *err);
/* Opens s->path into s->live; creates it when `create`. */
int database_open(struct store *s, bool create, struct mq_error *err);
void database_close(struct store *s);
void database_options_free(struct store *s);

/* --- store_log.c --- */

/* After opening and after each acknowledged write: where the log stands. */
void store_note_log(struct store *s);
/* Removes from the log what was never acknowledged. */
int store_cut_log(const struct store *s, struct mq_error *err);

/* --- store_commit.c --- */

struct pending;
/* Make `batch` durable together with `next` (whose .writes is counted up here); on success the new names
 * (NULL: none) are known, `next` are the counters, and its last_seq is the last. All or nothing, also after a
 * crash. The batch is the caller's. */
int store_commit(struct store *s, rocksdb_writebatch_t *batch, struct counters *next,
                 const struct pending *names, struct mq_error *err);
/* 0 when writes work; else tries to repair what an earlier failure left. Before each write. */
int store_ready(struct store *s, struct mq_error *err);

/* --- store_counters.c --- */

enum { COUNTERS_MAX = 16 + 8 * (8 + NAME_KINDS + EVENT_KINDS) };
void counters_encode(const struct counters *c, struct buf *out);
int counters_decode(struct str bytes, struct counters *ret, struct mq_error *err);
/* From the rows themselves (duplicates and writes cannot be recounted: kept from *ret). */
int counters_recount(const struct store *s, struct counters *ret, struct mq_error *err);
void counters_add_time(struct counters *c, int64_t at_ms);

/* --- store_schema.c --- */

/* Refuses a folder of a newer schema before it is touched. */
int schema_refuse_newer(const struct store *s, struct mq_error *err);
/* After the database is open: writes the schema into a new one, migrates an older one, loads counters. */
int schema_ready(struct store *s, struct mq_error *err);

/* --- store_names.c --- */

int names_load(struct store *s, struct mq_error *err);
/* The value of a name's row; NULL-safe for `spelling` (persons only). */
enum { NAMES_VERSION = 1 };
void names_encode(enum name_kind kind, uint32_t id, struct str name, struct str spelling,
                  struct buf *out);
int names_decode(struct str key, struct str value, enum name_kind *ret_kind, uint32_t *ret_id,
                 struct str *ret_name, struct str *ret_spelling, struct mq_error *err);
struct str names_person(const struct store *s, struct person_id id);

/* New names of one write: ids are settled here, but known to nobody until `settle`. */
struct pending_name {
    struct str name, spelling;
    uint32_t id, next; /* next: of the same hash, index + 1 */
    uint8_t kind;
    bool respelt; /* known person, new spelling */
};
struct pending {
    struct pending_name *p;
    uint32_t *heads; /* (n_heads), index + 1 */
    size_t n, cap, n_heads;
    uint32_t counts[NAME_KINDS]; /* next id of each kind */
};
void pending_start(struct pending *p, const struct store *s);
void pending_release(struct pending *p);
/* The id of a name, known or new. ret_new: not known before this write. */
int pending_id(struct pending *p, const struct store *s, enum name_kind kind, struct str name,
               uint32_t *ret_id, bool *ret_new, struct mq_error *err);
int pending_person(struct pending *p, const struct store *s, struct str key, struct str spelling,
                   uint32_t *ret_id, struct mq_error *err);
/* The rows of the new names. */
int pending_write(const struct pending *p, const struct store *s, rocksdb_writebatch_t *batch,
                  struct buf *scratch, struct mq_error *err);
/* After the write: now everybody knows them. */
int pending_settle(const struct pending *p, struct store *s, struct mq_error *err);

int spellings_new(struct spellings **ret, struct mq_error *err);
void spellings_free(struct spellings *t);
struct str spellings_get(const struct spellings *t, uint32_t id);
int spellings_put(struct spellings *t, uint32_t id, struct str spelling, struct mq_error *err);

/* --- store_titles.c --- */

bool title_is_deletion(struct str value);

/* --- store_links.c --- */

int links_new(struct links **ret, struct mq_error *err);
void links_free(struct links *l);
/* Was anybody ever merged? */
bool links_any(const struct links *l);
int links_load(struct store *s, struct mq_error *err);
/* A write: begin; links_take for each of its identify and unmerge events in order (seq, ids and arrival are set); the
 * changed histories into the batch; undo when it fails. Whoever reads up to an earlier seq sees nothing of it. */
void links_begin(struct links *l);
int links_take(struct links *l, const struct event *e, struct mq_error *err);
void links_write(const struct store *s, rocksdb_writebatch_t *batch, struct buf *value);
void links_undo(struct links *l, uint64_t last_seq);
/* The id was erased. */
void links_forget(struct links *l, uint32_t id);

/* --- store_append.c --- */

void append_space_free(struct append_space *a);

/* --- store_rows.c: walking a family --- */

/* An iterator over [from, to) of a family; `to` empty = to the end. A snapshot of the moment. */
struct rows {
    rocksdb_iterator_t *it;
    rocksdb_readoptions_t *options;
    char from[STORE_KEY_MAX + 8], to[STORE_KEY_MAX + 8];
    size_t n_from, n_to;
    bool begun;
};
enum rows_use { ROWS_SHORT, ROWS_ALL }; /* ALL: read ahead, leave the cache alone */
/* One viewer's rows (events family) when the bounds share their first 4 bytes. */
void rows_open(const struct store *s, enum family f, struct str from, struct str to,
               enum rows_use use, struct rows *r);
/* Go on at the first key that is not below `key`. */
void rows_seek(struct rows *r, const char *key, size_t n);
/* False at the end or on an error (rows_close tells). */
bool rows_next(struct rows *r, struct str *ret_key, struct str *ret_value);
int rows_close(struct rows *r, const char *what, struct mq_error *err);

/* A value; appended to `value`. MQ_NOT_FOUND. */
int store_get(const struct store *s, enum family f, struct str key, struct buf *value,
              struct mq_error *err);

/* --- store_stats.c --- */

/* Memtables to files. */
int store_flush(const struct store *s, struct mq_error *err);
/* So that the next opening has little to replay. A family whose compactions are behind is left out, since its flush would wait
 * for them, for minutes on a busy machine: the log has it all, at most as much as the memtables hold. */
void store_flush_for_closing(const struct store *s);
/* Would another file make its writers wait for compactions? */
bool family_is_behind(const struct store *s, enum family f);
/* Every row of every family rewritten: what was deleted is gone from the files. RocksDB does not tell when a
 * compaction fails. */
int store_compact_all(const struct store *s, struct mq_error *err);

/* --- store_scan.c --- */

/* An event of a row, its names filled in. */
int store_event(const struct store *s, struct str key, struct str value, struct arena *arena,
                struct event *ret, struct mq_error *err);

/* --- store_folder.c: files and folders --- */

enum { FOLDER_PATH_MAX = 4096 };
int folder_join(char out[FOLDER_PATH_MAX], const char *dir, const char *name, struct mq_error *err);
/* Calls visit for every regular file in `dir` (not below it). */
typedef int folder_visit(void *ctx, const char *path, const char *name, struct mq_error *err);
int folder_each(const char *dir, folder_visit *visit, void *ctx, struct mq_error *err);
/* What RocksDB leaves of OPTIONS that it could not write because of STORE_INFO_LOG, one at each opening. Nothing reads them. */
void folder_remove_unfinished_options(const char *path);
/* MQ_CONFLICT unless `path` does not exist or is an empty folder. */
int folder_must_be_empty(const char *path, struct mq_error *err);
int folder_sync(const char *path, struct mq_error *err);
/* Removes a folder of files and folders. */
void folder_remove(const char *path);
uint64_t folder_bytes(const char *path);

#endif
