/* slate_request.h - concepts with costs to choose from, under a budget. */
#ifndef MQ_CATALOGUE_SLATE_REQUEST_H
#define MQ_CATALOGUE_SLATE_REQUEST_H

#include "catalogue/concept.h"

enum { SLATE_CONCEPTS_MAX = 200, SLATE_RULES_MAX = 16 };

/* At least or at most so many of a genre or a language. */
struct slate_rule {
    bool language; /* else a genre */
    bool at_most;  /* else at least */
    struct str value;
    uint32_t n;
};

struct slate_request {
    double budget;
    const struct concept *concepts; /* (n) each with a cost */
    size_t n;
    const struct slate_rule *rules;
    size_t n_rules;
};

#endif
