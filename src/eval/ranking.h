/* ranking.h - rank all titles for many viewers by a model, and judge the lists. */
#ifndef MQ_EVAL_RANKING_H
#define MQ_EVAL_RANKING_H

#include "base/pool.h"
#include "math/csr.h"
#include "model/model.h"

enum { RANKING_DEPTH = 100 };

/* How a title's score for a viewer is made. */
enum scorer_kind { SCORE_POPULARITY, SCORE_TASTE };

struct scorer {
    enum scorer_kind kind;
    const struct model *model; /* popularity, or factors that the history is folded into */
};

/* Row r of `history` is what is known of case r, and left out of its list; row r of `targets` is what should
 * be found. Cases without targets, or without history, are not judged. Same shape. */
struct ranking_cases {
    const struct csr *history, *targets;
    uint32_t n_titles; /* of the whole universe */
};

/* Metrics of each judged case, and its list. */
struct ranking {
    uint32_t n;                                            /* judged cases */
    uint32_t *row;                                         /* (n) which case */
    double *recall20, *recall50, *ndcg100, *hr10, *ndcg10; /* (n) */
    uint32_t *list; /* (n, RANKING_DEPTH) titles, best first; ID_NONE pads */
    float *score;   /* beside list */
};

/* The same numbers whatever the number of threads. Titles the model does not know have score 0; equal scores go
 * by title number, which is the order of first sight. MQ_INVALID: no case can be judged. */
int ranking_run(const struct scorer *s, const struct ranking_cases *c, struct pool *pool,
                struct ranking *ret, struct mq_error *err);
void ranking_release(struct ranking *r);

/* Scores of all titles for one history: ret (n_titles). `scratch` from ranking_scratch. */
struct ranking_scratch;
int ranking_scratch_new(const struct scorer *s, const struct ranking_cases *c,
                        struct ranking_scratch **ret, struct mq_error *err);
void ranking_scratch_free(struct ranking_scratch *w);
int ranking_scores(const struct scorer *s, struct csr_row history, struct ranking_scratch *w,
                   const float **ret, struct mq_error *err);

#endif
