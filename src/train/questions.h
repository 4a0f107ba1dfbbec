/* questions.h - what protocols and searches ask: these titles are known of a viewer, which ones come next? */
#ifndef MQ_TRAIN_QUESTIONS_H
#define MQ_TRAIN_QUESTIONS_H

#include "dataset/histories.h"
#include "train/ensemble_fit.h"

/* Histories point into the struct histories they were made from, which stays until release. */
struct questions {
    struct question *list;
    size_t n, cap;
    uint32_t **kept;            /* heap behind targets and among, one a question */
    struct fold_in_item *items; /* heap behind the questions' items */
};

void questions_release(struct questions *q);

/* One for each viewer who has both a history and a target that it does not hold. */
int questions_of_viewers(const struct histories *known, const struct csr *targets,
                         struct questions *ret, struct mq_error *err);

/* One for each entry of `all` from place from[v] on (v the viewer): what came before it is known. */
struct events_asked {
    uint64_t events; /* entries from there on */
    uint64_t few;    /* with fewer than `least` entries before: not asked */
    uint64_t seen;   /* of a title that was there before: not asked */
    uint64_t no_gap; /* less than gap_ms after the one before: not asked */
};
int questions_of_events(const struct histories *all, const uint32_t *from, size_t least,
                        int64_t gap_ms, struct questions *ret, struct events_asked *counted,
                        struct mq_error *err);

/* Let taste be folded in from what is known by each question's moment: rows of `t` with their confidence, those that
 * were not liked too (weight below 0). t holds the histories' rows. */
int questions_weigh(struct questions *q, const struct triples *t, uint32_t n_viewers,
                    struct mq_error *err);

/* Drop the questions whose targets are of a series that the history has a title of. series (titles): 0 for none. */
void questions_leave_series(struct questions *q, const uint32_t *series);

/* Keep a seeded choice of at most `most`, in their order. */
int questions_draw(struct questions *q, size_t most, uint64_t seed, struct mq_error *err);

/* Give question i these titles to rank beside its targets (copied; targets and repetitions left out). */
int questions_among(struct questions *q, size_t i, const uint32_t *titles, size_t n,
                    struct mq_error *err);
/* The same with `n` drawn titles that are neither in the history nor targets, for each question. */
int questions_draw_among(struct questions *q, uint32_t n_titles, size_t n, uint64_t seed,
                         struct mq_error *err);

#endif
