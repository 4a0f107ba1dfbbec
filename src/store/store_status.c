/* store_status.c - RocksDB's messages as codes, and shared use of the open database. */
#include "store/store_inside.h"

/* RocksDB's C API tells what went wrong in words only: "IO error: No space left on device: ...". The words
 * of the operating system are strerror's in the C locale or the user's, so the English ones and RocksDB's own are
 * looked for. */
static enum mq_status status_of(const char *message)
{
    static const struct {
        const char *words;
        enum mq_status status;
    } table[] = {
        {"No space left", MQ_FULL},
        {"Disk quota exceeded", MQ_FULL},
        {"While lock file:", MQ_LOCKED},
        {"lock hold by current process", MQ_LOCKED},
        {"Corruption", MQ_CORRUPT},
        {"does not exist (create_if_missing is false)", MQ_NOT_FOUND},
        {"Column families not opened", MQ_VERSION},
        {"Memory", MQ_NO_MEMORY},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strstr(message, table[i].words))
            return table[i].status;
    }
    return MQ_IO;
}

static const char *remedy_of(enum mq_status status)
{
    switch (status) {
    case MQ_LOCKED:
        return "another process has the folder open: stop it, or ask it";
    case MQ_FULL:
        return "free some space, then try again";
    case MQ_CORRUPT:
        return "restore the folder from a backup";
    case MQ_VERSION:
        return "a newer Marquee wrote it: use that one";
    default:
        return "see the system's log of the disk";
    }
}

int store_fail(struct mq_error *err, char *message, const char *what)
{
    enum mq_status status = status_of(message);
    int rc = mq_fail(err, status, "%s: %.300s: %s", what, message, remedy_of(status));
    rocksdb_free(message);
    return rc;
}

int store_enter(const struct store *s, struct mq_error *err)
{
    pthread_rwlock_rdlock(&s->live->lock);
    if (s->live->db)
        return 0;
    pthread_rwlock_unlock(&s->live->lock);
    return mq_fail(err, MQ_IO,
                   "data folder: %s: could not be opened again after a failed write: "
                   "free space or mend the disk, then write again or restart",
                   s->dir);
}

void store_leave(const struct store *s)
{
    pthread_rwlock_unlock(&s->live->lock);
}
