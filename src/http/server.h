/* server.h - `marquee serve`: the engine of one folder behind HTTP, until a signal ends it.
 *
 * Loops (one thread each, libevent) read requests and write answers; they never wait. Appends go to the
 * engine's committer and come back; what waits or takes long runs on job threads. One thread accepts and deals
 * connections to the loops in turn, so that few of them are spread evenly too. */
#ifndef MQ_HTTP_SERVER_H
#define MQ_HTTP_SERVER_H

#include "http/api.h"

struct server_options {
    const char *data;
    const char *listen;     /* ADDR:PORT; NULL: 127.0.0.1:8080; port 0: any free one */
    unsigned threads;       /* loops; 0 = one per core */
    unsigned train_every_s; /* 0 = never by itself */
    double canary; /* share of the viewers before whom its models go first; 0: all at once */
    bool try_new;  /* places of the row New in which new titles are tried */
    double exploration, swaps; /* as mq_options */
    unsigned
        pictures_every_s; /* how often it is learnt which pictures are chosen; 0 = never by itself */
    unsigned canary_every_s; /* how often a canary is looked at; 0 = never by itself */
    unsigned
        keep_events_s; /* what viewers did longer ago is removed, every hour; 0 = kept for ever */
    const char *tls_cert; /* PEM files; both or none */
    const char *tls_key;
    const char *aws_key; /* a file of sigv4.h; NULL: signatures are refused where a key is needed */
    const char *const *origins; /* CORS */
    size_t n_origins;
    const char *const *image_hosts; /* image_hosts.h: whose pictures the dashboard may show */
    size_t n_image_hosts;
    size_t max_body;          /* bytes of a request's body, inflated; 0 = 10 MiB */
    double rate, events_rate; /* requests and events a second of one key or address; 0 = no limit */
    unsigned max_connections; /* 0 = 4096 */
    size_t queue_events;      /* waiting to be written before senders hear 429; 0 = 65,536 */
    /* What the operator should read, a line at a time; any thread. May be NULL. */
    void (*say)(void *ctx, const char *line);
    void *ctx;
};

/* Opens the folder, serves, and returns 0 after SIGTERM or SIGINT once everything is finished and closed.
 * Takes these two signals from then on, whichever thread they come to; ignores SIGPIPE. MQ_INVALID (an address that is none, a
 * certificate; a public address without keys), MQ_CONFLICT (the address is in use), or what mq_engine_open returns. */
int server_run(const struct server_options *options, struct mq_error *err);

#endif
