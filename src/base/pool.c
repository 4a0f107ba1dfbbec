/* pool.c - threads that sleep between jobs; the parts of a job are handed out by one counter. */
#include "base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum { MAX_THREADS = 64 };

struct job {
    void (*work)(void *ctx, size_t from, size_t to, size_t worker);
    void *ctx;
    size_t n, part, parts;
};

struct worker {
    struct pool *pool;
    size_t index;
    pthread_t thread;
};

struct pool {
    size_t threads;
    pthread_mutex_t lock; /* guards all but `next` */
    pthread_cond_t start, done;
    struct job job;
    uint64_t job_number; /* a worker that has seen a smaller one has work */
    size_t busy;         /* workers that have not finished this job */
    bool running;        /* a job is on */
    bool stop;
    atomic_size_t next; /* the next part to hand out */
    struct worker workers[];
};

static void run_parts(struct pool *p, const struct job *job, size_t worker)
{
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed);
        if (i >= job->parts)
            return;
        size_t from = i * job->part;
        size_t to = job->n - from < job->part ? job->n : from + job->part;
        job->work(job->ctx, from, to, worker);
    }
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct pool *p = w->pool;
    uint64_t seen = 0;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->stop && p->job_number == seen)
            pthread_cond_wait(&p->start, &p->lock);
        if (p->stop)
            break;
        seen = p->job_number;
        struct job job = p->job;
        pthread_mutex_unlock(&p->lock);
        run_parts(p, &job, w->index);
        pthread_mutex_lock(&p->lock);
        if (--p->busy == 0)
            pthread_cond_signal(&p->done);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* The cores this process may use. */
static size_t count_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    int n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (size_t)n;
}

/* Stops and joins the `started` first workers. */
static void stop_workers(struct pool *p, size_t started)
{
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->start);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < started; i++)
        pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->start);
    pthread_cond_destroy(&p->done);
    pthread_mutex_destroy(&p->lock);
    free(p);
}

/* Returns how many started. Signals are for the program's own threads: workers block all. */
static size_t start_workers(struct pool *p, int *ret_errno)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    size_t started = 0;
    *ret_errno = 0;
    while (started < p->threads - 1 && *ret_errno == 0) {
        struct worker *w = &p->workers[started];
        *w = (struct worker){.pool = p, .index = started + 1};
        *ret_errno = pthread_create(&w->thread, NULL, worker_main, w);
        started += *ret_errno == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

int pool_new(size_t threads, struct pool **ret, struct mq_error *err)
{
    if (threads > MAX_THREADS)
        return mq_fail(err, MQ_INVALID, "too many threads: %zu: at most %d", threads, MAX_THREADS);
    if (threads == 0)
        threads = count_cores();
    struct pool *p = calloc(1, sizeof(*p) + (threads - 1) * sizeof(p->workers[0]));
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "no memory for a pool of threads: %zu", threads);
    p->threads = threads;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->start, NULL);
    pthread_cond_init(&p->done, NULL);
    int why;
    size_t started = start_workers(p, &why);
    if (why != 0) {
        stop_workers(p, started);
        return mq_fail_errno(err, why, "cannot start thread: %zu of %zu", started + 2, threads);
    }
    *ret = p;
    return 0;
}

void pool_free(struct pool *p)
{
    if (p)
        stop_workers(p, p->threads - 1);
}

size_t pool_threads(const struct pool *p)
{
    return p->threads;
}

void pool_for(struct pool *p, size_t n, size_t part,
              void (*work)(void *ctx, size_t from, size_t to, size_t worker), void *ctx)
{
    assert(part > 0);
    struct job job = {work, ctx, n, part, n / part + (n % part != 0)};
    bool alone = p->threads == 1 || job.parts <= 1;

    pthread_mutex_lock(&p->lock);
    assert(!p->running && "pool_for is not reentrant");
    p->running = true;
    atomic_store_explicit(&p->next, 0, memory_order_relaxed);
    if (!alone) {
        p->job = job;
        p->job_number++;
        p->busy = p->threads - 1;
        pthread_cond_broadcast(&p->start);
    }
    pthread_mutex_unlock(&p->lock);

    run_parts(p, &job, 0);

    pthread_mutex_lock(&p->lock);
    while (p->busy > 0)
        pthread_cond_wait(&p->done, &p->lock);
    p->running = false;
    pthread_mutex_unlock(&p->lock);
}
