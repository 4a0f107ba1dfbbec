/* retention.h - how long a title holds its viewers, and which of its minutes they seek or flee.
 *
 * Fed with a scan of the log (all events of all viewers, one viewer after the other, in order of time). A viewer counts
 * who played some stretch of the title; children, and who is not profiled, do not.
 *
 *   still[m]      the chance that a viewer is still watching when minute m begins: Kaplan and Meier's product over the
 *                 minutes before. A viewer leaves for good in the minute of the furthest place reached, when it was
 *                 not finished (a `complete`, or nine tenths reached) and nothing was heard of it for 14 days; heard of
 *                 since, they may still come back and only count as long as they were seen ("open").
 *   watched[m]    share of the viewers who saw at least half of the minute
 *   rewatched[m]  share, of those, who played at least half of it again
 *   skipped[m]    share, of those who got as far, who jumped over at least half of it and never saw half of it
 * The ratios are against the title's own mean over its minutes. */
#ifndef MQ_AUDIENCE_RETENTION_H
#define MQ_AUDIENCE_RETENTION_H

#include "base/arena.h"
#include "base/error.h"
#include "event/event.h"

enum {
    RETENTION_MINUTES_MAX = 24 * 60, /* later ones are not told apart */
    RETENTION_SESSIONS = 16,         /* of a viewer followed at once; the one silent longest goes */
    RETENTION_LEFT_DAYS = 14,
};

struct retention;

int retention_new(struct title_id title, int64_t runtime_ms, struct retention **ret,
                  struct mq_error *err);
void retention_free(struct retention *r);
int retention_feed(struct retention *r, const struct event *e, struct mq_error *err);

struct retention_minute {
    double still, watched, rewatched, rewatch_ratio, skipped, skip_ratio; /* NaN: withheld */
    double left;                                                          /* viewers */
};

struct retention_device {
    uint8_t device;
    double viewers;
    double *still; /* (n) */
};

struct retention_figures {
    double viewers, finished, left, open; /* NaN: withheld */
    uint32_t n;                           /* minutes */
    struct retention_minute *minutes;     /* (n) */
    struct retention_device devices[DEVICES];
    size_t n_devices;
    bool withheld; /* something is, for the floor */
};

/* As of now_ms. With a floor k > 0 nothing is shown of fewer than k viewers, and shares move in steps of ten viewers;
 * 0 is exact. Lists lie in the arena. The last viewer is finished by it: feed no more. */
int retention_figures(struct retention *r, int64_t now_ms, unsigned floor, struct arena *arena,
                      struct retention_figures *ret, struct mq_error *err);

#endif
