/* triangles_inside.h - what the files of triangles.h share. */
#ifndef MQ_STRATEGY_TRIANGLES_INSIDE_H
#define MQ_STRATEGY_TRIANGLES_INSIDE_H

#include "strategy/triangles.h"

enum {
    TRIANGLES_WITHOUT = 64
}; /* shared titles of a pair or a triangle; beyond, it is not admissible */

bool title_is_among(const uint32_t *list, uint32_t n, uint32_t title);
/* y of a vertex without some titles (n); and what of each viewer's likes that is (n, genres + 1): by genre, and in all. Without genres `own` is
 * not touched. */
void triangle_lay_out(const struct triangle_world *w, uint32_t vertex, const uint32_t *without,
                      uint32_t n_without, float *ret, float *own);
/* The same of any titles, without wishes. */
void triangle_lay_out_titles(const struct triangle_world *w, const struct vertex *v,
                             const uint32_t *without, uint32_t n_without, float *ret, float *own);

/* --- activity and taste --- */

/* Fills in what `columns`, `n` and `rank` leave to fill in, as if nobody had liked the titles of `without` (may be NULL). */
int triangle_describe(struct triangle_world *w, const uint64_t *without, struct mq_error *err);
void triangle_describe_release(struct triangle_world *w);
/* (x'x)^-1 x'y, shares of genres without the vertex' own titles and moved so that their means stay; ret (columns + 1), the last for the move. */
void triangle_regress(const struct triangle_world *w, const float *y, const float *own, float *ret);
/* x . beta of a viewer. */
float triangle_fitted(const struct triangle_world *w, uint32_t column, const float *own,
                      const float *beta);

/* How a vertex leans on taste: its regression on shares of genres, the same times genres_together, the genres of its likes beyond the
 * usual ones, and sum_u h / (N + prior). */
struct leaning {
    float beta[CATALOGUE_GENRES_MAX], together[CATALOGUE_GENRES_MAX];
    float towards[CATALOGUE_GENRES_MAX], sum;
};
/* y (n) of some titles of v becomes what is left of it; lack (n) what likes of another vertex keep from it: h / sqrt(N), so that the product of two
 * vertices' is minus the covariance of their roots where nobody's likes have to do with each other. beta (columns + 1): room. */
void triangle_rest(const struct triangle_world *w, const struct vertex *v, const uint32_t *without,
                   uint32_t n_without, const float *own, float *beta, float *y, float *lack,
                   struct leaning *ret);
/* That covariance's other part, summed over viewers: shares of genres are told from the likes of both. */
float triangle_lean(const struct triangle_world *w, const struct leaning *a,
                    const struct leaning *b);

/* The same viewers as if nobody had liked these titles, but that what vertices have of them stays; without products. */
int triangle_world_without(const struct triangle_world *w, const uint64_t *without,
                           struct triangle_world *ret, struct mq_error *err);

/* Titles of two vertices, at most TRIANGLES_WITHOUT; returns how many there are. */
uint32_t pair_shared(const struct vertices *v, uint32_t a, uint32_t b, uint32_t *ret);
uint32_t titles_shared(const struct vertex *a, const struct vertex *b, uint32_t *ret);
/* Those of `more` that the list lacks are put behind it, while there is room; returns its length. */
uint32_t titles_add_new(uint32_t *list, uint32_t n, const uint32_t *more, uint32_t n_more);

/* --- edges --- */

struct edge_scratch {
    float *y;    /* (4, n) */
    float *own;  /* (n, genres + 1) */
    float *beta; /* (columns) */
};
int edge_scratch_init(const struct triangle_world *w, struct edge_scratch *s, struct mq_error *err);
void edge_scratch_release(struct edge_scratch *s);
/* What is left of a vertex without some titles (n), and what it lacks (n). */
void edge_residuals(const struct triangle_world *w, uint32_t vertex, const uint32_t *without,
                    uint32_t n, const struct edge_scratch *s, float *y, float *lack,
                    struct leaning *ret);

/* Titles of at least two of the three, each once. */
uint32_t triangle_shared(const struct vertices *v, const struct triangle *t, uint32_t *ret);

#endif
