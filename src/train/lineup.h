/* lineup.h - all top-N models side by side: trained from histories in one call, scored by one ensemble. */
#ifndef MQ_TRAIN_LINEUP_H
#define MQ_TRAIN_LINEUP_H

#include "dataset/histories.h"
#include "model/ensemble.h"
#include "train/ials.h"
#include "train/item_knn.h"
#include "train/transitions.h"

struct lineup_settings {
    struct ials_settings ials;
    double ease_lambda;
    struct item_knn_settings knn;
    struct transitions_settings follows[TRANSITION_KINDS]; /* near, far */
    bool ordered;      /* histories are in order of time; else nothing is learnt from their order */
    size_t ease_bytes; /* the most that EASE may take; 0: EASE_BYTES_MAX */
    uint32_t links_kept; /* of each title, the strongest (train/strongest.h); 0: all */
};

/* What is learnt from. */
struct lineup_rows {
    const struct histories *h;
    const struct histories
        *timeline; /* where trends are counted; NULL = h. What it holds after a question's moment is
                                         not used for it. */
    const struct csr *
        taste; /* what iALS learns from: |value| is confidence, its sign liked or not; NULL: ones of h */
};

/* The models that are compared. Single ones are an ingredient alone; SEQUENCE and BLEND have learnt weights. */
enum lineup_model {
    LINEUP_POPULARITY,
    LINEUP_ITEM_KNN,
    LINEUP_IALS,
    LINEUP_EASE,
    LINEUP_SEQUENCE,
    LINEUP_BLEND,
    LINEUP_MODELS
};
const char *lineup_model_name(enum lineup_model m);
/* The weights of a single one; of a learnt one: none. */
struct mix lineup_alone(enum lineup_model m);
/* Names, separated by commas -> models, as bits. MQ_INVALID: another name, or none. */
int lineup_models_named(struct str list, uint32_t *ret, struct mq_error *err);
/* Ingredients that a model may use, as bits. SEQUENCE of unordered histories: 0. */
uint32_t lineup_model_parts(enum lineup_model m, bool ordered);

/* Trained; what `e` points to is its own, but for `m` and `counts` when they were given. */
struct lineup {
    struct lineup_settings settings;
    struct ensemble e;
    struct csr m;            /* (viewers, titles) of ones */
    const struct csr *rated; /* what iALS learns from: the caller's, or &m */
    struct co_counts counts; /* count NULL: too many titles */
    struct model taste;      /* factors, Gram matrix */
    struct transitions follows[TRANSITION_KINDS];
    float *popularity;
    struct trends trends;
    char note[160]; /* what had to be left out, and why; "" = nothing */
};

/* Matrix, counts, popularity; no model yet. Release `ret` whatever comes after; `rows` stay until then. */
int lineup_init(const struct lineup_rows *rows, const struct lineup_settings *s, struct pool *pool,
                struct lineup *ret, struct mq_error *err);
/* Train one part (again, with the settings as they stand in `l`). */
int lineup_train_taste(struct lineup *l, struct pool *pool, struct train_watch watch,
                       struct mq_error *err);
/* As train_model_eased. */
int lineup_train_taste_eased(struct lineup *l, struct pool *pool, struct train_watch watch,
                             struct mq_error *err);
int lineup_train_ease(struct lineup *l, struct pool *pool, struct mq_error *err);
int lineup_train_knn(struct lineup *l, struct pool *pool, struct mq_error *err);
int lineup_train_follows(struct lineup *l, const struct histories *h, struct pool *pool,
                         struct mq_error *err);
/* All of it. MQ_INVALID: no interaction. A catalogue too large for EASE has none, and its neighbours come from
 * train/neighbours.h; `note` says so. */
int lineup_train(const struct lineup_rows *rows, const struct lineup_settings *s, struct pool *pool,
                 struct train_watch watch, struct lineup *ret, struct mq_error *err);
void lineup_release(struct lineup *l);

#endif
