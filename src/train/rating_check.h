/* rating_check.h - are predicted ratings what came? Calibration on ratings that the fit has not seen. */
#ifndef MQ_TRAIN_RATING_CHECK_H
#define MQ_TRAIN_RATING_CHECK_H

#include "math/bootstrap.h"
#include "train/rating_fit.h"

enum {
    RATING_CHECK_MOST = 5000, /* ratings asked about, drawn */
    RATING_CHECK_BINS = 10,
    RATING_CHECK_BIN_LEAST = 40, /* ratings of a bin */
};

/* Ratings whose predictions are alike. Stars of five; actual: the mean that came, with its 95 % interval over viewers. */
struct rating_bin {
    double predicted;
    struct interval actual;
    uint32_t n;
};

struct rating_check {
    uint64_t ratings, asked, viewers; /* there are; held out and predicted; viewers of the asked */
    double rmse, mean_rmse;           /* of the prediction; of the title's own mean */
    double inside; /* share within the prediction's interval, which is to hold 0.9 */
    struct rating_bin bin[RATING_CHECK_BINS];
    size_t n_bins; /* 0: too few ratings to say anything */
};

/* A tenth of the ratings, drawn by viewer, title and seed, is held out; rating_fit learns from the rest as a training
 * does, and each one held out is predicted from its viewer's other ratings. Bins are of equal number, by prediction. `ratings` as
 * rating_fit; the same seed and ratings give the same figures. MQ_NO_MEMORY, MQ_CANCELLED, MQ_INVALID. */
int rating_check(const struct triples *ratings, uint64_t seed, struct pool *pool,
                 struct train_watch watch, struct rating_check *ret, struct mq_error *err);

#endif
