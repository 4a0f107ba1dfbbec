/* ensemble_inside.h - what ensemble.c and losses.c share. */
#ifndef MQ_MODEL_ENSEMBLE_INSIDE_H
#define MQ_MODEL_ENSEMBLE_INSIDE_H

#include "model/ensemble.h"

/* A title counts no more once its weight is below 2^-FORGOTTEN. */
enum { FORGOTTEN = 10 };

/* Ingredients that are made four at a time from the same links stand one after another: EASE, near, far. */
enum { FOUR = 4, FOURS = 1 + TRANSITION_KINDS, FOUR_NONE = FOURS };

static inline unsigned four_first(size_t kind)
{
    return kind == 0 ? INGREDIENT_EASE : kind == 1 ? INGREDIENT_NEAR_CHANCE : INGREDIENT_FAR_CHANCE;
}

static inline size_t four_of(unsigned ingredient)
{
    for (size_t k = 0; k < FOURS; k++)
        if (ingredient >= four_first(k) && ingredient < four_first(k) + FOUR)
            return k;
    return FOUR_NONE;
}

struct ensemble_scratch {
    uint32_t n_titles;
    size_t longest;
    float *block; /* behind part and four */
    float *part[INGREDIENTS];
    float *four;                /* (n_titles, 4) sums that are made side by side; 0 between calls */
    uint64_t *touched[FOURS];   /* bit per title: elsewhere the four parts of that kind are 0 */
    float *x;                   /* (stride) */
    float *fold;                /* fold_in's */
    struct fold_in_item *items; /* (longest) */
    uint32_t *latest;           /* (longest) each title of the history once, latest first */
    size_t kept;                /* of them */
    uint64_t *seen;             /* bit per title, all 0 between calls */
    uint16_t *place, *leaves;   /* (n_titles) 1 + place in a list, all 0 between calls */
};

/* In titles of the history; 0: all count alike. */
float ingredient_half_life(enum ingredient i);

static inline bool ingredient_cosine(enum ingredient i)
{
    return i == INGREDIENT_NEAR_COSINE || i == INGREDIENT_NEAR_COSINE_WIDE ||
           i == INGREDIENT_FAR_COSINE || i == INGREDIENT_FAR_COSINE_WIDE;
}

/* The last moment by `ms`; `moments` when there is none. */
uint32_t moment_at(const struct trends *t, int64_t ms);

#endif
