/* ranker.h - the second stage: candidates in the order of the trees, where the model has any.
 *
 * The generators choose who may stand in a list, the trees decide who stands first. A model has trees only if they did
 * better than the blend's own order on choices that neither had seen (train/ranker_fit.h). */
#ifndef MQ_RECOMMEND_RANKER_H
#define MQ_RECOMMEND_RANKER_H

#include "recommend/recommender.h"

enum { RANKED_MAX = 300 /* of a list, the first; the rest stays behind them */ };

/* Does it apply to this request: trees, a taste to go by, and not switched off. */
bool ranker_applies(const struct recommender *r);
/* at (n): places in `list`, best first. Orders the first RANKED_MAX of them anew, equal values as they stood. ret_value has the value of
 * each place of the list that stands in `at`: in (0, 1), times what rules boost, below 0 for those behind. The list itself stays, since reasons
 * weigh its scores. Nothing is allocated. About a microsecond a title. */
void ranker_order(const struct recommender *r, const struct topk_item *list, uint32_t *at, size_t n,
                  float *ret_value);

#endif
