#include "model/forest.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static int bad(struct mq_error *err, const char *what, uint32_t at)
{
    return mq_fail(err, MQ_CORRUPT, "forest: %s at %u: train it again", what, at);
}

static int check_tree(const struct forest *f, uint32_t from, uint32_t to, struct mq_error *err)
{
    for (uint32_t i = from; i < to; i++) {
        const struct forest_node *n = &f->node[i];
        if (!isfinite(n->value))
            return bad(err, "a number that is not finite", i);
        if (n->feature == FOREST_LEAF)
            continue;
        if (n->feature >= f->n_features || n->missing > 1)
            return bad(err, "a split on no feature", i);
        if (n->child <= i || n->child >= to || to - n->child < 2)
            return bad(err, "a child out of range", i);
    }
    return 0;
}

int forest_check(const struct forest *f, struct mq_error *err)
{
    if (f->n_trees > FOREST_TREES_MAX || f->n_nodes > FOREST_NODES_MAX ||
        f->n_features > FOREST_FEATURES_MAX || !isfinite(f->base))
        return mq_fail(err, MQ_CORRUPT, "forest: %u trees, %u nodes, %u features: too many",
                       f->n_trees, f->n_nodes, f->n_features);
    for (uint32_t t = 0; t < f->n_trees; t++) {
        uint32_t from = f->root[t];
        uint32_t to = t + 1 < f->n_trees ? f->root[t + 1] : f->n_nodes;
        if (from >= to || to > f->n_nodes)
            return bad(err, "an empty tree", t);
        int rc = check_tree(f, from, to, err);
        if (rc)
            return rc;
    }
    return 0;
}

static float leaf_of(const struct forest_node *node, uint32_t at, const float *x)
{
    while (node[at].feature != FOREST_LEAF) {
        const struct forest_node *n = &node[at];
        float v = x[n->feature];
        uint32_t right = isnan(v) ? n->missing : (uint32_t)(v >= n->value);
        at = n->child + right;
    }
    return node[at].value;
}

/* What the first `n_trees` trees give (early stopping, learning curves). */
static float forest_value_of(const struct forest *f, const float *x, uint32_t n_trees)
{
    float sum = f->base;
    for (uint32_t t = 0; t < n_trees && t < f->n_trees; t++)
        sum += leaf_of(f->node, f->root[t], x);
    return sum;
}

float forest_value(const struct forest *f, const float *x)
{
    return forest_value_of(f, x, f->n_trees);
}

/* A walk waits for memory at each step: eight beside each other wait together. Every row's sum is made in the order of the
 * trees, as above. */
void forest_values(const struct forest *f, const float *x, size_t n, float *ret)
{
    enum { BESIDE = 8 };
    for (size_t r = 0; r < n; r += BESIDE) {
        size_t rows = n - r < BESIDE ? n - r : BESIDE;
        float sum[BESIDE] = {0};
        for (size_t i = 0; i < rows; i++)
            sum[i] = f->base;
        for (uint32_t t = 0; t < f->n_trees; t++) {
            uint32_t at[BESIDE];
            bool walking = true;
            for (size_t i = 0; i < rows; i++)
                at[i] = f->root[t];
            while (walking) {
                walking = false;
                for (size_t i = 0; i < rows; i++) {
                    const struct forest_node *node = &f->node[at[i]];
                    if (node->feature == FOREST_LEAF)
                        continue;
                    float v = x[(r + i) * f->n_features + node->feature];
                    at[i] = node->child + (isnan(v) ? node->missing : (uint32_t)(v >= node->value));
                    walking = true;
                }
            }
            for (size_t i = 0; i < rows; i++)
                sum[i] += f->node[at[i]].value;
        }
        memcpy(ret + r, sum, rows * sizeof(*ret));
    }
}
