#include "train/place_weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/trees.h"

enum { LEARNT_MOST = 100000 /* rows; of more, every second or third … */, BLOCK = 64 };
static const double sure = 3; /* standard errors by which trees must do better than the mean */

struct columns {
    const float *x, *examined;
    uint32_t n, width;
};

/* Blocks of rows in turn; rows of one question are on one side but at borders. */
static bool is_half(uint32_t i, unsigned half)
{
    return i / BLOCK % 2 == half;
}

/* Trees from every step'th row, of one half of them (2: of both). */
static int fit_chance(const struct columns *c, unsigned half, uint64_t seed, struct forest *ret,
                      struct mq_error *err)
{
    uint32_t step = c->n / LEARNT_MOST + 1, rows = 0;
    size_t room = c->n / step + 1;
    struct trees_settings s = {
        .rounds = 60, .depth = 3, .rate = 0.15f, .min_child = 200, .lambda = 10, .seed = seed};
    float *some = malloc((room * c->width + 1) * sizeof(*some));
    float *target = malloc((room + 1) * sizeof(*target));
    int rc = some && target ? 0 : mq_fail(err, MQ_NO_MEMORY, "ranker: no memory");
    for (uint32_t i = 0; rc == 0 && i < c->n; i += step) {
        if (half < 2 && !is_half(i, half))
            continue;
        memcpy(some + (size_t)rows * c->width, c->x + (size_t)i * c->width,
               c->width * sizeof(*some));
        target[rows++] = c->examined[i];
    }
    if (rc == 0)
        rc = trees_fit(some, rows, c->width, target, NULL, &s, ret, err);
    free(some);
    free(target);
    return rc;
}

/* How far what trees learnt on one half is right on the other: the slope of the truth on what they say, 0 to 1; 0 where it does not
 * lie above zero for sure. */
static double believed(const struct columns *c, const struct forest *f)
{
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        if (!is_half(i, 1))
            continue;
        double said = (double)forest_value(f, c->x + (size_t)i * c->width);
        double is = (double)c->examined[i];
        n++;
        x += said;
        y += is;
        xx += said * said;
        xy += said * is;
        yy += is * is;
    }
    xx -= x * x / n;
    xy -= x * y / n;
    yy -= y * y / n;
    if (!(n > 2 && xx > 1e-9 * n))
        return 0;
    double slope = xy / xx, left = fmax(yy - slope * xy, 0);
    return slope > sure * sqrt(left / (n - 2) / xx) ? fmin(slope, 1) : 0;
}

static void weigh(const struct columns *c, const struct forest *f, double trust, const float *gain,
                  float *ret)
{
    double mean = 0, sum = 0, good = 0;
    float low = INFINITY, high = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        mean += (double)c->examined[i] / c->n;
        low = fminf(low, c->examined[i]);
        high = fmaxf(high, c->examined[i]);
    }
    for (uint32_t i = 0; i < c->n; i++) {
        double said = trust > 0 ? (double)forest_value(f, c->x + (size_t)i * c->width) : mean;
        double chance = mean + trust * (said - mean);
        double w = 1 / fmin(fmax(chance, (double)low), (double)high);
        ret[i] = (float)w;
        sum += gain[i] > 0 ? w : 0;
        good += gain[i] > 0;
    }
    for (uint32_t i = 0; i < c->n && good > 0; i++)
        ret[i] = (float)((double)ret[i] * good / sum);
}

int place_weights(const float *x, uint32_t n, uint32_t columns, const float *examined,
                  const float *gain, uint64_t seed, float *ret, struct mq_error *err)
{
    const struct columns c = {.x = x, .examined = examined, .n = n, .width = columns};
    struct forest half, all;
    if (n == 0)
        return 0;
    if (n < 2 * BLOCK) {
        for (uint32_t i = 0; i < n; i++)
            ret[i] = 1;
        return 0;
    }
    int rc = fit_chance(&c, 0, seed, &half, err);
    if (rc)
        return rc;
    double trust = believed(&c, &half);
    trees_release(&half);
    rc = fit_chance(&c, 2, seed, &all, err);
    if (rc)
        return rc;
    weigh(&c, &all, trust, gain, ret);
    trees_release(&all);
    return 0;
}
