/* arms.h - who is in which arm: by hashing, so that nobody has to remember it.
 *
 * A viewer's arm follows from the experiment's name and the viewer's id alone. Experiments of different names cut
 * the viewers independently of each other, so that any number of them may run at once. */
#ifndef MQ_EXPERIMENT_ARMS_H
#define MQ_EXPERIMENT_ARMS_H

#include "base/error.h"
#include "base/str.h"

enum { EXPERIMENT_ARMS_MAX = 8, EXPERIMENT_NAME_MAX = 64 };

/* How the viewers of one experiment are cut. */
struct arms {
    struct str name; /* of the experiment: the salt */
    double traffic;  /* share of all viewers that take part, (0, 1] */
    double weight[EXPERIMENT_ARMS_MAX];
    size_t n; /* 2 to EXPERIMENT_ARMS_MAX; arm 0 is the control */
};

/* MQ_INVALID names what breaks a rule: a name that is empty, long or holds anything but letters, digits, '-', '_'
 * and '.'; a share outside (0, 1]; a weight that is not positive and finite. */
int arms_check(const struct arms *a, struct mq_error *err);

enum { ARM_NONE = -1 };
/* The viewer's arm, or ARM_NONE: does not take part. Raising `traffic` moves nobody from one arm to another. */
int arm_of(const struct arms *a, struct str viewer);

#endif
