#include "engine/committer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/thread.h"

/* Events written as one: large enough to share an fsync among many requests, small enough that nobody
 * waits long for others' events. */
enum { GROUP_EVENTS = 8192, HINTS = 1024, HINTS_A_TURN = 8 };

struct call {
    int (*fn)(void *ctx, struct mq_error *err);
    void *ctx;
    struct mq_error *err;
    int status;
    bool done;
    struct submission marker; /* its place in the queue; n == 0 */
};

struct hint {
    void (*fn)(void *ctx, uint32_t arg);
    void *ctx;
    uint32_t arg;
};

struct committer {
    struct committer_ops ops;
    size_t queue_events;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work; /* something was submitted, or closing */
    pthread_cond_t room; /* events left the queue */
    pthread_cond_t calls;
    struct submission *head, *tail;
    size_t waiting; /* events in the queue or being written */
    bool closing;
    struct hint hints[HINTS];
    size_t n_hints;
    struct event *group; /* (GROUP_EVENTS or the largest submission) */
    uint8_t *outcome;
    size_t group_cap;
};

static void call_marker(struct submission *s, int status, const struct mq_error *err)
{
    (void)s;
    (void)status;
    (void)err;
}

static struct call *call_of(struct submission *s)
{
    return (struct call *)((char *)s - offsetof(struct call, marker));
}

static bool is_call(const struct submission *s)
{
    return s->done == call_marker;
}

/* Unlinks the longest run of append submissions that fits one group, or one call. Locked. */
static struct submission *take(struct committer *c, size_t *ret_events)
{
    struct submission *first = c->head;
    size_t n = first->n;
    struct submission *last = first;
    while (!is_call(first) && last->next && !is_call(last->next) &&
           n + last->next->n <= GROUP_EVENTS) {
        last = last->next;
        n += last->n;
    }
    c->head = last->next;
    if (!c->head)
        c->tail = NULL;
    last->next = NULL;
    *ret_events = n;
    return first;
}

static bool make_group(struct committer *c, const struct submission *list, size_t n)
{
    if (n > c->group_cap) {
        struct event *group = realloc(c->group, n * sizeof(*group));
        if (group)
            c->group = group;
        uint8_t *outcome = realloc(c->outcome, n);
        if (outcome)
            c->outcome = outcome;
        if (!group || !outcome)
            return false;
        c->group_cap = n;
    }
    size_t at = 0;
    for (const struct submission *s = list; s; s = s->next) {
        if (s->n > 0)
            memcpy(c->group + at, s->events, s->n * sizeof(*s->events));
        at += s->n;
    }
    return true;
}

/* Give each submitter its part of the result. `done` may free the submission. */
static void tell(const struct committer *c, struct submission *list, int status,
                 const struct mq_error *err)
{
    size_t at = 0;
    while (list) {
        struct submission *s = list;
        list = s->next;
        if (status == 0 && s->n > 0) {
            memcpy(s->events, c->group + at, s->n * sizeof(*s->events));
            memcpy(s->outcome, c->outcome + at, s->n);
        }
        at += s->n;
        s->done(s, status, err);
    }
}

static void commit(struct committer *c, struct submission *list, size_t n)
{
    struct mq_error err = {.status = MQ_OK};
    int rc = 0;
    if (!make_group(c, list, n))
        rc = mq_fail(&err, MQ_NO_MEMORY, "append: %zu events: no memory for the group", n);
    if (rc == 0)
        rc = c->ops.append(c->ops.ctx, c->group, n, c->outcome, &err);
    if (rc == 0)
        c->ops.apply(c->ops.ctx, c->group, c->outcome, n);
    /* Before anybody hears of it: who was told must find the room that they left. */
    pthread_mutex_lock(&c->lock);
    c->waiting -= n;
    pthread_cond_broadcast(&c->room);
    pthread_mutex_unlock(&c->lock);
    tell(c, list, rc, &err);
}

static void run_call(struct committer *c, struct call *call)
{
    int status = call->fn(call->ctx, call->err);
    pthread_mutex_lock(&c->lock);
    call->status = status;
    call->done = true;
    pthread_cond_broadcast(&c->calls);
    pthread_mutex_unlock(&c->lock);
}

/* A few at a time, so that a crowd of new readers does not keep events waiting. Locked. */
static void run_hints(struct committer *c)
{
    for (int i = 0; c->n_hints > 0 && i < HINTS_A_TURN; i++) {
        struct hint h = c->hints[--c->n_hints];
        pthread_mutex_unlock(&c->lock);
        h.fn(h.ctx, h.arg);
        pthread_mutex_lock(&c->lock);
    }
}

static void *committer_main(void *arg)
{
    struct committer *c = arg;
    thread_is("committer", THREAD_AS_IT_IS);
    pthread_mutex_lock(&c->lock);
    for (;;) {
        run_hints(c);
        if (!c->head) {
            if (c->closing)
                break;
            if (c->n_hints > 0)
                continue;
            pthread_mutex_unlock(&c->lock);
            c->ops.idle(c->ops.ctx);
            pthread_mutex_lock(&c->lock);
            if (!c->head && !c->closing && c->n_hints == 0)
                pthread_cond_wait(&c->work, &c->lock);
            continue;
        }
        size_t n;
        struct submission *list = take(c, &n);
        pthread_mutex_unlock(&c->lock);
        if (is_call(list))
            run_call(c, call_of(list));
        else
            commit(c, list, n);
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

int committer_new(const struct committer_ops *ops, size_t queue_events, struct committer **ret,
                  struct mq_error *err)
{
    struct committer *c = calloc(1, sizeof(*c));
    if (!c)
        return mq_fail(err, MQ_NO_MEMORY, "committer: no memory");
    c->ops = *ops;
    c->queue_events = queue_events;
    c->group = malloc(GROUP_EVENTS * sizeof(*c->group));
    c->outcome = malloc(GROUP_EVENTS);
    c->group_cap = GROUP_EVENTS;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->work, NULL);
    pthread_cond_init(&c->room, NULL);
    pthread_cond_init(&c->calls, NULL);
    int failed =
        c->group && c->outcome ? pthread_create(&c->thread, NULL, committer_main, c) : ENOMEM;
    if (failed) {
        free(c->group);
        free(c->outcome);
        free(c);
        return mq_fail_errno(err, failed, "committer: cannot start its thread");
    }
    *ret = c;
    return 0;
}

void committer_free(struct committer *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->closing = true;
    pthread_cond_broadcast(&c->work);
    pthread_cond_broadcast(&c->room);
    pthread_mutex_unlock(&c->lock);
    pthread_join(c->thread, NULL);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->work);
    pthread_cond_destroy(&c->room);
    pthread_cond_destroy(&c->calls);
    free(c->group);
    free(c->outcome);
    free(c);
}

static void push(struct committer *c, struct submission *s)
{
    s->next = NULL;
    if (c->tail)
        c->tail->next = s;
    else
        c->head = s;
    c->tail = s;
    c->waiting += s->n;
    pthread_cond_signal(&c->work);
}

/* A submission larger than the whole queue goes in when the queue is empty. Locked. */
static bool has_room(const struct committer *c, size_t n)
{
    return c->waiting + n <= c->queue_events || c->waiting == 0;
}

static int closing(struct mq_error *err)
{
    return mq_fail(err, MQ_CANCELLED, "append: the engine is closing: send it again later");
}

int committer_submit(struct committer *c, struct submission *s, struct mq_error *err)
{
    int rc = 0;
    pthread_mutex_lock(&c->lock);
    if (c->closing)
        rc = closing(err);
    else if (!has_room(c, s->n))
        rc = mq_fail(err, MQ_BUSY,
                     "append: %zu events are waiting to be written: send it again in a second",
                     c->waiting);
    else
        push(c, s);
    pthread_mutex_unlock(&c->lock);
    return rc;
}

struct waiter {
    struct submission s;
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool done;
    int status;
    struct mq_error err;
};

static void wake(struct submission *s, int status, const struct mq_error *err)
{
    struct waiter *w = (struct waiter *)((char *)s - offsetof(struct waiter, s));
    pthread_mutex_lock(&w->lock);
    w->status = status;
    w->err = *err;
    w->done = true;
    pthread_cond_signal(&w->told);
    pthread_mutex_unlock(&w->lock);
}

int committer_append(struct committer *c, struct event *events, size_t n, uint8_t *outcome,
                     bool no_wait, struct mq_error *err)
{
    if (n == 0)
        return 0;
    struct waiter w = {.s = {.events = events, .n = n, .outcome = outcome, .done = wake}};
    pthread_mutex_lock(&c->lock);
    while (!no_wait && !c->closing && !has_room(c, n))
        pthread_cond_wait(&c->room, &c->lock);
    int rc = 0;
    if (c->closing)
        rc = closing(err);
    else if (!has_room(c, n))
        rc = mq_fail(err, MQ_BUSY,
                     "append: %zu events are waiting to be written: send it again in a second",
                     c->waiting);
    if (rc) {
        pthread_mutex_unlock(&c->lock);
        return rc;
    }
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.told, NULL);
    push(c, &w.s);
    pthread_mutex_unlock(&c->lock);
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.told, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_mutex_destroy(&w.lock);
    pthread_cond_destroy(&w.told);
    if (w.status && err)
        *err = w.err;
    return w.status;
}

int committer_call(struct committer *c, int (*fn)(void *ctx, struct mq_error *err), void *ctx,
                   struct mq_error *err)
{
    struct call call = {.fn = fn, .ctx = ctx, .err = err, .marker = {.done = call_marker}};
    pthread_mutex_lock(&c->lock);
    if (c->closing) {
        pthread_mutex_unlock(&c->lock);
        return closing(err);
    }
    push(c, &call.marker);
    while (!call.done)
        pthread_cond_wait(&c->calls, &c->lock);
    pthread_mutex_unlock(&c->lock);
    return call.status;
}

void committer_hint(struct committer *c, void (*fn)(void *ctx, uint32_t arg), void *ctx,
                    uint32_t arg)
{
    pthread_mutex_lock(&c->lock);
    if (!c->closing && c->n_hints < HINTS) {
        c->hints[c->n_hints++] = (struct hint){fn, ctx, arg};
        pthread_cond_signal(&c->work);
    }
    pthread_mutex_unlock(&c->lock);
}

size_t committer_waiting(struct committer *c)
{
    pthread_mutex_lock(&c->lock);
    size_t n = c->waiting;
    pthread_mutex_unlock(&c->lock);
    return n;
}
