/* said_and_done.h - the log cut at a moment, with what viewers said of titles and what they did kept apart: for an
 * evaluation that asks which of the two says more. */
#ifndef MQ_ENGINE_SAID_AND_DONE_H
#define MQ_ENGINE_SAID_AND_DONE_H

#include "engine/engine.h"

enum said_or_done {
    SAID_BEFORE, /* a rating before the cut, the viewer's last of the title: weight in stars of five */
    DONE_BEFORE, /* viewings before the cut as engagement sees them without ratings, thumbs and marks: weight is
                  * the confidence, below 0 for a title that was left early */
    SHARE_BEFORE, /* the same viewings, raw: the share of the runtime that was seen, [0, 1]; where that is unknown, of 90
                   * minutes */
    SAID_AFTER, /* a rating since the cut, the last one, of a title neither rated nor played before it */
};

/* One row per viewer and title of a kind, viewer by viewer; at_ms of its last event. */
typedef int said_visit(void *ctx, enum said_or_done what, struct str viewer, struct str title,
                       float weight, int64_t at_ms, struct mq_error *err);

/* Who is not profiled, children, and titles taken out of a history are left out, whenever they said so. The share `cut` of the ratings, by the viewers' clocks, lies after the cut (*ret_ms). Two scans of the log.
 * Stops at the first result of `visit` that is not 0. MQ_INVALID: cut is not within (0, 1), or there are no ratings
 * on both sides. */
int engine_said_and_done(struct mq_engine *e, double cut, said_visit *visit, void *ctx,
                         int64_t *ret_ms, struct mq_error *err);

#endif
