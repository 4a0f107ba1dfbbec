/* ratings.c - an invented table of ratings, as large and as sparse as those that papers measure on:
 *
 *     build/bench/bench_ratings [VIEWERS [TITLES [ROWS [SEED]]]]     6,040 3,706 1,000,000 1
 *
 * Lines "viewer, title, stars, seconds", tab-separated, viewer by viewer in order of time. Tastes of eight factors,
 * titles as popular as Zipf says, viewers from 20 ratings on, log-normal; most of a viewer's ratings fall on one day. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/str.h"
#include "math/topk.h"

enum { FACTORS = 8, LEAST = 20, DAY_S = 86400, YEARS_S = 3 * 365 * DAY_S };

struct invented {
    uint32_t viewers, titles;
    double rows;
    float *factor, *pull, *bias; /* of titles */
    float *score;
    struct topk_item *best;
    double *order;
};

static void title(struct invented *w, uint32_t t, struct rng *rng)
{
    for (int k = 0; k < FACTORS; k++)
        w->factor[t * FACTORS + k] = (float)rng_normal(rng);
    w->pull[t] = -0.9F * logf(8 + (float)t);
    /* What is popular is liked a little more. */
    w->bias[t] = 0.4F * (float)rng_normal(rng) + 0.12F * (w->pull[t] + 6);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void viewer(const struct invented *w, uint32_t v, double mean_n, struct rng *rng)
{
    float taste[FACTORS];
    float own = 0.4F * (float)rng_normal(rng);
    double wanted = LEAST + (mean_n - LEAST) * exp(rng_normal(rng) - 0.5);
    size_t n = (size_t)fmin(wanted, 0.6 * w->titles);
    for (int k = 0; k < FACTORS; k++)
        taste[k] = (float)rng_normal(rng);
    for (uint32_t t = 0; t < w->titles; t++) {
        float liking = 0;
        for (int k = 0; k < FACTORS; k++)
            liking += taste[k] * w->factor[t * FACTORS + k];
        w->score[t] =
            w->pull[t] + 0.25F * liking - (float)log(-log(rng_double(rng) + 1e-12) + 1e-12);
    }
    n = topk_select(w->score, w->titles, NULL, n, w->best);
    double began = 9e8 + rng_double(rng) * YEARS_S;
    for (size_t i = 0; i < n; i++) {
        bool later = rng_double(rng) < 0.2;
        w->order[i] = began + rng_double(rng) * (later ? 200.0 * DAY_S : 0.1 * DAY_S);
    }
    qsort(w->order, n, sizeof(*w->order), by_value);
    for (size_t i = 0; i < n; i++) {
        uint32_t t = w->best[i].index;
        float liking = 0;
        for (int k = 0; k < FACTORS; k++)
            liking += taste[k] * w->factor[t * FACTORS + k];
        double stars = 3.4 + (double)(own + w->bias[t] + 0.22F * liking) + 0.85 * rng_normal(rng);
        printf("%u\t%u\t%d\t%.0f\n", v + 1, t + 1, (int)fmin(fmax(round(stars), 1), 5),
               w->order[i]);
    }
}

int main(int argc, char **argv)
{
    uint64_t asked[4] = {6040, 3706, 1000000, 1};
    for (int i = 1; i < argc && i <= 4; i++) {
        if (!str_to_u64(str_of(argv[i]), &asked[i - 1]) || asked[i - 1] == 0) {
            fprintf(stderr, "ratings: %s: give a number above 0\n", argv[i]);
            return 2;
        }
    }
    struct invented w = {.viewers = (uint32_t)asked[0], .titles = (uint32_t)asked[1]};
    struct rng rng;
    size_t n = w.titles;
    w.factor = malloc(n * FACTORS * sizeof(float));
    w.pull = malloc(n * sizeof(float));
    w.bias = malloc(n * sizeof(float));
    w.score = malloc(n * sizeof(float));
    w.best = malloc((n + 1) * sizeof(*w.best));
    w.order = malloc((n + 1) * sizeof(double));
    if (!w.factor || !w.pull || !w.bias || !w.score || !w.best || !w.order) {
        fprintf(stderr, "ratings: no memory\n");
        return 1;
    }
    rng_seed(&rng, asked[3]);
    for (uint32_t t = 0; t < w.titles; t++)
        title(&w, t, &rng);
    for (uint32_t v = 0; v < w.viewers; v++)
        viewer(&w, v, (double)asked[2] / w.viewers, &rng);
    free(w.factor);
    free(w.pull);
    free(w.bias);
    free(w.score);
    free(w.best);
    free(w.order);
    return 0;
}
