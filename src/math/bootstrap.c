#include "math/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "math/quantile.h"

int bootstrap_paired(const double *a, const double *b, size_t n, uint64_t seed,
                     struct interval *ret, struct mq_error *err)
{
    double means[BOOTSTRAP_RESAMPLES], sum = 0;
    double *difference;
    struct rng rng;

    if (n == 0) {
        *ret = (struct interval){NAN, NAN, NAN, 0};
        return 0;
    }
    difference = calloc(n, sizeof *difference);
    if (!difference)
        return mq_fail(err, MQ_NO_MEMORY, "bootstrap: %zu pairs: give the process more memory", n);
    for (size_t i = 0; i < n; i++) {
        difference[i] = a[i] - (b ? b[i] : 0);
        sum += difference[i];
    }
    rng_seed(&rng, seed);
    for (size_t r = 0; r < BOOTSTRAP_RESAMPLES; r++) {
        double drawn = 0;
        for (size_t i = 0; i < n; i++)
            drawn += difference[rng_below(&rng, n)];
        means[r] = drawn / (double)n;
    }
    free(difference);
    qsort(means, BOOTSTRAP_RESAMPLES, sizeof *means, by_double);
    *ret = (struct interval){sum / (double)n, quantile_of(means, BOOTSTRAP_RESAMPLES, 0.025),
                             quantile_of(means, BOOTSTRAP_RESAMPLES, 0.975), n};
    return 0;
}

static double ratio(double a, double b, double count, bool root)
{
    if (root)
        return sqrt(a / count) - sqrt(b / count);
    return (a - b) / count;
}

int bootstrap_ratio(const double *a, const double *b, const double *count, size_t n, bool root,
                    uint64_t seed, struct interval *ret, struct mq_error *err)
{
    double *values = calloc(BOOTSTRAP_RESAMPLES, sizeof *values);
    double all[3] = {0};
    size_t kept = 0;
    struct rng rng;

    *ret = (struct interval){NAN, NAN, NAN, n};
    if (!values)
        return mq_fail(err, MQ_NO_MEMORY, "bootstrap: no memory: give the process more");
    for (size_t i = 0; i < n; i++) {
        all[0] += a[i];
        all[1] += b ? b[i] : 0;
        all[2] += count[i];
    }
    rng_seed(&rng, seed);
    for (size_t r = 0; n > 0 && r < BOOTSTRAP_RESAMPLES; r++) {
        double drawn[3] = {0};
        for (size_t i = 0; i < n; i++) {
            size_t k = (size_t)rng_below(&rng, n);
            drawn[0] += a[k];
            drawn[1] += b ? b[k] : 0;
            drawn[2] += count[k];
        }
        if (drawn[2] > 0)
            values[kept++] = ratio(drawn[0], drawn[1], drawn[2], root);
    }
    if (kept > 0) {
        qsort(values, kept, sizeof *values, by_double);
        *ret =
            (struct interval){ratio(all[0], all[1], all[2], root), quantile_of(values, kept, 0.025),
                              quantile_of(values, kept, 0.975), n};
    }
    free(values);
    return 0;
}

static double ratios(const double sums[4], bool two)
{
    double first = sums[1] > 0 ? sums[0] / sums[1] : NAN;
    return two ? first - (sums[3] > 0 ? sums[2] / sums[3] : NAN) : first;
}

int bootstrap_ratios(const double *a, const double *a_count, const double *b, const double *b_count,
                     size_t n, uint64_t seed, struct interval *ret, struct mq_error *err)
{
    double *values = calloc(BOOTSTRAP_RESAMPLES, sizeof *values);
    double all[4] = {0};
    size_t kept = 0;
    struct rng rng;

    *ret = (struct interval){NAN, NAN, NAN, n};
    if (!values)
        return mq_fail(err, MQ_NO_MEMORY, "bootstrap: no memory: give the process more");
    for (size_t i = 0; i < n; i++) {
        all[0] += a[i];
        all[1] += a_count[i];
        all[2] += b ? b[i] : 0;
        all[3] += b ? b_count[i] : 0;
    }
    rng_seed(&rng, seed);
    for (size_t r = 0; n > 0 && r < BOOTSTRAP_RESAMPLES; r++) {
        double drawn[4] = {0};
        for (size_t i = 0; i < n; i++) {
            size_t k = (size_t)rng_below(&rng, n);
            drawn[0] += a[k];
            drawn[1] += a_count[k];
            drawn[2] += b ? b[k] : 0;
            drawn[3] += b ? b_count[k] : 0;
        }
        double value = ratios(drawn, b != NULL);
        if (!isnan(value))
            values[kept++] = value;
    }
    double value = ratios(all, b != NULL);
    if (kept > 0 && !isnan(value)) {
        qsort(values, kept, sizeof *values, by_double);
        *ret = (struct interval){value, quantile_of(values, kept, 0.025),
                                 quantile_of(values, kept, 0.975), n};
    }
    free(values);
    return 0;
}
