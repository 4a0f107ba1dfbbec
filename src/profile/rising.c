/* rising.c - the writer's side. */
#include "profile/rising.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "profile/rising_counts.h"

int rising_new(struct rising **ret, struct mq_error *err)
{
    struct rising *r = calloc(1, sizeof(*r));
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "rising: %zu bytes: free memory and try again",
                       sizeof(*r));
    *ret = r;
    return 0;
}

void rising_free(struct rising *r)
{
    for (unsigned i = 0; r && i < RISING_PLACES; i++) {
        struct rising_place *p = RISING_GET(r->places[i]);
        for (unsigned c = 0; p && c < RISING_CHUNKS; c++)
            free(RISING_GET(p->chunks[c]));
        free(p);
    }
    free(r);
}

size_t rising_memory(const struct rising *r)
{
    size_t n = 0;
    while (n < RISING_PLACES && RISING_GET(r->places[n]))
        n++;
    return sizeof(*r) + n * sizeof(struct rising_place) +
           RISING_GET(r->chunks) * sizeof(struct rising_chunk);
}

uint64_t rising_key(country_code country, struct str region)
{
    if (region.n == 0)
        return country;
    return hash_str(region, country) | UINT64_C(1) << 63;
}

int rising_place_add(struct rising *r, uint64_t key, struct rising_place **ret,
                     struct mq_error *err)
{
    struct rising_place *p = calloc(1, sizeof(*p));
    unsigned i = 0;
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "rising: %zu bytes: free memory and try again",
                       sizeof(*p));
    while (RISING_GET(r->places[i]))
        i++;
    RISING_PUT(p->key, key);
    RISING_PUT(r->places[i], p);
    *ret = p;
    return 0;
}

int rising_chunk_at(struct rising *r, struct rising_place *p, uint32_t i, struct rising_chunk **ret,
                    struct mq_error *err)
{
    struct rising_chunk *c = RISING_GET(p->chunks[i]);
    uint32_t all = RISING_GET(r->chunks);
    if (!c && all < RISING_CHUNKS_MAX) {
        c = calloc(1, sizeof(*c));
        if (!c)
            return mq_fail(err, MQ_NO_MEMORY, "rising: %zu bytes: free memory and try again",
                           sizeof(*c));
        RISING_PUT(p->chunks[i], c);
        RISING_PUT(r->chunks, all + 1);
        if (RISING_GET(p->used) <= i)
            RISING_PUT(p->used, i + 1);
    }
    *ret = c;
    return 0;
}

/* ------------------------------------------------------------------ places */

static void clear_cell(struct rising_cell *c)
{
    RISING_PUT(c->minute, 0);
    RISING_PUT(c->week, 0);
    for (unsigned i = 0; i < RISING_MINUTES; i++)
        RISING_PUT(c->counts[i], 0);
    for (unsigned i = 0; i < RISING_BLOCKS; i++)
        RISING_PUT(c->viewers[i], 0);
    for (unsigned w = 0; w < RISING_WEEKS; w++)
        for (unsigned d = 0; d < DAYPARTS; d++)
            RISING_PUT(c->base[w][d], 0);
}

/* Its memory goes to a place that comes before it. */
static void clear_place(struct rising_place *p)
{
    for (unsigned i = 0; i < RISING_CHUNKS; i++) {
        struct rising_chunk *c = RISING_GET(p->chunks[i]);
        for (unsigned k = 0; c && k < RISING_CHUNK; k++) {
            rising_sum_put(c, k, 0);
            clear_cell(&c->cells[k]);
        }
    }
    RISING_PUT(p->minute, 0);
    RISING_PUT(p->week, 0);
    RISING_PUT(p->titles, 0);
    for (unsigned d = 0; d < DAYPARTS; d++) {
        for (unsigned m = 0; m < RISING_PLACE_MINUTES; m++)
            RISING_PUT(p->recent[m][d], 0);
        for (unsigned w = 0; w < RISING_WEEKS; w++)
            RISING_PUT(p->base[w][d], 0);
        for (unsigned b = 0; b < RISING_BINS; b++)
            RISING_PUT(p->alike[d][b], 0);
    }
}

/* NULL: it comes after all those that are counted. */
static int find_place(struct rising *r, uint64_t key, struct rising_place **ret,
                      struct mq_error *err)
{
    struct rising_place *last = NULL;
    *ret = NULL;
    for (unsigned i = 0; i < RISING_PLACES; i++) {
        struct rising_place *p = RISING_GET(r->places[i]);
        if (!p)
            return rising_place_add(r, key, ret, err);
        uint64_t there = RISING_GET(p->key);
        if (there == key) {
            *ret = p;
            return 0;
        }
        if (!last || there > RISING_GET(last->key))
            last = p;
    }
    if (key > RISING_GET(last->key))
        return 0;
    clear_place(last);
    RISING_PUT(last->key, key);
    *ret = last;
    return 0;
}

/* ------------------------------------------------------------------ counting */

void rising_sum(struct rising_chunk *c, uint32_t i)
{
    unsigned sum = 0;
    for (unsigned m = 0; m < RISING_MINUTES; m++)
        sum += RISING_GET(c->cells[i].counts[m]);
    rising_sum_put(c, i, (uint8_t)(sum < UINT8_MAX ? sum : UINT8_MAX));
}

/* Titles without a choice in the last minutes need no look. */
static void forget_sums(struct rising_place *p, int32_t minute)
{
    for (unsigned i = 0; i < RISING_GET(p->used); i++) {
        struct rising_chunk *c = RISING_GET(p->chunks[i]);
        for (unsigned k = 0; c && k < RISING_CHUNK; k++)
            if (rising_sum_of(c, k) >= RISING_VIEWERS &&
                RISING_GET(c->cells[k].minute) <= minute - RISING_MINUTES)
                rising_sum_put(c, k, 0);
    }
}

/* Which of this week and the last it falls into; RISING_WEEKS: neither. ret_step: by how many weeks they move on. */
static unsigned week_slot(uint16_t week, uint16_t newest, unsigned *ret_step)
{
    *ret_step = week > newest ? (unsigned)(week - newest) : 0;
    return week >= newest                 ? 0
           : newest - week < RISING_WEEKS ? (unsigned)(newest - week)
                                          : RISING_WEEKS;
}

static void place_minute(struct rising_place *p, int32_t minute)
{
    int32_t newest = RISING_GET(p->minute);
    if (minute <= newest)
        return;
    int32_t first =
        minute - newest > RISING_PLACE_MINUTES ? minute - RISING_PLACE_MINUTES + 1 : newest + 1;
    for (int32_t m = first; m <= minute; m++)
        for (unsigned d = 0; d < DAYPARTS; d++)
            RISING_PUT(p->recent[m % RISING_PLACE_MINUTES][d], 0);
    RISING_PUT(p->minute, minute);
    forget_sums(p, minute);
}

static void count_place(struct rising_place *p, int32_t minute, uint16_t week, enum daypart d)
{
    unsigned step, slot = week_slot(week, RISING_GET(p->week), &step);
    place_minute(p, minute);
    if (minute > RISING_GET(p->minute) - RISING_PLACE_MINUTES) {
        _Atomic uint32_t *n = &p->recent[minute % RISING_PLACE_MINUTES][d];
        RISING_PUT(*n, RISING_GET(*n) + 1);
    }
    for (unsigned i = 0; step > 0 && i < DAYPARTS; i++) {
        RISING_PUT(p->base[1][i], step == 1 ? RISING_GET(p->base[0][i]) : 0);
        RISING_PUT(p->base[0][i], 0);
    }
    if (step > 0)
        RISING_PUT(p->week, week);
    if (slot < RISING_WEEKS)
        RISING_PUT(p->base[slot][d], RISING_GET(p->base[slot][d]) + 1);
}

static void cell_minute(struct rising_cell *c, int32_t minute)
{
    int32_t newest = RISING_GET(c->minute);
    if (minute <= newest)
        return;
    int32_t first = minute - newest > RISING_MINUTES ? minute - RISING_MINUTES + 1 : newest + 1;
    for (int32_t m = first; m <= minute; m++)
        RISING_PUT(c->counts[m % RISING_MINUTES], 0);
    int32_t block = minute / RISING_BLOCKS, before = newest / RISING_BLOCKS;
    first = block - before > RISING_BLOCKS ? block - RISING_BLOCKS + 1 : before + 1;
    for (int32_t b = first; b <= block; b++)
        RISING_PUT(c->viewers[b % RISING_BLOCKS], 0);
    RISING_PUT(c->minute, minute);
}

static void count_recent(struct rising_cell *c, int32_t minute, uint32_t viewer)
{
    cell_minute(c, minute);
    int32_t newest = RISING_GET(c->minute);
    if (minute <= newest - RISING_MINUTES)
        return;
    _Atomic uint8_t *n = &c->counts[minute % RISING_MINUTES];
    uint8_t v = RISING_GET(*n);
    RISING_PUT(*n, (uint8_t)(v < UINT8_MAX ? v + 1 : v));
    int32_t block = minute / RISING_BLOCKS;
    if (block <= newest / RISING_BLOCKS - RISING_BLOCKS)
        return;
    _Atomic uint64_t *seen = &c->viewers[block % RISING_BLOCKS];
    RISING_PUT(*seen, RISING_GET(*seen) | UINT64_C(1) << (hash_mix(viewer, 0) & 63));
}

unsigned rising_bin(uint32_t chosen)
{
    if (chosen < 4)
        return chosen;
    unsigned doublings = 31 - (unsigned)__builtin_clz(chosen);
    return 2 * doublings + (chosen >> (doublings - 1) & 1);
}

uint32_t rising_bin_from(unsigned bin)
{
    return bin < 4 ? bin : (2 + (bin & 1)) << (bin / 2 - 1);
}

static unsigned bin_of(const struct rising_cell *c, unsigned d)
{
    return rising_bin((uint32_t)RISING_GET(c->base[0][d]) + RISING_GET(c->base[1][d]));
}

static void move_alike(struct rising_place *p, unsigned d, unsigned bin, int by)
{
    RISING_PUT(p->alike[d][bin], RISING_GET(p->alike[d][bin]) + (uint32_t)by);
}

void rising_join(struct rising_place *p, const struct rising_cell *c)
{
    for (unsigned d = 0; d < DAYPARTS; d++)
        move_alike(p, d, bin_of(c, d), 1);
}

static void leave(struct rising_place *p, const struct rising_cell *c)
{
    for (unsigned d = 0; d < DAYPARTS; d++)
        move_alike(p, d, bin_of(c, d), -1);
}

static void count_base(struct rising_cell *c, uint16_t week, enum daypart d)
{
    unsigned step, slot = week_slot(week, RISING_GET(c->week), &step);
    for (unsigned i = 0; step > 0 && i < DAYPARTS; i++) {
        RISING_PUT(c->base[1][i], (uint16_t)(step == 1 ? RISING_GET(c->base[0][i]) : 0));
        RISING_PUT(c->base[0][i], 0);
    }
    if (step > 0)
        RISING_PUT(c->week, week);
    if (slot == RISING_WEEKS)
        return;
    uint16_t v = RISING_GET(c->base[slot][d]);
    RISING_PUT(c->base[slot][d], (uint16_t)(v < RISING_BASE_MAX ? v + 1 : v));
}

/* Its base, and the bins that follow from it. */
static void count_title(struct rising_place *p, struct rising_cell *c, uint16_t week,
                        enum daypart d)
{
    uint16_t known = RISING_GET(c->week);
    unsigned before = bin_of(c, d);
    if (known != 0 && week > known)
        leave(p, c);
    count_base(c, week, d);
    if (known == 0)
        RISING_PUT(p->titles, RISING_GET(p->titles) + 1);
    if (known == 0 || week > known) {
        rising_join(p, c);
    } else if (bin_of(c, d) != before) {
        move_alike(p, d, before, -1);
        move_alike(p, d, bin_of(c, d), 1);
    }
}

static int count_at(struct rising *r, uint64_t key, const struct event *e, struct mq_error *err)
{
    struct rising_place *p;
    struct rising_chunk *chunk = NULL;
    int32_t minute = rising_minute(e->at_ms);
    uint16_t week = rising_week(e->at_ms);
    enum daypart d = daypart_at(e->at_ms, e->context.offset_min);
    uint32_t i = e->title_id.v % RISING_CHUNK;
    int rc = find_place(r, key, &p, err);
    if (rc == 0 && p)
        rc = rising_chunk_at(r, p, e->title_id.v / RISING_CHUNK, &chunk, err);
    if (rc || !p)
        return rc;
    count_place(p, minute, week, d);
    if (!chunk)
        return 0;
    struct rising_cell *c = &chunk->cells[i];
    count_title(p, c, week, d);
    count_recent(c, minute, e->viewer_id.v);
    rising_sum(chunk, i);
    return 0;
}

int rising_feed(struct rising *r, const struct event *e, struct mq_error *err)
{
    const struct context *c = &e->context;
    if (e->kind == EVENT_COMPLETE || (c->country == 0 && c->region.n == 0) ||
        e->title_id.v >= (uint32_t)RISING_CHUNK * RISING_CHUNKS || rising_minute(e->at_ms) == 0)
        return 0;
    int rc = c->country ? count_at(r, rising_key(c->country, (struct str){0}), e, err) : 0;
    if (rc == 0 && c->region.n > 0)
        rc = count_at(r, rising_key(c->country, c->region), e, err);
    return rc;
}
