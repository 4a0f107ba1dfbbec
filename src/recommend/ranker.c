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

static bool before(const float *value, const uint32_t *at, uint16_t a, uint16_t b)
{
    float x = value[at[a]], y = value[at[b]];
    return x > y || (a < b && x == y);
}

static void sift(const float *value, const uint32_t *at, uint16_t *order, size_t place, size_t n)
{
    uint16_t moved = order[place];
    for (size_t child = 2 * place + 1; child < n; child = 2 * place + 1) {
        if (child + 1 < n && before(value, at, order[child], order[child + 1]))
            child++;
        if (!before(value, at, moved, order[child]))
            break;
        order[place] = order[child];
        place = child;
    }
    order[place] = moved;
}

/* Heapsort of places, so that equal values keep theirs. */
static void sort(const float *value, uint32_t *at, size_t n)
{
    uint16_t order[RANKED_MAX];
    uint32_t sorted[RANKED_MAX] = {0};
    for (size_t i = 0; i < n; i++)
        order[i] = (uint16_t)i;
    for (size_t i = n / 2; i-- > 0;)
        sift(value, at, order, i, n);
    for (size_t last = n; last > 1;) {
        uint16_t top = order[0];
        order[0] = order[--last];
        order[last] = top;
        sift(value, at, order, 0, last);
    }
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
