/* log_scan.h - the whole log as what training and tuning learn from. */
#ifndef MQ_ENGINE_LOG_SCAN_H
#define MQ_ENGINE_LOG_SCAN_H

#include "engine/engine.h"
#include "train/log_rows.h"

/* Read it into `rows` (initialised with log_rows_init; release it whatever comes out).
 * MQ_INVALID: the log is empty, or nothing in it says that a viewer liked a title. MQ_CANCELLED. */
int log_scan(struct mq_engine *e, mq_progress *progress, void *progress_ctx, struct log_rows *rows,
             struct mq_error *err);

/* Take the lock that one training or tuning holds at a time. MQ_CONFLICT: another one runs. */
int training_lock(struct mq_engine *e, struct mq_error *err);
void training_unlock(struct mq_engine *e);

#endif
