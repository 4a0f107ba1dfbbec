/* effect.h - how much better is one arm than another, and how sure is that?
 *
 * The unit is the viewer: whoever watches twice as often says twice as much about one person. A metric is a ratio of
 * sums over viewers (hours per page, plays per session; with denominators of 1 a mean), its variance that of the viewers'
 * linearised residuals (delta method; Deng, Knoblich, Lu 2018).
 *
 * What a viewer did before the experiment explains much of what they do in it: with a covariate the part that
 * it explains is taken out (CUPED; Deng, Xu, Kohavi, Walker 2013). The arms' own means of it are equal but for chance, so nothing is biased.
 *
 * Two intervals come out. The fixed one is for a single look at an end agreed beforehand. The anytime one holds at all looks at
 * once (a normal mixture; Robbins 1970; Waudby-Smith et al. 2024, asymptotic confidence sequences): look as often as you
 * like, stop when you like. */
#ifndef MQ_EXPERIMENT_EFFECT_H
#define MQ_EXPERIMENT_EFFECT_H

#include <stddef.h>

#include "base/error.h"

/* One arm, a number per viewer, (n) each. */
struct arm_sample {
    const double *value;
    const double *per;    /* denominators >= 0; NULL: 1 each */
    const double *before; /* covariate from before the experiment; NULL: none */
    size_t n;
};

/* Room for one more viewer in `n` columns of `used` numbers each, of which *cap have room. MQ_NO_MEMORY: what is there stays. */
int arm_columns_room(double **const *columns, size_t n, size_t used, size_t *cap,
                     struct mq_error *err);

struct effect {
    double control, treatment; /* the metric in each arm */
    double difference, standard_error;
    double low, high;                 /* 95 %, one look */
    double anytime_low, anytime_high; /* 95 %, all looks */
    double p;                         /* two-sided, one look */
    double explained; /* share of the variance that the covariate took away, 0 without one */
    size_t n_control, n_treatment;
};

/* Fewer viewers an arm than this say nothing yet: the intervals are infinite, p is 1. */
enum { EFFECT_VIEWERS_MIN = 30 };

/* planned: viewers of both arms together at which the anytime interval shall be tightest; 0 = 10,000. A metric that
 * nobody has (all denominators 0) is NaN. MQ_INVALID: a number that is not finite. */
int effect_measure(const struct arm_sample *control, const struct arm_sample *treatment,
                   double planned, struct effect *ret, struct mq_error *err);

/* Chance that viewers fell into arms this unevenly when they should have by `weight` (chi-square): below .001 something is
 * broken, and no effect is to be believed. 1 when there is nobody. */
double sample_ratio_p(const double *weight, const double *count, size_t n);

#endif
