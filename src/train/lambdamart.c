#include "train/lambdamart.h"

#include <math.h>
#include <stdlib.h>

#include "math/topk.h"

static const float least_child = 0.05f;
static const float least_curve = 1e-4f; /* of a row: so that a leaf is never without */

struct lambda {
    const struct ranking_rows *rows;
    uint32_t *order, *place; /* (LAMBDA_QUESTION_MAX) */
};

static double discount(uint32_t place)
{
    return 1 / log2(2.0 + place);
}

static int by_gain(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

/* DCG of the best order. */
static double ideal(const float *gain, size_t n, size_t k)
{
    float best[LAMBDA_QUESTION_MAX] = {0};
    size_t good = 0;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (gain[i] > 0)
            best[good++] = gain[i];
    qsort(best, good, sizeof(best[0]), by_gain);
    for (size_t i = 0; i < good && i < k; i++)
        sum += (double)best[i] * discount((uint32_t)i);
    return sum;
}

double lambdamart_ndcg(const float *value, const float *gain, size_t n, size_t k)
{
    uint32_t order[LAMBDA_QUESTION_MAX];
    double best = ideal(gain, n, k), sum = 0;
    if (!(best > 0))
        return NAN;
    topk_order(value, n, order);
    for (size_t i = 0; i < n && i < k; i++)
        sum += (double)gain[order[i]] * discount((uint32_t)i);
    return sum / best;
}

static void pull(const struct lambda *l, uint32_t from, uint32_t n, double best, const float *value,
                 float *first, float *second)
{
    const float *gain = l->rows->gain + from;
    const float *weight = l->rows->weight ? l->rows->weight + from : NULL;
    topk_order(value, n, l->order);
    for (uint32_t i = 0; i < n; i++)
        l->place[l->order[i]] = i;
    for (uint32_t a = 0; a < n; a++) {
        if (!(gain[a] > 0))
            continue;
        double w = weight ? (double)weight[a] : 1;
        for (uint32_t b = 0; b < n; b++) {
            if (!(gain[a] > gain[b]))
                continue;
            double change = fabs((double)(gain[a] - gain[b]) *
                                 (discount(l->place[a]) - discount(l->place[b]))) /
                            best;
            double wrong = 1 / (1 + exp((double)value[a] - (double)value[b]));
            float slope = (float)(w * change * wrong);
            float curve = (float)(w * change * wrong * (1 - wrong));
            first[a] -= slope;
            first[b] += slope;
            second[a] += curve;
            second[b] += curve;
        }
    }
}

static void gradient(void *ctx, const float *value, const float *target, uint32_t n, float *first,
                     float *second)
{
    const struct lambda *l = ctx;
    (void)target;
    for (uint32_t i = 0; i < n; i++) {
        first[i] = 0;
        second[i] = least_curve;
    }
    for (uint32_t q = 0; q < l->rows->questions; q++) {
        uint32_t from = l->rows->start[q], size = l->rows->start[q + 1] - from;
        double best = ideal(l->rows->gain + from, size, size);
        if (best > 0)
            pull(l, from, size, best, value + from, first + from, second + from);
    }
}

static int check(const struct ranking_rows *r, struct mq_error *err)
{
    if (r->questions == 0 || r->start[0] != 0 || r->start[r->questions] != r->n)
        return mq_fail(err, MQ_INVALID, "ranking: %u questions: do not cover the rows",
                       r->questions);
    for (uint32_t q = 0; q < r->questions; q++)
        if (r->start[q + 1] < r->start[q] || r->start[q + 1] - r->start[q] > LAMBDA_QUESTION_MAX)
            return mq_fail(err, MQ_INVALID, "ranking: question %u: has no rows, or over %d", q,
                           LAMBDA_QUESTION_MAX);
    for (uint32_t i = 0; i < r->n; i++) {
        if (!(r->gain[i] >= 0 && r->gain[i] <= LAMBDA_GAIN_MAX))
            return mq_fail(err, MQ_INVALID, "ranking: gain %g: must lie in [0, %g]",
                           (double)r->gain[i], (double)LAMBDA_GAIN_MAX);
        if (r->weight && r->gain[i] > 0 && !(r->weight[i] > 0 && isfinite(r->weight[i])))
            return mq_fail(err, MQ_INVALID, "ranking: weight %g: must be positive",
                           (double)r->weight[i]);
    }
    return 0;
}

int lambdamart_fit(const struct ranking_rows *rows, const struct trees_settings *settings,
                   struct forest *ret, struct mq_error *err)
{
    int rc = check(rows, err);
    if (rc)
        return rc;
    struct lambda l = {.rows = rows,
                       .order = malloc(LAMBDA_QUESTION_MAX * sizeof(*l.order)),
                       .place = malloc(LAMBDA_QUESTION_MAX * sizeof(*l.place))};
    float *zero = calloc((size_t)rows->n + 1, sizeof(float));
    struct trees_settings s = *settings;
    s.gradient = gradient;
    s.ctx = &l;
    s.min_child = s.min_child > 0 ? s.min_child : least_child;
    rc = l.order && l.place && zero
             ? trees_fit(rows->x, rows->n, rows->columns, zero, NULL, &s, ret, err)
             : mq_fail(err, MQ_NO_MEMORY, "ranking: %u rows: no memory", rows->n);
    free(l.order);
    free(l.place);
    free(zero);
    return rc;
}
