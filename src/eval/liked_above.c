#include "eval/liked_above.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { BINS = 1024 };

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "signals: no memory: give the process more");
}

struct scored {
    float score;
    uint32_t row;
};

static int by_score(const void *a, const void *b)
{
    const struct scored *x = a;
    const struct scored *y = b;
    if (x->score != y->score)
        return x->score < y->score ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Chance that a liked row's bin is above a disliked one's, ties by half. */
static double auc_of(const double *liked, const double *other, size_t bins)
{
    double below = 0;
    double won = 0;
    double n = 0;
    for (size_t b = 0; b < bins; b++) {
        won += liked[b] * (below + other[b] / 2);
        below += other[b];
        n += liked[b];
    }
    return n > 0 && below > 0 ? won / (n * below) : NAN;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Rows go into BINS bins of equal counts, so that a resample is a count. */
int liked_above_all(const struct triples *test, const float *score, double positive, uint64_t seed,
                    uint32_t viewers, struct interval *ret, struct mq_error *err)
{
    size_t n = test->n;
    struct scored *order = calloc(n + 1, sizeof(*order));
    uint16_t *bin = calloc(n + 1, sizeof(*bin));
    uint32_t *times = calloc((size_t)viewers + 1, sizeof(*times));
    double *value = calloc(BOOTSTRAP_RESAMPLES, sizeof(*value));
    double *count = calloc((size_t)2 * BINS, sizeof(*count));
    bool fine = order && bin && times && value && count;
    struct rng rng;
    size_t kept = 0;
    rng_seed(&rng, seed);
    for (size_t i = 0; fine && i < n; i++)
        order[i] = (struct scored){score[i], (uint32_t)i};
    if (fine)
        qsort(order, n, sizeof(*order), by_score);
    for (size_t k = 0; fine && k < n; k++) {
        bool tied = k > 0 && order[k].score == order[k - 1].score;
        bin[order[k].row] = (uint16_t)(tied ? bin[order[k - 1].row] : k * BINS / n);
    }
    for (size_t r = 0; fine && r <= BOOTSTRAP_RESAMPLES; r++) {
        memset(count, 0, (size_t)2 * BINS * sizeof(*count));
        for (uint32_t v = 0; v < viewers; v++)
            times[v] = r == 0;
        for (uint32_t v = 0; r > 0 && v < viewers; v++)
            times[rng_below(&rng, viewers)]++;
        for (size_t i = 0; i < n; i++)
            count[((double)test->weight[i] >= positive ? 0 : BINS) + bin[i]] +=
                times[test->viewer[i]];
        double auc = auc_of(count, count + BINS, BINS);
        if (r == 0)
            ret->mean = auc;
        else if (!isnan(auc))
            value[kept++] = auc;
    }
    ret->low = ret->high = NAN;
    ret->n = n;
    if (fine && kept > 0) {
        qsort(value, kept, sizeof(*value), by_value);
        ret->low = value[(size_t)(0.025 * (double)(kept - 1))];
        ret->high = value[(size_t)(0.975 * (double)(kept - 1))];
    }
    free(order);
    free(bin);
    free(times);
    free(value);
    free(count);
    return fine ? 0 : no_memory(err);
}

int liked_above_within(const struct triples *test, const float *score, double positive,
                       uint64_t seed, uint32_t viewers, struct interval *ret, struct mq_error *err)
{
    double *won = calloc((size_t)viewers + 1, sizeof(*won));
    uint32_t *start = calloc((size_t)viewers + 2, sizeof(*start));
    uint32_t *row = calloc(test->n + 1, sizeof(*row));
    size_t n = 0;
    bool fine = won && start && row;
    for (size_t i = 0; fine && i < test->n; i++)
        start[test->viewer[i] + 2]++;
    for (uint32_t v = 0; fine && v < viewers; v++)
        start[v + 2] += start[v + 1];
    for (size_t i = 0; fine && i < test->n; i++)
        row[start[test->viewer[i] + 1]++] = (uint32_t)i;
    for (uint32_t v = 0; fine && v < viewers; v++) {
        double pairs = 0;
        double sum = 0;
        for (uint32_t a = start[v]; a < start[v + 1]; a++) {
            if ((double)test->weight[row[a]] < positive)
                continue;
            for (uint32_t b = start[v]; b < start[v + 1]; b++) {
                if ((double)test->weight[row[b]] >= positive)
                    continue;
                float x = score[row[a]];
                float y = score[row[b]];
                pairs++;
                sum += x > y ? 1 : x == y ? 0.5 : 0;
            }
        }
        if (pairs > 0)
            won[n++] = sum / pairs;
    }
    int rc = fine ? bootstrap_paired(won, NULL, n, seed, ret, err) : no_memory(err);
    free(won);
    free(start);
    free(row);
    return rc;
}
