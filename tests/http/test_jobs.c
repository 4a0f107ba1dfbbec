/* Priorities: what works in the background gives way, and is not starved when somebody waits for it. */
#include "support/check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http/background.h"
#include "http/jobs.h"

/* A thread that waits until it is told to go; started from another, as those of libraries are. */
struct waiting {
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

static int begin(void *arg)
{
    struct waiting *w = arg;
    pthread_t inner;
    assert_int_equal(pthread_create(&inner, NULL, wait_here, w), 0);
    pthread_join(inner, NULL);
    return 0;
}

static void *begin_in_background(void *arg)
{
    return background_run(begin, arg, NULL) == 0 ? NULL : arg;
}

static void *begin_giving_way(void *arg)
{
    jobs_give_way();
    return begin(arg) == 0 ? NULL : arg;
}

/* Rights differ by user, limits and container: it is tried, in a thread that ends with it. */
static void *try_to_raise(void *arg)
{
    bool *may = arg;
    int usual = getpriority(PRIO_PROCESS, 0);
    *may = setpriority(PRIO_PROCESS, 0, usual + 1) == 0 && setpriority(PRIO_PROCESS, 0, usual) == 0;
    return NULL;
}

static bool may_raise(void)
{
    bool may = false;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, try_to_raise, &may), 0);
    pthread_join(thread, NULL);
    return may;
}

static void those_that_gave_way_hurry(void **state)
{
    void *(*const ways[])(void *) = {begin_in_background, begin_giving_way};
    int usual = getpriority(PRIO_PROCESS, 0);
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct waiting w = {0};
        pthread_t outer;
        assert_int_equal(pthread_create(&outer, NULL, ways[i], &w), 0);
        while (atomic_load(&w.thread) == 0)
            usleep(1000);
        pid_t thread = atomic_load(&w.thread);
        int before = sched_getscheduler(thread);
        bool nicer = getpriority(PRIO_PROCESS, (id_t)thread) > usual;
        jobs_hurry();
        int policy = sched_getscheduler(thread);
        int nice = getpriority(PRIO_PROCESS, (id_t)thread);
        atomic_store(&w.go, true);
        pthread_join(outer, NULL);
        assert_true(before == SCHED_BATCH || (i == 0 && before == SCHED_IDLE));
        assert_true(nicer || usual == 19);
        if ((policy == before || nice > usual) && !may_raise())
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
