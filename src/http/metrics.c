#include "http/metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "http/api.h"
#include "http/routes.h"

/* Upper bounds of the latency histogram, in microseconds. */
static const unsigned bounds_us[] = {250,   500,    1000,   2500,    5000,    10000,
                                     25000, 100000, 500000, 2500000, 10000000};
enum { BOUNDS = sizeof(bounds_us) / sizeof(bounds_us[0]) };

/* Statuses are counted one by one where they occur. */
static const int statuses[] = {200, 204, 400, 401, 403, 404, 405, 408, 409, 411,
                               413, 415, 417, 429, 431, 500, 501, 503, 505, 507};
enum { STATUSES = sizeof(statuses) / sizeof(statuses[0]) };

struct route_counts {
    _Atomic(uint64_t) by_status[STATUSES + 1]; /* the last one: any other */
    _Atomic(uint64_t) within[BOUNDS + 1];      /* not yet cumulated; the last one: slower */
    _Atomic(uint64_t) sum_ns;
};

struct metrics {
    _Atomic(uint64_t) accepted, duplicates, rejected, turned_away;
    _Atomic(int64_t) connections;
    size_t n_routes;
    struct route_counts routes[]; /* (n_routes + 1): the last one is for what has no route */
};

int metrics_new(struct metrics **ret, struct mq_error *err)
{
    size_t n = route_count();
    struct metrics *m = calloc(1, sizeof(*m) + (n + 1) * sizeof(m->routes[0]));
    if (!m)
        return mq_fail(err, MQ_NO_MEMORY, "metrics: no memory");
    m->n_routes = n;
    *ret = m;
    return 0;
}

void metrics_free(struct metrics *m)
{
    free(m);
}

static void count(_Atomic(uint64_t) *c, uint64_t n)
{
    atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

void metrics_request(struct metrics *m, unsigned route, int status, int64_t ns)
{
    struct route_counts *r = &m->routes[route < m->n_routes ? route : m->n_routes];
    size_t at = 0;
    while (at < STATUSES && statuses[at] != status)
        at++;
    count(&r->by_status[at], 1);
    if (ns < 0)
        return;
    size_t bound = 0;
    while (bound < BOUNDS && ns > (int64_t)bounds_us[bound] * 1000)
        bound++;
    count(&r->within[bound], 1);
    count(&r->sum_ns, (uint64_t)ns);
}

void metrics_events(struct metrics *m, uint64_t accepted, uint64_t duplicates, uint64_t rejected)
{
    count(&m->accepted, accepted);
    count(&m->duplicates, duplicates);
    count(&m->rejected, rejected);
}

void metrics_connection(struct metrics *m, int change)
{
    atomic_fetch_add_explicit(&m->connections, change, memory_order_relaxed);
}

void metrics_turned_away(struct metrics *m)
{
    count(&m->turned_away, 1);
}

static const char *label(const struct metrics *m, size_t i)
{
    return i < m->n_routes ? route_at(i)->id : "none";
}

static uint64_t get(const _Atomic(uint64_t) *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

static void write_requests(const struct metrics *m, struct buf *out)
{
    buf_add_z(out, "# HELP marquee_requests_total Requests by route and status.\n"
                   "# TYPE marquee_requests_total counter\n");
    for (size_t i = 0; i <= m->n_routes; i++) {
        for (size_t s = 0; s <= STATUSES; s++) {
            uint64_t n = get(&m->routes[i].by_status[s]);
            if (n == 0)
                continue;
            buf_printf(out, "marquee_requests_total{route=\"%s\",status=\"", label(m, i));
            if (s < STATUSES)
                buf_add_u64(out, (uint64_t)statuses[s]);
            else
                buf_add_z(out, "other");
            buf_printf(out, "\"} %llu\n", (unsigned long long)n);
        }
    }
}

static void write_latency(const struct metrics *m, size_t i, struct buf *out)
{
    const struct route_counts *r = &m->routes[i];
    uint64_t sum = 0;
    for (size_t b = 0; b <= BOUNDS; b++)
        sum += get(&r->within[b]);
    if (sum == 0)
        return;
    uint64_t below = 0;
    for (size_t b = 0; b < BOUNDS; b++) {
        below += get(&r->within[b]);
        buf_printf(out, "marquee_request_seconds_bucket{route=\"%s\",le=\"%g\"} %llu\n",
                   label(m, i), bounds_us[b] / 1e6, (unsigned long long)below);
    }
    buf_printf(out,
               "marquee_request_seconds_bucket{route=\"%s\",le=\"+Inf\"} %llu\n"
               "marquee_request_seconds_sum{route=\"%s\"} %.6f\n"
               "marquee_request_seconds_count{route=\"%s\"} %llu\n",
               label(m, i), (unsigned long long)sum, label(m, i), (double)get(&r->sum_ns) / 1e9,
               label(m, i), (unsigned long long)sum);
}

/* {bounds_us, pages, events, all}: counts within each bound, not cumulated, the last one slower. */
static void pulse_latency(const struct metrics *m, struct json *j)
{
    enum { PAGES, EVENTS, ALL, KINDS };
    static const char *const names[KINDS] = {"pages", "events", "all"};
    uint64_t sums[KINDS][BOUNDS + 1] = {{0}};
    for (size_t i = 0; i <= m->n_routes; i++) {
        const struct route *r = i < m->n_routes ? route_at(i) : NULL;
        for (size_t b = 0; b <= BOUNDS; b++) {
            uint64_t n = get(&m->routes[i].within[b]);
            sums[ALL][b] += n;
            sums[EVENTS][b] += r && r->lane == API_EVENTS ? n : 0;
            sums[PAGES][b] += r && strcmp(r->id, "home") == 0 ? n : 0;
        }
    }
    json_key(j, STR("latency"));
    json_object(j);
    json_key(j, STR("bounds_us"));
    json_array(j);
    for (size_t b = 0; b < BOUNDS; b++)
        json_u64(j, bounds_us[b]);
    json_array_end(j);
    for (size_t k = 0; k < KINDS; k++) {
        json_key(j, str_of(names[k]));
        json_array(j);
        for (size_t b = 0; b <= BOUNDS; b++)
            json_u64(j, sums[k][b]);
        json_array_end(j);
    }
    json_object_end(j);
}

void metrics_pulse(const struct metrics *m, struct json *j)
{
    uint64_t requests = 0;
    uint64_t failures = 0;
    for (size_t i = 0; i <= m->n_routes; i++) {
        for (size_t s = 0; s <= STATUSES; s++) {
            uint64_t n = get(&m->routes[i].by_status[s]);
            requests += n;
            failures += s < STATUSES && statuses[s] >= 500 ? n : 0;
        }
    }
    json_key(j, STR("events"));
    json_object(j);
    json_kv_u64(j, "accepted", get(&m->accepted));
    json_kv_u64(j, "duplicates", get(&m->duplicates));
    json_kv_u64(j, "rejected", get(&m->rejected));
    json_object_end(j);
    json_kv_i64(j, "connections", atomic_load_explicit(&m->connections, memory_order_relaxed));
    json_kv_u64(j, "requests", requests);
    json_kv_u64(j, "failures", failures);
    pulse_latency(m, j);
}

static void write_one(struct buf *out, const char *name, const char *type, const char *help,
                      double v)
{
    buf_printf(out, "# HELP marquee_%s %s\n# TYPE marquee_%s %s\nmarquee_%s %.17g\n", name, help,
               name, type, name, v);
}

void metrics_write(const struct metrics *m, const struct mq_stats *s, size_t queue, bool training,
                   struct buf *out)
{
    write_requests(m, out);
    buf_add_z(out,
              "# HELP marquee_request_seconds Time from a whole request to its answer, by route.\n"
              "# TYPE marquee_request_seconds histogram\n");
    for (size_t i = 0; i <= m->n_routes; i++)
        write_latency(m, i, out);
    buf_printf(
        out,
        "# HELP marquee_events_total Events received over HTTP since the start, by outcome.\n"
        "# TYPE marquee_events_total counter\n"
        "marquee_events_total{outcome=\"accepted\"} %llu\n"
        "marquee_events_total{outcome=\"duplicate\"} %llu\n"
        "marquee_events_total{outcome=\"rejected\"} %llu\n",
        (unsigned long long)get(&m->accepted), (unsigned long long)get(&m->duplicates),
        (unsigned long long)get(&m->rejected));
    write_one(out, "queue_events", "gauge", "Events waiting to be written.", (double)queue);
    write_one(out, "connections", "gauge", "Open connections.",
              (double)atomic_load_explicit(&m->connections, memory_order_relaxed));
    write_one(out, "connections_turned_away_total", "counter",
              "Connections closed at once: too many.", (double)get(&m->turned_away));
    write_one(out, "log_events", "gauge", "Events in the log.", (double)s->events);
    write_one(out, "log_duplicates_total", "counter",
              "Repetitions dropped since the folder was made.", (double)s->duplicates);
    write_one(out, "log_position", "gauge", "Number of the newest event.", (double)s->last_seq);
    write_one(out, "newest_event_seconds", "gauge", "Time of the newest event (Unix).",
              (double)s->last_ms / 1e3);
    write_one(out, "viewers", "gauge", "Viewers ever seen and not erased.", (double)s->viewers);
    write_one(out, "titles", "gauge", "Titles known.", (double)s->titles);
    write_one(out, "store_bytes", "gauge", "Bytes of the store on disk.", (double)s->bytes_on_disk);
    write_one(out, "model_version", "gauge", "Live model; 0: none.", (double)s->model);
    write_one(out, "training", "gauge", "1 while a training runs.", training ? 1 : 0);
    write_one(out, "profiles", "gauge", "Viewers' profiles in memory.", (double)s->profiles);
    write_one(out, "shown_pages_total", "counter", "Answers noted as shown.",
              (double)s->shown_written);
    write_one(out, "shown_pages_dropped_total", "counter",
              "Answers not noted: the queue was full, or the disk refused.",
              (double)s->shown_dropped);
    write_one(out, "profile_bytes", "gauge", "Memory of these profiles.", (double)s->profile_bytes);
}
