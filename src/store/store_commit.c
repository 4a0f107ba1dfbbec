/* store_commit.c - one durable write, and what happens when it fails.
 *
 * A failed write leaves three things to mend: the record that may stand in the log (store_log.c cuts it off, at
 * once and again when RocksDB has let go of the file), a RocksDB that takes no more writes, and perhaps
 * a full disk. Readers go on with what was acknowledged. The next write first tries whether the disk takes bytes again,
 * then closes and opens the database, and proves by the commit counter that exactly the acknowledged writes
 * are there. Until that succeeds every write fails with the first failure's code. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/store_inside.h"

enum { PROBE_BYTES = 256 * 1024 };

static int put_counters(struct store *s, rocksdb_writebatch_t *batch, struct counters *next)
{
    char storage[COUNTERS_MAX];
    struct buf value;
    buf_over(&value, storage, sizeof(storage));
    next->writes = s->live->counters.writes + 1;
    counters_encode(next, &value);
    rocksdb_writebatch_put_cf(batch, s->live->cf[FAMILY_META], COUNTERS_KEY,
                              sizeof(COUNTERS_KEY) - 1, value.p, value.n);
    return value.failed;
}

static void publish(struct store *s, const struct counters *next)
{
    pthread_mutex_lock(&s->live->counters_lock);
    s->live->counters = *next;
    pthread_mutex_unlock(&s->live->counters_lock);
    atomic_store_explicit(&s->last_seq, next->last_seq, memory_order_release);
}

/* Names before the seq: a scan reads up to the last seq it knows, and finds all names there. */
static int write_and_settle(struct store *s, rocksdb_writebatch_t *batch,
                            const struct counters *next, const struct pending *names,
                            char **message, struct mq_error *err)
{
    pthread_mutex_lock(&s->live->commit_lock);
    rocksdb_write(s->live->db, s->sync, batch, message);
    int rc = 0;
    if (!*message) {
        rc = names ? pending_settle(names, s, err) : 0;
        publish(s, next);
    }
    pthread_mutex_unlock(&s->live->commit_lock);
    return rc;
}

int store_commit(struct store *s, rocksdb_writebatch_t *batch, struct counters *next,
                 const struct pending *names, struct mq_error *err)
{
    if (put_counters(s, batch, next))
        return mq_fail(err, MQ_BUG, "counters: do not fit their row");
    char *message = NULL;
    int rc = write_and_settle(s, batch, next, names, &message, err);
    if (!message) {
        store_note_log(s);
        return rc;
    }
    rc = store_fail(err, message, "write");
    atomic_store(&s->failed, rc);
    /* Tried again at the next write and at close. */
    (void)store_cut_log(s, NULL);
    return rc;
}

/* Does the disk take and keep bytes? */
static int probe_disk(const struct store *s, struct mq_error *err)
{
    static const char zeros[PROBE_BYTES];
    char path[FOLDER_PATH_MAX];
    int rc = folder_join(path, s->dir, "space.probe", err);
    if (rc)
        return rc;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return mq_fail_errno(err, errno, "data folder: %s: takes no writes", s->dir);
    int failed = 0;
    ssize_t n = write(fd, zeros, sizeof(zeros));
    if (n < 0 || fsync(fd) != 0)
        failed = errno;
    else if ((size_t)n < sizeof(zeros))
        failed = ENOSPC;
    close(fd);
    (void)unlink(path);
    return failed ? mq_fail_errno(err, failed, "data folder: %s: still takes no writes", s->dir)
                  : 0;
}

static int read_counters(const struct store *s, struct counters *ret, struct mq_error *err)
{
    char storage[COUNTERS_MAX];
    struct buf value;
    buf_over(&value, storage, sizeof(storage));
    int rc = store_get(s, FAMILY_META, STR(COUNTERS_KEY), &value, err);
    return rc ? rc : counters_decode(buf_str(&value), ret, err);
}

/* Nobody else uses the database. */
static int reopen(struct store *s, struct mq_error *err)
{
    database_close(s);
    int rc = store_cut_log(s, err);
    if (rc == 0)
        rc = database_open(s, false, err);
    struct counters now;
    if (rc == 0)
        rc = read_counters(s, &now, err);
    if (rc)
        return rc;
    if (memcmp(&now, &s->live->counters, sizeof(now)) != 0) {
        atomic_store(&s->failed, MQ_CORRUPT);
        return mq_fail(err, MQ_CORRUPT,
                       "data folder: %s: holds %llu writes, %llu were acknowledged: run a check",
                       s->dir, (unsigned long long)now.writes,
                       (unsigned long long)s->live->counters.writes);
    }
    s->mark = (struct wal_mark){0, 0};
    store_note_log(s);
    atomic_store(&s->failed, 0);
    return 0;
}

int store_ready(struct store *s, struct mq_error *err)
{
    int failed = atomic_load(&s->failed);
    if (failed == 0)
        return 0;
    if (failed == MQ_CORRUPT)
        return mq_fail(err, MQ_CORRUPT,
                       "data folder: %s: was found damaged by an earlier write: check it, or "
                       "restore it from a backup, and open it again",
                       s->dir);
    int rc = probe_disk(s, err);
    if (rc)
        return rc;
    /* A scan may last: the caller is told rather than kept waiting. */
    if (pthread_rwlock_trywrlock(&s->live->lock) != 0)
        return mq_fail(
            err, failed,
            "data folder: %s: an earlier write failed, and a scan keeps the repair waiting: "
            "try again",
            s->dir);
    rc = reopen(s, err);
    pthread_rwlock_unlock(&s->live->lock);
    return rc;
}
