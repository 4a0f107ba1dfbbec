/* triangles.h - which maker, lead and theme have an audience in common, beyond how active it is and what it likes anyway?
 *
 * y_u is the root of how many of a vertex' titles viewer u liked (the root has about the same variance whatever the number), m_u
 * what u's activity (a stratum of its likes, and where in it) and taste (shares of the genres in what else u liked: with the vertex' own
 * titles among them two people of one genre would seem to exclude each other) say of it: a linear regression. Of what is left, r = y - m, an
 * edge between two vertices is
 *
 *     z = (sum_u r_a r_b - e) / sqrt(sum_u r_a^2 r_b^2)
 *
 * with the titles of both taken out of both. e is the sum where nobody's likes have to do with each other. It is below 0: of u's N
 * likes those of a are none of b, and for independent Poisson counts given their sum cov(y_a, y_b) = - h_a h_b / N, h the
 * covariance of y and its count, h = E[(Y - EY) sqrt Y] (Stein 1972, Chen 1975: to first order in the counts); taste, told from likes too, adds
 * its part (triangle_lean). Without e a theme that is a third of all likes would hide every follower: z is then 3 to 10
 * below 0 for 2,500 viewers. In worlds without affinities its mean is 0 to .2 and its variance 1 for each pair.
 *
 * Without themes that are tags, taste would explain the themes away: then activity alone is adjusted for.
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
    TRIANGLES_TASTE = TRIANGLES_STRATA + 1,
    TRIANGLES_BEAM = 20000, /* pairs that are extended */
    TRIANGLES_KEPT = 2000,
    TRIANGLES_MADE = 200,
};
#define TRIANGLES_PRIOR 2.0F /* likes' worth of the usual genres that everybody is taken to have */
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
    float *
        x; /* (n, columns): 1 in the column of the stratum, where in it the root of the likes is, shares of genres */
    uint8_t *stratum; /* (n) which that is */
    float *active, *per_like,
        *per_root;  /* (n) likes; 1 / (likes + TRIANGLES_PRIOR), 1 / their root */
    float *inverse; /* (columns, columns) of x'x */
    float *genre_share,
        *genres_together;      /* (genres), (genres, genres) of all likes: means and covariances */
    float spread;              /* sum of active / (active + TRIANGLES_PRIOR)^2 */
    float *product, *variance; /* (vertices, vertices): sum r_a r_b - e, sum r_a^2 r_b^2 */
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
    struct triangle *made; /* (n_made) those of more titles than that, strongest first */
    uint32_t n_made;
    uint64_t tested; /* admissible triangles of all vertices */
    uint64_t strong; /* whose weakest edge is TRIANGLES_EDGE or more */
    double beyond;   /* sum over these of what the weakest edge is beyond it */
};

/* Beam search: pairs of a maker and a lead by their edge, then each theme. Triples of more than `supply_max` existing
 * titles, and those with an edge below TRIANGLES_EDGE, are not counted. MQ_NO_MEMORY. */
int triangles_find(const struct triangle_world *w, uint32_t supply_max, struct pool *pool,
                   struct triangles *ret, struct mq_error *err);
void triangles_release(struct triangles *t);

/* The weakest edge when any one title is left out of all three, the lowest that comes of it; and which title that is. What comes below
 * `enough` is not looked at further. */
int triangle_without_one(const struct triangle_world *w, const struct triangle *t, float enough,
                         float *ret, uint32_t *ret_title, struct mq_error *err);

/* The weakest edge beside any one other vertex, the lowest that comes of it; below `enough` no other is looked at. For each of the three
 * edges and each vertex of two titles or more that is no corner: what that one has of an edge's sides is left out of them (where
 * it is not more than TRIANGLES_SHARED of a side), and what viewers think of its other titles is taken out of both, as activity
 * and taste are. So two corners of which both have titles of a third person go together no more; nor do two that share nothing
 * but that fans of something else, whom it keeps busy, are less often among either's. */
int triangle_beside(const struct triangle_world *w, const struct triangle *t, float enough,
                    float *ret, struct mq_error *err);

/* The weakest edge given all titles of another triangle's corners (but of those that are corners of this one too): they are left out of
 * the sides (while VERTEX_TITLES stay), out of everybody's activity and out of taste, and what viewers think of them is taken out of both
 * sides. Its fans, whom it keeps busy, seem less active in all other titles than others with as many likes: so any two vertices go
 * together for its sake, and given it they don't: an echo's edges are as in a world without affinities. An edge of `enough` or less ends it. */
int triangle_given(const struct triangle_world *w, const struct triangle *t,
                   const struct triangle *other, float enough, float *ret, struct mq_error *err);

/* Viewers who want all three, and how many would if each wanted each for reasons of their own (activity and taste). Titles of
 * two sides are left out. */
struct triangle_demand {
    double viewers, expected;
};
int triangle_demand(const struct triangle_world *w, const struct triangle *t,
                    struct triangle_demand *ret, struct mq_error *err);

#endif
