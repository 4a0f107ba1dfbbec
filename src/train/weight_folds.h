/* weight_folds.h - which weights of a blend hold up on other held-out viewers?
 *
 * A hundred questions can't tell a blend from its best part. More of the training viewers are held out in turn, the models
 * trained again without them with the settings as chosen, and each candidate's weights judged on all of them. */
#ifndef MQ_TRAIN_WEIGHT_FOLDS_H
#define MQ_TRAIN_WEIGHT_FOLDS_H

#include "train/answers.h"
#include "train/lineup.h"

/* Other viewers than the validation's: fit is trained on, the questions are asked about it. */
struct weight_fold {
    const struct histories *fit;
    const struct question *questions;
    size_t n;
};

/* What one candidate came to in one fold. */
struct fold_score {
    double sum; /* of NDCG@100 or NDCG@10 over the fold's questions with targets */
    size_t n;
};

/* ret (n_folds, n_mixes). Trains n_folds lineups, one after the other. The same as lineup_train for determinism and
 * errors. */
int weight_folds_judge(const struct weight_fold *folds, size_t n_folds,
                       const struct lineup_settings *s, const struct mix *mixes, size_t n_mixes,
                       bool by_ndcg100, struct pool *pool, struct train_watch watch,
                       struct fold_score *ret, struct mq_error *err);

/* The best of the first n_choices candidates outside fold `left_out` (n_folds: in all). */
size_t weight_folds_best(const struct fold_score *scores, size_t n_folds, size_t n_mixes,
                         size_t n_choices, size_t left_out);

#endif
