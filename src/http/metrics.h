/* metrics.h - what happened, as Prometheus counts it. Any thread; no locks. Inside http/ only. */
#ifndef MQ_HTTP_METRICS_H
#define MQ_HTTP_METRICS_H

#include "base/buf.h"
#include "base/error.h"

struct mq_engine;
struct mq_stats;
struct metrics;

int metrics_new(struct metrics **ret, struct mq_error *err);
void metrics_free(struct metrics *m);

/* A request to route `number` (API_NO_ROUTE: to none) was answered; ns < 0: not timed. */
void metrics_request(struct metrics *m, unsigned route, int status, int64_t ns);
void metrics_events(struct metrics *m, uint64_t accepted, uint64_t duplicates, uint64_t rejected);
/* How many connections there are now: +1, -1. */
void metrics_connection(struct metrics *m, int change);
/* A connection was turned away, because there were too many. */
void metrics_turned_away(struct metrics *m);

struct json;
/* Members of an object for whoever watches: events by outcome, connections, requests and failures (5xx) so far, and how many answers
 * of pages, of events and of all routes came within each bound. */
void metrics_pulse(const struct metrics *m, struct json *j);

/* Text exposition format 0.0.4. */
void metrics_write(const struct metrics *m, const struct mq_stats *stats, size_t queue,
                   bool training, struct buf *out);

/* The alarms of sources (routes_doctor.c), in the same format. */
void metrics_write_sources(struct mq_engine *e, struct buf *out);

#endif
