/* page_log.h - what was served is written down behind the answers' backs.
 *
 * An answer's record (event/shown_page.h) goes into a bounded ring and is forgotten by whoever answered: no lock, no disk, no
 * allocation. A thread of its own takes records out, a few tens of milliseconds' worth at a time, and writes them to the
 * store of shown pages. When the ring is full, or the disk refuses, records are dropped and counted. A killed process loses what lay
 * in the ring.
 *
 * The same thread keeps, for viewers who were asked about lately, what they were shown how often
 * (profile/shown_counts.h), within a fixed amount of memory. */
#ifndef MQ_ENGINE_PAGE_LOG_H
#define MQ_ENGINE_PAGE_LOG_H

#include "base/buf.h"
#include "profile/shown_counts.h"
#include "store/shown_store.h"
#include "store/store.h"

struct page_log;

/* `store` tells which viewers were erased. A damaged DIR/shown is no reason not to open: nothing is noted then. */
int page_log_new(const char *dir, const struct store *store, struct page_log **ret,
                 struct mq_error *err);
/* Writes what waits. NULL is allowed. */
void page_log_free(struct page_log *l);

/* Any thread. `scratch` holds PAGE_LOG_SCRATCH bytes. */
enum { PAGE_LOG_SCRATCH = SHOWN_BYTES_MAX + 64 };
void page_log_note(struct page_log *l, const struct shown_page *page, struct buf *scratch);

/* Any thread, no lock: false when they are not in memory (they soon will be). */
bool page_log_counts(struct page_log *l, struct viewer_id viewer, struct shown_counts *ret);

/* The rest waits for the writing thread's turn, and for the disk. */

/* Everything that was noted before this call is in the store. MQ_CORRUPT, MQ_IO ...: why it could not be. */
int page_log_flush(struct page_log *l, struct mq_error *err);
int page_log_viewer(struct page_log *l, struct viewer_id viewer, shown_visit *visit, void *ctx,
                    struct mq_error *err);
int page_log_all(struct page_log *l, shown_visit *visit, void *ctx, struct mq_error *err);
/* The store with everything noted before this call; NULL: nothing ever was. It stays until the log is freed. */
int page_log_reading(struct page_log *l, const struct shown_store **ret, struct mq_error *err);
/* As shown_store_erase, for each of the ids. */
int page_log_erase(struct page_log *l, const uint32_t *ids, size_t n, bool compact,
                   uint64_t *ret_removed, uint64_t *ret_left, struct mq_error *err);
int page_log_expire(struct page_log *l, int64_t before_ms, uint64_t *ret_removed,
                    struct mq_error *err);
int page_log_backup(struct page_log *l, const char *to, struct mq_error *err);

struct page_log_figures {
    uint64_t written, dropped; /* since the folder was opened */
};
struct page_log_figures page_log_figures(const struct page_log *l);

#endif
