/* communities.h - taste communities: viewers whose taste vectors point the same way.
 *
 * A viewer's vector is folded in by the live model (model/fold_in.h) from their opinions. How many communities there are, and
 * where, is decided without the newest fifth of each viewer's likes, by the newest fifth of what is left: of the numbers that
 * come out much alike on resampled viewers (mean adjusted Rand index), whose own popularity predicts well, and whose names
 * are picked by what was held out, the one that predicts best (community_number.c). None is smaller than the floor. A
 * community is named by what sets it apart by lift, chosen so that names can be told apart (community_choice.c); it keeps its
 * number from one training to the next (by its members, Hungarian method), and holds no viewer that the sets do not hold.
 * The figures are of the newest fifth, which had no part in any of it. */
#ifndef MQ_AUDIENCE_COMMUNITIES_H
#define MQ_AUDIENCE_COMMUNITIES_H

#include "audience/viewer_sets.h"
#include "base/pool.h"
#include "catalogue/catalogue.h"
#include "marquee.h"
#include "model/model.h"

enum {
    COMMUNITIES_MAX = 24,
    COMMUNITY_NAME_MAX = 160,
    COMMUNITY_TRAITS = 6, /* that make up the name */
    COMMUNITY_LIKES = 5,  /* whoever likes fewer titles belongs to none */
};

enum trait_kind { TRAIT_GENRE, TRAIT_DECADE, TRAIT_PERSON, TRAIT_LACK /* less of a genre */ };

/* One thing in a name. */
struct trait {
    enum trait_kind kind;
    uint32_t number; /* genre (also of a lack), decade (199) or person */
    double lift;     /* of the community's likes over everybody's */
    double common;   /* share of everybody's likes */
};

struct community {
    uint32_t id; /* from 1 */
    char name[COMMUNITY_NAME_MAX];
    roaring_bitmap_t *members;
    struct trait traits[COMMUNITY_TRAITS];
    unsigned n_traits;
};

struct communities {
    uint32_t n, next_id;
    struct community v[COMMUNITIES_MAX];
    uint64_t model_version, sets_version;
    double stability; /* mean adjusted Rand index on resampled viewers */
    /* Mean log-likelihood of a held-out like by the popularity within: communities, as large cells of country and device,
     * a random partition of the same sizes. */
    double likelihood, likelihood_cells, likelihood_random;
    /* Share of trials in which a community's name is picked, among ten, by ten of its held-out titles; names_decoys of the
     * ten are of groups of other viewers, made to fill up. */
    double name_found;
    unsigned name_trials, names_among, names_decoys;
};

struct communities_question {
    uint64_t seed;
    unsigned floor;
    const struct communities *previous; /* or NULL */
    mq_progress *progress;
    void *progress_ctx;
};

/* MQ_NO_MODEL: the model has no factors; MQ_INVALID: too few viewers for two communities of the floor's size. */
int communities_find(const struct viewer_sets *s, const struct catalogue *c, const struct model *m,
                     const struct communities_question *q, struct pool *pool,
                     struct communities **ret, struct mq_error *err);
void communities_free(struct communities *c);
void communities_forget(struct communities *c, uint32_t viewer);

/* The stored form. MQ_CORRUPT. */
int communities_encode(const struct communities *c, struct buf *out, struct mq_error *err);
int communities_decode(struct str bytes, struct communities **ret, struct mq_error *err);

/* The one of this number or name, as names match; NULL: none. */
const struct community *communities_named(const struct communities *c, struct str name);

#endif
