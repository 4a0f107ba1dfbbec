/* mood_rows.h - the log's chosen plays, for train/mood_fit.h: what was chosen (event_chooses) and for the first time, with its moment. */
#ifndef MQ_TRAIN_MOOD_ROWS_H
#define MQ_TRAIN_MOOD_ROWS_H

#include "catalogue/catalogue.h"
#include "event/event.h"
#include "train/mood_fit.h"

enum { MOOD_ROWS_MAX = 1 << 20 }; /* plays kept; later viewers are left out */

struct mood_rows {
    struct mood_play *plays;
    uint32_t *viewer;
    size_t n, cap;
    size_t mark;       /* plays of the viewers before this one */
    uint64_t *started; /* bits over titles: this viewer's */
    uint32_t n_titles;
};

/* One viewer's events after the other, in time order; `c` as log_rows. MQ_NO_MEMORY. */
int mood_rows_feed(struct mood_rows *r, const struct event *e, const struct catalogue *c,
                   struct mq_error *err);
/* The viewer is through. `drop`: forget their plays (who is not profiled, and children). */
void mood_rows_next(struct mood_rows *r, bool drop);
void mood_rows_release(struct mood_rows *r);

/* Fit moods to them, as a part of a model (heap memory, free). MQ_NO_MEMORY, MQ_CANCELLED. */
/* Of those before `before_ms`, `moods` of them. */
int mood_rows_fit_before(const struct mood_rows *r, const struct catalogue *c, int64_t before_ms,
                         unsigned moods, uint64_t seed, struct train_watch watch,
                         struct mood_part **ret, struct mq_error *err);
int mood_rows_fit(const struct mood_rows *r, const struct catalogue *c, uint64_t seed,
                  struct train_watch watch, struct mood_part **ret, struct mq_error *err);

#endif
