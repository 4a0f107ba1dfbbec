/* ranker_training.h - the second stage's trees from the log and from what was shown. */
#ifndef MQ_ENGINE_RANKER_TRAINING_H
#define MQ_ENGINE_RANKER_TRAINING_H

#include "engine/engine.h"
#include "train/blend_fit.h"
#include "train/log_rows.h"
#include "train/ranker_fit.h"

/* rows: the log's. Trains generators as `fit` says on what came before the newest fifth, trees on the first half of
 * that fifth, and judges them on the rest. Too little data is no failure: ret has no trees. MQ_CANCELLED, MQ_NO_MEMORY. */
int engine_train_ranker(struct mq_engine *e, const struct log_rows *rows, uint32_t n_titles,
                        const struct blend_fit_options *fit, struct pool *pool,
                        struct ranker_part *ret, struct mq_error *err);

#endif
