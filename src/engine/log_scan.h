/* log_scan.h - the whole log as what training and tuning learn from. */
#ifndef MQ_ENGINE_LOG_SCAN_H
#define MQ_ENGINE_LOG_SCAN_H

#include "engine/engine.h"
#include "train/log_rows.h"

/* Read it into `rows` (initialised with log_rows_init; release it whatever comes out).
 * MQ_INVALID: the log is empty, or nothing in it says that a viewer liked a title. MQ_CANCELLED. */
int log_scan(struct mq_engine *e, mq_progress *progress, void *progress_ctx, struct log_rows *rows,
             struct mq_error *err);

/* Every viewer and title of the log with a liking, by their ids, with the time of its last event: what training learns
 * from, for an evaluation of the folder. Stops at the first result of `visit` that is not 0. As log_scan. */
typedef int liking_visit(void *ctx, struct str viewer, struct str title, int64_t at_ms,
                         struct mq_error *err);
int engine_likings(struct mq_engine *e, liking_visit *visit, void *ctx, struct mq_error *err);

/* Every event of the log, viewer by viewer, and the catalogue whose titles their ids name (the caller's to
 * catalogue_free). Text lives until the visit returns. Stops at the first result of `visit` that is not 0. MQ_INVALID: the
 * log is empty. */
typedef int event_visit(void *ctx, const struct event *e, struct mq_error *err);
int engine_events(struct mq_engine *e, event_visit *visit, void *ctx, struct catalogue **ret,
                  struct mq_error *err);

/* Take the lock that one training or tuning holds at a time. MQ_CONFLICT: another one runs. */
int training_lock(struct mq_engine *e, struct mq_error *err);
void training_unlock(struct mq_engine *e);

/* Whoever is about to close says so first: readings of the whole log (of experiments, a canary, campaigns, pictures) end with
 * MQ_CANCELLED. Any thread. */
void readings_stop(struct mq_engine *e);
/* Asked by such a reading at each event; looks at every 65,536th. `what` for the message. MQ_CANCELLED. */
int reading_goes_on(struct mq_engine *e, uint64_t *events, const char *what, struct mq_error *err);

#endif
