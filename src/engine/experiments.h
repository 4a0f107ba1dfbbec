/* experiments.h - several ways to serve at once: which ones there are, who gets which, and what came of it.
 *
 * A definition lies in the store's settings, under its name for ever: a name that was used is never used again, since it decides
 * who is in which arm (experiment/arms.h). While one runs, every page of a viewer who takes part is made as their arm says, and its record
 * notes the arm. */
#ifndef MQ_ENGINE_EXPERIMENTS_H
#define MQ_ENGINE_EXPERIMENTS_H

#include "engine/engine.h"
#include "experiment/arms.h"
#include "experiment/effect.h"

enum {
    EXPERIMENTS_MAX = 64,        /* ever */
    EXPERIMENTS_RUNNING_MAX = 8, /* at once */
};

/* What an arm does to a request. */
struct experiment_arm {
    char name[EXPERIMENT_NAME_MAX + 1];
    double weight;
    uint64_t model; /* this version; 0 = the live one */
    bool no_ranker, no_context;
    unsigned draw; /* neighbouring places of each row in an order by chance; 0: none */
};

struct experiment {
    char name[EXPERIMENT_NAME_MAX + 1];
    double traffic;
    size_t n;
    struct experiment_arm arm[EXPERIMENT_ARMS_MAX];
    bool interleave;                            /* two arms, both on one row: interleaving.h */
    bool canary;                                /* not one of the stored ones: canary.h */
    int64_t created_ms, started_ms, stopped_ms; /* 0: not yet */
};

/* "name" or "name:weight=2,model=7,ranker=off,context=off,draw=2". MQ_INVALID names the part. */
int experiment_arm_read(struct str text, struct experiment_arm *ret, struct mq_error *err);
/* The definition as the store holds it, and back. MQ_CORRUPT. */
void experiment_encode(const struct experiment *x, struct buf *out);
int experiment_decode(struct str text, struct experiment *ret, struct mq_error *err);
/* As arms.h wants it; name points into x. */
struct arms experiment_arms(const struct experiment *x);

/* MQ_CONFLICT: the name is taken. MQ_INVALID: names, weights, fewer than two arms, two of one name. MQ_TOO_LARGE: too many. */
int engine_experiment_create(struct mq_engine *e, const struct experiment *x, struct mq_error *err);
/* MQ_NOT_FOUND; MQ_CONFLICT: started or stopped already, or another running one changes the same thing. */
int engine_experiment_start(struct mq_engine *e, struct str name, struct mq_error *err);
int engine_experiment_stop(struct mq_engine *e, struct str name, struct mq_error *err);
int engine_experiment_get(struct mq_engine *e, struct str name, struct experiment *ret,
                          struct mq_error *err);
/* By name. ret (EXPERIMENTS_MAX). */
int engine_experiments(struct mq_engine *e, struct experiment *ret, size_t *ret_n,
                       struct mq_error *err);

/* The running ones, immutable; replaced whole. */
struct running_experiments {
    size_t n;
    struct experiment of[EXPERIMENTS_RUNNING_MAX + 1]; /* the canary, too */
};
/* At opening: read which ones run. */
int experiments_open(struct mq_engine *e, struct mq_error *err);
/* Read it again: something changed. Under experiments_lock. */
int experiments_serve(struct mq_engine *e, struct mq_error *err);

/* What an arm's viewers did. Sums over viewers with a page in the experiment. */
struct arm_reading {
    uint64_t viewers;
    double pages, chosen,
        valued; /* choices that a page led to; of them, titles that were liked in the end */
    struct effect chosen_effect, valued_effect; /* per page, beside arm 0; not of arm 0 */
};

/* Of an interleaved one, viewers and pages are the same of both arms; chosen and valued count what each arm placed, and the effects are those of
 * arm 1's less arm 0's, viewer by viewer. */
struct experiment_reading {
    struct experiment experiment;
    double sample_ratio_p; /* below .001: something is broken, believe nothing */
    struct arm_reading arm[EXPERIMENT_ARMS_MAX];
};

/* Reads the log and what was shown: seconds. Of a definition that need not be stored, or of one by its name; as of a
 * moment from what was known then (0: all). MQ_NOT_FOUND: none of that name, or not yet then. */
int engine_experiment_read_of(struct mq_engine *e, const struct experiment *x, int64_t as_of_ms,
                              struct experiment_reading *ret, struct mq_error *err);
int engine_experiment_read(struct mq_engine *e, struct str name, int64_t as_of_ms,
                           struct experiment_reading *ret, struct mq_error *err);

#endif
