#include "eval/signals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "eval/liked_above.h"
#include "eval/signals_models.h"
#include "math/ranking_metrics.h"
#include "math/topk.h"

enum { PLACES = 10, VALIDATION_TENTH = 10, VALIDATION_VIEWERS = 1500 };
static const double positive_default = 4;

static const char *const signal_names[SIGNAL_MODELS] = {"popularity", "explicit", "implicit",
                                                        "weighted",   "blend",    "completion"};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "signals: no memory: give the process more");
}

/* ------------------------------------------------------------------ lists */

/* Viewers with a target that is not in their history. */
struct asked {
    struct csr targets; /* (viewers, titles) */
    uint32_t *viewer;   /* (n) */
    uint32_t n;
};

static void asked_release(struct asked *a)
{
    csr_release(&a->targets);
    free(a->viewer);
    *a = (struct asked){0};
}

static int ask(const struct triples *test, double positive, const struct id_book *book,
               const struct csr *met, uint32_t most, struct asked *ret, struct mq_error *err)
{
    struct triples liked = {0};
    uint32_t viewers = intern_count(book->viewers);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < test->n; i++) {
        struct csr_row known = csr_row(met, test->viewer[i]);
        bool fresh = known.n > 0 && (double)test->weight[i] >= positive;
        for (size_t k = 0; fresh && k < known.n; k++)
            fresh = known.col[k] != test->title[i];
        if (fresh)
            rc = triples_add(&liked, test->viewer[i], test->title[i], 1, 0, err);
    }
    if (rc == 0)
        rc = triples_to_csr(&liked, viewers, intern_count(book->titles), INT64_MIN, INT64_MAX,
                            &ret->targets, err);
    triples_release(&liked);
    ret->viewer = calloc((size_t)viewers + 1, sizeof(*ret->viewer));
    if (rc == 0 && !ret->viewer)
        rc = no_memory(err);
    for (uint32_t v = 0; rc == 0 && v < viewers && ret->n < most; v++) {
        if (csr_row(&ret->targets, v).n > 0)
            ret->viewer[ret->n++] = v;
    }
    return rc;
}

/* NDCG@10 of all models for all asked; or, with a grid, of every blend. */
struct grid {
    const double *weighted, *rating;
    size_t n_weighted, n_rating;
};

struct ranking_job {
    const struct signal_models *m;
    const struct signal_settings *s;
    const struct asked *a;
    const struct grid *grid; /* NULL: the models */
    double *ndcg;            /* (models or grid points, asked) */
    float **scratch;         /* (threads): (SIGNAL_MODELS + 1) rows of titles, and the skip bits */
};

static double ndcg_of(const float *score, const uint64_t *skip, struct csr_row targets,
                      uint32_t n_titles)
{
    struct topk_item best[PLACES];
    bool hit[PLACES] = {false};
    size_t n = topk_select(score, n_titles, skip, PLACES, best);
    for (size_t place = 0; place < n; place++)
        for (size_t k = 0; k < targets.n; k++)
            hit[place] |= targets.col[k] == best[place].index;
    return ndcg_at(hit, n, targets.n, PLACES);
}

static void rank_viewers(void *ctx, size_t from, size_t to, size_t worker)
{
    struct ranking_job *j = ctx;
    uint32_t n = j->m->n_titles;
    float *score = j->scratch[worker];
    float *mixed = score + (size_t)SIGNAL_MODELS * n;
    uint64_t *skip = (uint64_t *)(void *)(score + ((size_t)(SIGNAL_MODELS + 1) * n + 1) / 2 * 2);
    for (size_t q = from; q < to; q++) {
        uint32_t viewer = j->a->viewer[q];
        struct csr_row targets = csr_row(&j->a->targets, viewer);
        struct csr_row known = csr_row(&j->m->met, viewer);
        struct csr_row rated = csr_row(&j->m->rated, viewer);
        memset(skip, 0, ((size_t)n + 63) / 64 * 8);
        for (size_t k = 0; k < known.n; k++)
            skip[known.col[k] / 64] |= UINT64_C(1) << (known.col[k] % 64);
        for (size_t k = 0; k < rated.n; k++)
            skip[rated.col[k] / 64] |= UINT64_C(1) << (rated.col[k] % 64);
        signal_scores(j->m, j->s, viewer, score);
        for (size_t m = 0; !j->grid && m < SIGNAL_MODELS; m++)
            j->ndcg[m * j->a->n + q] = ndcg_of(score + m * n, skip, targets, n);
        for (size_t g = 0; j->grid && g < j->grid->n_weighted * j->grid->n_rating; g++) {
            float w = (float)j->grid->weighted[g / j->grid->n_rating];
            float r = (float)j->grid->rating[g % j->grid->n_rating];
            for (uint32_t i = 0; i < n; i++)
                mixed[i] = score[SIGNAL_IMPLICIT * (size_t)n + i] +
                           w * score[SIGNAL_WEIGHTED * (size_t)n + i] +
                           r * score[SIGNAL_EXPLICIT * (size_t)n + i];
            j->ndcg[g * j->a->n + q] = ndcg_of(mixed, skip, targets, n);
        }
    }
}

/* ret (rows, a->n), the caller frees it. */
static int rank_all(const struct signal_models *m, const struct signal_settings *s,
                    const struct asked *a, const struct grid *grid, struct pool *pool, double **ret,
                    struct mq_error *err)
{
    size_t rows = grid ? grid->n_weighted * grid->n_rating : SIGNAL_MODELS;
    size_t threads = pool_threads(pool);
    struct ranking_job j = {.m = m, .s = s, .a = a, .grid = grid};
    j.ndcg = calloc(rows * a->n + 1, sizeof(double));
    j.scratch = calloc(threads, sizeof(*j.scratch));
    bool fine = j.ndcg && j.scratch;
    for (size_t k = 0; fine && k < threads; k++) {
        j.scratch[k] = calloc((size_t)(SIGNAL_MODELS + 2) * m->n_titles + 256, sizeof(float));
        fine = j.scratch[k] != NULL;
    }
    if (fine)
        pool_for(pool, a->n, 4, rank_viewers, &j);
    for (size_t k = 0; j.scratch && k < threads; k++)
        free(j.scratch[k]);
    free(j.scratch);
    if (!fine) {
        free(j.ndcg);
        return no_memory(err);
    }
    *ret = j.ndcg;
    return 0;
}

static double mean_of(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return n > 0 ? sum / (double)n : 0;
}

/* ------------------------------------------------------------------ choosing */

/* Regularisation and unobserved weight of one iALS, by what its own lists are worth there. */
static int choose_ials(const struct signal_data *d, const struct asked *a, int which,
                       struct pool *pool, struct ials_settings *ret, struct mq_error *err)
{
    static const double factors[] = {0.25, 1, 4};
    struct train_watch quiet = {0};
    struct signal_models m = {.n_titles = intern_count(d->book->titles)};
    struct ials_settings start = {.seed = d->seed};
    double best = -1;
    int rc = signal_matrices(d, &m, err);
    const struct csr *matrix = which == 0 ? &m.met : which == 1 ? &m.values : &m.shares;
    float *zero = calloc((size_t)m.n_titles + 1, sizeof(float));
    m.popularity = zero;
    if (rc == 0 && !zero)
        rc = no_memory(err);
    if (rc == 0)
        ials_defaults(matrix, &start);
    *ret = start;
    for (size_t k = 0; rc == 0 && k < 9 && a->n > 0; k++) {
        struct ials_settings s = start;
        struct ials one;
        s.regularisation *= (float)factors[k / 3];
        s.unobserved *= (float)factors[k % 3];
        int failed = ials_train(matrix, &s, pool, quiet, &one, err);
        if (failed == MQ_SINGULAR || failed == MQ_INVALID)
            continue; /* too much regularisation */
        rc = failed;
        double sum = 0;
        float *score = malloc(((size_t)m.n_titles + 16) * sizeof(*score));
        if (rc == 0 && !score) {
            ials_release(&one);
            rc = no_memory(err);
        }
        for (uint32_t q = 0; rc == 0 && q < a->n; q++) {
            uint32_t viewer = a->viewer[q];
            struct csr_row known = csr_row(&m.met, viewer);
            struct csr_row rated = csr_row(&m.rated, viewer);
            const float *x = one.viewers + (size_t)viewer * one.stride;
            for (uint32_t i = 0; i < m.n_titles; i++) {
                const float *y = one.titles + (size_t)i * one.stride;
                float dot = 0;
                for (uint32_t c = 0; c < one.stride; c++)
                    dot += x[c] * y[c];
                score[i] = dot;
            }
            for (size_t n = 0; n < known.n; n++)
                score[known.col[n]] = -INFINITY;
            for (size_t n = 0; n < rated.n; n++)
                score[rated.col[n]] = -INFINITY;
            sum += ndcg_of(score, NULL, csr_row(&a->targets, viewer), m.n_titles);
        }
        free(score);
        if (rc == 0 && sum > best) {
            best = sum;
            *ret = s;
        }
        if (rc == 0)
            ials_release(&one);
    }
    signal_models_release(&m);
    return rc;
}

static int split(const struct triples *t, uint64_t seed, const struct csr *held,
                 struct triples *fit, struct triples *out, struct mq_error *err)
{
    struct rng rng;
    int rc = 0;
    rng_seed_stream(&rng, seed, 41);
    for (size_t i = 0; rc == 0 && i < t->n; i++) {
        bool away = !held && rng_below(&rng, VALIDATION_TENTH) == 0;
        struct csr_row row = held ? csr_row(held, t->viewer[i]) : (struct csr_row){0};
        for (size_t k = 0; k < row.n; k++)
            away |= row.col[k] == t->title[i];
        struct triples *to = away ? out : fit;
        if (to)
            rc = triples_add(to, t->viewer[i], t->title[i], t->weight[i], t->at_ms[i], err);
    }
    return rc;
}

/* A tenth of the rated rows is held out, with whatever was met of the same; the rest is learnt from. */
struct halves {
    struct triples fit, held, fit_met, fit_shares;
    struct csr held_rows;
};

static int halves_make(const struct signal_data *d, struct halves *h, struct mq_error *err)
{
    int rc = split(d->rated, d->seed, NULL, &h->fit, &h->held, err);
    if (rc == 0)
        rc = triples_to_csr(&h->held, intern_count(d->book->viewers), intern_count(d->book->titles),
                            INT64_MIN, INT64_MAX, &h->held_rows, err);
    if (rc == 0)
        rc = split(d->met, d->seed, &h->held_rows, &h->fit_met, NULL, err);
    if (rc == 0 && d->shares)
        rc = split(d->shares, d->seed, &h->held_rows, &h->fit_shares, NULL, err);
    return rc;
}

static void halves_release(struct halves *h)
{
    csr_release(&h->held_rows);
    triples_release(&h->fit);
    triples_release(&h->held);
    triples_release(&h->fit_met);
    triples_release(&h->fit_shares);
}

/* How much of what was rated, and of the rating, goes into the blend. */
static int choose_blend(const struct signal_models *m, const struct asked *a, struct pool *pool,
                        struct signal_settings *ret, struct mq_error *err)
{
    enum { WEIGHTED = 5, RATING = 7 };
    static const double weighted[WEIGHTED] = {0, 0.5, 1, 2, 4};
    static const double rating[RATING] = {0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4};
    static const struct grid grid = {weighted, rating, WEIGHTED, RATING};
    double *ndcg = NULL;
    double best = -1;
    int rc = rank_all(m, ret, a, &grid, pool, &ndcg, err);
    for (size_t g = 0; rc == 0 && g < (size_t)WEIGHTED * RATING; g++) {
        double value = mean_of(ndcg + g * a->n, a->n);
        if (value > best) {
            best = value;
            ret->weighted = weighted[g / RATING];
            ret->rating = rating[g % RATING];
        }
    }
    free(ndcg);
    return rc;
}

static int choose_model(const struct signal_models *m, const struct asked *a, struct pool *pool,
                        struct signal_settings *ret, enum signal_model *ret_published,
                        struct mq_error *err)
{
    double *ndcg = NULL;
    double top = -1;
    int rc = rank_all(m, ret, a, NULL, pool, &ndcg, err);
    for (size_t k = 0; rc == 0 && k < SIGNAL_COMPLETION; k++) {
        double value = mean_of(ndcg + k * a->n, a->n);
        if (value > top) {
            top = value;
            *ret_published = (enum signal_model)k;
        }
    }
    if (rc == 0)
        ret->blend = mean_of(ndcg + (size_t)SIGNAL_BLEND * a->n, a->n) >=
                     mean_of(ndcg + (size_t)SIGNAL_WEIGHTED * a->n, a->n);
    free(ndcg);
    return rc;
}

/* Without enough held-out rows the defaults stay. */
static int choose(const struct signal_data *d, struct pool *pool, struct train_watch watch,
                  struct signal_settings *ret, enum signal_model *ret_published,
                  struct mq_error *err)
{
    struct halves h = {.fit = {0}};
    struct signal_models m = {0};
    struct asked a = {0};
    struct signal_data part = *d;
    int rc = halves_make(d, &h, err);
    *ret = (struct signal_settings){.weighted = 1, .rating = 0.05, .blend = true};
    for (int k = 0; k < SIGNAL_IALS; k++)
        ret->ials[k].seed = d->seed;
    *ret_published = SIGNAL_BLEND;
    part.rated = &h.fit;
    part.met = &h.fit_met;
    part.shares = d->shares ? &h.fit_shares : NULL;
    if (rc == 0 && h.fit.n > 0 && h.fit_met.n > 0) {
        rc = signal_matrices(&part, &m, err);
        if (rc == 0)
            rc = ask(&h.held, d->positive, d->book, &m.met, VALIDATION_VIEWERS, &a, err);
        signal_models_release(&m);
        for (int k = 0; rc == 0 && k < (d->shares ? SIGNAL_IALS : 2); k++)
            rc = choose_ials(&part, &a, k, pool, &ret->ials[k], err);
    }
    if (rc == 0 && a.n > 0) {
        rc = signal_models_fit(&part, ret->ials, &h.held, pool, watch, &m, err);
        if (rc == 0)
            rc = choose_blend(&m, &a, pool, ret, err);
        if (rc == 0)
            rc = choose_model(&m, &a, pool, ret, ret_published, err);
        signal_models_release(&m);
    }
    asked_release(&a);
    halves_release(&h);
    return rc;
}

/* ------------------------------------------------------------------ liked above disliked */

static int measure_auc(const struct signal_data *d, const struct signal_models *m,
                       const struct signal_settings *s, const struct triples *test,
                       struct signals_report *r, struct mq_error *err)
{
    uint32_t viewers = intern_count(d->book->viewers);
    size_t n = m->n_titles;
    float *score = calloc((size_t)SIGNAL_MODELS * n + 1, sizeof(*score));
    float *of_row = calloc((size_t)SIGNAL_MODELS * test->n + 1, sizeof(*of_row));
    uint32_t last = INTERN_NONE;
    int rc = score && of_row ? 0 : no_memory(err);
    for (size_t i = 0; rc == 0 && i < test->n; i++) {
        if (test->viewer[i] != last)
            signal_scores(m, s, last = test->viewer[i], score);
        for (size_t k = 0; k < SIGNAL_MODELS; k++)
            of_row[k * test->n + i] = score[k * n + test->title[i]];
        of_row[(size_t)SIGNAL_EXPLICIT * test->n + i] = (float)m->gibbs.mean[i];
    }
    for (size_t k = 0; rc == 0 && k < SIGNAL_MODELS; k++) {
        rc = liked_above_all(test, of_row + k * test->n, d->positive, d->seed, viewers, &r->auc[k],
                             err);
        if (rc == 0)
            rc = liked_above_within(test, of_row + k * test->n, d->positive, d->seed, viewers,
                                    &r->auc_within[k], err);
    }
    free(score);
    free(of_row);
    return rc;
}

/* ------------------------------------------------------------------ the protocol */

static int compare(const double *ndcg, size_t n, struct signals_report *r, struct mq_error *err)
{
    const double *both = ndcg + (size_t)r->both * n;
    const double *implicit = ndcg + (size_t)SIGNAL_IMPLICIT * n;
    const double *explicit = ndcg + (size_t)SIGNAL_EXPLICIT * n;
    int rc = 0;
    for (size_t k = 0; rc == 0 && k < SIGNAL_MODELS; k++)
        rc = bootstrap_paired(ndcg + k * n, NULL, n, r->seed, &r->ndcg[k], err);
    if (rc == 0)
        rc = bootstrap_paired(both, implicit, n, r->seed, &r->both_minus_implicit, err);
    if (rc == 0)
        rc = bootstrap_paired(implicit, explicit, n, r->seed, &r->implicit_minus_explicit, err);
    if (rc == 0)
        rc = bootstrap_paired(both, explicit, n, r->seed, &r->both_minus_explicit, err);
    if (rc == 0 && r->has_completion)
        rc = bootstrap_paired(implicit, ndcg + (size_t)SIGNAL_COMPLETION * n, n, r->seed,
                              &r->implicit_minus_completion, err);
    return rc;
}

static int run(const struct eval_options *o, const struct signal_data *d,
               const struct triples *test, struct pool *pool, struct signals_report *r,
               struct mq_error *err)
{
    struct train_watch watch = {.progress = o->progress, .ctx = o->progress_ctx};
    struct signal_settings s;
    struct signal_models m = {0};
    struct asked a = {0};
    enum signal_model published;
    double *ndcg = NULL;
    int rc = choose(d, pool, watch, &s, &published, err);
    if (rc == 0)
        rc = signal_models_fit(d, s.ials, test, pool, watch, &m, err);
    if (rc == 0)
        rc = ask(test, d->positive, d->book, &m.met, UINT32_MAX, &a, err);
    if (rc == 0 && a.n == 0)
        rc = mq_fail(err, MQ_INVALID,
                     "signals: no test row of at least %g is new to a viewer with a history: check "
                     "--positive",
                     d->positive);
    if (rc == 0)
        rc = rank_all(&m, &s, &a, NULL, pool, &ndcg, err);
    if (rc == 0) {
        r->both = s.blend ? SIGNAL_BLEND : SIGNAL_WEIGHTED;
        r->published = published == r->both ? "both" : signal_names[published];
        r->judged = a.n;
        snprintf(r->settings, sizeof(r->settings),
                 "iALS rank %u; implicit: lambda %.3g, alpha0 %.3g; weighted: lambda %.3g, alpha0 "
                 "%.3g; blend: implicit + %g weighted + %g rating; both: %s",
                 s.ials[0].rank, (double)s.ials[0].regularisation, (double)s.ials[0].unobserved,
                 (double)s.ials[1].regularisation, (double)s.ials[1].unobserved, s.weighted,
                 s.rating, signal_names[r->both]);
        rc = compare(ndcg, a.n, r, err);
    }
    if (rc == 0)
        rc = measure_auc(d, &m, &s, test, r, err);
    free(ndcg);
    asked_release(&a);
    signal_models_release(&m);
    return rc;
}

int evaluate_signals_rows(const struct eval_options *o, const struct id_book *book,
                          const struct triples *rated, const struct triples *met,
                          const struct triples *shares, const struct triples *test,
                          struct signals_report *ret, struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct pool *pool = NULL;
    struct signal_data d = {.book = book,
                            .rated = rated,
                            .met = met ? met : rated,
                            .shares = met ? shares : NULL,
                            .graded = met != NULL,
                            .positive = o->positive_min > 0 ? o->positive_min : positive_default,
                            .seed = o->seed};
    *ret = (struct signals_report){
        .seed = o->seed, .positive = d.positive, .has_completion = d.shares != NULL};
    if (rated->n == 0 || test->n == 0)
        return mq_fail(err, MQ_INVALID,
                       "signals: no rating to %s: there must be rows on both sides",
                       rated->n == 0 ? "learn from" : "judge by");
    if (met && met->n == 0)
        return mq_fail(err, MQ_INVALID,
                       "signals: no viewing to learn from: with ratings alone give --train and "
                       "--test");
    int rc = pool_new(o->threads, &pool, err);
    if (rc == 0)
        rc = run(o, &d, test, pool, ret, err);
    ret->viewers = intern_count(book->viewers);
    ret->titles = intern_count(book->titles);
    ret->seconds = (double)(clock_mono_ns() - started) / 1e9;
    pool_free(pool);
    return rc;
}

int evaluate_signals(const struct eval_options *o, struct signals_report *ret, struct mq_error *err)
{
    struct id_book book;
    struct triples train = {0};
    struct triples test = {0};
    bool timed = true;
    if (!o->train || !o->test)
        return mq_fail(
            err, MQ_INVALID,
            "signals: needs --train and --test, or neither: then the data folder is asked");
    int rc = id_book_init(&book, err);
    if (rc)
        return rc;
    rc = rating_file_read_rated(o->train, &book, &train, &timed, err);
    if (rc == 0)
        rc = rating_file_read_rated(o->test, &book, &test, &timed, err);
    if (rc == 0)
        rc = evaluate_signals_rows(o, &book, &train, NULL, NULL, &test, ret, err);
    triples_release(&train);
    triples_release(&test);
    id_book_release(&book);
    return rc;
}
