/* qini.h - did a plan put first those whom the treatment moves most? The Qini curve (Radcliffe 2007) over groups within which arms were drawn by chance.
 *
 * Groups stand in order of a score, the highest first. When the first share s of all viewers is treated, the gain is
 *
 *     g(s) = sum over groups up to s of (group's share of the viewers) x (its difference of the arms)
 *
 * in successes per viewer of all groups together; within a group it rises evenly, and groups of one score count as one. Treating as
 * many at random gains s g(1): a straight line. The area is that between the curve and the line, from 0 to 1:
 *
 *     area = sum over groups of share x difference x (1/2 - middle of the group's place in the order)
 *
 * It is linear in the groups' differences, which are independent: so are its variance and its normal interval. Above zero: those put first were
 * moved more than the rest. An area of zero says that the order is no better than chance, not that nobody is moved. */
#ifndef MQ_EXPERIMENT_QINI_H
#define MQ_EXPERIMENT_QINI_H

#include <stddef.h>

#include "base/error.h"

enum { QINI_GROUPS_MAX = 64 };

struct qini_group {
    double score;                      /* higher: earlier */
    double viewers;                    /* of both arms, above 0 */
    double difference, standard_error; /* treatment minus control, by intention to treat */
};

struct qini_point {
    double share;           /* of the viewers who are first in the order, (0, 1] */
    double gain, low, high; /* 95 % */
};

struct qini {
    double area, low, high;                   /* 95 % */
    struct qini_point point[QINI_GROUPS_MAX]; /* the curve from (0, 0) on, straight between */
    size_t n;                                 /* scores that differ */
};

/* MQ_INVALID: fewer than two groups or more than QINI_GROUPS_MAX, a figure that is not finite, viewers of 0. */
int qini_measure(const struct qini_group *groups, size_t n, struct qini *ret, struct mq_error *err);

#endif
