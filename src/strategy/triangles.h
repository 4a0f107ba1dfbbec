/* triangles.h - which maker, lead and theme have an audience in common, beyond how active it is and what it likes anyway?
 *
 * y_u is the root of how many of a vertex' titles viewer u liked (the root has about the same variance whatever the number), m_u
 * what u's activity (a stratum) and taste (shares of the genres in what u liked) say of it: a linear regression, so that what
 * is left, r = y - m, is orthogonal to both. An edge between two vertices is
 *
 *     z = sum_u r_a r_b / sqrt(sum_u r_a^2 r_b^2)
 *
 * with the titles of both taken out of both. Without themes that are tags, taste would explain the themes away: then activity
 * alone is adjusted for.
 *
 * A triangle is as strong as its weakest edge. So a theme that everybody likes adds nothing, and three vertices that one film
 * brings together are nothing either. */
#ifndef MQ_STRATEGY_TRIANGLES_H
#define MQ_STRATEGY_TRIANGLES_H

#include "base/pool.h"
#include "strategy/vertices.h"

enum {
    TRIANGLES_VIEWERS = 20000, /* a search looks at so many, evenly among the ranks */
    TRIANGLES_STRATA = 20,
    TRIANGLES_BEAM = 20000, /* pairs that are extended */
    TRIANGLES_KEPT = 2000,
};
#define TRIANGLES_EDGE 2.0F  /* every edge's least z */
#define TRIANGLES_ALONE 1.0F /* with any one title left out, and beside any one other vertex */
/* Titles that two vertices share: at most this part of the smaller one's. */
#define TRIANGLES_SHARED 0.34

/* A viewer who looked for it in vain counts as one who wants it. */
struct triangle_wish {
    uint32_t rank, vertex;
};

struct triangle_world {
    const struct catalogue *c;
    const struct vertices *vertices;
    const struct likes *likes;
    uint32_t n, columns;                /* viewers, columns of x */
    uint32_t *rank, step;               /* (n) ascending, so far apart */
    const struct triangle_wish *wishes; /* (n_wishes) by vertex */
    size_t n_wishes;
    float *x;         /* (n, columns): 1 in the column of the stratum, then shares of genres */
    uint8_t *stratum; /* (n) which that is */
    float *inverse;   /* (columns, columns) of x'x */
    float *beta;      /* (vertices, columns): inverse x'y */
    float *product, *variance; /* (vertices, vertices): sum r_a r_b, sum r_a^2 r_b^2 */
};

/* The viewers of rank `phase`, `phase` + `step` ...: a sample, or a half. wishes (n_wishes) by vertex; may be NULL. */
int triangle_world_make(const struct catalogue *c, const struct vertices *v, const struct likes *l,
                        uint32_t step, uint32_t phase, const struct triangle_wish *wishes,
                        size_t n_wishes, struct pool *pool, struct triangle_world *ret,
                        struct mq_error *err);
void triangle_world_release(struct triangle_world *w);

struct triangle {
    uint32_t v[VERTEX_KINDS]; /* numbers of vertices */
    float edge[VERTEX_KINDS]; /* maker-lead, maker-theme, lead-theme */
    float weakest;
    uint32_t supply; /* titles of all three */
};

struct triangles {
    struct triangle *list; /* (n) strongest first */
    uint32_t n;
    uint64_t tested; /* admissible triangles of all vertices */
    uint64_t strong; /* whose weakest edge is TRIANGLES_EDGE or more */
    double beyond;   /* sum over these of what the weakest edge is beyond it */
};

/* Beam search: pairs of a maker and a lead by their edge, then each theme. Triples of more than `supply_max` existing
 * titles, and those with an edge below TRIANGLES_EDGE, are not counted. MQ_NO_MEMORY. */
int triangles_find(const struct triangle_world *w, uint32_t supply_max, struct pool *pool,
                   struct triangles *ret, struct mq_error *err);
void triangles_release(struct triangles *t);

/* Every edge of one triangle in another world (a half). */
int triangle_edges(const struct triangle_world *w, struct triangle *t, struct mq_error *err);

/* The weakest edge when any one title is left out of all three, the lowest that comes of it; and which title that is. */
int triangle_without_one(const struct triangle_world *w, const struct triangle *t, float *ret,
                         uint32_t *ret_title, struct mq_error *err);

/* The weakest edge beside any one other vertex, the lowest that comes of it; and which vertex that is. For each of the three
 * edges and each vertex of two titles or more that is no corner: what that one has of an edge's sides is left out of them (where
 * it is not more than TRIANGLES_SHARED of a side), and what viewers think of its other titles is taken out of both, as activity
 * and taste are. So two corners of which both have titles of a third person go together no more; nor do two that share nothing
 * but that fans of something else, whom it keeps busy, are less often among either's. */
int triangle_beside(const struct triangle_world *w, const struct triangle *t, float *ret,
                    uint32_t *ret_vertex, struct mq_error *err);

/* The weakest edge given what viewers think of all the titles of another triangle's corners (but of those that are corners of
 * this one too), as triangle_beside has it of one vertex: an echo of that triangle has none left. */
int triangle_given(const struct triangle_world *w, const struct triangle *t,
                   const struct triangle *other, float *ret, struct mq_error *err);

/* Viewers who want all three, and how many would if each wanted each for reasons of their own (activity and taste). Titles of
 * two sides are left out. */
struct triangle_demand {
    double viewers, expected;
};
int triangle_demand(const struct triangle_world *w, const struct triangle *t,
                    struct triangle_demand *ret, struct mq_error *err);

#endif
