/* load.h - what bench_load's files share: how much of what is asked for, and by whom. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "base/buf.h"
#include "base/rng.h"
#include "base/str.h"

enum {
    CONNECTIONS_MAX = 1024,
    NAMES_MAX = 200000,
    NAME_BYTES = 64,
    READ_BYTES = 1 << 18,
    HEAD_BYTES = 8192,
};

enum kind { PAGES, EVENTS, SEGMENT, RANK, KINDS };

struct connection {
    int fd;
    enum kind kind;
    bool busy;
    int64_t due_ns, sent_ns;
    int64_t arrived_ns; /* of the answer's last bytes, as the kernel noted it; 0: it did not */
    struct buf out;
    size_t sent;
    char head[HEAD_BYTES]; /* of the answer, as far as it came */
    size_t head_n;
    bool in_body;
    int status;
    size_t body_left;
};

/* Of one answer: how long after it was due it was there, and how much of that the client itself took: to send it although
 * a connection was free, and to read what the kernel had already. */
struct answer {
    double latency_ms, own_ms;
    int64_t due_ns;
};

/* What a viewer watches, event by event. */
struct watching {
    uint32_t title, left; /* events of this session to come */
    uint64_t session, position_ms;
};

struct load {
    int port, epoll;
    const char *key;
    double seconds, warmup;
    size_t slowest;        /* to be shown */
    int64_t wall_ahead_ns; /* of the wall clock, before the monotonic one */
    int n_connections;     /* of each kind */
    unsigned batch;
    struct rng rng;
    char (*viewers)[NAME_BYTES];
    char (*titles)[NAME_BYTES];
    size_t n_viewers, n_titles;
    struct watching *watching; /* (n_viewers) */
    uint64_t event_number, sessions;
    int64_t start_ns, end_ns;
    char read[READ_BYTES];
    struct schedule {
        double rate; /* requests a second; 0: none */
        struct connection *connections;
        uint64_t sent, done, errors;
        uint64_t bytes;  /* of bodies */
        int64_t full_ns; /* when last every connection waited for an answer */
        struct answer *answers;
        size_t n_answers, cap;
    } of[KINDS];
};

/* A request of that kind, for a random viewer, behind what is in `b`. */
void load_request(struct load *l, enum kind kind, struct buf *b);
/* Any request, with the key if there is one; `body` may be empty. */
void load_add_request(const struct load *l, struct buf *b, const char *method, const char *path,
                      struct str body);

#endif
