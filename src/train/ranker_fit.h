/* ranker_fit.h - the trees of the second stage, and whether they are worth serving.
 *
 * Generators fitted on what came before t0, trees on choices between t0 and t1, judged on choices from t1 on. Each choice is
 * asked in the world as it was then (features.h). On offer was what stood on the page, where that is known; where it is not,
 * what was there to be had: the generators' best and what was chosen lately; choices outside of that are left out. */
#ifndef MQ_TRAIN_RANKER_FIT_H
#define MQ_TRAIN_RANKER_FIT_H

#include "model/model.h"
#include "train/ials.h"
#include "train/ranker_log.h"

struct ranker_fit_settings {
    const struct catalogue *catalogue;
    const struct model *generators; /* trained on nothing from log.from_ms on */
    int64_t test_from_ms;           /* t1 */
    uint64_t seed;
    bool unweighted; /* leave examination out */
};

enum { RANKER_ROUNDS = 120, RANKER_LEAST_CHOICES = 300, RANKER_DEPTH = 10 };

/* ret: with n_trees > 0 only where the interval over the blend's own order lies above zero; figures always (0 questions:
 * there was too little to learn from or to judge by). Free it with ranker_fit_release. MQ_NO_MEMORY, MQ_CANCELLED, MQ_BUG. */
int ranker_fit(const struct ranker_log *log, const struct ranker_fit_settings *s,
               struct train_watch watch, struct ranker_part *ret, struct mq_error *err);
void ranker_fit_release(struct ranker_part *p);

/* For the tests: what choice i of the log is asked, as rows of FEATURES. Calls visit for every title on offer. */
typedef int ranker_visit(void *ctx, size_t choice, uint32_t title, const float *x);
int ranker_rows(const struct ranker_log *log, const struct ranker_fit_settings *s,
                struct train_watch watch, ranker_visit *visit, void *ctx, struct mq_error *err);

#endif
