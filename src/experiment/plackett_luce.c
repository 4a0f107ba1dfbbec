#include "experiment/plackett_luce.h"

#include <math.h>

enum { TAKEN = -1 };

/* Weights relative to the highest, so that nothing overflows; a vanishing one keeps the smallest chance. */
static void weigh(const float *log_weight, size_t n, double *left)
{
    double most = -INFINITY;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, log_weight[i]);
    for (size_t i = 0; i < n; i++)
        left[i] = fmax(exp(log_weight[i] - most), 1e-30);
}

/* Summed anew for each place: subtracting would leave rounding behind when one weight dwarfs the others. */
static double sum_left(const double *left, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += left[i] > 0 ? left[i] : 0;
    return sum;
}

size_t plackett_luce_draw(const float *log_weight, size_t n, size_t k, struct rng *rng,
                          double *left, struct chosen *ret)
{
    if (k > n)
        k = n;
    weigh(log_weight, n, left);
    for (size_t place = 0; place < k; place++) {
        double total = sum_left(left, n), at = rng_double(rng) * total;
        size_t pick = n;
        for (size_t i = 0; i < n; i++) {
            if (left[i] < 0)
                continue;
            pick = i;
            if (at < left[i])
                break;
            at -= left[i];
        }
        ret[place] = (struct chosen){(uint32_t)pick, (float)(left[pick] / total)};
        left[pick] = TAKEN;
    }
    return k;
}

void plackett_luce_propensities(const float *log_weight, size_t n, const uint32_t *order, size_t k,
                                double *left, float *ret)
{
    weigh(log_weight, n, left);
    for (size_t place = 0; place < k; place++) {
        ret[place] = (float)(left[order[place]] / sum_left(left, n));
        left[order[place]] = TAKEN;
    }
}
