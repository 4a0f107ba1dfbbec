/* train.h - from who watched what to a model that can be published, in one call. */
#ifndef MQ_TRAIN_TRAIN_H
#define MQ_TRAIN_TRAIN_H

#include "train/held_out.h"
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

/* Bytes that train_model takes at most, over `m` itself. */
size_t train_memory(const struct csr *m, const struct train_settings *settings, size_t threads);

/* Train on `earlier` alone with these settings and measure on `later` (held_out.h). */
int train_held_out(const struct csr *earlier, const struct csr *later,
                   const struct train_settings *settings, struct pool *pool,
                   struct train_watch watch, struct held_out *ret, struct mq_error *err);
/* Put what was measured among the facts. */
void train_note_held_out(const struct held_out *h, struct model_facts *facts);

#endif
