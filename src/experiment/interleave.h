/* interleave.h - two rankers on one row: team draft (Radlinski, Kurup, Joachims 2008).
 *
 * In each round a coin says who picks first, then each side places its best title that is not there yet. Whoever's
 * titles are watched more often is the better ranker; each viewer compares both at once, so that far fewer viewers are needed
 * than when each sees one of them. */
#ifndef MQ_EXPERIMENT_INTERLEAVE_H
#define MQ_EXPERIMENT_INTERLEAVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

enum { TEAM_A, TEAM_B };

struct drafted {
    uint32_t title;
    uint8_t team; /* who placed it */
};

/* Up to k titles from both orders (distinct within each). O(k (na + nb)). Returns how many. */
size_t interleave_team_draft(const uint32_t *a, size_t na, const uint32_t *b, size_t nb, size_t k,
                             struct rng *rng, struct drafted *ret);

#endif
