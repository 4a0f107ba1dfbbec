/* rising_codec.c - the bytes, at the end of those of the live counters (trend_codec.c).
 *
 *   varint places, each:
 *     u64le key · varint newest minute, week, titles · varint recent[32][dayparts], base[2][dayparts]
 *     titles with counts: varint id - previous id (previous: -1 at first), cell · varint 0
 *   cell: varint week · varint base[2][dayparts] · varint newest minute, 0 when its minutes have gone from all windows;
 *     else u8 counts[16] · u64le viewers[4] */
#include "profile/rising_counts.h"

static void encode_cell(const struct rising_cell *c, int32_t newest, struct buf *out)
{
    int32_t minute = RISING_GET(c->minute);
    buf_add_varint(out, RISING_GET(c->week));
    for (unsigned w = 0; w < RISING_WEEKS; w++)
        for (unsigned d = 0; d < DAYPARTS; d++)
            buf_add_varint(out, RISING_GET(c->base[w][d]));
    bool recent = minute > newest - RISING_MINUTES;
    buf_add_varint(out, (uint64_t)(recent ? minute : 0));
    for (unsigned m = 0; recent && m < RISING_MINUTES; m++)
        buf_add_u8(out, RISING_GET(c->counts[m]));
    for (unsigned b = 0; recent && b < RISING_BLOCKS; b++)
        buf_add_u64le(out, RISING_GET(c->viewers[b]));
}

static void encode_place(const struct rising_place *p, struct buf *out)
{
    int64_t previous = -1;
    int32_t newest = RISING_GET(p->minute);
    buf_add_u64le(out, RISING_GET(p->key));
    buf_add_varint(out, (uint64_t)newest);
    buf_add_varint(out, RISING_GET(p->week));
    buf_add_varint(out, RISING_GET(p->titles));
    for (unsigned m = 0; m < RISING_PLACE_MINUTES; m++)
        for (unsigned d = 0; d < DAYPARTS; d++)
            buf_add_varint(out, RISING_GET(p->recent[m][d]));
    for (unsigned w = 0; w < RISING_WEEKS; w++)
        for (unsigned d = 0; d < DAYPARTS; d++)
            buf_add_varint(out, RISING_GET(p->base[w][d]));
    for (uint32_t i = 0; i < RISING_CHUNKS; i++) {
        const struct rising_chunk *c = RISING_GET(p->chunks[i]);
        for (uint32_t k = 0; c && k < RISING_CHUNK; k++) {
            if (RISING_GET(c->cells[k].week) == 0)
                continue;
            int64_t title = (int64_t)i * RISING_CHUNK + k;
            buf_add_varint(out, (uint64_t)(title - previous));
            previous = title;
            encode_cell(&c->cells[k], newest, out);
        }
    }
    buf_add_varint(out, 0);
}

void rising_encode(const struct rising *r, struct buf *out)
{
    unsigned n = 0;
    while (n < RISING_PLACES && RISING_GET(r->places[n]))
        n++;
    buf_add_varint(out, n);
    for (unsigned i = 0; i < n; i++)
        encode_place(RISING_GET(r->places[i]), out);
}

static int corrupt(struct mq_error *err)
{
    return mq_fail(err, MQ_CORRUPT, "counters: their bytes are none");
}

/* A number up to max; beyond it the cursor fails. */
static uint64_t number(struct cursor *c, uint64_t max)
{
    uint64_t v = cursor_varint(c);
    c->failed = c->failed || v > max;
    return c->failed ? 0 : v;
}

static void decode_cell(struct cursor *c, struct rising_cell *cell)
{
    uint64_t week = number(c, UINT16_MAX);
    c->failed = c->failed || week == 0;
    RISING_PUT(cell->week, (uint16_t)week);
    for (unsigned w = 0; w < RISING_WEEKS; w++)
        for (unsigned d = 0; d < DAYPARTS; d++)
            RISING_PUT(cell->base[w][d], (uint16_t)number(c, RISING_BASE_MAX));
    int32_t minute = (int32_t)number(c, INT32_MAX);
    RISING_PUT(cell->minute, minute);
    for (unsigned m = 0; minute > 0 && m < RISING_MINUTES; m++)
        RISING_PUT(cell->counts[m], cursor_u8(c));
    for (unsigned b = 0; minute > 0 && b < RISING_BLOCKS; b++)
        RISING_PUT(cell->viewers[b], cursor_u64le(c));
}

static int decode_cells(struct cursor *c, struct rising *r, struct rising_place *p,
                        struct mq_error *err)
{
    const uint64_t max = (uint64_t)RISING_CHUNK * RISING_CHUNKS;
    uint64_t next = 0; /* the id after the last one */
    for (;;) {
        uint64_t step = number(c, max - next);
        struct rising_chunk *chunk;
        if (c->failed)
            return corrupt(err);
        if (step == 0)
            return 0;
        next += step;
        uint32_t title = (uint32_t)next - 1;
        int rc = rising_chunk_at(r, p, title / RISING_CHUNK, &chunk, err);
        if (rc || !chunk)
            return rc ? rc : corrupt(err);
        decode_cell(c, &chunk->cells[title % RISING_CHUNK]);
        rising_join(p, &chunk->cells[title % RISING_CHUNK]);
        rising_sum(chunk, title % RISING_CHUNK);
    }
}

static int decode_place(struct cursor *c, struct rising *r, struct mq_error *err)
{
    struct rising_place *p;
    uint64_t key = cursor_u64le(c);
    if (c->failed || key == 0)
        return corrupt(err);
    for (unsigned i = 0; i < RISING_PLACES && RISING_GET(r->places[i]); i++)
        if (RISING_GET(RISING_GET(r->places[i])->key) == key)
            return corrupt(err);
    int rc = rising_place_add(r, key, &p, err);
    if (rc)
        return rc;
    RISING_PUT(p->minute, (int32_t)number(c, INT32_MAX));
    RISING_PUT(p->week, (uint16_t)number(c, UINT16_MAX));
    RISING_PUT(p->titles, (uint32_t)number(c, (uint64_t)RISING_CHUNK * RISING_CHUNKS));
    for (unsigned m = 0; m < RISING_PLACE_MINUTES; m++)
        for (unsigned d = 0; d < DAYPARTS; d++)
            RISING_PUT(p->recent[m][d], (uint32_t)number(c, UINT32_MAX));
    for (unsigned w = 0; w < RISING_WEEKS; w++)
        for (unsigned d = 0; d < DAYPARTS; d++)
            RISING_PUT(p->base[w][d], number(c, UINT64_MAX));
    return decode_cells(c, r, p, err);
}

int rising_decode(struct cursor *c, struct rising *r, struct mq_error *err)
{
    uint64_t n = number(c, RISING_PLACES);
    int rc = c->failed ? corrupt(err) : 0;
    for (uint64_t i = 0; i < n && rc == 0; i++)
        rc = decode_place(c, r, err);
    return rc;
}
