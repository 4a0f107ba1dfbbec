/* Names and niceness of one thread alone. */
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include "base/thread.h"
#include "support/check.h"

struct seen {
    char name[16];
    int niceness, again, policy;
};

static void *look(void *arg)
{
    struct seen *s = arg;
    thread_is("behind", THREAD_BEHIND);
    pthread_getname_np(pthread_self(), s->name, sizeof(s->name));
    s->niceness = getpriority(PRIO_PROCESS, 0);
    thread_is("behind", THREAD_AS_IT_IS);
    thread_is_brief();
    s->again = getpriority(PRIO_PROCESS, 0);
    s->policy = sched_getscheduler(0);
    return NULL;
}

static void one_thread_alone_is_behind(void **state)
{
    (void)state;
    struct seen s = {.niceness = -1};
    pthread_t thread;
    int usual = getpriority(PRIO_PROCESS, 0), policy = sched_getscheduler(0);
    assert_int_equal(pthread_create(&thread, NULL, look, &s), 0);
    pthread_join(thread, NULL);
    assert_string_equal(s.name, "behind");
    assert_int_equal(s.niceness, usual > THREAD_BEHIND ? usual : THREAD_BEHIND);
    assert_int_equal(s.again, s.niceness);
    assert_int_equal(s.policy, policy);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), usual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thread_alone_is_behind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
