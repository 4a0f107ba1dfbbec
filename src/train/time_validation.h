/* time_validation.h - questions out of the newest rows, to choose by: trained on what came before a moment, asked
 * what came after it. */
#ifndef MQ_TRAIN_TIME_VALIDATION_H
#define MQ_TRAIN_TIME_VALIDATION_H

#include "train/questions.h"

enum { TIME_LEAST_BEFORE = 5 /* events of a viewer before one that is asked */ };
#define TIME_CUT 0.1 /* share of the rows that is predicted */

/* Rows by time, cut somewhere. */
struct moments {
    size_t *order;    /* (n) rows by time, earlier rows first among equal times */
    uint8_t *keep;    /* (n) row lies before the cut */
    uint32_t *before; /* (viewers) liked rows of each that do */
};
int moments_init(const struct triples *t, uint32_t n_viewers, struct moments *ret,
                 struct mq_error *err);
void moments_release(struct moments *m);
/* Rows order[0 .. n) lie before the cut. */
void moments_cut(const struct triples *t, uint32_t n_viewers, struct moments *m, size_t n);

struct time_validation {
    struct histories fit;   /* before the cut */
    struct questions asked; /* into `train` of the call that made it */
};

/* Of the `trained` first rows the last TIME_CUT is predicted; twice as much, and again up to half of them, while that
 * asks fewer than 400 (a gap leaves few). At most 2,000 are asked, drawn by seed. train: histories of the `trained`
 * first rows; stays until release. Leaves `m` cut somewhere. MQ_INVALID: there is nothing to ask. */
int time_validation_of(const struct triples *t, const struct histories *train, size_t trained,
                       int64_t gap_ms, uint64_t seed, struct moments *m,
                       struct time_validation *ret, struct mq_error *err);
void time_validation_release(struct time_validation *v);

#endif
