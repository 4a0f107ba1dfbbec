/* title_retention.h - audience/retention.h of one title, from the log. */
#ifndef MQ_ENGINE_TITLE_RETENTION_H
#define MQ_ENGINE_TITLE_RETENTION_H

#include "audience/retention.h"
#include "engine/engine.h"

struct retention_request {
    struct str title;
    unsigned floor; /* 0 = 50; at least 20 */
    bool research;  /* exact, no floor: public data */
    int64_t as_of_ms;
    uint64_t as_of_seq;
    const char *who; /* asks, for the audit trail */
    mq_progress *progress;
    void *progress_ctx;
};

/* Reads the whole log once (a million events take about a second). Text and lists in the arena. MQ_NOT_FOUND,
 * MQ_INVALID, MQ_CANCELLED. */
int engine_title_retention(struct mq_engine *e, const struct retention_request *q,
                           struct arena *arena, struct str *ret_name, int64_t *ret_runtime_ms,
                           struct retention_figures *ret, struct mq_error *err);

#endif
