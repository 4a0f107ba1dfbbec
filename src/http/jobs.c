#include "http/jobs.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/thread.h"

struct lane {
    struct jobs *jobs;
    struct job *first, *last;
    size_t waiting;
    pthread_cond_t work;
    struct {
        struct api_worker *worker;
        pthread_t thread;
        bool started;
    } threads[JOB_THREADS];
};

enum { LANES = 2 };

struct jobs {
    pthread_mutex_t lock;
    bool stopping;
    struct lane lanes[LANES];
};

static struct job *take(struct lane *l)
{
    struct job *job = l->first;
    if (job) {
        l->first = job->next;
        if (!l->first)
            l->last = NULL;
        l->waiting--;
    }
    return job;
}

struct thread {
    struct lane *lane;
    struct api_worker *worker;
};

static void answer(struct api_worker *w, struct job *job, bool stopping)
{
    job->cancelled = stopping;
    if (job->work) {
        if (!stopping)
            job->work(w, job);
    } else if (stopping) {
        struct mq_error err;
        mq_fail(&err, MQ_CANCELLED, "server: shuts down: send it again later");
        job->response.route = API_NO_ROUTE;
        api_problem(&err, job->request.path, &job->response);
    } else {
        api_call(w, &job->request, &job->response);
    }
    if (job->loop) {
        loop_post(job->loop, &job->letter);
        return;
    }
    buf_release(&job->response.body);
    free(job);
}

static void serve(struct lane *l, struct api_worker *w)
{
    struct jobs *j = l->jobs;
    pthread_mutex_lock(&j->lock);
    for (;;) {
        struct job *job = take(l);
        if (!job) {
            if (j->stopping)
                break;
            pthread_cond_wait(&l->work, &j->lock);
            continue;
        }
        bool stopping = j->stopping;
        pthread_mutex_unlock(&j->lock);
        answer(w, job, stopping);
        pthread_mutex_lock(&j->lock);
    }
    pthread_mutex_unlock(&j->lock);
}

static void *run(void *arg)
{
    struct thread t = *(struct thread *)arg;
    free(arg);
    thread_is("job", THREAD_AS_IT_IS);
    if (t.lane == &t.lane->jobs->lanes[1])
        jobs_give_way();
    serve(t.lane, t.worker);
    return NULL;
}

/* Where the system refuses, the work is done all the same. */
void jobs_give_way(void)
{
    enum { NICER = 10 };
    struct sched_param none = {0};
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
    (void)setpriority(PRIO_PROCESS, 0, NICER); /* on Linux of this thread alone */
}

/* The niceness first: background.c knows by it whose policy is its own to set. */
static void hurry_one(void *ctx, pid_t thread)
{
    const int *usual = ctx;
    struct sched_param none = {0};
    int policy = sched_getscheduler(thread);
    if (getpriority(PRIO_PROCESS, (id_t)thread) > *usual)
        (void)setpriority(PRIO_PROCESS, (id_t)thread, *usual);
    if (policy == SCHED_IDLE || policy == SCHED_BATCH)
        (void)sched_setscheduler(thread, SCHED_OTHER, &none);
}

void jobs_hurry(void)
{
    int usual = getpriority(PRIO_PROCESS, (id_t)getpid()); /* the first thread's */
    thread_visit_all(hurry_one, &usual);
}

unsigned jobs_training_threads(void)
{
    cpu_set_t set;
    enum { MOST = 64 };
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) - 1 : 1;
    return n < 1 ? 1 : n > MOST ? MOST : (unsigned)n;
}

static int start_thread(struct lane *l, int i, struct api *api, struct mq_error *err)
{
    int rc = api_worker_new(api, &l->threads[i].worker, err);
    if (rc)
        return rc;
    struct thread *t = calloc(1, sizeof(*t));
    if (!t)
        return mq_fail(err, MQ_NO_MEMORY, "server: no memory");
    *t = (struct thread){l, l->threads[i].worker};
    int failed = pthread_create(&l->threads[i].thread, NULL, run, t);
    if (failed) {
        free(t);
        return mq_fail_errno(err, failed, "server: cannot start a thread");
    }
    l->threads[i].started = true;
    return 0;
}

int jobs_new(struct api *api, struct jobs **ret, struct mq_error *err)
{
    struct jobs *j = calloc(1, sizeof(*j));
    if (!j)
        return mq_fail(err, MQ_NO_MEMORY, "server: no memory");
    pthread_mutex_init(&j->lock, NULL);
    int rc = 0;
    for (int k = 0; k < LANES; k++) {
        j->lanes[k].jobs = j;
        pthread_cond_init(&j->lanes[k].work, NULL);
    }
    for (int k = 0; k < LANES; k++) {
        for (int i = 0; rc == 0 && i < JOB_THREADS; i++)
            rc = start_thread(&j->lanes[k], i, api, err);
    }
    if (rc) {
        jobs_stop(j);
        jobs_free(j);
        return rc;
    }
    *ret = j;
    return 0;
}

void jobs_stop(struct jobs *j)
{
    if (!j)
        return;
    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    for (int k = 0; k < LANES; k++)
        pthread_cond_broadcast(&j->lanes[k].work);
    pthread_mutex_unlock(&j->lock);
    for (int k = 0; k < LANES; k++) {
        for (int i = 0; i < JOB_THREADS; i++) {
            if (j->lanes[k].threads[i].started)
                pthread_join(j->lanes[k].threads[i].thread, NULL);
            j->lanes[k].threads[i].started = false;
        }
    }
}

void jobs_free(struct jobs *j)
{
    if (!j)
        return;
    for (int k = 0; k < LANES; k++) {
        for (int i = 0; i < JOB_THREADS; i++)
            api_worker_free(j->lanes[k].threads[i].worker);
        pthread_cond_destroy(&j->lanes[k].work);
    }
    pthread_mutex_destroy(&j->lock);
    free(j);
}

int jobs_submit(struct jobs *j, enum api_lane lane, struct job *job, struct mq_error *err)
{
    struct lane *l = &j->lanes[lane == API_LONG];
    int rc = 0;
    job->next = NULL;
    pthread_mutex_lock(&j->lock);
    if (j->stopping)
        rc = mq_fail(err, MQ_CANCELLED, "server: shuts down: send it again later");
    else if (l->waiting == JOB_QUEUE)
        rc = mq_fail(err, MQ_BUSY, "server: %d requests of this kind wait: send it again later",
                     JOB_QUEUE);
    if (rc == 0) {
        if (l->last)
            l->last->next = job;
        else
            l->first = job;
        l->last = job;
        l->waiting++;
        pthread_cond_signal(&l->work);
    }
    pthread_mutex_unlock(&j->lock);
    return rc;
}

bool jobs_submit_own(struct jobs *j, enum api_method method, const char *path)
{
    enum { ANSWER_MAX = 64 * 1024 };
    struct mq_error err;
    struct job *job = calloc(1, sizeof(*job));
    if (!job)
        return false;
    job->request = (struct api_request){.method = method, .path = str_of(path), .role = API_LOCAL};
    buf_init(&job->response.body, ANSWER_MAX);
    if (jobs_submit(j, API_LONG, job, &err) == 0)
        return true;
    buf_release(&job->response.body);
    free(job);
    return false;
}
