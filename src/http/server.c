#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/call.h"
#include "http/jobs.h"
#include "http/keys.h"
#include "http/limits.h"
#include "http/listen.h"
#include "http/loop.h"
#include "http/metrics.h"
#include "http/tls.h"
#include "http/trainer.h"

enum {
    LOOPS_MAX = 64,
    DEFAULT_BODY = 10 << 20,
    DEFAULT_CONNECTIONS = 4096,
    FINISH_S = 10,     /* requests that run at a signal get this long */
    SPARE_FILES = 512, /* descriptors for the store */
};

struct running {
    const struct server_options *o;
    struct server server;
    struct loop *loops; /* (n_loops) */
    unsigned n_loops, turn;
    struct trainer *trainer;
    int tcp, local, signals;
    char socket[4096];
    bool has_socket;
};

static void say(const struct server_options *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const struct server_options *o, const char *format, ...)
{
    char line[1024];
    va_list list;
    if (!o->say)
        return;
    va_start(list, format);
    vsnprintf(line, sizeof(line), format, list);
    va_end(list);
    o->say(o->ctx, line);
}

/* ---------------------------------------------------------------- start */

static int check_options(const struct server_options *o, struct mq_error *err)
{
    struct cors cors = {o->origins, o->n_origins};
    if (!o->tls_cert != !o->tls_key)
        return mq_fail(err, MQ_INVALID, "TLS: a certificate or its key is missing: give both");
    if (o->threads > LOOPS_MAX)
        return mq_fail(err, MQ_INVALID, "threads: %u: at most %d", o->threads, LOOPS_MAX);
    return cors_check(&cors, err);
}

/* As many connections as there are descriptors for. */
static int connections_max(const struct server_options *o)
{
    struct rlimit limit;
    unsigned want = o->max_connections ? o->max_connections : DEFAULT_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return (int)want;
    rlim_t need = (rlim_t)want + SPARE_FILES;
    if (limit.rlim_cur < need) {
        limit.rlim_cur = limit.rlim_max < need ? limit.rlim_max : need;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= need)
        return (int)want;
    return limit.rlim_cur > SPARE_FILES * 2 ? (int)(limit.rlim_cur - SPARE_FILES)
                                            : (int)(limit.rlim_cur / 2);
}

/* While requests are answered a training takes half of the cores: even at the lowest priority it takes
 * caches and memory bandwidth from the pages. */
static unsigned training_threads(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 1 ? (unsigned)cores / 2 : 1;
}

static bool later(void *ctx, enum api_method method, const char *path)
{
    return jobs_submit_own(ctx, method, path);
}

static int open_server(struct running *r, struct mq_error *err)
{
    const struct server_options *o = r->o;
    struct server *s = &r->server;
    s->cors = (struct cors){o->origins, o->n_origins};
    s->max_body = o->max_body ? o->max_body : DEFAULT_BODY;
    s->max_connections = connections_max(o);
    int rc = image_hosts_make(o->image_hosts, o->n_image_hosts, &s->images, err);
    if (rc == 0 && o->tls_cert)
        rc = tls_open(o->tls_cert, o->tls_key, &s->tls, err);
    if (rc == 0 && o->aws_key)
        rc = sigv4_key_read(o->aws_key, &s->aws, err);
    if (rc == 0)
        rc = limits_new(o->rate, &s->rate, err);
    if (rc == 0)
        rc = limits_new(o->events_rate, &s->events_rate, err);
    if (rc == 0)
        rc = mq_engine_open(o->data,
                            &(struct mq_options){.threads = training_threads(),
                                                 .queue_events = o->queue_events,
                                                 .exploration = o->exploration,
                                                 .swaps = o->swaps},
                            &s->engine, err);
    if (rc == 0) {
        engine_let_pages_go_first(s->engine);
        rc = api_new(s->engine, &s->api, err);
    }
    if (rc)
        return rc;
    atomic_store(&s->engine->try_new, o->try_new);
    s->api->images = &s->images;
    s->keys = s->api->keys;
    s->metrics = s->api->metrics;
    rc = jobs_new(s->api, &s->jobs, err);
    if (rc)
        return rc;
    s->api->later = later;
    s->api->later_ctx = s->jobs;
    return 0;
}

static int open_listeners(struct running *r, struct mq_error *err)
{
    char address[LISTEN_TEXT];
    const char *wanted = r->o->listen ? r->o->listen : "127.0.0.1:8080";
    int rc = listen_tcp(wanted, &r->tcp, &r->server.loopback, address, err);
    if (rc)
        return rc;
    size_t keys = keys_count(r->server.keys);
    if (!r->server.loopback && keys == 0)
        return mq_fail(
            err, MQ_DENIED,
            "listen: %s: others can reach it and there is no key: first 'marquee keys create "
            "--role admin'",
            address);
    int n = snprintf(r->socket, sizeof(r->socket), "%s/marquee.sock", r->o->data);
    if (n < 0 || (size_t)n >= sizeof(r->socket))
        return mq_fail(err, MQ_TOO_LARGE, "socket: the folder's name is too long");
    rc = listen_local(r->socket, &r->local, err);
    if (rc)
        return rc;
    r->has_socket = true;
    say(r->o, "listening on %s://%s", r->server.tls ? "https" : "http", address);
    if (keys == 0)
        say(r->o,
            "open: whoever is on this machine may do anything; 'marquee keys create' ends that");
    if (!r->server.loopback && !r->server.tls)
        say(r->o, "no TLS: keys and viewing histories travel in the clear; give --tls-cert and "
                  "--tls-key");
    return 0;
}

static int start_loops(struct running *r, struct mq_error *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned n = r->o->threads ? r->o->threads : cores > 0 ? (unsigned)cores : 1;
    if (n > LOOPS_MAX)
        n = LOOPS_MAX;
    r->loops = calloc(n, sizeof(*r->loops));
    if (!r->loops)
        return mq_fail(err, MQ_NO_MEMORY, "server: no memory");
    cpu_set_t allowed;
    bool known = sched_getaffinity(0, sizeof(allowed), &allowed) == 0;
    for (unsigned i = 0; i < n; i++) {
        r->n_loops = i + 1;
        int rc = loop_init(&r->loops[i], &r->server, err);
        if (rc == 0)
            rc = loop_start(&r->loops[i], known ? loop_cpu(&allowed, i, n) : -1, err);
        if (rc)
            return rc;
    }
    if (r->o->train_every_s > 0 || r->o->keep_events_s > 0 || r->o->canary_every_s > 0 ||
        r->o->pictures_every_s > 0)
        return trainer_start(&r->trainer, r->server.api, r->o, err);
    return 0;
}

/* ---------------------------------------------------------------- serving */

static void accept_all(struct running *r, int listener, bool local)
{
    struct server *s = &r->server;
    for (int i = 0; i < 256; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            /* Out of descriptors: the listener stays readable; others must close first. */
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                usleep(10000);
            return;
        }
        if (atomic_fetch_add(&s->connections, 1) >= s->max_connections && !local) {
            atomic_fetch_sub(&s->connections, 1);
            metrics_turned_away(s->metrics);
            close(fd);
            continue;
        }
        loop_adopt(&r->loops[r->turn++ % r->n_loops], fd, local);
    }
}

/* Deals out connections until a signal comes. */
static void serve(struct running *r)
{
    struct pollfd wait[3] = {{.fd = r->signals, .events = POLLIN},
                             {.fd = r->tcp, .events = POLLIN},
                             {.fd = r->local, .events = POLLIN}};
    for (;;) {
        if (poll(wait, 3, -1) < 0)
            continue;
        if (wait[0].revents) {
            unsigned char number;
            if (read(r->signals, &number, 1) == 1) {
                say(r->o, "%s: finishing", strsignal(number));
                return;
            }
        }
        if (wait[1].revents)
            accept_all(r, r->tcp, false);
        if (wait[2].revents)
            accept_all(r, r->local, true);
    }
}

/* ---------------------------------------------------------------- end */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void stop(struct running *r)
{
    struct server *s = &r->server;
    close_fd(&r->tcp);
    close_fd(&r->local);
    if (r->has_socket)
        unlink(r->socket);
    if (s->api)
        api_stop(s->api);
    jobs_hurry();
    for (unsigned i = 0; i < r->n_loops; i++) {
        if (r->loops[i].started)
            loop_drain(&r->loops[i]);
    }
    trainer_stop(r->trainer);
    /* The loops still run: what the jobs answer goes out. */
    jobs_stop(s->jobs);
    for (unsigned i = 0; i < r->n_loops; i++) {
        if (r->loops[i].started)
            loop_finish(&r->loops[i], clock_mono_ns() + (int64_t)FINISH_S * 1000000000);
    }
    for (unsigned i = 0; i < r->n_loops; i++)
        loop_release(&r->loops[i]);
    free(r->loops);
    jobs_free(s->jobs);
    api_free(s->api);
    mq_engine_close(s->engine);
    limits_free(s->rate);
    limits_free(s->events_rate);
    tls_close(s->tls);
    close_fd(&r->signals);
}

/* Where the handler writes; it has no other way to know. */
static _Atomic(int) signal_pipe = -1;

static void on_signal(int number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    (void)!write(atomic_load(&signal_pipe), &byte, 1);
    errno = saved;
}

/* A handler and a pipe: OpenBLAS has threads of its own before main begins, which a mask set here would not reach, and a
 * signal that one of them takes would end the process. */
static int take_signals(struct running *r, struct mq_error *err)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    int ends[2];
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return mq_fail_errno(err, errno, "server: signals");
    r->signals = ends[0];
    atomic_store(&signal_pipe, ends[1]);
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return 0;
}

int server_run(const struct server_options *o, struct mq_error *err)
{
    struct running *r = calloc(1, sizeof(*r));
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "server: no memory");
    r->o = o;
    r->tcp = r->local = r->signals = -1;
    int rc = check_options(o, err);
    if (rc == 0)
        rc = take_signals(r, err);
    if (rc == 0)
        rc = open_server(r, err);
    if (rc == 0)
        rc = open_listeners(r, err);
    if (rc == 0)
        rc = start_loops(r, err);
    if (rc == 0) {
        say(o, "ready");
        serve(r);
    }
    stop(r);
    if (rc == 0)
        say(o, "closed");
    free(r);
    return rc;
}
