/* losses.c - what scores would lose without one title of the history. */
#include <math.h>
#include <string.h>

#include "model/ensemble_inside.h"

/* The kinds of links that ingredients sum up. */
enum { EASE, KNN, NEAR, FAR, KINDS };

struct losing {
    const struct ensemble *e;
    const struct mix *m;
    const float *const *parts;
    struct ensemble_scratch *s;
    const uint32_t *title;
    size_t n;
    float own[KINDS][LOSS_TITLES]; /* links from the title of the history that is looked at */
    float older[INGREDIENTS][LOSS_TITLES]; /* what everything further back adds, before the root */
};

/* Ingredients from EASE on are sums of links. */
_Static_assert(INGREDIENT_EASE + 13 == INGREDIENTS, "ingredients of links stand last");

static size_t kind_of(unsigned i)
{
    if (i <= INGREDIENT_EASE_SHORT)
        return EASE;
    if (i == INGREDIENT_KNN)
        return KNN;
    return i >= INGREDIENT_FAR_CHANCE ? FAR : NEAR;
}

static const struct links *links_of(const struct ensemble *e, size_t kind)
{
    return kind == EASE ? &e->ease : kind == KNN ? &e->knn : &e->follows[kind - NEAR];
}

static bool counts(const struct losing *l, unsigned i)
{
    return l->m->weight[i] != 0 && l->parts[i] && links_of(l->e, kind_of(i))->n > 0;
}

/* Links of title h of the history to the scored ones. */
static void gather(struct losing *l, uint32_t h, size_t kind)
{
    const struct links *links = links_of(l->e, kind);
    float *own = l->own[kind];
    memset(own, 0, l->n * sizeof(*own));
    if (links->dense) {
        for (size_t k = 0; k < l->n; k++)
            own[k] = links->dense[(size_t)h * links->n + l->title[k]];
        return;
    }
    for (uint64_t at = links->start[h]; at < links->start[h + 1]; at++) {
        uint16_t place = l->s->place[links->col[at]];
        if (place > 0)
            own[place - 1] += links->value[at];
    }
}

/* What title h at place p adds to each scored one, before the root. */
static void term(const struct losing *l, unsigned i, uint32_t h, size_t p, float *ret)
{
    size_t follow = i >= INGREDIENT_FAR_CHANCE;
    bool cosine = ingredient_cosine((enum ingredient)i);
    float half_life = ingredient_half_life((enum ingredient)i);
    float times = half_life > 0 ? exp2f(-(float)p / half_life) : 1;
    const float *own = l->own[kind_of(i)];
    if (cosine)
        times *= l->e->from_scale[follow][h];
    for (size_t k = 0; k < l->n; k++)
        ret[k] = times * own[k];
    for (size_t k = 0; cosine && k < l->n; k++)
        ret[k] *= l->e->to_scale[follow][l->title[k]];
}

static void lose(const struct losing *l, unsigned i, const float *mine, float *ret)
{
    float half_life = ingredient_half_life((enum ingredient)i);
    float up = half_life > 0 ? exp2f(1 / half_life) - 1 : 0;
    float weight = l->m->weight[i];
    const float *part = l->parts[i];
    const float *older = l->older[i];
    bool linear = kind_of(i) == EASE;
    for (size_t k = 0; k < l->n; k++) {
        float falls = mine[k] - up * older[k];
        float now = part[l->title[k]];
        float rest = now * now - falls;
        ret[k] += weight * (linear ? falls : now - sqrtf(rest > 0 ? rest : 0));
    }
}

/* Without the latest title this viewer was last here earlier. */
static void lose_since(const struct losing *l, const struct ensemble_view *v, float *ret)
{
    const struct trends *t = &l->e->trends;
    float weight = l->m->weight[INGREDIENT_SINCE];
    uint32_t now = moment_at(t, v->now_ms);
    uint32_t then = moment_at(t, v->before_ms);
    if (weight == 0 || !l->parts[INGREDIENT_SINCE] || now == t->moments || !t->total)
        return;
    for (size_t k = 0; k < l->n; k++) {
        float total = t->total[(size_t)now * l->e->n_titles + l->title[k]];
        float before =
            then < t->moments ? t->total[(size_t)then * l->e->n_titles + l->title[k]] : 0;
        float without = now == then ? 0 : log1pf(total - before);
        ret[k] += weight * (l->parts[INGREDIENT_SINCE][l->title[k]] - without);
    }
}

/* Title h at place p, the oldest first. */
static void pass(struct losing *l, uint32_t h, size_t p, float *ret)
{
    float mine[LOSS_TITLES];
    bool gathered[KINDS] = {false};
    for (unsigned i = INGREDIENT_EASE; i < INGREDIENTS; i++) {
        float half_life = ingredient_half_life((enum ingredient)i);
        if (!counts(l, i) || (half_life > 0 && (float)p / half_life > FORGOTTEN) ||
            (half_life == 0 && !ret))
            continue;
        size_t kind = kind_of(i);
        if (!gathered[kind])
            gather(l, h, kind);
        gathered[kind] = true;
        term(l, i, h, p, mine);
        if (ret)
            lose(l, i, mine, ret);
        for (size_t k = 0; half_life > 0 && k < l->n; k++)
            l->older[i][k] += mine[k];
    }
}

void ensemble_losses(const struct ensemble *e, const struct mix *m, const struct ensemble_view *v,
                     const float *const parts[INGREDIENTS], struct ensemble_scratch *s,
                     const uint32_t *title, size_t n, const uint32_t *leaving, size_t n_leaving,
                     float *ret, size_t stride)
{
    struct losing l = {.e = e, .m = m, .parts = parts, .s = s, .title = title, .n = n};
    for (size_t j = 0; j < n_leaving; j++) {
        memset(ret + j * stride, 0, n * sizeof(*ret));
        s->leaves[leaving[j]] = (uint16_t)(j + 1);
    }
    for (size_t k = 0; k < n; k++)
        s->place[title[k]] = (uint16_t)(k + 1);
    for (size_t p = s->kept; p-- > 0;) {
        uint32_t h = s->latest[p];
        uint16_t j = s->leaves[h];
        float *to = j > 0 ? ret + (size_t)(j - 1) * stride : NULL;
        pass(&l, h, p, to);
        if (p == 0 && to)
            lose_since(&l, v, to);
    }
    for (size_t k = 0; k < n; k++)
        s->place[title[k]] = 0;
    for (size_t j = 0; j < n_leaving; j++)
        s->leaves[leaving[j]] = 0;
}
