/* trees.h - boosted regression trees: grown by XGBoost, handed over as our own flat layout (model/forest.h).
 *
 * Chen, Guestrin 2016, "XGBoost: A Scalable Tree Boosting System". Histogram splits. One forest is grown on one thread,
 * so that the same input and seed give the same trees whatever the machine does beside it; several
 * forests may be grown at once from several threads. */
#ifndef MQ_TRAIN_TREES_H
#define MQ_TRAIN_TREES_H

#include "model/forest.h"

/* First and second derivative of the loss in each row's value, at the values so far: (rows) each. */
typedef void trees_gradient(void *ctx, const float *value, const float *target, uint32_t rows,
                            float *first, float *second);

struct trees_settings {
    uint32_t rounds; /* trees; 0 = 200 */
    uint32_t depth;  /* 0 = 5 */
    float rate;      /* what each tree adds, 0 = 0.05 */
    float min_child; /* least sum of second derivatives in a leaf, 0 = 1 */
    float rows;      /* share of rows a tree sees, 0 = 1 */
    float columns;   /* share of columns a tree sees, 0 = 1 */
    float lambda;    /* L2 on leaves, 0 = 1 */
    uint64_t seed;
    /* Loss: squared error; or the quantile in (0, 1) where `quantile` > 0 (pinball loss, Koenker and Bassett
     * 1978, with second derivatives of 1: small steps, many rounds); or the caller's, where `gradient` is set. */
    float quantile;
    trees_gradient *gradient;
    void *ctx;
};

/* x (rows, cols) row-major, NaN = missing; target (rows), finite; weight (rows), > 0, or NULL. ret: heap
 * memory, trees_release it. MQ_INVALID (dimensions, a target that is not finite), MQ_NO_MEMORY, MQ_BUG (what
 * XGBoost says). */
int trees_fit(const float *x, uint32_t rows, uint32_t cols, const float *target,
              const float *weight, const struct trees_settings *settings, struct forest *ret,
              struct mq_error *err);
void trees_release(struct forest *f);

/* The text that XGBoost dumps of one tree -> nodes; exposed for the tests. `cap` nodes at most; returns how
 * many, or 0 when the text is no tree. */
uint32_t trees_read_dump(const char *text, uint32_t first, uint32_t n_features,
                         struct forest_node *ret, uint32_t cap);

#endif
