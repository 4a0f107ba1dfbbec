/* mood_fit.h - fits model/mood.h to the plays of all viewers, and says how many moods there are.
 *
 * First the world without moods (own shares, moment, last play) by iterative scaling: each factor is moved by the ratio of what was said to
 * what was expected (Darroch, Ratcliff 1972). Then, for each number of moods, steps up a gain that only sessions can bring: each play's
 * chance, tilted by what the rest of its session says of the mood over the viewer's usual moods at such a moment, less its chance without
 * (docs/decisions/0023). Maximum likelihood would spend the moods on how viewers differ. What of a play's view does not depend on moods is
 * worked out once (at most 32 MB).
 *
 * How many: viewers outside of the fit are predicted, play by play, from what came before. The smallest number within one standard error
 * of the best is taken; and none at all unless its gain is above what the same fit gains when titles are shuffled within what each viewer plays
 * on the same device in sessions begun at the same part of the day, by three standard errors, clustered by viewer. The model is then fitted to
 * all viewers. */
#ifndef MQ_TRAIN_MOOD_FIT_H
#define MQ_TRAIN_MOOD_FIT_H

#include "model/mood.h"
#include "train/ials.h"

/* Plays that were chosen: not autoplayed, and the viewer's first of that title (going on with something is no choice). Of one
 * viewer after the other, each viewer's in time order. */
struct mood_plays {
    const struct mood_play *plays;
    const uint32_t *viewer; /* (n) */
    size_t n;
    const struct mood_ground *ground; /* mood_fit.c's own (mood_count.h); NULL */
};

struct mood_fit {
    unsigned moods_max; /* 0 = MOODS_MAX */
    unsigned exactly; /* so many, without trying and judging others; 0 = as many as foretell best */
    uint64_t seed;
};

struct mood_gain {
    double gain
        [MOODS_MAX +
         1]; /* by number of moods: mean ln gain a play over the chances without moods, on held-out viewers */
    double error[MOODS_MAX + 1];
    double shuffled,
        shuffled_error;    /* of the number that was best, with titles shuffled, see above */
    size_t viewers, plays; /* held out */
};

enum { MOOD_PLAYS_MAX = 40000 }; /* beyond that, whole viewers are left out by their number */

/* Too few plays (under 500 on either side) give one mood. MQ_NO_MEMORY, MQ_CANCELLED. */
int moods_train(const struct mood_plays *plays, const struct mood_fit *how,
                struct train_watch watch, struct mood_model *ret, struct mood_gain *ret_gain,
                struct mq_error *err);

#endif
