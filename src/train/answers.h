/* answers.h - rank titles for questions by several models at once, and judge the lists. */
#ifndef MQ_TRAIN_ANSWERS_H
#define MQ_TRAIN_ANSWERS_H

#include "train/ensemble_fit.h"

enum { ANSWERS_DEPTH = 100 };

/* Which mix ranks question i for model m: mix[fold[i] * models + m]; fold NULL: mix[m]. */
struct contestant_mixes {
    const struct mix *mix;
    size_t models;
    const uint8_t *fold;
};

/* Metrics are (models, n), question by question within a model; NaN for questions without targets. */
struct answers {
    size_t models, n, depth;
    double *recall20, *recall50, *ndcg100, *hr10, *ndcg10;
    uint32_t *list; /* (models, n, depth), best first, ID_NONE pads; NULL when not asked for */
    float *score;   /* beside list */
};

/* All titles but those of the history compete, or where a question has `among` its targets and those. Lists of the
 * `keep` (at most ANSWERS_DEPTH) best are kept, with `among` and keep > 0 of all. Equal scores go by title number.
 * The same whatever the number of threads. O(n titles (ingredients + models)). MQ_NO_MEMORY, MQ_SINGULAR. */
int answers_rank(const struct ensemble *e, const struct question *questions, size_t n,
                 const struct contestant_mixes *mixes, size_t keep, struct pool *pool,
                 struct answers *ret, struct mq_error *err);
void answers_release(struct answers *a);

/* Mean of n values, NaN left out; NaN of none. */
double answers_mean(const double *values, size_t n);

#endif
