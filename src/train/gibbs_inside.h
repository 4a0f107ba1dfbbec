/* gibbs_inside.h - one chain, shared by gibbs.c (runs them) and gibbs_chain.c (draws). */
#ifndef MQ_TRAIN_GIBBS_INSIDE_H
#define MQ_TRAIN_GIBBS_INSIDE_H

#include "base/rng.h"
#include "math/kernels.h"
#include "train/gibbs.h"

/* Of the data, shared by all chains. Level 0 is the biases, levels 1 to rank the factors. */
struct gibbs_plan {
    const struct gibbs_data *data;
    uint32_t rank;
    double start;                                  /* as settings say */
    struct csr members[GIBBS_BLOCKS][GIBBS_SETS];  /* sets transposed: (members, entities) */
    float *scale[GIBBS_BLOCKS][GIBBS_SETS];        /* (n) 1/sqrt(size), 0 for the empty set */
    size_t features[GIBBS_BLOCKS][GIBBS_SETS + 1]; /* of group 0 (own) and the sets */
    size_t at[GIBBS_BLOCKS][GIBBS_SETS + 1];       /* offset into theta, level 0 */
    size_t level_size;                             /* features over all blocks */
    uint32_t most_entities;
    size_t most_features; /* of a group */
    uint32_t *run;        /* (n + 1) rows of the first block's entities; NULL: not in their order */
    double lowest, highest, mean, deviation; /* of the targets; a deviation of 0 counts as 1 */
};

/* An entity at this level before its draws, and by how much they changed it. */
struct gibbs_move {
    float was, step;
};

struct gibbs_chain {
    const struct gibbs_plan *plan;
    struct rng rng;
    uint32_t sweeps; /* done */
    uint32_t kept;
    double w, precision, noise_sum, last_rmse;
    double *mean, *lambda;    /* (levels, blocks, GIBBS_SETS + 1): the priors */
    float *theta;             /* (levels, level_size) all features */
    float *q[GIBBS_BLOCKS];   /* (levels, n) entities */
    float *residual, *total;  /* (rows): target - prediction; sum over blocks of q at this level */
    struct kernel_sums *sums; /* (most_entities) over an entity's rows of h^2 and h e, h = dy/dq */
    struct kernel_lane *lane; /* (most_entities) the same, scaled for a set; 64-byte aligned */
    struct gibbs_move *move;  /* (most_entities) */
    float *normal;            /* (most_features) drawn ahead */
    float *guess, *level_sum; /* (cases) scratch */
    double *case_sum, *case_square; /* (cases) over kept samples */
};

/* settings: defaults filled in. */
int gibbs_plan_init(struct gibbs_plan *p, const struct gibbs_data *d,
                    const struct gibbs_settings *settings, struct mq_error *err);
void gibbs_plan_release(struct gibbs_plan *p);

int gibbs_chain_init(struct gibbs_chain *c, const struct gibbs_plan *p, uint64_t seed,
                     uint64_t index, struct mq_error *err);
void gibbs_chain_release(struct gibbs_chain *c);
/* Entities from features, residuals from entities, exactly: at the start, and against rounding. */
void gibbs_chain_settle(struct gibbs_chain *c);
/* Draw everything once. */
void gibbs_chain_sweep(struct gibbs_chain *c);
/* Add this sample's predictions to the cases' sums. */
void gibbs_chain_keep(struct gibbs_chain *c);

#endif
