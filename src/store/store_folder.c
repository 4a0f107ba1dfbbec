/* store_folder.c - files and folders. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store_inside.h"

int folder_join(char out[FOLDER_PATH_MAX], const char *dir, const char *name, struct mq_error *err)
{
    int n = snprintf(out, FOLDER_PATH_MAX, "%s/%s", dir, name);
    if (n < 0 || n >= FOLDER_PATH_MAX)
        return mq_fail(err, MQ_INVALID, "path: %.60s...: is longer than %d bytes", dir,
                       FOLDER_PATH_MAX - 1);
    return 0;
}

/* 1 for a regular file, 0 for anything else or a file that has just gone. */
static int is_file(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int folder_each(const char *dir, folder_visit *visit, void *ctx, struct mq_error *err)
{
    DIR *d = opendir(dir);
    if (!d)
        return mq_fail_errno(err, errno, "folder: %s", dir);
    int rc = 0;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(d);
        if (!entry) {
            if (errno)
                rc = mq_fail_errno(err, errno, "folder: %s", dir);
            break;
        }
        char path[FOLDER_PATH_MAX];
        rc = folder_join(path, dir, entry->d_name, err);
        if (rc == 0 && is_file(path))
            rc = visit(ctx, path, entry->d_name, err);
        if (rc)
            break;
    }
    closedir(d);
    return rc;
}

static int remove_unfinished(void *ctx, const char *path, const char *name, struct mq_error *err)
{
    static const char end[] = ".dbtmp";
    size_t n = strlen(name);
    (void)ctx;
    (void)err;
    if (strncmp(name, "OPTIONS-", 8) == 0 && n >= sizeof(end) &&
        strcmp(name + n - (sizeof(end) - 1), end) == 0)
        (void)unlink(path);
    return 0;
}

void folder_remove_unfinished_options(const char *path)
{
    struct mq_error none;
    (void)folder_each(path, remove_unfinished, NULL, &none);
}

int folder_must_be_empty(const char *path, struct mq_error *err)
{
    DIR *d = opendir(path);
    if (!d && errno == ENOENT)
        return 0;
    if (!d && errno == ENOTDIR)
        return mq_fail(err, MQ_CONFLICT,
                       "target: %s: is a file: name a folder that does not exist yet", path);
    if (!d)
        return mq_fail_errno(err, errno, "target: %s", path);
    bool empty = true;
    for (struct dirent *entry; empty && (entry = readdir(d)) != NULL;)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(d);
    if (!empty)
        return mq_fail(err, MQ_CONFLICT,
                       "target: %s: is not empty: name a folder that does not exist yet", path);
    return 0;
}

int folder_sync(const char *path, struct mq_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return mq_fail_errno(err, errno, "folder: %s", path);
    int failed = fsync(fd) == 0 ? 0 : errno;
    close(fd);
    return failed ? mq_fail_errno(err, failed, "folder: %s: fsync", path) : 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    (void)remove(path);
    return 0;
}

void folder_remove(const char *path)
{
    (void)nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int add_size(void *ctx, const char *path, const char *name, struct mq_error *err)
{
    (void)name;
    (void)err;
    struct stat st;
    if (lstat(path, &st) == 0)
        *(uint64_t *)ctx += (uint64_t)st.st_size;
    return 0;
}

uint64_t folder_bytes(const char *path)
{
    uint64_t bytes = 0;
    (void)folder_each(path, add_size, &bytes, NULL);
    return bytes;
}
