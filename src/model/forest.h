/* forest.h - regression trees as one flat array, evaluated without the library that grew them.
 *
 * A node is 16 bytes; the children of a split stand beside each other, so that one index says both. Trees
 * follow one another in `node`, `root[t]` is where tree t begins. The value of a row is `base` plus the sum of one leaf
 * of each tree, added in the order of the trees in single precision (as the trainer does). */
#ifndef MQ_MODEL_FOREST_H
#define MQ_MODEL_FOREST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { FOREST_LEAF = 0xffffffff };
#define FOREST_TREES_MAX 4096u
#define FOREST_NODES_MAX (1u << 26)
#define FOREST_FEATURES_MAX 65536u

struct forest_node {
    uint32_t feature; /* FOREST_LEAF: value is what the leaf adds */
    float value;      /* goes to `child` where x[feature] < value, else to child + 1 */
    uint32_t child;   /* > the node's own index, so that every walk ends */
    uint32_t missing; /* 0 or 1: where NaN goes */
};

struct forest {
    uint32_t n_trees, n_nodes, n_features;
    float base;
    const uint32_t *root; /* (n_trees) ascending */
    const struct forest_node *node;
};

/* Every index in range, every walk ends, numbers finite: after this no row reads outside. MQ_CORRUPT. */
int forest_check(const struct forest *f, struct mq_error *err);

/* x (n_features), NaN = missing. Pure. O(trees x depth). */
float forest_value(const struct forest *f, const float *x);

/* The same of n rows, x (n, n_features). */
void forest_values(const struct forest *f, const float *x, size_t n, float *ret);

/* What each feature is for: how many splits ask for it, and its share of how far splits move the value. A split adds
 * ((mean under the right - mean under the left) / 2)^2, what it explains of the variance were rows to halve at every split above it
 * (how many went where is not kept in trees). Both (n_features); the shares add up to 1, or are all 0. O(n_nodes).
 * MQ_NO_MEMORY. */
int forest_uses(const struct forest *f, uint64_t *ret_splits, double *ret_share,
                struct mq_error *err);

#endif
