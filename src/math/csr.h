/* csr.h - sparse rows: who did what, compressed by row. */
#ifndef MQ_MATH_CSR_H
#define MQ_MATH_CSR_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Row r holds columns col[start[r] .. start[r+1]), ascending, each once, with values beside them. */
struct csr {
    uint32_t rows, cols;
    uint64_t *start; /* (rows + 1) */
    uint32_t *col;   /* (nnz) */
    float *value;    /* (nnz) */
};

struct csr_row {
    const uint32_t *col;
    const float *value;
    size_t n;
};

static inline uint64_t csr_nnz(const struct csr *m)
{
    return m->start[m->rows];
}

static inline struct csr_row csr_row(const struct csr *m, uint32_t r)
{
    uint64_t at = m->start[r];
    return (struct csr_row){m->col + at, m->value + at, (size_t)(m->start[r + 1] - at)};
}

/* From triples in any order; equal (row, col) pairs are added up. The arrays are heap memory. */
int csr_from_triples(uint32_t rows, uint32_t cols, const uint32_t *row, const uint32_t *col,
                     const float *value, size_t n, struct csr *ret, struct mq_error *err);
int csr_transpose(const struct csr *m, struct csr *ret, struct mq_error *err);
void csr_release(struct csr *m);

#endif
