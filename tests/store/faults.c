/* faults.c - see faults.h. Both spellings of each call are defined (with and without 64): which one is
 * called depends on how the caller was compiled. sync_file_range is left alone: it promises nothing, and Debian's
 * RocksDB asserts that it works. What does not fail is not written through either: nobody pulls the plug. */
#undef _FILE_OFFSET_BITS
#define _LARGEFILE64_SOURCE
#include "store/faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    char folder[PATH_MAX];
    size_t k, calls;
    int error;
    bool armed, on, torn; /* torn: a write was cut short, the next one fails */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

void faults_arm(const char *folder, size_t k, int error, bool on)
{
    pthread_mutex_lock(&state.lock);
    snprintf(state.folder, sizeof(state.folder), "%s/", folder);
    state.k = k;
    state.calls = 0;
    state.error = error;
    state.on = on;
    state.torn = false;
    state.armed = true;
    pthread_mutex_unlock(&state.lock);
}

void faults_disarm(void)
{
    pthread_mutex_lock(&state.lock);
    state.armed = false;
    pthread_mutex_unlock(&state.lock);
}

size_t faults_calls(void)
{
    pthread_mutex_lock(&state.lock);
    size_t n = state.calls;
    pthread_mutex_unlock(&state.lock);
    return n;
}

enum need { NEEDS_SPACE, NEEDS_NONE };
enum verdict { GO, FAIL, CUT };

static enum verdict judge(const char *path, enum need need, bool write)
{
    enum verdict v = GO;
    pthread_mutex_lock(&state.lock);
    if (state.armed && strncmp(path, state.folder, strlen(state.folder)) == 0) {
        state.calls++;
        bool now = state.k > 0 && state.calls == state.k;
        bool later = state.k > 0 && state.on && state.calls > state.k;
        if (write && state.torn) {
            state.torn = false;
            v = FAIL;
        } else if ((now || later) && !(state.on && state.error == ENOSPC && need == NEEDS_NONE)) {
            v = now && write ? CUT : FAIL;
            state.torn = v == CUT;
        }
    }
    pthread_mutex_unlock(&state.lock);
    if (v == FAIL)
        errno = state.error;
    return v;
}

static enum verdict judge_fd(int fd, enum need need, bool write)
{
    char link[64], path[PATH_MAX];
    pthread_mutex_lock(&state.lock);
    bool armed = state.armed;
    pthread_mutex_unlock(&state.lock);
    if (!armed)
        return GO;
    int before = errno;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof(path) - 1);
    errno = before;
    if (n < 0)
        return GO;
    path[n] = 0;
    return judge(path, need, write);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static size_t half(size_t n)
{
    return n > 1 ? n / 2 : n;
}

ssize_t write(int fd, const void *p, size_t n)
{
    enum verdict v = judge_fd(fd, NEEDS_SPACE, true);
    return v == FAIL ? -1 : REAL(write)(fd, p, v == CUT ? half(n) : n);
}

#define DEFINE_PWRITE(name, offset)                                                                \
    ssize_t name(int fd, const void *p, size_t n, offset at)                                       \
    {                                                                                              \
        enum verdict v = judge_fd(fd, NEEDS_SPACE, true);                                          \
        return v == FAIL ? -1 : REAL(name)(fd, p, v == CUT ? half(n) : n, at);                     \
    }
DEFINE_PWRITE(pwrite, off_t)
DEFINE_PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    return judge_fd(fd, NEEDS_SPACE, false) == FAIL ? -1 : REAL(writev)(fd, parts, n);
}

int fsync(int fd)
{
    return judge_fd(fd, NEEDS_SPACE, false) == FAIL ? -1 : 0;
}

int fdatasync(int fd)
{
    return judge_fd(fd, NEEDS_SPACE, false) == FAIL ? -1 : 0;
}

#define DEFINE_TRUNCATE(name, offset)                                                              \
    int name(int fd, offset n)                                                                     \
    {                                                                                              \
        return judge_fd(fd, NEEDS_NONE, false) == FAIL ? -1 : REAL(name)(fd, n);                   \
    }
DEFINE_TRUNCATE(ftruncate, off_t)
DEFINE_TRUNCATE(ftruncate64, off64_t)

#define DEFINE_ALLOCATE(name, offset)                                                              \
    int name(int fd, int mode, offset at, offset n)                                                \
    {                                                                                              \
        return judge_fd(fd, NEEDS_SPACE, false) == FAIL ? -1 : REAL(name)(fd, mode, at, n);        \
    }
DEFINE_ALLOCATE(fallocate, off_t)
DEFINE_ALLOCATE(fallocate64, off64_t)

/* RocksDB pauses for a second after each flush or compaction that failed, lest it spins: here a thousandth of it. */
int usleep(useconds_t us)
{
    struct timespec pause = {.tv_sec = us / 1000000000, .tv_nsec = us % 1000000000};
    return nanosleep(&pause, NULL);
}

int rename(const char *from, const char *to)
{
    return judge(to, NEEDS_SPACE, false) == FAIL ? -1 : REAL(rename)(from, to);
}

int link(const char *from, const char *to)
{
    return judge(to, NEEDS_SPACE, false) == FAIL ? -1 : REAL(link)(from, to);
}

/* Only opening for creation writes. */
#define DEFINE_OPEN(name)                                                                          \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        unsigned mode = 0;                                                                         \
        if (flags & O_CREAT) {                                                                     \
            va_list list;                                                                          \
            va_start(list, flags);                                                                 \
            mode = va_arg(list, unsigned);                                                         \
            va_end(list);                                                                          \
            if (judge(path, NEEDS_SPACE, false) == FAIL)                                           \
                return -1;                                                                         \
        }                                                                                          \
        return REAL(name)(path, flags, mode);                                                      \
    }
DEFINE_OPEN(open)
DEFINE_OPEN(open64)
