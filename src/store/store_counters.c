/* store_counters.c - the counters' row.
 *
 *   u8 version (1) · u64le writes, events, duplicates, described, credits, last_seq, first_ms, last_ms
 *   u64le ids given to viewers, titles, persons · varint kinds · u64le per kind of event
 *
 * A kind added later is 0 in an older row. */
#include "store/store_inside.h"

enum { COUNTERS_VERSION = 1 };

void counters_encode(const struct counters *c, struct buf *out)
{
    buf_add_u8(out, COUNTERS_VERSION);
    const uint64_t numbers[] = {
        c->writes,  c->events,   c->duplicates,         c->described,
        c->credits, c->last_seq, (uint64_t)c->first_ms, (uint64_t)c->last_ms};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        buf_add_u64le(out, numbers[i]);
    for (int k = 0; k < NAME_KINDS; k++)
        buf_add_u64le(out, c->given[k]);
    buf_add_varint(out, EVENT_KINDS);
    for (int k = 0; k < EVENT_KINDS; k++)
        buf_add_u64le(out, c->by_kind[k]);
}

int counters_decode(struct str bytes, struct counters *ret, struct mq_error *err)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    uint8_t version = cursor_u8(&c);
    if (version > COUNTERS_VERSION)
        return mq_fail(err, MQ_VERSION, "counters: version %u: written by a newer Marquee",
                       version);
    struct counters n = {0};
    uint64_t first = 0, last = 0;
    uint64_t *const numbers[] = {&n.writes,  &n.events,   &n.duplicates, &n.described,
                                 &n.credits, &n.last_seq, &first,        &last};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        *numbers[i] = cursor_u64le(&c);
    n.first_ms = (int64_t)first;
    n.last_ms = (int64_t)last;
    for (int k = 0; k < NAME_KINDS; k++)
        n.given[k] = cursor_u64le(&c);
    uint64_t kinds = cursor_varint(&c);
    if (kinds > EVENT_KINDS)
        return mq_fail(err, MQ_VERSION,
                       "counters: %llu kinds of events: written by a newer Marquee",
                       (unsigned long long)kinds);
    for (uint64_t k = 0; k < kinds; k++)
        n.by_kind[k] = cursor_u64le(&c);
    if (version == 0 || c.failed || cursor_left(&c) != 0)
        return mq_fail(err, MQ_CORRUPT, "counters: %zu bytes: are no counters", bytes.n);
    *ret = n;
    return 0;
}

void counters_add_time(struct counters *c, int64_t at_ms)
{
    if (c->events == 0 || at_ms < c->first_ms)
        c->first_ms = at_ms;
    if (c->events == 0 || at_ms > c->last_ms)
        c->last_ms = at_ms;
}

static int recount_events(const struct store *s, struct counters *c, struct mq_error *err)
{
    struct rows r;
    struct str key, value;
    int rc = 0;
    rows_open(s, FAMILY_EVENTS, STR_NONE, STR_NONE, ROWS_ALL, &r);
    while (rc == 0 && rows_next(&r, &key, &value)) {
        uint8_t kind = value.n > 1 ? (uint8_t)value.p[1] : EVENT_KINDS;
        if (key.n != KEY_EVENT || kind >= EVENT_KINDS) {
            rc = mq_fail(err, MQ_CORRUPT, "events: a row of %zu and %zu bytes: is no event", key.n,
                         value.n);
            break;
        }
        counters_add_time(c, time_from_key(get_be64(key.p + 4)));
        c->events++;
        c->by_kind[kind]++;
        uint64_t seq = get_be64(key.p + 12);
        c->last_seq = seq > c->last_seq ? seq : c->last_seq;
    }
    int closed = rows_close(&r, "events", rc ? NULL : err);
    return rc ? rc : closed;
}

static int recount_names(const struct store *s, struct counters *c, struct mq_error *err)
{
    struct rows r;
    struct str key, value, name, spelling;
    int rc = 0;
    rows_open(s, FAMILY_NAMES, STR_NONE, STR_NONE, ROWS_ALL, &r);
    while (rc == 0 && rows_next(&r, &key, &value)) {
        enum name_kind kind;
        uint32_t id;
        rc = names_decode(key, value, &kind, &id, &name, &spelling, err);
        if (rc == 0 && id >= c->given[kind])
            c->given[kind] = (uint64_t)id + 1;
    }
    int closed = rows_close(&r, "names", rc ? NULL : err);
    return rc ? rc : closed;
}

static int count_title(void *ctx, const struct title *t)
{
    struct counters *c = ctx;
    c->described++;
    c->credits += t->n_credits;
    return 0;
}

int counters_recount(const struct store *s, struct counters *ret, struct mq_error *err)
{
    struct counters c = {
        .writes = ret->writes, .duplicates = ret->duplicates, .last_seq = ret->last_seq};
    memcpy(c.given, ret->given, sizeof(c.given));
    int rc = recount_events(s, &c, err);
    if (rc == 0)
        rc = recount_names(s, &c, err);
    if (rc == 0)
        rc = store_scan_titles(s, 0, count_title, &c, err);
    if (rc == 0)
        *ret = c;
    return rc;
}
