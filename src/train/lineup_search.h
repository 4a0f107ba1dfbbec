/* lineup_search.h - choose settings and weights on questions taken from the training rows. One search, used by
 * `evaluate`, `tune` and `train`. */
#ifndef MQ_TRAIN_LINEUP_SEARCH_H
#define MQ_TRAIN_LINEUP_SEARCH_H

#include "math/bootstrap.h"
#include "train/answers.h"
#include "train/lineup.h"
#include "train/weight_folds.h"

/* How settings are judged. fit is trained on; the questions are asked about it. */
struct lineup_validation {
    const struct histories *fit;
    const struct histories *timeline; /* as struct lineup_rows */
    const struct csr *taste;          /* the same */
    const struct question *questions;
    size_t n;
    bool by_ndcg100; /* else by ndcg@10 */
    bool ordered;
    const struct question *sampled; /* the same with `among`; NULL: none */
    const struct weight_fold
        *more; /* of viewers not asked about above: they choose the blend's weights */
    size_t n_more;
};

/* How much is tried. Which of them is the caller's to say by the size of the data, not by the clock, where the same
 * log has to give the same model. */
enum lineup_effort {
    LINEUP_THOROUGH, /* all of it */
    LINEUP_QUICK,    /* a third of the candidates, and no wider factors */
    LINEUP_AS_GIVEN, /* none: what is not given is as lineup_defaults */
};

struct lineup_search_options {
    enum lineup_effort effort;
    bool
        no_weights; /* the single models alone are measured: there are too few questions to learn weights from */
    bool
        few; /* too few to learn weights from alone: they are drawn to what is usual (weight_halves.h) */
    uint32_t links_kept; /* as in the settings */
    size_t ease_bytes;
    uint64_t seed;
    double seconds; /* for the search of settings; 0: LINEUP_SECONDS */
    struct train_watch watch;
    struct lineup_settings start; /* 0 fields are searched, others stay */
};
enum { LINEUP_SECONDS = 240 };

struct lineup_choice {
    struct lineup_settings settings;
    struct mix mix[LINEUP_MODELS], sampled_mix[LINEUP_MODELS];
    /* On the validation questions; learnt weights as learnt on the other half of the questions. NaN: not
     * measured. */
    double score[LINEUP_MODELS], sampled_score[LINEUP_MODELS];
    enum lineup_model best, best_sampled;
    struct interval
        gain[LINEUP_MODELS]; /* of the score over popularity's, 95 %, bootstrap over viewers */
    size_t questions, viewers;
    unsigned tried; /* settings */
    bool complete;  /* false: time ran out before all settings were tried */
    char note[160];
};

/* Neighbours and EASE's lambda on a grid; iALS by successive halving: many pairs of regularisation and unobserved
 * weight, small and short, the best of them longer, then finer, wider and longer. Then the weights. The same
 * choice for the same seed, threads and processor kernel unless time runs out: then `complete` is false.
 * MQ_INVALID: nothing to learn from. */
int lineup_search(const struct lineup_validation *v, const struct lineup_search_options *o,
                  struct pool *pool, struct lineup_choice *ret, struct mq_error *err);

/* "lambda 230; ..." of a model, for reports. */
void lineup_describe(const struct lineup_choice *c, enum lineup_model m, char *to, size_t size);

#endif
