#include "strategy/dossier.h"

#include "catalogue/catalogue.h"

enum { VERSION = 1 };

static void put_number(struct buf *out, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    buf_add_u64le(out, bits);
}

static double get_number(struct cursor *c)
{
    uint64_t bits = cursor_u64le(c);
    double v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

static void put_text(struct buf *out, const char *text)
{
    buf_add_lenstr(out, text ? str_of(text) : (struct str){NULL, 0});
}

static const char *get_text(struct cursor *c, struct arena *arena, bool *failed)
{
    struct str s = cursor_lenstr(c);
    if (s.n > DOSSIER_TEXT_MAX) {
        c->failed = true;
        return "";
    }
    char *p = arena_alloc(arena, s.n + 1);
    if (!p) {
        *failed = true;
        return "";
    }
    if (s.n)
        memcpy(p, s.p, s.n);
    return p;
}

static void put_interval(struct buf *out, const struct mq_interval *v)
{
    put_number(out, v->p10);
    put_number(out, v->p50);
    put_number(out, v->p90);
}

static struct mq_interval get_interval(struct cursor *c)
{
    struct mq_interval v;
    v.p10 = get_number(c);
    v.p50 = get_number(c);
    v.p90 = get_number(c);
    return v;
}

void dossier_encode(const struct mq_dossier *d, struct buf *out)
{
    buf_add_u8(out, VERSION);
    buf_add_u64le(out, (uint64_t)d->made_ms);
    buf_add_u64le(out, (uint64_t)d->as_of_ms);
    buf_add_u64le(out, d->log_seq);
    buf_add_varint(out, d->rank);
    for (int k = 0; k < MQ_PARTS; k++) {
        put_text(out, d->parts[k].kind);
        put_text(out, d->parts[k].role ? d->parts[k].role : "");
        put_text(out, d->parts[k].name);
    }
    put_number(out, d->weakest);
    put_number(out, d->chance);
    put_number(out, d->viewers);
    put_number(out, d->expected);
    put_number(out, d->excess);
    put_interval(out, &d->forecast.viewers_28d);
    put_interval(out, &d->forecast.viewers_90d);
    put_interval(out, &d->forecast.viewers_all);
    put_number(out, d->forecast.hours_per_viewer);
    buf_add_varint(out, d->forecast.support);
    buf_add_u8(out, d->forecast.refused);
    put_text(out, d->words);
    put_text(out, d->concept);
}

int dossier_decode(struct str bytes, struct arena *arena, struct mq_dossier *ret,
                   struct mq_error *err)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    struct mq_dossier d = {0};
    bool failed = false;
    if (cursor_u8(&c) != VERSION)
        return mq_fail(err, MQ_CORRUPT, "dossier: of another version: written by a newer program");
    d.made_ms = (int64_t)cursor_u64le(&c);
    d.as_of_ms = (int64_t)cursor_u64le(&c);
    d.log_seq = cursor_u64le(&c);
    d.rank = (unsigned)cursor_varint(&c);
    for (int k = 0; k < MQ_PARTS; k++) {
        d.parts[k].kind = get_text(&c, arena, &failed);
        d.parts[k].role = get_text(&c, arena, &failed);
        d.parts[k].name = get_text(&c, arena, &failed);
        if (d.parts[k].role[0] == '\0')
            d.parts[k].role = NULL;
    }
    d.weakest = get_number(&c);
    d.chance = get_number(&c);
    d.viewers = get_number(&c);
    d.expected = get_number(&c);
    d.excess = get_number(&c);
    d.forecast.viewers_28d = get_interval(&c);
    d.forecast.viewers_90d = get_interval(&c);
    d.forecast.viewers_all = get_interval(&c);
    d.forecast.hours_per_viewer = get_number(&c);
    d.forecast.support = (unsigned)cursor_varint(&c);
    d.forecast.refused = cursor_u8(&c) != 0;
    d.words = get_text(&c, arena, &failed);
    d.concept = get_text(&c, arena, &failed);
    if (failed)
        return mq_fail(err, MQ_NO_MEMORY, "dossier: no memory");
    if (c.failed || cursor_left(&c) > 0)
        return mq_fail(err, MQ_CORRUPT, "dossier: damaged");
    *ret = d;
    return 0;
}

static bool same(const char *name, struct str other)
{
    char x[TITLE_NAME_MAX];
    char y[TITLE_NAME_MAX];
    size_t n = name_normalise(str_of(name), x, sizeof(x));
    return n > 0 && n == name_normalise(other, y, sizeof(y)) && memcmp(x, y, n) == 0;
}

static bool has_theme(const struct title *t, const char *theme)
{
    for (uint16_t i = 0; i < t->n_tags; i++) {
        if (same(theme, t->tags[i]))
            return true;
    }
    for (uint16_t i = 0; i < t->n_genres; i++) {
        if (same(theme, t->genres[i]))
            return true;
    }
    return false;
}

static bool is_made_after(const struct concept *c, const char *title)
{
    bool found = same(title, c->title.name);
    for (size_t i = 0; i < c->n_comparables && !found; i++)
        found = same(title, c->comparables[i]);
    return found;
}

unsigned dossier_matches(const struct mq_dossier *d, const struct concept *c)
{
    const struct title *t = &c->title;
    unsigned bits = 0;
    for (unsigned k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < t->n_credits && !(bits >> k & 1); i++)
            bits |= (unsigned)same(d->parts[k].name, t->credits[i].person) << k;
    }
    bool theme =
        d->parts[2].role ? is_made_after(c, d->parts[2].name) : has_theme(t, d->parts[2].name);
    return bits | (unsigned)theme << 2;
}
