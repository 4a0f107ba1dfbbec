#include "train/lineup_search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "train/weight_halves.h"

struct search {
    const struct lineup_validation *v;
    const struct lineup_search_options *o;
    struct pool *pool;
    struct lineup l;
    struct lineup_choice *out;
    int64_t deadline_ns;
    double best; /* of iALS so far */
    struct ials_settings best_ials;
    bool found;
    bool halved;                    /* both halves of the questions have some */
    double more_sum[LINEUP_MODELS]; /* of the metric, over the more_n questions of other folds */
    size_t more_n;
    size_t fits, fits_due; /* of weights */
};

static bool out_of_time(struct search *s)
{
    bool out = clock_mono_ns() > s->deadline_ns;
    if (out)
        s->out->complete = false;
    return out;
}

static int tell(struct search *s)
{
    const struct train_watch *w = &s->o->watch;
    if (w->progress && !w->progress(w->ctx, "choosing settings", s->out->tried, 0))
        return MQ_CANCELLED;
    return 0;
}

/* Weights are most of what a small log costs. */
static int tell_fit(void *ctx, struct mq_error *err)
{
    struct search *s = ctx;
    const struct train_watch *w = &s->o->watch;
    s->fits++;
    if (s->fits > s->fits_due)
        s->fits_due = s->fits;
    if (w->progress && !w->progress(w->ctx, "learning weights", s->fits, s->fits_due))
        return mq_fail(err, MQ_CANCELLED, "search: stopped");
    return 0;
}

static const double *metric(const struct search *s, const struct answers *a)
{
    return s->v->by_ndcg100 ? a->ndcg100 : a->ndcg10;
}

/* Score of one ingredient alone. */
static int judge(struct search *s, enum ingredient i, double *ret, struct mq_error *err)
{
    struct mix alone = {{0}};
    struct answers a;
    struct contestant_mixes mixes = {&alone, 1, NULL};
    alone.weight[i] = 1;
    s->out->tried++;
    int rc = answers_rank(&s->l.e, s->v->questions, s->v->n, &mixes, 0, s->pool, &a, err);
    if (rc)
        return rc;
    *ret = answers_mean(metric(s, &a), a.n);
    answers_release(&a);
    return tell(s) ? mq_fail(err, MQ_CANCELLED, "search: stopped") : 0;
}

/* ---------------------------------------------------------------- neighbours */

static int search_knn(struct search *s, struct mq_error *err)
{
    static const uint32_t neighbours[] = {20, 100, 400};
    static const float shrink[] = {5, 20, 100};
    struct item_knn_settings best = s->l.settings.knn;
    double top = -1;
    int rc = 0;
    if (!s->l.counts.count || s->o->start.knn.neighbours > 0 || s->o->effort == LINEUP_AS_GIVEN)
        return lineup_train_knn(&s->l, s->pool, err);
    size_t step = s->o->effort == LINEUP_QUICK ? 2 : 1;
    for (size_t i = 0; rc == 0 && i < 9; i += step) {
        double score;
        s->l.settings.knn = (struct item_knn_settings){neighbours[i / 3], shrink[i % 3]};
        rc = lineup_train_knn(&s->l, s->pool, err);
        if (rc == 0)
            rc = judge(s, INGREDIENT_KNN, &score, err);
        if (rc == 0 && score > top) {
            top = score;
            best = s->l.settings.knn;
        }
    }
    s->l.settings.knn = best;
    return rc ? rc : lineup_train_knn(&s->l, s->pool, err);
}

/* ---------------------------------------------------------------- EASE */

static int try_lambda(struct search *s, double lambda, double *ret, struct mq_error *err)
{
    s->l.settings.ease_lambda = lambda;
    int rc = lineup_train_ease(&s->l, s->pool, err);
    return rc ? rc : judge(s, INGREDIENT_EASE, ret, err);
}

/* From the default up or down by factors while that helps, then between. */
static int search_ease(struct search *s, struct mq_error *err)
{
    enum { STEPS = 4 };
    static const double factor[] = {3, 1.0 / 3};
    double best = s->l.settings.ease_lambda;
    double top = -1;
    if (!s->l.counts.count)
        return 0;
    if (s->o->start.ease_lambda > 0 || s->o->effort == LINEUP_AS_GIVEN)
        return lineup_train_ease(&s->l, s->pool, err);
    int rc = try_lambda(s, best, &top, err);
    double from = best;
    for (size_t way = 0; rc == 0 && way < 2 && best == from; way++) {
        double lambda = from;
        for (int step = 0; rc == 0 && step < STEPS && !out_of_time(s); step++) {
            double score = 0;
            lambda *= factor[way];
            rc = try_lambda(s, lambda, &score, err);
            if (rc || score <= top)
                break;
            top = score;
            best = lambda;
        }
    }
    double middle = best;
    size_t between = s->o->effort == LINEUP_QUICK ? 0 : 2;
    for (size_t way = 0; rc == 0 && way < between && !out_of_time(s); way++) {
        double score = 0;
        rc = try_lambda(s, middle * sqrt(factor[way]), &score, err);
        if (rc == 0 && score > top) {
            top = score;
            best = middle * sqrt(factor[way]);
        }
    }
    s->l.settings.ease_lambda = best;
    return rc ? rc : lineup_train_ease(&s->l, s->pool, err);
}

/* ---------------------------------------------------------------- iALS */

/* Settings that can't be solved, or shrink every factor to nothing, score -1. */
static int try_ials(struct search *s, const struct ials_settings *ials, double *ret,
                    struct mq_error *err)
{
    struct train_watch quiet = {0};
    *ret = -1;
    s->l.settings.ials = *ials;
    int rc = lineup_train_taste(&s->l, s->pool, quiet, err);
    if (rc == MQ_SINGULAR || rc == MQ_INVALID)
        return 0;
    if (rc == 0)
        rc = judge(s, INGREDIENT_TASTE, ret, err);
    return rc;
}

static int try_full(struct search *s, const struct ials_settings *ials, struct mq_error *err)
{
    double score;
    if (s->found && out_of_time(s))
        return 0;
    int rc = try_ials(s, ials, &score, err);
    if (rc == 0 && (!s->found || score > s->best)) {
        s->best = score;
        s->best_ials = *ials;
        s->found = true;
    }
    return rc;
}

struct candidate {
    struct ials_settings ials;
    double score;
};

static int best_first(const void *a, const void *b)
{
    double x = ((const struct candidate *)a)->score;
    double y = ((const struct candidate *)b)->score;
    return (x < y) - (x > y);
}

enum { RUNG_REGULARISATION = 5, RUNG_UNOBSERVED = 5, RUNG = 25, NEXT_RUNG = 5, QUICK_RUNG = 2 };

/* Many candidates, small and short; the NEXT_RUNG best of them as they are meant. */
static int halve(struct search *s, struct mq_error *err)
{
    static const float regularisation[RUNG_REGULARISATION] = {1, 0.25F, 4, 16, 0.0625F};
    static const float unobserved[RUNG_UNOBSERVED] = {1, 0.25F, 4, 0.0625F, 16};
    struct candidate c[RUNG];
    struct ials_settings from = s->l.settings.ials;
    bool quick = s->o->effort == LINEUP_QUICK;
    size_t next = quick ? QUICK_RUNG : NEXT_RUNG;
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < RUNG; i++) {
        struct ials_settings small = from;
        if (quick && (i % RUNG_UNOBSERVED > 2 || i / RUNG_UNOBSERVED > 2))
            continue;
        small.regularisation *= regularisation[i / RUNG_UNOBSERVED];
        small.unobserved *= unobserved[i % RUNG_UNOBSERVED];
        c[n].ials = small;
        small.rank = small.rank < 32 ? small.rank : 32;
        small.epochs = 6;
        if (n > 0 && out_of_time(s))
            break;
        rc = try_ials(s, &small, &c[n].score, err);
        n++;
    }
    if (rc)
        return rc;
    qsort(c, n, sizeof(*c), best_first);
    for (size_t i = 0; rc == 0 && i < n && i < next; i++)
        rc = try_full(s, &c[i].ials, err);
    return rc;
}

static int refine(struct search *s, float step, struct mq_error *err)
{
    const float factor[2] = {1 / step, step};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < 4; i++) {
        struct ials_settings c = s->best_ials;
        float *which = i < 2 ? &c.regularisation : &c.unobserved;
        *which *= factor[i % 2];
        rc = try_full(s, &c, err);
    }
    return rc;
}

static int search_ials(struct search *s, struct mq_error *err)
{
    static const unsigned ranks[] = {128, 192, 32};
    const struct ials_settings *given = &s->o->start.ials;
    bool quick = s->o->effort == LINEUP_QUICK;
    bool fixed = s->o->effort == LINEUP_AS_GIVEN;
    int rc = 0;
    if (fixed || (given->regularisation > 0 && given->unobserved > 0)) {
        s->best_ials = s->l.settings.ials;
        s->found = true;
    } else {
        rc = halve(s, err);
    }
    if (rc == 0 && !fixed && given->regularisation == 0 && given->unobserved == 0) {
        rc = refine(s, 2, err);
        if (rc == 0 && !quick)
            rc = refine(s, 1.4142F, err);
    }
    for (size_t i = 0;
         rc == 0 && !quick && !fixed && given->rank == 0 && i < sizeof(ranks) / sizeof(ranks[0]);
         i++) {
        struct ials_settings c = s->best_ials;
        c.rank = ranks[i];
        rc = try_full(s, &c, err);
    }
    if (rc == 0 && !quick && !fixed && given->rank == 0 && given->regularisation == 0)
        rc = refine(s, 1.4142F, err);
    if (rc == 0 && !s->found)
        rc = mq_fail(err, MQ_INVALID, "settings: none could be trained: raise the budget");
    s->l.settings.ials = s->best_ials;
    if (rc == 0)
        rc = lineup_train_taste_eased(&s->l, s->pool, (struct train_watch){0}, err);
    return rc;
}

/* ---------------------------------------------------------------- weights */

/* Candidates for the weights of one model: what was fitted, and taste and EASE in fixed parts, which a handful of
 * questions can't overfit. */
enum { PARTS = 9, WEIGHTS = PARTS + 1 };

static size_t in_parts(const struct design *d, struct mix *ret)
{
    double taste = design_scale(d, INGREDIENT_TASTE);
    double ease = design_scale(d, INGREDIENT_EASE);
    if (taste == 0 || ease == 0)
        return 0;
    for (int p = 0; p < PARTS; p++) {
        double share = (p + 1) / (double)(PARTS + 1);
        ret[p] = (struct mix){{0}};
        ret[p].weight[INGREDIENT_TASTE] = (float)(share / taste);
        ret[p].weight[INGREDIENT_EASE] = (float)((1 - share) / ease);
    }
    return PARTS;
}

static double mean_of(const struct search *s, const struct answers *a, size_t model,
                      const uint8_t *fold, int left_out)
{
    const double *values = metric(s, a) + model * a->n;
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (isnan(values[i]) || (int)fold[i] == left_out)
            continue;
        sum += values[i];
        n++;
    }
    return n > 0 ? sum / (double)n : NAN;
}

/* The best of `n` candidates on the questions outside left_out (-1: on all). */
static size_t best_of(const struct search *s, const struct answers *a, size_t n,
                      const uint8_t *fold, int left_out)
{
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
        if (mean_of(s, a, k, fold, left_out) > mean_of(s, a, best, fold, left_out))
            best = k;
    return best;
}

/* The best of the candidates on viewers that neither the settings nor any weights were chosen on. There all models are
 * measured too, the blend in each fold as the other folds would choose it. */
static int choose_by_folds(struct search *s, const struct mix *candidate, size_t n, struct mix *mix,
                           struct mix *crossed[2], struct mq_error *err)
{
    enum { ALL = WEIGHTS + LINEUP_SEQUENCE };
    const struct lineup_validation *v = s->v;
    struct mix all[ALL];
    size_t n_all = n + LINEUP_SEQUENCE;
    struct fold_score *scores = calloc(v->n_more * ALL, sizeof(*scores));
    if (!scores)
        return mq_fail(err, MQ_NO_MEMORY, "blend: no memory");
    memcpy(all, candidate, n * sizeof(*all));
    for (unsigned m = 0; m < LINEUP_SEQUENCE; m++)
        all[n + m] = lineup_alone((enum lineup_model)m);
    int rc = weight_folds_judge(v->more, v->n_more, &s->l.settings, all, n_all, v->by_ndcg100,
                                s->pool, (struct train_watch){0}, scores, err);
    for (size_t f = 0; rc == 0 && f < v->n_more; f++) {
        const struct fold_score *of = scores + f * n_all;
        for (unsigned m = 0; m < LINEUP_SEQUENCE; m++)
            s->more_sum[m] += of[n + m].sum;
        s->more_sum[LINEUP_BLEND] +=
            of[weight_folds_best(scores, v->n_more, n_all, n, v->n_more > 1 ? f : v->n_more)].sum;
        s->more_n += of[0].n;
    }
    size_t best = weight_folds_best(scores, v->n_more, n_all, n, v->n_more);
    free(scores);
    if (rc)
        return rc;
    *mix = candidate[best];
    if (best > 0)
        *crossed[0] = *crossed[1] = candidate[best];
    return tell(s) ? mq_fail(err, MQ_CANCELLED, "search: stopped") : 0;
}

/* Weights of one learnt model: on all questions into *mix, on each half left out into crossed[half]. */
static int learn(struct search *s, const struct design *d, const struct question *questions,
                 const uint8_t *fold, enum lineup_model m, struct mix *mix, struct mix *crossed[2],
                 struct mq_error *err)
{
    uint32_t parts = lineup_model_parts(m, s->v->ordered);
    struct mix candidate[WEIGHTS];
    struct answers a;
    struct weight_halves halves = {.d = d,
                                   .fold = fold,
                                   .halved = s->halved,
                                   .few = s->o->few,
                                   .questions = s->v->n,
                                   .tell = tell_fit,
                                   .ctx = s};
    int rc = weight_halves_fit(&halves, parts, s->pool, mix, crossed, err);
    candidate[0] = *mix;
    size_t n = rc == 0 && m == LINEUP_BLEND && !s->o->few ? 1 + in_parts(d, candidate + 1) : 1;
    if (rc || n == 1)
        return rc;
    if (s->v->n_more > 0 && !out_of_time(s))
        return choose_by_folds(s, candidate, n, mix, crossed, err);
    struct contestant_mixes mixes = {candidate, n, NULL};
    rc = answers_rank(&s->l.e, questions, s->v->n, &mixes, 0, s->pool, &a, err);
    if (rc)
        return rc;
    size_t best = best_of(s, &a, n, fold, -1);
    *mix = candidate[best];
    for (int half = 0; s->halved && half < 2; half++) {
        best = best_of(s, &a, n, fold, half);
        if (best > 0)
            *crossed[half] = candidate[best];
    }
    answers_release(&a);
    return 0;
}

/* Each viewer's questions together: viewers are resampled. */
static int measure_gains(struct search *s, const struct answers *a, struct mq_error *err)
{
    const struct question *q = s->v->questions;
    uint32_t viewers = 0;
    for (size_t i = 0; i < a->n; i++)
        viewers = q[i].viewer >= viewers ? q[i].viewer + 1 : viewers;
    double *sum = calloc(3 * (size_t)viewers + 1, sizeof(*sum));
    if (!sum)
        return mq_fail(err, MQ_NO_MEMORY, "search: no memory");
    int rc = 0;
    for (size_t m = 0; rc == 0 && m < a->models; m++) {
        double *mine = sum;
        double *popular = sum + viewers;
        double *count = sum + 2 * (size_t)viewers;
        memset(sum, 0, 3 * (size_t)viewers * sizeof(*sum));
        for (size_t i = 0; i < a->n; i++) {
            if (isnan(metric(s, a)[m * a->n + i]))
                continue;
            mine[q[i].viewer] += metric(s, a)[m * a->n + i];
            popular[q[i].viewer] += metric(s, a)[i];
            count[q[i].viewer] += 1;
        }
        size_t n = 0; /* those with a question, side by side */
        for (uint32_t v = 0; v < viewers; v++) {
            if (count[v] == 0)
                continue;
            mine[n] = mine[v];
            popular[n] = popular[v];
            count[n++] = count[v];
        }
        s->out->viewers = n;
        rc = bootstrap_ratio(mine, popular, count, n, false, s->o->seed, &s->out->gain[m], err);
    }
    free(sum);
    return rc;
}

/* Weights of all models, and what they are worth on questions that they were not learnt from. */
static int weigh(struct search *s, const struct question *questions, const uint8_t *fold,
                 struct mix *mix, double *score, enum lineup_model *best, struct mq_error *err)
{
    struct design *d = NULL;
    struct mix crossed[2][LINEUP_MODELS];
    struct answers a = {0};
    int rc = s->o->no_weights
                 ? 0
                 : design_new(&s->l.e, questions, s->v->n, s->o->seed, s->pool, &d, err);
    if (rc)
        return rc;
    for (unsigned m = 0; rc == 0 && m < LINEUP_MODELS; m++) {
        struct mix *halves[2] = {&crossed[0][m], &crossed[1][m]};
        mix[m] = crossed[0][m] = crossed[1][m] = lineup_alone((enum lineup_model)m);
        if (m >= LINEUP_SEQUENCE && !s->o->no_weights &&
            lineup_model_parts((enum lineup_model)m, s->v->ordered) != 0)
            rc = learn(s, d, questions, fold, (enum lineup_model)m, &mix[m], halves, err);
    }
    design_free(d);
    struct contestant_mixes mixes = {&crossed[0][0], LINEUP_MODELS, fold};
    if (rc == 0)
        rc = answers_rank(&s->l.e, questions, s->v->n, &mixes, 0, s->pool, &a, err);
    if (rc)
        return rc;
    *best = LINEUP_POPULARITY;
    for (unsigned m = 0; m < LINEUP_MODELS; m++) {
        score[m] =
            mix_wants(&mix[m]) != 0 ? answers_mean(metric(s, &a) + (size_t)m * a.n, a.n) : NAN;
        if (s->more_n > 0) {
            double own = (double)s->v->n;
            score[m] = (score[m] * own + s->more_sum[m]) / (own + (double)s->more_n);
        }
        if (score[m] > score[*best])
            *best = (enum lineup_model)m;
    }
    if (score == s->out->score)
        rc = measure_gains(s, &a, err);
    answers_release(&a);
    return rc;
}

static int search_weights(struct search *s, struct mq_error *err)
{
    const struct lineup_validation *v = s->v;
    struct lineup_choice *out = s->out;
    uint8_t *fold = malloc(v->n + 1);
    if (!fold)
        return mq_fail(err, MQ_NO_MEMORY, "blend: no memory");
    /* By viewer, so that nobody's questions stand on both sides. */
    size_t odd = 0;
    for (size_t i = 0; i < v->n; i++) {
        fold[i] = (uint8_t)(hash_mix(s->o->seed, v->questions[i].viewer) % 2);
        odd += fold[i];
    }
    s->halved = odd > 0 && odd < v->n;
    for (unsigned m = LINEUP_SEQUENCE; m < LINEUP_MODELS; m++)
        if (lineup_model_parts((enum lineup_model)m, v->ordered) != 0)
            s->fits_due += (v->sampled ? 2 : 1) * (s->o->few ? WEIGHT_FITS_FEW : WEIGHT_FITS);
    int rc = weigh(s, v->questions, fold, out->mix, out->score, &out->best, err);
    for (unsigned m = 0; m < LINEUP_MODELS; m++)
        out->sampled_score[m] = NAN;
    if (rc == 0 && v->sampled)
        rc = weigh(s, v->sampled, fold, out->sampled_mix, out->sampled_score, &out->best_sampled,
                   err);
    free(fold);
    return rc;
}

int lineup_search(const struct lineup_validation *v, const struct lineup_search_options *o,
                  struct pool *pool, struct lineup_choice *ret, struct mq_error *err)
{
    struct lineup_choice out = {.questions = v->n, .complete = true};
    struct lineup_settings start = o->start;
    double seconds = o->seconds > 0 ? o->seconds : LINEUP_SECONDS;
    struct search s = {.v = v, .o = o, .pool = pool, .out = &out};
    s.deadline_ns = clock_mono_ns() + (int64_t)(seconds * 1e9);
    start.ordered = v->ordered;
    start.ials.seed = o->seed;
    start.links_kept = o->links_kept;
    start.ease_bytes = o->ease_bytes;
    struct lineup_rows rows = {.h = v->fit, .timeline = v->timeline, .taste = v->taste};
    int rc = lineup_init(&rows, &start, pool, &s.l, err);
    if (rc == 0)
        rc = search_knn(&s, err);
    if (rc == 0)
        rc = search_ease(&s, err);
    if (rc == 0)
        rc = search_ials(&s, err);
    if (rc == 0 && !o->no_weights)
        rc = lineup_train_follows(&s.l, v->fit, pool, err);
    if (rc == 0)
        rc = search_weights(&s, err);
    out.settings = s.l.settings;
    memcpy(out.note, s.l.note, sizeof(out.note));
    lineup_release(&s.l);
    if (rc == 0)
        *ret = out;
    return rc;
}

static void describe_mix(const struct mix *mix, char *to, size_t size)
{
    size_t n = 0;
    for (unsigned i = 0; i < INGREDIENTS && n < size; i++) {
        if (mix->weight[i] == 0)
            continue;
        int wrote = snprintf(to + n, size - n, "%s%s %.3g",
                             n > 0 ? ", " : "weights: ", ingredient_name((enum ingredient)i),
                             (double)mix->weight[i]);
        n += wrote > 0 ? (size_t)wrote : 0;
    }
}

void lineup_describe(const struct lineup_choice *c, enum lineup_model m, char *to, size_t size)
{
    const struct lineup_settings *s = &c->settings;
    char what[512] = "";
    if (m == LINEUP_ITEM_KNN)
        snprintf(what, sizeof(what), "neighbours %u, shrink %g; ", s->knn.neighbours,
                 (double)s->knn.shrink);
    if (m == LINEUP_IALS)
        snprintf(what, sizeof(what), "rank %u, epochs %u, lambda %.4g, alpha0 %.4g, nu %g; ",
                 s->ials.rank, s->ials.epochs, (double)s->ials.regularisation,
                 (double)s->ials.unobserved, (double)s->ials.frequency_power);
    if (m == LINEUP_EASE)
        snprintf(what, sizeof(what), "lambda %.4g; ", s->ease_lambda);
    int n = snprintf(to, size, "%svalidation %.4f", what, c->score[m]);
    if (n > 0 && (size_t)n + 2 < size && m >= LINEUP_SEQUENCE && m < LINEUP_MODELS) {
        to[n] = ';';
        to[n + 1] = ' ';
        describe_mix(&c->mix[m], to + n + 2, size - (size_t)n - 2);
    }
}
