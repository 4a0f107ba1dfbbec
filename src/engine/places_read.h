/* places_read.h - how often is each row and column looked at, as the ranker's training sees it (train/examination.h). */
#ifndef MQ_ENGINE_PLACES_READ_H
#define MQ_ENGINE_PLACES_READ_H

#include <stdbool.h>

#include "engine/engine.h"

/* Two ways, nine kinds of device (all among them), 23 places after the first. */
enum { PLACES_READ_MAX = 2 * (DEVICES + 1) * 23 };

struct place_read {
    unsigned device; /* enum device; DEVICES: all */
    bool rows;       /* a row; else a column */
    uint32_t place;  /* from 1 */
    double choices;  /* from it and the place before, where the toss of a coin had ordered both */
    double ratio, low,
        high; /* chance of being looked at over the first place's, 95 %; NaN: too few on the way to it */
    double used; /* by the ranker's training */
};

/* [0] columns, [1] rows. */
struct places_read {
    uint64_t pages[2], choices[2], viewers[2];
    bool known[2]; /* false: too few; all are taken to be looked at alike */
    size_t n;
    struct place_read place[PLACES_READ_MAX];
};

/* A scan of the log. MQ_NO_MEMORY, what the store says. */
int engine_places_read(struct mq_engine *e, struct places_read *ret, struct mq_error *err);

#endif
