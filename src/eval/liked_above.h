/* liked_above.h - the chance that a liked row scores above one that was not liked (the area under the ROC curve; ties count half), with
 * 95 % intervals over viewers drawn anew. */
#ifndef MQ_EVAL_LIKED_ABOVE_H
#define MQ_EVAL_LIKED_ABOVE_H

#include "dataset/triples.h"
#include "math/bootstrap.h"

/* test: a row of a weight of `positive` on was liked; score (test->n). All rows of all viewers side by side, scores within a 1,024th of the
 * rows counted as tied. NaN where either kind is missing. O(resamples * rows). MQ_NO_MEMORY. */
int liked_above_all(const struct triples *test, const float *score, double positive, uint64_t seed,
                    uint32_t viewers, struct interval *ret, struct mq_error *err);
/* Within each viewer who has rows of both kinds, and the mean of these. O(rows of a viewer squared). MQ_NO_MEMORY. */
int liked_above_within(const struct triples *test, const float *score, double positive,
                       uint64_t seed, uint32_t viewers, struct interval *ret, struct mq_error *err);

#endif
