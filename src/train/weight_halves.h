/* weight_halves.h - weights of a blend from held-out questions, with as much held back as the questions call for.
 *
 * Each half of the viewers is foretold by weights from the other; the ridge that foretells best is taken for all questions together.
 * Few questions are no measure of twenty weights that pull against each other: those are drawn to the weights that are usual on other
 * services, in their proportions, and the questions say above all how much popularity, taste and what follows count here. */
#ifndef MQ_TRAIN_WEIGHT_HALVES_H
#define MQ_TRAIN_WEIGHT_HALVES_H

#include "train/ensemble_fit.h"

struct weight_halves {
    const struct design *d;
    const uint8_t *fold; /* of each question: 0 or 1, by viewer */
    bool halved;         /* both have some */
    bool few;            /* drawn to what is usual */
    size_t questions;
    int (*tell)(void *ctx, struct mq_error *err); /* after each fit; not 0: stop; NULL: nobody */
    void *ctx;
};
/* How often it tells, at most. */
enum {
    WEIGHT_RIDGES = 3,
    WEIGHT_FITS = 2 * WEIGHT_RIDGES + 1,
    WEIGHT_FITS_FEW = 2 * INGREDIENT_GROUPS + 1
};

/* Weights of the ingredients in `parts`: from all questions into *mix, from those outside of half h into *crossed[h]. MQ_INVALID: no
 * question. MQ_NO_MEMORY; what `tell` says. */
int weight_halves_fit(const struct weight_halves *h, uint32_t parts, struct pool *pool,
                      struct mix *mix, struct mix *crossed[2], struct mq_error *err);

#endif
