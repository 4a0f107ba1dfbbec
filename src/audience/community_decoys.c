/* community_decoys.c - groups that are no communities, for names to be told from. */
#include <stdlib.h>

#include "audience/communities_inside.h"

enum { QUANTILES = 4096 };

struct making {
    struct naming *naming;
    const uint8_t *group;
    uint8_t *mark; /* (n) 1: of the decoy */
    float *near;   /* (n) to where the decoy is */
    struct rng *rng;
};

static int descending(const void *x, const void *y)
{
    float a = *(const float *)x;
    float b = *(const float *)y;
    return (a < b) - (a > b);
}

/* How near the share of those outside g is that is nearest; from at most QUANTILES of them. */
static float nearness_of(const struct making *x, uint8_t g, uint32_t outside, double share)
{
    float v[QUANTILES] = {0};
    uint32_t step = (outside + QUANTILES - 1) / QUANTILES;
    uint32_t n = 0;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < x->naming->tastes->n; i++) {
        if (x->group[i] != g && seen++ % step == 0)
            v[n++] = x->near[i];
    }
    qsort(v, n, sizeof(*v), descending);
    return v[(uint32_t)(share * (n - 1))];
}

/* As many viewers as are in g, at most half of those who are not, around one of those who are not. */
static void make_decoy(const struct making *x, uint8_t g, uint32_t outside, struct community *ret)
{
    const struct tastes *t = x->naming->tastes;
    struct candidates v;
    uint32_t at;
    do {
        at = (uint32_t)rng_below(x->rng, t->n);
    } while (x->group[at] == g);
    for (uint32_t i = 0; i < t->n; i++) {
        x->near[i] = 0;
        for (size_t d = 0; d < t->stride; d++)
            x->near[i] += t->rows[i * t->stride + d] * t->rows[at * t->stride + d];
    }
    double share = (double)(t->n - outside) / outside;
    float least = nearness_of(x, g, outside, share < 0.5 ? share : 0.5);
    for (uint32_t i = 0; i < t->n; i++)
        x->mark[i] = x->group[i] != g && x->near[i] >= least;
    naming_candidates(x->naming, x->mark, 1, &v);
    take_chosen(&v, ret);
}

void decoys_release(struct decoys *x)
{
    free(x->names);
    *x = (struct decoys){0};
}

int decoys_init(struct naming *naming, const uint8_t *group, uint32_t k, unsigned n,
                struct rng *rng, struct decoys *ret, struct mq_error *err)
{
    uint32_t size[COMMUNITIES_MAX] = {0};
    size_t viewers = naming->tastes->n;
    struct making x = {.naming = naming, .group = group, .rng = rng};
    *ret = (struct decoys){.n = k < NAMES_AMONG && k > 1 ? n : 0};
    if (ret->n == 0)
        return 0;
    x.mark = calloc(viewers + 1, sizeof(*x.mark));
    x.near = calloc(viewers + 1, sizeof(*x.near));
    ret->names = calloc((size_t)k * n, sizeof(*ret->names));
    int rc = x.mark && x.near && ret->names
                 ? 0
                 : mq_fail(err, MQ_NO_MEMORY, "communities: no memory for names");
    for (size_t i = 0; i < viewers; i++)
        size[group[i]]++;
    for (uint32_t g = 0; rc == 0 && g < k; g++) {
        uint32_t outside = (uint32_t)viewers - size[g];
        for (unsigned i = 0; outside > 0 && i < n; i++)
            make_decoy(&x, (uint8_t)g, outside, &ret->names[(size_t)g * n + i]);
    }
    free(x.mark);
    free(x.near);
    return rc;
}
