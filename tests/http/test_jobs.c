/* Priorities: what works in the background gives way, and is not starved when somebody waits for it. */
#include "support/check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http/jobs.h"

/* A thread that waits until it is told to go; started from another, as those of libraries are. */
struct waiting {
    void (*give_way)(void);
    _Atomic(int) thread;
    _Atomic(bool) go;
};

static void *wait_here(void *arg)
{
    struct waiting *w = arg;
    atomic_store(&w->thread, gettid());
    while (!atomic_load(&w->go))
        usleep(1000);
    return NULL;
}

static void *begin(void *arg)
{
    struct waiting *w = arg;
    pthread_t inner;
    w->give_way();
    assert_int_equal(pthread_create(&inner, NULL, wait_here, w), 0);
    pthread_join(inner, NULL);
    return NULL;
}

static bool may_raise(void)
{
    struct rlimit most;
    return geteuid() == 0 || (getrlimit(RLIMIT_NICE, &most) == 0 && most.rlim_cur >= 20);
}

static void those_that_gave_way_hurry(void **state)
{
    void (*const ways[])(void) = {jobs_yield_to_others, jobs_give_way};
    const int policies[] = {SCHED_IDLE, SCHED_BATCH};
    int usual = getpriority(PRIO_PROCESS, 0);
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct waiting w = {.give_way = ways[i]};
        pthread_t outer;
        assert_int_equal(pthread_create(&outer, NULL, begin, &w), 0);
        while (atomic_load(&w.thread) == 0)
            usleep(1000);
        pid_t thread = atomic_load(&w.thread);
        assert_int_equal(sched_getscheduler(thread), policies[i]);
        jobs_hurry();
        int policy = sched_getscheduler(thread);
        int nice = getpriority(PRIO_PROCESS, (id_t)thread);
        atomic_store(&w.go, true);
        pthread_join(outer, NULL);
        if (policy == policies[i] && !may_raise())
            skip(); /* the system refuses */
        assert_int_equal(policy, SCHED_OTHER);
        assert_int_equal(nice, usual);
    }
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(those_that_gave_way_hurry)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
