#include "math/small_ridge.h"

#include <math.h>
#include <string.h>

enum { MAX = SMALL_RIDGE_MAX };

/* Solves a z = y in place for a symmetric positive definite a (k, MAX), lower triangle; z overwrites y. */
static bool solve(double a[MAX][MAX], size_t k, double *y)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++) {
            double s = a[i][j];
            for (size_t t = 0; t < j; t++)
                s -= a[i][t] * a[j][t];
            if (i == j && !(s > 0))
                return false;
            a[i][j] = i == j ? sqrt(s) : s / a[j][j];
        }
    }
    for (size_t i = 0; i < k; i++) {
        for (size_t t = 0; t < i; t++)
            y[i] -= a[i][t] * y[t];
        y[i] /= a[i][i];
    }
    for (size_t i = k; i-- > 0;) {
        for (size_t t = i + 1; t < k; t++)
            y[i] -= a[t][i] * y[t];
        y[i] /= a[i][i];
    }
    return true;
}

/* Means, and standard deviations (0: constant, to within rounding). */
static void moments(const double *x, size_t p, const uint32_t *use, size_t n, double *mean,
                    double *sd)
{
    for (size_t c = 0; c < p; c++) {
        double sum = 0;
        double square = 0;
        for (size_t i = 0; i < n; i++)
            sum += x[use[i] * p + c];
        mean[c] = sum / (double)n;
        for (size_t i = 0; i < n; i++) {
            double d = x[use[i] * p + c] - mean[c];
            square += d * d;
        }
        sd[c] = sqrt(square / (double)n);
        if (sd[c] < 1e-9 * (1 + fabs(mean[c])))
            sd[c] = 0;
    }
}

int small_ridge_fit(const double *x, size_t p, const double *y, const uint32_t *use, size_t n,
                    uint64_t columns, double penalty, struct small_ridge *ret, struct mq_error *err)
{
    struct small_ridge r = {.p = p};
    double a[MAX][MAX];
    double right[MAX] = {0};
    double sd[MAX];
    size_t at[MAX];
    size_t k = 0;
    if (n == 0 || p > MAX || !(penalty > 0))
        return mq_fail(err, MQ_INVALID, "ridge: %zu rows of %zu columns, penalty %g: too few", n, p,
                       penalty);
    moments(x, p, use, n, r.mean, sd);
    for (size_t i = 0; i < n; i++)
        r.intercept += y[use[i]] / (double)n;
    for (size_t c = 0; c < p; c++) {
        if (columns >> c & 1 && sd[c] != 0) /* not a number: the solve fails */
            at[k++] = c;
    }
    memset(a, 0, sizeof(a));
    for (size_t i = 0; i < n; i++) {
        const double *row = x + use[i] * p;
        double z[MAX];
        for (size_t c = 0; c < k; c++)
            z[c] = (row[at[c]] - r.mean[at[c]]) / sd[at[c]];
        for (size_t c = 0; c < k; c++) {
            right[c] += z[c] * (y[use[i]] - r.intercept);
            for (size_t d = 0; d <= c; d++)
                a[c][d] += z[c] * z[d];
        }
    }
    for (size_t c = 0; c < k; c++)
        a[c][c] += penalty;
    if (!solve(a, k, right))
        return mq_fail(err, MQ_INVALID, "ridge: not finite: check the columns");
    for (size_t c = 0; c < k; c++)
        r.b[at[c]] = right[c] / sd[at[c]];
    *ret = r;
    return 0;
}

double small_ridge_value(const struct small_ridge *r, const double *x)
{
    double v = r->intercept;
    for (size_t c = 0; c < r->p; c++)
        v += r->b[c] * (x[c] - r->mean[c]);
    return v;
}
