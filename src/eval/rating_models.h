/* rating_models.h - the models that predict ratings, tuned and trained on training rows alone. */
#ifndef MQ_EVAL_RATING_MODELS_H
#define MQ_EVAL_RATING_MODELS_H

#include "eval/rating_design.h"
#include "train/pearson.h"

enum rating_model {
    RATING_MOVIE_MEAN,
    RATING_BIASES,
    RATING_KNN,
    RATING_GIBBS,
    RATING_BLEND,
    RATING_MODELS
};
extern const char *const rating_model_names[RATING_MODELS];

/* What is learnt from and what for. Weights of both are ratings; the cases' are not looked at. */
struct rating_task {
    const struct triples *train, *cases;
    const struct id_book *book;
    bool timed;
    const struct title_facts *facts; /* or NULL */
    struct gibbs_settings gibbs;     /* 0 = default */
};

/* What a validation split of the training rows (a tenth, by seed) decided. */
struct rating_choice {
    double viewer_ridge, title_ridge;
    struct pearson_settings knn;
    double blend[2];            /* gibbs + blend[0] (knn - gibbs) + blend[1] (biases - gibbs) */
    double rmse[RATING_MODELS]; /* there; NaN = too few rows to measure */
    uint32_t measured;          /* rows there */
    enum rating_model published;
};

int rating_choose(const struct rating_task *t, struct pool *pool, struct train_watch watch,
                  struct rating_choice *ret, struct mq_error *err);

/* (viewers, titles) of the book; what a viewer rated several times counts once, with the mean. */
int rating_matrix(const struct triples *t, const struct id_book *book, struct csr *ret,
                  struct mq_error *err);

struct rating_predictions {
    float *of[RATING_MODELS]; /* (cases) */
    struct gibbs_answer gibbs;
    struct gibbs_settings used;
};

/* Train on all of t->train as chosen, predict t->cases. */
int rating_predict(const struct rating_task *t, const struct rating_choice *c, struct pool *pool,
                   struct train_watch watch, struct rating_predictions *ret, struct mq_error *err);
void rating_predictions_release(struct rating_predictions *p);

#endif
