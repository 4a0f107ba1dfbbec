/* canary.h - a new model goes to a share of the viewers first, and rolls itself back, or goes on to all.
 *
 * One canary at a time, kept in the store's settings with what came of the last one. While it runs, its share of the viewers (by
 * a hash, experiment/arms.h) get their answers from that version; their pages note the arm, as any experiment's do. A check reads
 * the log and what was shown, and decides by experiment/canary_verdict.h: back (the live model serves everybody again, as it did the others all
 * along), on (the version is made live), or wait. Who fails to open the version, or to answer from it, is answered by the live model
 * and counted. A training that ends meanwhile keeps its model aside; publishing or rolling back by hand ends the canary. */
#ifndef MQ_ENGINE_CANARY_H
#define MQ_ENGINE_CANARY_H

#include "engine/experiments.h"
#include "experiment/canary_verdict.h"

enum canary_state { CANARY_RUNNING, CANARY_ROLLED_BACK, CANARY_PROMOTED, CANARY_STOPPED };
const char *canary_state_name(enum canary_state s);

enum { CANARY_WHY_MAX = 160 };

struct canary {
    uint64_t version, control; /* the control: live when it began */
    double share;              /* of the viewers, (0, 0.5]; 0 to start with: 0.05 */
    double margin;             /* experiment/canary_verdict.h; [0, 0.5]; NaN to start with: 0.02 */
    double days;               /* at most; (0, 365]; 0 to start with: 7 */
    int64_t started_ms, ended_ms; /* 0: runs */
    enum canary_state state;
    uint64_t answers[2], failures[2]; /* counted up to the last check */
    char why[CANARY_WHY_MAX];         /* of the last verdict */
};

/* MQ_NOT_FOUND: no such version. MQ_CONFLICT: it is live, a canary runs, or an experiment tries models. MQ_INVALID: a number. */
int engine_canary_start(struct mq_engine *e, const struct canary *wanted, struct canary *ret,
                        struct mq_error *err);
/* The one that runs, or the last one. MQ_NOT_FOUND: there was none. */
int engine_canary_get(struct mq_engine *e, struct canary *ret, struct mq_error *err);
bool engine_canary_runs(struct mq_engine *e);
/* Serve everybody from the live model again. MQ_CONFLICT: none runs. */
int engine_canary_stop(struct mq_engine *e, const char *why, struct canary *ret,
                       struct mq_error *err);
/* Read, decide, and do it. ret_reading may be NULL. Seconds. MQ_CONFLICT: none runs, or it was ended while the log was read: then
 * nothing is made live. */
int engine_canary_check(struct mq_engine *e, struct canary *ret,
                        struct experiment_reading *ret_reading, struct mq_error *err);

/* As experiments serve it; false: none runs. Under experiments_lock. */
bool canary_experiment(struct mq_engine *e, struct experiment *ret);

/* Another version is made live by hand: the one that runs, if any, ends, since what it would be compared with is no longer served.
 * Under experiments_lock, which is held from before that version goes live. */
int canary_outdone(struct mq_engine *e, struct mq_error *err);

/* An answer to a viewer of that arm (0 the control). Any thread. */
void canary_note(struct mq_engine *e, int arm, bool failed);

/* The row in the settings and back. MQ_CORRUPT. */
void canary_encode(const struct canary *c, struct buf *out);
int canary_decode(struct str text, struct canary *ret, struct mq_error *err);

#endif
