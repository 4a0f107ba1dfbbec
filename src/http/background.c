#include "http/background.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"

/* ---------------------------------------------------------------- what is owed */

void pace_init(struct pace *p, const struct pace_settings *settings)
{
    struct pace_settings none = {0};
    const struct pace_settings *s = settings ? settings : &none;
    *p = (struct pace){{s->floor > 0 ? s->floor : BACKGROUND_FLOOR,
                        s->patience_s > 0 ? s->patience_s : BACKGROUND_PATIENCE_S,
                        s->every_s > 0 ? s->every_s : BACKGROUND_EVERY_S},
                       0};
}

bool pace_step(struct pace *p, double passed_s, double got_s)
{
    double bearable = p->settings.floor * p->settings.patience_s;
    p->owed_s += p->settings.floor * passed_s - got_s;
    /* What could not be given in time is not made up for without end. */
    p->owed_s = fmin(fmax(p->owed_s, 0), 2 * bearable);
    return p->owed_s > bearable;
}

/* ---------------------------------------------------------------- threads */

enum { USUAL_NICE = 11, MOST_NICE = 19 };

/* The niceness that marks background threads; threads that give way have 10 (jobs.h). MOST_NICE + 1: none is left. */
static int mark(void)
{
    int usual = getpriority(PRIO_PROCESS, (id_t)getpid()); /* the first thread's */
    return usual < USUAL_NICE ? USUAL_NICE : usual + 1;
}

static bool set_policy(pid_t thread, int policy)
{
    struct sched_param none = {0};
    return sched_setscheduler(thread, policy, &none) == 0;
}

static void *try_to_return(void *arg)
{
    bool *may = arg;
    *may = setpriority(PRIO_PROCESS, 0, mark()) == 0 && set_policy(0, SCHED_IDLE) &&
           set_policy(0, SCHED_BATCH);
    return NULL;
}

/* Rights differ by user, limits and container: it is tried, in a thread that ends with it. */
static bool may_return(void)
{
    bool may = false;
    pthread_t thread;
    if (mark() > MOST_NICE || pthread_create(&thread, NULL, try_to_return, &may) != 0)
        return false;
    pthread_join(thread, NULL);
    return may;
}

/* Where the system refuses, the work is done all the same. */
static void yield(bool paced)
{
    (void)setpriority(PRIO_PROCESS, 0, paced ? mark() : MOST_NICE);
    (void)set_policy(0, paced ? SCHED_IDLE : SCHED_BATCH);
}

/* The processor time of a thread of this process, whoever started it: what pthread_getcpuclockid() makes of one's own (Linux: the
 * complement of its number above three bits, of which 4 says "of a thread" and 2 "as the scheduler counts"). */
static double time_of(pid_t thread)
{
    struct timespec t;
    clockid_t clock = (clockid_t)((~(uint32_t)thread << 3) | 6U);
    return clock_gettime(clock, &t) == 0 ? (double)t.tv_sec + (double)t.tv_nsec / 1e9 : 0;
}

struct setting {
    int marked, policy;
    double sum; /* processor time that those alive have had */
};

static void set_marked(void *ctx, pid_t thread)
{
    struct setting *x = ctx;
    if (getpriority(PRIO_PROCESS, (id_t)thread) != x->marked)
        return;
    x->sum += time_of(thread);
    (void)set_policy(thread, x->policy);
    /* jobs_hurry(), which takes the mark away first, may have come between. */
    if (getpriority(PRIO_PROCESS, (id_t)thread) != x->marked)
        (void)set_policy(thread, SCHED_OTHER);
}

/* Each background thread counts as `raised` says; ret: the processor time that those alive have had. */
static double set_all(bool raised)
{
    struct setting x = {mark(), raised ? SCHED_BATCH : SCHED_IDLE, 0};
    thread_visit_all(set_marked, &x);
    return x.sum;
}

/* ---------------------------------------------------------------- the work */

struct background {
    int (*work)(void *ctx);
    void *ctx;
    int rc;
    bool paced;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
};

static void *run(void *arg)
{
    struct background *b = arg;
    thread_is("background", THREAD_AS_IT_IS);
    yield(b->paced);
    int rc = b->work(b->ctx);
    pthread_mutex_lock(&b->lock);
    b->rc = rc;
    b->done = true;
    pthread_cond_signal(&b->ended);
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool wait_until(struct background *b, double until_s)
{
    struct timespec t = {(time_t)until_s, (long)((until_s - floor(until_s)) * 1e9)};
    pthread_mutex_lock(&b->lock);
    while (!b->done && pthread_cond_timedwait(&b->ended, &b->lock, &t) == 0)
        ;
    bool done = b->done;
    pthread_mutex_unlock(&b->lock);
    return done;
}

static void pace_until_done(struct background *b, const struct pace_settings *settings)
{
    struct pace p;
    bool raised = false;
    double had = 0, looked = now_s();
    pace_init(&p, settings);
    while (!wait_until(b, now_s() + p.settings.every_s)) {
        double have = set_all(raised), now = now_s();
        /* Threads that ended took their time with them. */
        bool next = pace_step(&p, now - looked, fmax(have - had, 0));
        had = have;
        looked = now;
        if (next != raised)
            (void)set_all(next);
        raised = next;
    }
}

int background_run(int (*work)(void *ctx), void *ctx, const struct pace_settings *settings)
{
    struct background b = {.work = work, .ctx = ctx, .paced = may_return()};
    pthread_condattr_t attributes;
    pthread_t thread;
    pthread_mutex_init(&b.lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&b.ended, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&thread, NULL, run, &b) == 0) {
        if (b.paced)
            pace_until_done(&b, settings);
        pthread_join(thread, NULL);
    } else {
        b.rc = work(ctx);
    }
    pthread_cond_destroy(&b.ended);
    pthread_mutex_destroy(&b.lock);
    return b.rc;
}
