#include "math/sparse_ridge.h"

#include <math.h>
#include <string.h>

size_t sparse_ridge_scratch(const struct csr *x)
{
    return 4 * (size_t)x->cols + x->rows;
}

static double weight_of(const struct sparse_ridge *s, uint32_t row)
{
    return s->weight ? (double)s->weight[row] : 1;
}

static double row_dot(const struct csr *x, uint32_t row, const double *b)
{
    struct csr_row r = csr_row(x, row);
    double sum = 0;
    for (size_t k = 0; k < r.n; k++)
        sum += (double)r.value[k] * b[r.col[k]];
    return sum;
}

/* out = X' u over all rows (u is 0 outside `use`); by columns, so that sums have one order. */
static void gather(const struct sparse_ridge *s, const double *u, double *out)
{
    for (uint32_t c = 0; c < s->x->cols; c++)
        out[c] = isinf(s->penalty[c]) ? 0 : row_dot(s->by_column, c, u);
}

/* out = (X'WX + P) p; u (rows) is scratch, 0 outside `use`. */
static void apply(const struct sparse_ridge *s, const double *p, double *u, double *out)
{
    for (uint32_t i = 0; i < s->n_use; i++) {
        uint32_t row = s->use[i];
        u[row] = weight_of(s, row) * row_dot(s->x, row, p);
    }
    gather(s, u, out);
    for (uint32_t c = 0; c < s->x->cols; c++)
        if (!isinf(s->penalty[c]))
            out[c] += (double)s->penalty[c] * p[c];
}

static double dot(const double *a, const double *b, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static float weighted_mean(const struct sparse_ridge *s, const float *y)
{
    double sum = 0;
    double weight = 0;
    for (uint32_t i = 0; i < s->n_use; i++) {
        double w = weight_of(s, s->use[i]);
        sum += w * (double)y[s->use[i]];
        weight += w;
    }
    return weight > 0 ? (float)(sum / weight) : 0;
}

void sparse_ridge_fit(const struct sparse_ridge *s, const float *y, double *scratch, float *ret_b,
                      float *ret_mean)
{
    enum { STEPS = 50 };
    uint32_t n = s->x->cols;
    double *b = scratch;
    double *r = b + n;
    double *p = r + n;
    double *q = p + n;
    double *u = q + n;
    memset(scratch, 0, sparse_ridge_scratch(s->x) * sizeof(*scratch));
    float mean = weighted_mean(s, y);
    for (uint32_t i = 0; i < s->n_use; i++)
        u[s->use[i]] = weight_of(s, s->use[i]) * (double)(y[s->use[i]] - mean);
    gather(s, u, r);
    memcpy(p, r, n * sizeof(*p));
    double rr = dot(r, r, n);
    double stop = rr * 1e-6;
    unsigned steps = s->steps ? s->steps : STEPS;
    for (unsigned k = 0; k < steps && rr > stop && rr > 0; k++) {
        apply(s, p, u, q);
        double a = rr / dot(p, q, n);
        for (uint32_t c = 0; c < n; c++) {
            b[c] += a * p[c];
            r[c] -= a * q[c];
        }
        double next = dot(r, r, n);
        for (uint32_t c = 0; c < n; c++)
            p[c] = r[c] + next / rr * p[c];
        rr = next;
    }
    for (uint32_t c = 0; c < n; c++)
        ret_b[c] = (float)b[c];
    *ret_mean = mean;
}

float sparse_ridge_row(struct csr_row x, const float *b, float mean)
{
    double sum = (double)mean;
    for (size_t k = 0; k < x.n; k++)
        sum += (double)x.value[k] * (double)b[x.col[k]];
    return (float)sum;
}

float sparse_ridge_value(const struct csr *x, uint32_t row, const float *b, float mean)
{
    return sparse_ridge_row(csr_row(x, row), b, mean);
}
