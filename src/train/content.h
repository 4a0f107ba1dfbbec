/* content.h - where would a title lie among the factors, by what it is? (Gantner et al. 2010)
 *
 * Titles are alike as they share features: k(i, j) = 1 + the sum over kinds of its weight times the cosine of their
 * features, each weighed by how rare it is. Kernel ridge regression from k to the factors of the titles that were watched,
 *
 *   y = k_new (K + ridge D)^-1 Y,    D_ii = 1 + 10 / viewers of i,
 *
 * so that factors which rest on few viewers pull less. The same as ridge regression on the features, at a cost
 * that follows the titles instead of the features. */
#ifndef MQ_TRAIN_CONTENT_H
#define MQ_TRAIN_CONTENT_H

#include "base/pool.h"
#include "math/csr.h"

struct content_input {
    const struct csr *const *kinds; /* (n_kinds) each (titles, features): genres, people ... */
    size_t n_kinds;
    const double *weight; /* (n_kinds) of each kind, 0 and above; NULL: 1 */
    const float *factors; /* (titles, stride) */
    size_t stride;
    const float *popularity; /* (titles) viewers; 0: a title to be placed, never learnt from */
    double ridge;            /* above 0 */
};

/* Factors of `titles` (n) into ret (n, stride). What has no feature gets the mean. O(known titles^3).
 * MQ_INVALID: no known title, a ridge not above 0. MQ_TOO_LARGE: over SPD_MAX known titles. MQ_SINGULAR,
 * MQ_NO_MEMORY. */
int content_place(const struct content_input *in, const uint32_t *titles, size_t n,
                  struct pool *pool, float *ret, struct mq_error *err);

#endif
