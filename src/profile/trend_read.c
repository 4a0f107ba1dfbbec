/* trend_read.c - the readers' side: scores and counts, without locks or memory of their own.
 *
 * A title's popularity is the sum of its counts weighted 1, 1/2, 1/4, 1/8 by age in weeks, 1/16 beyond. In a
 * context it is multiplied by lifts: how much more often than expected the title is chosen in this country,
 * daypart or on this device. Few counts prove little, so a lift is the posterior mean of a Poisson rate
 * under a gamma prior of mean 1 and weight kappa (DuMouchel 1999, "Bayesian data mining in large frequency
 * tables", with one fixed component):
 *
 *     lift = (count in context + kappa) / (expected + kappa)
 *     expected = overall count x (all counts in context / all counts)
 */
#include "profile/trend.h"

#include <string.h>

#include "base/wide.h"
#include "profile/trend_tables.h"

static const float kappa = 10.0f; /* so many expected choices weigh as much as none at all */

_Static_assert((int)TREND_HISTORY_WEEKS == (int)TREND_WEEKS, "a history has the weeks kept apart");

enum {
    BLOCK = 256, /* titles at a time: everything stays in the first-level cache */
    PARTS_MAX = 3,
    PART_LEAST = 5, /* choices that make a part worth naming */
    TRIES = 3,      /* then what was read during a move is good enough */
};

struct part {
    const struct trend_table *table;
    unsigned bit; /* enum trend_part */
};

/* The context's tables, in the order of enum trend_part. */
static unsigned parts_of(const struct trend *t, int64_t at_ms, const struct context *c,
                         struct part *ret)
{
    unsigned n = 0;
    if (!c)
        return 0;
    if (c->country)
        ret[n++] = (struct part){trend_country(t, c->country), TREND_COUNTRY};
    enum daypart daypart = daypart_at(at_ms, c->offset_min);
    if (daypart != DAYPART_NONE)
        ret[n++] = (struct part){&t->dayparts[daypart], TREND_DAYPART};
    if (c->device > DEVICE_NONE && c->device < DEVICES)
        ret[n++] = (struct part){&t->devices[c->device], TREND_DEVICE};
    return n;
}

/* Age in weeks of a slot as seen from `week`, the future being now; TREND_WEEKS for older. */
static unsigned age_of(unsigned slot, int64_t newest, int64_t week)
{
    if (slot == TREND_OLDER || newest == TREND_NO_WEEK)
        return TREND_WEEKS;
    int64_t of_slot = newest - ((newest - (int64_t)slot) & (TREND_WEEKS - 1));
    int64_t age = week - of_slot;
    return age < 0 ? 0 : age > TREND_WEEKS ? TREND_WEEKS : (unsigned)age;
}

/* Weights as shifts: a sum shifted so is 16 times the weighted count. */
struct weights {
    unsigned shift[TREND_SLOTS];
};

static struct weights weights_at(const struct trend *t, int64_t week)
{
    struct weights w;
    int64_t newest = atomic_load_explicit(&t->newest, memory_order_acquire);
    for (unsigned s = 0; s < TREND_SLOTS; s++)
        w.shift[s] = TREND_WEEKS - age_of(s, newest, week);
    return w;
}

static float weighted_total(const struct trend_table *t, const struct weights *w)
{
    uint64_t sum = 0;
    for (unsigned s = 0; s < TREND_SLOTS; s++)
        sum += trend_load(&t->totals[s]) << w->shift[s];
    return (float)sum / 16.0f;
}

/* As seen from another week than the newest. Neither half of a word can carry into the other: see TREND_WEEK_MAX. */
static void sum_block(const struct trend_chunk *c, uint32_t first, const struct weights *w,
                      const uint64_t *mask, uint64_t *restrict ret)
{
    unsigned s0 = w->shift[0], s1 = w->shift[1], s2 = w->shift[2], s3 = w->shift[3];
    uint64_t m0 = mask[0], m1 = mask[1], m2 = mask[2], m3 = mask[3];
    for (uint32_t i = 0; i < BLOCK / 2; i++) {
        uint32_t p = first / 2 + i;
        uint64_t v0 = trend_load(&c->pairs[0][p]), v1 = trend_load(&c->pairs[1][p]);
        uint64_t v2 = trend_load(&c->pairs[2][p]), v3 = trend_load(&c->pairs[3][p]);
        uint64_t sum = (v0 << s0) + (v1 << s1) + (v2 << s2) + (v3 << s3) +
                       trend_load(&c->pairs[TREND_OLDER][p]);
        uint64_t recent = (v0 & m0) + (v1 & m1) + (v2 & m2) + (v3 & m3);
        ret[2 * i] = recent << 32 | (uint32_t)sum;
        ret[2 * i + 1] = (recent & ~(uint64_t)UINT32_MAX) | sum >> 32;
    }
}

struct scoring {
    const struct trend_table *overall;
    struct part parts[PARTS_MAX];
    float share[PARTS_MAX]; /* of all counts that lie in the part */
    unsigned n_parts;
    struct weights weights;
    uint64_t recent[TREND_WEEKS]; /* all bits set: the slot is one of the last four weeks */
    unsigned named[PARTS_MAX];    /* (n_named) parts worth naming, the most specific one last */
    unsigned n_named;
    bool present; /* seen from the newest week: the chunks' own sums serve */
};

/* Of the chunk's own sums. Loaded one by one as atomics they would be the dearest part of a page; by vectors each word still
 * comes whole on the machines there are, and a move that is met halfway shows by the version as everywhere here. */
typedef uint64_t loose __attribute__((may_alias));

static inline void split_sums(const _Atomic uint64_t *from, int32_t *restrict ret,
                              int32_t *restrict ret_recent)
{
#ifdef __SANITIZE_THREAD__
    for (uint32_t i = 0; i < BLOCK; i++) {
        uint64_t sum = trend_load(&from[i]);
        ret[i] = (int32_t)(uint32_t)sum;
        ret_recent[i] = (int32_t)(sum >> 32);
    }
#else
    const loose *sums = (const loose *)(uintptr_t)from;
    for (uint32_t i = 0; i < BLOCK; i++) {
        uint64_t sum = sums[i];
        ret[i] = (int32_t)(uint32_t)sum;
        ret_recent[i] = (int32_t)(sum >> 32);
    }
#endif
}

/* Of BLOCK titles of a chunk from `first` on: ret 16 times the weighted counts, ret_recent the choices of the last
 * 4 weeks, later ones included. */
static inline void count_block(const struct scoring *s, const struct trend_chunk *c, uint32_t first,
                               int32_t *restrict ret, int32_t *restrict ret_recent)
{
    uint64_t sums[BLOCK];
    if (s->present) {
        split_sums(&c->sums[first], ret, ret_recent);
        return;
    }
    sum_block(c, first, &s->weights, s->recent, sums);
    for (uint32_t i = 0; i < BLOCK; i++) {
        ret[i] = (int32_t)(uint32_t)sums[i];
        ret_recent[i] = (int32_t)(sums[i] >> 32);
    }
}

/* Multiply numerator and denominator by the part's lift. counts: 16 times the part's counts. */
static inline void lift_block(const int32_t *restrict counts, const float *restrict overall,
                              float share, float *restrict top, float *restrict bottom)
{
    for (uint32_t i = 0; i < BLOCK; i++) {
        top[i] *= (float)counts[i] * (1.0f / 16.0f) + kappa;
        bottom[i] *= overall[i] * share + kappa;
    }
}

/* Where the part has enough choices. Without branches, and signed (counts are small), so that it goes by vectors. */
WIDE static void choose_block(const int32_t *restrict here, unsigned bit, int32_t *restrict chosen)
{
    int32_t mark = (int32_t)(bit << TREND_PARTS_SHIFT);
    for (uint32_t i = 0; i < BLOCK; i++) {
        int32_t enough = -(int32_t)(here[i] >= PART_LEAST);
        chosen[i] = (chosen[i] & ~enough) | ((here[i] | mark) & enough);
    }
}

/* ret_score, ret_chosen (n <= BLOCK): of titles from `first` on, a multiple of BLOCK. */
WIDE static void read_block(const struct scoring *s, uint32_t first, uint32_t n, float *ret_score,
                            uint32_t *ret_chosen)
{
    int32_t counts[BLOCK];
    int32_t chosen[BLOCK], here[PARTS_MAX][BLOCK];
    float overall[BLOCK], top[BLOCK], bottom[BLOCK];
    uint32_t chunk = first / TREND_CHUNK, at = first % TREND_CHUNK;
    const struct trend_chunk *c =
        chunk < TREND_CHUNKS ? trend_table_chunk(s->overall, chunk) : NULL;
    if (!c) {
        memset(ret_score, 0, n * sizeof(*ret_score));
        memset(ret_chosen, 0, n * sizeof(*ret_chosen));
        return;
    }
    count_block(s, c, at, counts, chosen);
    for (uint32_t i = 0; i < BLOCK; i++) {
        overall[i] = top[i] = (float)counts[i] * (1.0f / 16.0f);
        bottom[i] = 1.0f;
    }
    for (unsigned p = 0; p < s->n_parts; p++) {
        c = trend_table_chunk(s->parts[p].table, chunk);
        if (c) {
            count_block(s, c, at, counts, here[p]);
        } else {
            memset(counts, 0, sizeof(counts));
            memset(here[p], 0, sizeof(here[p]));
        }
        lift_block(counts, overall, s->share[p], top, bottom);
    }
    for (unsigned k = 0; k < s->n_named; k++)
        choose_block(here[s->named[k]], s->parts[s->named[k]].bit, chosen);
    for (uint32_t i = 0; i < BLOCK; i++)
        top[i] /= bottom[i];
    memcpy(ret_score, top, n * sizeof(*ret_score));
    memcpy(ret_chosen, chosen, n * sizeof(*ret_chosen));
}

static uint64_t recent_total(const struct trend_table *table)
{
    uint64_t sum = 0;
    for (unsigned s = 0; s < TREND_WEEKS; s++)
        sum += trend_load(&table->totals[s]);
    return sum;
}

/* The most specific part is the one that fewest choices fall into; of equals the first. */
static void order_parts(const struct trend *t, struct scoring *s)
{
    uint64_t total[PARTS_MAX];
    for (unsigned p = s->n_parts; p-- > 0;) {
        if (s->parts[p].table == &t->elsewhere)
            continue;
        total[p] = recent_total(s->parts[p].table);
        unsigned at = s->n_named++;
        for (; at > 0 && total[s->named[at - 1]] < total[p]; at--)
            s->named[at] = s->named[at - 1];
        s->named[at] = p;
    }
}

static void prepare(const struct trend *t, int64_t at_ms, const struct context *context,
                    struct scoring *ret)
{
    int64_t week = trend_week(at_ms);
    int64_t newest = atomic_load_explicit(&t->newest, memory_order_acquire);
    *ret = (struct scoring){.overall = &t->overall, .weights = weights_at(t, week)};
    ret->n_parts = parts_of(t, at_ms, context, ret->parts);
    float total = weighted_total(&t->overall, &ret->weights);
    ret->present = newest != TREND_NO_WEEK && week == newest;
    for (unsigned p = 0; p < ret->n_parts; p++)
        ret->share[p] = total > 0 ? weighted_total(ret->parts[p].table, &ret->weights) / total : 0;
    for (unsigned i = 0; i < TREND_WEEKS; i++)
        ret->recent[i] = age_of(i, newest, week) < TREND_WEEKS ? UINT64_MAX : 0;
    order_parts(t, ret);
}

static void read_all(const struct trend *t, int64_t at_ms, const struct context *context,
                     uint32_t n_titles, float *ret_score, uint32_t *ret_chosen)
{
    struct scoring s;
    prepare(t, at_ms, context, &s);
    for (uint32_t first = 0; first < n_titles; first += BLOCK) {
        uint32_t n = n_titles - first < BLOCK ? n_titles - first : BLOCK;
        read_block(&s, first, n, ret_score + first, ret_chosen + first);
        if (n < BLOCK)
            break;
    }
}

static uint64_t version_of(const struct trend *t)
{
    return atomic_load_explicit(&t->version, memory_order_acquire);
}

void trend_read(const struct trend *t, int64_t at_ms, const struct context *context,
                uint32_t n_titles, float *ret_score, uint32_t *ret_chosen)
{
    for (int i = 0; i < TRIES; i++) {
        uint64_t version = version_of(t);
        read_all(t, at_ms, context, n_titles, ret_score, ret_chosen);
        if (!(version & 1) && version_of(t) == version)
            break;
    }
}

/* Choices of the last 4 weeks, later ones included. */
static uint32_t recent(const struct trend *t, const struct trend_table *table, uint32_t title,
                       int64_t week)
{
    const struct trend_chunk *c = trend_table_chunk(table, title / TREND_CHUNK);
    int64_t newest = atomic_load_explicit(&t->newest, memory_order_acquire);
    uint32_t sum = 0;
    for (unsigned s = 0; c && s < TREND_WEEKS; s++)
        if (age_of(s, newest, week) < TREND_WEEKS)
            sum += (uint32_t)(trend_load(&c->pairs[s][title % TREND_CHUNK / 2]) >>
                              (title & 1 ? 32 : 0));
    return sum;
}

static uint32_t count_once(const struct trend *t, uint32_t title, int64_t at_ms,
                           const struct context *context, unsigned *ret_parts)
{
    int64_t week = trend_week(at_ms);
    struct part parts[PARTS_MAX];
    unsigned n = parts_of(t, at_ms, context, parts);
    uint32_t count = recent(t, &t->overall, title, week);
    uint64_t narrowest = UINT64_MAX;
    *ret_parts = 0;
    /* The most specific part is the one that fewest choices fall into. */
    for (unsigned p = 0; p < n; p++) {
        uint32_t here = recent(t, parts[p].table, title, week);
        uint64_t total = recent_total(parts[p].table);
        if (parts[p].table == &t->elsewhere || here < PART_LEAST || total >= narrowest)
            continue;
        narrowest = total;
        count = here;
        *ret_parts = parts[p].bit;
    }
    return count;
}

uint32_t trend_count(const struct trend *t, struct title_id title, int64_t at_ms,
                     const struct context *context, unsigned *ret_parts)
{
    uint32_t count = 0;
    unsigned parts = 0;
    for (int i = 0; i < TRIES && title.v < (uint32_t)TREND_CHUNK * TREND_CHUNKS; i++) {
        uint64_t version = version_of(t);
        count = count_once(t, title.v, at_ms, context, &parts);
        if (!(version & 1) && version_of(t) == version)
            break;
    }
    *ret_parts = parts;
    return count;
}

static uint64_t count_in(const struct trend_table *t, uint32_t title, unsigned slot)
{
    const struct trend_chunk *c = trend_table_chunk(t, title / TREND_CHUNK);
    if (!c)
        return 0;
    uint64_t pair = trend_load(&c->pairs[slot][title % TREND_CHUNK / 2]);
    return title & 1 ? pair >> 32 : pair & UINT32_MAX;
}

static uint64_t count_of_all(const struct trend_table *t, uint32_t title)
{
    uint64_t sum = 0;
    for (unsigned s = 0; s < TREND_SLOTS; s++)
        sum += count_in(t, title, s);
    return sum;
}

static bool history_once(const struct trend *t, uint32_t title, struct trend_history *h)
{
    int64_t newest = atomic_load_explicit(&t->newest, memory_order_acquire);
    if (newest == TREND_NO_WEEK)
        return false;
    *h = (struct trend_history){.newest_ms = newest * TREND_WEEK_MS,
                                .older = count_in(&t->overall, title, TREND_OLDER)};
    for (unsigned age = 0; age < TREND_HISTORY_WEEKS; age++)
        h->weeks[age] =
            count_in(&t->overall, title, (unsigned)((newest - age) & (TREND_WEEKS - 1)));
    for (unsigned i = DAYPART_NONE + 1; i < DAYPARTS; i++)
        h->dayparts[i] = count_of_all(&t->dayparts[i], title);
    for (unsigned i = DEVICE_NONE + 1; i < DEVICES; i++)
        h->devices[i] = count_of_all(&t->devices[i], title);
    return true;
}

bool trend_history(const struct trend *t, struct title_id title, struct trend_history *ret)
{
    bool any = false;
    for (int i = 0; i < TRIES && title.v < (uint32_t)TREND_CHUNK * TREND_CHUNKS; i++) {
        uint64_t version = version_of(t);
        any = history_once(t, title.v, ret);
        if (!(version & 1) && version_of(t) == version)
            break;
    }
    return any;
}

size_t trend_rising(const struct trend *t, int64_t at_ms, country_code country, struct str region,
                    struct rising_title ret[RISING_MAX])
{
    return t->rising ? rising_read(t->rising, at_ms, country, region, ret) : 0;
}
