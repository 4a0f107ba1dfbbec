#include "train/logit_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 30, HALVINGS = 20, P = LOGIT_PARTS_MAX };

struct sums {
    double ln_chance;
    double gradient[P], curvature[P][P];
};

struct work {
    const struct logit_question *q;
    size_t n;
    int parts;
    double ridge;
    uint32_t fixed;
    double *chance; /* (most on offer) */
};

double logit_worth(const float *x, const double *weight, int parts)
{
    double sum = 0;
    for (int p = 0; p < parts; p++)
        sum += weight[p] * (double)x[p];
    return sum;
}

/* One question's gradient and curvature of ln chance: what was chosen less what was expected, and the parts' covariance. */
static void add_question(const struct work *w, const struct logit_question *a, const double *weight,
                         struct sums *to)
{
    double most = -INFINITY, all = 0, mean[P] = {0}, *chance = w->chance;
    const int parts = w->parts;
    if (a->chosen == a->n)
        return;
    for (uint32_t k = 0; k < a->n; k++) {
        chance[k] = logit_worth(a->x + (size_t)k * (size_t)parts, weight, parts);
        most = fmax(most, chance[k]);
    }
    double own = chance[a->chosen];
    for (uint32_t k = 0; k < a->n; k++)
        all += chance[k] = exp(chance[k] - most);
    to->ln_chance += own - most - log(all);
    for (uint32_t k = 0; k < a->n; k++) {
        const float *x = a->x + (size_t)k * (size_t)parts;
        for (int p = 0; p < parts; p++) {
            double by = chance[k] / all * (double)x[p];
            mean[p] += by;
            for (int q = 0; q <= p; q++)
                to->curvature[p][q] += by * (double)x[q];
        }
    }
    for (int p = 0; p < parts; p++) {
        to->gradient[p] += (double)a->x[(size_t)a->chosen * (size_t)parts + (size_t)p] - mean[p];
        for (int q = 0; q <= p; q++)
            to->curvature[p][q] -= mean[p] * mean[q];
    }
}

/* Gauss's elimination; the ridge keeps the matrix positive definite. */
static void solve(const struct sums *s, int parts, double *step)
{
    double a[P][P + 1] = {{0}};
    for (int p = 0; p < parts; p++) {
        for (int q = 0; q < parts; q++)
            a[p][q] = q <= p ? s->curvature[p][q] : s->curvature[q][p];
        a[p][parts] = s->gradient[p];
    }
    for (int p = 0; p < parts; p++)
        for (int q = 0; q < parts; q++) {
            double by = a[q][p] / a[p][p];
            for (int c = p; c <= parts && q != p; c++)
                a[q][c] -= by * a[p][c];
        }
    for (int p = 0; p < parts; p++)
        step[p] = a[p][parts] / a[p][p];
}

/* With the ridge: ln chance less its penalty, which Newton's steps make larger. */
static void sum_up(const struct work *w, const double *weight, struct sums *ret)
{
    *ret = (struct sums){.ln_chance = 0};
    for (size_t i = 0; i < w->n; i++)
        add_question(w, &w->q[i], weight, ret);
    for (int p = 0; p < w->parts; p++) {
        ret->ln_chance -= w->ridge * weight[p] * weight[p] / 2;
        ret->gradient[p] -= w->ridge * weight[p];
        ret->curvature[p][p] += w->ridge;
    }
    for (int p = 0; p < w->parts; p++) {
        if (!(w->fixed >> p & 1))
            continue;
        ret->gradient[p] = 0; /* no step, and none of the others' because of it */
        for (int q = 0; q < w->parts; q++)
            ret->curvature[p > q ? p : q][p > q ? q : p] = p == q;
    }
}

/* A step that leads too far is halved until it leads up: the problem is concave. */
static void climb(const struct work *w, double *weight)
{
    struct sums here, there;
    sum_up(w, weight, &here);
    for (int round = 0; round < ROUNDS; round++) {
        double step[P], to[P], largest = 0, by = 1;
        solve(&here, w->parts, step);
        for (int halved = 0; halved < HALVINGS; halved++, by /= 2) {
            for (int p = 0; p < w->parts; p++)
                to[p] = weight[p] + by * step[p];
            sum_up(w, to, &there);
            if (there.ln_chance >= here.ln_chance)
                break;
        }
        if (!(there.ln_chance >= here.ln_chance))
            break;
        for (int p = 0; p < w->parts; p++)
            largest = fmax(largest, fabs(by * step[p]));
        memcpy(weight, to, (size_t)w->parts * sizeof(*to));
        here = there;
        if (largest < 1e-5)
            break;
    }
}

double logit_ln_chance(const struct logit_question *q, const double *weight, int parts)
{
    double most = -INFINITY, all = 0, own = 0;
    if (q->chosen == q->n)
        return 0;
    for (uint32_t k = 0; k < q->n; k++)
        most = fmax(most, logit_worth(q->x + (size_t)k * (size_t)parts, weight, parts));
    for (uint32_t k = 0; k < q->n; k++) {
        double worth = logit_worth(q->x + (size_t)k * (size_t)parts, weight, parts) - most;
        all += exp(worth);
        own = k == q->chosen ? worth : own;
    }
    return own - log(all);
}

int logit_fit(const struct logit_question *q, size_t n, struct logit_parts parts, double *weight,
              struct mq_error *err)
{
    struct work w = {q, n, parts.n, parts.ridge, parts.fixed, NULL};
    size_t most = 1;
    for (size_t i = 0; i < n; i++)
        most = q[i].n > most ? q[i].n : most;
    w.chance = malloc(most * sizeof(*w.chance));
    if (!w.chance)
        return mq_fail(err, MQ_NO_MEMORY, "weights: no memory");
    climb(&w, weight);
    free(w.chance);
    return 0;
}
