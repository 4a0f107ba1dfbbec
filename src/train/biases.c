#include "train/biases.h"

#include <stdlib.h>
#include <string.h>

enum { TURNS = 10 };

/* One side given the other: own[e] = sum (r - mean - other) / (n + ridge). */
static void one_turn(const struct triples *t, const uint32_t *of, const uint32_t *of_other,
                     const float *other, double mean, double ridge, uint32_t n, double *sum,
                     double *count, float *own)
{
    memset(sum, 0, n * sizeof(*sum));
    memset(count, 0, n * sizeof(*count));
    for (size_t i = 0; i < t->n; i++) {
        sum[of[i]] += (double)t->weight[i] - mean - (double)other[of_other[i]];
        count[of[i]] += 1;
    }
    for (uint32_t e = 0; e < n; e++)
        own[e] = count[e] > 0 ? (float)(sum[e] / (count[e] + ridge)) : 0;
}

static void title_means(const struct triples *t, struct biases *b, double *sum, double *count)
{
    memset(sum, 0, b->n_titles * sizeof(*sum));
    memset(count, 0, b->n_titles * sizeof(*count));
    for (size_t i = 0; i < t->n; i++) {
        sum[t->title[i]] += (double)t->weight[i];
        count[t->title[i]] += 1;
    }
    for (uint32_t e = 0; e < b->n_titles; e++)
        b->title_mean[e] = (float)(count[e] > 0 ? sum[e] / count[e] : b->mean);
}

int biases_fit(const struct triples *t, uint32_t n_viewers, uint32_t n_titles, double viewer_ridge,
               double title_ridge, struct biases *ret, struct mq_error *err)
{
    struct biases b = {.n_viewers = n_viewers, .n_titles = n_titles};
    size_t most = n_viewers > n_titles ? n_viewers : n_titles;
    double sum = 0;
    if (t->n == 0)
        return mq_fail(err, MQ_INVALID, "ratings: none: give rows with a rating to learn from");
    double *sums = calloc(2 * (most + 1), sizeof(*sums));
    b.viewer = calloc((size_t)n_viewers + 1, sizeof(float));
    b.title = calloc((size_t)n_titles + 1, sizeof(float));
    b.title_mean = calloc((size_t)n_titles + 1, sizeof(float));
    if (!sums || !b.viewer || !b.title || !b.title_mean) {
        free(sums);
        biases_release(&b);
        return mq_fail(err, MQ_NO_MEMORY, "ratings: no memory: give the process more");
    }
    for (size_t i = 0; i < t->n; i++)
        sum += (double)t->weight[i];
    b.mean = sum / (double)t->n;
    for (int turn = 0; turn < TURNS; turn++) {
        one_turn(t, t->title, t->viewer, b.viewer, b.mean, title_ridge, n_titles, sums,
                 sums + most + 1, b.title);
        one_turn(t, t->viewer, t->title, b.title, b.mean, viewer_ridge, n_viewers, sums,
                 sums + most + 1, b.viewer);
    }
    title_means(t, &b, sums, sums + most + 1);
    free(sums);
    *ret = b;
    return 0;
}

void biases_release(struct biases *b)
{
    free(b->viewer);
    free(b->title);
    free(b->title_mean);
    *b = (struct biases){0};
}
