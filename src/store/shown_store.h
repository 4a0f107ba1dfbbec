/* shown_store.h - the records of what was shown, kept apart from the log of events.
 *
 * A database of its own (DIR/shown): its writes share neither write-ahead log nor memtables nor locks with those of
 * events, so that they can never keep an event waiting. Writes are not synced: a killed process loses nothing that was
 * written, a machine that loses power the last seconds. Nothing is refused for that; the record of what was shown is for learning, not for
 * answers. Keys: viewer u32 · at_ms u64 (sign bit flipped) · first half of the page's id u64, big-endian; values are the
 * caller's bytes (event/shown_page.h).
 *
 * store_shown_add, _erase and _expire: one thread at a time. Visits: any thread. */
#ifndef MQ_STORE_SHOWN_STORE_H
#define MQ_STORE_SHOWN_STORE_H

#include "base/error.h"
#include "base/str.h"
#include "event/ids.h"

struct shown_store;

/* Opens DIR/shown; makes it when it is not there and `create`, else *ret = NULL. MQ_CORRUPT, MQ_FULL, MQ_IO. */
int shown_store_open(const char *dir, bool create, struct shown_store **ret, struct mq_error *err);
/* Writes out what is in memory. NULL is allowed. */
void shown_store_close(struct shown_store *s);

struct shown_bytes {
    struct viewer_id viewer; /* ID_NONE: nobody */
    int64_t at_ms;
    uint64_t id; /* first half: the same page noted twice is one row */
    struct str bytes;
};
/* All of them or none. */
int shown_store_add(struct shown_store *s, const struct shown_bytes *pages, size_t n,
                    struct mq_error *err);

/* In key order (viewer, time); bytes are valid during the call. Return non-zero to stop: the scan returns it. */
typedef int shown_visit(void *ctx, const struct shown_bytes *page);
/* A viewer's, at_ms in [from, to); both 0 = all. */
int shown_store_viewer(const struct shown_store *s, struct viewer_id viewer, int64_t from_ms,
                       int64_t to_ms, shown_visit *visit, void *ctx, struct mq_error *err);
int shown_store_all(const struct shown_store *s, shown_visit *visit, void *ctx,
                    struct mq_error *err);

/* The viewer's rows go, and with `compact` the bytes too: then nothing of theirs is in any file. *ret_removed counts
 * rows, *ret_left those found after it (0). */
int shown_store_erase(struct shown_store *s, struct viewer_id viewer, bool compact,
                      uint64_t *ret_removed, uint64_t *ret_left, struct mq_error *err);
/* Rows of before `before_ms` go; their bytes as RocksDB compacts. */
int shown_store_expire(struct shown_store *s, int64_t before_ms, uint64_t *ret_removed,
                       struct mq_error *err);

/* A consistent copy as DIR/shown of a backup's folder, and from there into a restored one; nothing to do where there is none. */
int shown_store_backup(const struct shown_store *s, const char *to, struct mq_error *err);
int shown_store_restore(const char *from, const char *to, struct mq_error *err);

#endif
