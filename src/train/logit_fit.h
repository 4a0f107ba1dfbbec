/* logit_fit.h - weights of a conditional logit (McFadden 1974): which of those on offer is chosen goes by exp(sum of weight * part).
 *
 * ln chance of all choices less a ridge, which is concave: Newton's method, a step that leads too far halved. */
#ifndef MQ_TRAIN_LOGIT_FIT_H
#define MQ_TRAIN_LOGIT_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { LOGIT_PARTS_MAX = 16 };

struct logit_question {
    uint32_t n,
        chosen; /* on offer; which was chosen: = n says that none of these was, and nothing is learnt */
    const float *x; /* (n, parts) */
};

struct logit_parts {
    int n;
    double ridge;   /* > 0 */
    uint32_t fixed; /* bits of those whose weights stay as they are */
};

/* Sum of weight * x, (parts) each. */
double logit_worth(const float *x, const double *weight, int parts);
/* weight (parts.n <= LOGIT_PARTS_MAX): from where to begin, and what was found. MQ_NO_MEMORY, with nothing written.
 * O(steps * questions * n * parts^2). */
int logit_fit(const struct logit_question *q, size_t n, struct logit_parts parts, double *weight,
              struct mq_error *err);
/* ln of the chance that the weights give to what was chosen; 0 where that was none of these. */
double logit_ln_chance(const struct logit_question *q, const double *weight, int parts);

#endif
