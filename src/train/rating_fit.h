/* rating_fit.h - ratings -> what a model keeps of them: titles' rows in some samples of a small factorisation, and
 * how viewers spread (model/rate.h reads it). No viewer is in it, nor a number that one viewer's ratings alone made. */
#ifndef MQ_TRAIN_RATING_FIT_H
#define MQ_TRAIN_RATING_FIT_H

#include "base/pool.h"
#include "dataset/triples.h"
#include "model/model.h"
#include "train/ials.h"

enum {
    RATINGS_LEAST = 300,   /* below this nothing is learnt */
    RATERS_LEAST = 20,     /* nor from fewer viewers */
    TITLE_RATERS = 3,      /* a title of fewer has no row */
    RATINGS_MOST = 200000, /* of more, whole viewers are drawn, so that training stays as quick */
};

/* ratings: one per viewer and title, weight in stars of five. ret->n 0: there are too few. Otherwise heap memory:
 * rating_part_release. Of more than RATED_TITLES_MAX titles the most rated are kept. The same seed and ratings give
 * the same bytes. MQ_NO_MEMORY, MQ_CANCELLED, MQ_INVALID (a weight that is not finite). */
int rating_fit(const struct triples *ratings, uint64_t seed, struct pool *pool,
               struct train_watch watch, struct rating_part *ret, struct mq_error *err);
void rating_part_release(struct rating_part *p);

#endif
