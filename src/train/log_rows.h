/* log_rows.h - the log, in key order, to what training learns from.
 *
 * Each viewer's events go through the same profile builder that serving uses, so that what counts as
 * liked, and how surely, is defined once. */
#ifndef MQ_TRAIN_LOG_ROWS_H
#define MQ_TRAIN_LOG_ROWS_H

#include "dataset/triples.h"
#include "profile/profile.h"
#include "train/mood_rows.h"

struct log_rows {
    const struct catalogue *catalogue;
    const struct engagement_weights *weights; /* as profile_snapshot */
    struct profile_builder *builder;          /* of the viewer whose events come now */
    struct viewer_id viewer;
    struct triples
        triples; /* one per viewer and title with an engagement; at_ms of its last event */
    struct triples ratings; /* one per viewer and title rated: weight in stars of five */
    struct mood_rows moods; /* plays with their moments */
    uint32_t n_viewers;     /* highest dense id + 1 */
    uint64_t last_seq, events;
};

/* `c` and `weights` (NULL: the default rules) stay until release. */
void log_rows_init(struct log_rows *r, const struct catalogue *c,
                   const struct engagement_weights *weights);
/* Events of one viewer after the other, each viewer's in time order (a store scan's order). */
int log_rows_feed(struct log_rows *r, const struct event *e, struct mq_error *err);
/* After the last event. */
int log_rows_finish(struct log_rows *r, struct mq_error *err);
void log_rows_release(struct log_rows *r);

#endif
