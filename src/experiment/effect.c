#include "experiment/effect.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "experiment/tails.h"

/* Where the mixture is tightest: eta of the 95 % boundary at the planned size, 2 ln(1/.05) + ln(1 + 2 ln(1/.05)). */
#define TIGHTEST 7.94
#define ALPHA 0.05

int arm_columns_room(double **const *columns, size_t n, size_t used, size_t *cap,
                     struct mq_error *err)
{
    if (used < *cap)
        return 0;
    size_t more = *cap ? 2 * *cap : 256;
    for (size_t i = 0; i < n; i++) {
        double *p = realloc(*columns[i], more * sizeof(*p));
        if (!p)
            return mq_fail(err, MQ_NO_MEMORY, "arms: %zu viewers: no memory", more);
        *columns[i] = p;
    }
    *cap = more;
    return 0;
}

struct moments {
    double ratio; /* sum of values over sum of denominators */
    double per;   /* mean denominator */
    double before;
    size_t n;
};

static double per_of(const struct arm_sample *a, size_t i)
{
    return a->per ? a->per[i] : 1.0;
}

static int moments_of(const struct arm_sample *a, struct moments *ret, struct mq_error *err)
{
    double value = 0, per = 0, before = 0;

    for (size_t i = 0; i < a->n; i++) {
        double d = per_of(a, i), x = a->before ? a->before[i] : 0;
        if (!isfinite(a->value[i]) || !(d >= 0 && isfinite(d)) || !isfinite(x))
            return mq_fail(err, MQ_INVALID, "viewer %zu: %g per %g: give finite numbers", i,
                           a->value[i], d);
        value += a->value[i];
        per += d;
        before += x;
    }
    *ret = (struct moments){per > 0 ? value / per : NAN, a->n ? per / (double)a->n : 0,
                            a->n ? before / (double)a->n : 0, a->n};
    return 0;
}

/* A viewer's part in the ratio's deviation: their residual over the mean denominator. */
static double residual(const struct arm_sample *a, const struct moments *m, size_t i)
{
    return (a->value[i] - m->ratio * per_of(a, i)) / m->per;
}

struct spread {
    double zz, zx, xx; /* sums over the arm's viewers */
};

static struct spread spread_of(const struct arm_sample *a, const struct moments *m)
{
    struct spread s = {0, 0, 0};

    for (size_t i = 0; i < a->n; i++) {
        double z = residual(a, m, i), x = a->before ? a->before[i] - m->before : 0;
        s.zz += z * z;
        s.zx += z * x;
        s.xx += x * x;
    }
    return s;
}

/* Variance of the arm's metric once slope * covariate is taken out. */
static double variance(const struct spread *s, double slope, size_t n)
{
    double sum = s->zz - 2 * slope * s->zx + slope * slope * s->xx;

    return fmax(sum, 0) / ((double)n * (double)(n - 1));
}

int effect_measure(const struct arm_sample *control, const struct arm_sample *treatment,
                   double planned, struct effect *ret, struct mq_error *err)
{
    struct moments c, t;
    int rc = moments_of(control, &c, err);

    if (rc == 0)
        rc = moments_of(treatment, &t, err);
    if (rc != 0)
        return rc;
    struct effect e = {.control = c.ratio,
                       .treatment = t.ratio,
                       .difference = t.ratio - c.ratio,
                       .standard_error = INFINITY,
                       .low = -INFINITY,
                       .high = INFINITY,
                       .anytime_low = -INFINITY,
                       .anytime_high = INFINITY,
                       .p = 1,
                       .n_control = c.n,
                       .n_treatment = t.n};
    if (c.n < EFFECT_VIEWERS_MIN || t.n < EFFECT_VIEWERS_MIN || isnan(e.difference)) {
        *ret = e;
        return 0;
    }
    struct spread sc = spread_of(control, &c), st = spread_of(treatment, &t);
    bool covariate = control->before && treatment->before && sc.xx + st.xx > 0;
    double slope = covariate ? (sc.zx + st.zx) / (sc.xx + st.xx) : 0;
    double raw = variance(&sc, 0, c.n) + variance(&st, 0, t.n);
    double v = variance(&sc, slope, c.n) + variance(&st, slope, t.n);
    e.difference -= slope * (t.before - c.before);
    e.explained = raw > 0 ? 1 - v / raw : 0;
    e.standard_error = sqrt(v);
    double eta = TIGHTEST * (double)(c.n + t.n) / (planned > 0 ? planned : 10000);
    double wide = e.standard_error * sqrt((1 + 1 / eta) * log((1 + eta) / (ALPHA * ALPHA)));
    double narrow = NORMAL_975 * e.standard_error;
    e.low = e.difference - narrow;
    e.high = e.difference + narrow;
    e.anytime_low = e.difference - wide;
    e.anytime_high = e.difference + wide;
    e.p = e.standard_error > 0 ? normal_two_sided(e.difference / e.standard_error)
                               : (e.difference == 0 ? 1 : 0);
    *ret = e;
    return 0;
}

double sample_ratio_p(const double *weight, const double *count, size_t n)
{
    double weights = 0, counts = 0, chi = 0;

    for (size_t i = 0; i < n; i++) {
        weights += weight[i];
        counts += count[i];
    }
    if (counts <= 0 || n < 2)
        return 1;
    for (size_t i = 0; i < n; i++) {
        double expected = counts * weight[i] / weights;
        chi += (count[i] - expected) * (count[i] - expected) / expected;
    }
    return chi_square_tail(chi, (double)(n - 1));
}
