#include "math/clustered_slope.h"

#include <math.h>
#include <stdlib.h>

/* Rows of one cluster: how many, and their sums, x and y from their means over all. */
struct sums {
    uint32_t cluster;
    double n, x, y, xx, xy;
};

static int by_cluster(const void *a, const void *b)
{
    const struct sums *x = a, *y = b;
    return (x->cluster > y->cluster) - (x->cluster < y->cluster);
}

static void add(struct sums *s, const struct sums *more, double times)
{
    s->n += times * more->n;
    s->x += times * more->x;
    s->y += times * more->y;
    s->xx += times * more->xx;
    s->xy += times * more->xy;
}

/* NaN: x doesn't vary. */
static double slope_of(const struct sums *s)
{
    double xx = s->xx - s->x * s->x / s->n;
    return s->n > 2 && xx > 1e-9 * s->n ? (s->xy - s->x * s->y / s->n) / xx : NAN;
}

/* Runs of one cluster put together, in place; returns how many there are. */
static uint32_t put_together(struct sums *runs, size_t n)
{
    uint32_t clusters = 0;
    qsort(runs, n, sizeof(*runs), by_cluster);
    for (size_t i = 0; i < n; i++)
        if (clusters > 0 && runs[clusters - 1].cluster == runs[i].cluster)
            add(&runs[clusters - 1], &runs[i], 1);
        else
            runs[clusters++] = runs[i];
    return clusters;
}

/* The slope without each of them in turn. */
static double jackknife(const struct sums *all, const struct sums *of, uint32_t clusters)
{
    double slope = slope_of(all), squares = 0;
    for (uint32_t i = 0; i < clusters; i++) {
        struct sums rest = *all;
        add(&rest, &of[i], -1);
        squares += pow(slope_of(&rest) - slope, 2);
    }
    return clusters > 1 ? sqrt(squares * (clusters - 1) / clusters) : NAN;
}

int clustered_slope(const float *x, const float *y, const uint32_t *cluster, size_t n,
                    struct clustered_slope *ret, struct mq_error *err)
{
    double mean_x = 0, mean_y = 0;
    struct sums all = {.n = 0}, *runs = malloc((n + 1) * sizeof(*runs));
    size_t n_runs = 0;
    if (!runs)
        return mq_fail(err, MQ_NO_MEMORY, "slope of %zu rows: no memory", n);
    for (size_t i = 0; i < n; i++) {
        mean_x += (double)x[i] / (double)n;
        mean_y += (double)y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double dx = (double)x[i] - mean_x, dy = (double)y[i] - mean_y;
        const struct sums row = {cluster[i], 1, dx, dy, dx * dx, dx * dy};
        if (n_runs == 0 || runs[n_runs - 1].cluster != cluster[i])
            runs[n_runs++] = (struct sums){.cluster = cluster[i]};
        add(&runs[n_runs - 1], &row, 1);
        add(&all, &row, 1);
    }
    uint32_t clusters = put_together(runs, n_runs);
    *ret = (struct clustered_slope){slope_of(&all), jackknife(&all, runs, clusters), clusters};
    free(runs);
    return 0;
}
