/* world_file.c - large files written in one go: whole under their name, or not there. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/sim_inside.h"

enum { FLUSH_AT = 1 << 20, OUT_MAX = 64 << 20 };

static int path_of(char *to, size_t size, const char *dir, const char *name, struct mq_error *err)
{
    int n = snprintf(to, size, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= size)
        return mq_fail(err, MQ_TOO_LARGE, "out: %.80s...: the path is too long: give a shorter one",
                       dir);
    return 0;
}

int world_file_forget(const char *dir, const char *name, struct mq_error *err)
{
    char path[1024];
    int rc = path_of(path, sizeof(path), dir, name, err);
    if (rc == 0 && unlink(path) != 0 && errno != ENOENT)
        rc = mq_fail_errno(err, errno, "%s: cannot be removed", path);
    return rc;
}

int world_file_open(struct world_file *f, const char *dir, const char *name, struct mq_error *err)
{
    *f = (struct world_file){.fd = -1};
    int rc = path_of(f->path, sizeof(f->path), dir, name, err);
    if (rc)
        return rc;
    snprintf(f->part, sizeof(f->part), "%s.part", f->path);
    f->fd = open(f->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (f->fd < 0)
        return mq_fail_errno(err, errno, "%s: cannot be written", f->part);
    buf_init(&f->out, OUT_MAX);
    return 0;
}

static int hand_over(struct world_file *f, struct mq_error *err)
{
    size_t at = 0;
    while (at < f->out.n) {
        ssize_t n = write(f->fd, f->out.p + at, f->out.n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mq_fail_errno(err, errno, "%s: cannot be written", f->part);
        at += (size_t)n;
    }
    f->bytes += f->out.n;
    buf_reset(&f->out);
    return 0;
}

int world_file_flush(struct world_file *f, bool all, struct mq_error *err)
{
    if (f->out.failed)
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory", f->part);
    return all || f->out.n >= FLUSH_AT ? hand_over(f, err) : 0;
}

int world_file_close(struct world_file *f, bool keep, struct mq_error *err)
{
    if (f->fd < 0)
        return 0;
    int rc = keep ? world_file_flush(f, true, err) : 0;
    if (close(f->fd) != 0 && rc == 0 && keep)
        rc = mq_fail_errno(err, errno, "%s: cannot be written", f->part);
    f->fd = -1;
    buf_release(&f->out);
    if (keep && rc == 0 && rename(f->part, f->path) != 0)
        rc = mq_fail_errno(err, errno, "%s: cannot be put in place", f->path);
    if (!keep || rc)
        unlink(f->part);
    return rc;
}
