#include "math/csr.h"

#include <stdlib.h>
#include <string.h>

/* One element more than asked for, since some systems refuse 0 bytes. Zeroed: fresh pages are so anyway. */
static void *array(uint64_t n, size_t size)
{
    if (n > (SIZE_MAX / 2) / size - 1)
        return NULL;
    return calloc((size_t)n + 1, size);
}

static int reserve(struct csr *m, uint32_t rows, uint32_t cols, uint64_t nnz, struct mq_error *err)
{
    *m = (struct csr){.rows = rows, .cols = cols};
    m->start = array((uint64_t)rows + 1, sizeof *m->start);
    m->col = array(nnz, sizeof *m->col);
    m->value = array(nnz, sizeof *m->value);
    if (m->start && m->col && m->value)
        return 0;
    csr_release(m);
    return mq_fail(err, MQ_NO_MEMORY, "sparse matrix: %llu entries: give the process more memory",
                   (unsigned long long)nnz);
}

/* Counts of each key become where its run starts: start[k] for k in [0, keys]. */
static void starts_of_counts(uint64_t *start, uint32_t keys)
{
    uint64_t at = 0;

    for (uint32_t k = 0; k < keys; k++) {
        uint64_t n = start[k];
        start[k] = at;
        at += n;
    }
    start[keys] = at;
}

/* After filling, start[k] stands at the end of run k: move all down by one run. */
static void starts_rewind(uint64_t *start, uint32_t keys)
{
    memmove(start + 1, start, (size_t)keys * sizeof *start);
    start[0] = 0;
}

int csr_transpose(const struct csr *m, struct csr *ret, struct mq_error *err)
{
    struct csr t;
    uint64_t nnz = csr_nnz(m);
    int rc = reserve(&t, m->cols, m->rows, nnz, err);

    if (rc)
        return rc;
    memset(t.start, 0, ((size_t)t.rows + 1) * sizeof *t.start);
    for (uint64_t k = 0; k < nnz; k++)
        t.start[m->col[k]]++;
    starts_of_counts(t.start, t.rows);
    for (uint32_t r = 0; r < m->rows; r++) {
        for (uint64_t k = m->start[r]; k < m->start[r + 1]; k++) {
            uint64_t at = t.start[m->col[k]]++;
            t.col[at] = r;
            t.value[at] = m->value[k];
        }
    }
    starts_rewind(t.start, t.rows);
    *ret = t;
    return 0;
}

/* Add up equal columns, which stand next to each other and in the order of the triples. */
static void merge_equal(struct csr *m)
{
    uint64_t to = 0;

    for (uint32_t r = 0; r < m->rows; r++) {
        uint64_t from = m->start[r], first = to;
        m->start[r] = to;
        for (uint64_t k = from; k < m->start[r + 1]; k++) {
            if (to > first && m->col[to - 1] == m->col[k]) {
                m->value[to - 1] += m->value[k];
                continue;
            }
            m->col[to] = m->col[k];
            m->value[to++] = m->value[k];
        }
    }
    m->start[m->rows] = to;
}

static int check_triples(uint32_t rows, uint32_t cols, const uint32_t *row, const uint32_t *col,
                         size_t n, struct mq_error *err)
{
    for (size_t k = 0; k < n; k++)
        if (row[k] >= rows || col[k] >= cols)
            return mq_fail(err, MQ_INVALID,
                           "sparse matrix: triple %zu at (%u, %u): must lie within (%u, %u)", k,
                           row[k], col[k], rows, cols);
    return 0;
}

/* Sorts by column into a matrix of columns, whose transpose has its rows in order of column. Both passes
 * keep the order of equal keys, so that sums are always made in the order of the triples. */
int csr_from_triples(uint32_t rows, uint32_t cols, const uint32_t *row, const uint32_t *col,
                     const float *value, size_t n, struct csr *ret, struct mq_error *err)
{
    struct csr by_col, m;
    int rc = check_triples(rows, cols, row, col, n, err);

    if (rc)
        return rc;
    rc = reserve(&by_col, cols, rows, n, err);
    if (rc)
        return rc;
    memset(by_col.start, 0, ((size_t)cols + 1) * sizeof *by_col.start);
    for (size_t k = 0; k < n; k++)
        by_col.start[col[k]]++;
    starts_of_counts(by_col.start, cols);
    for (size_t k = 0; k < n; k++) {
        uint64_t at = by_col.start[col[k]]++;
        by_col.col[at] = row[k];
        by_col.value[at] = value[k];
    }
    starts_rewind(by_col.start, cols);
    rc = csr_transpose(&by_col, &m, err);
    csr_release(&by_col);
    if (rc)
        return rc;
    merge_equal(&m);
    *ret = m;
    return 0;
}

void csr_release(struct csr *m)
{
    if (!m)
        return;
    free(m->start);
    free(m->col);
    free(m->value);
    *m = (struct csr){0};
}
