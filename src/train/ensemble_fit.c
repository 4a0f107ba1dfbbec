#include "train/ensemble_fit.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "math/topk.h"

enum { QUESTIONS_AT_ONCE = 8, CHUNK = 32, STEPS = 30, N = INGREDIENTS };

/* Candidates of one question, targets first. */
struct set {
    size_t n, n_targets;
    float *x;      /* (n, N) */
    float *weight; /* (n) how many titles it stands for */
};

struct design {
    size_t n;
    struct set *set; /* (n) */
    double scale[N]; /* of design_scale */
};

/* ---------------------------------------------------------------- candidates */

struct making {
    const struct ensemble *e;
    const struct question *questions;
    uint64_t seed;
    struct design *d;
    struct ensemble_scratch **scratch; /* (threads) */
    uint32_t **picked;                 /* (threads, titles) */
    uint64_t **taken;                  /* (threads) bit per title */
    atomic_int failed;
};

static bool take(uint64_t *taken, uint32_t t)
{
    uint64_t bit = UINT64_C(1) << (t % 64);
    bool was = (taken[t / 64] & bit) != 0;
    taken[t / 64] |= bit;
    return !was;
}

/* Random titles that were not taken yet; gives up on tiny catalogues. */
static size_t pick_random(const struct making *m, size_t want, struct rng *rng, uint64_t *taken,
                          uint32_t *picked, size_t n)
{
    size_t end = n + want;
    for (size_t tries = 0; n < end && tries < 4 * want; tries++) {
        uint32_t t = (uint32_t)rng_below(rng, m->e->n_titles);
        if (take(taken, t))
            picked[n++] = t;
    }
    return n;
}

static size_t pick_best(const struct making *m, const float *const parts[N], uint64_t *taken,
                        uint32_t *picked, size_t n)
{
    for (size_t i = 0; i < N; i++) {
        struct topk_item best[CANDIDATES_BEST];
        size_t found = topk_select(parts[i], m->e->n_titles, taken, CANDIDATES_BEST, best);
        for (size_t k = 0; k < found; k++) {
            take(taken, best[k].index);
            picked[n++] = best[k].index;
        }
    }
    return n;
}

static int make_set(struct making *m, size_t i, size_t worker)
{
    const struct question *q = &m->questions[i];
    struct set *s = &m->d->set[i];
    uint64_t *taken = m->taken[worker];
    uint32_t *picked = m->picked[worker];
    const float *parts[N];
    struct rng rng;
    rng_seed_stream(&rng, m->seed, i);
    struct ensemble_view view = question_view(q);
    int rc = ensemble_ingredients(m->e, &view, (1u << N) - 1, m->scratch[worker], parts, NULL);
    if (rc)
        return rc;
    memset(taken, 0, ((size_t)m->e->n_titles / 64 + 1) * sizeof(*taken));
    size_t known = 0;
    for (size_t k = 0; k < q->n_history; k++)
        known += q->history[k] < m->e->n_titles && take(taken, q->history[k]);
    size_t n = 0;
    for (size_t k = 0; k < q->n_targets; k++)
        if (take(taken, q->targets[k]))
            picked[n++] = q->targets[k];
    s->n_targets = n;
    for (size_t k = 0; k < q->n_among; k++)
        if (take(taken, q->among[k]))
            picked[n++] = q->among[k];
    if (q->n_among == 0)
        n = pick_best(m, parts, taken, picked, n);
    size_t sure = n;
    float stands_for = 1;
    if (q->n_among == 0)
        n = pick_random(m, CANDIDATES_RANDOM, &rng, taken, picked, n);
    if (n > sure)
        stands_for = (float)(m->e->n_titles - known - sure) / (float)(n - sure);
    s->n = n;
    s->x = malloc((n * N + 1) * sizeof(*s->x));
    s->weight = malloc((n + 1) * sizeof(*s->weight));
    if (!s->x || !s->weight)
        return MQ_NO_MEMORY;
    for (size_t c = 0; c < n; c++) {
        s->weight[c] = c < sure ? 1 : stands_for;
        for (size_t f = 0; f < N; f++)
            s->x[c * N + f] = parts[f][picked[c]];
    }
    return 0;
}

static void make_sets(void *ctx, size_t from, size_t to, size_t worker)
{
    struct making *m = ctx;
    for (size_t i = from; i < to; i++) {
        int rc = m->questions[i].n_targets > 0 ? make_set(m, i, worker) : 0;
        if (rc)
            atomic_store(&m->failed, rc);
    }
}

/* What an ingredient has to vary by to be told from a constant. Counts are logarithms of viewers, and how new a title is lies
 * within 0 and 1, whatever the candidates: where those hardly differ, because nothing came lately, a weight that is worth as
 * much on them would outweigh all else once something does come, or pass what a float holds. */
static double least_scale(enum ingredient i)
{
    bool of_itself = i <= INGREDIENT_SINCE || i >= INGREDIENT_NEW_SLOW;
    return of_itself ? 0.01 : 1e-6;
}

static void find_scale(struct design *d)
{
    double sum[N] = {0};
    double square[N] = {0};
    double n = 0;
    for (size_t i = 0; i < d->n; i++) {
        for (size_t c = 0; c < d->set[i].n; c++, n++) {
            for (size_t f = 0; f < N; f++) {
                double x = (double)d->set[i].x[c * N + f];
                sum[f] += x;
                square[f] += x * x;
            }
        }
    }
    for (size_t f = 0; f < N && n > 0; f++) {
        double variance = square[f] / n - sum[f] / n * (sum[f] / n);
        double least = least_scale((enum ingredient)f);
        d->scale[f] = variance > 1e-12 * (square[f] / n) ? fmax(sqrt(variance), least) : 0;
    }
}

static void making_release(struct making *m, size_t threads)
{
    for (size_t t = 0; t < threads; t++) {
        if (m->scratch)
            ensemble_scratch_free(m->scratch[t]);
        if (m->picked)
            free(m->picked[t]);
        if (m->taken)
            free(m->taken[t]);
    }
    free((void *)m->scratch);
    free((void *)m->picked);
    free((void *)m->taken);
}

static int making_init(struct making *m, size_t n, size_t threads, struct mq_error *err)
{
    size_t longest = questions_longest(m->questions, n);
    int rc = 0;
    m->scratch = calloc(threads, sizeof(*m->scratch));
    m->picked = calloc(threads, sizeof(*m->picked));
    m->taken = calloc(threads, sizeof(*m->taken));
    bool fine = m->scratch && m->picked && m->taken;
    for (size_t t = 0; fine && rc == 0 && t < threads; t++) {
        m->picked[t] = malloc(((size_t)m->e->n_titles + 1) * sizeof(uint32_t));
        m->taken[t] = malloc(((size_t)m->e->n_titles / 64 + 1) * sizeof(uint64_t));
        fine = m->picked[t] && m->taken[t];
        if (fine)
            rc = ensemble_scratch_new(m->e, longest, &m->scratch[t], err);
    }
    return fine ? rc : mq_fail(err, MQ_NO_MEMORY, "blend: no memory");
}

int design_new(const struct ensemble *e, const struct question *questions, size_t n, uint64_t seed,
               struct pool *pool, struct design **ret, struct mq_error *err)
{
    size_t threads = pool_threads(pool);
    struct design *d = calloc(1, sizeof(*d));
    struct making m = {.e = e, .questions = questions, .seed = seed, .d = d};
    int rc = 0;
    if (d)
        d->set = calloc(n + 1, sizeof(*d->set));
    if (!d || !d->set)
        rc = mq_fail(err, MQ_NO_MEMORY, "blend: %zu questions: no memory", n);
    if (rc == 0) {
        d->n = n;
        rc = making_init(&m, n, threads, err);
    }
    if (rc == 0) {
        pool_for(pool, n, QUESTIONS_AT_ONCE, make_sets, &m);
        int failed = atomic_load(&m.failed);
        if (failed)
            rc = mq_fail(err, (enum mq_status)failed, "blend: a question can't be scored: %s",
                         mq_status_doc(failed));
    }
    making_release(&m, threads);
    if (rc) {
        design_free(d);
        return rc;
    }
    find_scale(d);
    *ret = d;
    return 0;
}

void design_free(struct design *d)
{
    if (!d)
        return;
    for (size_t i = 0; d->set && i < d->n; i++) {
        free(d->set[i].x);
        free(d->set[i].weight);
    }
    free(d->set);
    free(d);
}

double design_scale(const struct design *d, enum ingredient i)
{
    return d->scale[i];
}

/* ---------------------------------------------------------------- Newton */

enum ingredient_group ingredient_group(enum ingredient i)
{
    if (i == INGREDIENT_POPULARITY)
        return GROUP_POPULAR;
    if (i <= INGREDIENT_SINCE || i >= INGREDIENT_NEW_SLOW)
        return GROUP_LATELY;
    return i <= INGREDIENT_KNN ? GROUP_TASTE : GROUP_FOLLOWS;
}

/* Sums over a chunk of questions: value, slope and curvature of the log likelihood. */
struct sums {
    double value;
    double slope[N];
    double curve[N][N]; /* on and below the diagonal */
    size_t questions;
};

struct fitting {
    const struct design *d;
    const uint8_t *fold;
    uint8_t left_out;
    struct design_pull pull;
    size_t n_used;
    unsigned used[N];               /* which ingredients */
    double w[N];                    /* (n_used) of standardised ingredients */
    double way[N];                  /* (n_used) each group's usual weights, of length 1 */
    double size[INGREDIENT_GROUPS]; /* their length */
    struct sums *sums;
};

static void add_set(const struct fitting *f, const struct set *s, struct sums *to)
{
    double top = -INFINITY;
    double total = 0;
    double mean[N] = {0};
    double second[N][N] = {{0}};
    size_t n = f->n_used;
    double w[N];
    for (size_t a = 0; a < n; a++)
        w[a] = f->w[a] / f->d->scale[f->used[a]];
    for (int pass = 0; pass < 2; pass++) {
        for (size_t c = 0; c < s->n; c++) {
            const float *x = s->x + c * N;
            double z = 0;
            for (size_t a = 0; a < n; a++)
                z += w[a] * (double)x[f->used[a]];
            if (pass == 0) {
                top = z > top ? z : top;
                continue;
            }
            double p = (double)s->weight[c] * exp(z - top);
            double v[N];
            total += p;
            for (size_t a = 0; a < n; a++) {
                v[a] = (double)x[f->used[a]] / f->d->scale[f->used[a]];
                mean[a] += p * v[a];
                for (size_t b = 0; b <= a; b++)
                    second[a][b] += p * v[a] * v[b];
            }
        }
    }
    to->questions++;
    to->value -= top + log(fmax(total, 1e-300));
    for (size_t a = 0; a < n; a++) {
        double target = 0;
        for (size_t c = 0; c < s->n_targets; c++)
            target += (double)s->x[c * N + f->used[a]] / f->d->scale[f->used[a]];
        target /= (double)s->n_targets;
        to->value += f->w[a] * target;
        to->slope[a] += target - mean[a] / total;
        for (size_t b = 0; b <= a; b++)
            to->curve[a][b] += second[a][b] / total - mean[a] / total * (mean[b] / total);
    }
}

static void add_chunks(void *ctx, size_t from, size_t to, size_t worker)
{
    struct fitting *f = ctx;
    (void)worker;
    for (size_t chunk = from; chunk < to; chunk++) {
        struct sums *sums = &f->sums[chunk];
        memset(sums, 0, sizeof(*sums));
        for (size_t i = chunk * CHUNK; i < (chunk + 1) * CHUNK && i < f->d->n; i++) {
            const struct set *s = &f->d->set[i];
            if (s->n_targets > 0 && !(f->fold && f->fold[i] == f->left_out))
                add_set(f, s, sums);
        }
    }
}

/* How far the weights lie from where they are drawn to. Of usual weights: out of their direction, within each group, and along it. */
static void add_pull(const struct fitting *f, struct sums *to)
{
    double along[INGREDIENT_GROUPS] = {0};
    double ridge = f->pull.ridge;
    double size = f->pull.usual ? f->pull.size : ridge;
    for (size_t a = 0; a < f->n_used; a++)
        along[ingredient_group((enum ingredient)f->used[a])] += f->w[a] * f->way[a];
    for (size_t g = 0; g < INGREDIENT_GROUPS; g++) {
        double off = along[g] - f->size[g];
        to->value += ridge * along[g] * along[g] - size * off * off;
    }
    for (size_t a = 0; a < f->n_used; a++) {
        enum ingredient_group g = ingredient_group((enum ingredient)f->used[a]);
        double across = f->w[a] - along[g] * f->way[a];
        to->value -= ridge * f->w[a] * f->w[a];
        to->slope[a] -= 2 * ridge * across + 2 * size * (along[g] - f->size[g]) * f->way[a];
        to->curve[a][a] += 2 * ridge;
        for (size_t b = 0; b <= a; b++)
            if (ingredient_group((enum ingredient)f->used[b]) == g)
                to->curve[a][b] += 2 * (size - ridge) * f->way[a] * f->way[b];
    }
}

/* All chunks, in order, means over questions, less the pull. */
static void evaluate(struct fitting *f, struct pool *pool, struct sums *ret)
{
    size_t chunks = (f->d->n + CHUNK - 1) / CHUNK;
    memset(ret, 0, sizeof(*ret));
    pool_for(pool, chunks, 1, add_chunks, f);
    for (size_t k = 0; k < chunks; k++) {
        const struct sums *s = &f->sums[k];
        ret->value += s->value;
        ret->questions += s->questions;
        for (size_t a = 0; a < f->n_used; a++) {
            ret->slope[a] += s->slope[a];
            for (size_t b = 0; b <= a; b++)
                ret->curve[a][b] += s->curve[a][b];
        }
    }
    double n = ret->questions > 0 ? (double)ret->questions : 1;
    ret->value /= n;
    for (size_t a = 0; a < f->n_used; a++) {
        ret->slope[a] /= n;
        for (size_t b = 0; b <= a; b++)
            ret->curve[a][b] /= n;
    }
    add_pull(f, ret);
}

/* step = curve^-1 slope by Cholesky; the ridge makes it positive definite. */
static void solve(struct sums *s, size_t n, double *step)
{
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b <= a; b++) {
            double sum = s->curve[a][b];
            for (size_t c = 0; c < b; c++)
                sum -= s->curve[a][c] * s->curve[b][c];
            s->curve[a][b] = a == b ? sqrt(fmax(sum, 1e-12)) : sum / s->curve[b][b];
        }
    }
    for (size_t a = 0; a < n; a++) {
        step[a] = s->slope[a];
        for (size_t c = 0; c < a; c++)
            step[a] -= s->curve[a][c] * step[c];
        step[a] /= s->curve[a][a];
    }
    for (size_t a = n; a-- > 0;) {
        for (size_t c = a + 1; c < n; c++)
            step[a] -= s->curve[c][a] * step[c];
        step[a] /= s->curve[a][a];
    }
}

static void climb(struct fitting *f, struct pool *pool)
{
    struct sums now;
    evaluate(f, pool, &now);
    for (int s = 0; s < STEPS; s++) {
        double step[N] = {0};
        double before[N] = {0};
        double rise = 0;
        double size = 1;
        struct sums next;
        for (size_t a = 0; a < f->n_used; a++)
            before[a] = f->w[a];
        double slope[N];
        memcpy(slope, now.slope, sizeof(slope));
        solve(&now, f->n_used, step);
        for (size_t a = 0; a < f->n_used; a++)
            rise += slope[a] * step[a];
        for (;; size /= 2) {
            for (size_t a = 0; a < f->n_used; a++)
                f->w[a] = before[a] + size * step[a];
            evaluate(f, pool, &next);
            if (next.value >= now.value || size < 1e-6)
                break;
        }
        bool done = rise < 1e-9 || next.value - now.value < 1e-9;
        now = next;
        if (done)
            return;
    }
}

/* Directions and lengths of the usual weights of what is used. */
static void aim(struct fitting *f)
{
    double square[INGREDIENT_GROUPS] = {0};
    for (size_t a = 0; f->pull.usual && a < f->n_used; a++) {
        double w = (double)f->pull.usual[f->used[a]];
        f->way[a] = w;
        square[ingredient_group((enum ingredient)f->used[a])] += w * w;
    }
    for (size_t g = 0; g < INGREDIENT_GROUPS; g++)
        f->size[g] = sqrt(square[g]);
    for (size_t a = 0; a < f->n_used; a++)
        if (f->size[ingredient_group((enum ingredient)f->used[a])] > 0)
            f->way[a] /= f->size[ingredient_group((enum ingredient)f->used[a])];
}

int design_fit(const struct design *d, uint32_t allowed, const uint8_t *fold, uint8_t left_out,
               double ridge, struct pool *pool, struct mix *ret, struct mq_error *err)
{
    struct design_pull pull = {.ridge = ridge};
    return design_fit_near(d, allowed, fold, left_out, &pull, pool, ret, err);
}

int design_fit_near(const struct design *d, uint32_t allowed, const uint8_t *fold, uint8_t left_out,
                    const struct design_pull *pull, struct pool *pool, struct mix *ret,
                    struct mq_error *err)
{
    struct fitting f = {.d = d, .fold = fold, .left_out = left_out, .pull = *pull};
    size_t questions = 0;
    for (size_t i = 0; i < d->n; i++)
        questions += d->set[i].n_targets > 0 && !(fold && fold[i] == left_out);
    if (questions == 0)
        return mq_fail(err, MQ_INVALID, "blend: no question to learn from: bring more history");
    for (unsigned i = 0; i < N; i++)
        if ((allowed >> i & 1) && d->scale[i] > 0)
            f.used[f.n_used++] = i;
    aim(&f);
    for (size_t a = 0; pull->usual && a < f.n_used; a++)
        f.w[a] = (double)pull->usual[f.used[a]];
    f.sums = calloc((d->n + CHUNK - 1) / CHUNK + 1, sizeof(*f.sums));
    if (!f.sums)
        return mq_fail(err, MQ_NO_MEMORY, "blend: no memory");
    climb(&f, pool);
    *ret = (struct mix){{0}};
    for (size_t a = 0; a < f.n_used; a++)
        ret->weight[f.used[a]] = (float)(f.w[a] / d->scale[f.used[a]]);
    free(f.sums);
    return 0;
}

static double likelihood_of(const struct set *s, const struct mix *mix)
{
    double top = -INFINITY;
    double total = 0;
    double target = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t c = 0; c < s->n; c++) {
            double z = 0;
            for (size_t f = 0; f < N; f++)
                z += (double)mix->weight[f] * (double)s->x[c * N + f];
            if (pass == 0)
                top = z > top ? z : top;
            else
                total += (double)s->weight[c] * exp(z - top);
            if (pass == 0 && c < s->n_targets)
                target += z / (double)s->n_targets;
        }
    }
    return target - top - log(fmax(total, 1e-300));
}

void design_likelihoods(const struct design *d, const struct mix *mix, const uint8_t *fold,
                        uint8_t of, double *ret)
{
    for (size_t i = 0; i < d->n; i++)
        if (fold[i] == of)
            ret[i] = d->set[i].n_targets > 0 ? likelihood_of(&d->set[i], mix) : 0;
}

double design_likelihood(const struct design *d, const struct mix *mix, const uint8_t *fold,
                         uint8_t of)
{
    double sum = 0;
    for (size_t i = 0; i < d->n; i++)
        if (d->set[i].n_targets > 0 && fold[i] == of)
            sum += likelihood_of(&d->set[i], mix);
    return sum;
}
