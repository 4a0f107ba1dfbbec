/* file.h - whole files, with limits. */
#ifndef MQ_BASE_FILE_H
#define MQ_BASE_FILE_H

#include "buf.h"
#include "error.h"

/* Append the whole file to `b`; MQ_TOO_LARGE past b's maximum, MQ_INVALID for a directory. */
int file_read(const char *path, struct buf *b, struct mq_error *err);

/* Write to a temporary name in the same folder, fsync, rename over `path`, fsync the folder: either
 * the old or the new content is there, whatever happens. `mode` as for open(2). */
int file_write(const char *path, struct str content, unsigned mode, struct mq_error *err);

/* Append to a file that is there and wait until it is on the disk. After a failure or a crash a part of it may be there.
 * MQ_NOT_FOUND: there is no such file. */
int file_append(const char *path, struct str content, struct mq_error *err);

/* As mkdir -p; an existing directory is no error, an existing file is MQ_INVALID. */
int file_make_dirs(const char *path, struct mq_error *err);
bool file_exists(const char *path);
bool file_is_dir(const char *path);

/* A regular file mapped read-only; size 0 gives p == NULL and no error. */
struct file_map {
    const void *p;
    size_t n;
};
int file_map_open(const char *path, struct file_map *ret, struct mq_error *err);
void file_map_close(struct file_map *m);

#endif
