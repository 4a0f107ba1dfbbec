/* planted.h - invented viewers in a few tastes, each with its own titles, seen in two halves of time. */
#ifndef MQ_TEST_PLANTED_H
#define MQ_TEST_PLANTED_H

#include "math/csr.h"

enum { PLANTED_TASTES = 5 };

/* Title i and viewer u are of taste i % 5 and u % 5. A pair of one taste is seen four times as often as
 * another, popular titles (low i) more often; each seen pair is in `earlier` or `later` (may be NULL: then
 * all are in earlier). */
void planted(uint32_t viewers, uint32_t titles, uint64_t seed, struct csr *earlier,
             struct csr *later);

#endif
