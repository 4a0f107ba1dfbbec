/* item_knn.h - the tuned neighbourhood baseline: shrunk cosine over common viewers, the nearest of each title. */
#ifndef MQ_TRAIN_ITEM_KNN_H
#define MQ_TRAIN_ITEM_KNN_H

#include "train/ease.h"

struct item_knn_settings {
    uint32_t neighbours; /* 0 = all */
    float shrink;        /* similarity c / sqrt(n_i n_j) * c / (c + shrink) */
};

/* Link (i, j): the similarity, for the `neighbours` titles j nearest to i. The same whatever the number of
 * threads. O(titles^2). MQ_NO_MEMORY. */
int item_knn_train(const struct co_counts *c, const struct item_knn_settings *s, struct pool *pool,
                   struct links *ret, struct mq_error *err);

#endif
