#include "train/order_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/bootstrap.h"
#include "recommend/order.h"
#include "train/logit_fit.h"
#include "train/replay.h"

enum { CUT = 10 /* NDCG@10 */ };
static const double ridge = 1;
/* Bits of the parts that say something of the moment. */
static const uint32_t of_moment = (1u << (ORDER_MOOD + 1)) - (1u << ORDER_MOMENT);
/* Of those that say what others choose, and what there is to be chosen. */
static const uint32_t of_others = 1u << ORDER_POPULARITY | 1u << ORDER_TREND | 1u << ORDER_NEW |
                                  1u << ORDER_UNKNOWN | 1u << ORDER_IS_NEW;

struct asked {
    uint32_t viewer;
    double base;              /* NDCG@10 of the order without weights */
    struct logit_question on; /* chosen = n: it did not come into question */
    float *x;                 /* the same as on.x */
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
    a.on = (struct logit_question){.n = (uint32_t)r->n_ranked, .chosen = (uint32_t)r->n_ranked};
    a.x = malloc((r->n_ranked + 1) * ORDER_PARTS * sizeof(*a.x));
    if (!a.x)
        return mq_fail(err, MQ_NO_MEMORY, "order: no memory");
    a.on.x = a.x;
    for (uint32_t k = 0; k < a.on.n; k++) {
        if (r->ranked[k].index == c->title)
            a.on.chosen = k;
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

/* ---------------------------------------------------------------- is it better? */

static double ndcg_of(const struct asked *a, const double *weight)
{
    size_t above = 0;
    const struct logit_question *on = &a->on;
    if (on->chosen == on->n)
        return 0;
    double own = logit_worth(a->x + (size_t)on->chosen * ORDER_PARTS, weight, ORDER_PARTS);
    for (uint32_t k = 0; k < on->n; k++)
        above += k != on->chosen &&
                 logit_worth(a->x + (size_t)k * ORDER_PARTS, weight, ORDER_PARTS) >= own;
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

/* From the first `n` questions. */
static int climb(const struct work *w, size_t n, uint32_t fixed, double *weight,
                 struct mq_error *err)
{
    struct logit_question *q = malloc((n + 1) * sizeof(*q));
    if (!q)
        return mq_fail(err, MQ_NO_MEMORY, "order: no memory");
    for (size_t i = 0; i < n; i++)
        q[i] = w->asked[i].on;
    int rc = logit_fit(q, n, (struct logit_parts){ORDER_PARTS, ridge, fixed}, weight, err);
    free(q);
    return rc;
}

/* Do they make later choices likelier than weights without the moment, by more than a standard error over viewers? Else it is chance that was
 * learnt. */
static bool moment_helps(struct work *w, const double *with, const double *without)
{
    struct asked *tested = w->asked + w->fitted;
    size_t n = w->n - w->fitted;
    double sum = 0, squares = 0, own = 0;
    qsort(tested, n, sizeof(*tested), by_viewer);
    for (size_t i = 0; i < n; i++) {
        own += logit_ln_chance(&tested[i].on, with, ORDER_PARTS) -
               logit_ln_chance(&tested[i].on, without, ORDER_PARTS);
        if (i + 1 < n && tested[i + 1].viewer == tested[i].viewer)
            continue;
        sum += own;
        squares += own * own;
        own = 0;
    }
    return sum > sqrt(squares);
}

/* How likely what is to be continued is gone on with. Too few such choices: 0, which says that nobody knows. */
static int learn_resumed(const struct resume_choices *l, float ret[RESUME_PARTS],
                         struct mq_error *err)
{
    double weight[RESUME_PARTS] = {0};
    if (l->n < ORDER_QUESTIONS_LEAST)
        return 0;
    struct logit_question *q = malloc(l->n * sizeof(*q));
    if (!q)
        return mq_fail(err, MQ_NO_MEMORY, "order: no memory");
    for (size_t i = 0; i < l->n; i++)
        q[i] = (struct logit_question){l->list[i].n, l->list[i].chosen, l->list[i].x[0]};
    int rc = logit_fit(q, l->n, (struct logit_parts){RESUME_PARTS, ridge, 0}, weight, err);
    for (int k = 0; k < RESUME_PARTS; k++)
        ret[k] = (float)weight[k];
    free(q);
    return rc;
}

/* Weights, and those that stay as they are. */
struct weights {
    double of[ORDER_PARTS];
    uint32_t fixed;
    struct order_part figures;
};

/* From the earlier questions, judged on the later ones. */
static int try_weights(struct work *w, uint32_t fixed, uint64_t seed, struct weights *ret,
                       struct mq_error *err)
{
    double plain[ORDER_PARTS] = {[ORDER_SCORE] = 1};
    *ret = (struct weights){.of = {[ORDER_SCORE] = 1}, .fixed = fixed};
    int rc = climb(w, w->fitted, fixed, ret->of, err);
    if (rc == 0)
        rc = climb(w, w->fitted, fixed | of_moment, plain, err);
    if (rc == 0 && !moment_helps(w, ret->of, plain)) {
        ret->fixed |= of_moment;
        memcpy(ret->of, plain, sizeof(plain));
    }
    return rc ? rc : judge(w, ret->of, seed, &ret->figures, err);
}

/* Where few choose, what others choose says little and makes much noise: the viewer's score and the moment alone may order better. That is the
 * order without weights but for the moment's, as chances, by which rows compare: it serves unless it is surely worse. All weights serve where
 * they did better than both. ret_serves: one of the two does. */
static int best_weights(struct work *w, uint64_t seed, struct weights *ret, bool *ret_serves,
                        struct mq_error *err)
{
    struct weights all;
    int rc = try_weights(w, 0, seed, &all, err);
    if (rc == 0)
        rc = try_weights(w, of_others, seed, ret, err);
    if (rc)
        return rc;
    *ret_serves = ret->figures.ndcg > 0 && ret->figures.high >= 0;
    if (all.figures.ndcg > fmax(all.figures.base_ndcg, ret->figures.ndcg)) {
        *ret = all;
        *ret_serves = true;
    }
    return 0;
}

static int learn(struct work *w, const struct resume_choices *resumed,
                 const struct order_fit_settings *s, struct order_part **ret, struct mq_error *err)
{
    struct weights best;
    bool serves = false;
    struct order_part *p = calloc(1, sizeof(*p));
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "order: no memory");
    int rc = best_weights(w, s->seed, &best, &serves, err);
    if (rc == 0) /* what is served has learnt from those that judged, too */
        rc = climb(w, w->n, best.fixed, best.of, err);
    if (rc == 0)
        *p = best.figures;
    for (int k = 0; k < ORDER_PARTS && rc == 0; k++)
        p->weight[k] = (float)best.of[k];
    if (rc == 0)
        rc = learn_resumed(resumed, p->weight + ORDER_RESUME, err);
    p->version = ORDER_VERSION;
    p->blend = s->generators->blend.n > 0;
    if (rc || !serves || order_fault(p)) {
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
        rc = learn(&w, &log->resumed, s, ret, err);
    work_release(&w);
    return rc;
}
