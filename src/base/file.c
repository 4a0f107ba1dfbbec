#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024 };

/* As open(2), again after a signal. */
static int open_file(const char *path, int flags, unsigned mode)
{
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static int open_for_reading(const char *path, int *ret_fd, struct stat *st, struct mq_error *err)
{
    int fd = open_file(path, O_RDONLY, 0);
    if (fd < 0)
        return mq_fail_errno(err, errno, "cannot open file: %s", path);
    if (fstat(fd, st) != 0) {
        int why = errno;
        close(fd);
        return mq_fail_errno(err, why, "cannot examine file: %s", path);
    }
    if (S_ISDIR(st->st_mode)) {
        close(fd);
        return mq_fail(err, MQ_INVALID, "not a file: %s: it is a directory", path);
    }
    *ret_fd = fd;
    return 0;
}

/* Up to n bytes; 0 at the end, -1 with errno. */
static ssize_t read_some(int fd, void *p, size_t n)
{
    ssize_t got;
    do {
        got = read(fd, p, n);
    } while (got < 0 && errno == EINTR);
    return got;
}

static int too_large(const char *path, const struct buf *b, struct mq_error *err)
{
    return mq_fail(err, MQ_TOO_LARGE, "file too large: %s: at most %zu bytes are read", path,
                   b->max);
}

/* Sizes of files in /proc are 0 and a log may grow meanwhile: read until the end, not to the size. */
static int read_to_end(int fd, const char *path, struct buf *b, struct mq_error *err)
{
    for (;;) {
        char probe;
        bool full = b->n == b->max;
        if (!full && b->n == b->cap) {
            size_t step = b->max - b->n < READ_STEP ? b->max - b->n : READ_STEP;
            if (!buf_reserve(b, step))
                return mq_fail(err, MQ_NO_MEMORY, "no memory to read file: %s", path);
        }
        ssize_t got = full ? read_some(fd, &probe, 1) : read_some(fd, b->p + b->n, b->cap - b->n);
        if (got < 0)
            return mq_fail_errno(err, errno, "cannot read file: %s", path);
        if (got == 0)
            return 0;
        if (full)
            return too_large(path, b, err);
        b->n += (size_t)got;
    }
}

int file_read(const char *path, struct buf *b, struct mq_error *err)
{
    if (b->failed)
        return mq_fail(err, MQ_NO_MEMORY, "buffer failed before file was read: %s", path);
    int fd;
    struct stat st;
    int rc = open_for_reading(path, &fd, &st, err);
    if (rc != 0)
        return rc;
    size_t before = b->n;
    size_t room = b->max - b->n;
    size_t size = st.st_size > 0 ? (size_t)st.st_size : 0;
    if (S_ISREG(st.st_mode) && size > room)
        rc = too_large(path, b, err);
    else if (size > 0 && size <= room && !buf_reserve(b, size))
        rc = mq_fail(err, MQ_NO_MEMORY, "no memory to read file: %s: %zu bytes", path, size);
    else
        rc = read_to_end(fd, path, b, err);
    close(fd);
    if (rc != 0) {
        b->n = before;
        b->failed = false;
    }
    return rc;
}

static int write_all(int fd, struct str s)
{
    while (s.n > 0) {
        ssize_t put = write(fd, s.p, s.n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        s.p += put;
        s.n -= (size_t)put;
    }
    return 0;
}

/* A file of a new name beside `path`, so that renaming it stays within one file system. */
static int open_beside(const char *path, unsigned mode, char name[PATH_MAX], struct mq_error *err)
{
    for (int attempt = 0; attempt < 16; attempt++) {
        uint64_t number;
        if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
            return mq_fail_errno(err, errno, "no random bytes to name a temporary file");
        int n = snprintf(name, PATH_MAX, "%s.tmp-%016llx", path, (unsigned long long)number);
        if (n < 0 || n >= PATH_MAX)
            return mq_fail(err, MQ_INVALID, "path too long: %s: shorten it", path);
        int fd = open_file(name, O_WRONLY | O_CREAT | O_EXCL, mode);
        if (fd >= 0)
            return fd;
        if (errno != EEXIST)
            return mq_fail_errno(err, errno, "cannot create file: %s", name);
    }
    return mq_fail(err, MQ_IO, "no free temporary name beside: %s", path);
}

/* The folder that holds `path`. */
static void folder_of(const char *path, char folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        snprintf(folder, PATH_MAX, ".");
    else if (slash == path)
        snprintf(folder, PATH_MAX, "/");
    else
        snprintf(folder, PATH_MAX, "%.*s", (int)(slash - path), path);
}

/* A rename is safe once the folder's entries are on the disk. */
static int sync_folder_of(const char *path, struct mq_error *err)
{
    char folder[PATH_MAX];
    folder_of(path, folder);
    int fd = open_file(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return mq_fail_errno(err, errno, "cannot open folder: %s", folder);
    int rc = 0;
    if (fsync(fd) != 0)
        rc = mq_fail_errno(err, errno, "cannot sync folder: %s", folder);
    close(fd);
    return rc;
}

int file_write(const char *path, struct str content, unsigned mode, struct mq_error *err)
{
    char name[PATH_MAX];
    int fd = open_beside(path, mode, name, err);
    if (fd < 0)
        return fd;
    int why = 0;
    if (write_all(fd, content) != 0 || fsync(fd) != 0)
        why = errno;
    if (close(fd) != 0 && why == 0)
        why = errno;
    if (why == 0 && rename(name, path) != 0)
        why = errno;
    if (why != 0) {
        unlink(name);
        return mq_fail_errno(err, why, "cannot write file: %s", path);
    }
    return sync_folder_of(path, err);
}

int file_append(const char *path, struct str content, struct mq_error *err)
{
    int fd = open_file(path, O_WRONLY | O_APPEND, 0);
    if (fd < 0)
        return mq_fail_errno(err, errno, "cannot append to file: %s", path);
    int why = 0;
    if (write_all(fd, content) != 0 || fdatasync(fd) != 0)
        why = errno;
    if (close(fd) != 0 && why == 0)
        why = errno;
    return why ? mq_fail_errno(err, why, "cannot append to file: %s", path) : 0;
}

static int make_dir(const char *path, struct mq_error *err)
{
    if (mkdir(path, 0777) == 0)
        return 0;
    int why = errno;
    if (file_is_dir(path))
        return 0;
    if (why == EEXIST || why == ENOTDIR)
        return mq_fail(err, MQ_INVALID, "cannot make folder: %s: a file is in the way", path);
    return mq_fail_errno(err, why, "cannot make folder: %s", path);
}

int file_make_dirs(const char *path, struct mq_error *err)
{
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof(part))
        return mq_fail(err, MQ_INVALID, "no usable path: \"%s\": give 1 to %d bytes", path,
                       PATH_MAX - 1);
    memcpy(part, path, n + 1);
    for (size_t i = 1; i < n; i++) {
        if (part[i] != '/' || part[i - 1] == '/')
            continue;
        part[i] = 0;
        int rc = make_dir(part, err);
        part[i] = '/';
        if (rc != 0)
            return rc;
    }
    return make_dir(part, err);
}

bool file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool file_is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int file_map_open(const char *path, struct file_map *ret, struct mq_error *err)
{
    int fd;
    struct stat st;
    int rc = open_for_reading(path, &fd, &st, err);
    if (rc != 0)
        return rc;
    struct file_map map = {NULL, (size_t)st.st_size};
    if (!S_ISREG(st.st_mode)) {
        rc = mq_fail(err, MQ_INVALID, "cannot map: %s: it is no regular file", path);
    } else if (map.n > 0) {
        void *p = mmap(NULL, map.n, PROT_READ, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED)
            rc = mq_fail_errno(err, errno, "cannot map file: %s", path);
        else
            map.p = p;
    }
    close(fd);
    if (rc == 0)
        *ret = map;
    return rc;
}

void file_map_close(struct file_map *m)
{
    if (m && m->p)
        munmap((void *)(uintptr_t)m->p, m->n);
    if (m)
        *m = (struct file_map){NULL, 0};
}
