/* ratings.c - how near is the predicted rating? RMSE and MAE on given rows (Netflix Prize and after). */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "eval/protocol.h"
#include "eval/rating_models.h"

static const double nine_tenths = 1.6448536269514722; /* deviations that hold 90 % of a normal */

struct files {
    struct id_book book;
    struct triples train, test;
    struct title_facts facts;
    bool timed;
};

static int load(const struct eval_options *o, struct files *f, struct mq_error *err)
{
    f->timed = true;
    int rc = id_book_init(&f->book, err);
    if (rc == 0)
        rc = title_facts_init(&f->facts, err);
    if (rc == 0)
        rc = rating_file_read_rated(o->train, &f->book, &f->train, &f->timed, err);
    if (rc == 0)
        rc = rating_file_read_rated(o->test, &f->book, &f->test, &f->timed, err);
    if (rc == 0 && o->titles)
        rc = title_facts_read_titles(&f->facts, o->titles, o->id, &f->book, err);
    if (rc == 0 && o->credits)
        rc = title_facts_read_credits(&f->facts, o->credits, o->id, &f->book, err);
    if (rc)
        return rc;
    if (f->train.n == 0)
        return mq_fail(err, MQ_INVALID, "%s: no row: give ratings to learn from", o->train);
    if (f->test.n == 0)
        return mq_fail(err, MQ_INVALID, "%s: no row: give ratings to predict", o->test);
    return 0;
}

static void release(struct files *f)
{
    id_book_release(&f->book);
    title_facts_release(&f->facts);
    triples_release(&f->train);
    triples_release(&f->test);
}

/* ------------------------------------------------------------------ figures */

/* Sums of each viewer with a test row: errors of each model, and rows. */
struct errors {
    double *square[RATING_MODELS], *absolute[RATING_MODELS], *rows;
    uint32_t n; /* viewers with a row */
};

static int errors_sum(const struct files *f, const struct rating_predictions *p, struct errors *e,
                      struct mq_error *err)
{
    uint32_t viewers = intern_count(f->book.viewers);
    uint32_t *slot = calloc((size_t)viewers + 1, sizeof(*slot));
    bool fine = slot != NULL;
    e->rows = calloc((size_t)viewers + 1, sizeof(double));
    fine &= e->rows != NULL;
    for (int m = 0; m < RATING_MODELS; m++) {
        e->square[m] = calloc((size_t)viewers + 1, sizeof(double));
        e->absolute[m] = calloc((size_t)viewers + 1, sizeof(double));
        fine &= e->square[m] && e->absolute[m];
    }
    for (size_t i = 0; fine && i < f->test.n; i++) {
        uint32_t v = f->test.viewer[i];
        if (slot[v] == 0)
            slot[v] = ++e->n;
        uint32_t at = slot[v] - 1;
        e->rows[at] += 1;
        for (int m = 0; m < RATING_MODELS; m++) {
            double d = (double)p->of[m][i] - (double)f->test.weight[i];
            e->square[m][at] += d * d;
            e->absolute[m][at] += fabs(d);
        }
    }
    free(slot);
    return fine ? 0 : mq_fail(err, MQ_NO_MEMORY, "ratings: no memory: give the process more");
}

static void errors_release(struct errors *e)
{
    free(e->rows);
    for (int m = 0; m < RATING_MODELS; m++) {
        free(e->square[m]);
        free(e->absolute[m]);
    }
}

static int add_metric(struct report_model *to, const char *name, const double *sums,
                      const double *minus, const struct errors *e, bool root, uint64_t seed,
                      struct mq_error *err)
{
    struct report_metric *m = &to->metric[to->n_metrics];
    *m = (struct report_metric){.name = name, .gain = {NAN, NAN, NAN, 0}};
    int rc = bootstrap_ratio(sums, minus, e->rows, e->n, root, seed, &m->value, err);
    to->n_metrics += rc == 0;
    return rc;
}

static void add_fact(struct report_model *to, const char *name, double value)
{
    to->fact[to->n_facts].name = name;
    to->fact[to->n_facts++].value = value;
}

static double coverage(const struct files *f, const struct gibbs_answer *a)
{
    double inside = 0;
    for (size_t i = 0; i < f->test.n; i++) {
        double d = fabs(a->mean[i] - (double)f->test.weight[i]);
        inside += d <= nine_tenths * a->deviation[i];
    }
    return inside / (double)f->test.n;
}

static void describe(const struct rating_choice *c, const struct rating_predictions *p, int m,
                     char to[REPORT_SETTINGS])
{
    const struct gibbs_settings *g = &p->used;
    if (m == RATING_BIASES)
        snprintf(to, REPORT_SETTINGS, "ridge %g for viewers, %g for titles", c->viewer_ridge,
                 c->title_ridge);
    if (m == RATING_KNN)
        snprintf(to, REPORT_SETTINGS, "shrink %g, %u neighbours", (double)c->knn.shrink,
                 c->knn.neighbours);
    if (m == RATING_GIBBS)
        snprintf(to, REPORT_SETTINGS, "rank %u, %u chains of %u + %u sweeps, noise %.3f", g->rank,
                 g->chains, g->burn_in, g->samples, p->gibbs.noise);
    if (m == RATING_BLEND)
        snprintf(to, REPORT_SETTINGS, "gibbs %.3f, item_knn_pearson %.3f, biases %.3f",
                 1 - c->blend[0] - c->blend[1], c->blend[0], c->blend[1]);
}

static int add_model(const struct files *f, const struct rating_choice *c,
                     const struct rating_predictions *p, const struct errors *e, int m,
                     uint64_t seed, struct report_model *to, struct mq_error *err)
{
    *to = (struct report_model){.name = rating_model_names[m]};
    describe(c, p, m, to->settings);
    int rc = add_metric(to, "rmse", e->square[m], NULL, e, true, seed, err);
    if (rc == 0)
        rc = add_metric(to, "mae", e->absolute[m], NULL, e, false, seed, err);
    if (rc == 0 && m != RATING_KNN)
        rc = add_metric(to, "rmse_minus_item_knn_pearson", e->square[m], e->square[RATING_KNN], e,
                        true, seed, err);
    if (rc)
        return rc;
    if (m != RATING_KNN) {
        double own = to->metric[0].value.mean;
        double knn = own - to->metric[2].value.mean;
        add_fact(to, "percent_better_than_item_knn_pearson",
                 knn > 0 ? 100 * (knn - own) / knn : NAN);
    }
    add_fact(to, "validation_rmse", c->rmse[m]);
    if (m == RATING_GIBBS) {
        add_fact(to, "interval_90_coverage", coverage(f, &p->gibbs));
        add_fact(to, "samples", p->gibbs.kept);
    }
    return 0;
}

static int report(const struct eval_options *o, const struct files *f,
                  const struct rating_choice *c, const struct rating_predictions *p,
                  struct eval_report *ret, struct mq_error *err)
{
    struct errors e = {0};
    int rc = errors_sum(f, p, &e, err);
    for (int m = 0; rc == 0 && m < RATING_MODELS; m++)
        rc = add_model(f, c, p, &e, m, o->seed, &ret->model[ret->n_models++], err);
    ret->judged = e.n;
    ret->published = rating_model_names[c->published];
    ret->complete = true; /* the grids are walked to their ends */
    errors_release(&e);
    return rc;
}

/* ------------------------------------------------------------------ files */

static int write_predictions(const char *path, const struct files *f, const float *v,
                             const struct gibbs_answer *intervals, struct mq_error *err)
{
    FILE *out = fopen(path, "we");
    for (size_t i = 0; out && i < f->test.n; i++) {
        struct str viewer = intern_name(f->book.viewers, f->test.viewer[i]);
        struct str title = intern_name(f->book.titles, f->test.title[i]);
        fprintf(out, "%.*s\t%.*s\t%.6f", STR_ARG(viewer), STR_ARG(title), (double)v[i]);
        if (intervals) {
            double wide = nine_tenths * intervals->deviation[i];
            fprintf(out, "\t%.4f\t%.4f", (double)v[i] - wide, (double)v[i] + wide);
        }
        fputc('\n', out);
    }
    return file_failed(out, path, err);
}

static int run(const struct eval_options *o, const struct files *f, struct pool *pool,
               struct eval_report *ret, struct mq_error *err)
{
    struct rating_task task = {
        .train = &f->train,
        .cases = &f->test,
        .book = &f->book,
        .timed = f->timed,
        .facts = o->titles || o->credits ? &f->facts : NULL,
        .gibbs = {.seed = o->seed, .rank = o->rank, .samples = o->samples, .state = o->state}};
    struct train_watch watch = {.progress = o->progress, .ctx = o->progress_ctx};
    struct rating_choice choice;
    struct rating_predictions p = {0};
    int rc = rating_choose(&task, pool, watch, &choice, err);
    if (rc == 0)
        rc = rating_predict(&task, &choice, pool, watch, &p, err);
    if (rc == 0)
        rc = report(o, f, &choice, &p, ret, err);
    if (rc == 0 && o->predictions)
        rc = write_predictions(o->predictions, f, p.of[choice.published], NULL, err);
    if (rc == 0 && o->intervals)
        rc = write_predictions(o->intervals, f, p.of[RATING_GIBBS], &p.gibbs, err);
    rating_predictions_release(&p);
    return rc;
}

int evaluate_ratings(const struct eval_options *o, struct eval_report *ret, struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct files f = {0};
    struct pool *pool = NULL;
    if (!o->train || !o->test)
        return mq_fail(err, MQ_INVALID, "ratings: needs --train and --test");
    *ret = (struct eval_report){.protocol = "ratings", .seed = o->seed};
    int rc = load(o, &f, err);
    if (rc == 0)
        rc = pool_new(o->threads, &pool, err);
    if (rc == 0)
        rc = run(o, &f, pool, ret, err);
    if (rc == 0) {
        ret->viewers = intern_count(f.book.viewers);
        ret->titles = intern_count(f.book.titles);
    }
    ret->seconds = (double)(clock_mono_ns() - started) / 1e9;
    pool_free(pool);
    release(&f);
    return rc;
}
