/* engagement_rows.h - the log as what the weights of engagement are fitted on: one row per viewer and title that was
 * played, with what the viewer said of it afterwards. A row's values are those that serving gives the weights to
 * (playback/engagement.h), from the same profiles.
 *
 * Fed with a scan of the log (all events of all viewers, one viewer after the other, in order of time). A row is what was
 * done before the first rating or thumb about the title; the last one is what was said. Left out: children, who is
 * not profiled, titles removed from a history, titles rated before they were played, unknown runtimes, and viewings
 * whose last playback is younger than 14 days at the log's end, finished or not: that they were abandoned cannot be
 * known yet, and leaving out the unfinished alone would favour the finished. */
#ifndef MQ_TRAIN_ENGAGEMENT_ROWS_H
#define MQ_TRAIN_ENGAGEMENT_ROWS_H

#include "base/error.h"
#include "catalogue/catalogue.h"
#include "event/event.h"
#include "playback/engagement.h"

enum {
    ENGAGEMENT_ROWS_MAX = 10 * 1000 * 1000, /* later viewers are left out, and counted */
    ENGAGEMENT_VIEWINGS_LEAST = 20,         /* of a group: fewer do not tell how its shares lie */
    ENGAGEMENT_MATURE_DAYS = 14,
};

struct engagement_row {
    uint32_t viewer; /* from 0, ascending */
    uint32_t last_s; /* last playback before it was rated */
    float x[ENGAGEMENT_WEIGHTS];
    float share;    /* raw completion: distinct content / runtime, [0, 1] */
    float defaults; /* the preference that playback/engagement.h gives it from deeds alone */
    float liked;    /* what was said, as preference in [-1, 1]; NaN: nothing */
    uint16_t runtime_min;
    uint16_t group; /* engagement_group */
};

struct engagement_rows {
    struct engagement_row *v; /* (n) viewer by viewer */
    size_t n, cap;
    uint32_t n_viewers;
    uint64_t events;
    uint64_t young, unknown_runtime, too_many; /* viewings left out, and viewers past the maximum */
    int64_t newest_ms;
    struct engagement_shares *shares; /* known once finished */
    struct engagement_viewer *now;    /* that is read */
    const struct catalogue *catalogue;
};

/* The catalogue has to outlive the feeding. MQ_NO_MEMORY. */
int engagement_rows_init(struct engagement_rows *r, const struct catalogue *c,
                         struct mq_error *err);
void engagement_rows_release(struct engagement_rows *r);
int engagement_rows_feed(struct engagement_rows *r, const struct event *e, struct mq_error *err);
/* After the last event: leaves the young out, finds the groups' shares and fills in the quantiles. O(n log n). */
int engagement_rows_finish(struct engagement_rows *r, struct mq_error *err);

#endif
