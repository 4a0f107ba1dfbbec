/* pairs.h - all pairs of people in two roles: whose audiences go together beyond activity, and how many would seem to in a
 * world where nobody's do.
 *
 * A person's audience is who liked at least one of their titles; titles that both made are left out of both. Each side
 * needs three titles that somebody liked, and k viewers. Every pair is tested one-sided (Cochran-Mantel-Haenszel over
 * activity strata), Benjamini-Hochberg over all that were tested. The same is done after a degree-preserving shuffle
 * (curveball: Strona et al. 2014), which keeps how many titles each viewer likes and how many like each title.
 *
 * The test needs no table per stratum: with x_k = A_k / sqrt(n_k) and y_k = A_k (n_k - A_k) / (n_k sqrt(n_k - 1)) of either
 * side, the expected count is the product x_A . x_B and its variance y_A . y_B; so one number is counted for each pair. */
#ifndef MQ_AUDIENCE_PAIRS_H
#define MQ_AUDIENCE_PAIRS_H

#include "audience/strata.h"
#include "base/pool.h"
#include "catalogue/catalogue.h"
#include "marquee.h"

enum { PAIRS_TITLES = 3, PAIRS_TRADES = 5, PAIRS_LISTED_MAX = 1000 };
#define PAIRS_LEVEL 0.05
/* Pairs and bytes of sets; beyond them MQ_TOO_LARGE. */
#define PAIRS_MAX ((uint64_t)100 << 20)
#define PAIRS_BYTES_MAX ((size_t)8 << 30)

struct pairs_question {
    enum role a, b;
    uint32_t least_viewers; /* a side */
    uint32_t listed;        /* how many pairs are told of */
    unsigned floor;         /* a pair with a smaller cell is not; 0: none (research) */
    uint64_t seed;          /* of the shuffle */
    bool no_shuffle;
    mq_progress *progress;
    void *progress_ctx;
};

/* Ranked by the lower end of the odds ratio's interval, those that pass alone. The list is in the arena; rounding is
 * the caller's. Memory: two bits per viewer and person, and 4 bytes per like. MQ_CANCELLED, MQ_TOO_LARGE, MQ_NO_MEMORY. */
int pairs_find(const struct viewer_sets *sets, const struct catalogue *c, const struct strata *s,
               const struct pairs_question *q, struct pool *pool, struct arena *arena,
               struct mq_pairs *ret, struct mq_error *err);

#endif
