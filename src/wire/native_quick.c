/* native_quick.c - one walk over the bytes, member by member. */
#include "wire/native_quick.h"

#include "base/clock.h"
#include "wire/countries.h"
#include "wire/device_words.h"
#include "wire/native_fields.h"

enum { DIGITS = 12 /* whole numbers up to EVENT_POSITION_MAX, which itself is in doubt */ };
_Static_assert(EVENT_POSITION_MAX == INT64_C(1000000000000), "twelve digits stay below it");

struct walk {
    const char *p, *end;
    struct event *e;
    bool has_at;
    int at_offset; /* minutes that `at` itself is written with */
};

static void pass_space(struct walk *w)
{
    while (w->p < w->end && (*w->p == ' ' || *w->p == '\n' || *w->p == '\t' || *w->p == '\r'))
        w->p++;
}

/* After any space. */
static bool take(struct walk *w, char c)
{
    pass_space(w);
    bool there = w->p < w->end && *w->p == c;
    w->p += there;
    return there;
}

/* Plain characters between quotes, at least one. */
static bool take_text(struct walk *w, struct str *ret)
{
    if (!take(w, '"'))
        return false;
    const char *from = w->p;
    for (; w->p < w->end && *w->p != '"'; w->p++) {
        unsigned char c = (unsigned char)*w->p;
        if (c < 0x20 || c >= 0x7f || c == '\\')
            return false;
    }
    if (w->p == w->end || w->p == from)
        return false;
    *ret = (struct str){from, (size_t)(w->p - from)};
    w->p++;
    return true;
}

/* What stands behind it must be a ',' or '}': the caller looks. */
static bool take_whole(struct walk *w, int64_t *ret)
{
    pass_space(w);
    const char *from = w->p;
    int64_t n = 0;
    for (; w->p < w->end && *w->p >= '0' && *w->p <= '9' && w->p - from < DIGITS; w->p++)
        n = n * 10 + (*w->p - '0');
    *ret = n;
    return w->p > from && (*from != '0' || w->p - from == 1);
}

static bool take_offset(struct walk *w, int16_t *ret)
{
    enum { HALF_A_DAY = 12 * 60 /* surely an offset */ };
    int64_t minutes;
    bool west = take(w, '-');
    if (west && (w->p == w->end || *w->p < '1' || *w->p > '9'))
        return false;
    if (!take_whole(w, &minutes) || minutes > HALF_A_DAY)
        return false;
    *ret = (int16_t)(west ? -minutes : minutes);
    return true;
}

/* A member once: its bit in *seen. */
static bool first_time(unsigned *seen, unsigned member)
{
    bool ret = !(*seen >> member & 1);
    *seen |= 1U << member;
    return ret;
}

static bool is(struct str key, const char *name, size_t n)
{
    return key.n == n && memcmp(key.p, name, n) == 0;
}
#define IS(key, name) is(key, name, sizeof(name) - 1)

static bool take_context_member(struct walk *w, struct str key, unsigned *seen)
{
    struct context *c = &w->e->context;
    struct str word;
    if (IS(key, "offset_min"))
        return first_time(seen, 0) && take_offset(w, &c->offset_min);
    if (IS(key, "region"))
        return first_time(seen, 1) && take_text(w, &c->region);
    if (IS(key, "mood"))
        return first_time(seen, 2) && take_text(w, &c->mood);
    if (IS(key, "app"))
        return first_time(seen, 3) && take_text(w, &w->e->app);
    if (IS(key, "country"))
        return first_time(seen, 4) && take_text(w, &word) &&
               (country_find(word, &c->country) || country_from(word, &c->country));
    if (IS(key, "device") && first_time(seen, 5) && take_text(w, &word)) {
        c->device = (uint8_t)device_of_name(word);
        return true;
    }
    return false;
}

static bool take_context(struct walk *w)
{
    unsigned seen = 0;
    if (!take(w, '{'))
        return false;
    do {
        struct str key;
        if (!take_text(w, &key) || !take(w, ':') || !take_context_member(w, key, &seen))
            return false;
    } while (take(w, ','));
    return take(w, '}');
}

static bool take_kind(struct walk *w)
{
    struct str word;
    if (!take_text(w, &word))
        return false;
    w->e->kind = event_kind_from(word);
    return w->e->kind != EVENT_CUSTOM && w->e->kind != EVENT_RATING;
}

static bool take_at(struct walk *w)
{
    struct str word;
    w->has_at = true;
    return take_text(w, &word) && time_parse(word, &w->e->at_ms, &w->at_offset);
}

static bool take_member(struct walk *w, struct str key, unsigned *seen)
{
    struct event *e = w->e;
    if (IS(key, "id"))
        return first_time(seen, 0) && take_text(w, &e->id);
    if (IS(key, "viewer"))
        return first_time(seen, 1) && take_text(w, &e->viewer);
    if (IS(key, "kind"))
        return first_time(seen, 2) && take_kind(w);
    if (IS(key, "title"))
        return first_time(seen, 3) && take_text(w, &e->title);
    if (IS(key, "at"))
        return first_time(seen, 4) && take_at(w);
    if (IS(key, "session"))
        return first_time(seen, 5) && take_text(w, &e->session);
    if (IS(key, "position_ms"))
        return first_time(seen, 6) && take_whole(w, &e->position_ms);
    if (IS(key, "from_ms"))
        return first_time(seen, 7) && take_whole(w, &e->from_ms);
    if (IS(key, "context"))
        return first_time(seen, 8) && take_context(w);
    if (IS(key, "recommendation_id"))
        return first_time(seen, 9) && take_text(w, &e->recommendation);
    return false;
}

bool native_quick(struct str all, size_t *at, size_t max, int64_t now_ms, struct event *ret)
{
    size_t left = all.n - *at;
    struct walk w = {.p = all.p + *at, .end = all.p + *at + (left < max ? left : max), .e = ret};
    unsigned seen = 0;
    event_init(ret);
    if (!take(&w, '{'))
        return false;
    do {
        struct str key;
        if (!take_text(&w, &key) || !take(&w, ':') || !take_member(&w, key, &seen))
            return false;
    } while (take(&w, ','));
    if (!take(&w, '}') || ret->kind == EVENT_CUSTOM)
        return false;
    if (!w.has_at)
        ret->at_ms = now_ms;
    native_offset(ret, w.at_offset);
    *at = (size_t)(w.p - all.p);
    return true;
}
