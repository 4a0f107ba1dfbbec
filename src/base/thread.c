#include "base/thread.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

void thread_is(const char *name, int niceness)
{
    (void)pthread_setname_np(pthread_self(), name);
    if (getpriority(PRIO_PROCESS, 0) < niceness)
        (void)setpriority(PRIO_PROCESS, 0, niceness); /* on Linux of this thread alone */
}

/* As sched_setattr(2) has it; the C library has no words for it. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
};
_Static_assert(sizeof(struct attributes) == 48, "the first version of the system's own");

void thread_is_brief(void)
{
    enum { SLICE_NS = 200000 };
    struct attributes a = {.size = sizeof(a),
                           .policy = SCHED_OTHER,
                           .nice = getpriority(PRIO_PROCESS, 0),
                           .runtime_ns = SLICE_NS};
    if (sched_getscheduler(0) == SCHED_OTHER)
        (void)syscall(SYS_sched_setattr, 0, &a, 0);
}

void thread_visit_all(void (*visit)(void *ctx, pid_t thread), void *ctx)
{
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        uint64_t number;
        if (str_to_u64(str_of(e->d_name), &number) && number > 0 && number <= INT32_MAX)
            visit(ctx, (pid_t)number);
    }
    if (d)
        closedir(d);
}
