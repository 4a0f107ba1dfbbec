/* concept.h - a title that does not exist yet, as somebody thinks it up. */
#ifndef MQ_CATALOGUE_CONCEPT_H
#define MQ_CATALOGUE_CONCEPT_H

#include "catalogue/title.h"

enum { CONCEPT_COMPARABLES_MAX = 50 };

struct concept {
    struct title title;            /* its id means nothing */
    const struct str *comparables; /* names of titles that its author thinks of */
    size_t n_comparables;
    double cost, value_per_hour; /* NaN: not said */
    double unpromoted;           /* in [0, 1]: 1 less how much of a usual launch's place it gets */
};

#endif
