/* store.h - what is true after a crash. The one door of this room, and the only place that knows RocksDB.
 *
 * A store is a folder: DIR/db (RocksDB). One process has it open at a time (MQ_LOCKED otherwise).
 * Writers: store_append, store_put_*, store_erase and the meta calls are for one thread at a time (the
 * engine's committer). Readers: scans, look-ups and names from any thread at any time.
 * What a successful write returned for is on disk (fsync) before it returns. */
#ifndef MQ_STORE_STORE_H
#define MQ_STORE_STORE_H

#include "base/intern.h"
#include "catalogue/title.h"
#include "event/event.h"

struct store;

enum { STORE_SCHEMA = 1 };

struct store_options {
    bool must_exist;       /* do not create: MQ_NOT_FOUND when there is none */
    size_t cache_bytes;    /* block cache; 0 = 64 MiB */
    size_t memtable_bytes; /* of all memtables, about, and of the log to replay; 0 = 32 MiB */
    /* Each change of the catalogue takes a place of its own in the log (a seq that no event has), so that a
     * seq says exactly which events and which records were there. */
    bool titles_take_place;
};

/* MQ_NOT_FOUND, MQ_LOCKED, MQ_VERSION (a newer schema; untouched), MQ_CORRUPT, MQ_FULL, MQ_IO. An older
 * schema is migrated forward before anything else, or left as it was with the reason. */
int store_open(const char *dir, const struct store_options *options, struct store **ret,
               struct mq_error *err);
void store_close(struct store *s);

/* --- names: external id <-> dense id, held in memory, written with what first uses them --- */

enum name_kind { NAME_VIEWER, NAME_TITLE, NAME_PERSON, NAME_KINDS };
const struct intern *store_names(const struct store *s, enum name_kind kind);

/* --- events --- */

enum append_outcome { APPEND_ADDED, APPEND_DUPLICATE };

/* Append checked events in order, one durable write for all of them. New names get ids. Of events with
 * one identity (event_identity) the first ever to arrive is kept; a repetition is counted and dropped,
 * whatever time it now claims. Sets viewer_id, title_id, items' title_id, seq and arrival_ms
 * (= now_ms) of each event; viewer_id is the root of those merged (an identify or unmerge event sets other_id, and
 * merges or takes apart from its own seq on); ret_outcome (n). All or nothing: on failure none is visible, now or later.
 * MQ_FULL, MQ_IO; after MQ_CORRUPT the store refuses further writes until it is opened again. */
int store_append(struct store *s, struct event *events, size_t n, int64_t now_ms,
                 uint8_t *ret_outcome, struct mq_error *err);

/* The last seq given; 0 for an empty log. Any thread. */
uint64_t store_last_seq(const struct store *s);

/* Called for each event in key order (viewer, time, arrival); text and items are valid during the call
 * only; names are filled in from the dense ids. Return non-zero to stop: the scan returns it. */
typedef int store_visit(void *ctx, const struct event *e);

struct store_range {
    int64_t from_ms, to_ms; /* [from, to) by at_ms; both 0 = all */
    uint64_t max_seq;       /* only events with seq <= this; 0 = all */
    uint64_t after_seq;     /* only events with seq > this; the others cost a look at their key */
    int64_t known_ms;       /* only events known by then (event_known_ms(e) <= this); 0 = all */
    bool own_ids;           /* events keep the id that they came under, not the viewer's first */
};

/* --- who is who: ids that identify events made one viewer (store_links.c), as of the range's max_seq and known_ms.
 * Any thread, no lock. A viewer's scan, asked by any of the ids, gives the events of all in the order of their time, with
 * viewer and viewer_id of the root; a scan of all gives each viewer so, at the root's place. --- */
enum { STORE_IDENTITIES_MAX = 256 };
/* The id that the others are merged into; the viewer itself when it is merged into none. */
struct viewer_id store_root(const struct store *s, struct viewer_id viewer,
                            const struct store_range *range);
/* The root and all that are merged with it; returns how many: 1 for a viewer of one id. */
size_t store_identities(const struct store *s, struct viewer_id viewer,
                        const struct store_range *range, uint32_t ret[STORE_IDENTITIES_MAX]);

int store_scan_viewer(const struct store *s, struct viewer_id viewer,
                      const struct store_range *range, store_visit *visit, void *ctx,
                      struct mq_error *err);
/* All viewers in order of dense id. A consistent snapshot: writes during the scan are not seen. */
int store_scan_all(const struct store *s, const struct store_range *range, store_visit *visit,
                   void *ctx, struct mq_error *err);

/* --- catalogue: each record with the seq at which it was put, so that "as of" finds the right one --- */

/* Put whole records (title_merge is the caller's). Gives ids to titles and persons. One durable write.
 * An unchanged record is not written again (*ret_changed counts, may be NULL). */
int store_put_titles(struct store *s, struct title *titles, size_t n, size_t *ret_changed,
                     struct mq_error *err);
/* The record as of max_seq (0 = now); MQ_NOT_FOUND. Text and lists in the arena; credits' persons filled. */
int store_get_title(const struct store *s, struct title_id id, uint64_t max_seq,
                    struct arena *arena, struct title *ret, struct mq_error *err);
int store_delete_title(struct store *s, struct title_id id, struct mq_error *err);
typedef int store_visit_title(void *ctx, const struct title *t);
int store_scan_titles(const struct store *s, uint64_t max_seq, store_visit_title *visit, void *ctx,
                      struct mq_error *err);

/* --- small values by key: settings, API keys (hashed), audit trail, viewers' settings --- */

/* Keys of STORE_VIEWERS and STORE_PROFILES begin with the viewer's dense id, four bytes big-endian, so
 * that store_erase finds them; keys of STORE_META never begin with a zero byte. Else MQ_INVALID; beyond
 * these lengths MQ_TOO_LARGE. */
enum store_family { STORE_META, STORE_VIEWERS, STORE_PROFILES };
enum { STORE_KEY_MAX = 1024, STORE_VALUE_MAX = 16 << 20 };
int store_put_value(struct store *s, enum store_family f, struct str key, struct str value,
                    struct mq_error *err);
int store_delete_value(struct store *s, enum store_family f, struct str key, struct mq_error *err);
/* Appends to `value`. MQ_NOT_FOUND. */
int store_get_value(const struct store *s, enum store_family f, struct str key, struct buf *value,
                    struct mq_error *err);
typedef int store_visit_value(void *ctx, struct str key, struct str value);
int store_scan_values(const struct store *s, enum store_family f, struct str prefix,
                      store_visit_value *visit, void *ctx, struct mq_error *err);

/* --- operations --- */

struct store_stats {
    uint64_t events, duplicates, viewers, titles, described_titles, people, credits;
    uint64_t by_kind[EVENT_KINDS]; /* stored events of each kind; ratings = by_kind[EVENT_RATING] */
    uint64_t last_seq;
    int64_t first_ms, last_ms; /* oldest and newest at_ms, 0 without events */
    uint64_t bytes_on_disk;
    uint32_t schema;
};
int store_stats(const struct store *s, struct store_stats *ret, struct mq_error *err);

/* Reads everything and checks what must hold: every row decodes; every event has its entry in seen and
 * names, and the other way round; counters equal what is there. MQ_CORRUPT with the first fault. */
struct store_check {
    uint64_t rows, events, faults;
    char first_fault[256];
};
int store_check(const struct store *s, struct store_check *ret, struct mq_error *err);

/* A consistent copy of the folder into a new one while writes go on; store_restore makes a folder from
 * it. Both refuse a target that exists and is not empty (MQ_CONFLICT). Models are the engine's to copy. */
int store_backup(struct store *s, const char *to, struct mq_error *err);
int store_restore(const char *from, const char *to, struct mq_error *err);

/* Erase a viewer: events, seen, names, settings, profile; then flush and compact so that the bytes are
 * gone, drop the write-ahead log, and scan what is left. Waits for scans in progress (so never call it from a
 * visit); the caller sees to it that nobody holds the viewer's name. The dense id is never given again.
 * MQ_NOT_FOUND for an id never given. When it fails half-way, ask again with the same id: what was
 * done stays done; without the name, the files are then not searched for it. */
struct store_receipt {
    uint64_t events, seen, values;    /* rows removed */
    uint64_t rows_scanned, rows_left; /* over all families after compaction; left must be 0 */
    uint64_t files_scanned, bytes_scanned,
        files_with_name; /* raw bytes of every file, for the external id */
    int64_t at_ms;
};
int store_erase(struct store *s, struct viewer_id viewer, int64_t now_ms, struct store_receipt *ret,
                struct mq_error *err);

/* Remove events from before `before_ms` that tell what viewers did; what they said (ratings, thumbs, lists, hiding) and
 * their orders stay. Their identities are forgotten too. One step of a pass: reads at most STORE_EXPIRE_ROWS rows and makes one
 * durable write; *ret_more: the pass is not at its end, ask again with the same before_ms. Appends may come between. `gone` (may be
 * NULL) is told whose events they were before they are gone. The bytes go as RocksDB compacts. */
enum { STORE_EXPIRE_ROWS = 20000 };
int store_expire(struct store *s, int64_t before_ms,
                 void (*gone)(void *ctx, struct viewer_id viewer), void *ctx, uint64_t *ret_removed,
                 bool *ret_more, struct mq_error *err);

/* Make room: compact everything now. */
int store_compact(struct store *s, struct mq_error *err);

#endif
