/* ranker_training.h - the second stage from the log and from what was shown. */
#ifndef MQ_ENGINE_RANKER_TRAINING_H
#define MQ_ENGINE_RANKER_TRAINING_H

#include "engine/engine.h"
#include "train/second_stage.h"

/* As second_stage_fit, of the engine's log and page log. */
int engine_train_ranker(struct mq_engine *e, const struct log_rows *rows, const struct model *m,
                        const struct blend_fit_options *fit, struct pool *pool,
                        struct second_stage *ret, struct mq_error *err);

#endif
