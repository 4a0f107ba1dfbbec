#include "planted.h"

#include <stdlib.h>

#include "base/rng.h"

struct triples {
    uint32_t *row, *col;
    float *value;
    size_t n;
};

static struct triples triples_of(size_t max)
{
    return (struct triples){calloc(max, 4), calloc(max, 4), calloc(max, 4), 0};
}

static void add(struct triples *t, uint32_t u, uint32_t i)
{
    t->row[t->n] = u;
    t->col[t->n] = i;
    t->value[t->n++] = 1;
}

static void finish(struct triples *t, uint32_t viewers, uint32_t titles, struct csr *ret)
{
    if (ret && csr_from_triples(viewers, titles, t->row, t->col, t->value, t->n, ret, NULL) != 0)
        abort();
    free(t->row);
    free(t->col);
    free(t->value);
}

void planted(uint32_t viewers, uint32_t titles, uint64_t seed, struct csr *earlier,
             struct csr *later)
{
    struct triples a = triples_of((size_t)viewers * titles),
                   b = triples_of((size_t)viewers * titles);
    struct rng rng;

    rng_seed(&rng, seed);
    for (uint32_t u = 0; u < viewers; u++)
        for (uint32_t i = 0; i < titles; i++) {
            double liked = u % PLANTED_TASTES == i % PLANTED_TASTES ? 0.6 : 0.15;
            double known = 1.0 - 0.8 * i / titles;
            if (rng_double(&rng) < liked * known)
                add(later && rng_below(&rng, 2) ? &b : &a, u, i);
        }
    finish(&a, viewers, titles, earlier);
    finish(&b, viewers, titles, later);
}
