/* triangles_inside.h - what triangles.c and triangles_search.c share. */
#ifndef MQ_STRATEGY_TRIANGLES_INSIDE_H
#define MQ_STRATEGY_TRIANGLES_INSIDE_H

#include "strategy/triangles.h"

enum {
    TRIANGLES_WITHOUT = 64
}; /* shared titles of a pair or a triangle; beyond, it is not admissible */

/* The column of a rank, or ID_NONE. */
uint32_t triangle_column(const struct triangle_world *w, uint32_t rank);
/* y of a vertex without some titles; ret (n) zeroed. */
void triangle_lay_out(const struct triangle_world *w, uint32_t vertex, const uint32_t *without,
                      uint32_t n_without, float *ret);
/* The same of any titles, without wishes. */
void triangle_lay_out_titles(const struct triangle_world *w, const struct vertex *v,
                             const uint32_t *without, uint32_t n_without, float *ret);
/* (x'x)^-1 x'y; ret (columns). */
void triangle_regress(const struct triangle_world *w, const float *y, float *ret);
/* x . beta of a viewer. */
float triangle_fitted(const struct triangle_world *w, uint32_t column, const float *beta);

/* Titles of two vertices, at most TRIANGLES_WITHOUT; returns how many there are. */
uint32_t pair_shared(const struct vertices *v, uint32_t a, uint32_t b, uint32_t *ret);
uint32_t titles_shared(const struct vertex *a, const struct vertex *b, uint32_t *ret);
/* Those of `more` that the list lacks are put behind it, while there is room; returns its length. */
uint32_t titles_add_new(uint32_t *list, uint32_t n, const uint32_t *more, uint32_t n_more);

/* --- edges --- */

struct edge_scratch {
    float *y;    /* (2, n) */
    float *beta; /* (columns) */
};
int edge_scratch_init(const struct triangle_world *w, struct edge_scratch *s, struct mq_error *err);
void edge_scratch_release(struct edge_scratch *s);
/* What is left of a vertex without some titles (n). */
void edge_residuals(const struct triangle_world *w, uint32_t vertex, const uint32_t *without,
                    uint32_t n, float *y, float *beta);

/* Titles of at least two of the three, each once. */
uint32_t triangle_shared(const struct vertices *v, const struct triangle *t, uint32_t *ret);

#endif
