#include "experiment/best_chance.h"

#include <math.h>

enum { POINTS = 512 };
static const double deviations = 6;

/* A beta posterior on the grid: density summing to 1, and the share below each point. */
struct curve {
    double density[POINTS], below[POINTS];
};

static void range_of(const struct variant *v, size_t n, double rate, double *ret_low,
                     double *ret_high)
{
    double low = 1, high = 0;
    for (size_t i = 0; i < n; i++) {
        double a = 1 + v[i].won, b = (1 - rate) / rate + (v[i].shown - v[i].won);
        double mean = a / (a + b), sd = sqrt(mean * (1 - mean) / (a + b + 1));
        low = fmin(low, mean - deviations * sd);
        high = fmax(high, mean + 2 * deviations * sd); /* the tail upwards is the longer one */
    }
    *ret_low = fmax(low, 0);
    *ret_high = fmin(high, 1);
}

static void draw_curve(const struct variant *v, double rate, double low, double high,
                       struct curve *ret)
{
    double a = 1 + v->won, b = (1 - rate) / rate + (v->shown - v->won), most = -INFINITY, sum = 0;
    for (int k = 0; k < POINTS; k++) {
        double x = low + (high - low) * (k + 0.5) / POINTS;
        ret->density[k] = (a - 1) * log(x) + (b - 1) * log1p(-x);
        most = fmax(most, ret->density[k]);
    }
    for (int k = 0; k < POINTS; k++)
        sum += ret->density[k] = exp(ret->density[k] - most);
    double below = 0;
    for (int k = 0; k < POINTS; k++) {
        ret->density[k] /= sum;
        ret->below[k] = below + ret->density[k] / 2;
        below += ret->density[k];
    }
}

void best_chance(const struct variant *v, size_t n, double rate, float *ret)
{
    struct curve curve[VARIANTS_MAX];
    double low, high, chance[VARIANTS_MAX] = {0}, sum = 0;
    range_of(v, n, rate, &low, &high);
    for (size_t i = 0; i < n; i++)
        draw_curve(&v[i], rate, low, high, &curve[i]);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < POINTS; k++) {
            double p = curve[i].density[k];
            for (size_t j = 0; j < n; j++)
                p *= j == i ? 1 : curve[j].below[k];
            chance[i] += p;
        }
        sum += chance[i];
    }
    for (size_t i = 0; i < n; i++)
        ret[i] = (float)(chance[i] / sum);
}

size_t best_draw(const float *chance, size_t n, double exploration, struct rng *rng,
                 float *ret_chance)
{
    size_t best = 0, drawn = 0;
    for (size_t i = 1; i < n; i++)
        best = chance[i] > chance[best] ? i : best;
    *ret_chance = NAN;
    if (n < 2 || !(exploration > 0))
        return best;
    double u = rng_double(rng), sum = 0;
    for (size_t i = 0; i < n; i++) {
        double p = exploration * (double)chance[i] + (i == best ? 1 - exploration : 0);
        if (p > 0 && sum <= u) {
            drawn = i;
            *ret_chance = (float)p;
        }
        sum += p;
    }
    return drawn;
}
