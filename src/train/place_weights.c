#include "train/place_weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "math/clustered_slope.h"
#include "train/trees.h"

enum {
    LEARNT_MOST = 100000 /* rows; of more, every second or third … */,
    VIEWERS_LEAST = 10,
    ROWS_LEAST = 64
};
static const double sure = 3; /* standard errors by which trees must do better than the mean */

struct columns {
    const float *x, *examined;
    const uint32_t *viewer;
    uint32_t n, width;
};

/* All rows of a viewer are on one side. */
static bool is_half(const struct columns *c, uint32_t i, unsigned half)
{
    return (hash_mix(c->viewer[i], 0) & 1) == half;
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
        if (half < 2 && !is_half(c, i, half))
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

/* How far what trees learnt of one half of the viewers is right of the other: the slope of the truth on what they say, 0 to 1; 0 where it does
 * not lie above zero for sure. */
static int believed(const struct columns *c, const struct forest *f, double *ret,
                    struct mq_error *err)
{
    float *said = malloc(((size_t)c->n + 1) * sizeof(*said));
    float *is = malloc(((size_t)c->n + 1) * sizeof(*is));
    uint32_t *viewer = malloc(((size_t)c->n + 1) * sizeof(*viewer));
    struct clustered_slope s = {.slope = NAN};
    size_t n = 0;
    int rc = said && is && viewer ? 0 : mq_fail(err, MQ_NO_MEMORY, "ranker: no memory");
    for (uint32_t i = 0; rc == 0 && i < c->n; i++) {
        if (!is_half(c, i, 1))
            continue;
        said[n] = forest_value(f, c->x + (size_t)i * c->width);
        is[n] = c->examined[i];
        viewer[n++] = c->viewer[i];
    }
    if (rc == 0)
        rc = clustered_slope(said, is, viewer, n, &s, err);
    bool surely = s.clusters >= VIEWERS_LEAST && s.slope > sure * s.error;
    *ret = rc == 0 && surely ? fmin(s.slope, 1) : 0;
    free(said);
    free(is);
    free(viewer);
    return rc;
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

static bool few_to_learn_from(const struct columns *c)
{
    uint32_t rows = 0;
    for (uint32_t i = 0; i < c->n && rows < ROWS_LEAST; i++)
        rows += is_half(c, i, 0);
    return rows < ROWS_LEAST;
}

int place_weights(const float *x, uint32_t n, uint32_t columns, const uint32_t *viewer,
                  const float *examined, const float *gain, uint64_t seed, float *ret,
                  struct mq_error *err)
{
    const struct columns c = {
        .x = x, .examined = examined, .viewer = viewer, .n = n, .width = columns};
    struct forest half, all;
    double trust;
    if (n == 0)
        return 0;
    if (few_to_learn_from(&c)) {
        for (uint32_t i = 0; i < n; i++)
            ret[i] = 1;
        return 0;
    }
    int rc = fit_chance(&c, 0, seed, &half, err);
    if (rc)
        return rc;
    rc = believed(&c, &half, &trust, err);
    trees_release(&half);
    if (rc == 0)
        rc = fit_chance(&c, 2, seed, &all, err);
    if (rc)
        return rc;
    weigh(&c, &all, trust, gain, ret);
    trees_release(&all);
    return 0;
}
