/* strata.h - viewers in order of how much they like, cut into equal parts: whom to compare with whom.
 *
 * Activity is the number of likes over all titles. Viewers stand in order of (activity, dense id); the one of rank r
 * among n is in stratum floor(r K / n), so a stratum is a range of ranks, and a set laid out by rank is counted
 * stratum by stratum without looking anybody up. */
#ifndef MQ_AUDIENCE_STRATA_H
#define MQ_AUDIENCE_STRATA_H

#include "audience/viewer_sets.h"
#include "math/stratified.h"

enum { STRATA_DEFAULT = 50, STRATA_MAX = 1000 };

struct strata {
    uint32_t n;        /* viewers in scope */
    uint32_t k;        /* strata; some are empty when k > n */
    uint32_t *rank;    /* (n_viewers) by dense id; ID_NONE: not in scope */
    uint32_t *viewer;  /* (n) dense id by rank */
    uint16_t *stratum; /* (n_viewers) by dense id; of those in scope */
    uint32_t *first;   /* (k + 1) rank at which each stratum begins */
    uint32_t *last_s;  /* (n) by rank: the viewer's last event, seconds since 1970 */
    uint32_t *since;   /* (n_titles) first sign of each title; UINT32_MAX: none */
};

/* MQ_INVALID for k of 0 or beyond STRATA_MAX, MQ_NO_MEMORY. O(entries). */
int strata_new(const struct viewer_sets *s, uint32_t k, struct strata **ret, struct mq_error *err);
void strata_free(struct strata *s);

/* `by_rank` (words of n) from bits by dense id (set_bits.h); O(n). */
void strata_lay_out(const struct strata *s, const uint64_t *by_id, uint64_t *by_rank);

/* The table of each stratum (k). `within` (may be NULL) leaves out the ranks that are not in it. */
void strata_tables(const struct strata *s, const uint64_t *a, const uint64_t *b,
                   const uint64_t *within, struct stratum *ret);

#endif
