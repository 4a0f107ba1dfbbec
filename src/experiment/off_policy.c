#include "experiment/off_policy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "experiment/tails.h"

enum { SLOTS_MAX = 64 };

/* One self-normalised mean: of all choices, or of one slot of a cascade. */
struct slot {
    double w, ww, wr;
    size_t n;
};

struct work {
    const struct choice *choices;
    size_t n;
    enum off_policy_method method;
    double *weight; /* (n) target / logged, of a cascade the product so far */
    uint32_t *slot; /* (n) */
    double
        *residual; /* (n) what each choice adds to the deviation of the estimate, times n_units */
    struct slot slots[SLOTS_MAX];
    size_t n_slots;
};

struct share {
    uint64_t viewer;
    double residual;
};

static int check(const struct choice *c, size_t i, struct mq_error *err)
{
    if (!(c->logged > 0 && c->logged <= 1))
        return mq_fail(err, MQ_INVALID,
                       "choice %zu: propensity %g: give a chance above 0, at most 1", i, c->logged);
    if (!(c->target >= 0 && c->target <= 1))
        return mq_fail(err, MQ_INVALID, "choice %zu: target %g: give a chance from 0 to 1", i,
                       c->target);
    if (!isfinite(c->reward) || !isfinite(c->model_logged) || !isfinite(c->model_target))
        return mq_fail(err, MQ_INVALID, "choice %zu: reward %g: give finite numbers", i, c->reward);
    return 0;
}

static int weigh(struct work *k, size_t *ret_pages, struct mq_error *err)
{
    size_t pages = 0;
    uint32_t slot = 0;
    double before = 1;

    for (size_t i = 0; i < k->n; i++) {
        const struct choice *c = &k->choices[i];
        int rc = check(c, i, err);
        if (rc != 0)
            return rc;
        bool same = i > 0 && c->page == c[-1].page && c->viewer == c[-1].viewer;
        pages += !same;
        if (k->method == OFF_POLICY_CASCADE) {
            slot = same ? slot + 1 : 0;
            before = same ? before : 1;
            if (slot >= SLOTS_MAX)
                return mq_fail(err, MQ_INVALID, "page of choice %zu: over %d slots: cut it", i,
                               SLOTS_MAX);
        }
        k->weight[i] = before * c->target / c->logged;
        before = k->method == OFF_POLICY_CASCADE ? k->weight[i] : 1;
        k->slot[i] = slot;
        if (slot >= k->n_slots)
            k->n_slots = slot + 1;
        struct slot *s = &k->slots[slot];
        double r = k->method == OFF_POLICY_DR ? c->reward - c->model_logged : c->reward;
        s->w += k->weight[i];
        s->ww += k->weight[i] * k->weight[i];
        s->wr += k->weight[i] * r;
        s->n++;
    }
    *ret_pages = pages;
    return 0;
}

/* The estimate, and each choice's residual, in units of the mean over `units`. */
static double estimate(struct work *k, size_t pages)
{
    double value = 0, model = 0;

    for (size_t s = 0; s < k->n_slots; s++)
        value +=
            k->slots[s].w > 0
                ? k->slots[s].wr / k->slots[s].w *
                      (k->method == OFF_POLICY_CASCADE ? (double)k->slots[s].n / (double)pages : 1)
                : 0;
    if (k->method == OFF_POLICY_DR) {
        for (size_t i = 0; i < k->n; i++)
            model += k->choices[i].model_target / (double)k->n;
    }
    for (size_t i = 0; i < k->n; i++) {
        const struct choice *c = &k->choices[i];
        const struct slot *s = &k->slots[k->slot[i]];
        double mean = s->w / (double)s->n, own = s->w > 0 ? s->wr / s->w : 0;
        double r = k->method == OFF_POLICY_DR ? c->reward - c->model_logged : c->reward;
        double e = mean > 0 ? k->weight[i] / mean * (r - own) : 0;
        if (k->method == OFF_POLICY_DR)
            e += c->model_target - model;
        k->residual[i] = e;
    }
    return value + model;
}

static int by_viewer(const void *a, const void *b)
{
    uint64_t x = ((const struct share *)a)->viewer, y = ((const struct share *)b)->viewer;

    return (x > y) - (x < y);
}

/* Standard error of the estimate from the viewers' summed residuals, and the degrees of freedom that they leave: a
 * variance estimated from n values of kurtosis k is as sure as one of 2 n / (k - 1) normal ones. */
static int cluster(const struct work *k, double units, size_t *ret_viewers, double *ret_error,
                   double *ret_degrees, struct mq_error *err)
{
    struct share *shares = calloc(k->n, sizeof(*shares));
    double sum2 = 0, sum4 = 0;
    size_t viewers = 0;

    if (!shares)
        return mq_fail(err, MQ_NO_MEMORY, "off-policy: %zu choices: give the process more memory",
                       k->n);
    for (size_t i = 0; i < k->n; i++)
        shares[i] = (struct share){k->choices[i].viewer, k->residual[i]};
    qsort(shares, k->n, sizeof(*shares), by_viewer);
    for (size_t i = 0; i < k->n;) {
        double sum = 0;
        size_t end = i;
        while (end < k->n && shares[end].viewer == shares[i].viewer)
            sum += shares[end++].residual;
        sum2 += sum * sum;
        sum4 += sum * sum * sum * sum;
        viewers++;
        i = end;
    }
    free(shares);
    *ret_viewers = viewers;
    double spread = viewers > 1 ? sum2 * (double)viewers / (double)(viewers - 1) : INFINITY;
    *ret_error = sqrt(spread) / units;
    double peaked = sum2 > 0 ? (double)viewers * sum4 / (sum2 * sum2) : 3;
    *ret_degrees = 2 * (double)viewers / fmax(peaked - 1, 1);
    return 0;
}

/* What the estimate rests on; of a cascade the poorest slot speaks. */
static void describe_support(const struct work *k, struct off_policy *p)
{
    double deviation = 0;

    p->effective = INFINITY;
    p->mean_weight = 1;
    for (size_t s = 0; s < k->n_slots; s++) {
        const struct slot *t = &k->slots[s];
        double effective = t->ww > 0 ? t->w * t->w / t->ww : 0, mean = t->w / (double)t->n;
        p->effective = fmin(p->effective, effective);
        if (fabs(mean - 1) >= deviation) {
            deviation = fabs(mean - 1);
            p->mean_weight = mean;
        }
    }
    for (size_t i = 0; i < k->n; i++) {
        double total = k->slots[k->slot[i]].w;
        if (total > 0)
            p->largest_share = fmax(p->largest_share, k->weight[i] / total);
    }
}

/* The mean weight of a slot is 1 but for chance: its own spread says for how much chance. */
static bool outside_support(const struct work *k, const struct off_policy *p)
{
    for (size_t s = 0; s < k->n_slots; s++) {
        const struct slot *t = &k->slots[s];
        double n = (double)t->n, mean = t->w / n;
        double error = sqrt(fmax(t->ww / n - mean * mean, 0) / n);
        if (fabs(mean - 1) > 0.1 + 4 * error * sqrt((double)p->choices / (double)p->viewers))
            return true;
    }
    return false;
}

static void refuse_where_due(const struct work *k, struct off_policy *p)
{
    if (p->viewers < OFF_POLICY_VIEWERS_MIN)
        snprintf(p->why, sizeof(p->why), "%zu viewers: at least %d are needed", p->viewers,
                 OFF_POLICY_VIEWERS_MIN);
    else if (p->effective < OFF_POLICY_ESS_MIN)
        snprintf(p->why, sizeof(p->why),
                 "effective sample size %.1f: at least %d is needed; log more or ask about a "
                 "nearer policy",
                 p->effective, OFF_POLICY_ESS_MIN);
    else if (outside_support(k, p))
        snprintf(
            p->why, sizeof(p->why),
            "mean weight %.3f instead of 1: the log does not hold what the policy would choose",
            p->mean_weight);
    p->refused = p->why[0] != '\0';
    if (p->refused)
        p->value = p->low = p->high = p->standard_error = NAN;
}

static int measure(struct work *k, struct off_policy *ret, struct mq_error *err)
{
    struct off_policy p = {.choices = k->n};
    double degrees = 0, rewards = 0;
    int rc = weigh(k, &p.pages, err);

    if (rc != 0)
        return rc;
    double units = k->method == OFF_POLICY_CASCADE ? (double)p.pages : (double)k->n;
    p.value = estimate(k, p.pages);
    rc = cluster(k, units, &p.viewers, &p.standard_error, &degrees, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < k->n; i++)
        rewards += k->choices[i].reward;
    p.logged_value = rewards / units;
    double half = student_975(degrees) * p.standard_error;
    p.low = p.value - half;
    p.high = p.value + half;
    describe_support(k, &p);
    refuse_where_due(k, &p);
    *ret = p;
    return 0;
}

int off_policy_estimate(const struct choice *choices, size_t n, enum off_policy_method method,
                        struct off_policy *ret, struct mq_error *err)
{
    struct work k = {.choices = choices, .n = n, .method = method};

    if (n == 0)
        return mq_fail(err, MQ_INVALID,
                       "off-policy: no choices: log pages with propensities first");
    k.weight = calloc(n, sizeof(*k.weight));
    k.slot = calloc(n, sizeof(*k.slot));
    k.residual = calloc(n, sizeof(*k.residual));
    int rc = k.weight && k.slot && k.residual
                 ? measure(&k, ret, err)
                 : mq_fail(err, MQ_NO_MEMORY,
                           "off-policy: %zu choices: give the process more memory", n);
    free(k.weight);
    free(k.slot);
    free(k.residual);
    return rc;
}
