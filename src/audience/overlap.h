/* overlap.h - two or three audiences: how many are in each and in several, and is that more than activity explains?
 *
 * Titles that belong to more than one side are taken out of all of them, so that one film does not make two people's
 * audiences alike. Then the table of each activity stratum is counted and put together (math/stratified.h). Nothing is
 * withheld or rounded here: floor.h does that before anything leaves. */
#ifndef MQ_AUDIENCE_OVERLAP_H
#define MQ_AUDIENCE_OVERLAP_H

#include "audience/audience.h"
#include "audience/strata.h"
#include "marquee.h"

/* Leaving titles out one by one is tried for at most so many of a side that is no plain union of titles. */
enum { OVERLAP_REEVALUATED = 200 };

/* n audiences (2 or 3). Text and lists in the arena. For plain unions of titles O(viewers + likes of the titles). */
int overlap_of(const struct audience_world *w, const struct strata *s,
               const struct audience *const *audiences, size_t n, struct arena *arena,
               struct mq_overlap *ret, struct mq_error *err);

/* As it is told; share: of A, NaN where there is none. */
struct mq_affinity affinity_of(const struct association *x);

/* Put what was counted in words (ret->words, ret->change); what is NaN is said to be withheld. */
int overlap_words(const struct audience *const *audiences, struct arena *arena,
                  struct mq_overlap *ret, struct mq_error *err);

#endif
