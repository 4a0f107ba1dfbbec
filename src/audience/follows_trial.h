/* follows_trial.h - does following foretell? Titles are held out, a fifth at a time; the model is fitted without them; then
 * who watched and liked each held-out title is compared between groups of viewers (marquee.h, mq_follow_group).
 *
 * A person is judged who has TRIAL_TITLES titles in the role with TRIAL_WATCHERS viewers each, and a title while three of
 * the person's others are not held out. "As active": by the number of titles watched that are not held out, in
 * TRIAL_STRATA equal parts of the viewers. Intervals resample viewers, who bring all their titles; that people and titles
 * are a sample too is not in them. */
#ifndef MQ_AUDIENCE_FOLLOWS_TRIAL_H
#define MQ_AUDIENCE_FOLLOWS_TRIAL_H

#include "audience/follows.h"
#include "marquee.h"

enum {
    TRIAL_FOLDS = 5,
    TRIAL_TITLES = 4,
    TRIAL_WATCHERS = 10,
    TRIAL_STRATA = 20,
    TRIAL_PEOPLE_MAX = 2000, /* those with most viewings */
};

struct follows_question {
    unsigned roles;  /* bit per enum role */
    uint32_t person; /* ID_NONE: all */
    uint64_t seed;
    mq_progress *progress; /* may be NULL */
    void *progress_ctx;
};

/* Fills people, titles, viewers, folds and groups. O(folds fits + held-out titles x viewers + people^2). MQ_INVALID: nobody
 * has enough titles. MQ_CANCELLED, MQ_NO_MEMORY. */
int follows_trial(const struct viewer_sets *s, const struct catalogue *c,
                  const struct follows_question *q, struct mq_follows *ret, struct mq_error *err);

/* Why a viewer follows the person of these titles (n, ascending), or does not: their opinions, the greatest first. Into the arena. */
int follows_evidence(const struct follows *f, const struct viewer_sets *s,
                     const struct catalogue *c, uint32_t viewer, const uint32_t *titles, size_t n,
                     struct arena *arena, struct mq_following *ret, struct mq_error *err);

#endif
