#include "train/lineup.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/fold_in.h"
#include "train/neighbours.h"
#include "train/strongest.h"
#include "train/train.h"
#include "train/trends.h"

static const char *const names[LINEUP_MODELS] = {
    [LINEUP_POPULARITY] = "popularity",
    [LINEUP_ITEM_KNN] = "item_knn",
    [LINEUP_IALS] = "ials",
    [LINEUP_EASE] = "ease",
    [LINEUP_SEQUENCE] = "sequence",
    [LINEUP_BLEND] = "blend",
};

const char *lineup_model_name(enum lineup_model m)
{
    return names[m];
}

#define BIT(i) (UINT32_C(1) << (i))

uint32_t lineup_model_parts(enum lineup_model m, bool ordered)
{
    uint32_t followed = 0;
    uint32_t trends = BIT(INGREDIENT_POPULARITY) | BIT(INGREDIENT_RECENT_SLOW) |
                      BIT(INGREDIENT_RECENT_MIDDLE) | BIT(INGREDIENT_RECENT_FAST) |
                      BIT(INGREDIENT_SINCE) | BIT(INGREDIENT_NEW_SLOW) |
                      BIT(INGREDIENT_NEW_MIDDLE) | BIT(INGREDIENT_NEW_FAST);
    for (unsigned i = 0; i < INGREDIENTS; i++)
        if (ingredient_ordered((enum ingredient)i))
            followed |= BIT(i);
    switch (m) {
    case LINEUP_POPULARITY:
        return BIT(INGREDIENT_POPULARITY);
    case LINEUP_ITEM_KNN:
        return BIT(INGREDIENT_KNN);
    case LINEUP_IALS:
        return BIT(INGREDIENT_TASTE);
    case LINEUP_EASE:
        return BIT(INGREDIENT_EASE);
    case LINEUP_SEQUENCE:
        return ordered ? followed | trends : 0;
    default:
        return ordered ? BIT(INGREDIENTS) - 1
                       : BIT(INGREDIENT_POPULARITY) | BIT(INGREDIENT_TASTE) | BIT(INGREDIENT_EASE) |
                             BIT(INGREDIENT_KNN);
    }
}

struct mix lineup_alone(enum lineup_model m)
{
    static const enum ingredient one[] = {[LINEUP_POPULARITY] = INGREDIENT_POPULARITY,
                                          [LINEUP_ITEM_KNN] = INGREDIENT_KNN,
                                          [LINEUP_IALS] = INGREDIENT_TASTE,
                                          [LINEUP_EASE] = INGREDIENT_EASE};
    struct mix mix = {{0}};
    if (m < LINEUP_SEQUENCE)
        mix.weight[one[m]] = 1;
    return mix;
}

int lineup_models_named(struct str list, uint32_t *ret, struct mq_error *err)
{
    uint32_t models = 0;
    if (list.n == 0)
        return mq_fail(err, MQ_INVALID, "only: nothing is named: leave it out for all models");
    while (list.p) {
        struct str name = str_trim(str_cut(&list, ','));
        unsigned m = 0;
        while (m < LINEUP_MODELS && !str_eq(name, str_of(lineup_model_name((enum lineup_model)m))))
            m++;
        if (m == LINEUP_MODELS)
            return mq_fail(
                err, MQ_INVALID,
                "only: %.*s: give popularity, item_knn, ials, ease, sequence or blend, or "
                "several with commas",
                STR_ARG(name));
        models |= BIT(m);
    }
    *ret = models;
    return 0;
}

/* ---------------------------------------------------------------- settings */

/* lambda 200 to 500 is published for ML-20M and larger (Steck 2019); about the root of the observations lies
 * there and shrinks with the data. The search starts from it. */
static double default_lambda(const struct csr *m)
{
    return fmin(fmax(0.5 * sqrt((double)csr_nnz(m)), 10), 2000);
}

/* 0 fields get what is usual for data of this size. */
static void lineup_defaults(const struct csr *m, struct lineup_settings *s)
{
    ials_defaults(m, &s->ials);
    if (!(s->ease_lambda > 0))
        s->ease_lambda = default_lambda(m);
    if (s->knn.neighbours == 0 && !(s->knn.shrink > 0))
        s->knn = (struct item_knn_settings){100, NEIGHBOURS_SHRINK};
    if (!(s->follows[0].half_life > 0))
        s->follows[0] = (struct transitions_settings){1, 8};
    if (!(s->follows[1].half_life > 0))
        s->follows[1] = (struct transitions_settings){8, 50};
}

/* ---------------------------------------------------------------- popularity */

static int add_popularity(struct lineup *l, struct mq_error *err)
{
    size_t n = l->m.cols;
    l->popularity = calloc(n + 1, sizeof(float));
    if (!l->popularity)
        return mq_fail(err, MQ_NO_MEMORY, "popularity: no memory");
    for (uint64_t k = 0; k < csr_nnz(&l->m); k++)
        l->popularity[l->m.col[k]] += 1;
    for (size_t i = 0; i < n; i++)
        l->popularity[i] = log1pf(l->popularity[i]);
    l->e.popularity = l->popularity;
    return 0;
}

/* ---------------------------------------------------------------- parts */

int lineup_init(const struct lineup_rows *rows, const struct lineup_settings *s, struct pool *pool,
                struct lineup *ret, struct mq_error *err)
{
    const struct histories *h = rows->h;
    *ret = (struct lineup){.settings = *s, .e = {.n_titles = h->titles}};
    int rc = histories_to_csr(h, &ret->m, err);
    if (rc)
        return rc;
    ret->rated = rows->taste;
    if (csr_nnz(&ret->m) == 0)
        return mq_fail(err, MQ_INVALID, "interactions: none: bring in what viewers did first");
    lineup_defaults(&ret->m, &ret->settings);
    rc = add_popularity(ret, err);
    if (rc == 0 && s->ordered)
        rc = trends_count(rows->timeline ? rows->timeline : h, &ret->trends, err);
    ret->e.trends = ret->trends;
    if (rc == 0 && ease_fits(h->titles) &&
        (s->ease_bytes == 0 || ease_memory(h->titles) <= s->ease_bytes))
        rc = co_counts_of(&ret->m, pool, &ret->counts, err);
    else if (rc == 0)
        snprintf(ret->note, sizeof(ret->note),
                 "EASE left out: %u titles would take %.1f GB; neighbours are truncated to %d",
                 h->titles, (double)ease_memory(h->titles) / 1e9, MODEL_NEIGHBOURS);
    return rc;
}

static int train_taste(struct lineup *l, bool eased, struct pool *pool, struct train_watch watch,
                       struct mq_error *err)
{
    struct train_settings s = {.ials = l->settings.ials, .no_neighbours = true};
    const struct csr *rows = l->rated ? l->rated : &l->m;
    struct model m;
    int rc = eased ? train_model_eased(rows, &s, pool, watch, &m, err)
                   : train_model(rows, &s, pool, watch, &m, err);
    if (rc)
        return rc;
    train_release(&l->taste);
    l->taste = m;
    l->settings.ials = m.settings;
    l->e.taste = &l->taste;
    return 0;
}

int lineup_train_taste(struct lineup *l, struct pool *pool, struct train_watch watch,
                       struct mq_error *err)
{
    return train_taste(l, false, pool, watch, err);
}

int lineup_train_taste_eased(struct lineup *l, struct pool *pool, struct train_watch watch,
                             struct mq_error *err)
{
    return train_taste(l, true, pool, watch, err);
}

int lineup_train_ease(struct lineup *l, struct pool *pool, struct mq_error *err)
{
    if (!l->counts.count)
        return 0;
    links_release(&l->e.ease);
    int rc = ease_train(&l->m, &l->counts, l->settings.ease_lambda, pool, &l->e.ease, err);
    return rc ? rc : links_strongest(&l->e.ease, l->settings.links_kept, pool, err);
}

/* MODEL_NEIGHBOURS of each, for catalogues whose pairs don't fit memory. */
static int truncated_neighbours(struct lineup *l, struct pool *pool, struct mq_error *err)
{
    size_t n = l->m.cols;
    size_t cells = n * MODEL_NEIGHBOURS;
    struct train_watch quiet = {0};
    uint64_t *start = malloc((n + 1) * sizeof(*start));
    uint32_t *col = malloc((cells + 1) * sizeof(*col));
    float *value = malloc((cells + 1) * sizeof(*value));
    int rc = start && col && value
                 ? neighbours_find(&l->m, NULL, 0, MODEL_NEIGHBOURS, pool, quiet, col, value, err)
                 : mq_fail(err, MQ_NO_MEMORY, "neighbours: %zu titles: no memory", n);
    uint64_t at = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        start[i] = at;
        for (size_t k = i * MODEL_NEIGHBOURS; k < (i + 1) * MODEL_NEIGHBOURS; k++) {
            if (col[k] == ID_NONE)
                continue;
            col[at] = col[k];
            value[at++] = value[k];
        }
    }
    if (rc) {
        free(start);
        free(col);
        free(value);
        return rc;
    }
    start[n] = at;
    l->e.knn = (struct links){.n = l->m.cols, .start = start, .col = col, .value = value};
    return 0;
}

int lineup_train_knn(struct lineup *l, struct pool *pool, struct mq_error *err)
{
    links_release(&l->e.knn);
    if (!l->counts.count)
        return truncated_neighbours(l, pool, err);
    int rc = item_knn_train(&l->counts, &l->settings.knn, pool, &l->e.knn, err);
    return rc ? rc : links_strongest(&l->e.knn, l->settings.links_kept, pool, err);
}

int lineup_train_follows(struct lineup *l, const struct histories *h, struct pool *pool,
                         struct mq_error *err)
{
    for (size_t k = 0; k < TRANSITION_KINDS && l->settings.ordered; k++) {
        transitions_release(&l->follows[k]);
        int rc = transitions_train(h, &l->settings.follows[k], pool, &l->follows[k], err);
        if (rc == 0)
            rc = links_strongest(&l->follows[k].follows, l->settings.links_kept, pool, err);
        if (rc)
            return rc;
        l->e.follows[k] = l->follows[k].follows;
        l->e.from_scale[k] = l->follows[k].from_scale;
        l->e.to_scale[k] = l->follows[k].to_scale;
    }
    return 0;
}

int lineup_train(const struct lineup_rows *rows, const struct lineup_settings *s, struct pool *pool,
                 struct train_watch watch, struct lineup *ret, struct mq_error *err)
{
    int rc = lineup_init(rows, s, pool, ret, err);
    if (rc == 0)
        rc = lineup_train_taste(ret, pool, watch, err);
    if (rc == 0)
        rc = lineup_train_ease(ret, pool, err);
    if (rc == 0)
        rc = lineup_train_knn(ret, pool, err);
    if (rc == 0)
        rc = lineup_train_follows(ret, rows->h, pool, err);
    if (rc)
        lineup_release(ret);
    return rc;
}

void lineup_release(struct lineup *l)
{
    csr_release(&l->m);
    co_counts_release(&l->counts);
    train_release(&l->taste);
    links_release(&l->e.ease);
    links_release(&l->e.knn);
    for (size_t k = 0; k < TRANSITION_KINDS; k++)
        transitions_release(&l->follows[k]);
    free(l->popularity);
    trends_release(&l->trends);
    *l = (struct lineup){0};
}
