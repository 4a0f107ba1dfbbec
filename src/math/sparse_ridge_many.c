/* sparse_ridge_many.c - conjugate gradients side by side: vectors are (entries, RIDGE_MANY), each outcome has its own steps. */
#include "math/sparse_ridge_many.h"

#include <math.h>
#include <string.h>

enum { MANY = RIDGE_MANY };

size_t sparse_ridge_many_scratch(const struct csr *x)
{
    return (4 * (size_t)x->cols + x->rows) * MANY;
}

static double weight_of(const struct sparse_ridge *s, uint32_t row)
{
    return s->weight ? (double)s->weight[row] : 1;
}

static void row_dots(struct csr_row r, const double *b, double *restrict ret)
{
    double sum[MANY] = {0};
    for (size_t k = 0; k < r.n; k++) {
        const double *of = b + (size_t)r.col[k] * MANY;
        for (int t = 0; t < MANY; t++)
            sum[t] += (double)r.value[k] * of[t];
    }
    memcpy(ret, sum, sizeof(sum));
}

/* out = X' u; u is 0 outside `use`. */
static void gather(const struct sparse_ridge *s, const double *u, double *out)
{
    for (uint32_t c = 0; c < s->x->cols; c++) {
        double *to = out + (size_t)c * MANY;
        if (isinf(s->penalty[c]))
            memset(to, 0, MANY * sizeof(*to));
        else
            row_dots(csr_row(s->by_column, c), u, to);
    }
}

/* out = (X'WX + P) p; u (rows, MANY) is scratch, 0 outside `use`. */
static void apply(const struct sparse_ridge *s, const double *p, double *u, double *out)
{
    for (uint32_t i = 0; i < s->n_use; i++) {
        double *to = u + (size_t)s->use[i] * MANY;
        double w = weight_of(s, s->use[i]);
        row_dots(csr_row(s->x, s->use[i]), p, to);
        for (int t = 0; t < MANY; t++)
            to[t] = w * to[t];
    }
    gather(s, u, out);
    for (uint32_t c = 0; c < s->x->cols; c++) {
        double by = (double)s->penalty[c];
        size_t at = (size_t)c * MANY;
        for (int t = 0; t < MANY && !isinf(by); t++)
            out[at + (size_t)t] += by * p[at + (size_t)t];
    }
}

static void dots(const double *a, const double *b, uint32_t n, double *restrict ret)
{
    double sum[MANY] = {0};
    for (size_t i = 0; i < n; i++) {
        for (size_t t = 0; t < MANY; t++)
            sum[t] += a[i * MANY + t] * b[i * MANY + t];
    }
    memcpy(ret, sum, sizeof(sum));
}

/* u = W (y - mean) */
static void start(const struct sparse_ridge *s, const float *y, double *u, float *ret_mean)
{
    for (size_t t = 0; t < MANY; t++) {
        const float *of = y + t * s->x->rows;
        double sum = 0;
        double weight = 0;
        for (uint32_t i = 0; i < s->n_use; i++) {
            sum += weight_of(s, s->use[i]) * (double)of[s->use[i]];
            weight += weight_of(s, s->use[i]);
        }
        ret_mean[t] = weight > 0 ? (float)(sum / weight) : 0;
        for (uint32_t i = 0; i < s->n_use; i++)
            u[(size_t)s->use[i] * MANY + t] =
                weight_of(s, s->use[i]) * (double)(of[s->use[i]] - ret_mean[t]);
    }
}

struct steps {
    double rr[MANY], stop[MANY];
};

/* Outcomes that still move. */
static bool any_left(const struct steps *w, bool *ret)
{
    bool any = false;
    for (int t = 0; t < MANY; t++)
        any |= ret[t] = w->rr[t] > w->stop[t] && w->rr[t] > 0;
    return any;
}

static void step(const struct sparse_ridge *s, struct steps *w, const bool *moves, double *b,
                 double *u)
{
    size_t n = (size_t)s->x->cols * MANY;
    double *r = b + n;
    double *p = r + n;
    double *q = p + n;
    double a[MANY], next[MANY], by[MANY];
    apply(s, p, u, q);
    dots(p, q, s->x->cols, a);
    for (int t = 0; t < MANY; t++)
        a[t] = moves[t] ? w->rr[t] / a[t] : 0;
    for (size_t i = 0; i < n; i += MANY) {
        for (size_t t = 0; t < MANY; t++) {
            b[i + t] += a[t] * p[i + t];
            r[i + t] -= a[t] * q[i + t];
        }
    }
    dots(r, r, s->x->cols, next);
    for (int t = 0; t < MANY; t++) {
        by[t] = moves[t] ? next[t] / w->rr[t] : 0;
        w->rr[t] = moves[t] ? next[t] : w->rr[t];
    }
    for (size_t i = 0; i < n; i += MANY) {
        for (size_t t = 0; t < MANY; t++)
            p[i + t] = r[i + t] + by[t] * p[i + t];
    }
}

void sparse_ridge_fit_many(const struct sparse_ridge *s, const float *y, double *scratch,
                           float *ret_b, float *ret_mean)
{
    enum { STEPS = 50 };
    size_t n = (size_t)s->x->cols * MANY;
    double *b = scratch;
    double *r = b + n;
    double *u = b + 4 * n;
    struct steps w = {0};
    bool moves[MANY];
    memset(scratch, 0, sparse_ridge_many_scratch(s->x) * sizeof(*scratch));
    start(s, y, u, ret_mean);
    gather(s, u, r);
    memcpy(r + n, r, n * sizeof(*r));
    dots(r, r, s->x->cols, w.rr);
    for (int t = 0; t < MANY; t++)
        w.stop[t] = w.rr[t] * 1e-6;
    unsigned steps = s->steps ? s->steps : STEPS;
    for (unsigned k = 0; k < steps && any_left(&w, moves); k++)
        step(s, &w, moves, b, u);
    for (size_t t = 0; t < MANY; t++) {
        for (size_t c = 0; c < s->x->cols; c++)
            ret_b[t * s->x->cols + c] = (float)b[c * MANY + t];
    }
}
