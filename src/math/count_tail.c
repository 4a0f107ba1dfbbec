#include "math/count_tail.h"

#include <math.h>

enum { TERMS_MAX = 1000000 };

/* ln P(X = j). */
static double log_mass(double j, double mean, double shape)
{
    if (isinf(shape))
        return j * log(mean) - mean - lgamma(j + 1);
    double q = mean / (mean + shape);
    return lgamma(j + shape) - lgamma(shape) - lgamma(j + 1) + shape * log1p(-q) + j * log(q);
}

/* P(X = j + 1) / P(X = j). */
static double next_ratio(double j, double mean, double shape)
{
    if (isinf(shape))
        return mean / (j + 1);
    return mean / (mean + shape) * (j + shape) / (j + 1);
}

/* From k on upwards; the terms fall there. */
static double above(double k, double mean, double shape)
{
    double term = exp(log_mass(k, mean, shape)), sum = 0;
    for (int i = 0; i < TERMS_MAX && term > sum * 1e-16; i++) {
        sum += term;
        term *= next_ratio(k + i, mean, shape);
    }
    return sum < 1 ? sum : 1;
}

double count_tail(uint32_t k, double mean, double shape)
{
    if (k == 0)
        return 1;
    if (!(mean > 0))
        return 0;
    if (k > mean)
        return above(k, mean, shape);
    double below = 0, term = exp(log_mass(0, mean, shape));
    for (uint32_t j = 0; j < k; j++) {
        below += term;
        term *= next_ratio(j, mean, shape);
    }
    return below < 1 ? 1 - below : 0;
}
