/* losses.c - what scores would lose without one title of the history. */
#include <math.h>
#include <string.h>

#include "base/wide.h"
#include "math/curves.h"
#include "model/ensemble_inside.h"

/* The kinds of links that ingredients sum up. */
enum { EASE, KNN, NEAR, FAR, KINDS };

/* The ingredients of one kind of links that are roots of sums: chance and cosine, near and wide. */
enum { ROOTS = 4 };

struct hit {
    uint16_t place;
    float value;
};

struct losing {
    const struct ensemble *e;
    const struct mix *m;
    const float *const *parts;
    struct ensemble_scratch *s;
    const uint32_t *title;
    size_t n;
    bool counts[INGREDIENTS];
    float part[INGREDIENTS][LOSS_TITLES]; /* of the scored titles, side by side */
    float to_scale[TRANSITION_KINDS][LOSS_TITLES];
    bool moves;            /* some of `up` is not 0 */
    float up[LOSS_TITLES]; /* EASE: what moving up by one place adds to what is further back */
    float older[INGREDIENTS]
               [LOSS_TITLES];    /* roots: what everything further back adds, before the root */
    struct hit hit[LOSS_TITLES]; /* links from the title of the history that is looked at */
    size_t hits;
    bool hit_before[LOSS_TITLES]; /* all false between titles of the history */
    float own[LOSS_TITLES];       /* where hit */
};

/* Ingredients from EASE up to here are sums of links. */
enum { LINKS_END = INGREDIENT_FAR_COSINE_WIDE + 1 };
_Static_assert(INGREDIENT_EASE + 13 == (int)LINKS_END, "ingredients of links stand together");

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

static void begin(struct losing *l)
{
    for (unsigned i = INGREDIENT_EASE; i < LINKS_END; i++) {
        l->counts[i] = l->m->weight[i] != 0 && l->parts[i] && links_of(l->e, kind_of(i))->n > 0;
        for (size_t k = 0; l->counts[i] && k < l->n; k++)
            l->part[i][k] = l->parts[i][l->title[k]];
    }
    for (size_t f = 0; f < TRANSITION_KINDS; f++)
        for (size_t k = 0; l->e->to_scale[f] && k < l->n; k++)
            l->to_scale[f][k] = l->e->to_scale[f][l->title[k]];
}

/* Links of title h of the history to the scored ones. A row may name a title twice. */
static void gather(struct losing *l, uint32_t h, size_t kind)
{
    const struct links *links = links_of(l->e, kind);
    l->hits = 0;
    if (links->dense) {
        for (size_t k = 0; k < l->n; k++)
            l->hit[l->hits++] =
                (struct hit){(uint16_t)k, links->dense[(size_t)h * links->n + l->title[k]]};
        return;
    }
    for (uint64_t at = links->start[h]; at < links->start[h + 1]; at++) {
        uint16_t place = l->s->place[links->col[at]];
        if (place == 0)
            continue;
        size_t k = place - 1U;
        if (!l->hit_before[k]) {
            l->hit_before[k] = true;
            l->hit[l->hits++].place = (uint16_t)k;
            l->own[k] = 0;
        }
        l->own[k] += links->value[at];
    }
    for (size_t x = 0; x < l->hits; x++) {
        size_t k = l->hit[x].place;
        l->hit[x].value = l->own[k];
        l->hit_before[k] = false;
    }
}

static bool reaches(unsigned i, size_t p)
{
    float half_life = ingredient_half_life((enum ingredient)i);
    return half_life == 0 || (float)p / half_life <= FORGOTTEN;
}

/* EASE's ingredients are sums: together they are one. */
static void pass_ease(struct losing *l, uint32_t h, size_t p, float *ret)
{
    float here = 0, moved = 0;
    bool any = false;
    for (unsigned i = INGREDIENT_EASE; i <= INGREDIENT_EASE_SHORT; i++) {
        float half_life = ingredient_half_life((enum ingredient)i);
        if (!l->counts[i] || !reaches(i, p))
            continue;
        float times = l->m->weight[i] * (half_life > 0 ? exp2f(-(float)p / half_life) : 1);
        here += times;
        moved += half_life > 0 ? times * (exp2f(1 / half_life) - 1) : 0;
        any = true;
    }
    for (size_t k = 0; ret && l->moves && k < l->n; k++)
        ret[k] -= l->up[k];
    if (!any || (!ret && moved == 0))
        return;
    gather(l, h, EASE);
    l->moves = l->moves || moved != 0;
    for (size_t x = 0; x < l->hits; x++) {
        if (ret)
            ret[l->hit[x].place] += here * l->hit[x].value;
        l->up[l->hit[x].place] += moved * l->hit[x].value;
    }
}

static void pass_knn(struct losing *l, uint32_t h, float *ret)
{
    const float *part = l->part[INGREDIENT_KNN];
    if (!ret || !l->counts[INGREDIENT_KNN])
        return;
    gather(l, h, KNN);
    for (size_t x = 0; x < l->hits; x++) {
        size_t k = l->hit[x].place;
        float rest = part[k] * part[k] - l->hit[x].value;
        ret[k] += l->m->weight[INGREDIENT_KNN] * (part[k] - sqrtf(rest > 0 ? rest : 0));
    }
}

/* ret += weight x (part - root of what is left of its square). */
WIDE static void add_lost(const float *restrict part, const float *restrict mine,
                          const float *restrict older, float up, float weight, size_t n,
                          float *restrict ret)
{
    for (size_t k = 0; k < n; k++) {
        float rest = part[k] * part[k] - mine[k] + up * older[k];
        ret[k] += weight * (part[k] - sqrtf(rest > 0 ? rest : 0));
    }
}

static void lose_root(struct losing *l, unsigned i, const float *mine, float *ret)
{
    float up = exp2f(1 / ingredient_half_life((enum ingredient)i)) - 1;
    add_lost(l->part[i], mine, l->older[i], up, l->m->weight[i], l->n, ret);
}

static void pass_follows(struct losing *l, uint32_t h, size_t p, size_t kind, float *ret)
{
    size_t follow = kind - NEAR;
    unsigned first = kind == NEAR ? INGREDIENT_NEAR_CHANCE : INGREDIENT_FAR_CHANCE;
    bool gathered = false;
    for (unsigned i = first; i < first + ROOTS; i++) {
        float mine[LOSS_TITLES];
        if (!l->counts[i] || !reaches(i, p))
            continue;
        if (!gathered)
            gather(l, h, kind);
        gathered = true;
        float times = exp2f(-(float)p / ingredient_half_life((enum ingredient)i));
        bool cosine = ingredient_cosine((enum ingredient)i);
        if (cosine)
            times *= l->e->from_scale[follow][h];
        memset(mine, 0, l->n * sizeof(*mine));
        for (size_t x = 0; x < l->hits; x++) {
            size_t k = l->hit[x].place;
            mine[k] = times * l->hit[x].value * (cosine ? l->to_scale[follow][k] : 1);
        }
        if (ret)
            lose_root(l, i, mine, ret);
        for (size_t k = 0; k < l->n; k++)
            l->older[i][k] += mine[k];
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
        float without = now == then ? 0 : curve_log1p(total - before);
        ret[k] += weight * (l->parts[INGREDIENT_SINCE][l->title[k]] - without);
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
    begin(&l);
    for (size_t p = s->kept; p-- > 0;) {
        uint32_t h = s->latest[p];
        uint16_t j = s->leaves[h];
        float *to = j > 0 ? ret + (size_t)(j - 1) * stride : NULL;
        pass_ease(&l, h, p, to);
        pass_knn(&l, h, to);
        pass_follows(&l, h, p, NEAR, to);
        pass_follows(&l, h, p, FAR, to);
        if (p == 0 && to)
            lose_since(&l, v, to);
    }
    for (size_t k = 0; k < n; k++)
        s->place[title[k]] = 0;
    for (size_t j = 0; j < n_leaving; j++)
        s->leaves[leaving[j]] = 0;
}
