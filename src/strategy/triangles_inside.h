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
/* (x'x)^-1 x'y; ret (columns). */
void triangle_regress(const struct triangle_world *w, const float *y, float *ret);
/* x . beta of a viewer. */
float triangle_fitted(const struct triangle_world *w, uint32_t column, const float *beta);

/* Titles of two vertices, at most TRIANGLES_WITHOUT; returns how many there are. */
uint32_t pair_shared(const struct vertices *v, uint32_t a, uint32_t b, uint32_t *ret);
/* Titles of at least two of the three, each once. */
uint32_t triangle_shared(const struct vertices *v, const struct triangle *t, uint32_t *ret);

#endif
