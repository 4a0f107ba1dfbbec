/* event_codec.c - a stored event's value.
 *
 *   u8      version (1)
 *   u8      kind
 *   varint  mask: which of the fields below are there, bit i = the i-th
 *   then the fields that are there, in this order:
 *     0  svarint  arrival_ms - at_ms      7  text    recommendation     14  text    region
 *     1  text     source                  8  svarint position_ms        15  text    mood
 *     2  text     id                      9  svarint from_ms            16  text    query
 *     3  varint   title                  10  svarint rate_milli         17  text    chosen
 *     4  text     session                11  f32     value, f32 scale   18  varint  results
 *     5  text     custom                 12  svarint offset_min         19  items
 *     6  u8       autoplay               13  u8 device, u16 country     20  (nothing) archived
 *    21  varint   other                 22  text    attributes
 *   text = varint length, bytes. items = varint count, then each varint title, varint row,
 *   varint column, f32 propensity. Numbers as base/buf.h writes them.
 *
 * Viewer, at_ms and seq are in the key. A field added later takes the next bit; a reader refuses bits it
 * does not know (MQ_VERSION), so that nothing is silently dropped. */
#include <math.h>

#include "event/event.h"

enum { CODEC_VERSION = 1 };

enum field {
    F_ARRIVAL,
    F_SOURCE,
    F_ID,
    F_TITLE,
    F_SESSION,
    F_CUSTOM,
    F_AUTOPLAY,
    F_RECOMMENDATION,
    F_POSITION,
    F_FROM,
    F_RATE,
    F_VALUE,
    F_OFFSET,
    F_DEVICE,
    F_REGION,
    F_MOOD,
    F_QUERY,
    F_CHOSEN,
    F_RESULTS,
    F_ITEMS,
    F_ARCHIVED,
    F_OTHER,
    F_ATTRIBUTES,
    FIELDS
};

static bool has(uint64_t mask, enum field f)
{
    return mask >> f & 1;
}

static uint64_t mask_of(const struct event *e)
{
    uint64_t m = UINT64_C(1) << F_ARRIVAL;
    const struct {
        bool there;
        enum field f;
    } fields[] = {
        {e->source.n > 0, F_SOURCE},
        {e->id.n > 0, F_ID},
        {e->title_id.v != ID_NONE, F_TITLE},
        {e->session.n > 0, F_SESSION},
        {e->custom.n > 0, F_CUSTOM},
        {e->autoplay >= 0, F_AUTOPLAY},
        {e->recommendation.n > 0, F_RECOMMENDATION},
        {e->position_ms != EVENT_ABSENT, F_POSITION},
        {e->from_ms != EVENT_ABSENT, F_FROM},
        {e->rate_milli != EVENT_NO_RATE, F_RATE},
        {!isnan(e->value), F_VALUE},
        {e->context.offset_min != OFFSET_NONE, F_OFFSET},
        {e->context.device != DEVICE_NONE || e->context.country != 0, F_DEVICE},
        {e->context.region.n > 0, F_REGION},
        {e->context.mood.n > 0, F_MOOD},
        {e->query.n > 0, F_QUERY},
        {e->chosen.n > 0, F_CHOSEN},
        {e->results >= 0, F_RESULTS},
        {e->n_items > 0, F_ITEMS},
        {e->archived, F_ARCHIVED},
        {e->other_id.v != ID_NONE, F_OTHER},
        {e->attributes.n > 0, F_ATTRIBUTES},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        m |= (uint64_t)fields[i].there << fields[i].f;
    return m;
}

static void encode_items(const struct event *e, struct buf *out)
{
    buf_add_varint(out, e->n_items);
    for (uint32_t i = 0; i < e->n_items; i++) {
        const struct event_item *item = &e->items[i];
        buf_add_varint(out, item->title_id.v);
        buf_add_varint(out, item->row);
        buf_add_varint(out, item->column);
        buf_add_f32(out, item->propensity);
    }
}

static void encode_where(const struct event *e, uint64_t m, struct buf *out)
{
    if (has(m, F_OFFSET))
        buf_add_svarint(out, e->context.offset_min);
    if (has(m, F_DEVICE)) {
        buf_add_u8(out, e->context.device);
        buf_add_u8(out, (uint8_t)(e->context.country & 0xff));
        buf_add_u8(out, (uint8_t)(e->context.country >> 8));
    }
    if (has(m, F_REGION))
        buf_add_lenstr(out, e->context.region);
    if (has(m, F_MOOD))
        buf_add_lenstr(out, e->context.mood);
}

void event_encode(const struct event *e, struct buf *out)
{
    uint64_t m = mask_of(e);
    buf_add_u8(out, CODEC_VERSION);
    buf_add_u8(out, (uint8_t)e->kind);
    buf_add_varint(out, m);
    buf_add_svarint(out, (int64_t)((uint64_t)e->arrival_ms - (uint64_t)e->at_ms));
    if (has(m, F_SOURCE))
        buf_add_lenstr(out, e->source);
    if (has(m, F_ID))
        buf_add_lenstr(out, e->id);
    if (has(m, F_TITLE))
        buf_add_varint(out, e->title_id.v);
    if (has(m, F_SESSION))
        buf_add_lenstr(out, e->session);
    if (has(m, F_CUSTOM))
        buf_add_lenstr(out, e->custom);
    if (has(m, F_AUTOPLAY))
        buf_add_u8(out, (uint8_t)e->autoplay);
    if (has(m, F_RECOMMENDATION))
        buf_add_lenstr(out, e->recommendation);
    if (has(m, F_POSITION))
        buf_add_svarint(out, e->position_ms);
    if (has(m, F_FROM))
        buf_add_svarint(out, e->from_ms);
    if (has(m, F_RATE))
        buf_add_svarint(out, e->rate_milli);
    if (has(m, F_VALUE)) {
        buf_add_f32(out, e->value);
        buf_add_f32(out, e->scale);
    }
    encode_where(e, m, out);
    if (has(m, F_QUERY))
        buf_add_lenstr(out, e->query);
    if (has(m, F_CHOSEN))
        buf_add_lenstr(out, e->chosen);
    if (has(m, F_RESULTS))
        buf_add_varint(out, (uint64_t)e->results);
    if (has(m, F_ITEMS))
        encode_items(e, out);
    if (has(m, F_OTHER))
        buf_add_varint(out, e->other_id.v);
    if (has(m, F_ATTRIBUTES))
        buf_add_lenstr(out, e->attributes);
}

static int decode_items(struct cursor *c, struct arena *arena, struct event *e,
                        struct mq_error *err)
{
    uint64_t n = cursor_varint(c);
    /* An item takes at least 7 bytes, so a huge count cannot make us allocate more than was read. */
    if (c->failed || n > EVENT_ITEMS_MAX || n > cursor_left(c) / 7)
        return mq_fail(err, MQ_CORRUPT, "stored event: items: the count does not fit the row");
    e->items = ARENA_ARRAY(arena, n, struct event_item);
    if (n > 0 && !e->items)
        return mq_fail(err, MQ_NO_MEMORY, "stored event: %u items: no memory", (unsigned)n);
    for (uint64_t i = 0; i < n; i++) {
        struct event_item *item = &e->items[i];
        item->title_id.v = (uint32_t)cursor_varint(c);
        item->row = (uint16_t)cursor_varint(c);
        item->column = (uint16_t)cursor_varint(c);
        item->propensity = cursor_f32(c);
    }
    e->n_items = (uint32_t)n;
    return 0;
}

static void decode_where(struct cursor *c, uint64_t m, struct event *e)
{
    if (has(m, F_OFFSET))
        e->context.offset_min = (int16_t)cursor_svarint(c);
    if (has(m, F_DEVICE)) {
        uint8_t device = cursor_u8(c);
        e->context.device = device < DEVICES ? device : DEVICE_OTHER;
        unsigned low = cursor_u8(c);
        e->context.country = (country_code)(low | (unsigned)cursor_u8(c) << 8);
    }
    if (has(m, F_REGION))
        e->context.region = cursor_lenstr(c);
    if (has(m, F_MOOD))
        e->context.mood = cursor_lenstr(c);
}

static int decode_fields(struct cursor *c, uint64_t m, struct arena *arena, struct event *e,
                         struct mq_error *err)
{
    /* Damaged bytes may say anything; the sum wraps as encoding's difference did. */
    if (has(m, F_ARRIVAL))
        e->arrival_ms = (int64_t)((uint64_t)e->at_ms + (uint64_t)cursor_svarint(c));
    if (has(m, F_SOURCE))
        e->source = cursor_lenstr(c);
    if (has(m, F_ID))
        e->id = cursor_lenstr(c);
    if (has(m, F_TITLE))
        e->title_id.v = (uint32_t)cursor_varint(c);
    if (has(m, F_SESSION))
        e->session = cursor_lenstr(c);
    if (has(m, F_CUSTOM))
        e->custom = cursor_lenstr(c);
    if (has(m, F_AUTOPLAY))
        e->autoplay = cursor_u8(c) != 0;
    if (has(m, F_RECOMMENDATION))
        e->recommendation = cursor_lenstr(c);
    if (has(m, F_POSITION))
        e->position_ms = cursor_svarint(c);
    if (has(m, F_FROM))
        e->from_ms = cursor_svarint(c);
    if (has(m, F_RATE))
        e->rate_milli = (int32_t)cursor_svarint(c);
    if (has(m, F_VALUE)) {
        e->value = cursor_f32(c);
        e->scale = cursor_f32(c);
    }
    decode_where(c, m, e);
    if (has(m, F_QUERY))
        e->query = cursor_lenstr(c);
    if (has(m, F_CHOSEN))
        e->chosen = cursor_lenstr(c);
    if (has(m, F_RESULTS))
        e->results = (int32_t)cursor_varint(c);
    int rc = has(m, F_ITEMS) ? decode_items(c, arena, e, err) : 0;
    if (rc == 0 && has(m, F_OTHER))
        e->other_id.v = (uint32_t)cursor_varint(c);
    if (rc == 0 && has(m, F_ATTRIBUTES))
        e->attributes = cursor_lenstr(c);
    return rc;
}

int event_decode(struct str bytes, int64_t at_ms, struct arena *arena, struct event *ret,
                 struct mq_error *err)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    struct event e;
    event_init(&e);
    uint8_t version = cursor_u8(&c);
    uint8_t kind = cursor_u8(&c);
    uint64_t m = cursor_varint(&c);
    if (c.failed || version == 0)
        return mq_fail(err, MQ_CORRUPT, "stored event: %zu bytes, version %u: is no event", bytes.n,
                       version);
    if (version > CODEC_VERSION || m >> FIELDS != 0)
        return mq_fail(err, MQ_VERSION,
                       "stored event: version %u, fields %llx: written by a newer Marquee", version,
                       (unsigned long long)m);
    if (kind >= EVENT_KINDS)
        return mq_fail(err, MQ_CORRUPT, "stored event: kind %u: is none", kind);
    e.kind = (enum event_kind)kind;
    e.at_ms = at_ms;
    e.archived = has(m, F_ARCHIVED);
    int rc = decode_fields(&c, m, arena, &e, err);
    if (rc)
        return rc;
    if (c.failed || cursor_left(&c) != 0)
        return mq_fail(err, MQ_CORRUPT,
                       "stored event: %zu bytes: the fields do not end with the row", bytes.n);
    *ret = e;
    return 0;
}
