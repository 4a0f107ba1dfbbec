/* shown_page.c - a record's bytes.
 *
 *   u8 version (4) · u64 id high · u64 id low · varint model · varint log_seq · varint flags
 *   svarint offset_min · u8 device · varint country · text region · text mood
 *   varint arms:  text experiment · u8 arm
 *   varint rows:  text kind · u8 what (1 random, 2 teams, 4 pictures, 8 its place by chance, since version 3) · varint items:
 *                 varint title · u16 score (the upper half of a single-precision number)
 *                 then all propensities f32 when random, then all teams u8 when there, then of each item u8 picture
 *                 and, when that is not 0, varint its key (since version 4), and f32 its chance when there (since version 2), then f32 the
 *                 chance of its place when there
 *   text = varint length, bytes. Numbers as base/buf.h writes them. */
#include "event/shown_page.h"

#include <math.h>

enum {
    VERSION = 4,
    KEYS_SINCE = 4,
    ROW_RANDOM = 1,
    ROW_TEAMS = 2,
    ROW_PICTURES = 4,
    ROW_PLACED = 8,
    ITEM_LEAST = 3,
    ROW_LEAST = 3
};

static void add_score(struct buf *out, float score)
{
    uint32_t bits;
    memcpy(&bits, &score, sizeof(bits));
    if (isfinite(score))
        bits += 0x7fff + (bits >> 16 & 1); /* to the nearest, ties to even */
    buf_add_u8(out, (uint8_t)(bits >> 16));
    buf_add_u8(out, (uint8_t)(bits >> 24));
}

static float take_score(struct cursor *c)
{
    uint32_t low = cursor_u8(c);
    uint32_t bits = low << 16 | (uint32_t)cursor_u8(c) << 24;
    float score;
    memcpy(&score, &bits, sizeof(score));
    return score;
}

static struct str cut_text(struct str s)
{
    return s.n <= SHOWN_TEXT_MAX ? s : (struct str){s.p, SHOWN_TEXT_MAX};
}

static void encode_row(const struct shown_row *row, uint32_t n, struct buf *out)
{
    buf_add_lenstr(out, cut_text(row->kind));
    buf_add_u8(out, (uint8_t)((row->random ? ROW_RANDOM : 0) | (row->teams ? ROW_TEAMS : 0) |
                              (row->pictures ? ROW_PICTURES : 0) |
                              (row->place_chance > 0 ? ROW_PLACED : 0)));
    buf_add_varint(out, n);
    for (uint32_t i = 0; i < n; i++) {
        buf_add_varint(out, row->items[i].title.v);
        add_score(out, row->items[i].score);
    }
    for (uint32_t i = 0; row->random && i < n; i++)
        buf_add_f32(out, row->items[i].propensity);
    for (uint32_t i = 0; row->teams && i < n; i++)
        buf_add_u8(out, row->items[i].team);
    for (uint32_t i = 0; row->pictures && i < n; i++) {
        buf_add_u8(out, row->items[i].picture);
        if (row->items[i].picture > 0)
            buf_add_varint(out, row->items[i].picture_key);
        buf_add_f32(out, row->items[i].picture_chance);
    }
    if (row->place_chance > 0)
        buf_add_f32(out, row->place_chance);
}

void shown_page_encode(const struct shown_page *p, struct buf *out)
{
    uint32_t rows = p->n_rows < SHOWN_ROWS_MAX ? p->n_rows : SHOWN_ROWS_MAX;
    uint32_t arms = p->n_arms < SHOWN_ARMS_MAX ? p->n_arms : SHOWN_ARMS_MAX;
    uint32_t left = SHOWN_ITEMS_MAX;
    uint64_t items = 0;
    for (uint32_t i = 0; i < p->n_rows; i++)
        items += p->rows[i].n;
    bool cut = rows < p->n_rows || items > SHOWN_ITEMS_MAX;
    buf_add_u8(out, VERSION);
    buf_add_u64le(out, p->id.hi);
    buf_add_u64le(out, p->id.lo);
    buf_add_varint(out, p->model);
    buf_add_varint(out, p->log_seq);
    buf_add_varint(out, p->flags | (cut ? SHOWN_CUT : 0));
    buf_add_svarint(out, p->context.offset_min);
    buf_add_u8(out, p->context.device);
    buf_add_varint(out, p->context.country);
    buf_add_lenstr(out, cut_text(p->context.region));
    buf_add_lenstr(out, cut_text(p->context.mood));
    buf_add_varint(out, arms);
    for (uint32_t i = 0; i < arms; i++) {
        buf_add_lenstr(out, cut_text(p->arms[i].experiment));
        buf_add_u8(out, p->arms[i].arm);
    }
    buf_add_varint(out, rows);
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t n = p->rows[i].n < left ? p->rows[i].n : left;
        encode_row(&p->rows[i], n, out);
        left -= n;
    }
}

static int damaged(struct mq_error *err, const char *what)
{
    return mq_fail(err, MQ_CORRUPT, "shown page: %s: does not fit the record", what);
}

static int decode_arms(struct cursor *c, struct arena *arena, struct shown_page *p,
                       struct mq_error *err)
{
    uint64_t n = cursor_varint(c);
    if (c->failed || n > SHOWN_ARMS_MAX)
        return damaged(err, "the number of arms");
    p->arms = ARENA_ARRAY(arena, n + 1, struct shown_arm);
    if (!p->arms)
        return mq_fail(err, MQ_NO_MEMORY, "shown page: no memory");
    p->n_arms = (uint32_t)n;
    for (uint64_t i = 0; i < n; i++) {
        p->arms[i].experiment = cursor_lenstr(c);
        p->arms[i].arm = cursor_u8(c);
    }
    return 0;
}

static int decode_row(struct cursor *c, uint8_t version, struct arena *arena, uint32_t *left,
                      struct shown_row *row, struct mq_error *err)
{
    row->kind = cursor_lenstr(c);
    uint8_t what = cursor_u8(c);
    uint64_t n = cursor_varint(c);
    if (c->failed || what > (ROW_RANDOM | ROW_TEAMS | ROW_PICTURES | ROW_PLACED) || n > *left ||
        n > cursor_left(c) / ITEM_LEAST)
        return damaged(err, "the number of items");
    row->random = what & ROW_RANDOM;
    row->teams = what & ROW_TEAMS;
    row->pictures = what & ROW_PICTURES;
    row->n = (uint32_t)n;
    *left -= row->n;
    row->items = ARENA_ARRAY(arena, n + 1, struct shown_item);
    if (!row->items)
        return mq_fail(err, MQ_NO_MEMORY, "shown page: no memory");
    for (uint32_t i = 0; i < row->n; i++) {
        uint64_t title = cursor_varint(c);
        if (title > UINT32_MAX)
            return damaged(err, "a title's number");
        row->items[i] = (struct shown_item){.title = {(uint32_t)title},
                                            .score = take_score(c),
                                            .propensity = NAN,
                                            .picture_chance = NAN};
    }
    for (uint32_t i = 0; row->random && i < row->n; i++)
        row->items[i].propensity = cursor_f32(c);
    for (uint32_t i = 0; row->teams && i < row->n; i++)
        row->items[i].team = cursor_u8(c);
    for (uint32_t i = 0; row->pictures && i < row->n; i++) {
        row->items[i].picture = cursor_u8(c);
        uint64_t key = version >= KEYS_SINCE && row->items[i].picture > 0 ? cursor_varint(c) : 0;
        if (key > UINT32_MAX)
            return damaged(err, "a picture's key");
        row->items[i].picture_key = (uint32_t)key;
        row->items[i].picture_chance = cursor_f32(c);
    }
    row->place_chance = what & ROW_PLACED ? cursor_f32(c) : 0;
    return 0;
}

static int decode_rows(struct cursor *c, uint8_t version, struct arena *arena, struct shown_page *p,
                       struct mq_error *err)
{
    uint64_t n = cursor_varint(c);
    uint32_t left = SHOWN_ITEMS_MAX;
    if (c->failed || n > SHOWN_ROWS_MAX || n > cursor_left(c) / ROW_LEAST)
        return damaged(err, "the number of rows");
    p->rows = ARENA_ARRAY(arena, n + 1, struct shown_row);
    if (!p->rows)
        return mq_fail(err, MQ_NO_MEMORY, "shown page: no memory");
    p->n_rows = (uint32_t)n;
    int rc = 0;
    for (uint64_t i = 0; rc == 0 && i < n; i++)
        rc = decode_row(c, version, arena, &left, &p->rows[i], err);
    return rc;
}

static int decode_head(struct cursor *c, struct shown_page *p, struct mq_error *err)
{
    p->id.hi = cursor_u64le(c);
    p->id.lo = cursor_u64le(c);
    p->model = cursor_varint(c);
    p->log_seq = cursor_varint(c);
    uint64_t flags = cursor_varint(c);
    int64_t offset = cursor_svarint(c);
    uint8_t device = cursor_u8(c);
    uint64_t country = cursor_varint(c);
    p->context.region = cursor_lenstr(c);
    p->context.mood = cursor_lenstr(c);
    if (c->failed || flags > UINT16_MAX || offset < INT16_MIN || offset > INT16_MAX ||
        country > UINT16_MAX)
        return damaged(err, "its head");
    p->flags = (unsigned)flags;
    p->context.offset_min = (int16_t)offset;
    p->context.device = device < DEVICES ? device : DEVICE_OTHER;
    p->context.country = (country_code)country;
    return 0;
}

int shown_page_decode(struct str bytes, struct viewer_id viewer, int64_t at_ms, struct arena *arena,
                      struct shown_page *ret, struct mq_error *err)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    struct shown_page p = {.viewer = viewer, .at_ms = at_ms};
    uint8_t version = cursor_u8(&c);
    if (c.failed || version == 0)
        return mq_fail(err, MQ_CORRUPT, "shown page: %zu bytes, version %u: is none", bytes.n,
                       version);
    if (version > VERSION)
        return mq_fail(err, MQ_VERSION, "shown page: version %u: written by a newer Marquee",
                       version);
    int rc = decode_head(&c, &p, err);
    if (rc == 0)
        rc = decode_arms(&c, arena, &p, err);
    if (rc == 0)
        rc = decode_rows(&c, version, arena, &p, err);
    if (rc)
        return rc;
    if (c.failed || cursor_left(&c) != 0)
        return damaged(err, "its end");
    *ret = p;
    return 0;
}

uint32_t shown_picture_key(struct str picture)
{
    uint32_t key = (uint32_t)hash_str(picture, 0);
    return key ? key : 1;
}

bool shown_id_from(struct str text, struct hash128 *ret)
{
    uint64_t half[2] = {0, 0};
    if (text.n != 32)
        return false;
    for (size_t i = 0; i < 32; i++) {
        char d = text.p[i];
        unsigned digit = d >= '0' && d <= '9'   ? (unsigned)(d - '0')
                         : d >= 'a' && d <= 'f' ? (unsigned)(d - 'a') + 10
                                                : 16;
        if (digit > 15)
            return false;
        half[i / 16] = half[i / 16] << 4 | digit;
    }
    *ret = (struct hash128){.hi = half[0], .lo = half[1]};
    return true;
}

void shown_id_text(struct hash128 id, char ret[33])
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < 16; i++) {
        ret[i] = digits[id.hi >> (60 - 4 * i) & 15];
        ret[16 + i] = digits[id.lo >> (60 - 4 * i) & 15];
    }
    ret[32] = '\0';
}
