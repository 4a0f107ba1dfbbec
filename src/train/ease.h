/* ease.h - EASE^R: how much each watched title says about every other, in closed form.
 *
 * Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data": with X (viewers, titles) of ones and
 * P = (X'X + lambda I)^-1, the best item-to-item weights without self-links are B_ij = -P_ij / P_jj, B_jj = 0. With
 * fewer viewers than titles P comes from the smaller viewers' matrix (Woodbury):
 * P = (I - X' (X X' + lambda I)^-1 X) / lambda, the same up to rounding. */
#ifndef MQ_TRAIN_EASE_H
#define MQ_TRAIN_EASE_H

#include "base/pool.h"
#include "math/csr.h"
#include "model/links.h"

/* X'X: how many viewers each pair of titles has in common; (n, n), both triangles. Shared by EASE and the
 * shrunk cosine. */
struct co_counts {
    uint32_t n;
    float *count; /* (n, n) */
};

/* Bytes that a dense model of n titles takes while it is trained; more than EASE_BYTES_MAX is refused. */
#define EASE_BYTES_MAX ((size_t)4 << 30)
size_t ease_memory(uint32_t n_titles);
bool ease_fits(uint32_t n_titles);

/* Values above 0 count as ones. O(sum over viewers of titles^2). The same whatever the number of threads.
 * MQ_TOO_LARGE: says how much memory it would take; use neighbours (item_knn.h) then. MQ_NO_MEMORY. */
int co_counts_of(const struct csr *m, struct pool *pool, struct co_counts *ret,
                 struct mq_error *err);
void co_counts_release(struct co_counts *c);

/* m (viewers, titles) and its counts; lambda > 0. ret: dense links, (n, n). O(min(viewers, titles)^3). The same
 * bytes for the same number of threads and processor kernel (math/spd.h). MQ_INVALID, MQ_SINGULAR,
 * MQ_NO_MEMORY. */
int ease_train(const struct csr *m, const struct co_counts *c, double lambda, struct pool *pool,
               struct links *ret, struct mq_error *err);

#endif
