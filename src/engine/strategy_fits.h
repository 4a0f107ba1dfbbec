/* strategy_fits.h - the fit that a question about concepts is answered from: the one that is kept, or a new one.
 *
 * A kept fit of an earlier place in the log does, and says so: `behind` events and records came since. It is due to be made anew when they
 * are more than 1 % of the log, when it is FIT_OLD_S old (and anything came), or when communities were found anew. */
#ifndef MQ_ENGINE_STRATEGY_FITS_H
#define MQ_ENGINE_STRATEGY_FITS_H

#include "engine/engine.h"
#include "engine/kept_fits.h"

enum { FIT_OLD_S = 600 };

struct fit_question {
    int64_t as_of_ms;
    uint64_t as_of_seq;
    uint64_t seed; /* 0 = 1 */
    bool who;      /* chances of each viewer are asked for */
    bool exact;    /* of the log as it is now */
    unsigned threads;
    mq_progress *progress;
    void *progress_ctx;
    /* NULL, or the past as it was read already, up to `log_seq` (asked with `exact`). Taken when a fit is made of it; *data is NULL
     * then. */
    struct strategy_data **data;
    uint64_t log_seq;
};

/* *ret is the caller's to release. Fails as forecast_fit_new does. */
int strategy_fit(struct mq_engine *e, const struct fit_question *q, struct kept_fit **ret,
                 struct mq_error *err);
/* Is there one that does? Never waits long. */
bool strategy_fit_is_there(struct mq_engine *e, const struct fit_question *q);

/* Events and records since; is it due to be made anew? */
uint64_t strategy_fit_behind(struct mq_engine *e, const struct kept_fit *f);
bool strategy_fit_is_due(struct mq_engine *e, const struct kept_fit *f);

#endif
