/* settings_search.h - choose iALS settings on a validation split of the training rows, never on the test. */
#ifndef MQ_EVAL_SETTINGS_SEARCH_H
#define MQ_EVAL_SETTINGS_SEARCH_H

#include "eval/report.h"
#include "train/train.h"

/* How settings are judged. fit (viewers, titles) is trained on; the cases are validated on. */
struct validation {
    const struct csr *fit;
    struct ranking_cases cases;
    bool by_ndcg100; /* else by ndcg@10 */
};

struct search_result {
    struct ials_settings ials;
    double score,
        popularity; /* of the chosen settings, and of popularity, on the validation cases */
    unsigned tried;
    bool complete; /* false: time ran out before all candidates were tried */
};

/* First regularisation x unobserved weight on a coarse grid around the defaults at a small rank, then a finer
 * one around the best, then rank and epochs: each stage keeps the best so far. Deterministic unless time
 * runs out (then `complete` is false). */
int settings_search(const struct validation *v, const struct eval_options *o, struct pool *pool,
                    struct search_result *ret, struct mq_error *err);

#endif
