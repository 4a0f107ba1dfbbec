/* Work that nobody waits for: what it is owed, and that it gets it where the processor is never free. */
#include "support/check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/rng.h"
#include "http/background.h"

/* ---------------------------------------------------------------- what is owed */

static void what_gets_its_share_is_left_alone(void **state)
{
    struct pace p;
    (void)state;
    pace_init(&p, NULL);
    for (int s = 0; s < 1000; s++)
        assert_false(pace_step(&p, 1, BACKGROUND_FLOOR * 1.01));
}

static void what_stands_still_is_helped_after_a_while(void **state)
{
    struct pace p;
    int s = 1;
    (void)state;
    pace_init(&p, NULL);
    while (!pace_step(&p, 1, 0))
        s++;
    assert_in_range(s, (int)BACKGROUND_PATIENCE_S, (int)BACKGROUND_PATIENCE_S + 1);
    /* A core that becomes free pays all of it at once. */
    assert_false(pace_step(&p, 1, 0.9));
}

/* Over a long time it has the floor, whatever it gets alone, if what it gets when helped is more; and hardly more than the floor,
 * if alone it gets less. */
static void over_a_long_time_it_has_the_floor(void **state)
{
    struct rng r;
    (void)state;
    rng_seed(&r, test_seed());
    for (int round = 0; round < 100; round++) {
        struct pace p;
        struct pace_settings s = {.floor = 0.01 + 0.2 * rng_double(&r),
                                  .patience_s = 1 + 20 * rng_double(&r),
                                  .every_s = 1};
        double alone = s.floor * rng_double(&r), helped = s.floor * (1.2 + 3 * rng_double(&r));
        double got = 0;
        bool raised = false;
        enum { SECONDS = 5000 };
        pace_init(&p, &s);
        for (int t = 0; t < SECONDS; t++) {
            double now = raised ? helped : alone;
            got += now;
            raised = pace_step(&p, 1, now);
        }
        double least = s.floor * (SECONDS - s.patience_s - 2), most = s.floor * SECONDS + helped;
        if (got < least || got > most)
            fail_msg("alone %g, helped %g of a floor of %g: %g in %d s", alone, helped, s.floor,
                     got, SECONDS);
    }
}

static void what_could_not_be_given_is_not_made_up_for_without_end(void **state)
{
    struct pace p;
    (void)state;
    pace_init(&p, NULL);
    for (int s = 0; s < 100000; s++)
        (void)pace_step(&p, 1, 0);
    assert_false(pace_step(&p, 1, BACKGROUND_FLOOR * (BACKGROUND_PATIENCE_S + 2)));
}

/* ---------------------------------------------------------------- threads */

static void *spin(void *arg)
{
    _Atomic(bool) *stop = arg;
    while (!atomic_load(stop))
        ;
    return NULL;
}

struct seen {
    _Atomic(bool) *stop; /* the spinner */
    bool yielded, helped, yielded_again;
    int nice;
};

/* By a deadline that is only for a fault: in minutes of turns. */
static bool becomes(int policy)
{
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    do {
        if (sched_getscheduler(0) == policy)
            return true;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begun.tv_sec < 180);
    return false;
}

static int look(void *ctx)
{
    struct seen *s = ctx;
    s->nice = getpriority(PRIO_PROCESS, 0);
    s->yielded = sched_getscheduler(0) == SCHED_IDLE;
    if (!s->yielded)
        return 1;
    s->helped = becomes(SCHED_BATCH);
    atomic_store(s->stop, true);
    s->yielded_again = s->helped && becomes(SCHED_IDLE);
    return 42;
}

static void *run_it(void *arg)
{
    struct pace_settings soon = {.floor = 0.02, .patience_s = 0.02, .every_s = 0.02};
    struct seen *s = arg;
    if (background_run(look, s, &soon) == 1 && !s->yielded)
        return NULL;
    return s;
}

/* One core for a thread that never rests and for the work. */
static void on_a_full_core_it_gets_on(void **state)
{
    cpu_set_t all, one;
    _Atomic(bool) stop = false;
    pthread_t spinner, runner;
    struct seen s = {.stop = &stop};
    void *ret;
    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0); /* inherited */
    assert_int_equal(pthread_create(&spinner, NULL, spin, &stop), 0);
    assert_int_equal(pthread_create(&runner, NULL, run_it, &s), 0);
    assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
    pthread_join(runner, &ret);
    atomic_store(&stop, true);
    pthread_join(spinner, NULL);
    if (!ret) {
        assert_int_equal(s.nice, 19); /* without the right to come back from SCHED_IDLE */
        skip();
    }
    assert_true(s.helped);
    assert_true(s.yielded_again);
}

static int count(void *ctx)
{
    ++*(int *)ctx;
    return -7;
}

static void it_returns_what_the_work_returns(void **state)
{
    int n = 0;
    (void)state;
    assert_int_equal(background_run(count, &n, NULL), -7);
    assert_int_equal(n, 1);
    assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_gets_its_share_is_left_alone),
        cmocka_unit_test(what_stands_still_is_helped_after_a_while),
        cmocka_unit_test(over_a_long_time_it_has_the_floor),
        cmocka_unit_test(what_could_not_be_given_is_not_made_up_for_without_end),
        cmocka_unit_test(on_a_full_core_it_gets_on),
        cmocka_unit_test(it_returns_what_the_work_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
