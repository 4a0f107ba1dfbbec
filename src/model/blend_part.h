/* blend_part.h - what a model knows beside taste: which titles go together, what follows what, what is popular
 * when, and how much each of these views counts. ensemble.h scores with it. */
#ifndef MQ_MODEL_BLEND_PART_H
#define MQ_MODEL_BLEND_PART_H

#include "base/buf.h"
#include "base/error.h"
#include "model/links.h"

/* One view of what comes next each. Their numbers stand in model files: new ones go to the end. */
enum ingredient {
    INGREDIENT_POPULARITY,  /* log(1 + viewers) */
    INGREDIENT_RECENT_SLOW, /* the same with viewers weighed by how lately they came */
    INGREDIENT_RECENT_MIDDLE,
    INGREDIENT_RECENT_FAST,
    INGREDIENT_SINCE, /* log(1 + viewers since this one was last here) */
    INGREDIENT_TASTE, /* iALS, folded in */
    INGREDIENT_EASE,
    INGREDIENT_EASE_LONG, /* with falling weight of what is further back */
    INGREDIENT_EASE_MIDDLE,
    INGREDIENT_EASE_SHORT,
    INGREDIENT_KNN,         /* root of summed shrunk cosines */
    INGREDIENT_NEAR_CHANCE, /* root of the chance to follow, soon after the latest title */
    INGREDIENT_NEAR_COSINE,
    INGREDIENT_NEAR_CHANCE_WIDE, /* after the latest few */
    INGREDIENT_NEAR_COSINE_WIDE,
    INGREDIENT_FAR_CHANCE, /* the same, within a longer stretch */
    INGREDIENT_FAR_COSINE,
    INGREDIENT_FAR_CHANCE_WIDE,
    INGREDIENT_FAR_COSINE_WIDE,
    INGREDIENT_NEW_SLOW, /* 2^-(time since anybody first came to it / half-life) */
    INGREDIENT_NEW_MIDDLE,
    INGREDIENT_NEW_FAST,
    INGREDIENTS
};

enum { RECENT_SPEEDS = 3, TRANSITION_KINDS = 2 };

struct mix {
    float weight[INGREDIENTS];
};

/* How many came to each title by some moments, so that a question of the past is answered from what was known then.
 * Moment s holds for questions from at_ms[s] on; before the first nothing is known. */
struct trends {
    uint32_t moments;
    uint32_t
        recent_from; /* recent has rows for the moments from here on; earlier ones take the first row */
    const int64_t *at_ms; /* (moments) ascending */
    const float *recent
        [RECENT_SPEEDS]; /* (moments - recent_from, n_titles) log(1 + viewers, older ones less) */
    const float *total;  /* (moments, n_titles) viewers */
    const float *fresh[RECENT_SPEEDS]; /* (n_titles) how new at the last moment; NULL: not known */
    /* While models are compared, all that was counted; a file has none of it. */
    const int64_t *first_ms; /* (n_titles) the first that came; INT64_MAX: none */
    size_t n_came;
    const uint32_t *came;   /* (n_came) titles by time; NULL: not kept */
    const int64_t *came_ms; /* (n_came) ascending */
    double half_life_ms[RECENT_SPEEDS];
};

enum {
    BLEND_ROW_MAX = 1024, /* links of a title, on average */
    BLEND_MOMENTS_MAX = 128,
    BLEND_CELLS_MAX = 4 << 20, /* moments x titles, where there is more than one moment */
    BLEND_LINKS = 2 + TRANSITION_KINDS,
    BLEND_SCORED = 8, /* models measured beside each other */
};

/* How the weights were found. */
struct blend_facts {
    double ease_lambda, shrink;
    uint32_t neighbours;
    uint32_t published;        /* which of the models below */
    uint32_t n_scored;         /* 0: nothing was measured */
    double ndcg[BLEND_SCORED]; /* NDCG@10 on held-out questions, NaN = not measured */
};

struct blend_part {
    uint32_t
        n; /* titles, as many as the model has; 0: there is no blend, and taste alone gives the order */
    struct mix mix;
    struct blend_facts facts;
    const float *popularity;                           /* (n) log(1 + viewers) */
    struct links ease, knn, follows[TRANSITION_KINDS]; /* sparse; n 0: none */
    const float *from_scale[TRANSITION_KINDS];         /* (n) see train/transitions.h */
    const float *to_scale[TRANSITION_KINDS];
    struct trends trends; /* recent of the last moment only */
};

/* ---------------------------------------------------------------- in the file
 *
 * Sections in a fixed order, each of a size that follows from the dimensions. The header has them as
 * u32 n, moments, u64 links of ease, knn, near, far; further back, where earlier formats have 0, whether it knows how new
 * titles are. */

enum { BLEND_SECTIONS = 3 + 3 * BLEND_LINKS + 2 * TRANSITION_KINDS + 2 * RECENT_SPEEDS + 1 };

/* Dimensions alone, as the header has them. */
struct blend_shape {
    uint32_t n, moments;
    uint64_t links[BLEND_LINKS];
    uint32_t fresh; /* 0 or 1; not among what put_shape writes */
};

struct blend_shape blend_shape_of(const struct blend_part *b);
void blend_put_shape(const struct blend_shape *s, struct buf *out);
struct blend_shape blend_get_shape(struct cursor *c);
/* False: past a maximum, or not of a model of n_titles. */
bool blend_shape_fits(const struct blend_shape *s, uint32_t n_titles);

/* Sizes of the sections in their order. */
void blend_sizes(const struct blend_shape *s, uint64_t ret[BLEND_SECTIONS]);
/* What section i holds; the head of weights and facts is made into `head`. */
enum { BLEND_HEAD = 64 /* doubles */ };
const void *blend_section_of(const struct blend_part *b, size_t i, double head[BLEND_HEAD]);
/* The reverse: point into sections p[i] of the shape's sizes. False: links of another number than their sections hold;
 * all else is unchecked. */
bool blend_place(const struct blend_shape *s, const void *const p[BLEND_SECTIONS],
                 struct blend_part *ret);
/* NULL, or what is wrong with it. */
const char *blend_fault(const struct blend_part *b);

#endif
