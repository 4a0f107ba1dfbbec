/* forest_uses.c - which features a forest asks, and how much their answers move its value. */
#include <stdlib.h>

#include "model/forest.h"

/* Means of what hangs under each node, children first: they stand behind their parents. */
static void means_of(const struct forest *f, double *mean)
{
    for (uint32_t i = f->n_nodes; i-- > 0;) {
        const struct forest_node *n = &f->node[i];
        mean[i] = n->feature == FOREST_LEAF ? (double)n->value
                                            : (mean[n->child] + mean[n->child + 1]) / 2;
    }
}

int forest_uses(const struct forest *f, uint64_t *ret_splits, double *ret_share,
                struct mq_error *err)
{
    double *mean = calloc(2 * (size_t)f->n_nodes + 1, sizeof(*mean));
    double *reach = mean ? mean + f->n_nodes : NULL;
    double sum = 0;
    if (!mean)
        return mq_fail(err, MQ_NO_MEMORY, "forest: no memory for %u nodes", f->n_nodes);
    for (uint32_t k = 0; k < f->n_features; k++) {
        ret_splits[k] = 0;
        ret_share[k] = 0;
    }
    means_of(f, mean);
    for (uint32_t t = 0; t < f->n_trees; t++)
        reach[f->root[t]] = 1;
    for (uint32_t i = 0; i < f->n_nodes; i++) {
        const struct forest_node *n = &f->node[i];
        if (n->feature == FOREST_LEAF)
            continue;
        double half = (mean[n->child + 1] - mean[n->child]) / 2;
        ret_splits[n->feature]++;
        ret_share[n->feature] += reach[i] * half * half;
        sum += reach[i] * half * half;
        reach[n->child] = reach[n->child + 1] = reach[i] / 2;
    }
    for (uint32_t k = 0; sum > 0 && k < f->n_features; k++)
        ret_share[k] /= sum;
    free(mean);
    return 0;
}
