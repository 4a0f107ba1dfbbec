#include "train/order_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/bootstrap.h"
#include "recommend/order.h"
#include "train/replay.h"

enum { ROUNDS = 30, HALVINGS = 20, CUT = 10 /* NDCG@10 */ };
static const double ridge = 1;

struct asked {
    uint32_t viewer, titles,
        chosen;  /* place of the chosen one; = titles: it did not come into question */
    double base; /* NDCG@10 of the order without weights */
    float *x;    /* (titles, ORDER_PARTS) */
};

struct work {
    struct asked *asked;
    size_t n, fitted; /* the first ones are fitted on */
};

static void work_release(struct work *w)
{
    for (size_t i = 0; w->asked && i < w->n; i++)
        free(w->asked[i].x);
    free(w->asked);
}

static double gain_at(size_t place)
{
    return place < CUT ? 1 / log2((double)place + 2) : 0;
}

/* ---------------------------------------------------------------- questions */

/* The place of the chosen title in the order that stands without weights. */
static double base_of(const struct recommender *r, uint32_t title)
{
    size_t above = 0;
    for (uint32_t t = 0; t < r->n_titles; t++)
        above += title_free(r, t) && r->ordered[t] > r->ordered[title];
    return title_free(r, title) ? gain_at(above) : 0;
}

static int take(struct work *w, struct recommender *r, const struct ranker_choice *c,
                struct mq_error *err)
{
    if (profile_signal(c->profile, (struct title_id){c->title}))
        return 0; /* met before, if only a moment ago */
    struct asked a = {.viewer = c->profile->viewer.v, .base = base_of(r, c->title)};
    order_candidates(r);
    a.titles = (uint32_t)r->n_ranked;
    a.chosen = a.titles;
    a.x = malloc((r->n_ranked + 1) * ORDER_PARTS * sizeof(*a.x));
    if (!a.x)
        return mq_fail(err, MQ_NO_MEMORY, "order: no memory");
    for (uint32_t k = 0; k < a.titles; k++) {
        if (r->ranked[k].index == c->title)
            a.chosen = k;
        order_parts(r, r->ranked[k].index, a.x + (size_t)k * ORDER_PARTS);
    }
    w->asked[w->n++] = a;
    return 0;
}

static int ask_all(const struct ranker_log *log, const struct order_fit_settings *s,
                   struct train_watch watch, struct work *w, struct mq_error *err)
{
    struct model plain = *s->generators; /* its own order is without weights */
    struct world world = {.model = &plain, .catalogue = s->catalogue};
    struct replay x = {.fed = 0};
    size_t step = log->n / ORDER_QUESTIONS_MAX + 1;
    plain.order = NULL;
    w->asked = calloc(log->n / step + 2, sizeof(*w->asked));
    int rc = w->asked ? replay_init(&x, log, &world, err)
                      : mq_fail(err, MQ_NO_MEMORY, "order: no memory");
    for (size_t i = 0; rc == 0 && i < log->n; i += step) {
        const struct ranker_choice *c = &log->choices[i];
        if (watch.progress && i / step % 64 == 0 &&
            !watch.progress(watch.ctx, "order: questions", i, log->n))
            rc = mq_fail(err, MQ_CANCELLED, "training: stopped");
        if (rc == 0)
            rc = replay_ask(&x, c, err);
        if (rc || !x.r->has_taste || c->title >= x.r->n_titles)
            continue;
        rc = take(w, x.r, c, err);
        if (rc == 0 && c->at_ms < s->test_from_ms)
            w->fitted = w->n;
    }
    replay_release(&x);
    return rc;
}

/* ---------------------------------------------------------------- Newton's method */

struct sums {
    double ln_chance;
    double gradient[ORDER_PARTS], curvature[ORDER_PARTS][ORDER_PARTS];
};

static double worth_of(const float *x, const double *weight)
{
    double sum = 0;
    for (int p = 0; p < ORDER_PARTS; p++)
        sum += weight[p] * (double)x[p];
    return sum;
}

/* One question's gradient and curvature of ln chance: what was chosen less what was expected, and the parts' covariance. */
static void add_question(const struct asked *a, const double *weight, double *chance,
                         struct sums *to)
{
    double most = -INFINITY, all = 0, mean[ORDER_PARTS] = {0};
    if (a->chosen == a->titles)
        return;
    for (uint32_t k = 0; k < a->titles; k++) {
        chance[k] = worth_of(a->x + (size_t)k * ORDER_PARTS, weight);
        most = fmax(most, chance[k]);
    }
    double own = chance[a->chosen];
    for (uint32_t k = 0; k < a->titles; k++)
        all += chance[k] = exp(chance[k] - most);
    to->ln_chance += own - most - log(all);
    for (uint32_t k = 0; k < a->titles; k++) {
        const float *x = a->x + (size_t)k * ORDER_PARTS;
        for (int p = 0; p < ORDER_PARTS; p++) {
            double by = chance[k] / all * (double)x[p];
            mean[p] += by;
            for (int q = 0; q <= p; q++)
                to->curvature[p][q] += by * (double)x[q];
        }
    }
    for (int p = 0; p < ORDER_PARTS; p++) {
        to->gradient[p] += (double)a->x[(size_t)a->chosen * ORDER_PARTS + (size_t)p] - mean[p];
        for (int q = 0; q <= p; q++)
            to->curvature[p][q] -= mean[p] * mean[q];
    }
}

/* Gauss's elimination with the larger pivot; the ridge keeps the matrix positive definite. */
static void solve(const struct sums *s, double *step)
{
    double a[ORDER_PARTS][ORDER_PARTS + 1];
    for (int p = 0; p < ORDER_PARTS; p++) {
        for (int q = 0; q < ORDER_PARTS; q++)
            a[p][q] = q <= p ? s->curvature[p][q] : s->curvature[q][p];
        a[p][ORDER_PARTS] = s->gradient[p];
    }
    for (int p = 0; p < ORDER_PARTS; p++)
        for (int q = 0; q < ORDER_PARTS; q++) {
            double by = a[q][p] / a[p][p];
            for (int c = p; c <= ORDER_PARTS && q != p; c++)
                a[q][c] -= by * a[p][c];
        }
    for (int p = 0; p < ORDER_PARTS; p++)
        step[p] = a[p][ORDER_PARTS] / a[p][p];
}

/* The first `n` questions with the ridge: ln chance less its penalty, which Newton's steps make larger. */
static void sum_up(const struct work *w, size_t n, const double *weight, struct sums *ret)
{
    double chance[RANKED];
    *ret = (struct sums){.ln_chance = 0};
    for (size_t i = 0; i < n; i++)
        add_question(&w->asked[i], weight, chance, ret);
    for (int p = 0; p < ORDER_PARTS; p++) {
        ret->ln_chance -= ridge * weight[p] * weight[p] / 2;
        ret->gradient[p] -= ridge * weight[p];
        ret->curvature[p][p] += ridge;
    }
}

/* A step that leads too far is halved until it leads up: the problem is concave. */
static void climb(const struct work *w, size_t n, double *weight)
{
    struct sums here, there;
    sum_up(w, n, weight, &here);
    for (int round = 0; round < ROUNDS; round++) {
        double step[ORDER_PARTS], to[ORDER_PARTS], largest = 0, by = 1;
        solve(&here, step);
        for (int halved = 0; halved < HALVINGS; halved++, by /= 2) {
            for (int p = 0; p < ORDER_PARTS; p++)
                to[p] = weight[p] + by * step[p];
            sum_up(w, n, to, &there);
            if (there.ln_chance >= here.ln_chance)
                break;
        }
        if (!(there.ln_chance >= here.ln_chance))
            break;
        for (int p = 0; p < ORDER_PARTS; p++)
            largest = fmax(largest, fabs(by * step[p]));
        memcpy(weight, to, sizeof(to));
        here = there;
        if (largest < 1e-5)
            break;
    }
}

/* ---------------------------------------------------------------- is it better? */

static double ndcg_of(const struct asked *a, const double *weight)
{
    size_t above = 0;
    if (a->chosen == a->titles)
        return 0;
    double own = worth_of(a->x + (size_t)a->chosen * ORDER_PARTS, weight);
    for (uint32_t k = 0; k < a->titles; k++)
        above += k != a->chosen && worth_of(a->x + (size_t)k * ORDER_PARTS, weight) >= own;
    return gain_at(above);
}

static int by_viewer(const void *a, const void *b)
{
    const struct asked *x = a, *y = b;
    return (x->viewer > y->viewer) - (x->viewer < y->viewer);
}

static int judge(struct work *w, const double *weight, uint64_t seed, struct order_part *ret,
                 struct mq_error *err)
{
    struct asked *tested = w->asked + w->fitted;
    size_t n = w->n - w->fitted, viewers = 0;
    double *sums = calloc(3 * n + 1, sizeof(*sums));
    struct interval gain, level;
    if (!sums)
        return mq_fail(err, MQ_NO_MEMORY, "order: no memory");
    double *with = sums, *without = sums + n, *count = sums + 2 * n;
    qsort(tested, n, sizeof(*tested), by_viewer);
    for (size_t i = 0; i < n; i++) {
        size_t v = i > 0 && tested[i].viewer == tested[i - 1].viewer ? viewers - 1 : viewers++;
        with[v] += ndcg_of(&tested[i], weight);
        without[v] += tested[i].base;
        count[v] += 1;
    }
    int rc = bootstrap_ratio(with, without, count, viewers, false, seed, &gain, err);
    if (rc == 0)
        rc = bootstrap_ratio(without, NULL, count, viewers, false, seed, &level, err);
    free(sums);
    if (rc)
        return rc;
    ret->base_ndcg = level.mean;
    ret->ndcg = level.mean + gain.mean;
    ret->low = gain.low;
    ret->high = gain.high;
    ret->questions = n;
    return 0;
}

static int learn(struct work *w, const struct order_fit_settings *s, struct order_part **ret,
                 struct mq_error *err)
{
    double weight[ORDER_PARTS] = {[ORDER_SCORE] = 1};
    struct order_part *p = calloc(1, sizeof(*p));
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "order: no memory");
    climb(w, w->fitted, weight);
    int rc = judge(w, weight, s->seed, p, err);
    climb(w, w->n, weight); /* what is served has learnt from those that judged, too */
    for (int k = 0; k < ORDER_PARTS; k++)
        p->weight[k] = (float)weight[k];
    p->version = ORDER_VERSION;
    p->blend = s->generators->blend.n > 0;
    if (rc || !(p->ndcg > p->base_ndcg) || order_fault(p)) {
        free(p);
        return rc;
    }
    *ret = p;
    return 0;
}

int order_fit(const struct ranker_log *log, const struct order_fit_settings *s,
              struct train_watch watch, struct order_part **ret, struct mq_error *err)
{
    struct work w = {.n = 0};
    *ret = NULL;
    int rc = ask_all(log, s, watch, &w, err);
    if (rc == 0 && w.fitted >= ORDER_QUESTIONS_LEAST && w.n - w.fitted >= ORDER_QUESTIONS_LEAST / 3)
        rc = learn(&w, s, ret, err);
    work_release(&w);
    return rc;
}
