#include "train/engagement_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { W = ENGAGEMENT_WEIGHTS, P = W + 2, FOLDS = 5, NEWTON_STEPS = 12 };
static const double lambda = 20;             /* of rated viewings: what a few did weighs little */
static const double propensity_ridge = 1e-3; /* keeps a signal that never varies harmless */
static const double no_worse_margin = 0.01;  /* one pair in a hundred */
static const double spread_least = 1e-6; /* of what the weights say; below it they say nothing */
static const double weight_least = 0.1, weight_most = 10;

const char *engagement_pairs_name(enum engagement_pairs p)
{
    static const char *const names[ENGAGEMENT_PAIR_KINDS] = {"all", "short", "long", "mixed"};
    return names[p];
}

const char *engagement_scorer_name(enum engagement_scorer s)
{
    static const char *const names[ENGAGEMENT_SCORERS] = {"completion", "defaults", "fitted"};
    return names[s];
}

/* A rated viewing, its viewer's means taken out. */
struct rated {
    const struct engagement_row *row;
    double x[W], y, w;
};

/* The rated viewings of one viewer. */
struct viewer_part {
    size_t from, to;
};

struct fitting {
    const struct engagement_rows *rows;
    struct rated *v; /* (n) */
    size_t n;
    struct viewer_part *viewers; /* (n_viewers) those with different grades */
    size_t n_viewers;
    double *figures; /* (FIGURES, n_viewers) scratch */
    uint64_t seed;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "engagement: no memory for the fit");
}

/* Solve a x = b for k columns of b (n, k) in place, a (n, n) symmetric positive definite: Gauss and Jordan without
 * pivoting, which such a matrix needs none of. */
static void solve(double *a, double *b, int n, int k)
{
    for (int p = 0; p < n; p++) {
        double pivot = 1 / a[p * n + p];
        for (int c = 0; c < n; c++)
            a[p * n + c] *= pivot;
        for (int c = 0; c < k; c++)
            b[p * k + c] *= pivot;
        for (int r = 0; r < n; r++) {
            double f = a[r * n + p];
            if (r == p || f == 0)
                continue;
            for (int c = 0; c < n; c++)
                a[r * n + c] -= f * a[p * n + c];
            for (int c = 0; c < k; c++)
                b[r * k + c] -= f * b[p * k + c];
        }
    }
}

/* ---------------------------------------------------------------- who rates at all */

static double sigmoid(double z)
{
    return 1 / (1 + exp(-z));
}

/* How readily the viewer rates, this viewing apart: log-odds with half a viewing added to both sides. */
static double readiness(size_t rated, size_t viewings, bool this_one)
{
    double yes = (double)rated - this_one + 0.5;
    double no = (double)(viewings - rated) - !this_one + 0.5;
    return log(yes / no);
}

static void features(const struct engagement_row *row, size_t rated, size_t viewings, double ret[P])
{
    for (int i = 0; i < W; i++)
        ret[i] = (double)row->x[i];
    ret[W] = readiness(rated, viewings, !isnan(row->liked));
    ret[W + 1] = 1;
}

static double dot(const double *a, const double *b, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Calls visit for each viewing with its features. */
typedef void viewing_visit(void *ctx, size_t i, const double x[P]);
static void each_viewing(const struct engagement_rows *r, viewing_visit *visit, void *ctx)
{
    double x[P];
    for (size_t i = 0; i < r->n;) {
        size_t end = i;
        size_t rated = 0;
        for (; end < r->n && r->v[end].viewer == r->v[i].viewer; end++)
            rated += !isnan(r->v[end].liked);
        size_t viewings = end - i;
        for (; i < end; i++) {
            features(&r->v[i], rated, viewings, x);
            visit(ctx, i, x);
        }
    }
}

struct newton {
    const struct engagement_rows *rows;
    double b[P], gradient[P], hessian[P * P];
};

static void add_newton(void *ctx, size_t i, const double x[P])
{
    struct newton *t = ctx;
    double p = sigmoid(dot(t->b, x, P));
    double miss = !isnan(t->rows->v[i].liked) - p;
    for (int r = 0; r < P; r++) {
        t->gradient[r] += miss * x[r];
        for (int c = 0; c < P; c++)
            t->hessian[r * P + c] += p * (1 - p) * x[r] * x[c];
    }
}

static void fit_propensity(const struct engagement_rows *rows, double ret[P])
{
    struct newton t = {.rows = rows};
    double ridge = propensity_ridge * (double)rows->n + 1;
    for (int step = 0; step < NEWTON_STEPS; step++) {
        memset(t.gradient, 0, sizeof(t.gradient));
        memset(t.hessian, 0, sizeof(t.hessian));
        each_viewing(rows, add_newton, &t);
        for (int i = 0; i < P; i++) {
            t.gradient[i] -= ridge * t.b[i];
            t.hessian[i * P + i] += ridge;
        }
        solve(t.hessian, t.gradient, P, 1);
        for (int i = 0; i < P; i++) /* steps are bounded: far from the answer Newton overshoots */
            t.b[i] += fmax(-2, fmin(2, t.gradient[i]));
    }
    memcpy(ret, t.b, sizeof(t.b));
}

/* ---------------------------------------------------------------- the rated ones */

struct taking {
    struct fitting *f;
    double b[P];
    double mean; /* share that is rated */
    double low, high;
};

static void take_rated(void *ctx, size_t i, const double x[P])
{
    struct taking *t = ctx;
    const struct engagement_row *row = &t->f->rows->v[i];
    if (isnan(row->liked))
        return;
    double p = sigmoid(dot(t->b, x, P));
    t->low = fmin(t->low, p);
    t->high = fmax(t->high, p);
    struct rated *to = &t->f->v[t->f->n++];
    to->row = row;
    to->w = fmax(weight_least, fmin(weight_most, t->mean / p));
}

/* Take the weighted means of the viewer's out. */
static void centre(struct rated *v, size_t n)
{
    double sum[W + 1] = {0};
    double w = 0;
    for (size_t i = 0; i < n; i++) {
        w += v[i].w;
        for (int k = 0; k < W; k++)
            sum[k] += v[i].w * (double)v[i].row->x[k];
        sum[W] += v[i].w * (double)v[i].row->liked;
    }
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < W; k++)
            v[i].x[k] = (double)v[i].row->x[k] - sum[k] / w;
        v[i].y = (double)v[i].row->liked - sum[W] / w;
    }
}

static void find_viewers(struct fitting *f)
{
    for (size_t i = 0; i < f->n;) {
        size_t end = i;
        bool differ = false;
        for (; end < f->n && f->v[end].row->viewer == f->v[i].row->viewer; end++)
            differ |= f->v[end].row->liked != f->v[i].row->liked;
        centre(f->v + i, end - i);
        if (differ)
            f->viewers[f->n_viewers++] = (struct viewer_part){i, end};
        i = end;
    }
}

static int prepare(struct fitting *f, struct engagement_fit *ret, struct mq_error *err)
{
    const struct engagement_rows *rows = f->rows;
    for (size_t i = 0; i < rows->n; i++)
        ret->rated += !isnan(rows->v[i].liked);
    ret->viewings = rows->n;
    if (ret->rated == 0)
        return mq_fail(err, MQ_INVALID,
                       "engagement: %zu viewings older than %d days, %llu younger ones: none was "
                       "rated afterwards: import or send ratings or thumbs of what was watched",
                       rows->n, ENGAGEMENT_MATURE_DAYS, (unsigned long long)rows->young);
    f->v = malloc(ret->rated * sizeof(*f->v));
    f->viewers = malloc(ret->rated * sizeof(*f->viewers));
    f->figures = malloc(2 * ret->rated * sizeof(*f->figures) * ENGAGEMENT_SCORERS);
    if (!f->v || !f->viewers || !f->figures)
        return no_memory(err);
    struct taking t = {.f = f, .mean = (double)ret->rated / (double)rows->n, .low = 1, .high = 0};
    fit_propensity(rows, t.b);
    each_viewing(rows, take_rated, &t);
    ret->propensity_low = t.low;
    ret->propensity_high = t.high;
    find_viewers(f);
    ret->viewers = (uint32_t)f->n_viewers;
    if (f->n_viewers < ENGAGEMENT_VIEWERS_LEAST)
        return mq_fail(err, MQ_INVALID,
                       "engagement: %zu viewers graded two titles differently after watching them: "
                       "at least %d are needed",
                       f->n_viewers, ENGAGEMENT_VIEWERS_LEAST);
    for (size_t i = 0; i < f->n; i++)
        for (int k = 0; k < W; k++)
            ret->used[k] += f->v[i].row->x[k] != 0;
    for (size_t i = 0; i < f->n; i++)
        for (int k = 0; k < W; k++)
            if (ret->used[k] < ENGAGEMENT_USED_LEAST)
                f->v[i].x[k] = 0;
    return 0;
}

/* ---------------------------------------------------------------- weights */

/* On all viewers but those of the fold (FOLDS: on all). `ret_inverse` (W, W) may be NULL. */
static void fit_weights(const struct fitting *f, size_t without, double ret[W], double *ret_inverse)
{
    double a[W * W] = {0};
    double b[W * (W + 1)] = {0};
    for (size_t u = 0; u < f->n_viewers; u++) {
        if (u % FOLDS == without)
            continue;
        for (size_t i = f->viewers[u].from; i < f->viewers[u].to; i++) {
            const struct rated *r = &f->v[i];
            for (int k = 0; k < W; k++) {
                b[k * (W + 1)] += r->w * r->x[k] * r->y;
                for (int c = 0; c < W; c++)
                    a[k * W + c] += r->w * r->x[k] * r->x[c];
            }
        }
    }
    for (int k = 0; k < W; k++) {
        a[k * W + k] += lambda;
        b[k * (W + 1) + 1 + k] = 1;
    }
    solve(a, b, W, W + 1);
    for (int k = 0; k < W; k++) {
        ret[k] = b[k * (W + 1)];
        for (int c = 0; ret_inverse && c < W; c++)
            ret_inverse[k * W + c] = b[k * (W + 1) + 1 + c];
    }
}

/* How much b[k] moves with one viewer more, times the number of viewers: their mean over a resample is b's move. */
static double influence(const struct fitting *f, size_t u, const double *b, const double *inverse)
{
    double sum = 0;
    for (size_t i = f->viewers[u].from; i < f->viewers[u].to; i++) {
        const struct rated *r = &f->v[i];
        sum += r->w * (r->y - dot(b, r->x, W)) * dot(inverse, r->x, W);
    }
    return sum * (double)f->n_viewers;
}

static int find_intervals(struct fitting *f, struct engagement_fit *ret, struct mq_error *err)
{
    double inverse[W * W];
    int rc = 0;
    fit_weights(f, FOLDS, ret->weight, inverse);
    for (int k = 0; rc == 0 && k < W; k++) {
        for (size_t u = 0; u < f->n_viewers; u++)
            f->figures[u] = influence(f, u, ret->weight, inverse + (size_t)k * W);
        rc = bootstrap_paired(f->figures, NULL, f->n_viewers, f->seed, &ret->interval[k], err);
        if (rc)
            break;
        double shift = ret->weight[k] - ret->interval[k].mean;
        ret->interval[k].low += shift;
        ret->interval[k].high += shift;
        ret->interval[k].mean = ret->weight[k];
    }
    return rc;
}

/* ---------------------------------------------------------------- worth */

static int by_runtime(const void *a, const void *b)
{
    const struct rated *x = a;
    const struct rated *y = b;
    return (x->row->runtime_min > y->row->runtime_min) -
           (x->row->runtime_min < y->row->runtime_min);
}

static int median_runtime(const struct fitting *f, unsigned *ret, struct mq_error *err)
{
    struct rated *v = malloc(f->n * sizeof(*v));
    if (!v)
        return no_memory(err);
    memcpy(v, f->v, f->n * sizeof(*v));
    qsort(v, f->n, sizeof(*v), by_runtime);
    *ret = v[f->n / 2].row->runtime_min;
    free(v);
    return 0;
}

struct tally {
    double pairs, right[ENGAGEMENT_SCORERS];
};

static bool compares(enum engagement_pairs kind, bool short_a, bool short_b)
{
    switch (kind) {
    case ENGAGEMENT_SHORT:
        return short_a && short_b;
    case ENGAGEMENT_LONG:
        return !short_a && !short_b;
    case ENGAGEMENT_MIXED:
        return short_a != short_b;
    default:
        return true;
    }
}

static void compare_viewer(const struct fitting *f, size_t u, const double *b,
                           enum engagement_pairs kind, unsigned short_min, struct tally *ret)
{
    size_t from = f->viewers[u].from;
    size_t to = f->viewers[u].to;
    to = to - from > ENGAGEMENT_PAIRS_OF ? from + ENGAGEMENT_PAIRS_OF : to;
    *ret = (struct tally){0};
    for (size_t i = from; i < to; i++) {
        for (size_t j = i + 1; j < to; j++) {
            const struct rated *p = &f->v[i];
            const struct rated *q = &f->v[j];
            if (p->row->liked == q->row->liked ||
                !compares(kind, p->row->runtime_min <= short_min, q->row->runtime_min <= short_min))
                continue;
            double sign = p->row->liked > q->row->liked ? 1 : -1;
            const double apart[ENGAGEMENT_SCORERS] = {
                [ENGAGEMENT_COMPLETION] = (double)(p->row->share - q->row->share),
                [ENGAGEMENT_DEFAULTS] = (double)(p->row->defaults - q->row->defaults),
                [ENGAGEMENT_FITTED] = dot(b, p->x, W) - dot(b, q->x, W),
            };
            ret->pairs++;
            for (int s = 0; s < ENGAGEMENT_SCORERS; s++)
                ret->right[s] += apart[s] == 0 ? 0.5 : apart[s] * sign > 0;
        }
    }
}

static int compare(struct fitting *f, double b[FOLDS][W], enum engagement_pairs kind,
                   unsigned short_min, struct engagement_comparison *ret, struct mq_error *err)
{
    double *share[ENGAGEMENT_SCORERS];
    size_t n = 0;
    for (int s = 0; s < ENGAGEMENT_SCORERS; s++)
        share[s] = f->figures + (size_t)s * f->n_viewers;
    for (size_t u = 0; u < f->n_viewers; u++) {
        struct tally t;
        compare_viewer(f, u, b[u % FOLDS], kind, short_min, &t);
        if (t.pairs == 0)
            continue;
        for (int s = 0; s < ENGAGEMENT_SCORERS; s++)
            share[s][n] = t.right[s] / t.pairs;
        n++;
    }
    int rc = 0;
    for (int s = 0; rc == 0 && s < ENGAGEMENT_SCORERS; s++)
        rc = bootstrap_paired(share[s], NULL, n, f->seed, &ret->right[s], err);
    if (rc == 0)
        rc = bootstrap_paired(share[ENGAGEMENT_FITTED], share[ENGAGEMENT_COMPLETION], n, f->seed,
                              &ret->over_completion, err);
    if (rc == 0)
        rc = bootstrap_paired(share[ENGAGEMENT_FITTED], share[ENGAGEMENT_DEFAULTS], n, f->seed,
                              &ret->over_defaults, err);
    return rc;
}

/* ---------------------------------------------------------------- serving */

/* Mean and standard deviation of (n) figures. */
static void moments_of(const double *v, size_t n, double *mean, double *deviation)
{
    double sum = 0;
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (v[i] - *mean) * (v[i] - *mean);
    *deviation = sqrt(squares / (double)n);
}

/* Over all viewings, rated or not, the weights get the mean and the spread of the default rules. */
static int find_scale(const struct engagement_rows *rows, const double weight[W],
                      struct engagement_weights *ret, struct mq_error *err)
{
    double *v = malloc(rows->n * 2 * sizeof(*v));
    double mean[2];
    double deviation[2];
    if (!v)
        return no_memory(err);
    for (size_t i = 0; i < rows->n; i++) {
        v[i] = (double)rows->v[i].defaults;
        v[rows->n + i] = 0;
        for (int k = 0; k < W; k++)
            v[rows->n + i] += weight[k] * (double)rows->v[i].x[k];
    }
    for (int s = 0; s < 2; s++)
        moments_of(v + (size_t)s * rows->n, rows->n, &mean[s], &deviation[s]);
    free(v);
    ret->scale = deviation[1] > spread_least ? deviation[0] / deviation[1] : 0;
    ret->offset = mean[0] - ret->scale * mean[1];
    memcpy(ret->weight, weight, sizeof(ret->weight));
    ret->shares = *rows->shares;
    return 0;
}

int engagement_fit(const struct engagement_rows *rows, uint64_t seed, struct engagement_fit *ret,
                   struct mq_error *err)
{
    struct fitting f = {.rows = rows, .seed = seed};
    double b[FOLDS][W];
    memset(ret, 0, sizeof(*ret));
    int rc = prepare(&f, ret, err);
    if (rc == 0)
        rc = median_runtime(&f, &ret->short_min, err);
    for (size_t fold = 0; rc == 0 && fold < FOLDS; fold++)
        fit_weights(&f, fold, b[fold], NULL);
    for (int k = 0; rc == 0 && k < ENGAGEMENT_PAIR_KINDS; k++)
        rc = compare(&f, b, (enum engagement_pairs)k, ret->short_min, &ret->compared[k], err);
    if (rc == 0)
        rc = find_intervals(&f, ret, err);
    if (rc == 0)
        rc = find_scale(rows, ret->weight, &ret->serving, err);
    if (rc == 0)
        ret->no_worse = ret->compared[ENGAGEMENT_ALL].over_defaults.low >= -no_worse_margin;
    free(f.v);
    free(f.viewers);
    free(f.figures);
    return rc;
}
