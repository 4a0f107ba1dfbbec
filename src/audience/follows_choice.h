/* follows_choice.h - who follows a person by what they chose: for services on which opinions tell people apart too little.
 *
 * A viewer v of n_v titles is expected to have chosen title t so often:
 *
 *   e_vt = n_v p_t G_vt D_vt,
 *
 * p_t the title's share of all choices, G and D how much more (mean 1) the viewer chooses titles of its genres and its decade, shrunk.
 * Of a person's titles k were chosen where E = sum e_vt were to be expected; n_v, G and D come from the viewer's other titles. With
 * k ~ Poisson(theta E) and theta ~ Gamma(a, a), 1 / a the variance of theta over the person's viewers, shrunk towards that of all directors', theta is Gamma(a + k, a + E) given k: a viewer follows a
 * person when theta > 1 with probability .8 or more, from at least two titles. */
#ifndef MQ_AUDIENCE_FOLLOWS_CHOICE_H
#define MQ_AUDIENCE_FOLLOWS_CHOICE_H

#include "audience/viewer_sets.h"
#include "catalogue/catalogue.h"

enum {
    CHOICE_DECADES = 16, /* 1890s on; one more for others */
    CHOICE_FEATURES = CATALOGUE_GENRES_MAX + CHOICE_DECADES + 1
};

struct follows_choice {
    double variance; /* of theta, over viewers and directors */
    uint32_t n_titles;
    double *share;                 /* (n_titles) p */
    uint64_t *genres;              /* (n_titles) */
    uint8_t *decade;               /* (n_titles) */
    double of[CHOICE_FEATURES];    /* share of choices with it */
    double equal[CHOICE_FEATURES]; /* the same, a title of several genres split among them */
    double no_genre;
};

/* Titles whose bit is set in `without` (may be NULL) count for nothing. O(entries), and 4,000 viewers times 1,000 directors.
 * MQ_NO_MEMORY. */
int follows_choice_fit(const struct viewer_sets *s, const struct catalogue *c,
                       const uint64_t *without, struct follows_choice **ret, struct mq_error *err);
void follows_choice_free(struct follows_choice *f);

/* a for these titles (ascending), from at most 4,000 viewers; INFINITY: they draw nobody more than others. */
double follows_choice_shape(const struct follows_choice *f, const struct viewer_sets *s,
                            const uint32_t *titles, size_t n, const uint64_t *without);

/* What a viewer chose of n titles (ascending) and what was to be expected; the probability that theta > 1, given a (`shape`). */
struct choosing {
    uint32_t chosen;
    double expected, probability;
};
void follows_choice_judge(const struct follows_choice *f, const struct viewer_sets *s,
                          uint32_t viewer, const uint32_t *titles, size_t n,
                          const uint64_t *without, double shape, struct choosing *ret);

#endif
