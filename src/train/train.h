/* train.h - from who watched what to a model that can be published, in one call. */
#ifndef MQ_TRAIN_TRAIN_H
#define MQ_TRAIN_TRAIN_H

#include "train/ials.h"

struct train_settings {
    struct ials_settings ials; /* 0 = default, from the size of the data */
    bool popularity_only;      /* rank 0: popularity and neighbours alone */
    bool no_neighbours;
};

/* m (viewers, titles): |value| is the confidence, its sign says liked or not. ret: in heap memory (its map
 * unused), ready for model_write or library_publish; facts holds the counts, NaN for what was not
 * measured, and 0 for what the caller knows (version, times, log position). train_release it.
 * MQ_INVALID: no interaction, or too many titles. MQ_NO_MEMORY, MQ_SINGULAR, MQ_CANCELLED. */
int train_model(const struct csr *m, const struct train_settings *settings, struct pool *pool,
                struct train_watch watch, struct model *ret, struct mq_error *err);
/* The same; where these settings leave nothing (MQ_INVALID), with regularisation a quarter as large, up to TRAIN_EASED times. Chosen on
 * fewer rows, or where there is little but popularity, it may shrink every factor to nothing. settings->ials: as it was tried last. */
enum { TRAIN_EASED = 4 };
int train_model_eased(const struct csr *m, struct train_settings *settings, struct pool *pool,
                      struct train_watch watch, struct model *ret, struct mq_error *err);
void train_release(struct model *m);

#endif
