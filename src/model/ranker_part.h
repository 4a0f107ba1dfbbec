/* ranker_part.h - the trees that order candidates (recommend/ranker.h), as a model holds them.
 *
 * In the file: a head of RANKER_HEAD doubles (base, columns, version of their meaning, what was measured), the roots, the nodes; the header has
 * the numbers of trees and nodes. */
#ifndef MQ_MODEL_RANKER_PART_H
#define MQ_MODEL_RANKER_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "model/forest.h"

enum { RANKER_HEAD = 16, RANKER_TREES_MAX = 1000, RANKER_NODES_MAX = 1 << 20, RANKER_SECTIONS = 3 };

struct ranker_part {
    struct forest trees; /* n_trees 0: there is no ranker */
    uint32_t meaning;    /* of its columns: RANKER_FEATURES_VERSION when it was trained */
    double ndcg,
        base_ndcg; /* NDCG@10 on choices that neither the generators nor the trees had seen; of the blend's order */
    double low, high;         /* 95 % interval of the difference, over viewers */
    double questions, logged; /* choices measured; share of the training's whose page was known */
    double examined
        [2]; /* choices between swapped columns, rows that its weights rest on; 0: all places were assumed alike */
};

/* False: past a maximum. */
bool ranker_shape_fits(const struct ranker_part *p);
void ranker_sizes(const struct ranker_part *p, uint64_t ret[RANKER_SECTIONS]);
const void *ranker_section_of(const struct ranker_part *p, size_t i, double head[RANKER_HEAD]);
/* Point into sections; trees.n_trees and n_nodes are set. */
void ranker_place(const void *const p[RANKER_SECTIONS], struct ranker_part *ret);
/* NULL, or what is wrong with it. */
const char *ranker_fault(const struct ranker_part *p);

#endif
