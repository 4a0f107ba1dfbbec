/* gibbs.h - what would this viewer rate that? A factorisation machine over blocks, by Gibbs sampling.
 *
 * Salakhutdinov, Mnih 2008 (Bayesian factorisation, its priors on priors); Freudenthaler, Schmidt-Thieme,
 * Rendle 2011 and Rendle 2013 "Scaling Factorization Machines to Relational Data" (sampling feature by feature,
 * blocks); Koren 2008 and Rendle, Zhang, Koren 2019 (implicit sets, both ways).
 *
 * A row is one rating. It names one entity in each block: a viewer, a title, a stretch of time, a context. An
 * entity is the sum of its features: its own, and those of the sets it has (the titles a viewer rated, the
 * genres of a title), each member with weight 1/sqrt(size of the set). With b_e the bias and q_e the
 * factors (rank) of entity e,
 *
 *     rating = w + sum over blocks b_e  +  sum over pairs of blocks q_e . q_e'  +  normal(0, 1/precision)
 *
 * Deviation from a plain factorisation machine: features of the same block don't interact, since all of a
 * block's features say one thing about a row (who, what, when). What a factor of a block is drawn from is then
 * two sums per entity, so that a set costs its own size and never the ratings times it.
 *
 * Every feature group (own, each set) of every block and factor has its own mean and precision, drawn too: more
 * samples and more rank only ever help, and nothing has to be tuned.
 *
 * Several chains run apart, one a thread, and are averaged: the same seed gives the same bytes whatever the
 * number of threads. */
#ifndef MQ_TRAIN_GIBBS_H
#define MQ_TRAIN_GIBBS_H

#include "base/pool.h"
#include "math/csr.h"
#include "train/ials.h"

enum {
    GIBBS_BLOCKS = 24,
    GIBBS_SETS = 8,
    GIBBS_RANK_MAX = 256,
    GIBBS_CHAINS = 16,
    GIBBS_STRIDE = 8, /* sweeps between reports, state files and exact residuals */
};

struct gibbs_block {
    uint32_t n;                         /* entities; those without a row are drawn from the prior */
    const uint32_t *of_row;             /* (rows) which entity */
    const uint32_t *of_case;            /* (cases) */
    const struct csr *sets[GIBBS_SETS]; /* each (n, members); values are not looked at */
    size_t n_sets;
    bool bias_only; /* no factors */
    bool
        last_absent; /* the last entity stands for "not known": it has no feature and adds nothing */
};

/* The caller's, unchanged. Rows in the order of the first block's entities are fastest. */
struct gibbs_data {
    uint32_t rows, cases;
    const float *target; /* (rows) */
    struct gibbs_block block[GIBBS_BLOCKS];
    size_t n_blocks;
};

struct gibbs_settings {
    uint32_t rank, burn_in,
        samples; /* sweeps of each chain: burn_in that are dropped, then samples; 0 = default */
    uint32_t chains;
    double
        start; /* deviation of the first factors, times the root of the targets'; 0 = 0.1. A few thousand rows say so little
                   * of factors that a chain takes thousands of sweeps to grow them and hundreds to shrink them: start wide */
    uint64_t seed;
    uint32_t snapshots; /* entities' factors kept of so many samples in all, evenly apart */
    const char *state;  /* file to go on from, and to save to; NULL = none */
};

/* What is 0, from the number of rows alone, so that a training unattended ends in minutes. */
void gibbs_defaults(const struct gibbs_data *d, struct gibbs_settings *s);

/* Factors of the first two blocks' entities in one sample: the prediction for a row of those two alone is
 * w + bias[0][a] + bias[1][b] + factor[0][a] . factor[1][b]. */
struct gibbs_snapshot {
    double w;
    float *bias[2];   /* (n) */
    float *factor[2]; /* (n, stride), 64-byte aligned, padding 0; stride = rank rounded up to 16 */
};

/* Of each case, over all samples of all chains; predictions are clipped to the targets' range. */
struct gibbs_answer {
    double *mean, *deviation;        /* (cases): of the rating itself, noise included */
    double noise;                    /* deviation of a rating around its prediction */
    double train_rmse;               /* of the last sweep, mean of the chains */
    uint32_t kept;                   /* samples */
    struct gibbs_snapshot *snapshot; /* (n_snapshots) */
    uint32_t n_snapshots, stride;
};

/* MQ_INVALID: no row, a target that is not finite, past the maxima; the state file is of other data or
 * settings. MQ_NO_MEMORY, MQ_CANCELLED (the state file, when asked for, was written). */
int gibbs_run(const struct gibbs_data *d, const struct gibbs_settings *settings, struct pool *pool,
              struct train_watch watch, struct gibbs_answer *ret, struct mq_error *err);
void gibbs_answer_release(struct gibbs_answer *a);

#endif
