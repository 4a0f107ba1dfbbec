/* place_weights.h - how much does a choice count, by how seldom such a title is looked at?
 *
 * The inverse of the chance of the title's place would do (Joachims, Swaminathan, Schnabel 2017), and is noisy: what stood far to the
 * right by bad luck counts twenty times. What counts here is the mean chance over the places where the pages put such titles
 * (Oosterhuis, de Rijke 2020, "Policy-Aware Unbiased Learning to Rank for Top-k Rankings"), estimated by a few small trees from the
 * columns that the ranker sees: as unbiased, and where the order was chance it is the same for all. Then trees find nothing that
 * holds for the other half of the viewers (by three standard errors, clustered by viewer: whoever comes often is one person), and all
 * weights are one. */
#ifndef MQ_TRAIN_PLACE_WEIGHTS_H
#define MQ_TRAIN_PLACE_WEIGHTS_H

#include <stdint.h>

#include "base/error.h"

/* x (n, columns), those of one question one behind the other; viewer (n): whose they are; examined (n): the chance of each row's place
 * (examination.h); gain (n). Fewer than 10 viewers in the judging half, or 64 rows in the other: all weights are one.
 * ret (n): 1 / the expected chance, with mean 1 over the rows of gain > 0, so that weights move no other balance. n 0: nothing.
 * MQ_NO_MEMORY, MQ_BUG. */
int place_weights(const float *x, uint32_t n, uint32_t columns, const uint32_t *viewer,
                  const float *examined, const float *gain, uint64_t seed, float *ret,
                  struct mq_error *err);

#endif
