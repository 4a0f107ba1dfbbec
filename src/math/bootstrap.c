#include "math/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Between the two nearest of m sorted values (Hyndman, Fan 1996, type 7). */
static double quantile(const double *sorted, size_t m, double q)
{
    double at = q * (double)(m - 1);
    size_t below = (size_t)at;
    size_t above = below + 1 < m ? below + 1 : below;

    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

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
    qsort(means, BOOTSTRAP_RESAMPLES, sizeof *means, by_value);
    *ret = (struct interval){sum / (double)n, quantile(means, BOOTSTRAP_RESAMPLES, 0.025),
                             quantile(means, BOOTSTRAP_RESAMPLES, 0.975), n};
    return 0;
}
