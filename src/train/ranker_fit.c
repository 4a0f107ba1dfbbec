#include "train/ranker_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/bootstrap.h"
#include "recommend/features.h"
#include "recommend/ranker.h"
#include "train/lambdamart.h"
#include "train/place_weights.h"
#include "train/replay.h"

enum { BEST = 120, LATELY = 30, OFFERED_MAX = SHOWN_ITEMS_MAX + 1 };

/* ---------------------------------------------------------------- what was on offer */

struct offers {
    struct replay replay;
    uint32_t offered[OFFERED_MAX];
    size_t n_offered;
};

static void offer(struct offers *x, uint32_t title)
{
    struct recommender *r = x->replay.r;
    if (title >= r->n_titles || bit_get(r->claimed, title) || x->n_offered == OFFERED_MAX)
        return;
    bit_set(r->claimed, title);
    x->offered[x->n_offered++] = title;
}

static void offer_available(struct offers *x)
{
    struct recommender *r = x->replay.r;
    struct topk_item best[BEST];
    size_t n = topk_select(r->score, r->n_titles, r->seen, BEST, best);
    for (size_t i = 0; i < n; i++)
        offer(x, best[i].index);
    n = topk_select(r->trend, r->n_titles, r->seen, LATELY, best);
    for (size_t i = 0; i < n; i++)
        offer(x, best[i].index);
}

/* Who is asked to order titles among which the chosen one is not would only learn how the others were found. It stands last, so that
 * no tie is decided for it. */
static bool chosen_last(struct offers *x, uint32_t title)
{
    for (size_t i = 0; i < x->n_offered; i++)
        if (x->offered[i] == title) {
            x->offered[i] = x->offered[x->n_offered - 1];
            x->offered[x->n_offered - 1] = title;
            return x->n_offered > 1;
        }
    return false;
}

/* Begins the choice's request and collects what was on offer. False: nothing can be asked, as there is no taste to go by. */
static bool ask_choice(struct offers *x, const struct ranker_choice *c, int *ret_rc,
                       struct mq_error *err)
{
    struct recommender *r = x->replay.r;
    *ret_rc = replay_ask(&x->replay, c, err);
    if (*ret_rc || !r->has_taste || c->title >= r->n_titles)
        return false;
    memset(r->claimed, 0, r->words * sizeof(uint64_t));
    x->n_offered = 0;
    for (uint32_t i = 0; i < c->n_shown; i++)
        offer(x, c->shown[i]);
    if (c->n_shown == 0)
        offer_available(x);
    return chosen_last(x, c->title);
}

int ranker_rows(const struct ranker_log *log, const struct ranker_fit_settings *s,
                struct train_watch watch, ranker_visit *visit, void *ctx, struct mq_error *err)
{
    struct offers x = {.n_offered = 0};
    struct world w = {.model = s->generators, .catalogue = s->catalogue};
    int rc = replay_init(&x.replay, log, &w, err);
    for (size_t i = 0; rc == 0 && i < log->n; i++) {
        struct features f;
        float row[FEATURES];
        if (watch.progress && i % 64 == 0 &&
            !watch.progress(watch.ctx, "ranker: questions", i, log->n))
            rc = mq_fail(err, MQ_CANCELLED, "training: stopped");
        if (rc || !ask_choice(&x, &log->choices[i], &rc, err))
            continue;
        features_begin(x.replay.r, &f);
        for (size_t k = 0; rc == 0 && k < x.n_offered; k++) {
            features_of(&f, x.offered[k], row);
            rc = visit(ctx, i, x.offered[k], row);
        }
    }
    replay_release(&x.replay);
    return rc;
}

/* ---------------------------------------------------------------- rows */

struct gathered {
    const struct ranker_log *log;
    const struct ranker_fit_settings *s;
    struct mq_error *err;
    struct examined_places places;
    float *x, *gain, *weight; /* weight: the chance of being looked at, until weigh() */
    uint32_t *start, *choice; /* of questions */
    size_t rows, cap_rows, questions;
    size_t last; /* choice of the question at hand */
};

/* False: as it was. */
static bool widen(float **p, size_t n)
{
    float *wider = realloc(*p, n * sizeof(float));
    if (wider)
        *p = wider;
    return wider != NULL;
}

static int grow(struct gathered *g)
{
    size_t cap = g->cap_rows ? 2 * g->cap_rows : 1 << 14;
    if (!widen(&g->x, cap * FEATURES) || !widen(&g->gain, cap) || !widen(&g->weight, cap))
        return mq_fail(g->err, MQ_NO_MEMORY, "ranker: %zu rows: no memory", cap);
    g->cap_rows = cap;
    return 0;
}

/* The chance that the title's place on the page is looked at; 1 where no page is known. */
static float chance_of(const struct gathered *g, const struct ranker_choice *c, uint32_t title)
{
    for (uint32_t i = 0; i < c->n_shown; i++)
        if (c->shown[i] == title)
            return (float)examined_at(&g->places, (enum device)c->context.device, c->shown_row[i],
                                      c->shown_column[i]);
    return 1;
}

static int take_row(void *ctx, size_t choice, uint32_t title, const float *x)
{
    struct gathered *g = ctx;
    const struct ranker_choice *c = &g->log->choices[choice];
    if (g->rows == g->cap_rows) {
        int rc = grow(g);
        if (rc)
            return rc;
    }
    if (g->questions == 0 || g->last != choice) {
        g->start[g->questions] = (uint32_t)g->rows;
        g->choice[g->questions++] = (uint32_t)choice;
        g->last = choice;
    }
    memcpy(g->x + g->rows * FEATURES, x, FEATURES * sizeof(float));
    g->gain[g->rows] = title == c->title ? c->gain : 0;
    g->weight[g->rows++] = chance_of(g, c, title);
    return 0;
}

static void gathered_release(struct gathered *g)
{
    free(g->x);
    free(g->gain);
    free(g->weight);
    free(g->start);
    free(g->choice);
}

/* ---------------------------------------------------------------- is it better? */

struct judged {
    uint32_t viewer;
    double ranker, base;
};

static int by_viewer(const void *a, const void *b)
{
    const struct judged *x = a, *y = b;
    return (x->viewer > y->viewer) - (x->viewer < y->viewer);
}

/* Mean per viewer, in place; returns how many viewers. */
static size_t by_viewers(struct judged *v, size_t n, double *ranker, double *base)
{
    size_t viewers = 0;
    qsort(v, n, sizeof(*v), by_viewer);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        double a = 0, b = 0;
        for (; end < n && v[end].viewer == v[i].viewer; end++) {
            a += v[end].ranker;
            b += v[end].base;
        }
        ranker[viewers] = a / (double)(end - i);
        base[viewers++] = b / (double)(end - i);
        i = end;
    }
    return viewers;
}

static int judge(const struct gathered *g, size_t from, const struct forest *trees, uint64_t seed,
                 struct ranker_part *ret, struct mq_error *err)
{
    size_t n = g->questions - from, viewers;
    struct judged *v = calloc(n, sizeof(*v));
    double *ranker = calloc(n, sizeof(*ranker)), *base = calloc(n, sizeof(*base));
    float *value = calloc(LAMBDA_QUESTION_MAX, sizeof(*value));
    float *blend = calloc(LAMBDA_QUESTION_MAX, sizeof(*blend));
    int rc =
        v && ranker && base && value && blend ? 0 : mq_fail(err, MQ_NO_MEMORY, "ranker: no memory");
    for (size_t q = 0; rc == 0 && q < n; q++) {
        size_t row = g->start[from + q], rows = g->start[from + q + 1] - row;
        for (size_t i = 0; i < rows; i++) {
            const float *x = g->x + (row + i) * FEATURES;
            value[i] = forest_value(trees, x);
            blend[i] = features_base(x);
        }
        v[q] = (struct judged){g->log->choices[g->choice[from + q]].profile->viewer.v,
                               lambdamart_ndcg(value, g->gain + row, rows, RANKER_DEPTH),
                               lambdamart_ndcg(blend, g->gain + row, rows, RANKER_DEPTH)};
    }
    if (rc == 0) {
        struct interval d, level;
        viewers = by_viewers(v, n, ranker, base);
        rc = bootstrap_paired(ranker, base, viewers, seed, &d, err);
        if (rc == 0)
            rc = bootstrap_paired(base, NULL, viewers, seed, &level, err);
        if (rc == 0)
            *ret = (struct ranker_part){.ndcg = level.mean + d.mean,
                                        .base_ndcg = level.mean,
                                        .low = d.low,
                                        .high = d.high,
                                        .questions = (double)n};
    }
    free(v);
    free(ranker);
    free(base);
    free(value);
    free(blend);
    return rc;
}

/* Whether the log says how often a place is looked at. */
static bool weighs(const struct gathered *g)
{
    return !g->s->unweighted && (g->places.known[ALONG_COLUMNS] || g->places.known[ALONG_ROWS]);
}

/* The weights of the first `questions`, of choices from pages that are known; else 1. */
static int weigh(struct gathered *g, size_t questions, uint64_t seed)
{
    size_t rows = g->start[questions], n = 0;
    float *x = malloc((rows * FEATURES + 1) * sizeof(*x));
    float *chance = malloc((rows + 1) * sizeof(*chance));
    float *gain = malloc((rows + 1) * sizeof(*gain));
    uint32_t *viewer = malloc((rows + 1) * sizeof(*viewer));
    int rc = x && chance && gain && viewer ? 0 : mq_fail(g->err, MQ_NO_MEMORY, "ranker: no memory");
    for (size_t q = 0; rc == 0 && q < questions; q++)
        for (size_t i = g->start[q];
             weighs(g) && g->log->choices[g->choice[q]].n_shown > 0 && i < g->start[q + 1]; i++) {
            memcpy(x + n * FEATURES, g->x + i * FEATURES, FEATURES * sizeof(*x));
            gain[n] = g->gain[i];
            viewer[n] = g->log->choices[g->choice[q]].profile->viewer.v;
            chance[n++] = g->weight[i];
        }
    if (rc == 0)
        rc = place_weights(x, (uint32_t)n, FEATURES, viewer, chance, gain, seed, chance, g->err);
    n = 0;
    for (size_t q = 0; rc == 0 && q < questions; q++)
        for (size_t i = g->start[q]; i < g->start[q + 1]; i++) {
            bool known = weighs(g) && g->log->choices[g->choice[q]].n_shown > 0;
            g->weight[i] = known ? chance[n++] : 1;
        }
    free(x);
    free(chance);
    free(gain);
    free(viewer);
    return rc;
}

static int learn(struct gathered *g, size_t fitted, uint64_t seed, struct ranker_part *ret,
                 struct mq_error *err)
{
    struct ranking_rows rows = {.n = g->start[fitted],
                                .columns = FEATURES,
                                .questions = (uint32_t)fitted,
                                .x = g->x,
                                .gain = g->gain,
                                .weight = g->weight,
                                .start = g->start};
    struct trees_settings s = {.rounds = RANKER_ROUNDS,
                               .depth = 5,
                               .rate = 0.08f,
                               .columns = 0.8f,
                               .lambda = 2,
                               .seed = seed};
    struct forest trees;
    struct ranker_part part = {0};
    int rc = weigh(g, fitted, seed);
    if (rc == 0)
        rc = lambdamart_fit(&rows, &s, &trees, err);
    if (rc)
        return rc;
    rc = judge(g, fitted, &trees, seed, &part, err);
    size_t logged = 0;
    for (size_t q = 0; q < fitted; q++)
        logged += g->log->choices[g->choice[q]].n_shown > 0;
    part.logged = (double)logged / (double)fitted;
    part.meaning = RANKER_FEATURES_VERSION;
    for (size_t a = 0; a < ALONG; a++)
        part.examined[a] = weighs(g) && g->places.known[a] ? (double)g->places.choices[a] : 0;
    if (rc == 0 && part.low > 0)
        part.trees = trees;
    else
        trees_release(&trees);
    if (rc == 0)
        *ret = part;
    return rc;
}

int ranker_fit(const struct ranker_log *log, const struct ranker_fit_settings *s,
               struct train_watch watch, struct ranker_part *ret, struct mq_error *err)
{
    struct gathered g = {.log = log,
                         .s = s,
                         .err = err,
                         .start = calloc(log->n + 2, sizeof(uint32_t)),
                         .choice = calloc(log->n + 2, sizeof(uint32_t))};
    examination_settle(&log->examination, &g.places);
    int rc = g.start && g.choice ? ranker_rows(log, s, watch, take_row, &g, err)
                                 : mq_fail(err, MQ_NO_MEMORY, "ranker: no memory");
    size_t fitted = 0;
    if (rc == 0) {
        g.start[g.questions] = (uint32_t)g.rows;
        while (fitted < g.questions && log->choices[g.choice[fitted]].at_ms < s->test_from_ms)
            fitted++;
        *ret = (struct ranker_part){0};
        if (fitted >= RANKER_LEAST_CHOICES && g.questions - fitted >= RANKER_LEAST_CHOICES / 3)
            rc = learn(&g, fitted, s->seed, ret, err);
    }
    gathered_release(&g);
    return rc;
}

void ranker_fit_release(struct ranker_part *p)
{
    if (p->trees.n_trees > 0)
        trees_release(&p->trees);
    *p = (struct ranker_part){0};
}
