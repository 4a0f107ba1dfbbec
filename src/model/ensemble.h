/* ensemble.h - several views of what a viewer may want next, and their weighted sum.
 *
 * An ingredient scores every title for one history. A model is a weight for each ingredient: popularity, iALS
 * and EASE are one weight alone, the blend has learnt ones (train/ensemble_fit.h). Ingredients over links are
 *
 *   f(j) = sum over the history of 2^(-p / half_life) link(i_p, j),     p = 0 for the latest title,
 *
 * so that the weights of several half-lives together make the decay that the data asks for; none is assumed. */
#ifndef MQ_MODEL_ENSEMBLE_H
#define MQ_MODEL_ENSEMBLE_H

#include "base/error.h"
#include "model/fold_in.h"

/* Of a longer history the latest titles count: what was watched before them says little of what comes next, and a page takes as
 * long as the history that it is made from (bench/history.c). */
enum { HISTORY_COUNTED = 256 };

/* Arrays are (n_titles); NULL, or links with n 0, leave the ingredient 0. */
struct ensemble {
    uint32_t n_titles;
    size_t counted; /* latest titles of a history; 0: HISTORY_COUNTED */
    const float *popularity;
    struct trends trends;
    const struct model *taste; /* factors and Gram matrix; rank 0 or NULL: none */
    struct links ease, knn;
    struct links follows[TRANSITION_KINDS];    /* near, far */
    const float *from_scale[TRANSITION_KINDS]; /* see train/transitions.h */
    const float *to_scale[TRANSITION_KINDS];
};

/* A published model's; `m` stays. Without a blend taste is all it has. */
struct ensemble ensemble_of(const struct model *m);
/* The weights to serve it with: its blend's, or taste alone. */
struct mix ensemble_mix(const struct model *m);

const char *ingredient_name(enum ingredient i);
/* Does it depend on the order of the history? */
bool ingredient_ordered(enum ingredient i);

/* Scratch of one thread for histories of up to `longest` entries, and for ensembles of at most as many titles and
 * factors as `e`. */
struct ensemble_scratch;
int ensemble_scratch_new(const struct ensemble *e, size_t longest, struct ensemble_scratch **ret,
                         struct mq_error *err);
void ensemble_scratch_free(struct ensemble_scratch *s);

/* What is known of a viewer. */
struct ensemble_view {
    const uint32_t *history; /* in order of time, latest last */
    size_t n;
    int64_t now_ms, last_ms; /* of the question, and of the latest title */
    int64_t before_ms;       /* of the title before that one: what last_ms would be without it */
    /* What taste is folded in from; NULL: the history, all liked alike. At most as many as `longest`. */
    const struct fold_in_item *items;
    size_t n_items;
    const float *x; /* (stride) the taste vector, where the caller has it; NULL: it is folded in */
    float *taste;   /* (n_titles) where taste's scores are written; NULL: in the scratch */
};

/* The ingredients whose bit is set in `wanted`. A title that stands in the history twice counts at its
 * latest place; at or past n_titles: ignored. ret[i] points to (n_titles)
 * floats in the scratch or in `e`, NULL for those not wanted. MQ_SINGULAR. */
int ensemble_ingredients(const struct ensemble *e, const struct ensemble_view *v, uint32_t wanted,
                         struct ensemble_scratch *s, const float *ret[INGREDIENTS],
                         struct mq_error *err);

/* Which ingredients a mix needs, as bits. */
uint32_t mix_wants(const struct mix *m);
/* Does it ask what the viewer watched? Else it gives everybody the same order. */
bool mix_personal(const struct mix *m);
/* score[j] = sum of weight f(j); parts as the last ensemble_ingredients with this scratch gave them. */
void mix_score(const struct mix *m, const float *const parts[INGREDIENTS],
               const struct ensemble_scratch *s, uint32_t n_titles, float *score);

/* What would the scores of some titles lose if one title of the history had not been there? Exactly, but for taste,
 * which is left out (math/ridge.h knows): what was watched before it also moves up by one place. For the history and
 * parts of the last ensemble_ingredients with this scratch. Losses of several titles together are about the sum.
 *
 * title (n): scored ones, n at most LOSS_TITLES. leaving (n_leaving): of the history, others lose nothing.
 * ret[j * stride + k]: of title k without leaving[j]. O(history x (links of a title + n x ingredients)). */
enum { LOSS_TITLES = 192 };
void ensemble_losses(const struct ensemble *e, const struct mix *m, const struct ensemble_view *v,
                     const float *const parts[INGREDIENTS], struct ensemble_scratch *s,
                     const uint32_t *title, size_t n, const uint32_t *leaving, size_t n_leaving,
                     float *ret, size_t stride);

#endif
