#include "train/weight_halves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of standardised ingredients: about the means over small services that were simulated and cuts of MovieLens
 * (docs/decisions/0018-the-blend-is-served.md). */
static const float usual[INGREDIENTS] = {[INGREDIENT_POPULARITY] = 0.25F,
                                         [INGREDIENT_RECENT_SLOW] = 0.25F,
                                         [INGREDIENT_RECENT_MIDDLE] = 0.05F,
                                         [INGREDIENT_NEW_MIDDLE] = 0.05F,
                                         [INGREDIENT_TASTE] = 0.1F,
                                         [INGREDIENT_EASE] = 0.02F,
                                         [INGREDIENT_EASE_LONG] = 0.03F,
                                         [INGREDIENT_EASE_MIDDLE] = 0.02F,
                                         [INGREDIENT_EASE_SHORT] = 0.06F,
                                         [INGREDIENT_KNN] = 0.1F,
                                         [INGREDIENT_NEAR_COSINE_WIDE] = 0.05F,
                                         [INGREDIENT_FAR_COSINE] = 0.05F,
                                         [INGREDIENT_FAR_COSINE_WIDE] = 0.08F};

/* Proportions within a group hold unless a question each speaks against them; how much a group counts, like this many questions
 * in all. */
static const double shape_ridge = 1;
static const double size_questions = 8;

static int tell(const struct weight_halves *h, struct mq_error *err)
{
    return h->tell ? h->tell(h->ctx, err) : 0;
}

/* ---------------------------------------------------------------- few questions */

static uint32_t parts_of(unsigned group)
{
    uint32_t parts = 0;
    for (unsigned i = 0; i < INGREDIENTS; i++)
        if (ingredient_group((enum ingredient)i) == group)
            parts |= UINT32_C(1) << i;
    return parts;
}

/* Nobody likes less what goes together with what he liked: groups that come out so tell nothing. */
static uint32_t against(const struct weight_halves *h, const struct mix *mix)
{
    double along[INGREDIENT_GROUPS] = {0};
    uint32_t ret = 0;
    for (unsigned i = 0; i < INGREDIENTS; i++)
        along[ingredient_group((enum ingredient)i)] +=
            (double)mix->weight[i] * design_scale(h->d, (enum ingredient)i) * (double)usual[i];
    for (unsigned g = GROUP_POPULAR + 1; g < INGREDIENT_GROUPS; g++)
        ret |= along[g] < 0 ? parts_of(g) : 0;
    return ret;
}

/* From the questions outside of fold `left_out`, of which there are n; all: every one. */
static int fit_near(const struct weight_halves *h, uint32_t parts, bool all, uint8_t left_out,
                    struct pool *pool, struct mix *ret, struct mq_error *err)
{
    struct design_pull pull = {.ridge = shape_ridge,
                               .size =
                                   size_questions / (double)(h->questions > 0 ? h->questions : 1),
                               .usual = usual};
    const uint8_t *fold = all ? NULL : h->fold;
    int rc = design_fit_near(h->d, parts, fold, left_out, &pull, pool, ret, err);
    uint32_t without = rc == 0 ? against(h, ret) & parts : 0;
    if (without)
        rc = design_fit_near(h->d, parts & ~without, fold, left_out, &pull, pool, ret, err);
    return rc ? rc : tell(h, err);
}

/* Each half foretold by the other: each[i] of question i. */
static int foretell(const struct weight_halves *h, uint32_t parts, struct pool *pool,
                    struct mix half[2], double *each, struct mq_error *err)
{
    int rc = 0;
    for (uint8_t k = 0; rc == 0 && k < 2; k++) {
        rc = fit_near(h, parts, false, k, pool, &half[k], err);
        if (rc == 0)
            design_likelihoods(h->d, &half[k], h->fold, k, each);
    }
    return rc;
}

/* Does it foretell more, and would it by chance in one of 20 services where it says nothing? */
static const double sure = 1.65; /* standard errors */

static bool surely_better(const double *with, const double *without, size_t n)
{
    double sum = 0;
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        double gain = with[i] - without[i];
        sum += gain;
        square += gain * gain;
    }
    return sum > 0 && sum * sum > sure * sure * (square - sum * sum / (double)n);
}

/* Popularity, and one after the other of the groups that the questions speak for. */
static int fit_few(const struct weight_halves *h, uint32_t parts, struct pool *pool,
                   struct mix *mix, struct mix *crossed[2], struct mq_error *err)
{
    struct mix half[2] = {{{0}}};
    double *now = calloc(2 * h->questions + 1, sizeof(*now));
    uint32_t chosen = parts & parts_of(GROUP_POPULAR);
    if (!now)
        return mq_fail(err, MQ_NO_MEMORY, "blend: %zu questions: no memory", h->questions);
    double *next = now + h->questions;
    int rc = chosen ? foretell(h, chosen, pool, half, now, err) : 0;
    for (unsigned g = GROUP_POPULAR + 1; rc == 0 && g < INGREDIENT_GROUPS; g++) {
        struct mix more[2];
        uint32_t with = chosen | (parts & parts_of(g));
        if (with == chosen)
            continue;
        rc = foretell(h, with, pool, more, next, err);
        if (rc || (chosen && !surely_better(next, now, h->questions)))
            continue;
        chosen = with;
        memcpy(now, next, h->questions * sizeof(*now));
        memcpy(half, more, sizeof(half));
    }
    free(now);
    if (rc == 0) {
        *crossed[0] = half[0];
        *crossed[1] = half[1];
        rc = fit_near(h, chosen, true, 0, pool, mix, err);
    }
    return rc;
}

/* ---------------------------------------------------------------- many */

static int fit_many(const struct weight_halves *h, uint32_t parts, struct pool *pool,
                    struct mix *mix, struct mix *crossed[2], struct mq_error *err)
{
    static const double ridges[WEIGHT_RIDGES] = {DESIGN_RIDGE, 10 * DESIGN_RIDGE,
                                                 100 * DESIGN_RIDGE};
    double ridge = DESIGN_RIDGE;
    double top = -INFINITY;
    int rc = 0;
    for (size_t r = 0; rc == 0 && h->halved && r < WEIGHT_RIDGES; r++) {
        struct mix half[2];
        double value = 0;
        for (uint8_t k = 0; rc == 0 && k < 2; k++) {
            rc = design_fit(h->d, parts, h->fold, k, ridges[r], pool, &half[k], err);
            value += rc == 0 ? design_likelihood(h->d, &half[k], h->fold, k) : 0;
            rc = rc ? rc : tell(h, err);
        }
        if (rc == 0 && value > top) {
            top = value;
            ridge = ridges[r];
            *crossed[0] = half[0];
            *crossed[1] = half[1];
        }
    }
    rc = rc ? rc : design_fit(h->d, parts, NULL, 0, ridge, pool, mix, err);
    return rc ? rc : tell(h, err);
}

int weight_halves_fit(const struct weight_halves *h, uint32_t parts, struct pool *pool,
                      struct mix *mix, struct mix *crossed[2], struct mq_error *err)
{
    int rc = h->few && h->halved ? fit_few(h, parts, pool, mix, crossed, err)
             : h->few            ? fit_near(h, parts, true, 0, pool, mix, err)
                                 : fit_many(h, parts, pool, mix, crossed, err);
    /* One viewer's questions can't be halved: what is learnt from them then judges itself. */
    if (rc == 0 && !h->halved)
        *crossed[0] = *crossed[1] = *mix;
    return rc;
}
