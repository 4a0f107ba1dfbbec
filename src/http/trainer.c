#include "http/trainer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "http/call.h"
#include "http/jobs.h"

struct trainer {
    struct api *api;
    const struct server_options *o;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    uint64_t trained_seq; /* the log's end at the last training */
};

static void say(struct trainer *t, const char *line)
{
    if (t->o->say)
        t->o->say(t->o->ctx, line);
}

static void train(struct trainer *t)
{
    struct mq_train_options options = {
        .seed = 1, .progress = call_progress, .progress_ctx = t->api};
    struct mq_model_info info;
    struct mq_stats stats;
    struct mq_error err;
    char line[640];
    if (mq_stats(t->api->engine, &stats, &err) != 0 || stats.last_seq == t->trained_seq)
        return;
    int rc = mq_train(t->api->engine, &options, &info, &err);
    if (rc == MQ_CONFLICT || rc == MQ_CANCELLED)
        return;
    t->trained_seq = stats.last_seq;
    if (rc)
        snprintf(line, sizeof(line), "training: %s", err.text);
    else
        snprintf(line, sizeof(line), "trained model %llu in %.1f s",
                 (unsigned long long)info.version, info.seconds);
    say(t, line);
}

static void *run(void *arg)
{
    struct trainer *t = arg;
    struct timespec next;
    jobs_yield_to_others();
    clock_gettime(CLOCK_MONOTONIC, &next);
    pthread_mutex_lock(&t->lock);
    while (!t->stopping) {
        next.tv_sec += t->o->train_every_s;
        while (!t->stopping && pthread_cond_timedwait(&t->wake, &t->lock, &next) == 0)
            ;
        if (t->stopping)
            break;
        pthread_mutex_unlock(&t->lock);
        train(t);
        pthread_mutex_lock(&t->lock);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

int trainer_start(struct trainer **ret, struct api *api, const struct server_options *o,
                  struct mq_error *err)
{
    struct trainer *t = calloc(1, sizeof(*t));
    if (!t)
        return mq_fail(err, MQ_NO_MEMORY, "trainer: no memory");
    pthread_condattr_t attributes;
    t->api = api;
    t->o = o;
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&t->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    int failed = pthread_create(&t->thread, NULL, run, t);
    if (failed) {
        free(t);
        return mq_fail_errno(err, failed, "trainer: cannot start its thread");
    }
    *ret = t;
    return 0;
}

void trainer_stop(struct trainer *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}
