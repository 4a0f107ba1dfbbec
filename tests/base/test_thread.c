/* Names and niceness of one thread alone. */
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

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

static void find_self(void *ctx, pid_t thread)
{
    *(int *)ctx += thread == (pid_t)syscall(SYS_gettid);
}

static void *visit(void *ctx)
{
    thread_visit_all(find_self, ctx);
    return NULL;
}

static void each_thread_is_visited_once(void **state)
{
    (void)state;
    int mine = 0, of_other = 0;
    pthread_t thread;
    visit(&mine);
    assert_int_equal(pthread_create(&thread, NULL, visit, &of_other), 0);
    pthread_join(thread, NULL);
    assert_int_equal(mine, 1);
    assert_int_equal(of_other, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thread_alone_is_behind),
                                       cmocka_unit_test(each_thread_is_visited_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
