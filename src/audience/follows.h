/* follows.h - who follows a person: the person's effect on the viewer is positive with probability .8 or more, from at
 * least two titles, given the titles themselves, their genres and era, and the viewer's own mean.
 *
 * Each opinion (engagement preference, in [-1, 1]) is explained by a mean, the title, the viewer, and the viewer's
 * taste in genres and decades, each effect shrunk by the number of opinions behind it. What is left, r, is put down
 * to the people: an effect u ~ N(0, spread^2) and noise N(0, noise^2), both measured on the data. From n titles of a
 * person, u is N(m, v) with v = 1 / (1/spread^2 + n/noise^2), m = v sum(r) / noise^2.
 *
 * Where people move opinions by no more than a hundredth of the variance (viewings that are mostly finished, say), no two titles can
 * tell: following is then read from what was chosen (follows_choice.h). */
#ifndef MQ_AUDIENCE_FOLLOWS_H
#define MQ_AUDIENCE_FOLLOWS_H

#include "audience/follows_choice.h"
#include "audience/viewer_sets.h"
#include "catalogue/catalogue.h"

#define FOLLOWS_PROBABILITY 0.8
enum { FOLLOWS_LEAST_TITLES = 2 };

struct follows {
    uint64_t version; /* of the sets it was fitted to */
    uint64_t *start;  /* (n_viewers + 1) into left */
    float *left;      /* r of each entry, in the viewers' order; NaN: no opinion */
    float *held;      /* the same of titles that were left out; NULL: none were */
    double mean, noise2, spread2;
    struct follows_choice *choice; /* NULL: opinions tell */
};

/* O(entries x rounds). MQ_NO_MEMORY. */
int follows_fit(const struct viewer_sets *s, const struct catalogue *c, struct follows **ret,
                struct mq_error *err);
/* The same without the titles whose bit is set (n_titles of the sets): their `left` is NaN, and what is left of them by
 * all but the title's own effect, which is not known, is in `held`. */
int follows_fit_without(const struct viewer_sets *s, const struct catalogue *c,
                        const uint64_t *without, struct follows **ret, struct mq_error *err);
void follows_free(struct follows *f);

/* What a viewer's opinions on n titles say about what these have in common. */
struct following {
    uint32_t titles; /* with an opinion */
    double effect, deviation;
    double probability; /* that the effect is positive */
};
void follows_judge(const struct follows *f, double sum_left, uint32_t n, struct following *ret);

/* The followers by these titles (ascending), without those whose bit is set. The caller frees *ret. */
int follows_viewers(const struct follows *f, const struct viewer_sets *s, const uint32_t *titles,
                    size_t n, const uint64_t *without, roaring_bitmap_t **ret,
                    struct mq_error *err);

#endif
