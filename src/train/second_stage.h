/* second_stage.h - what orders the generators' candidates: the weights of the moment (order_fit.h) and the trees (ranker_fit.h).
 *
 * Generators and moods are fitted on what came before the newest fifth of the rows, the second stage on the first half of that
 * fifth, and it is judged on the rest. */
#ifndef MQ_TRAIN_SECOND_STAGE_H
#define MQ_TRAIN_SECOND_STAGE_H

#include "train/blend_fit.h"
#include "train/log_rows.h"
#include "train/ranker_fit.h"

struct second_stage_options {
    struct blend_fit_options fit; /* of the generators; its `live` is not used */
    /* Feeds the log to `log`, which is begun: viewer by viewer as ranker_log.h says, ranker_log_finish included. */
    int (*read)(void *ctx, struct ranker_log *log, struct mq_error *err);
    void *ctx;
    bool no_trees;
};

struct second_stage {
    struct order_part
        *order; /* heap, free; NULL: the scores' own order is as good, or there was too little */
    struct ranker_part ranker; /* trees.n_trees 0: the same; ranker_fit_release */
};

/* rows: the log's, as `m`, the model of all of it, was trained from. Too little data is no failure. MQ_CANCELLED, MQ_NO_MEMORY. */
int second_stage_fit(const struct log_rows *rows, const struct model *m,
                     const struct second_stage_options *o, struct pool *pool,
                     struct second_stage *ret, struct mq_error *err);

#endif
