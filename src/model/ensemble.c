#include "model/ensemble_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/large.h"
#include "math/curves.h"
#include "math/four.h"
#include "math/kernels.h"
#include "model/lately.h"

static const struct {
    const char *name;
    float half_life; /* in titles of the history; 0: all count alike */
    bool ordered;
} table[INGREDIENTS] = {
    [INGREDIENT_POPULARITY] = {"popularity", 0, false},
    [INGREDIENT_RECENT_SLOW] = {"recent-slow", 0, false},
    [INGREDIENT_RECENT_MIDDLE] = {"recent-middle", 0, false},
    [INGREDIENT_RECENT_FAST] = {"recent-fast", 0, false},
    [INGREDIENT_SINCE] = {"since", 0, false},
    [INGREDIENT_TASTE] = {"taste", 0, false},
    [INGREDIENT_EASE] = {"ease", 0, false},
    [INGREDIENT_EASE_LONG] = {"ease-long", 50, true},
    [INGREDIENT_EASE_MIDDLE] = {"ease-middle", 12, true},
    [INGREDIENT_EASE_SHORT] = {"ease-short", 3, true},
    [INGREDIENT_KNN] = {"knn", 0, false},
    [INGREDIENT_NEAR_CHANCE] = {"near-chance", 1, true},
    [INGREDIENT_NEAR_COSINE] = {"near-cosine", 1, true},
    [INGREDIENT_NEAR_CHANCE_WIDE] = {"near-chance-wide", 6, true},
    [INGREDIENT_NEAR_COSINE_WIDE] = {"near-cosine-wide", 6, true},
    [INGREDIENT_FAR_CHANCE] = {"far-chance", 1, true},
    [INGREDIENT_FAR_COSINE] = {"far-cosine", 1, true},
    [INGREDIENT_FAR_CHANCE_WIDE] = {"far-chance-wide", 6, true},
    [INGREDIENT_FAR_COSINE_WIDE] = {"far-cosine-wide", 6, true},
    [INGREDIENT_NEW_SLOW] = {"new-slow", 0, false},
    [INGREDIENT_NEW_MIDDLE] = {"new-middle", 0, false},
    [INGREDIENT_NEW_FAST] = {"new-fast", 0, false},
};

const char *ingredient_name(enum ingredient i)
{
    return table[i].name;
}

bool ingredient_ordered(enum ingredient i)
{
    return table[i].ordered;
}

float ingredient_half_life(enum ingredient i)
{
    return table[i].half_life;
}

static void *aligned(size_t n)
{
    return aligned_alloc(64, (n / 64 + 1) * 64);
}

/* All that goes over the catalogue lies in one block, all 0. */
static bool make_parts(struct ensemble_scratch *s)
{
    size_t each = ((size_t)s->n_titles + 15) / 16 * 16;
    size_t bytes = each * (INGREDIENTS + FOUR) * sizeof(float);
    s->block = large_alloc(bytes);
    if (!s->block)
        return false;
    memset(s->block, 0, bytes);
    for (size_t i = 0; i < INGREDIENTS; i++)
        s->part[i] = s->block + i * each;
    s->four = s->block + INGREDIENTS * each;
    return true;
}

int ensemble_scratch_new(const struct ensemble *e, size_t longest, struct ensemble_scratch **ret,
                         struct mq_error *err)
{
    struct ensemble_scratch *s = calloc(1, sizeof(*s));
    bool fine = s != NULL;
    if (fine) {
        s->n_titles = e->n_titles;
        s->longest = longest;
        s->items = malloc((longest + 1) * sizeof(*s->items));
        s->latest = malloc((longest + 1) * sizeof(*s->latest));
        s->seen = calloc((size_t)e->n_titles / 64 + 1, sizeof(*s->seen));
        s->place = calloc((size_t)e->n_titles + 1, sizeof(*s->place));
        s->leaves = calloc((size_t)e->n_titles + 1, sizeof(*s->leaves));
        fine = s->items && s->latest && s->seen && s->place && s->leaves && make_parts(s);
        for (size_t k = 0; k < FOURS; k++) {
            s->touched[k] = calloc((size_t)e->n_titles / 64 + 1, sizeof(uint64_t));
            fine = fine && s->touched[k];
        }
        if (e->taste) {
            s->x = aligned(((size_t)e->taste->stride + 16) * sizeof(float));
            s->fold = aligned((fold_in_scratch(e->taste, longest) + 16) * sizeof(float));
            fine = fine && s->x && s->fold;
        }
    }
    if (fine) {
        *ret = s;
        return 0;
    }
    ensemble_scratch_free(s);
    return mq_fail(err, MQ_NO_MEMORY, "ranking: %u titles: give the process more memory",
                   e->n_titles);
}

void ensemble_scratch_free(struct ensemble_scratch *s)
{
    if (!s)
        return;
    for (size_t k = 0; k < FOURS; k++)
        free(s->touched[k]);
    free(s->block);
    free(s->x);
    free(s->fold);
    free(s->items);
    free(s->latest);
    free(s->seen);
    free(s->place);
    free(s->leaves);
    free(s);
}

struct ensemble ensemble_of(const struct model *m)
{
    const struct blend_part *b = &m->blend;
    struct ensemble e = {.n_titles = m->n_titles, .taste = m};
    if (b->n == 0)
        return e;
    e.popularity = b->popularity;
    e.trends = b->trends;
    e.ease = b->ease;
    e.knn = b->knn;
    for (size_t k = 0; k < TRANSITION_KINDS; k++) {
        e.follows[k] = b->follows[k];
        e.from_scale[k] = b->from_scale[k];
        e.to_scale[k] = b->to_scale[k];
    }
    return e;
}

struct mix ensemble_mix(const struct model *m)
{
    struct mix taste = {{[INGREDIENT_TASTE] = 1}};
    return m->blend.n > 0 ? m->blend.mix : taste;
}

/* Each title once, latest first, as many as count. */
static size_t latest_first(const struct ensemble *e, const uint32_t *history, size_t n,
                           struct ensemble_scratch *s)
{
    size_t kept = 0;
    size_t counted = e->counted ? e->counted : HISTORY_COUNTED;
    size_t most = s->longest < counted ? s->longest : counted;
    for (size_t k = n; k-- > 0 && kept < most;) {
        uint32_t t = history[k];
        uint64_t bit = UINT64_C(1) << (t % 64);
        if (t >= e->n_titles || (s->seen[t / 64] & bit))
            continue;
        s->seen[t / 64] |= bit;
        s->latest[kept++] = t;
    }
    for (size_t k = 0; k < kept; k++)
        s->seen[s->latest[k] / 64] = 0;
    s->kept = kept;
    return kept;
}

static int add_taste(const struct ensemble *e, const struct ensemble_view *v,
                     struct ensemble_scratch *s, size_t n, float *to, struct mq_error *err)
{
    const struct model *m = e->taste;
    const struct fold_in_item *items = v->items;
    const float *x = v->x;
    int rc = 0;
    if (!m || m->rank == 0) {
        memset(to, 0, (size_t)e->n_titles * sizeof(*to));
        return 0;
    }
    for (size_t k = 0; !items && k < n; k++)
        s->items[k] = (struct fold_in_item){{s->latest[k]}, 1, 1};
    if (!x) {
        rc = fold_in(m, items ? items : s->items, items ? v->n_items : n, s->fold, s->x, NULL, err);
        x = s->x;
    }
    uint32_t titles = m->n_titles < e->n_titles ? m->n_titles : e->n_titles;
    if (rc == 0 && m->quick.rows)
        math_kernels()->dots_short(m->quick.rows, m->quick.scale, titles, m->stride, x, to);
    else if (rc == 0)
        math_kernels()->dots(m->factors, titles, m->stride, x, to);
    memset(to + titles, 0, (size_t)(e->n_titles - titles) * sizeof(*to));
    return rc;
}

/* What a title at place p of the history counts. scale NULL: 1 for all. */
static float times_at(enum ingredient i, const float *scale, uint32_t title, size_t p)
{
    float half_life = table[i].half_life;
    float back = half_life > 0 ? (float)p / half_life : 0;
    return back > FORGOTTEN ? 0 : exp2f(-back) * (scale ? scale[title] : 1);
}

static void add_links(const struct links *l, enum ingredient i, const float *scale,
                      const struct ensemble_scratch *s, size_t n, float *to)
{
    for (size_t p = 0; l->n > 0 && p < n; p++) {
        float times = times_at(i, scale, s->latest[p], p);
        if (times == 0 && table[i].half_life > 0)
            return;
        links_add(l, s->latest[p], times, to);
    }
}

/* Where the four parts of a kind are not 0 they become so. */
static void clear_four(struct ensemble_scratch *s, size_t kind)
{
    unsigned first = four_first(kind);
    for (size_t w = 0; w < (size_t)s->n_titles / 64 + 1; w++) {
        for (uint64_t b = s->touched[kind][w]; b; b &= b - 1)
            for (unsigned j = 0; j < FOUR; j++)
                s->part[first + j][w * 64 + (size_t)__builtin_ctzll(b)] = 0;
        s->touched[kind][w] = 0;
    }
}

/* What the title at place p of the history counts for each of the four. False: nothing, nor does what is further back. */
static bool times_of_four(unsigned first, uint32_t wanted, const float *from_scale, uint32_t title,
                          size_t p, float times[FOUR])
{
    bool any = false;
    for (unsigned j = 0; j < FOUR; j++) {
        enum ingredient i = (enum ingredient)(first + j);
        float half_life = table[i].half_life;
        times[j] = 0;
        if (!(wanted >> i & 1) || (half_life > 0 && (float)p / half_life > FORGOTTEN))
            continue;
        times[j] = times_at(i, ingredient_cosine(i) ? from_scale : NULL, title, p);
        any = true;
    }
    return any;
}

/* The sums of four ingredients over the same sparse links: each link is read once, and what it adds to stands side by
 * side. Only titles that a link leads to are looked at. */
static void add_four(const struct links *l, size_t kind, uint32_t wanted, const float *from_scale,
                     const float *to_scale, struct ensemble_scratch *s, size_t n)
{
    unsigned first = four_first(kind);
    uint64_t *touched = s->touched[kind];
    float times[FOUR], scale[FOUR] = {1, 1, 1, 1};
    for (size_t p = 0; p < n; p++) {
        uint32_t h = s->latest[p];
        if (!times_of_four(first, wanted, from_scale, h, p, times))
            break;
        four by = four_load(times);
        for (uint64_t k = h < l->n ? l->start[h] : 0; h < l->n && k < l->start[h + 1]; k++) {
            uint32_t t = l->col[k];
            float *to = s->four + (size_t)t * FOUR;
            touched[t / 64] |= UINT64_C(1) << (t % 64);
            four_store(to, four_load(to) + by * l->value[k]);
        }
    }
    for (size_t w = 0; w < (size_t)l->n / 64 + 1; w++) {
        for (uint64_t b = touched[w]; b; b &= b - 1) {
            uint32_t t = (uint32_t)(w * 64 + (size_t)__builtin_ctzll(b));
            float *sum = s->four + (size_t)t * FOUR;
            four all = four_load(sum);
            for (unsigned j = 0; to_scale && j < FOUR; j++)
                scale[j] = ingredient_cosine((enum ingredient)(first + j)) ? to_scale[t] : 1;
            if (kind > 0)
                all = four_root(all * four_load(scale));
            for (unsigned j = 0; j < FOUR; j++)
                s->part[first + j][t] = all[j];
            four_store(sum, (four){0});
        }
    }
}

/* The four ingredients of one kind of links. */
static void add_kind(const struct ensemble *e, size_t kind, uint32_t wanted,
                     struct ensemble_scratch *s, size_t n)
{
    const struct links *l = kind == 0 ? &e->ease : &e->follows[kind - 1];
    const float *from_scale = kind == 0 ? NULL : e->from_scale[kind - 1];
    const float *to_scale = kind == 0 ? NULL : e->to_scale[kind - 1];
    unsigned first = four_first(kind);
    clear_four(s, kind);
    if (!(wanted >> first & 15) || l->n == 0)
        return;
    if (!l->dense) {
        add_four(l, kind, wanted, from_scale, to_scale, s, n);
        return;
    }
    for (unsigned i = first; i < first + FOUR; i++) {
        bool cosine = ingredient_cosine((enum ingredient)i);
        if (!(wanted >> i & 1))
            continue;
        add_links(l, (enum ingredient)i, cosine ? from_scale : NULL, s, n, s->part[i]);
        if (kind > 0)
            curves_root(s->part[i], cosine ? to_scale : NULL, e->n_titles);
    }
    for (uint32_t t = 0; t < e->n_titles; t++)
        s->touched[kind][t / 64] |= UINT64_C(1) << (t % 64);
}

/* The last moment by `ms`; `moments` when there is none. */
uint32_t moment_at(const struct trends *t, int64_t ms)
{
    uint32_t at = t->moments;
    for (uint32_t s = 0; s < t->moments && t->at_ms[s] <= ms; s++)
        at = s;
    return at;
}

static void since(const struct ensemble *e, const struct ensemble_view *v, float *to)
{
    const struct trends *t = &e->trends;
    uint32_t now = moment_at(t, v->now_ms);
    uint32_t then = moment_at(t, v->last_ms);
    if (now == t->moments || !t->total || now == then) {
        memset(to, 0, (size_t)e->n_titles * sizeof(*to));
        return;
    }
    const float *before = then < t->moments ? t->total + (size_t)then * e->n_titles : NULL;
    const float *total = t->total + (size_t)now * e->n_titles;
    curves_log1p(total, before, to, e->n_titles);
}

/* What is there already is not copied. */
static const float *ready(const struct ensemble *e, const struct ensemble_view *v,
                          enum ingredient i)
{
    if (i == INGREDIENT_POPULARITY)
        return e->popularity;
    if (i >= INGREDIENT_RECENT_SLOW && i <= INGREDIENT_RECENT_FAST && !e->trends.came)
        return lately_noted(&e->trends, i - INGREDIENT_RECENT_SLOW, v->now_ms, e->n_titles);
    if (i >= INGREDIENT_NEW_SLOW && !e->trends.first_ms)
        return e->trends.fresh[i - INGREDIENT_NEW_SLOW];
    return NULL;
}

static int make(const struct ensemble *e, const struct ensemble_view *v, enum ingredient i,
                struct ensemble_scratch *s, size_t n, struct mq_error *err)
{
    float *to = i == INGREDIENT_TASTE && v->taste ? v->taste : s->part[i];
    if (i < INGREDIENT_SINCE || i == INGREDIENT_KNN || i >= INGREDIENT_NEW_SLOW)
        memset(to, 0, (size_t)e->n_titles * sizeof(*to));
    switch (i) {
    case INGREDIENT_POPULARITY:
    case INGREDIENT_RECENT_SLOW:
    case INGREDIENT_RECENT_MIDDLE:
    case INGREDIENT_RECENT_FAST:
        if (e->trends.came)
            lately_exact(&e->trends, i - INGREDIENT_RECENT_SLOW, v->now_ms, e->n_titles, to);
        return 0;
    case INGREDIENT_NEW_SLOW:
    case INGREDIENT_NEW_MIDDLE:
    case INGREDIENT_NEW_FAST:
        if (e->trends.first_ms)
            lately_new(&e->trends, i - INGREDIENT_NEW_SLOW, v->now_ms, e->n_titles, to);
        return 0;
    case INGREDIENT_SINCE:
        since(e, v, to);
        return 0;
    case INGREDIENT_TASTE:
        return add_taste(e, v, s, n, to, err);
    case INGREDIENT_KNN:
        if (e->knn.n == 0)
            return 0;
        add_links(&e->knn, i, NULL, s, n, to);
        curves_root(to, NULL, e->n_titles);
        return 0;
    default: /* of add_kind */
        return 0;
    }
}

int ensemble_ingredients(const struct ensemble *e, const struct ensemble_view *v, uint32_t wanted,
                         struct ensemble_scratch *s, const float *ret[INGREDIENTS],
                         struct mq_error *err)
{
    size_t kept = latest_first(e, v->history, v->n, s);
    for (size_t k = 0; k < FOURS; k++)
        add_kind(e, k, wanted, s, kept);
    for (unsigned i = 0; i < INGREDIENTS; i++) {
        ret[i] = NULL;
        if (!(wanted >> i & 1))
            continue;
        ret[i] = ready(e, v, (enum ingredient)i);
        if (ret[i])
            continue;
        int rc = make(e, v, (enum ingredient)i, s, kept, err);
        if (rc)
            return rc;
        ret[i] = i == INGREDIENT_TASTE && v->taste ? v->taste : s->part[i];
    }
    return 0;
}

uint32_t mix_wants(const struct mix *m)
{
    uint32_t wants = 0;
    for (unsigned i = 0; i < INGREDIENTS; i++)
        wants |= (uint32_t)(m->weight[i] != 0) << i;
    return wants;
}

bool mix_personal(const struct mix *m)
{
    bool personal = false;
    for (unsigned i = INGREDIENT_TASTE; i <= INGREDIENT_FAR_COSINE_WIDE; i++)
        personal |= m->weight[i] != 0;
    return personal;
}

/* Titles [from, to) of a kind's four; `from` a multiple of 64. */
static void mix_four(const struct mix *m, const float *const parts[INGREDIENTS],
                     const struct ensemble_scratch *s, size_t kind, size_t from, size_t to,
                     float *score)
{
    unsigned first = four_first(kind);
    float weight[FOUR];
    bool any = false;
    for (unsigned j = 0; j < FOUR; j++) {
        weight[j] = parts[first + j] ? m->weight[first + j] : 0;
        any |= weight[j] != 0;
    }
    for (size_t w = from / 64; any && w * 64 < to; w++) {
        for (uint64_t b = s->touched[kind][w]; b; b &= b - 1) {
            size_t t = w * 64 + (size_t)__builtin_ctzll(b);
            for (unsigned j = 0; j < FOUR; j++)
                score[t] += weight[j] * s->part[first + j][t];
        }
    }
}

/* A block of titles at a time, so that their sums stay at hand. */
void mix_score(const struct mix *m, const float *const parts[INGREDIENTS],
               const struct ensemble_scratch *s, uint32_t n_titles, float *score)
{
    enum { BLOCK = 2048 };
    for (size_t from = 0; from < n_titles; from += BLOCK) {
        size_t n = n_titles - from < BLOCK ? n_titles - from : BLOCK;
        memset(score + from, 0, n * sizeof(*score));
        for (unsigned i = 0; i < INGREDIENTS; i++) {
            size_t kind = four_of(i);
            if (kind != FOUR_NONE) {
                if (i == four_first(kind))
                    mix_four(m, parts, s, kind, from, from + n, score);
            } else if (m->weight[i] != 0 && parts[i]) {
                curves_add(score + from, parts[i] + from, m->weight[i], n);
            }
        }
    }
}
