/* neighbours.h - which titles go with which: shrunk cosine over common viewers. */
#ifndef MQ_TRAIN_NEIGHBOURS_H
#define MQ_TRAIN_NEIGHBOURS_H

#include "train/ials.h"

/* A viewer with more titles than this is taken as this many of them, evenly spread: no one watches more
 * on purpose, and the cost is quadratic in it. */
enum { NEIGHBOURS_ROW_MAX = 2048 };

/* similarity(i, j) = c / sqrt(n_i n_j) * c / (c + shrink), c the viewers who liked both, n those who liked
 * each (shrinkage as in Koren 2008, section 2.2): in [0, 1), and small when it rests on few.
 *
 * A title with fewer than NEIGHBOURS_FEW such neighbours is compared by its factors too: the cosine of
 * y_i and y_j, shrunk by how many viewers the rarer of both has, counts where it is higher.
 *
 * m              (viewers, titles); values <= 0 are no likes.
 * factors        (m->cols, stride), or NULL: no comparison by factors.
 * ret_id         (m->cols, n) most similar first, equal ones by id, ID_NONE pads.
 * ret_similarity (m->cols, n), 0 pads.
 * The same bytes whatever the number of threads. O(sum over viewers of titles^2). MQ_NO_MEMORY,
 * MQ_CANCELLED. */
enum { NEIGHBOURS_SHRINK = 20, NEIGHBOURS_FEW = 8 };
int neighbours_find(const struct csr *m, const float *factors, uint32_t stride, uint32_t n,
                    struct pool *pool, struct train_watch watch, uint32_t *ret_id,
                    float *ret_similarity, struct mq_error *err);

#endif
