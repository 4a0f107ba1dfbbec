/* kept_counters.c - rows of the store's meta family:
 *
 *   "counters"       u8 version (1) · u64le generation, seq, events, bytes · hash128 of the bytes · svarint first_ms,
 *                    newest_ms
 *   "counters.G.I"   the I-th part of the bytes (profile/trend_codec.c) of generation G
 *
 * The head is written last and names the parts, so a write that was cut short leaves the generation before. `events`
 * is how many events lay in the log up to `seq`: when some have been removed since, it no longer agrees with the
 * log's own count, and what was kept is not used. */
#include "engine/kept_counters.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "engine/audiences.h"
#include "engine/engine.h"
#include "profile/trend_codec.h"

enum { KEPT_VERSION = 1, PART_BYTES = 4 << 20, HEAD_MAX = 128, PART_NAME_MAX = 64 };
static const size_t bytes_max = (size_t)1 << 30;

#define HEAD_KEY "counters"

struct head {
    uint64_t generation, seq, events, bytes;
    struct hash128 hash;
    int64_t first_ms, newest_ms;
};

static struct str part_key(char out[PART_NAME_MAX], uint64_t generation, uint64_t part)
{
    int n = snprintf(out, PART_NAME_MAX, HEAD_KEY ".%llu.%llu", (unsigned long long)generation,
                     (unsigned long long)part);
    return (struct str){out, (size_t)n};
}

static uint64_t parts_of(uint64_t bytes)
{
    return (bytes + PART_BYTES - 1) / PART_BYTES;
}

static int read_head(const struct store *s, struct head *ret, struct mq_error *err)
{
    char storage[HEAD_MAX];
    struct buf b;
    buf_over(&b, storage, sizeof(storage));
    int rc = store_get_value(s, STORE_META, STR(HEAD_KEY), &b, err);
    if (rc)
        return rc;
    struct cursor c = cursor_over(b.p, b.n);
    uint8_t version = cursor_u8(&c);
    struct head h = {.generation = cursor_u64le(&c)};
    h.seq = cursor_u64le(&c);
    h.events = cursor_u64le(&c);
    h.bytes = cursor_u64le(&c);
    h.hash.hi = cursor_u64le(&c);
    h.hash.lo = cursor_u64le(&c);
    h.first_ms = cursor_svarint(&c);
    h.newest_ms = cursor_svarint(&c);
    if (version != KEPT_VERSION || c.failed || cursor_left(&c) != 0 || h.bytes > bytes_max)
        return mq_fail(err, MQ_CORRUPT, "counters: what was kept cannot be read");
    *ret = h;
    return 0;
}

static int write_head(struct store *s, const struct head *h, struct mq_error *err)
{
    char storage[HEAD_MAX];
    struct buf b;
    buf_over(&b, storage, sizeof(storage));
    buf_add_u8(&b, KEPT_VERSION);
    buf_add_u64le(&b, h->generation);
    buf_add_u64le(&b, h->seq);
    buf_add_u64le(&b, h->events);
    buf_add_u64le(&b, h->bytes);
    buf_add_u64le(&b, h->hash.hi);
    buf_add_u64le(&b, h->hash.lo);
    buf_add_svarint(&b, h->first_ms);
    buf_add_svarint(&b, h->newest_ms);
    return store_put_value(s, STORE_META, STR(HEAD_KEY), buf_str(&b), err);
}

int counted_trend_new(struct trend **ret, struct mq_error *err)
{
    struct trend *t;
    int rc = trend_new(&t, err);
    if (rc == 0 && (rc = trend_watch_rising(t, err)) != 0)
        trend_free(t);
    if (rc == 0)
        *ret = t;
    return rc;
}

/* ---------------------------------------------------------------- taking up */

static int read_parts(const struct store *s, const struct head *h, struct trend **ret,
                      struct mq_error *err)
{
    char name[PART_NAME_MAX];
    struct buf b;
    int rc = 0;
    buf_init(&b, bytes_max);
    for (uint64_t i = 0; rc == 0 && i < parts_of(h->bytes); i++)
        rc = store_get_value(s, STORE_META, part_key(name, h->generation, i), &b, err);
    struct hash128 hash = hash128(b.p, b.n);
    if (rc == 0 && (b.n != h->bytes || hash.hi != h->hash.hi || hash.lo != h->hash.lo))
        rc = mq_fail(err, MQ_CORRUPT, "counters: what was kept is damaged");
    if (rc == 0)
        rc = trend_decode(buf_str(&b), ret, err);
    buf_release(&b);
    return rc;
}

struct catching_up {
    struct counted *counted;
    struct audiences *audiences;
    uint64_t after, events;
    struct mq_error *err;
};

static int count_later(void *ctx, const struct event *e)
{
    struct catching_up *c = ctx;
    struct counted *n = c->counted;
    audiences_scanned(c->audiences, e);
    if (e->seq <= c->after)
        return 0;
    c->events++;
    if (n->newest_ms == 0 || e->at_ms > n->newest_ms)
        n->newest_ms = e->at_ms;
    if (n->first_ms == 0 || e->at_ms < n->first_ms)
        n->first_ms = e->at_ms;
    return trend_feed(n->trend, e, c->err);
}

/* The events that came since; *ret_fits: without them the log holds what was counted. */
static int catch_up(const struct mq_engine *e, const struct head *h, struct counted *counted,
                    bool *ret_fits, struct mq_error *err)
{
    struct catching_up c = {
        .counted = counted, .audiences = e->audiences, .after = h->seq, .err = err};
    struct store_stats stats;
    struct store_range later = {.after_seq = h->seq};
    uint64_t saved = audiences_saved_seq(e->audiences);
    if (saved > 0 && saved < h->seq) /* they wait for a scan to tell them, too */
        later.after_seq = saved;
    int rc = store_stats(e->store, &stats, err);
    if (rc == 0 && stats.last_seq > later.after_seq)
        rc = store_scan_all(e->store, &later, count_later, &c, err);
    *ret_fits = rc == 0 && stats.last_seq >= h->seq && stats.events == h->events + c.events;
    return rc;
}

static bool unusable(int rc)
{
    return rc == MQ_NOT_FOUND || rc == MQ_CORRUPT || rc == MQ_VERSION || rc == MQ_TOO_LARGE;
}

int kept_counters_load(struct mq_engine *e, struct counted *ret, struct mq_error *err)
{
    struct head h = {0};
    struct counted counted = {0};
    bool fits = false;
    int rc = read_head(e->store, &h, err);
    if (rc == 0)
        rc = read_parts(e->store, &h, &counted.trend, err);
    if (unusable(rc))
        return mq_fail(err, MQ_NOT_FOUND, "counters: none were kept");
    counted.first_ms = h.first_ms;
    counted.newest_ms = h.newest_ms;
    if (rc == 0)
        rc = catch_up(e, &h, &counted, &fits, err);
    if (rc || !fits) {
        trend_free(counted.trend);
        return rc ? rc : mq_fail(err, MQ_NOT_FOUND, "counters: those kept are of another log");
    }
    e->kept_seq = h.seq;
    *ret = counted;
    return 0;
}

/* ---------------------------------------------------------------- writing behind */

static int remove_parts(struct store *s, const struct head *h, struct mq_error *err)
{
    char name[PART_NAME_MAX];
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < parts_of(h->bytes); i++)
        rc = store_delete_value(s, STORE_META, part_key(name, h->generation, i), err);
    return rc;
}

static int write_parts(struct store *s, const struct head *h, struct str bytes,
                       struct mq_error *err)
{
    char name[PART_NAME_MAX];
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < parts_of(h->bytes); i++) {
        struct str part = {bytes.p + i * PART_BYTES, bytes.n - i * PART_BYTES};
        part.n = part.n < PART_BYTES ? part.n : PART_BYTES;
        rc = store_put_value(s, STORE_META, part_key(name, h->generation, i), part, err);
    }
    return rc ? rc : write_head(s, h, err);
}

int kept_counters_write(struct mq_engine *e, struct mq_error *err)
{
    struct store_stats stats;
    struct head before = {0};
    uint64_t seq = atomic_load(&e->applied_seq);
    if (seq == e->kept_seq)
        return 0;
    int rc = store_stats(e->store, &stats, err);
    if (rc)
        return rc;
    bool had = read_head(e->store, &before, NULL) == 0;
    struct buf b;
    buf_init(&b, bytes_max);
    trend_encode(atomic_load(&e->trend), &b);
    struct head h = {.generation = before.generation + 1,
                     .seq = seq,
                     .events = stats.events,
                     .bytes = b.n,
                     .hash = hash128(b.p, b.n),
                     .first_ms = atomic_load(&e->first_ms),
                     .newest_ms = atomic_load(&e->newest_ms)};
    if (b.failed)
        rc = mq_fail(err, MQ_TOO_LARGE, "counters: too large to be kept");
    if (rc == 0)
        rc = write_parts(e->store, &h, buf_str(&b), err);
    buf_release(&b);
    if (rc)
        return rc;
    e->kept_seq = seq;
    return had ? remove_parts(e->store, &before, err) : 0;
}

int kept_counters_remove(struct mq_engine *e, struct mq_error *err)
{
    struct head h = {0};
    e->kept_seq = 0;
    if (read_head(e->store, &h, NULL) != 0)
        return 0;
    int rc = store_delete_value(e->store, STORE_META, STR(HEAD_KEY), err);
    return rc ? rc : remove_parts(e->store, &h, err);
}
