/* load.c - an open-loop client of the server: asks at a fixed rate and measures from the moment at which a
 * request was due, so that a server that stalls cannot hide it (no coordinated omission).
 *
 * usage: bench_load --port N [--pages RATE] [--events RATE] [--segment RATE] [--seconds S] [--warmup S]
 *                   [--rank RATE] [--connections N] [--batch N] [--viewers N] [--key K] [--slowest N]
 *   --rank    rankings a second of 100 random titles for random viewers
 *   --pages   home pages a second of random viewers; --events  events a second in durable batches of --batch;
 *   --segment the same as video events in the form in which Segment's library for Node sends them
 *   --viewers of so many viewers each request draws one (default 100,000, or as many as the folder has): who plays sends an
 *             event every ten seconds or so, and 20,000 a second are not a few thousand viewers'
 *   --slowest shows the N slowest answers of each kind on stderr: when they were due, how late, how much of it the client's
 * One thread, one request at a time on each connection. Prints one line of JSON for each kind, in which client_p99_ms is
 * how late the client itself sent (a connection being free) and read (the kernel having the answer). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "load.h"

static const char *const kind_names[KINDS] = {"pages", "events", "segment", "rank"};

static void die(const char *what)
{
    fprintf(stderr, "bench_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---------------------------------------------------------------- connections */

static int connect_to(int port, bool wait)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, sizeof(int));
    if (!wait)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    return fd;
}

static void watch(struct load *l, struct connection *c, uint32_t events, int op)
{
    struct epoll_event e = {.events = events, .data.ptr = c};
    if (epoll_ctl(l->epoll, op, c->fd, &e) != 0)
        die("epoll");
}

static void reopen(struct load *l, struct connection *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = connect_to(l->port, false);
    c->busy = false;
    c->head_n = 0;
    c->in_body = false;
    watch(l, c, EPOLLIN, EPOLL_CTL_ADD);
}

static void flush_out(struct load *l, struct connection *c)
{
    while (c->sent < c->out.n) {
        ssize_t n = send(c->fd, c->out.p + c->sent, c->out.n - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(l, c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        }
        if (n < 0)
            return; /* the read side finds out */
        c->sent += (size_t)n;
    }
}

static void send_request(struct load *l, struct connection *c, int64_t due_ns)
{
    c->busy = true;
    c->due_ns = due_ns;
    c->sent_ns = clock_mono_ns();
    c->arrived_ns = 0;
    c->sent = 0;
    buf_reset(&c->out);
    load_request(l, c->kind, &c->out);
    l->of[c->kind].sent++;
    flush_out(l, c);
}

static void keep(struct schedule *s, const struct connection *c, int64_t now)
{
    if (s->n_answers == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 4096;
        s->answers = realloc(s->answers, s->cap * sizeof(*s->answers));
        if (!s->answers)
            die("memory");
    }
    int64_t could = c->due_ns > s->full_ns ? c->due_ns : s->full_ns;
    int64_t own = c->sent_ns > could ? c->sent_ns - could : 0;
    if (c->arrived_ns > c->sent_ns && c->arrived_ns < now)
        own += now - c->arrived_ns;
    s->answers[s->n_answers++] = (struct answer){.latency_ms = (double)(now - c->due_ns) / 1e6,
                                                 .own_ms = (double)own / 1e6,
                                                 .due_ns = c->due_ns};
}

static void finish(struct load *l, struct connection *c)
{
    struct schedule *s = &l->of[c->kind];
    int64_t now = clock_mono_ns();
    if (c->status != 200)
        s->errors++;
    else if (now >= l->start_ns && now < l->end_ns)
        s->done++;
    if (c->status == 200 && c->due_ns >= l->start_ns)
        keep(s, c, now);
    c->busy = false;
    c->in_body = false;
    c->head_n = 0;
}

static bool read_head(struct connection *c)
{
    char *end = memmem(c->head, c->head_n, "\r\n\r\n", 4);
    if (!end)
        return false;
    *end = '\0';
    char *length = strcasestr(c->head, "content-length:");
    c->status = (int)strtol(c->head + 9, NULL, 10);
    c->body_left = length ? strtoul(length + 15, NULL, 10) : 0;
    c->in_body = true;
    size_t beyond = c->head_n - (size_t)(end + 4 - c->head);
    c->body_left -= beyond < c->body_left ? beyond : c->body_left;
    return true;
}

/* Answers carry nothing past their end: one request at a time. */
static void take_bytes(struct load *l, struct connection *c, const char *p, size_t n)
{
    if (!c->in_body) {
        size_t room = sizeof(c->head) - 1 - c->head_n;
        size_t take = n < room ? n : room;
        memcpy(c->head + c->head_n, p, take);
        c->head_n += take;
        c->head[c->head_n] = '\0';
        if (!read_head(c))
            return;
        p += take;
        n -= take;
    }
    c->body_left -= n < c->body_left ? n : c->body_left;
    if (c->body_left == 0 && c->busy)
        finish(l, c);
}

/* What is there, and when the kernel had it. */
static ssize_t receive(struct load *l, struct connection *c)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct timespec))];
        struct cmsghdr aligned;
    } control;
    struct iovec to = {l->read, sizeof(l->read)};
    struct msghdr m = {.msg_iov = &to,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof(control.bytes)};
    ssize_t n = recvmsg(c->fd, &m, MSG_DONTWAIT);
    struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_TIMESTAMPNS) {
        struct timespec at;
        memcpy(&at, CMSG_DATA(h), sizeof(at));
        c->arrived_ns = (int64_t)at.tv_sec * 1000000000 + at.tv_nsec - l->wall_ahead_ns;
    }
    return n;
}

static void on_ready(struct load *l, struct connection *c, uint32_t events)
{
    if ((events & EPOLLOUT) && c->sent < c->out.n) {
        watch(l, c, EPOLLIN, EPOLL_CTL_MOD);
        flush_out(l, c);
    }
    if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
        return;
    for (;;) {
        ssize_t n = receive(l, c);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            if (c->busy)
                l->of[c->kind].errors++;
            reopen(l, c);
            return;
        }
        take_bytes(l, c, l->read, (size_t)n);
        if ((size_t)n < sizeof(l->read))
            return;
    }
}

/* ---------------------------------------------------------------- preparation */

static void fetch(struct load *l, const char *path, struct buf *ret)
{
    struct buf request;
    int fd = connect_to(l->port, true);
    buf_init(&request, 1 << 16);
    buf_init(ret, 64 << 20);
    buf_printf(&request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", path);
    if (l->key)
        buf_printf(&request, "Authorization: Bearer %s\r\n", l->key);
    buf_add_z(&request, "\r\n");
    if (write(fd, request.p, request.n) < 0)
        die("write");
    for (;;) {
        ssize_t n = read(fd, l->read, sizeof(l->read));
        if (n <= 0)
            break;
        buf_add(ret, l->read, (size_t)n);
    }
    close(fd);
    buf_release(&request);
    buf_add_char(ret, '\0');
    if (strncmp(ret->p, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "bench_load: %s: %.300s\n", path, ret->p);
        exit(1);
    }
}

/* The texts of a JSON array, or of all members `key`; names with escapes are passed over. */
static size_t gather(const char *p, const char *before, char (*names)[NAME_BYTES], size_t n,
                     size_t max)
{
    while (n < max && (p = strstr(p, before))) {
        p += strlen(before);
        const char *end = strchr(p, '"');
        if (!end)
            break;
        size_t length = (size_t)(end - p);
        if (length > 0 && length < NAME_BYTES && !memchr(p, '\\', length) &&
            !memchr(p, '%', length) && !memchr(p, ' ', length)) {
            memcpy(names[n], p, length);
            names[n++][length] = '\0';
        }
        p = end;
    }
    return n;
}

static void prepare(struct load *l, size_t viewers)
{
    struct buf b;
    char path[128];
    l->viewers = calloc(NAMES_MAX, NAME_BYTES);
    l->titles = calloc(NAMES_MAX, NAME_BYTES);
    if (!l->viewers || !l->titles)
        die("memory");
    for (size_t from = 0; l->n_viewers < viewers; from += 1000) {
        snprintf(path, sizeof(path), "/v1/viewers?limit=1000&from=%zu", from);
        fetch(l, path, &b);
        size_t before = l->n_viewers;
        char *list = strstr(b.p, "\"viewers\":[");
        char *end = list ? strchr(list, ']') : NULL;
        if (end)
            *end = '\0';
        /* Each id stands behind [" or ,". */
        for (char *p = list ? list + 11 : b.p + b.n - 1; *p; p++) {
            if (*p == ',')
                *p = '[';
        }
        if (list)
            l->n_viewers = gather(list + 10, "[\"", l->viewers, l->n_viewers, viewers);
        buf_release(&b);
        if (l->n_viewers == before)
            break;
    }
    if (l->n_viewers == 0) {
        fprintf(stderr, "bench_load: the folder has no viewers\n");
        exit(1);
    }
    snprintf(path, sizeof(path), "/v1/viewers/%s/recommendations?n=1000", l->viewers[0]);
    fetch(l, path, &b);
    l->n_titles = gather(b.p, "{\"title\":\"", l->titles, 0, NAMES_MAX);
    buf_release(&b);
    l->watching = calloc(l->n_viewers, sizeof(*l->watching));
    if (!l->watching)
        die("memory");
    if (l->n_titles == 0 &&
        (l->of[EVENTS].rate > 0 || l->of[SEGMENT].rate > 0 || l->of[RANK].rate > 0)) {
        fprintf(stderr, "bench_load: the folder has no titles\n");
        exit(1);
    }
}

/* ---------------------------------------------------------------- the run */

static struct connection *free_one(struct load *l, enum kind k)
{
    for (int i = 0; i < l->n_connections; i++) {
        if (!l->of[k].connections[i].busy)
            return &l->of[k].connections[i];
    }
    return NULL;
}

/* Sends what is due as far as connections are free. Returns when the next one is due. */
static int64_t send_due(struct load *l, enum kind k, int64_t first_ns, int64_t now)
{
    struct schedule *s = &l->of[k];
    for (;;) {
        int64_t due = first_ns + (int64_t)((double)s->sent * 1e9 / s->rate);
        if (due > now || now >= l->end_ns)
            return due;
        struct connection *c = free_one(l, k);
        if (!c) {
            s->full_ns = now;
            return now + 1000000;
        }
        send_request(l, c, due);
    }
}

static void run(struct load *l)
{
    struct epoll_event ready[256];
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    l->wall_ahead_ns = (int64_t)wall.tv_sec * 1000000000 + wall.tv_nsec - clock_mono_ns();
    int64_t first = clock_mono_ns() + 10000000;
    l->start_ns = first + (int64_t)(l->warmup * 1e9);
    l->end_ns = l->start_ns + (int64_t)(l->seconds * 1e9);
    int64_t give_up = l->end_ns + INT64_C(5000000000);
    for (;;) {
        int64_t now = clock_mono_ns();
        int64_t next = now + 10000000;
        bool busy = false;
        for (int k = 0; k < KINDS; k++) {
            if (!(l->of[k].rate > 0))
                continue;
            int64_t due = send_due(l, (enum kind)k, first, now);
            next = due < next ? due : next;
            for (int i = 0; i < l->n_connections; i++)
                busy |= l->of[k].connections[i].busy;
        }
        if ((now >= l->end_ns && !busy) || now > give_up)
            break;
        now = clock_mono_ns();
        struct timespec wait = {0, next > now ? next - now : 0};
        int n = epoll_pwait2(l->epoll, ready, 256, &wait, NULL);
        for (int i = 0; i < n; i++)
            on_ready(l, ready[i].data.ptr, ready[i].events);
    }
}

static int by_latency(const void *a, const void *b)
{
    double x = ((const struct answer *)a)->latency_ms, y = ((const struct answer *)b)->latency_ms;
    return x < y ? -1 : x > y;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static size_t place_of(size_t n, double q)
{
    size_t i = (size_t)ceil(q * (double)n);
    return i > 0 ? i - 1 : 0;
}

static double latency(const struct schedule *s, double q)
{
    return s->n_answers ? s->answers[place_of(s->n_answers, q)].latency_ms : NAN;
}

/* The client's own part of the 99th percentile of answers, and what the percentile were without it. */
static void own_part(const struct schedule *s, double *ret_own, double *ret_rest)
{
    double *v = malloc((s->n_answers + 1) * sizeof(*v));
    *ret_own = *ret_rest = NAN;
    if (!v)
        die("memory");
    for (int rest = 0; rest < 2 && s->n_answers > 0; rest++) {
        for (size_t i = 0; i < s->n_answers; i++)
            v[i] = rest ? s->answers[i].latency_ms - s->answers[i].own_ms : s->answers[i].own_ms;
        qsort(v, s->n_answers, sizeof(*v), by_value);
        *(rest ? ret_rest : ret_own) = v[place_of(s->n_answers, 0.99)];
    }
    free(v);
}

/* When in the run the slowest were due, how late they were, and how much of it was the client's. */
static void show_slowest(const struct load *l, const struct schedule *s)
{
    for (size_t i = 0; i < l->slowest && i < s->n_answers; i++) {
        const struct answer *a = &s->answers[s->n_answers - 1 - i];
        fprintf(stderr, "slow: due at %.4f s (%.6f), %.3f ms, the client's own %.3f ms\n",
                (double)(a->due_ns - l->start_ns) / 1e9, (double)a->due_ns / 1e9, a->latency_ms,
                a->own_ms);
    }
}

static void report(const struct load *l, double cpu, double walk)
{
    for (int k = 0; k < KINDS; k++) {
        const struct schedule *s = &l->of[k];
        double own, rest;
        if (!(s->rate > 0))
            continue;
        qsort(s->answers, s->n_answers, sizeof(*s->answers), by_latency);
        own_part(s, &own, &rest);
        /* What was due and not even sent, because every connection waited. */
        double unsent = s->rate * (l->warmup + l->seconds) - (double)s->sent;
        double each = k == EVENTS || k == SEGMENT ? l->batch : 1;
        printf("{\"kind\":\"%s\",\"wanted_per_s\":%.0f,\"achieved_per_s\":%.0f,\"requests\":%zu,"
               "\"errors\":%llu,\"unsent\":%.0f,\"p50_ms\":%.3f,\"p90_ms\":%.3f,\"p99_ms\":%.3f,"
               "\"p99.9_ms\":%.3f,\"max_ms\":%.3f,\"client_p99_ms\":%.3f,"
               "\"p99_without_client_ms\":%.3f,\"bytes_each\":%.0f,\"client_cpu\":%.2f,\"walk_ms\":"
               "%.1f}\n",
               kind_names[k], s->rate * each, (double)s->done * each / l->seconds, s->n_answers,
               (unsigned long long)s->errors, unsent < 1 ? 0 : unsent, latency(s, 0.5),
               latency(s, 0.9), latency(s, 0.99), latency(s, 0.999), latency(s, 1), own, rest,
               s->sent > 0 ? (double)s->bytes / (double)s->sent / each : 0, cpu, walk);
        show_slowest(l, s);
    }
}

/* How fast the machine is just now, in ms: a walk through 16 MiB in no order that depends on itself. A host shared with others is
 * not always as fast, and does not say so. */
static double walk_ms(void)
{
    enum { STEPS = 400000, PLACES = 4 << 20 };
    uint32_t *next = malloc(PLACES * sizeof(*next));
    uint32_t at = 1;
    if (!next)
        die("memory");
    for (uint32_t i = 0; i < PLACES; i++)
        next[i] = i * 2654435761U + 12345U;
    int64_t from = clock_mono_ns();
    for (int i = 0; i < STEPS; i++)
        at = next[at % PLACES] + (uint32_t)i;
    double ms = (double)(clock_mono_ns() - from) / 1e6;
    free(next);
    return at == 0 ? 0 : ms; /* at is used */
}

static double number(const char *text)
{
    double v;
    if (!text || !str_to_double(str_of(text), &v)) {
        fprintf(stderr, "bench_load: %s: is no number\n", text ? text : "(nothing)");
        exit(2);
    }
    return v;
}

int main(int argc, char **argv)
{
    struct load *l = calloc(1, sizeof(*l));
    size_t viewers = 100000;
    double events = 0, segment = 0;
    if (!l)
        die("memory");
    l->seconds = 10;
    l->warmup = 1;
    l->n_connections = 32;
    l->batch = 100;
    rng_seed(&l->rng, 1);
    for (int i = 1; i + 1 < argc; i += 2) {
        struct str option = str_of(argv[i]);
        const char *value = argv[i + 1];
        if (str_eq(option, STR("--port")))
            l->port = (int)number(value);
        else if (str_eq(option, STR("--pages")))
            l->of[PAGES].rate = number(value);
        else if (str_eq(option, STR("--rank")))
            l->of[RANK].rate = number(value);
        else if (str_eq(option, STR("--events")))
            events = number(value);
        else if (str_eq(option, STR("--segment")))
            segment = number(value);
        else if (str_eq(option, STR("--seconds")))
            l->seconds = number(value);
        else if (str_eq(option, STR("--warmup")))
            l->warmup = number(value);
        else if (str_eq(option, STR("--connections")))
            l->n_connections = (int)number(value);
        else if (str_eq(option, STR("--batch")))
            l->batch = (unsigned)number(value);
        else if (str_eq(option, STR("--viewers")))
            viewers = (size_t)number(value);
        else if (str_eq(option, STR("--slowest")))
            l->slowest = (size_t)number(value);
        else if (str_eq(option, STR("--key")))
            l->key = value;
        else {
            fprintf(stderr, "bench_load: %s: is no option\n", argv[i]);
            return 2;
        }
    }
    if (l->port == 0 || l->n_connections < 1 || l->n_connections > CONNECTIONS_MAX ||
        viewers > NAMES_MAX) {
        fprintf(stderr, "bench_load: --port N, up to %d connections and %d viewers\n",
                CONNECTIONS_MAX, NAMES_MAX);
        return 2;
    }
    l->of[EVENTS].rate = events / l->batch;
    l->of[SEGMENT].rate = segment / l->batch;
    prepare(l, viewers);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int k = 0; k < KINDS; k++) {
        l->of[k].connections = calloc((size_t)l->n_connections, sizeof(struct connection));
        if (!l->of[k].connections)
            die("memory");
        for (int i = 0; i < l->n_connections && l->of[k].rate > 0; i++) {
            struct connection *c = &l->of[k].connections[i];
            c->fd = -1;
            c->kind = (enum kind)k;
            buf_init(&c->out, 64 << 20);
            reopen(l, c);
        }
    }
    struct rusage before;
    struct rusage after;
    double walk = walk_ms();
    int64_t from = clock_mono_ns();
    getrusage(RUSAGE_SELF, &before);
    run(l);
    getrusage(RUSAGE_SELF, &after);
    double used = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec -
                           before.ru_stime.tv_sec) +
                  (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec +
                           after.ru_stime.tv_usec - before.ru_stime.tv_usec) /
                      1e6;
    report(l, used / ((double)(clock_mono_ns() - from) / 1e9), walk);
    return 0;
}
