#include "recommend/ranker.h"

#include <math.h>

#include "recommend/features.h"
#include "recommend/filters.h"

bool ranker_applies(const struct recommender *r)
{
    const struct model *m = r->w->model;
    return m && m->ranker.trees.n_trees > 0 && m->ranker.trees.n_features == FEATURES &&
           m->ranker.meaning == RANKER_FEATURES_VERSION && r->has_taste && !r->ask->no_ranker;
}

/* The first `n` of `at` by value; equal values keep their places. */
static void sort(const float *value, uint32_t *at, size_t n)
{
    float of_place[RANKED_MAX] = {0};
    uint32_t order[RANKED_MAX], sorted[RANKED_MAX] = {0};
    for (size_t i = 0; i < n; i++)
        of_place[i] = value[at[i]];
    topk_order(of_place, n, order);
    for (size_t i = 0; i < n; i++)
        sorted[i] = at[order[i]];
    memcpy(at, sorted, n * sizeof(*at));
}

void ranker_order(const struct recommender *r, const struct topk_item *list, uint32_t *at, size_t n,
                  float *ret_value)
{
    enum { TOGETHER = 64 };
    struct features f;
    float x[TOGETHER][FEATURES], value[TOGETHER];
    size_t ranked = n < RANKED_MAX ? n : RANKED_MAX;
    features_begin(r, &f);
    for (size_t from = 0; from < ranked; from += TOGETHER) {
        size_t part = ranked - from < TOGETHER ? ranked - from : TOGETHER;
        for (size_t i = 0; i < part; i++)
            features_of(&f, list[at[from + i]].index, x[i]);
        forest_values(&r->w->model->ranker.trees, x[0], part, value);
        for (size_t i = 0; i < part; i++)
            ret_value[at[from + i]] =
                filters_boosted(r, list[at[from + i]].index, 1 / (1 + expf(-value[i])));
    }
    sort(ret_value, at, ranked);
    for (size_t i = ranked; i < n; i++) /* behind them, in their own order */
        ret_value[at[i]] = -(float)(i - ranked) - 1;
}
