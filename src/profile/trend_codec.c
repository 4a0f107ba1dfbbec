/* trend_codec.c - the live counters' bytes.
 *
 *   u8 version (2) · u8 1 if there is a newest week · svarint newest week
 *   tables: overall, elsewhere, dayparts 1.., devices 1.. (varint how many of each), then
 *   varint countries, each: u8 two letters, table
 *   u8 1 if places are watched by the minute, then those (rising_codec.c)
 *
 *   table: varint total of each slot · titles with a count: varint id - previous id (previous: -1 at first),
 *          u8 bit per slot that has one, varint each · varint 0
 *
 * A daypart or device added later has no counts in older bytes. */
#include "profile/trend_codec.h"

#include <stdlib.h>

#include "profile/trend_tables.h"

enum { TREND_VERSION = 2 };

static uint32_t count_at(const struct trend_chunk *c, unsigned slot, uint32_t i)
{
    return (uint32_t)(trend_load(&c->pairs[slot][i / 2]) >> (i & 1 ? 32 : 0));
}

static bool pair_is_empty(const struct trend_chunk *c, uint32_t pair)
{
    uint64_t any = 0;
    for (unsigned s = 0; s < TREND_SLOTS; s++)
        any |= trend_load(&c->pairs[s][pair]);
    return any == 0;
}

static void encode_title(const struct trend_chunk *c, uint32_t i, uint32_t title, int64_t *previous,
                         struct buf *out)
{
    unsigned mask = 0;
    for (unsigned s = 0; s < TREND_SLOTS; s++)
        mask |= (unsigned)(count_at(c, s, i) > 0) << s;
    if (mask == 0)
        return;
    buf_add_varint(out, (uint64_t)(title - *previous));
    *previous = title;
    buf_add_u8(out, (uint8_t)mask);
    for (unsigned s = 0; s < TREND_SLOTS; s++)
        if (mask >> s & 1)
            buf_add_varint(out, count_at(c, s, i));
}

static void encode_table(const struct trend_table *t, struct buf *out)
{
    int64_t previous = -1;
    for (unsigned s = 0; s < TREND_SLOTS; s++)
        buf_add_varint(out, trend_load(&t->totals[s]));
    for (uint32_t chunk = 0; chunk < TREND_CHUNKS; chunk++) {
        const struct trend_chunk *c = trend_table_chunk(t, chunk);
        for (uint32_t i = 0; c && i < TREND_CHUNK; i += 2) {
            if (pair_is_empty(c, i / 2))
                continue;
            encode_title(c, i, chunk * TREND_CHUNK + i, &previous, out);
            encode_title(c, i + 1, chunk * TREND_CHUNK + i + 1, &previous, out);
        }
    }
    buf_add_varint(out, 0);
}

void trend_encode(const struct trend *t, struct buf *out)
{
    int64_t newest = atomic_load(&t->newest);
    unsigned countries = 0;
    buf_add_u8(out, TREND_VERSION);
    buf_add_u8(out, newest != TREND_NO_WEEK);
    buf_add_svarint(out, newest != TREND_NO_WEEK ? newest : 0);
    encode_table(&t->overall, out);
    encode_table(&t->elsewhere, out);
    buf_add_varint(out, DAYPARTS);
    for (unsigned i = DAYPART_NONE + 1; i < DAYPARTS; i++)
        encode_table(&t->dayparts[i], out);
    buf_add_varint(out, DEVICES);
    for (unsigned i = DEVICE_NONE + 1; i < DEVICES; i++)
        encode_table(&t->devices[i], out);
    while (countries < TREND_COUNTRIES && atomic_load(&t->codes[countries]) != 0)
        countries++;
    buf_add_varint(out, countries);
    for (unsigned i = 0; i < countries; i++) {
        country_code code = atomic_load(&t->codes[i]);
        buf_add_u8(out, (uint8_t)(code >> 8));
        buf_add_u8(out, (uint8_t)code);
        encode_table(atomic_load(&t->countries[i]), out);
    }
    buf_add_u8(out, t->rising != NULL);
    if (t->rising)
        rising_encode(t->rising, out);
}

static int corrupt(struct mq_error *err)
{
    return mq_fail(err, MQ_CORRUPT, "counters: their bytes are none");
}

static int decode_title(struct cursor *c, struct trend_table *t, uint32_t title,
                        struct mq_error *err)
{
    unsigned mask = cursor_u8(c);
    if (mask == 0 || mask >> TREND_SLOTS != 0)
        return corrupt(err);
    int rc = trend_table_reserve(t, title, err);
    for (unsigned s = 0; s < TREND_SLOTS && rc == 0; s++) {
        uint64_t n = mask >> s & 1 ? cursor_varint(c) : 0;
        if ((mask >> s & 1 && n == 0) || n > (s == TREND_OLDER ? TREND_OLDER_MAX : TREND_WEEK_MAX))
            rc = corrupt(err);
        else if (n > 0)
            trend_table_set(t, title, s, (uint32_t)n);
    }
    return rc;
}

static int decode_table(struct cursor *c, struct trend_table *t, struct mq_error *err)
{
    int64_t title = -1;
    for (unsigned s = 0; s < TREND_SLOTS; s++)
        atomic_store_explicit(&t->totals[s], cursor_varint(c), memory_order_relaxed);
    for (;;) {
        uint64_t step = cursor_varint(c);
        if (c->failed)
            return corrupt(err);
        if (step == 0)
            return 0;
        if (step >= (uint64_t)TREND_CHUNK * TREND_CHUNKS - (uint64_t)title)
            return corrupt(err);
        title += (int64_t)step;
        int rc = decode_title(c, t, (uint32_t)title, err);
        if (rc)
            return rc;
    }
}

/* Tables [1, n) of `room`. */
static int decode_tables(struct cursor *c, struct trend_table *tables, uint64_t room,
                         struct mq_error *err)
{
    uint64_t n = cursor_varint(c);
    if (c->failed || n > room)
        return mq_fail(err, c->failed ? MQ_CORRUPT : MQ_VERSION,
                       "counters: %llu tables: written by a newer Marquee", (unsigned long long)n);
    int rc = 0;
    for (uint64_t i = 1; i < n && rc == 0; i++)
        rc = decode_table(c, &tables[i], err);
    return rc;
}

static int decode_countries(struct cursor *c, struct trend *t, struct mq_error *err)
{
    uint64_t n = cursor_varint(c);
    if (c->failed || n > TREND_COUNTRIES)
        return corrupt(err);
    for (uint64_t i = 0; i < n; i++) {
        char letters[2];
        country_code code;
        letters[0] = (char)cursor_u8(c);
        letters[1] = (char)cursor_u8(c);
        if (!country_from((struct str){letters, 2}, &code))
            return corrupt(err);
        for (uint64_t k = 0; k < i; k++)
            if (atomic_load(&t->codes[k]) == code)
                return corrupt(err);
        struct trend_table *table = calloc(1, sizeof(*table));
        if (!table)
            return mq_fail(err, MQ_NO_MEMORY, "counters: no memory");
        atomic_store(&t->countries[i], table);
        atomic_store(&t->codes[i], code);
        int rc = decode_table(c, table, err);
        if (rc)
            return rc;
    }
    return 0;
}

static int decode_rising(struct cursor *c, struct trend *t, struct mq_error *err)
{
    uint8_t watched = cursor_u8(c);
    if (watched > 1)
        return corrupt(err);
    int rc = watched ? trend_watch_rising(t, err) : 0;
    return rc == 0 && watched ? rising_decode(c, t->rising, err) : rc;
}

static int decode(struct cursor *c, struct trend *t, struct mq_error *err)
{
    uint8_t version = cursor_u8(c), has_week = cursor_u8(c);
    int64_t newest = cursor_svarint(c);
    if (version > TREND_VERSION)
        return mq_fail(err, MQ_VERSION, "counters: version %u: written by a newer Marquee",
                       version);
    if (version == 1)
        return mq_fail(err, MQ_VERSION, "counters: version 1: has no places by the minute");
    /* Weeks are those of times in milliseconds. */
    bool sane = newest >= trend_week(INT64_MIN) && newest <= trend_week(INT64_MAX);
    if (version == 0 || has_week > 1 || !sane || c->failed)
        return corrupt(err);
    if (has_week)
        atomic_store(&t->newest, newest);
    int rc = decode_table(c, &t->overall, err);
    if (rc == 0)
        rc = decode_table(c, &t->elsewhere, err);
    if (rc == 0)
        rc = decode_tables(c, t->dayparts, DAYPARTS, err);
    if (rc == 0)
        rc = decode_tables(c, t->devices, DEVICES, err);
    if (rc == 0)
        rc = decode_countries(c, t, err);
    if (rc == 0)
        rc = decode_rising(c, t, err);
    return rc == 0 && (c->failed || cursor_left(c) != 0) ? corrupt(err) : rc;
}

int trend_decode(struct str bytes, struct trend **ret, struct mq_error *err)
{
    struct trend *t = NULL;
    struct cursor c = cursor_over(bytes.p, bytes.n);
    int rc = trend_new(&t, err);
    if (rc == 0)
        rc = decode(&c, t, err);
    if (rc) {
        trend_free(t);
        return rc;
    }
    trend_sum_all(t, true);
    *ret = t;
    return 0;
}
