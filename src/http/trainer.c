#include "http/trainer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "engine/canary.h"
#include "engine/expiry.h"
#include "engine/picture_learning.h"
#include "http/background.h"
#include "http/call.h"
#include "http/jobs.h"

enum { EXPIRE_EVERY_S = 3600 };

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
    struct mq_train_options options = {.seed = 1,
                                       .canary = t->o->canary,
                                       .threads = jobs_training_threads(),
                                       .progress = call_progress,
                                       .progress_ctx = t->api};
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

static void expire(struct trainer *t)
{
    struct mq_error err;
    char line[640];
    uint64_t removed = 0;
    int64_t before_ms = clock_wall_ms() - (int64_t)t->o->keep_events_s * 1000;
    int rc = engine_expire(t->api->engine, before_ms, &removed, &err);
    if (rc == 0 && removed == 0)
        return;
    if (rc)
        snprintf(line, sizeof(line), "expiry: %s", err.text);
    else
        snprintf(line, sizeof(line), "removed %llu events that were kept long enough",
                 (unsigned long long)removed);
    say(t, line);
}

static void check_canary(struct trainer *t)
{
    struct canary c;
    struct mq_error err;
    char line[640];
    if (!engine_canary_runs(t->api->engine))
        return;
    int rc = engine_canary_check(t->api->engine, &c, NULL, &err);
    if (rc == MQ_CONFLICT || rc == MQ_CANCELLED || (rc == 0 && c.state == CANARY_RUNNING))
        return;
    if (rc)
        snprintf(line, sizeof(line), "canary: %s", err.text);
    else
        snprintf(line, sizeof(line), "canary of model %llu: %s: %s", (unsigned long long)c.version,
                 canary_state_name(c.state), c.why);
    say(t, line);
}

static void learn_pictures(struct trainer *t)
{
    struct mq_error err;
    char line[640];
    int rc = engine_pictures_learn(t->api->engine, &err);
    if (rc == 0 || rc == MQ_CONFLICT || rc == MQ_CANCELLED)
        return;
    snprintf(line, sizeof(line), "pictures: %s", err.text);
    say(t, line);
}

/* A chore with a time of its own; 0 = never. */
struct chore {
    unsigned every_s;
    void (*run)(struct trainer *t);
    time_t due;
};

struct turn {
    const struct chore *chore;
    struct trainer *trainer;
};

static int run_chore(void *ctx)
{
    struct turn *u = ctx;
    u->chore->run(u->trainer);
    return 0;
}

static void *run(void *arg)
{
    struct trainer *t = arg;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct chore chores[] = {
        {t->o->keep_events_s ? EXPIRE_EVERY_S : 0, expire, now.tv_sec}, /* at once, too */
        {t->o->pictures_every_s, learn_pictures, now.tv_sec},           /* at once, too */
        {t->o->canary_every_s, check_canary, now.tv_sec + t->o->canary_every_s},
        {t->o->train_every_s, train, now.tv_sec + t->o->train_every_s},
    };
    enum { CHORES = sizeof(chores) / sizeof(chores[0]) };
    pthread_mutex_lock(&t->lock);
    while (!t->stopping) {
        struct chore *c = NULL;
        for (int i = 0; i < CHORES; i++)
            c = chores[i].every_s && (!c || chores[i].due < c->due) ? &chores[i] : c;
        if (!c)
            break;
        now.tv_sec = c->due;
        while (!t->stopping && pthread_cond_timedwait(&t->wake, &t->lock, &now) == 0)
            ;
        if (t->stopping)
            break;
        pthread_mutex_unlock(&t->lock);
        (void)background_run(run_chore, &(struct turn){c, t}, NULL);
        pthread_mutex_lock(&t->lock);
        clock_gettime(CLOCK_MONOTONIC, &now); /* turns that went by meanwhile are not made up for */
        c->due = c->due + c->every_s > now.tv_sec ? c->due + c->every_s : now.tv_sec + 1;
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
