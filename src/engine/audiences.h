/* audiences.h - the live sets of viewers (audience/): made from the log when first asked for, then kept up to date by
 * reading again whoever did something since; saved beside the store, so that a start reads the log of few.
 *
 * The committer notes who changed and waits for nobody. Questions take turns. Whoever was erased is in no set, no file
 * and no remembered answer once mq_erase has returned. */
#ifndef MQ_ENGINE_AUDIENCES_H
#define MQ_ENGINE_AUDIENCES_H

#include "audience/audience.h"
#include "audience/floor.h"
#include "audience/strata.h"
#include "engine/reader.h"

struct audiences;

int audiences_new(const char *dir, struct audiences **ret, struct mq_error *err);
/* Saves what changed. NULL is allowed. */
void audiences_free(struct audiences *a);

/* At the start: the log up to here is in the saved sets; 0 = none were saved. */
uint64_t audiences_saved_seq(const struct audiences *a);
/* While the log is scanned at the start: whoever has events that the saved sets have not seen. */
void audiences_scanned(struct audiences *a, const struct event *e);
/* The committer's thread, after a group was written. */
void audiences_note(struct audiences *a, const struct event *events, const uint8_t *outcome,
                    size_t n);
/* The saved file goes; called before the viewer's events are erased, any thread. */
void audiences_forget_file(struct audiences *a);
/* Out of every set; waits for the question that is answered now. Not the committer's thread. */
void audiences_forget(struct audiences *a, uint32_t viewer);

/* The log lost events of many: all sets are made anew. Not the committer's thread. */
void audiences_forget_all(struct audiences *a);

/* The communities that were found last, as groups of `d` (none: there are none yet). Any thread; waits for the question that is
 * answered now. MQ_NO_MEMORY. */
struct strategy_data;
int audiences_group(struct audiences *a, struct strategy_data *d, struct mq_error *err);
/* Another number when they were found anew; 0: there are none. */
uint64_t audiences_communities_version(struct audiences *a);

/* What a question is asked of. Between begin and end nobody else asks. */
struct asked {
    struct audience_world world;
    const struct strata *strata;
    uint64_t log_seq;
    unsigned floor;
    struct audiences *kept;
    struct arena *arena; /* the reader's, until its next call */
};

/* Checks the request, brings the sets up to date (or makes those of the past asked about), and takes the lock.
 * `follows`: also who follows whom. On failure there is nothing to end. */
int audiences_begin(struct mq_reader *r, const struct mq_audience_request *q, bool follows,
                    struct asked *ret, struct mq_error *err);
/* Parse and find all expressions of the request; into the arena. */
int audiences_find(const struct asked *x, const struct mq_audience_request *q,
                   const struct audience **ret, struct mq_error *err);
/* Whether a group differs from an answered one, or from another of the question, by fewer than the floor; if none does, they are
 * remembered, on the disk before this returns, and so is the question: put again about the same viewers it gets its answer
 * again. At most MQ_SETS. Research remembers nothing: it is for data that is public. */
int audiences_too_near(const struct asked *x, const struct audience *const *found, size_t n,
                       bool *ret, struct mq_error *err);
/* Whether an expression of the request needs `follows`; text that can't be parsed needs nothing. */
bool audiences_need_follows(struct mq_reader *r, const struct mq_audience_request *q);
void audiences_end(struct mq_reader *r);

/* A line in the audit trail: what was asked, by whom, how much was withheld. The last 10,000 are kept. */
int audiences_audit(struct mq_engine *e, const char *what, const struct mq_audience_request *q,
                    size_t n_withheld, struct mq_error *err);

#endif
