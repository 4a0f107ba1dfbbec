#include "model/rate.h"

#include <math.h>

enum { UNKNOWNS_MAX = RATING_RANK_MAX + 1 };
static const double ninety = 1.645; /* deviations either way that hold 90 % of a normal */

/* The row of a title, or n. */
static uint32_t row_of(const struct rating_part *p, struct title_id title)
{
    uint32_t lo = 0, hi = p->n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (p->title[mid] < title.v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < p->n && p->title[lo] == title.v ? lo : p->n;
}

/* One sample's view of the viewer. */
struct posterior {
    double precision[UNKNOWNS_MAX][UNKNOWNS_MAX]; /* lower triangle; then its Cholesky factor */
    double mean[UNKNOWNS_MAX];                    /* first precision times mean */
    size_t n;
};

/* What a title's row is multiplied with the viewer by: (1, factors). */
static double part_of(const float *row, size_t k)
{
    return k == 0 ? 1 : (double)row[k];
}

static void begin(struct posterior *q, const float *mean, const float *variance, size_t n)
{
    *q = (struct posterior){.n = n};
    for (size_t k = 0; k < n; k++) {
        q->precision[k][k] = 1 / (double)variance[k];
        q->mean[k] = (double)mean[k] / (double)variance[k];
    }
}

static void add_rating(struct posterior *q, const float *row, double left, double noise)
{
    for (size_t i = 0; i < q->n; i++) {
        double z = part_of(row, i) / noise;
        q->mean[i] += z * left;
        for (size_t k = 0; k <= i; k++)
            q->precision[i][k] += z * part_of(row, k);
    }
}

static bool factorise(struct posterior *q)
{
    for (size_t i = 0; i < q->n; i++) {
        for (size_t k = 0; k <= i; k++) {
            double sum = q->precision[i][k];
            for (size_t l = 0; l < k; l++)
                sum -= q->precision[i][l] * q->precision[k][l];
            if (i == k && !(sum > 0))
                return false;
            q->precision[i][k] = i == k ? sqrt(sum) : sum / q->precision[k][k];
        }
    }
    return true;
}

/* v = L^-1 v */
static void forward(const struct posterior *q, double *v)
{
    for (size_t i = 0; i < q->n; i++) {
        for (size_t k = 0; k < i; k++)
            v[i] -= q->precision[i][k] * v[k];
        v[i] /= q->precision[i][i];
    }
}

/* Mean and variance of one sample. With A = L L': z A^-1 b = (L^-1 z) . (L^-1 b), z A^-1 z = |L^-1 z|^2. */
static bool of_sample(const struct rating_part *p, const float *s, const struct rated *known,
                      size_t n, uint32_t row, double *ret_mean, double *ret_variance)
{
    size_t unknowns = 1 + p->rank;
    const float *mean = s + RATING_HEAD;
    const float *rows = mean + 2 * unknowns;
    const float *at = rows + row * unknowns;
    struct posterior q;
    double z[UNKNOWNS_MAX] = {0};

    begin(&q, mean, mean + unknowns, unknowns);
    for (size_t i = 0; i < n; i++) {
        uint32_t r = row_of(p, known[i].title);
        if (r == p->n || r == row || !isfinite(known[i].stars))
            continue;
        const float *of = rows + r * unknowns;
        add_rating(&q, of, (double)known[i].stars - (double)s[0] - (double)of[0], (double)s[1]);
    }
    if (!factorise(&q))
        return false;
    for (size_t k = 0; k < unknowns; k++)
        z[k] = part_of(at, k);
    forward(&q, z);
    forward(&q, q.mean);
    *ret_mean = (double)s[0] + (double)at[0];
    *ret_variance = (double)s[1];
    for (size_t k = 0; k < unknowns; k++) {
        *ret_mean += z[k] * q.mean[k];
        *ret_variance += z[k] * z[k];
    }
    return true;
}

static double within(double v, const float *head)
{
    return fmin(fmax(v, (double)head[2]), (double)head[3]);
}

bool rate_forecast(const struct rating_part *p, const struct rated *known, size_t n,
                   struct title_id title, struct rating_forecast *ret)
{
    uint32_t row = row_of(p, title);
    double sum = 0, squares = 0, variance = 0;

    if (row == p->n)
        return false;
    for (uint32_t s = 0; s < p->snapshots; s++) {
        double mean, spread;
        if (!of_sample(p, p->values + s * rating_floats(p), known, n, row, &mean, &spread))
            return false;
        sum += mean;
        squares += mean * mean;
        variance += spread;
    }
    double expected = sum / p->snapshots;
    double between = fmax(0, squares / p->snapshots - expected * expected);
    double deviation = sqrt(variance / p->snapshots + between);
    if (!isfinite(expected) || !isfinite(deviation))
        return false;
    *ret = (struct rating_forecast){
        .expected = within(expected, p->values),
        .low = within(expected - ninety * deviation, p->values),
        .high = within(expected + ninety * deviation, p->values),
    };
    return true;
}
