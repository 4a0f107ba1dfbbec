/* signals_models.h - the scores that `evaluate signals` compares, for any viewer and all titles. */
#ifndef MQ_EVAL_SIGNALS_MODELS_H
#define MQ_EVAL_SIGNALS_MODELS_H

#include "eval/rating_file.h"
#include "eval/signals.h"
#include "train/gibbs.h"

struct signal_data {
    const struct id_book *book;
    const struct triples *rated, *met; /* learnt from */
    const struct triples *shares;      /* of met's rows; NULL: none */
    bool graded; /* met's weights say how sure a liking is; else all are alike */
    double positive;
    uint64_t seed;
};

/* The iALS models: of implicit, of weighted, of completion. */
enum { SIGNAL_IALS = 3 };

struct signal_settings {
    struct ials_settings ials[SIGNAL_IALS];
    double weighted, rating; /* of the blend: implicit + weighted * W + rating * predicted */
    bool blend;              /* it won against weighted alone */
};

struct signal_models {
    struct csr met;    /* (viewers, titles), 1 or graded; left out of lists */
    struct csr values; /* the same, below 0 where the viewer said that they did not like it */
    struct csr shares; /* met's titles by raw completion; empty without */
    struct csr rated;  /* left out of lists too: some of it may not have been met here */
    struct ials ials[SIGNAL_IALS];
    struct gibbs_answer gibbs; /* its cases are `cases` of signal_models_fit */
    float *popularity;
    uint32_t n_titles;
};

int signal_models_fit(const struct signal_data *d, const struct ials_settings ials[SIGNAL_IALS],
                      const struct triples *cases, struct pool *pool, struct train_watch watch,
                      struct signal_models *ret, struct mq_error *err);
void signal_models_release(struct signal_models *m);

/* One iALS of the two, on matrices of signal_models_matrices. */
int signal_matrices(const struct signal_data *d, struct signal_models *ret, struct mq_error *err);

/* Scores of all titles, ret (SIGNAL_MODELS rows of n_titles). */
void signal_scores(const struct signal_models *m, const struct signal_settings *s, uint32_t viewer,
                   float *ret);

#endif
