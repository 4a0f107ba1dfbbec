#include "eval/rating_models.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

const char *const rating_model_names[RATING_MODELS] = {"movie_mean", "biases", "item_knn_pearson",
                                                       "gibbs", "blend"};

/* Fewer validation rows than this decide nothing. */
enum { MEASURED_MIN = 50, VALIDATION_TENTH = 10, RIDGES = 6, SHRINKS = 6, SIZES = 6 };
static const double ridges[RIDGES] = {0.5, 2, 5, 10, 20, 40};
static const float shrinks[SHRINKS] = {3, 10, 30, 100, 300, 1000};
static const uint32_t sizes[SIZES] = {5, 10, 20, 40, 80, 160};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "ratings: no memory: give the process more");
}

/* ------------------------------------------------------------------ one model each */

int rating_matrix(const struct triples *t, const struct id_book *book, struct csr *ret,
                  struct mq_error *err)
{
    uint32_t viewers = intern_count(book->viewers);
    uint32_t titles = intern_count(book->titles);
    struct csr count = {0};
    int rc = triples_to_csr(t, viewers, titles, INT64_MIN, INT64_MAX, ret, err);
    if (rc == 0 && csr_nnz(ret) == t->n)
        return 0;
    float *ones = malloc((t->n + 1) * sizeof(*ones));
    if (rc == 0 && !ones)
        rc = no_memory(err);
    for (size_t i = 0; rc == 0 && i < t->n; i++)
        ones[i] = 1;
    if (rc == 0)
        rc = csr_from_triples(viewers, titles, t->viewer, t->title, ones, t->n, &count, err);
    for (uint64_t k = 0; rc == 0 && k < csr_nnz(ret); k++)
        ret->value[k] /= count.value[k];
    csr_release(&count);
    free(ones);
    return rc;
}

static int knn(const struct rating_task *t, const struct biases *b,
               const struct pearson_settings *settings, size_t n, struct pool *pool, float *ret,
               struct mq_error *err)
{
    struct csr m = {0};
    int rc = rating_matrix(t->train, t->book, &m, err);
    if (rc == 0)
        rc = pearson_predict(&m, b, t->cases, settings, n, pool, ret, err);
    csr_release(&m);
    return rc;
}

static int gibbs(const struct rating_task *t, struct pool *pool, struct train_watch watch,
                 struct rating_predictions *ret, struct mq_error *err)
{
    struct rating_design d;
    int rc = rating_design_init(&d, t->train, t->cases, t->book, t->timed, t->facts, err);
    if (rc)
        return rc;
    ret->used = t->gibbs;
    gibbs_defaults(&d.data, &ret->used);
    rc = gibbs_run(&d.data, &ret->used, pool, watch, &ret->gibbs, err);
    rating_design_release(&d);
    return rc;
}

static void clip(const struct triples *train, float *v, size_t n)
{
    float low = train->weight[0];
    float high = low;
    for (size_t i = 0; i < train->n; i++) {
        low = train->weight[i] < low ? train->weight[i] : low;
        high = train->weight[i] > high ? train->weight[i] : high;
    }
    for (size_t i = 0; i < n; i++)
        v[i] = v[i] < low ? low : v[i] > high ? high : v[i];
}

static void fill_blend(struct rating_predictions *p, const double *w, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double g = (double)p->of[RATING_GIBBS][i];
        p->of[RATING_BLEND][i] = (float)(g + w[0] * ((double)p->of[RATING_KNN][i] - g) +
                                         w[1] * ((double)p->of[RATING_BIASES][i] - g));
    }
}

static int biases_into(const struct rating_task *t, const struct rating_choice *c, struct biases *b,
                       struct rating_predictions *p, struct mq_error *err)
{
    int rc = biases_fit(t->train, intern_count(t->book->viewers), intern_count(t->book->titles),
                        c->viewer_ridge, c->title_ridge, b, err);
    for (size_t i = 0; rc == 0 && i < t->cases->n; i++) {
        uint32_t title = t->cases->title[i];
        p->of[RATING_MOVIE_MEAN][i] = b->title_mean[title];
        p->of[RATING_BIASES][i] = (float)biases_of(b, t->cases->viewer[i], title);
    }
    return rc;
}

static int predictions_init(struct rating_predictions *p, size_t n, struct mq_error *err)
{
    *p = (struct rating_predictions){0};
    bool fine = true;
    for (int m = 0; m < RATING_MODELS; m++) {
        p->of[m] = calloc(n + 1, sizeof(float));
        fine &= p->of[m] != NULL;
    }
    if (fine)
        return 0;
    rating_predictions_release(p);
    return no_memory(err);
}

void rating_predictions_release(struct rating_predictions *p)
{
    for (int m = 0; m < RATING_MODELS; m++)
        free(p->of[m]);
    gibbs_answer_release(&p->gibbs);
    *p = (struct rating_predictions){0};
}

int rating_predict(const struct rating_task *t, const struct rating_choice *c, struct pool *pool,
                   struct train_watch watch, struct rating_predictions *ret, struct mq_error *err)
{
    struct rating_predictions p;
    struct biases b = {0};
    int rc = predictions_init(&p, t->cases->n, err);
    if (rc)
        return rc;
    rc = biases_into(t, c, &b, &p, err);
    if (rc == 0)
        rc = knn(t, &b, &c->knn, 1, pool, p.of[RATING_KNN], err);
    if (rc == 0)
        rc = gibbs(t, pool, watch, &p, err);
    biases_release(&b);
    if (rc) {
        rating_predictions_release(&p);
        return rc;
    }
    for (size_t i = 0; i < t->cases->n; i++)
        p.of[RATING_GIBBS][i] = (float)p.gibbs.mean[i];
    fill_blend(&p, c->blend, t->cases->n);
    for (int m = 0; m < RATING_MODELS; m++)
        clip(t->train, p.of[m], t->cases->n);
    *ret = p;
    return 0;
}

/* ------------------------------------------------------------------ choosing */

static double rmse_of(const float *v, const struct triples *cases)
{
    double sum = 0;
    for (size_t i = 0; i < cases->n; i++) {
        double e = (double)v[i] - (double)cases->weight[i];
        sum += e * e;
    }
    return sqrt(sum / (double)cases->n);
}

static int choose_ridges(const struct rating_task *t, struct rating_predictions *p,
                         struct rating_choice *c, struct mq_error *err)
{
    double best = INFINITY;
    struct rating_choice tried = *c;
    for (int v = 0; v < RIDGES; v++) {
        for (int i = 0; i < RIDGES; i++) {
            struct biases b = {0};
            tried.viewer_ridge = ridges[v];
            tried.title_ridge = ridges[i];
            int rc = biases_into(t, &tried, &b, p, err);
            biases_release(&b);
            if (rc)
                return rc;
            double rmse = rmse_of(p->of[RATING_BIASES], t->cases);
            if (rmse < best) {
                best = rmse;
                c->viewer_ridge = ridges[v];
                c->title_ridge = ridges[i];
            }
        }
    }
    return 0;
}

static int choose_knn(const struct rating_task *t, const struct biases *b, struct pool *pool,
                      struct rating_predictions *p, struct rating_choice *c, struct mq_error *err)
{
    struct pearson_settings grid[SHRINKS * SIZES];
    size_t n = t->cases->n;
    float *all = calloc((size_t)SHRINKS * SIZES * n + 1, sizeof(*all));
    if (!all)
        return no_memory(err);
    for (int s = 0; s < SHRINKS; s++) {
        for (int k = 0; k < SIZES; k++)
            grid[s * SIZES + k] = (struct pearson_settings){shrinks[s], sizes[k]};
    }
    int rc = knn(t, b, grid, (size_t)SHRINKS * SIZES, pool, all, err);
    double best = INFINITY;
    for (size_t s = 0; rc == 0 && s < (size_t)SHRINKS * SIZES; s++) {
        clip(t->train, all + s * n, n);
        double rmse = rmse_of(all + s * n, t->cases);
        if (rmse < best) {
            best = rmse;
            c->knn = grid[s];
            memcpy(p->of[RATING_KNN], all + s * n, n * sizeof(*all));
        }
    }
    free(all);
    return rc;
}

/* Least squares for the two weights over rows i with i % 2 == `half` (2: all), slightly pulled to 0. */
static void fit_blend(const struct rating_predictions *p, const struct triples *cases, size_t half,
                      double *w)
{
    double a[2][2] = {{1, 0}, {0, 1}};
    double b[2] = {0};
    for (size_t i = 0; i < cases->n; i++) {
        if (half < 2 && i % 2 != half)
            continue;
        double g = (double)p->of[RATING_GIBBS][i];
        double x[2] = {(double)p->of[RATING_KNN][i] - g, (double)p->of[RATING_BIASES][i] - g};
        for (int k = 0; k < 2; k++) {
            b[k] += x[k] * ((double)cases->weight[i] - g);
            a[k][0] += x[k] * x[0];
            a[k][1] += x[k] * x[1];
        }
    }
    double determinant = a[0][0] * a[1][1] - a[0][1] * a[1][0];
    w[0] = (b[0] * a[1][1] - b[1] * a[0][1]) / determinant;
    w[1] = (b[1] * a[0][0] - b[0] * a[1][0]) / determinant;
}

/* Each half of the rows is predicted with weights from the other one. */
static void measure_blend(struct rating_predictions *p, const struct triples *cases,
                          struct rating_choice *c)
{
    double w[2][2];
    fit_blend(p, cases, 0, w[1]);
    fit_blend(p, cases, 1, w[0]);
    double sum = 0;
    for (size_t i = 0; i < cases->n; i++) {
        double g = (double)p->of[RATING_GIBBS][i];
        double y = g + w[i % 2][0] * ((double)p->of[RATING_KNN][i] - g) +
                   w[i % 2][1] * ((double)p->of[RATING_BIASES][i] - g);
        sum += (y - (double)cases->weight[i]) * (y - (double)cases->weight[i]);
    }
    c->rmse[RATING_BLEND] = sqrt(sum / (double)cases->n);
    fit_blend(p, cases, 2, c->blend);
}

static int measure(const struct rating_task *t, struct pool *pool, struct train_watch watch,
                   struct rating_choice *c, struct mq_error *err)
{
    struct rating_predictions p;
    struct biases b = {0};
    size_t n = t->cases->n;
    int rc = predictions_init(&p, n, err);
    if (rc)
        return rc;
    rc = choose_ridges(t, &p, c, err);
    if (rc == 0)
        rc = biases_into(t, c, &b, &p, err);
    if (rc == 0)
        rc = choose_knn(t, &b, pool, &p, c, err);
    if (rc == 0)
        rc = gibbs(t, pool, watch, &p, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        p.of[RATING_GIBBS][i] = (float)p.gibbs.mean[i];
    if (rc == 0) {
        measure_blend(&p, t->cases, c);
        for (int m = 0; m < RATING_BLEND; m++) {
            clip(t->train, p.of[m], n);
            c->rmse[m] = rmse_of(p.of[m], t->cases);
        }
        for (int m = 0; m < RATING_MODELS; m++) {
            if (c->rmse[m] < c->rmse[c->published])
                c->published = (enum rating_model)m;
        }
        c->measured = (uint32_t)n;
    }
    biases_release(&b);
    rating_predictions_release(&p);
    return rc;
}

/* A tenth of the rows, by seed. */
static int split(const struct rating_task *t, struct triples *fit, struct triples *held,
                 struct mq_error *err)
{
    const struct triples *all = t->train;
    struct rng rng;
    int rc = 0;
    rng_seed_stream(&rng, t->gibbs.seed, 101);
    for (size_t i = 0; rc == 0 && i < all->n; i++) {
        struct triples *to = rng_below(&rng, VALIDATION_TENTH) == 0 ? held : fit;
        rc = triples_add(to, all->viewer[i], all->title[i], all->weight[i], all->at_ms[i], err);
    }
    return rc;
}

int rating_choose(const struct rating_task *t, struct pool *pool, struct train_watch watch,
                  struct rating_choice *ret, struct mq_error *err)
{
    struct triples fit = {0};
    struct triples held = {0};
    struct rating_choice c = {
        .viewer_ridge = 10, .title_ridge = 10, .knn = {100, 40}, .published = RATING_GIBBS};
    for (int m = 0; m < RATING_MODELS; m++)
        c.rmse[m] = NAN;
    int rc = split(t, &fit, &held, err);
    if (rc == 0 && held.n >= MEASURED_MIN) {
        struct rating_task task = *t;
        task.train = &fit;
        task.cases = &held;
        task.gibbs.state = NULL;
        struct gibbs_data size = {.rows = (uint32_t)fit.n};
        gibbs_defaults(&size, &task.gibbs);
        task.gibbs.samples = (task.gibbs.samples + 1) / 2;
        task.gibbs.burn_in = (task.gibbs.burn_in + 1) / 2;
        rc = measure(&task, pool, watch, &c, err);
    }
    triples_release(&fit);
    triples_release(&held);
    if (rc == 0)
        *ret = c;
    return rc;
}
