/* exposure.h - what being seen does, from who was shown what: title by title, those before whom it came into view beside those
 * before whom it did not.
 *
 * Titles differ in how often they are shown and in how often they are begun, so they are never pooled before they are compared: the
 * difference is the Mantel-Haenszel risk difference over titles, each weighted by n1 n0 / (n1 + n0) (Greenland, Robins 1985), and its standard
 * error that of the viewers' influence on it: whoever is observed with ten titles is still one person. */
#ifndef MQ_EXPERIMENT_EXPOSURE_H
#define MQ_EXPERIMENT_EXPOSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { EXPOSURE_TITLES_MAX = 256 };

enum exposure_flag { EXPOSURE_SEEN = 1, EXPOSURE_BEGAN = 2 };

struct exposure {
    uint32_t viewer;
    uint16_t groups; /* bit per group that the viewer is in for this title */
    uint8_t title;   /* place in a list of titles */
    uint8_t flags;   /* enum exposure_flag */
};

struct exposure_effect {
    double seen, unseen;               /* share who began it, titles weighted alike */
    double difference, standard_error; /* NaN: nothing to compare */
    uint64_t n;                        /* observations of titles that have both kinds */
    uint64_t viewers_seen, viewers_unseen;
};

/* Of one group (0 to 15); x (n) with each viewer's observations one behind the other. O(n). */
void exposure_measure(const struct exposure *x, size_t n, unsigned group,
                      struct exposure_effect *ret);

#endif
