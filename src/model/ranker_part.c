#include "model/ranker_part.h"

#include <math.h>
#include <string.h>

enum head {
    BASE,
    COLUMNS,
    MEANING,
    NDCG,
    BASE_NDCG,
    LOW,
    HIGH,
    QUESTIONS,
    LOGGED,
    COLUMNS_SWAPPED,
    ROWS_SWAPPED
};

bool ranker_shape_fits(const struct ranker_part *p)
{
    const struct forest *f = &p->trees;
    if (f->n_trees == 0)
        return f->n_nodes == 0;
    return f->n_trees <= RANKER_TREES_MAX && f->n_nodes <= RANKER_NODES_MAX;
}

void ranker_sizes(const struct ranker_part *p, uint64_t ret[RANKER_SECTIONS])
{
    ret[0] = p->trees.n_trees > 0 ? RANKER_HEAD * sizeof(double) : 0;
    ret[1] = p->trees.n_trees * sizeof(uint32_t);
    ret[2] = p->trees.n_nodes * sizeof(struct forest_node);
}

const void *ranker_section_of(const struct ranker_part *p, size_t i, double head[RANKER_HEAD])
{
    if (i == 1)
        return p->trees.root;
    if (i == 2)
        return p->trees.node;
    memset(head, 0, RANKER_HEAD * sizeof(*head));
    head[BASE] = (double)p->trees.base;
    head[COLUMNS] = p->trees.n_features;
    head[MEANING] = p->meaning;
    head[NDCG] = p->ndcg;
    head[BASE_NDCG] = p->base_ndcg;
    head[LOW] = p->low;
    head[HIGH] = p->high;
    head[QUESTIONS] = p->questions;
    head[LOGGED] = p->logged;
    head[COLUMNS_SWAPPED] = p->examined[0];
    head[ROWS_SWAPPED] = p->examined[1];
    return head;
}

static uint32_t whole(double v)
{
    return v >= 0 && v <= FOREST_FEATURES_MAX ? (uint32_t)v : 0;
}

void ranker_place(const void *const p[RANKER_SECTIONS], struct ranker_part *ret)
{
    if (ret->trees.n_trees == 0)
        return;
    const double *head = p[0];
    ret->trees.base = (float)head[BASE];
    ret->trees.n_features = whole(head[COLUMNS]);
    ret->trees.root = p[1];
    ret->trees.node = p[2];
    ret->meaning = whole(head[MEANING]);
    ret->ndcg = head[NDCG];
    ret->base_ndcg = head[BASE_NDCG];
    ret->low = head[LOW];
    ret->high = head[HIGH];
    ret->questions = head[QUESTIONS];
    ret->logged = head[LOGGED];
    ret->examined[0] = head[COLUMNS_SWAPPED];
    ret->examined[1] = head[ROWS_SWAPPED];
}

const char *ranker_fault(const struct ranker_part *p)
{
    struct mq_error err;
    if (p->trees.n_trees == 0)
        return NULL;
    if (!isfinite(p->ndcg) || !isfinite(p->base_ndcg) || !isfinite(p->low) || !isfinite(p->high))
        return "of the ranker: a figure is not finite";
    return forest_check(&p->trees, &err) == 0
               ? NULL
               : "of the ranker: a tree leads nowhere, or a number is not finite";
}
