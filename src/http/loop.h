/* loop.h - one thread's event loop, what it owns, and its letter box. Inside http/ only. */
#ifndef MQ_HTTP_LOOP_H
#define MQ_HTTP_LOOP_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "http/api.h"
#include "http/cors.h"
#include "http/image_hosts.h"
#include "http/server.h"
#include "http/sigv4.h"

struct bufferevent;
struct connection;
struct event;
struct event_base;
struct event_batch;
struct jobs;
struct keys;
struct limits;
struct loop;
struct metrics;
struct ssl_ctx_st;

/* All loops share it; constant while they run, but for what is atomic or locks itself. */
struct server {
    struct mq_engine *engine;
    struct api *api;
    struct keys *keys;
    struct metrics *metrics;
    struct limits *rate, *events_rate;
    struct ssl_ctx_st *tls; /* NULL: plain */
    struct cors cors;
    struct image_hosts images;
    struct jobs *jobs;
    struct sigv4_key aws; /* id "": none */
    bool loopback;        /* open as long as there is no key */
    size_t max_body;
    int max_connections;
    _Atomic(int) connections;
};

/* Something another thread hands to a loop; lies in whatever is handed over. */
struct letter {
    struct letter *next;
    void (*open)(struct loop *l, struct letter *letter); /* on the loop's thread */
};

struct loop {
    struct server *server;
    struct event_base *base;
    struct api_worker *worker;
    struct buf body; /* of the answer being made */
    struct event_batch *free_batches;
    struct connection *connections; /* all, linked */
    size_t n_connections;
    bool draining; /* finish what there is, then end */
    int64_t drain_until_ns;
    int64_t date_s; /* the second that `date` tells */
    char date[40];
    uint64_t request_seed, requests; /* for X-Request-Id */
    struct event *wake, *tick;
    int wake_fd;
    pthread_mutex_t lock;
    struct letter *first, *last;
    pthread_t thread;
    bool started;
    int cpu; /* on which alone it runs; below 0: on any */
};

int loop_init(struct loop *l, struct server *s, struct mq_error *err);
void loop_release(struct loop *l);
/* cpu: its own (loop_cpu); below 0: any. */
int loop_start(struct loop *l, int cpu, struct mq_error *err);

/* The processor of loop `i` of `n`: where there are as many loops as processors that the process may use, each has its
 * own; else -1. Left to itself the kernel often queues a loop that wakes behind the other one, for a slice of some
 * milliseconds, on a processor that anything else could have left. */
int loop_cpu(const cpu_set_t *allowed, unsigned i, unsigned n);

/* Any thread. The letter is opened once, unless the loop is released before. */
void loop_post(struct loop *l, struct letter *letter);

/* Any thread: take this accepted socket (local: of DIR/marquee.sock). Closes it when it can't. */
void loop_adopt(struct loop *l, int fd, bool local);

/* Any thread: close idle connections and answer the others with Connection: close. */
void loop_drain(struct loop *l);
/* Any thread: end once no connection is left, at the latest then. */
void loop_finish(struct loop *l, int64_t until_ns);

#endif
