/* decay.h - how fast a title finds its audience where no launches are known (launch_sizes.h): the share of it that is there 28 and 90
 * days after its first viewing. */
#ifndef MQ_STRATEGY_DECAY_H
#define MQ_STRATEGY_DECAY_H

#include "strategy/strategy_data.h"

enum { DECAY_DAYS = 2, DECAY_TITLES_MIN = 10, DECAY_AUDIENCE_MIN = 20 };

enum decay_basis {
    DECAY_APPEARANCES, /* titles first met well after the log begins */
    DECAY_SPAN,        /* too few of these: as if audiences came evenly over the log */
    DECAY_BASES
};
const char *decay_basis_name(enum decay_basis b);

/* Logs of shares, so that they add to logs of audiences. */
struct decay {
    enum decay_basis basis;
    uint32_t titles; /* it rests on */
    struct {
        double p10, p50, p90;
    } log_share[DECAY_DAYS]; /* 28 days, 90 days */
};

int decay_fit(const struct strategy_data *d, struct decay *ret, struct mq_error *err);

#endif
