#include "recommend/ranker.h"

#include <math.h>

#include "recommend/features.h"

bool ranker_applies(const struct recommender *r)
{
    const struct model *m = r->w->model;
    return m && m->ranker.trees.n_trees > 0 && m->ranker.trees.n_features == FEATURES &&
           m->ranker.meaning == RANKER_FEATURES_VERSION && r->has_taste && !r->ask->no_ranker;
}

static bool before(const struct topk_item *list, uint16_t a, uint16_t b)
{
    return list[a].score > list[b].score || (a < b && list[a].score == list[b].score);
}

static void sift(const struct topk_item *list, uint16_t *order, size_t at, size_t n)
{
    uint16_t moved = order[at];
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        if (child + 1 < n && before(list, order[child], order[child + 1]))
            child++;
        if (!before(list, moved, order[child]))
            break;
        order[at] = order[child];
        at = child;
    }
    order[at] = moved;
}

/* Heapsort of places, so that equal scores keep theirs. */
static void sort(struct topk_item *list, size_t n)
{
    uint16_t order[RANKED_MAX];
    struct topk_item sorted[RANKED_MAX] = {{0}};
    for (size_t i = 0; i < n; i++)
        order[i] = (uint16_t)i;
    for (size_t i = n / 2; i-- > 0;)
        sift(list, order, i, n);
    for (size_t last = n; last > 1;) {
        uint16_t top = order[0];
        order[0] = order[--last];
        order[last] = top;
        sift(list, order, 0, last);
    }
    for (size_t i = 0; i < n; i++)
        sorted[i] = list[order[i]];
    memcpy(list, sorted, n * sizeof(*list));
}

void ranker_order(const struct recommender *r, struct topk_item *list, size_t n)
{
    struct features f;
    float x[FEATURES];
    size_t ranked = n < RANKED_MAX ? n : RANKED_MAX;
    features_begin(r, &f);
    for (size_t i = 0; i < ranked; i++) {
        features_of(&f, list[i].index, x);
        list[i].score = 1 / (1 + expf(-forest_value(&r->w->model->ranker.trees, x)));
    }
    sort(list, ranked);
    for (size_t i = ranked; i < n; i++) /* behind them, in their own order */
        list[i].score = -(float)(i - ranked) - 1;
}
