/* fold_in.h - the taste vector of a viewer from their own history; the same solver as training. */
#ifndef MQ_MODEL_FOLD_IN_H
#define MQ_MODEL_FOLD_IN_H

#include "model/model.h"

struct fold_in_item {
    struct title_id title; /* at or past model->n_titles: ignored */
    float preference;      /* target: 1 liked, 0 known not to be */
    float weight;          /* confidence > 0; otherwise, or not finite: ignored */
};

/* Scratch for one thread: floats needed for `n` items. */
size_t fold_in_scratch(const struct model *m, size_t n);

/* x = (a0 G + sum w y y' + reg I)^-1 sum w p y, reg = lambda (n + a0 N)^nu (Rendle et al. 2021, eq. 5-6),
 * n the items that are not ignored, N the titles with an observation in training.
 * ret_x (stride), padding 0; items empty or all ignored: x = 0. `scratch` 64-byte aligned.
 * ret_inverse (stride, stride), may be NULL: the inverse itself, for contributions of single items.
 * Pure, no allocation. O(n rank^2 + rank^3). MQ_SINGULAR. */
int fold_in(const struct model *m, const struct fold_in_item *items, size_t n, float *scratch,
            float *ret_x, float *ret_inverse, struct mq_error *err);

#endif
