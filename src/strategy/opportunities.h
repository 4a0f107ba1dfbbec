/* opportunities.h - what nobody has made yet and many would watch: triangles (triangles.h) that hold together, hardly exist, and
 * would hardly come up by chance.
 *
 *  - Chance: the same search in worlds in which nobody's likes have to do with each other (degree-preserving shuffles). What comes
 *    up there beyond TRIANGLES_EDGE tails off exponentially (peaks over a threshold: Pickands 1975), which says how many as strong
 *    as any given one chance would bring. Listed is what is stronger than anything in any of these worlds, and than what
 *    chance would bring OPPORTUNITY_CHANCE times.
 *  - The winner's curse: the search in one half of the viewers, its finds counted in the other. What is left of the demand
 *    beyond expectation there is what a find keeps; every figure of demand is shrunk by it.
 *  - Of what passes, that comes first which most viewers want beyond expectation.
 *  - What rests on one title is not listed: without any one the weakest edge stays at TRIANGLES_ALONE.
 *  - What is there for another's sake is not listed: beside any one other vertex the weakest edge stays at TRIANGLES_ALONE, and given any other
 *    triangle that stands it must still be stronger than what chance brings. Triangles come in the order of strength; one stands when it is none of
 *    the echoes of those before it, whether it is listed or exists already, and is taken back when it is one of a weaker one's.
 *  - A pair of people is listed once, with its best theme, and nobody and no theme more than OPPORTUNITY_EACH times. */
#ifndef MQ_STRATEGY_OPPORTUNITIES_H
#define MQ_STRATEGY_OPPORTUNITIES_H

#include "audience/audience.h"
#include "audience/strata.h"
#include "marquee.h"
#include "strategy/triangles.h"
#include "strategy/vain_searches.h"

enum {
    OPPORTUNITY_EACH = 3,
    OPPORTUNITY_COUNTED = 500,
    /* of the strongest, whose demand is counted */ OPPORTUNITIES_MAX = 200,
    OPPORTUNITY_SHUFFLES = 5
};

#define OPPORTUNITY_CHANCE 0.01

struct opportunities_question {
    uint32_t least_viewers; /* of a vertex */
    uint32_t supply_max;    /* titles that have all of it already */
    uint32_t listed, shuffles;
    bool sensitive;
    bool not_gated; /* list whatever is strongest, also what chance could bring (retro test) */
    bool shuffled;  /* search a shuffled world in place of this one (retro test's control) */
    const uint64_t *known; /* bit per title: it counts; NULL: all */
    uint64_t seed;
    mq_progress *progress;
    void *progress_ctx;
};

struct found_opportunity {
    struct triangle triangle;
    struct triangle_demand demand; /* among the viewers looked at */
    double excess;                 /* of demand, shrunk, over all viewers in scope */
    double chance;          /* triangles at least as strong in a shuffled world, on average */
    float without_one;      /* the weakest edge when a title is left out */
    uint32_t without_title; /* and that one; ID_NONE: none makes it weaker */
    uint32_t two;           /* titles of just two of the three */
    uint32_t searched;      /* viewers who searched in vain for at least two of the three */
};

struct opportunities {
    struct vertices vertices;
    struct found_opportunity *list; /* (n) most wanted first; in the arena */
    uint32_t n;
    uint64_t tested, strong;
    double
        shuffled_strong; /* triangles; with every edge above TRIANGLES_EDGE; those of the shuffles, on average */
    float strongest_shuffled, threshold; /* what is listed is above both */
    struct {
        double
            kept; /* share of the excess that the other half has; NaN: nothing was found in a half */
        uint32_t found; /* in both halves together */
    } curse;
};

/* `vain` may be NULL. MQ_CANCELLED, MQ_NO_MEMORY. */
int opportunities_find(const struct audience_world *w, const struct strata *s,
                       const struct vain_searches *vain, const struct opportunities_question *q,
                       struct pool *pool, struct arena *arena, struct opportunities *ret,
                       struct mq_error *err);

#endif
