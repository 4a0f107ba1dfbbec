/* launch_sizes.h - how many come to a title that is launched: learnt from the launches of the log.
 *
 * A launch stands before everybody; a title that was always there does not, and what it draws over months says little of what a launch
 * draws in four weeks. So launches are their own sample: titles whose release and first viewing lie together within the
 * log. Each one's viewers of 28 days, as a share of the viewers who were there in the 28 days before it, are held against
 * what the count model says of the title without having seen it:
 *
 *     log share = level + slope (count forecast - their mean) + error
 *
 * by least squares with a weak prior on the slope (0.5 +- 0.25) and on the error (0.8 with the weight of four launches); a new
 * launch's interval is that of Student's t, so few launches make it wide. A launch younger than 28 days counts with the share of its
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

enum launch_horizon { LAUNCH_28, LAUNCH_90, LAUNCH_LOG, LAUNCH_HORIZONS };

struct launch_sizes {
    uint32_t launches;  /* that it rests on; below LAUNCH_LEAST: none of the rest is known */
    uint32_t censored;  /* of them, younger than 28 days when the log ends */
    double weight;      /* of all of them together */
    double level, mean; /* of log shares, of count forecasts */
    double slope;
    double variance, freedom; /* of one error; degrees of freedom */
    double spread;            /* of count forecasts: sum of squares, with what the prior adds */
    double active;  /* viewers there in the last 28 days: no launch has more in four weeks */
    double viewers; /* of the whole log: nor more than these at all */
    double log_growth[LAUNCH_HORIZONS]; /* log of the audience then over that of 28 days */
    double
        inside; /* share of launches within the P10-P90 that the others give; NaN: fewer than ten */
    /* Times that a title stood on a page in 28 days, for each viewer there: middle launch, middle other title. NaN: no page was
     * logged. */
    double placed_launch, placed_other;
};

/* train (n), forecast (n): titles with viewers, and what the count model says of each without it, as if it were there all along.
 * MQ_NO_MEMORY. */
int launch_sizes_fit(const struct strategy_data *d, const uint32_t *train, const float *forecast,
                     uint32_t n, struct launch_sizes *ret, struct mq_error *err);

/* Natural logs. `forecast`: the count model's of the launch. */
struct launch_size {
    double p10, p50, p90;
};
struct launch_size launch_size_of(const struct launch_sizes *s, double forecast,
                                  enum launch_horizon at);

/* The q-quantile, q in (0.5, 1), of Student's t with three degrees of freedom or more, to 1 %: Abramowitz and Stegun, 26.7.5. */
double student_quantile(double normal_quantile, double freedom);

#endif
