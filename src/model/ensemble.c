#include "model/ensemble_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/kernels.h"

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
        fine = s->items && s->latest && s->seen && s->place && s->leaves;
        if (e->taste) {
            s->x = aligned(((size_t)e->taste->stride + 16) * sizeof(float));
            s->fold = aligned((fold_in_scratch(e->taste, longest) + 16) * sizeof(float));
            fine = fine && s->x && s->fold;
        }
        for (size_t i = 0; fine && i < INGREDIENTS; i++) {
            s->part[i] = aligned((size_t)e->n_titles * sizeof(float));
            fine = s->part[i] != NULL;
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
    for (size_t i = 0; i < INGREDIENTS; i++)
        free(s->part[i]);
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

/* Each title once, latest first. */
static size_t latest_first(const struct ensemble *e, const uint32_t *history, size_t n,
                           struct ensemble_scratch *s)
{
    size_t kept = 0;
    for (size_t k = n; k-- > 0 && kept < s->longest;) {
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
    if (!m || m->rank == 0)
        return 0;
    for (size_t k = 0; !items && k < n; k++)
        s->items[k] = (struct fold_in_item){{s->latest[k]}, 1, 1};
    if (!x) {
        rc = fold_in(m, items ? items : s->items, items ? v->n_items : n, s->fold, s->x, NULL, err);
        x = s->x;
    }
    if (rc == 0)
        math_kernels()->dots(m->factors, m->n_titles < e->n_titles ? m->n_titles : e->n_titles,
                             m->stride, x, to);
    return rc;
}

/* scale NULL: 1 for all. */
static void add_links(const struct links *l, const float *scale, float half_life,
                      const struct ensemble_scratch *s, size_t n, float *to)
{
    if (l->n == 0)
        return;
    for (size_t p = 0; p < n; p++) {
        float back = half_life > 0 ? (float)p / half_life : 0;
        if (back > FORGOTTEN)
            return;
        links_add(l, s->latest[p], exp2f(-back) * (scale ? scale[s->latest[p]] : 1), to);
    }
}

static void root(float *v, const float *scale, uint32_t n)
{
    for (uint32_t j = 0; j < n; j++)
        v[j] = v[j] > 0 ? sqrtf(scale ? v[j] * scale[j] : v[j]) : 0;
}

static void follow(const struct ensemble *e, enum ingredient i, const struct ensemble_scratch *s,
                   size_t n, float *to)
{
    size_t kind = i >= INGREDIENT_FAR_CHANCE;
    bool cosine = ingredient_cosine(i);
    add_links(&e->follows[kind], cosine ? e->from_scale[kind] : NULL, table[i].half_life, s, n, to);
    root(to, cosine ? e->to_scale[kind] : NULL, e->n_titles);
}

static void copy(const float *from, uint32_t n, float *to)
{
    if (from)
        memcpy(to, from, n * sizeof(*to));
}

/* The last moment by `ms`; `moments` when there is none. */
uint32_t moment_at(const struct trends *t, int64_t ms)
{
    uint32_t at = t->moments;
    for (uint32_t s = 0; s < t->moments && t->at_ms[s] <= ms; s++)
        at = s;
    return at;
}

static void recent_at(const struct ensemble *e, const struct ensemble_view *v, size_t speed,
                      float *to)
{
    uint32_t at = moment_at(&e->trends, v->now_ms);
    if (at == e->trends.moments || !e->trends.recent[speed])
        return;
    size_t row = at > e->trends.recent_from ? at - e->trends.recent_from : 0;
    copy(e->trends.recent[speed] + row * e->n_titles, e->n_titles, to);
}

static void since(const struct ensemble *e, const struct ensemble_view *v, float *to)
{
    const struct trends *t = &e->trends;
    uint32_t now = moment_at(t, v->now_ms);
    uint32_t then = moment_at(t, v->last_ms);
    if (now == t->moments || !t->total || now == then)
        return;
    const float *before = then < t->moments ? t->total + (size_t)then * e->n_titles : NULL;
    const float *total = t->total + (size_t)now * e->n_titles;
    for (uint32_t j = 0; j < e->n_titles; j++)
        to[j] = log1pf(total[j] - (before ? before[j] : 0));
}

static int make(const struct ensemble *e, const struct ensemble_view *v, enum ingredient i,
                struct ensemble_scratch *s, size_t n, struct mq_error *err)
{
    float *to = s->part[i];
    memset(to, 0, (size_t)e->n_titles * sizeof(*to));
    switch (i) {
    case INGREDIENT_POPULARITY:
        copy(e->popularity, e->n_titles, to);
        return 0;
    case INGREDIENT_RECENT_SLOW:
    case INGREDIENT_RECENT_MIDDLE:
    case INGREDIENT_RECENT_FAST:
        recent_at(e, v, i - INGREDIENT_RECENT_SLOW, to);
        return 0;
    case INGREDIENT_SINCE:
        since(e, v, to);
        return 0;
    case INGREDIENT_TASTE:
        return add_taste(e, v, s, n, to, err);
    case INGREDIENT_EASE:
    case INGREDIENT_EASE_LONG:
    case INGREDIENT_EASE_MIDDLE:
    case INGREDIENT_EASE_SHORT:
        add_links(&e->ease, NULL, table[i].half_life, s, n, to);
        return 0;
    case INGREDIENT_KNN:
        add_links(&e->knn, NULL, 0, s, n, to);
        root(to, NULL, e->n_titles);
        return 0;
    default:
        follow(e, i, s, n, to);
        return 0;
    }
}

int ensemble_ingredients(const struct ensemble *e, const struct ensemble_view *v, uint32_t wanted,
                         struct ensemble_scratch *s, const float *ret[INGREDIENTS],
                         struct mq_error *err)
{
    size_t kept = latest_first(e, v->history, v->n, s);
    for (unsigned i = 0; i < INGREDIENTS; i++) {
        ret[i] = NULL;
        if (!(wanted >> i & 1))
            continue;
        int rc = make(e, v, (enum ingredient)i, s, kept, err);
        if (rc)
            return rc;
        ret[i] = s->part[i];
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

void mix_score(const struct mix *m, const float *const parts[INGREDIENTS], uint32_t n_titles,
               float *score)
{
    memset(score, 0, n_titles * sizeof(*score));
    for (unsigned i = 0; i < INGREDIENTS; i++) {
        float w = m->weight[i];
        if (w == 0 || !parts[i])
            continue;
        for (uint32_t j = 0; j < n_titles; j++)
            score[j] += w * parts[i][j];
    }
}
