/* rate.h - how would this viewer rate that? From the titles' side of a model and the viewer's own ratings.
 *
 * In each sample of the factorisation (train/rating_fit.h) a viewer is a normal vector of a bias and factors, and a
 * rating is offset + title's bias + (1, title's factors) . viewer + noise: given the viewer's ratings the vector is
 * normal again, with mean and covariance by one solve (Salakhutdinov, Mnih 2008, eq. 11-13, here with the samples' own
 * spread of viewers as the prior). The answer is the mixture over samples. */
#ifndef MQ_MODEL_RATE_H
#define MQ_MODEL_RATE_H

#include "model/model.h"

struct rated {
    struct title_id title; /* one without a row is passed over */
    float stars;
};

/* Stars of five; [low, high] is to hold the rating itself nine times of ten. Within the range of the ratings that
 * were learnt from. */
struct rating_forecast {
    double expected, low, high;
};

/* A rating of `title` itself among `known` is not looked at. False: there is no row for the title. Without known
 * ratings: of a viewer of whom nothing is known. Pure, no allocation. O(snapshots (n rank^2 + rank^3)). */
bool rate_forecast(const struct rating_part *p, const struct rated *known, size_t n,
                   struct title_id title, struct rating_forecast *ret);

#endif
