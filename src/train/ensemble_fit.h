/* ensemble_fit.h - learn how much each ingredient counts, from questions whose answers are known.
 *
 * The weights w maximise the mean over questions of log softmax(w f)(target), less a small ridge: a concave
 * problem, solved by Newton steps. Softmax runs over candidates: the best of every ingredient, which
 * compete for the top of the list, and a random few that stand for all others (weighed by how many they stand
 * for). Where a question is among given titles, those are the candidates. */
#ifndef MQ_TRAIN_ENSEMBLE_FIT_H
#define MQ_TRAIN_ENSEMBLE_FIT_H

#include "base/pool.h"
#include "model/ensemble.h"

/* What is known of a viewer, and what came next. Titles of the history are no candidates. */
struct question {
    const uint32_t *history; /* in order of time */
    size_t n_history;
    const uint32_t *targets; /* not in the history */
    size_t n_targets;
    const uint32_t *among; /* the targets are ranked among these; NULL: among all titles */
    size_t n_among;
    uint32_t viewer;
    int64_t now_ms, last_ms; /* when it is asked, and of the latest title of the history */
    const struct fold_in_item
        *items; /* what taste is folded in from; NULL: the history, all liked alike */
    size_t n_items;
};

static inline struct ensemble_view question_view(const struct question *q)
{
    return (struct ensemble_view){.history = q->history,
                                  .n = q->n_history,
                                  .now_ms = q->now_ms,
                                  .last_ms = q->last_ms,
                                  .items = q->items,
                                  .n_items = q->n_items};
}

/* What a scratch has to hold for any of them. */
static inline size_t questions_longest(const struct question *q, size_t n)
{
    size_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        longest = q[i].n_history > longest ? q[i].n_history : longest;
        longest = q[i].n_items > longest ? q[i].n_items : longest;
    }
    return longest;
}

enum { CANDIDATES_BEST = 30, CANDIDATES_RANDOM = 100 };

/* Candidates of questions with their ingredients: made once, fitted to many times. */
struct design;

/* All ingredients that e has are kept. The same whatever the number of threads. Questions without targets are
 * passed over. About (INGREDIENTS + 2) * 4 * 500 bytes a question. MQ_NO_MEMORY, MQ_SINGULAR. */
int design_new(const struct ensemble *e, const struct question *questions, size_t n, uint64_t seed,
               struct pool *pool, struct design **ret, struct mq_error *err);
void design_free(struct design *d);

/* Weights of the ingredients whose bit is set in `allowed`, from the questions with fold[i] != left_out (fold
 * NULL: all). O(candidates INGREDIENTS^2) a step. The same whatever the number of threads.
 * MQ_INVALID: no question. */
int design_fit(const struct design *d, uint32_t allowed, const uint8_t *fold, uint8_t left_out,
               double ridge, struct pool *pool, struct mix *ret, struct mq_error *err);

/* Ingredients that say much the same. */
enum ingredient_group {
    GROUP_POPULAR,
    GROUP_LATELY,
    GROUP_TASTE,
    GROUP_FOLLOWS,
    INGREDIENT_GROUPS
};
enum ingredient_group ingredient_group(enum ingredient i);

/* What draws weights of standardised ingredients, in parts of a question for each question. Without `usual` `ridge` draws each to
 * 0. With it `ridge` draws those of a group to their usual proportions, and `size` the group to how much it usually counts. */
struct design_pull {
    double ridge, size;
    const float *usual; /* (INGREDIENTS) */
};
int design_fit_near(const struct design *d, uint32_t allowed, const uint8_t *fold, uint8_t left_out,
                    const struct design_pull *pull, struct pool *pool, struct mix *ret,
                    struct mq_error *err);

/* On weights of standardised ingredients: as much as a thousandth of a question. */
#define DESIGN_RIDGE 1e-3

/* Sum over the questions with fold[i] == of of log softmax(w f)(target). */
double design_likelihood(const struct design *d, const struct mix *mix, const uint8_t *fold,
                         uint8_t of);

/* The same of each of them, at its place in ret (questions); 0 without a target. Other places stay. */
void design_likelihoods(const struct design *d, const struct mix *mix, const uint8_t *fold,
                        uint8_t of, double *ret);

/* What an ingredient is divided by: its standard deviation over all candidates, but no less than what it has to vary by to say
 * anything; 0: it is constant. */
double design_scale(const struct design *d, enum ingredient i);

#endif
