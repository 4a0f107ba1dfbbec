/* engagement.h - how much a signal says that the viewer liked the title, and how sure that is: by the default rules, or
 * by weights that were fitted on what viewers said later (train/engagement_fit.h). The one definition for pages,
 * audiences, training and fitting; the rules stand in docs/engagement.md and in engagement.c beside each number. */
#ifndef MQ_PLAYBACK_ENGAGEMENT_H
#define MQ_PLAYBACK_ENGAGEMENT_H

#include "playback/signal.h"

/* What is weighed, of a title that was played and whose runtime is known. */
enum engagement_weight {
    ENGAGEMENT_ATTENDED, /* quantile of the attended share among viewings of like runtime, kind and end, less a half */
    ENGAGEMENT_FINISHED,  /* a `complete`, or seen to the credits, with half of it attended */
    ENGAGEMENT_ABANDONED, /* less than a fifth seen and not taken up again within 14 days */
    ENGAGEMENT_REWINDS,   /* log(1 + how many an hour played) */
    ENGAGEMENT_SKIPS, /* the same, but for those of the first tenth and into the last: recap, intro, credits */
    ENGAGEMENT_SITTINGS, /* log2 of the sessions, up to 3 */
    ENGAGEMENT_AGAIN,    /* played half as much again as there is */
    ENGAGEMENT_LISTED,   /* on the viewer's list */
    ENGAGEMENT_AUTOPLAY, /* the first session started by itself */
    ENGAGEMENT_HANDHELD, /* first session on a phone or tablet */
    ENGAGEMENT_WEIGHTS
};
const char *engagement_weight_name(enum engagement_weight w);

/* Viewings of like kind, length and end (finished, abandoned, left midway). */
enum {
    ENGAGEMENT_KINDS = 8, /* at least enum title_kind */
    ENGAGEMENT_LENGTHS = 6,
    ENGAGEMENT_ENDS = 3,
    ENGAGEMENT_GROUPS = ENGAGEMENT_KINDS * ENGAGEMENT_LENGTHS * ENGAGEMENT_ENDS,
    ENGAGEMENT_KNOTS = 17, /* quantiles 0, 1/16 ... 1 */
};

/* The attended shares of a group in the log that was fitted on: (KNOTS) ascending. */
struct engagement_shares {
    float knot[ENGAGEMENT_GROUPS][ENGAGEMENT_KNOTS];
    bool known[ENGAGEMENT_GROUPS]; /* too few viewings: every share is the middle one */
};

/* preference = offset + scale * sum of weight * value. Offset and scale give the viewings that were fitted on the mean
 * and the spread that the default rules give them, so that what "liked" means elsewhere stays true. */
struct engagement_weights {
    double weight[ENGAGEMENT_WEIGHTS];
    double offset, scale;
    struct engagement_shares shares;
};

/* Sets s->preference and s->confidence from the rest of it. `runtime_s` 0 = unknown. `w` NULL: the default rules;
 * they also judge what was not played, and unknown runtimes. Pure. */
void engagement_set(struct title_signal *s, uint32_t runtime_s, const struct engagement_weights *w);

/* Distinct content watched, weighed by attention, as a share of the runtime: in [0, 1]. runtime_s > 0. */
float engagement_attended_share(const struct title_signal *s, uint32_t runtime_s);
/* Which shares it is compared with. */
unsigned engagement_group(const struct title_signal *s, uint32_t runtime_s);
/* Where a share stands in its group, in [0, 1]; among equals the middle of their places. */
float engagement_quantile(const struct engagement_shares *shares, unsigned group, float share);
/* All values, in the order of enum engagement_weight. runtime_s > 0, and something was played. */
void engagement_values(const struct title_signal *s, uint32_t runtime_s,
                       const struct engagement_shares *shares, float ret[ENGAGEMENT_WEIGHTS]);

#endif
