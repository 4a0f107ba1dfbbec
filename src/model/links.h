/* links.h - how much does having watched i say about j? One number for a pair of titles, whatever it was made
 * from: EASE, shrunk cosine, transitions. */
#ifndef MQ_MODEL_LINKS_H
#define MQ_MODEL_LINKS_H

#include <stddef.h>
#include <stdint.h>

/* Rows are what was watched, columns what is scored. Either every pair (dense) or the strongest of each row
 * (start, col, value as in math/csr.h). All NULL and n 0: no links. */
struct links {
    uint32_t n;            /* titles: rows and columns */
    const float *dense;    /* (n, n) row-major, or NULL */
    const uint64_t *start; /* (n + 1) */
    const uint32_t *col;   /* below n */
    const float *value;
};

/* to[j] += coefficient * link(i, j) for all j; i at or past n adds nothing. */
void links_add(const struct links *l, uint32_t i, float coefficient, float *to);

/* link(i, j); 0 where there is none. */
float links_get(const struct links *l, uint32_t i, uint32_t j);

/* Frees the arrays, which must be heap memory. */
void links_release(struct links *l);

#endif
