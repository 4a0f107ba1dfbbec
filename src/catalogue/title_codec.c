/* title_codec.c - a stored title's value.
 *
 *   u8 version (3) · texts: id, name, original name, language, maturity, description, series, image
 *   svarint year · u8 kind · varint runtime, season, episode · u64le budget, gross (IEEE 754 bits)
 *   svarint release day · svarint added_ms
 *   lists: genres, tags, countries; each varint count, texts
 *   u8 has_credits · varint count · credits; each varint person, u8 role, varint billing
 *   since version 2: u8 has_windows · varint count · windows; each svarint from_ms, until_ms, varint count, countries
 *   (varint)
 *   since version 3: list pictures
 *   text = varint length, bytes. */
#include "catalogue/title.h"

enum { CODEC_VERSION = 3, WINDOWS_SINCE = 2, PICTURES_SINCE = 3 };

static void encode_list(struct buf *out, const struct str *list, uint16_t n)
{
    buf_add_varint(out, n);
    for (uint16_t i = 0; i < n; i++)
        buf_add_lenstr(out, list[i]);
}

static uint64_t bits_of(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

static void encode_windows(const struct title *t, struct buf *out)
{
    buf_add_u8(out, t->has_windows);
    buf_add_varint(out, t->n_windows);
    for (uint16_t i = 0; i < t->n_windows; i++) {
        const struct window *w = &t->windows[i];
        buf_add_svarint(out, w->from_ms);
        buf_add_svarint(out, w->until_ms);
        buf_add_varint(out, w->n_countries);
        for (uint16_t k = 0; k < w->n_countries; k++)
            buf_add_varint(out, w->countries[k]);
    }
}

void title_encode(const struct title *t, struct buf *out)
{
    buf_add_u8(out, CODEC_VERSION);
    const struct str texts[] = {t->id,       t->name,        t->original_name, t->language,
                                t->maturity, t->description, t->series,        t->image};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        buf_add_lenstr(out, texts[i]);
    buf_add_svarint(out, t->year);
    buf_add_u8(out, t->kind);
    buf_add_varint(out, t->runtime_min);
    buf_add_varint(out, t->season);
    buf_add_varint(out, t->episode);
    buf_add_u64le(out, bits_of(t->budget));
    buf_add_u64le(out, bits_of(t->gross));
    buf_add_svarint(out, t->release_day);
    buf_add_svarint(out, t->added_ms);
    encode_list(out, t->genres, t->n_genres);
    encode_list(out, t->tags, t->n_tags);
    encode_list(out, t->countries, t->n_countries);
    buf_add_u8(out, t->has_credits);
    buf_add_varint(out, t->n_credits);
    for (uint32_t i = 0; i < t->n_credits; i++) {
        buf_add_varint(out, t->credits[i].person_id.v);
        buf_add_u8(out, t->credits[i].role);
        buf_add_varint(out, t->credits[i].billing);
    }
    encode_windows(t, out);
    encode_list(out, t->pictures, t->n_pictures);
}

/* False when the count cannot be true; an entry takes at least one byte. */
static bool decode_list(struct cursor *c, struct arena *arena, const struct str **ret,
                        uint16_t *ret_n)
{
    uint64_t n = cursor_varint(c);
    if (c->failed || n > TITLE_LIST_MAX || n > cursor_left(c))
        return false;
    struct str *list = ARENA_ARRAY(arena, n, struct str);
    if (n > 0 && !list)
        return false;
    for (uint64_t i = 0; i < n; i++)
        list[i] = cursor_lenstr(c);
    *ret = list;
    *ret_n = (uint16_t)n;
    return !c->failed;
}

static bool decode_credits(struct cursor *c, struct arena *arena, struct title *t)
{
    t->has_credits = cursor_u8(c) != 0;
    uint64_t n = cursor_varint(c);
    if (c->failed || n > TITLE_CREDITS_MAX || n > cursor_left(c) / 3)
        return false;
    struct credit *credits = ARENA_ARRAY(arena, n, struct credit);
    if (n > 0 && !credits)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        credits[i].person_id.v = (uint32_t)cursor_varint(c);
        credits[i].role = cursor_u8(c);
        credits[i].billing = (uint16_t)cursor_varint(c);
        if (credits[i].role >= ROLES)
            return false;
    }
    t->credits = credits;
    t->n_credits = (uint32_t)n;
    return !c->failed;
}

static bool decode_countries(struct cursor *c, struct arena *arena, struct window *w)
{
    uint64_t n = cursor_varint(c);
    if (c->failed || n > TITLE_LIST_MAX || n > cursor_left(c))
        return false;
    country_code *codes = ARENA_ARRAY(arena, n, country_code);
    if (n > 0 && !codes)
        return false;
    for (uint64_t i = 0; i < n; i++)
        codes[i] = (country_code)cursor_varint(c);
    w->countries = codes;
    w->n_countries = (uint16_t)n;
    return !c->failed;
}

static bool decode_windows(struct cursor *c, struct arena *arena, struct title *t)
{
    t->has_windows = cursor_u8(c) != 0;
    uint64_t n = cursor_varint(c);
    if (c->failed || n > TITLE_WINDOWS_MAX || n > cursor_left(c) / 3)
        return false;
    struct window *windows = ARENA_ARRAY(arena, n, struct window);
    if (n > 0 && !windows)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        windows[i].from_ms = cursor_svarint(c);
        windows[i].until_ms = cursor_svarint(c);
        if (!decode_countries(c, arena, &windows[i]))
            return false;
    }
    t->windows = windows;
    t->n_windows = (uint16_t)n;
    return !c->failed;
}

static void decode_numbers(struct cursor *c, struct title *t)
{
    t->year = (int16_t)cursor_svarint(c);
    t->kind = cursor_u8(c);
    t->runtime_min = (uint16_t)cursor_varint(c);
    t->season = (uint16_t)cursor_varint(c);
    t->episode = (uint16_t)cursor_varint(c);
    t->budget = double_of(cursor_u64le(c));
    t->gross = double_of(cursor_u64le(c));
    t->release_day = (int32_t)cursor_svarint(c);
    t->added_ms = cursor_svarint(c);
}

int title_decode(struct str bytes, struct arena *arena, struct title *ret, struct mq_error *err)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    struct title t;
    title_init(&t);
    uint8_t version = cursor_u8(&c);
    if (version > CODEC_VERSION)
        return mq_fail(err, MQ_VERSION, "stored title: version %u: written by a newer Marquee",
                       version);
    struct str *const texts[] = {&t.id,       &t.name,        &t.original_name, &t.language,
                                 &t.maturity, &t.description, &t.series,        &t.image};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = cursor_lenstr(&c);
    decode_numbers(&c, &t);
    bool whole = version > 0 && !c.failed && t.kind < TITLE_KINDS &&
                 decode_list(&c, arena, &t.genres, &t.n_genres) &&
                 decode_list(&c, arena, &t.tags, &t.n_tags) &&
                 decode_list(&c, arena, &t.countries, &t.n_countries) &&
                 decode_credits(&c, arena, &t) &&
                 (version < WINDOWS_SINCE || decode_windows(&c, arena, &t)) &&
                 (version < PICTURES_SINCE || decode_list(&c, arena, &t.pictures, &t.n_pictures)) &&
                 cursor_left(&c) == 0;
    if (!whole)
        return mq_fail(err, MQ_CORRUPT, "stored title: %zu bytes: are no title", bytes.n);
    *ret = t;
    return 0;
}
