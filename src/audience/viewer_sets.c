#include "audience/viewer_sets.h"

#include <math.h>
#include <stdlib.h>

enum { RATING_LIKED = 160, RATING_DISLIKED = 80, REWATCHED_LEAST_S = 300 };

int viewer_sets_new(struct viewer_sets **ret, struct mq_error *err)
{
    struct viewer_sets *s = calloc(1, sizeof(*s));
    if (!s)
        return mq_fail(err, MQ_NO_MEMORY, "audiences: no memory");
    *ret = s;
    return 0;
}

void viewer_sets_free(struct viewer_sets *s)
{
    if (!s)
        return;
    for (uint32_t v = 0; v < s->n_viewers; v++)
        free(s->viewers[v]);
    for (uint32_t t = 0; t < s->n_titles; t++) {
        for (int k = 0; k < AUDIENCE_SIGNALS; k++) {
            if (s->titles[t][k])
                roaring_bitmap_free(s->titles[t][k]);
        }
    }
    free(s->viewers);
    free(s->titles);
    free(s);
}

static bool liked(const struct title_signal *s)
{
    if (s->rating >= RATING_LIKED || s->thumb > 0)
        return true;
    return s->rating == 0 && s->thumb == 0 && s->confidence > 0 &&
           s->preference > AUDIENCE_LIKED_ABOVE;
}

static bool disliked(const struct title_signal *s)
{
    if ((s->rating > 0 && s->rating <= RATING_DISLIKED) || s->thumb < 0)
        return true;
    return s->rating == 0 && s->thumb == 0 && s->confidence > 0 &&
           s->preference < AUDIENCE_DISLIKED_BELOW;
}

uint8_t audience_signals_of(const struct title_signal *s)
{
    unsigned bits = 0;
    bool watched =
        (s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED)) || s->rating > 0 || s->played_s > 0;
    bool again = s->content_s >= REWATCHED_LEAST_S &&
                 (float)s->played_s >= AUDIENCE_REWATCHED_RATIO * (float)s->content_s;
    bits |= (unsigned)watched << AUDIENCE_WATCHED;
    bits |= (unsigned)((s->flags & SIGNAL_FINISHED) != 0) << AUDIENCE_FINISHED;
    bits |= (unsigned)liked(s) << AUDIENCE_LIKED;
    bits |= (unsigned)disliked(s) << AUDIENCE_DISLIKED;
    bits |= (unsigned)((s->flags & SIGNAL_ABANDONED) != 0) << AUDIENCE_ABANDONED;
    bits |= (unsigned)again << AUDIENCE_REWATCHED;
    return (uint8_t)bits;
}

/* ---------------------------------------------------------------- room */

static uint32_t grown(uint32_t cap, uint32_t need)
{
    cap = cap ? cap : 1024;
    while (cap < need)
        cap *= 2;
    return cap;
}

static int reserve_viewers(struct viewer_sets *s, uint32_t n, struct mq_error *err)
{
    if (n > SETS_VIEWERS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "audiences: %u viewers: at most %d", n, SETS_VIEWERS_MAX);
    if (n > s->cap_viewers) {
        uint32_t cap = grown(s->cap_viewers, n);
        struct set_viewer **p = realloc(s->viewers, cap * sizeof(struct set_viewer *));
        if (!p)
            return mq_fail(err, MQ_NO_MEMORY, "audiences: %u viewers: no memory", n);
        s->viewers = p;
        s->cap_viewers = cap;
    }
    for (; s->n_viewers < n; s->n_viewers++)
        s->viewers[s->n_viewers] = NULL;
    return 0;
}

static int reserve_titles(struct viewer_sets *s, uint32_t n, struct mq_error *err)
{
    if (n > SETS_TITLES_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "audiences: %u titles: at most %d", n, SETS_TITLES_MAX);
    if (n > s->cap_titles) {
        uint32_t cap = grown(s->cap_titles, n);
        void *p = realloc(s->titles, cap * sizeof(*s->titles));
        if (!p)
            return mq_fail(err, MQ_NO_MEMORY, "audiences: %u titles: no memory", n);
        s->titles = p;
        s->cap_titles = cap;
    }
    if (n > s->n_titles) {
        memset(s->titles + s->n_titles, 0, (n - s->n_titles) * sizeof(*s->titles));
        s->n_titles = n;
    }
    return 0;
}

/* ---------------------------------------------------------------- one viewer */

static void forget(struct viewer_sets *s, uint32_t viewer, uint32_t title, unsigned bits)
{
    for (int k = 0; k < AUDIENCE_SIGNALS; k++) {
        roaring_bitmap_t *b = s->titles[title][k];
        if (!(bits >> k & 1) || !b)
            continue;
        roaring_bitmap_remove(b, viewer);
        if (roaring_bitmap_is_empty(b)) {
            roaring_bitmap_free(b);
            s->titles[title][k] = NULL;
        }
    }
}

static bool remember(struct viewer_sets *s, uint32_t viewer, uint32_t title, unsigned bits)
{
    for (int k = 0; k < AUDIENCE_SIGNALS; k++) {
        if (!(bits >> k & 1))
            continue;
        if (!s->titles[title][k])
            s->titles[title][k] = roaring_bitmap_create();
        if (!s->titles[title][k])
            return false;
        roaring_bitmap_add(s->titles[title][k], viewer);
    }
    return true;
}

void viewer_sets_drop(struct viewer_sets *s, uint32_t viewer)
{
    struct set_viewer *old = viewer < s->n_viewers ? s->viewers[viewer] : NULL;
    if (!old)
        return;
    for (uint32_t i = 0; i < old->n; i++)
        forget(s, viewer, old->entries[i].title, old->entries[i].signals);
    s->entries -= old->n;
    s->n_present--;
    s->version++;
    s->viewers[viewer] = NULL;
    free(old);
}

/* Put a part in place of the old one: only what differs touches the sets. */
static int exchange(struct viewer_sets *s, uint32_t viewer, struct set_viewer *part,
                    struct mq_error *err)
{
    const struct set_viewer *old = s->viewers[viewer];
    uint32_t i = 0;
    uint32_t n_old = old ? old->n : 0;
    bool ok = true;
    for (uint32_t k = 0; k < part->n || i < n_old;) {
        uint32_t was = i < n_old ? old->entries[i].title : ID_NONE;
        uint32_t now = k < part->n ? part->entries[k].title : ID_NONE;
        uint32_t title = was < now ? was : now;
        unsigned before = was == title ? old->entries[i++].signals : 0;
        unsigned after = now == title ? part->entries[k++].signals : 0;
        if (before & ~after)
            forget(s, viewer, title, before & ~after);
        if (after & ~before)
            ok = remember(s, viewer, title, after & ~before) && ok;
    }
    s->n_present += old ? 0 : 1;
    s->entries += part->n;
    s->entries -= n_old;
    s->version++;
    free(s->viewers[viewer]);
    s->viewers[viewer] = part;
    if (ok)
        return 0;
    viewer_sets_drop(s, viewer);
    return mq_fail(err, MQ_NO_MEMORY, "audiences: no memory");
}

static uint32_t seconds(int64_t ms)
{
    return ms <= 0 ? 0 : ms / 1000 > UINT32_MAX ? UINT32_MAX : (uint32_t)(ms / 1000);
}

static uint8_t small(double x)
{
    return x < 0 ? 0 : x > UINT8_MAX ? UINT8_MAX : (uint8_t)lround(x);
}

static struct set_entry entry_of(const struct title_signal *s)
{
    float p = s->preference * 100.0f;
    uint32_t minutes = s->content_s / 60;
    return (struct set_entry){.title = s->title.v,
                              .last_s = s->last_s,
                              .signals = audience_signals_of(s),
                              .preference = (int8_t)(p < 0 ? p - 0.5f : p + 0.5f),
                              .confidence = small((double)s->confidence * 20.0),
                              .minutes = minutes < UINT8_MAX ? (uint8_t)minutes : UINT8_MAX};
}

static struct set_viewer *new_part(size_t n)
{
    return calloc(1, sizeof(struct set_viewer) + n * sizeof(struct set_entry));
}

int viewer_sets_put(struct viewer_sets *s, uint32_t viewer, const struct set_habits *habits,
                    const struct title_signal *signals, size_t n, struct mq_error *err)
{
    int rc = reserve_viewers(s, viewer + 1, err);
    if (rc == 0 && n > 0)
        rc = reserve_titles(s, signals[n - 1].title.v + 1, err);
    struct set_viewer *part = rc ? NULL : new_part(n);
    if (rc == 0 && !part)
        rc = mq_fail(err, MQ_NO_MEMORY, "audiences: no memory");
    if (rc) {
        viewer_sets_drop(s, viewer);
        return rc;
    }
    part->n = (uint32_t)n;
    part->first_s = seconds(habits->first_ms);
    part->last_s = seconds(habits->last_ms);
    part->country = habits->country;
    part->devices = habits->devices;
    part->dayparts = habits->dayparts;
    for (size_t i = 0; i < n; i++) {
        part->entries[i] = entry_of(&signals[i]);
        part->likes += part->entries[i].signals >> AUDIENCE_LIKED & 1;
    }
    return exchange(s, viewer, part, err);
}

const roaring_bitmap_t *viewer_sets_of(const struct viewer_sets *s, uint32_t title,
                                       enum audience_signal signal)
{
    return title < s->n_titles ? s->titles[title][signal] : NULL;
}

size_t viewer_sets_memory(const struct viewer_sets *s)
{
    size_t bytes = sizeof(*s) + s->cap_viewers * sizeof(*s->viewers) +
                   s->cap_titles * sizeof(*s->titles) + s->n_present * sizeof(struct set_viewer) +
                   s->entries * sizeof(struct set_entry);
    for (uint32_t t = 0; t < s->n_titles; t++) {
        for (int k = 0; k < AUDIENCE_SIGNALS; k++)
            bytes += s->titles[t][k] ? roaring_bitmap_size_in_bytes(s->titles[t][k]) : 0;
    }
    return bytes;
}

/* ---------------------------------------------------------------- the stored form
 *
 * u8 version, varint viewers present, then for each, ascending: varint id, n, first_s, last_s, country, u8 devices,
 * dayparts, and n times varint title, last_s, u8 signals, preference, confidence, minutes. */

enum { SETS_FORMAT = 1 };

void viewer_sets_encode(const struct viewer_sets *s, struct buf *out)
{
    buf_add_u8(out, SETS_FORMAT);
    buf_add_varint(out, s->n_present);
    for (uint32_t v = 0; v < s->n_viewers; v++) {
        const struct set_viewer *p = s->viewers[v];
        if (!p)
            continue;
        buf_add_varint(out, v);
        buf_add_varint(out, p->n);
        buf_add_varint(out, p->first_s);
        buf_add_varint(out, p->last_s);
        buf_add_varint(out, p->country);
        buf_add_u8(out, p->devices);
        buf_add_u8(out, p->dayparts);
        for (uint32_t i = 0; i < p->n; i++) {
            const struct set_entry *e = &p->entries[i];
            buf_add_varint(out, e->title);
            buf_add_varint(out, e->last_s);
            buf_add_u8(out, e->signals);
            buf_add_u8(out, (uint8_t)e->preference);
            buf_add_u8(out, e->confidence);
            buf_add_u8(out, e->minutes);
        }
    }
}

/* Takes one viewer's part. False: the bytes are none. */
static bool read_part(struct cursor *c, uint64_t least_viewer, uint64_t *ret_viewer,
                      struct set_viewer **ret)
{
    enum { ENTRY_LEAST = 6 };
    uint64_t viewer = cursor_varint(c);
    uint64_t n = cursor_varint(c);
    if (c->failed || viewer < least_viewer || viewer >= SETS_VIEWERS_MAX ||
        n > cursor_left(c) / ENTRY_LEAST)
        return false;
    struct set_viewer *p = new_part(n);
    if (!p)
        return false;
    p->n = (uint32_t)n;
    p->first_s = (uint32_t)cursor_varint(c);
    p->last_s = (uint32_t)cursor_varint(c);
    p->country = (country_code)cursor_varint(c);
    p->devices = cursor_u8(c);
    p->dayparts = cursor_u8(c);
    uint64_t least = 0;
    bool ok = true;
    for (uint64_t i = 0; ok && i < n; i++) {
        uint64_t title = cursor_varint(c);
        struct set_entry *e = &p->entries[i];
        ok = title >= least && title < SETS_TITLES_MAX;
        e->title = (uint32_t)title;
        e->last_s = (uint32_t)cursor_varint(c);
        e->signals = cursor_u8(c) & ((1 << AUDIENCE_SIGNALS) - 1);
        e->preference = (int8_t)cursor_u8(c);
        e->confidence = cursor_u8(c);
        e->minutes = cursor_u8(c);
        p->likes += e->signals >> AUDIENCE_LIKED & 1;
        least = title + 1;
    }
    if (!ok || c->failed) {
        free(p);
        return false;
    }
    *ret_viewer = viewer;
    *ret = p;
    return true;
}

static int read_parts(struct viewer_sets *s, struct cursor *c, struct mq_error *err)
{
    uint64_t n = cursor_varint(c);
    uint64_t least = 0;
    for (uint64_t i = 0; i < n; i++) {
        struct set_viewer *part = NULL;
        uint64_t viewer = 0;
        if (!read_part(c, least, &viewer, &part))
            return mq_fail(err, MQ_CORRUPT, "audiences: damaged: they are made anew from the log");
        int rc = reserve_viewers(s, (uint32_t)viewer + 1, err);
        if (rc == 0 && part->n > 0)
            rc = reserve_titles(s, part->entries[part->n - 1].title + 1, err);
        if (rc) {
            free(part);
            return rc;
        }
        rc = exchange(s, (uint32_t)viewer, part, err);
        if (rc)
            return rc;
        least = viewer + 1;
    }
    if (c->failed || cursor_left(c) > 0)
        return mq_fail(err, MQ_CORRUPT, "audiences: damaged: they are made anew from the log");
    return 0;
}

int viewer_sets_decode(struct str bytes, struct viewer_sets **ret, struct mq_error *err)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    struct viewer_sets *s = NULL;
    if (cursor_u8(&c) != SETS_FORMAT)
        return mq_fail(err, MQ_CORRUPT, "audiences: of another version: they are made anew");
    int rc = viewer_sets_new(&s, err);
    if (rc)
        return rc;
    rc = read_parts(s, &c, err);
    if (rc) {
        viewer_sets_free(s);
        return rc;
    }
    *ret = s;
    return 0;
}
