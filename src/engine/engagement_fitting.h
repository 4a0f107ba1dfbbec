/* engagement_fitting.h - the weights of engagement from the log, and DIR/engagement, where they are kept.
 *
 * The file: lines "name value" for every weight of train/engagement_rows.h, "#" begins a comment; the last line,
 * "checksum HEX", is XXH3 of all bytes before it. What was changed by hand or cut off is refused. Serving does not read it
 * (docs/engagement.md). */
#ifndef MQ_ENGINE_ENGAGEMENT_FITTING_H
#define MQ_ENGINE_ENGAGEMENT_FITTING_H

#include "engine/engine.h"
#include "train/engagement_fit.h"

enum { ENGAGEMENT_FILE_MAX = 16384 };

struct engagement_fitted {
    struct engagement_fit fit;
    uint64_t events, young, unknown_runtime, too_many; /* as engagement_rows */
    uint64_t log_seq;
    double before[ENGAGEMENT_WEIGHTS]; /* the weights kept until now */
    bool has_before;
    bool damaged; /* there was a file, and it was refused */
};

/* Scan the log, fit, and keep the weights. MQ_INVALID as engagement_fit, or the log is empty; MQ_CONFLICT: a training
 * runs; MQ_CANCELLED. */
int engine_fit_engagement(struct mq_engine *e, uint64_t seed, mq_progress *progress, void *ctx,
                          struct engagement_fitted *ret, struct mq_error *err);

int engagement_file_write(const char *dir, const struct engagement_fitted *f, struct mq_error *err);
/* MQ_NOT_FOUND: never fitted. MQ_CORRUPT. */
int engagement_file_read(const char *dir, double ret[ENGAGEMENT_WEIGHTS], struct mq_error *err);
/* The same from text; `name` is for messages. On failure `ret` is as it was. */
int engagement_file_parse(const char *name, struct str text, double ret[ENGAGEMENT_WEIGHTS],
                          struct mq_error *err);

#endif
