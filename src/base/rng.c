#include "base/rng.h"

#include <assert.h>
#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void rng_seed(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&seed);
}

/* The seed is scrambled before the index comes in: streams of neighbouring seeds don't overlap. */
void rng_seed_stream(struct rng *r, uint64_t seed, uint64_t index)
{
    uint64_t scrambled = splitmix(&seed) ^ index;
    rng_seed(r, splitmix(&scrambled));
}

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_u64(struct rng *r)
{
    uint64_t *s = r->s;
    uint64_t out = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return out;
}

/* Lemire 2019: the high half of a product, rejecting the few low halves that favour some results. */
uint64_t rng_below(struct rng *r, uint64_t n)
{
    assert(n > 0);
    unsigned __int128 product = (unsigned __int128)rng_u64(r) * n;
    if ((uint64_t)product < n) {
        uint64_t floor = (0 - n) % n;
        while ((uint64_t)product < floor)
            product = (unsigned __int128)rng_u64(r) * n;
    }
    return (uint64_t)(product >> 64);
}

double rng_double(struct rng *r)
{
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

double rng_normal(struct rng *r)
{
    for (;;) {
        double x = 2 * rng_double(r) - 1;
        double y = 2 * rng_double(r) - 1;
        double s = x * x + y * y;
        if (s > 0 && s < 1)
            return x * sqrt(-2 * log(s) / s);
    }
}

void rng_normals(struct rng *r, float *ret, size_t n)
{
    for (size_t i = 0; i < n;) {
        double x = 2 * rng_double(r) - 1;
        double y = 2 * rng_double(r) - 1;
        double s = x * x + y * y;
        if (!(s > 0 && s < 1))
            continue;
        double scale = sqrt(-2 * log(s) / s);
        ret[i++] = (float)(x * scale);
        if (i < n)
            ret[i++] = (float)(y * scale);
    }
}

/* 1 - u is never 0. */
double rng_exp(struct rng *r)
{
    return -log(1 - rng_double(r));
}

double rng_gamma(struct rng *r, double shape)
{
    assert(shape > 0);
    if (shape < 1) {
        double u = 1 - rng_double(r);
        return rng_gamma(r, shape + 1) * pow(u, 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / sqrt(9 * d);
    for (;;) {
        double x = rng_normal(r);
        double v = 1 + c * x;
        if (v <= 0)
            continue;
        v = v * v * v;
        double u = 1 - rng_double(r);
        if (log(u) < 0.5 * x * x + d - d * v + d * log(v))
            return d * v;
    }
}

/* Knuth: how many uniforms until their product falls below e^-mean. */
static uint64_t poisson_small(struct rng *r, double mean)
{
    double floor = exp(-mean);
    double product = rng_double(r);
    uint64_t k = 0;
    for (; product > floor; k++)
        product *= rng_double(r);
    return k;
}

/* Hormann 1993, algorithm PTRS; mean >= 10. lgamma_r, because lgamma writes a global. */
static uint64_t poisson_large(struct rng *r, double mean)
{
    double b = 0.931 + 2.53 * sqrt(mean);
    double a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    double v_r = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = rng_double(r) - 0.5;
        double v = 1 - rng_double(r);
        double us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= v_r)
            return (uint64_t)k;
        if (k < 0 || (us < 0.013 && v > us))
            continue;
        int sign;
        double log_density = k * log(mean) - mean - lgamma_r(k + 1, &sign);
        if (log(v * inverse_alpha / (a / (us * us) + b)) <= log_density)
            return (uint64_t)k;
    }
}

uint64_t rng_poisson(struct rng *r, double mean)
{
    assert(mean >= 0 && mean < 0x1p53);
    return mean < 10 ? poisson_small(r, mean) : poisson_large(r, mean);
}

void rng_shuffle_u32(struct rng *r, uint32_t *v, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)rng_below(r, i);
        uint32_t keep = v[i - 1];
        v[i - 1] = v[j];
        v[j] = keep;
    }
}
