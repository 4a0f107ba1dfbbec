/* launch_sizes.h - how many come to a title that is launched: learnt from the launches of the log.
 *
 * A launch stands before everybody; a title that was always there does not, and what it draws over months says little of what a launch
 * draws in four weeks. So launches are their own sample: titles whose release and first viewing lie together within the
 * log. Each one's viewers of 28 days, as a share of the viewers who were there in the 28 days before it, are held against
 * two things that are said of the title without having seen it, the count model's forecast and the mean of the ten titles
 * most like it:
 *
 *     log share = level + slopes (forecasts - their means) + error
 *
 * by least squares with weak priors on the slopes (0.35 +- 0.125 each) and on the error (0.8 with the weight of four launches); a new
 * launch's interval is that of Student's t, so few launches make it wide; from ten launches on it is as much of that as holds four in
 * five of them, each judged by the others. A launch younger than 28 days counts with the share of its
 * audience that launches of its age have found, and is projected by the chain ladder: the growth from each day to the
 * next of all launches that were seen so long (Mack 1993). Past the age that three launches have, growth goes on as in the fortnight before;
 * past 90 days as in the four weeks before.
 *
 * The share is then of the viewers who were there in the last 28 days of the log. */
#ifndef MQ_STRATEGY_LAUNCH_SIZES_H
#define MQ_STRATEGY_LAUNCH_SIZES_H

#include "strategy/strategy_data.h"

enum {
    LAUNCH_LEAST = 3, /* fewer teach nothing: the count model's audience and decay.h say it then */
    LAUNCH_SEEN = 7,  /* days that a launch must have been seen */
    LAUNCH_WEEKS4 = 28,
    LAUNCH_DAYS = 90,
};

/* What is said of a launch, as logs of audiences. */
enum { LAUNCH_COUNT, LAUNCH_ALIKE, LAUNCH_SAID };
struct launch_said {
    double x[LAUNCH_SAID];
};

enum launch_horizon { LAUNCH_28, LAUNCH_90, LAUNCH_LOG, LAUNCH_HORIZONS };

struct launch_sizes {
    uint32_t launches; /* that it rests on; below LAUNCH_LEAST: none of the rest is known */
    uint32_t censored; /* of them, younger than 28 days when the log ends */
    double weight;     /* of all of them together */
    double level;
    double mean[LAUNCH_SAID], slope[LAUNCH_SAID];
    double variance, freedom; /* of one error; degrees of freedom */
    double spread
        [LAUNCH_SAID]
        [LAUNCH_SAID]; /* of what is said: inverse of the sums of products, with what the priors add */
    double active;     /* viewers there in the last 28 days: no launch has more in four weeks */
    double viewers;    /* of the whole log: nor more than these at all */
    double log_growth[LAUNCH_HORIZONS]; /* log of the audience then over that of 28 days */
    double
        wide; /* what the half of an interval is multiplied by: how far launches lie from what the others give */
    double
        inside; /* share of launches within the P10-P90 that the others give; NaN: fewer than ten */
    /* Times that a title stood on a page in 28 days, for each viewer there: middle launch, middle other title. NaN: no page was
     * logged. */
    double placed_launch, placed_other;
};

/* train, said (n): titles with viewers, and what is said of each without it, as if it had been there all along. MQ_NO_MEMORY. */
int launch_sizes_fit(const struct strategy_data *d, const uint32_t *train,
                     const struct launch_said *said, uint32_t n, struct launch_sizes *ret,
                     struct mq_error *err);

/* Natural logs. */
struct launch_size {
    double p10, p50, p90;
};
struct launch_size launch_size_of(const struct launch_sizes *s, struct launch_said said,
                                  enum launch_horizon at);

/* The q-quantile, q in (0.5, 1), of Student's t with three degrees of freedom or more, to 1 %: Abramowitz and Stegun, 26.7.5. */
double student_quantile(double normal_quantile, double freedom);

#endif
