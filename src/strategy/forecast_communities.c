/* forecast_communities.c - whose viewers they would be. */
#include <math.h>
#include <stdlib.h>

#include "strategy/forecast.h"

struct share {
    double viewers;
    uint32_t group; /* n_groups: nobody's */
};

static int by_viewers(const void *a, const void *b)
{
    const struct share *x = a;
    const struct share *y = b;
    if (x->viewers != y->viewers)
        return x->viewers > y->viewers ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

static const char *text_of(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.n + 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p;
}

/* Viewers by group, of `total` in all: the largest first. *ret_rest is what is nobody's. */
static void add_up(const struct strategy_data *d, const float *chance, double total,
                   struct share *ret, double *ret_rest)
{
    double all = 0;
    double rest = 0;
    for (uint32_t g = 0; g < d->n_groups; g++)
        ret[g] = (struct share){0, g};
    for (uint32_t u = 0; u < d->n_viewers; u++) {
        uint8_t g = d->viewer_group[u];
        *(g < d->n_groups ? &ret[g].viewers : &rest) += (double)chance[u];
        all += (double)chance[u];
    }
    double scale = all > 0 ? total / all : 0;
    for (uint32_t g = 0; g < d->n_groups; g++)
        ret[g].viewers *= scale;
    qsort(ret, d->n_groups, sizeof(*ret), by_viewers);
    *ret_rest = rest * scale;
}

/* How many of the largest are told: the others go with the rest, which is nobody or not below the floor either. */
static uint32_t how_many_told(const struct share *list, uint32_t n, double rest)
{
    uint32_t told = n;
    while (told > 0 &&
           (list[told - 1].viewers < FORECAST_SMALLEST || (rest > 0 && rest < FORECAST_SMALLEST)))
        rest += list[--told].viewers;
    return told;
}

int forecast_communities(const struct strategy_data *d, const float *chance, struct arena *arena,
                         struct mq_forecast *out, struct mq_error *err)
{
    double total = out->viewers_28d.p50;
    if (d->n_groups == 0 || !(total > 0))
        return 0;
    struct share *list = calloc(d->n_groups, sizeof(*list));
    struct mq_community_share *told =
        ARENA_ARRAY(arena, (size_t)d->n_groups + 1, struct mq_community_share);
    if (!list || !told) {
        free(list);
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    }
    double rest;
    add_up(d, chance, total, list, &rest);
    uint32_t n = how_many_told(list, d->n_groups, rest);
    for (uint32_t i = 0; i <= d->n_groups; i++) {
        double viewers = i < d->n_groups ? list[i].viewers : rest;
        if (i < n) {
            const struct strategy_group *g = &d->groups[list[i].group];
            told[i] = (struct mq_community_share){.id = g->id, .name = text_of(arena, g->name)};
        } else if (i == n) {
            told[i] = (struct mq_community_share){.name = "everybody else"};
        }
        struct mq_interval *v = &told[i < n ? i : n].viewers_28d;
        v->p10 += out->viewers_28d.p10 * viewers / total;
        v->p50 += viewers;
        v->p90 += out->viewers_28d.p90 * viewers / total;
    }
    free(list);
    if (n == 0) /* everybody else is everybody */
        return 0;
    out->communities = told;
    out->n_communities = n + (told[n].viewers_28d.p50 > 0);
    return 0;
}
