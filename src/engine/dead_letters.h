/* dead_letters.h - what was refused, and why, kept for whoever mends the sender: DIR/dead-letters.ndjson, one object a
 * line {at, source, reason, raw}.
 *
 * A help, not a record: it is written behind and not synced, at most DEAD_RAW_MAX bytes of each event are kept, and when the
 * file reaches DEAD_FILE_MAX it becomes dead-letters.1.ndjson, in place of the one before. Erasing a viewer takes every
 * line out that names one of their ids. */
#ifndef MQ_ENGINE_DEAD_LETTERS_H
#define MQ_ENGINE_DEAD_LETTERS_H

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

enum {
    DEAD_RAW_MAX = 4096,
    DEAD_FILE_MAX = 16 << 20,
    DEAD_WAITING_MAX =
        1 << 20, /* bytes that wait to be written; beyond them letters are only counted */
};

struct dead_letters;

int dead_letters_new(const char *dir, struct dead_letters **ret, struct mq_error *err);
/* Writes what waits. NULL is allowed. */
void dead_letters_free(struct dead_letters *d);

/* Any thread; copies, and waits for no disk. True: nothing was waiting before, so a flush should be asked for. */
bool dead_letters_add(struct dead_letters *d, int64_t at_ms, struct str source, struct str reason,
                      struct str raw);
/* One thread at a time (the committer's): write what waits. */
void dead_letters_flush(struct dead_letters *d);
/* Any thread: the last whole lines, at most `max` bytes, oldest first, appended to `out`; also those that wait to be written.
 * Of the file in use only. MQ_IO, MQ_NO_MEMORY. */
int dead_letters_read(struct dead_letters *d, size_t max, struct buf *out, struct mq_error *err);
/* The same thread: no line is left in which one of these ids stands as a word. *ret_removed counts lines. MQ_IO. */
int dead_letters_erase(struct dead_letters *d, const struct str *ids, size_t n,
                       uint64_t *ret_removed, struct mq_error *err);

#endif
