/* lambdamart.h - trees that put the better of two titles first.
 *
 * LambdaMART (Burges 2010, "From RankNet to LambdaRank to LambdaMART"): each pair of titles of one question, one better than the
 * other, pulls its two values apart by as much as swapping them would change NDCG, times how wrong their order is.
 * A title is only known to be good if it was looked at; so what was chosen in a place that is seldom looked at counts by the inverse of that chance (Joachims,
 * Swaminathan, Schnabel 2017, "Unbiased Learning-to-Rank with Biased Feedback"). */
#ifndef MQ_TRAIN_LAMBDAMART_H
#define MQ_TRAIN_LAMBDAMART_H

#include <stdbool.h>
#include <stddef.h>

#include "train/trees.h"

/* Questions one after the other: the rows of question q are start[q] to start[q + 1]. */
struct ranking_rows {
    uint32_t n, columns, questions;
    const float *x;    /* (n, columns) row-major, NaN = missing */
    const float *gain; /* (n) how good: 0 = not chosen; at most LAMBDA_GAIN_MAX */
    const float
        *weight; /* (n) of rows with gain > 0: 1 / chance of having been looked at; NULL: 1 */
    const uint32_t *start; /* (questions + 1) ascending, start[0] = 0, start[questions] = n */
};

#define LAMBDA_GAIN_MAX 8.0f
enum { LAMBDA_QUESTION_MAX = 4096 /* rows of one */ };

/* settings->gradient is this file's; min_child 0 = .05 (second derivatives are small here). ret: heap memory,
 * trees_release it. MQ_INVALID: shapes, gains. MQ_NO_MEMORY, MQ_BUG. */
int lambdamart_fit(const struct ranking_rows *rows, const struct trees_settings *settings,
                   struct forest *ret, struct mq_error *err);

/* NDCG@k of one question of n rows ordered by value (equal ones by row): gains as they are, discount 1 / log2(1 + place). NaN: nothing
 * is good. */
double lambdamart_ndcg(const float *value, const float *gain, size_t n, size_t k);

#endif
