/* store_log.c - where RocksDB's write-ahead log stands, and cutting off what was never acknowledged.
 *
 * When a write fails half-way (disk full, fsync refused), its record may lie in the log file, whole or torn. RocksDB
 * then takes no more writes, but the next opening would replay the record: an event the caller was
 * told is not stored would appear. So after each acknowledged write we remember the newest log file
 * (NNNNNN.log) and its length, and after a failed one cut the log back to there. Shortening a file needs no
 * space. RocksDB keeps records whole and in order (one batch, one record), so the cut lies between records. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_inside.h"

/* NNNNNN.log; 0 for any other name. */
static uint64_t log_number(const char *name)
{
    struct str s = str_of(name);
    uint64_t number = 0;
    if (!str_ends(s, STR(".log")))
        return 0;
    s.n -= 4;
    return str_to_u64(s, &number) ? number : 0;
}

static int find_newest(void *ctx, const char *path, const char *name, struct mq_error *err)
{
    struct wal_mark *mark = ctx;
    struct stat st;
    uint64_t number = log_number(name);
    if (number == 0 || number < mark->number)
        return 0;
    if (stat(path, &st) != 0)
        return mq_fail_errno(err, errno, "log: %s", path);
    *mark = (struct wal_mark){number, (uint64_t)st.st_size};
    return 0;
}

/* A write makes the current log file longer, or went to a newer one. */
void store_note_log(struct store *s)
{
    char path[FOLDER_PATH_MAX];
    struct stat st;
    int n =
        snprintf(path, sizeof(path), "%s/%06llu.log", s->path, (unsigned long long)s->mark.number);
    if (s->mark.number > 0 && n > 0 && (size_t)n < sizeof(path) && stat(path, &st) == 0 &&
        (uint64_t)st.st_size > s->mark.size) {
        s->mark.size = (uint64_t)st.st_size;
        return;
    }
    /* Without a mark nothing is cut: better an event too many than one too few. */
    s->mark = (struct wal_mark){0, 0};
    if (folder_each(s->path, find_newest, &s->mark, NULL) != 0)
        s->mark = (struct wal_mark){0, 0};
}

static int cut_file(const char *path, uint64_t size, struct mq_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : mq_fail_errno(err, errno, "log: %s", path);
    struct stat st;
    int failed = 0;
    if (fstat(fd, &st) != 0)
        failed = errno;
    else if ((uint64_t)st.st_size > size && (ftruncate(fd, (off_t)size) != 0 || fsync(fd) != 0))
        failed = errno;
    close(fd);
    return failed ? mq_fail_errno(err, failed, "log: %s: cutting off a failed write", path) : 0;
}

static int cut_one(void *ctx, const char *path, const char *name, struct mq_error *err)
{
    const struct wal_mark *mark = ctx;
    uint64_t number = log_number(name);
    if (number == 0 || number < mark->number)
        return 0;
    return cut_file(path, number == mark->number ? mark->size : 0, err);
}

int store_cut_log(const struct store *s, struct mq_error *err)
{
    struct wal_mark mark = s->mark;
    if (mark.number == 0)
        return 0;
    return folder_each(s->path, cut_one, &mark, err);
}
