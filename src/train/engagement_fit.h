/* engagement_fit.h - how much does each thing that a viewer did say that the title was liked?
 *
 * Weighted ridge regression of what viewers said of a title on what they had done with it before:
 *
 *     minimise sum_i w_i (y_i - m_v(i) - b'(x_i - mean x of v(i)))^2 + lambda |b|^2
 *
 * y is the preference of the later rating or thumb, in [-1, 1]. Each viewer's own mean m_v is taken out of y and x, so
 * that a lenient viewer who watches much teaches nothing. w is the share of all viewings that are rated over the chance
 * that this one is (inverse propensity, cut to [0.1, 10]; Rosenbaum, Rubin 1983): logistic regression of "was
 * rated" on the same deeds and on how readily the viewer rates elsewhere.
 *
 * Intervals: the bootstrap over viewers (math/bootstrap.h) of each viewer's influence on b, which is the bootstrap of
 * the fit in first order. What the fit is worth is measured on viewers that it has not seen (five parts, each
 * scored by the fit on the other four): of two titles that a held-out viewer graded differently, how often is the
 * better liked one scored above? The mean over viewers, for raw completion and the default rules beside it. */
#ifndef MQ_TRAIN_ENGAGEMENT_FIT_H
#define MQ_TRAIN_ENGAGEMENT_FIT_H

#include "math/bootstrap.h"
#include "train/engagement_rows.h"

enum {
    ENGAGEMENT_VIEWERS_LEAST = 20, /* who graded two titles differently after watching them */
    ENGAGEMENT_USED_LEAST = 30, /* rated viewings with a signal; of a rarer one the weight is 0 */
    ENGAGEMENT_PAIRS_OF = 400,  /* titles of a viewer that are compared, the first ones */
};

/* Which titles are compared: short ones are no longer than the median of the rated. */
enum engagement_pairs {
    ENGAGEMENT_ALL,
    ENGAGEMENT_SHORT,
    ENGAGEMENT_LONG,
    ENGAGEMENT_MIXED, /* a short one with a long one */
    ENGAGEMENT_PAIR_KINDS
};
const char *engagement_pairs_name(enum engagement_pairs p);

enum engagement_scorer {
    ENGAGEMENT_COMPLETION,
    ENGAGEMENT_DEFAULTS,
    ENGAGEMENT_FITTED,
    ENGAGEMENT_SCORERS
};
const char *engagement_scorer_name(enum engagement_scorer s);

struct engagement_comparison {
    struct interval right[ENGAGEMENT_SCORERS]; /* share of pairs ordered right; n: viewers */
    struct interval over_completion;           /* fitted less the other */
    struct interval over_defaults;
};

struct engagement_fit {
    double weight[ENGAGEMENT_WEIGHTS];
    struct interval interval[ENGAGEMENT_WEIGHTS];
    uint64_t used[ENGAGEMENT_WEIGHTS]; /* rated viewings in which the signal is not 0 */
    struct engagement_comparison compared[ENGAGEMENT_PAIR_KINDS];
    uint64_t viewings, rated;
    uint32_t viewers;                       /* with two titles graded differently */
    unsigned short_min;                     /* minutes that count as short */
    double propensity_low, propensity_high; /* of the rated, before cutting */
    struct engagement_weights serving;      /* `weight` on the scale of the default rules */
    bool no_worse; /* than the defaults on held-out viewers, surely within one pair in a hundred */
};

/* The same rows and seed give the same figures. MQ_INVALID: nothing was rated after it was watched, or by too few
 * viewers. MQ_NO_MEMORY. O(n weights^2). */
int engagement_fit(const struct engagement_rows *rows, uint64_t seed, struct engagement_fit *ret,
                   struct mq_error *err);

#endif
