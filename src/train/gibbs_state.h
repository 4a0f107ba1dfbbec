/* gibbs_state.h - chains on disk, so that a long sampling goes on where it stopped.
 *
 * "MQGIBBS1", u64 fingerprint of data and settings, then of each chain its generator, counts, features, priors
 * and sums; XXH3-128 over it at the end. Taken where residuals are made afresh, so that a sampling that was
 * interrupted ends in the same bytes as one that was not. It holds viewers' factors: keep it where the ratings
 * are kept, and delete it when done. */
#ifndef MQ_TRAIN_GIBBS_STATE_H
#define MQ_TRAIN_GIBBS_STATE_H

#include "train/gibbs_inside.h"

/* Written whole or not at all. */
int gibbs_state_save(const char *path, const struct gibbs_settings *s,
                     const struct gibbs_chain *chains, struct mq_error *err);
/* No such file: chains stay as they are. MQ_INVALID: of other data or settings; MQ_CORRUPT. */
int gibbs_state_load(const char *path, const struct gibbs_settings *s, struct gibbs_chain *chains,
                     struct mq_error *err);

#endif
