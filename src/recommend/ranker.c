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
    struct features f;
    float x[FEATURES];
    size_t ranked = n < RANKED_MAX ? n : RANKED_MAX;
    features_begin(r, &f);
    for (size_t i = 0; i < ranked; i++) {
        uint32_t title = list[at[i]].index;
        features_of(&f, title, x);
        float value = 1 / (1 + expf(-forest_value(&r->w->model->ranker.trees, x)));
        ret_value[at[i]] = filters_boosted(r, title, value);
    }
    sort(ret_value, at, ranked);
    for (size_t i = ranked; i < n; i++) /* behind them, in their own order */
        ret_value[at[i]] = -(float)(i - ranked) - 1;
}
