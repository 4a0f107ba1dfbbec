/* engagement_fitting.h - the weights of engagement from the log, DIR/engagement, where they are kept, and which are served.
 *
 * The file: lines "name value" for every weight of playback/engagement.h, "offset" and "scale", "serves yes" or "serves
 * no", and "shares GROUP" with the group's quantiles for each group that has them; "#" begins a comment; the last line,
 * "signal NAME WEIGHT LOW HIGH USED" and "right NAME SHARE" say what the fit measured (they may be missing); the last line,
 * "checksum HEX", is XXH3 of all bytes before it. What was changed by hand or cut off is refused. Serving, audiences and
 * training take the weights when the file says that they serve: when on held-out viewers they were no worse than the
 * default rules. */
#ifndef MQ_ENGINE_ENGAGEMENT_FITTING_H
#define MQ_ENGINE_ENGAGEMENT_FITTING_H

#include "engine/engine.h"
#include "train/engagement_fit.h"

enum { ENGAGEMENT_FILE_MAX = 65536 };

/* What the fit measured of one signal: its weight and 95 % interval; used: rated viewings that had it (below
 * ENGAGEMENT_USED_LEAST it is too rare, and all three are 0). */
struct engagement_measured {
    double weight, low, high;
    uint64_t used;
};

/* What the file holds. */
struct engagement_kept {
    struct engagement_weights weights;
    bool serves;
    bool measured; /* what follows is there */
    struct engagement_measured signal[ENGAGEMENT_WEIGHTS];
    double right[ENGAGEMENT_SCORERS]; /* share of held-out pairs that each orders right */
};

struct engagement_fitted {
    struct engagement_fit fit;
    uint64_t events, young, unknown_runtime, too_many; /* as engagement_rows */
    uint64_t log_seq;
    struct engagement_kept before; /* the weights kept until now */
    bool has_before;
    bool damaged; /* there was a file, and it was refused */
};

/* Scan the log, fit, keep the weights, and serve them or the default rules from then on. MQ_INVALID as engagement_fit, or
 * the log is empty; MQ_CONFLICT: a training runs; MQ_CANCELLED. */
int engine_fit_engagement(struct mq_engine *e, uint64_t seed, mq_progress *progress, void *ctx,
                          struct engagement_fitted *ret, struct mq_error *err);

/* At opening: take up what is kept. A damaged file is passed over, and engine_engagement_name says so. */
int engagement_open(struct mq_engine *e, struct mq_error *err);
void engagement_close(struct mq_engine *e);

int engagement_file_write(const char *dir, const struct engagement_kept *k, const char *comment,
                          struct mq_error *err);
/* MQ_NOT_FOUND: never fitted. MQ_CORRUPT. On failure `ret` is as it was. */
int engagement_file_read(const char *dir, struct engagement_kept *ret, struct mq_error *err);
/* The same from text; `name` is for messages. */
int engagement_file_parse(const char *name, struct str text, struct engagement_kept *ret,
                          struct mq_error *err);

#endif
