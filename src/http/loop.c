#include "http/loop.h"

#include <errno.h>
#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/thread.h"
#include "http/connection.h"
#include "http/event_batch.h"

/* An answer larger than this is not kept for the next one. */
enum { BODY_MAX = 64 << 20 };

/* Of a loop's events; CLIENTS is what libevent gives to those that nobody asked about. */
enum { LETTERS, CLIENTS, PRIORITIES };

static void open_letters(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *l = ctx;
    uint64_t n;
    (void)what;
    while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
        ;
    pthread_mutex_lock(&l->lock);
    struct letter *list = l->first;
    l->first = NULL;
    l->last = NULL;
    pthread_mutex_unlock(&l->lock);
    while (list) {
        struct letter *now = list;
        list = list->next;
        now->open(l, now);
    }
}

void loop_post(struct loop *l, struct letter *letter)
{
    letter->next = NULL;
    pthread_mutex_lock(&l->lock);
    bool empty = !l->first;
    if (empty)
        l->first = letter;
    else
        l->last->next = letter;
    l->last = letter;
    /* One wake-up for all that gathers until the loop looks. Under the lock: the loop may end right after. */
    if (empty) {
        uint64_t one = 1;
        while (write(l->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
            ;
    }
    pthread_mutex_unlock(&l->lock);
}

/* ---------------------------------------------------------------- each second */

static void end_when_done(struct loop *l)
{
    if (l->drain_until_ns == 0)
        return;
    if (clock_mono_ns() >= l->drain_until_ns)
        connection_close_all(l);
    if (l->n_connections == 0)
        event_base_loopbreak(l->base);
}

static void tick(evutil_socket_t fd, short what, void *ctx)
{
    struct loop *l = ctx;
    (void)fd;
    (void)what;
    connection_check_deadlines(l, clock_mono_ns());
    end_when_done(l);
}

/* ---------------------------------------------------------------- letters */

struct adoption {
    struct letter letter;
    int fd;
    bool local;
};

static void turn_away(struct loop *l, int fd)
{
    close(fd);
    atomic_fetch_sub(&l->server->connections, 1);
}

static void adopt(struct loop *l, struct letter *letter)
{
    struct adoption *a = (struct adoption *)letter;
    if (l->draining)
        turn_away(l, a->fd);
    else
        connection_open(l, a->fd, a->local);
    free(a);
}

void loop_adopt(struct loop *l, int fd, bool local)
{
    struct adoption *a = calloc(1, sizeof(*a));
    if (!a) {
        turn_away(l, fd);
        return;
    }
    *a = (struct adoption){{.open = adopt}, fd, local};
    loop_post(l, &a->letter);
}

static void set_interval(struct loop *l, int ms)
{
    struct timeval interval = {ms / 1000, (ms % 1000) * 1000};
    event_add(l->tick, &interval);
}

static void drain(struct loop *l, struct letter *letter)
{
    free(letter);
    l->draining = true;
    connection_close_idle(l);
    set_interval(l, 20);
}

void loop_drain(struct loop *l)
{
    struct letter *letter = calloc(1, sizeof(*letter));
    if (!letter)
        return; /* the deadline of loop_finish does it */
    letter->open = drain;
    loop_post(l, letter);
}

struct ending {
    struct letter letter;
    int64_t until_ns;
};

static void finish(struct loop *l, struct letter *letter)
{
    struct ending *e = (struct ending *)letter;
    l->draining = true;
    l->drain_until_ns = e->until_ns;
    free(e);
    connection_close_idle(l);
    end_when_done(l);
}

void loop_finish(struct loop *l, int64_t until_ns)
{
    struct ending *e = calloc(1, sizeof(*e));
    if (!e)
        abort(); /* without memory for 32 bytes there is no orderly end */
    *e = (struct ending){{.open = finish}, until_ns};
    loop_post(l, &e->letter);
}

/* ---------------------------------------------------------------- life */

static int make_events(struct loop *l, struct mq_error *err)
{
    struct event_config *config = event_config_new();
    if (!config)
        return mq_fail(err, MQ_NO_MEMORY, "server: no memory");
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    /* Letters go first: looked for after each client, so that an acknowledgement never waits behind the pages
     * of all others that are ready. */
    event_config_set_max_dispatch_interval(config, NULL, 1, CLIENTS);
    l->base = event_base_new_with_config(config);
    event_config_free(config);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!l->base || l->wake_fd < 0 || event_base_priority_init(l->base, PRIORITIES) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "server: cannot make an event loop");
    l->wake = event_new(l->base, l->wake_fd, EV_READ | EV_PERSIST, open_letters, l);
    l->tick = event_new(l->base, -1, EV_PERSIST, tick, l);
    if (!l->wake || !l->tick || event_priority_set(l->wake, LETTERS) != 0 ||
        event_add(l->wake, NULL) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "server: no memory");
    set_interval(l, 1000);
    return 0;
}

int loop_init(struct loop *l, struct server *s, struct mq_error *err)
{
    *l = (struct loop){.server = s, .wake_fd = -1};
    pthread_mutex_init(&l->lock, NULL);
    buf_init(&l->body, BODY_MAX);
    randombytes_buf(&l->request_seed, sizeof(l->request_seed));
    int rc = make_events(l, err);
    if (rc == 0)
        rc = api_worker_new(s->api, &l->worker, err);
    return rc;
}

int loop_cpu(const cpu_set_t *allowed, unsigned i, unsigned n)
{
    if (CPU_COUNT(allowed) != (int)n)
        return -1;
    int cpu = 0;
    for (unsigned before = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, allowed) && before++ == i)
            return cpu;
    }
    return -1;
}

/* Where the system refuses, it runs on any. */
static void stay_on(int cpu)
{
    cpu_set_t own;
    if (cpu < 0)
        return;
    CPU_ZERO(&own);
    CPU_SET(cpu, &own);
    (void)pthread_setaffinity_np(pthread_self(), sizeof(own), &own);
}

static void *run(void *arg)
{
    struct loop *l = arg;
    stay_on(l->cpu);
    thread_is("loop", THREAD_AS_IT_IS);
    thread_is_brief();
    event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

int loop_start(struct loop *l, int cpu, struct mq_error *err)
{
    l->cpu = cpu;
    int failed = pthread_create(&l->thread, NULL, run, l);
    if (failed)
        return mq_fail_errno(err, failed, "server: cannot start a thread");
    l->started = true;
    return 0;
}

void loop_release(struct loop *l)
{
    if (!l->server)
        return;
    if (l->started)
        pthread_join(l->thread, NULL);
    while (l->free_batches) {
        struct event_batch *b = l->free_batches;
        l->free_batches = b->next;
        event_batch_free(b);
    }
    api_worker_free(l->worker);
    buf_release(&l->body);
    if (l->wake)
        event_free(l->wake);
    if (l->tick)
        event_free(l->tick);
    if (l->base)
        event_base_free(l->base);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    pthread_mutex_destroy(&l->lock);
    *l = (struct loop){.wake_fd = -1};
}
