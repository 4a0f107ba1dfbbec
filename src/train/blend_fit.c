#include "train/blend_fit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "train/catalogue_content.h"
#include "train/time_validation.h"
#include "train/train.h"
#include "train/trends.h"

/* The rows before a cut, and what is asked about the others. */
struct held {
    struct moments moments;
    struct histories all;
    struct time_validation v;
    struct csr taste; /* rows before the cut, with confidence and sign */
};

static void held_release(struct held *h)
{
    csr_release(&h->taste);
    time_validation_release(&h->v);
    histories_release(&h->all);
    moments_release(&h->moments);
}

/* Which series a title belongs to, numbered from 1; 0: none. */
static int series_of(const struct catalogue *c, uint32_t n_titles, uint32_t *ret,
                     struct mq_error *err)
{
    struct intern *names;
    int rc = intern_new(&names, err);
    if (rc)
        return rc;
    for (uint32_t t = 0; rc == 0 && t < n_titles && t < c->n_titles; t++) {
        uint32_t id = 0;
        if (c->titles[t].series.n == 0)
            continue;
        rc = intern_add(names, c->titles[t].series, &id, NULL, err);
        ret[t] = id + 1;
    }
    intern_free(names);
    return rc;
}

static int leave_series(const struct catalogue *c, uint32_t n_titles, struct questions *q,
                        struct mq_error *err)
{
    uint32_t *series = calloc((size_t)n_titles + 1, sizeof(*series));
    int rc = series ? series_of(c, n_titles, series, err)
                    : mq_fail(err, MQ_NO_MEMORY, "series: %u titles: no memory", n_titles);
    if (rc == 0)
        questions_leave_series(q, series);
    free(series);
    return rc;
}

/* Too little to ask about is no failure: then h->v.asked.n is 0. */
static int hold_out(const struct triples *t, uint32_t n_viewers, uint32_t n_titles,
                    const struct blend_fit_options *o, struct held *h, struct mq_error *err)
{
    struct triples before = {0};
    int rc = moments_init(t, n_viewers, &h->moments, err);
    if (rc == 0)
        rc = histories_from(t, NULL, n_viewers, n_titles, &h->all, err);
    if (rc == 0)
        rc = time_validation_of(t, &h->all, t->n, 0, o->seed, &h->moments, &h->v, err);
    if (rc == MQ_INVALID && h->v.asked.n == 0)
        return 0;
    if (rc == 0 && o->catalogue)
        rc = leave_series(o->catalogue, n_titles, &h->v.asked, err);
    if (rc == 0)
        rc = questions_weigh(&h->v.asked, t, n_viewers, err);
    for (size_t i = 0; rc == 0 && i < t->n; i++)
        if (h->moments.keep[i])
            rc = triples_add(&before, t->viewer[i], t->title[i], t->weight[i], t->at_ms[i], err);
    if (rc == 0)
        rc = triples_to_csr(&before, n_viewers, n_titles, INT64_MIN, INT64_MAX, &h->taste, err);
    triples_release(&before);
    return rc;
}

static struct lineup_validation validation_of(const struct held *h)
{
    return (struct lineup_validation){.fit = &h->v.fit,
                                      .timeline = &h->all,
                                      .taste = &h->taste,
                                      .questions = h->v.asked.list,
                                      .n = h->v.asked.n,
                                      .ordered = true};
}

/* ---------------------------------------------------------------- settings and weights */

#define BIT(i) (UINT32_C(1) << (i))
static const uint32_t learnt_models = BIT(LINEUP_SEQUENCE) | BIT(LINEUP_BLEND);

static bool popularity_only(const struct blend_fit_options *o)
{
    return o->only == BIT(LINEUP_POPULARITY);
}

static struct lineup_search_options search_of(const struct blend_fit_options *o,
                                              const struct held *h)
{
    bool few = h->v.asked.n < BLEND_QUESTIONS_LEAST;
    bool many = csr_nnz(&h->taste) > BLEND_ROWS_SEARCHED;
    return (struct lineup_search_options){
        .effort = few || many || popularity_only(o) ? LINEUP_AS_GIVEN : LINEUP_QUICK,
        .no_weights = o->only != 0 && (o->only & learnt_models) == 0,
        .few = few,
        .links_kept = BLEND_LINKS_KEPT,
        .ease_bytes = BLEND_EASE_BYTES,
        .seed = o->seed,
        .watch = o->watch,
        .start = o->given,
    };
}

/* The best of `among` that was measured. LINEUP_MODELS: none was. */
static enum lineup_model best_of(const struct lineup_choice *c, uint32_t among)
{
    static const enum lineup_model order[] = {LINEUP_IALS,     LINEUP_ITEM_KNN, LINEUP_EASE,
                                              LINEUP_SEQUENCE, LINEUP_BLEND,    LINEUP_POPULARITY};
    enum lineup_model best = LINEUP_MODELS;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        enum lineup_model m = order[i];
        if ((among & BIT(m)) == 0 || isnan(c->score[m]))
            continue;
        if (best == LINEUP_MODELS || c->score[m] > c->score[best])
            best = m;
    }
    return best;
}

/* Where nothing was measured: iALS as it is usual, else a single model that was asked for. */
static enum lineup_model unmeasured(uint32_t only)
{
    struct lineup_choice none = {.score = {0}};
    enum lineup_model m = only & ~learnt_models ? best_of(&none, only & ~learnt_models)
                          : only                ? LINEUP_MODELS
                                                : LINEUP_IALS;
    return m;
}

/* What the live model's settings are worth on the same questions, its weights learnt as the new one's are: a fair
 * rival, which the live file is not, since it has seen what is held out. */
static int measure_rival(const struct blend_fit_options *o, const struct held *h, struct pool *pool,
                         double *ret, struct mq_error *err)
{
    const struct model *live = o->live;
    const struct blend_facts *f = &live->blend.facts;
    struct lineup_search_options s = search_of(o, h);
    struct lineup_validation v = validation_of(h);
    struct lineup_choice c;
    enum lineup_model m = live->rank == 0      ? LINEUP_POPULARITY
                          : live->blend.n == 0 ? LINEUP_IALS
                                               : (enum lineup_model)f->published;
    s.effort = LINEUP_AS_GIVEN;
    s.no_weights = m < LINEUP_SEQUENCE;
    s.start = (struct lineup_settings){.ials = live->settings,
                                       .ease_lambda = f->ease_lambda,
                                       .knn = {f->neighbours, (float)f->shrink}};
    int rc = m < LINEUP_MODELS ? lineup_search(&v, &s, pool, &c, err) : MQ_INVALID;
    if (rc == MQ_SINGULAR || rc == MQ_INVALID)
        return 0; /* it can't be trained on today's log: no rival */
    if (rc == 0)
        *ret = c.score[m];
    return rc;
}

static int choose(const struct blend_fit_options *o, const struct held *h, struct pool *pool,
                  struct blend_found *ret, struct mq_error *err)
{
    struct lineup_validation v = validation_of(h);
    struct lineup_search_options s = search_of(o, h);
    int rc = lineup_search(&v, &s, pool, &ret->choice, err);
    if (rc)
        return rc;
    /* The best that is a viewer's own: popularity is a row of its own on every page. Few questions don't tell models apart:
     * then it is the blend, which holds the others as far as the questions speak for them. */
    uint32_t among = o->only ? o->only : ~BIT(LINEUP_POPULARITY);
    bool blended = (among & BIT(LINEUP_BLEND)) != 0 && mix_wants(&ret->choice.mix[LINEUP_BLEND]);
    bool few = s.few && !s.no_weights && blended;
    ret->published = o->like && (BIT(o->like->published) & among) != 0
                         ? (enum lineup_model)o->like->published
                     : few ? LINEUP_BLEND
                           : best_of(&ret->choice, among);
    if (o->live && ret->choice.viewers >= BLEND_VIEWERS_LEAST)
        rc = measure_rival(o, h, pool, &ret->rival_ndcg, err);
    return rc;
}

/* ---------------------------------------------------------------- the model */

/* Only what has a weight is trained and kept. */
static int train_parts(struct lineup *l, const struct histories *h, uint32_t wanted,
                       struct pool *pool, struct mq_error *err)
{
    uint32_t ease = BIT(INGREDIENT_EASE) | BIT(INGREDIENT_EASE_LONG) | BIT(INGREDIENT_EASE_MIDDLE) |
                    BIT(INGREDIENT_EASE_SHORT);
    uint32_t follows = 0;
    int rc = 0;
    for (unsigned i = INGREDIENT_NEAR_CHANCE; i <= INGREDIENT_FAR_COSINE_WIDE; i++)
        follows |= BIT(i);
    if (wanted & ease)
        rc = lineup_train_ease(l, pool, err);
    if (rc == 0 && wanted & BIT(INGREDIENT_KNN))
        rc = lineup_train_knn(l, pool, err);
    if (rc == 0 && wanted & follows)
        rc = lineup_train_follows(l, h, pool, err);
    return rc;
}

/* Moves the arrays out of the lineup. */
static void take_parts(struct lineup *l, uint32_t wanted, struct blend_part *ret)
{
    uint32_t moments = BIT(INGREDIENT_RECENT_SLOW) | BIT(INGREDIENT_RECENT_MIDDLE) |
                       BIT(INGREDIENT_RECENT_FAST) | BIT(INGREDIENT_SINCE) |
                       BIT(INGREDIENT_NEW_SLOW) | BIT(INGREDIENT_NEW_MIDDLE) |
                       BIT(INGREDIENT_NEW_FAST);
    ret->popularity = l->popularity;
    l->popularity = NULL;
    ret->ease = l->e.ease;
    ret->knn = l->e.knn;
    l->e.ease = l->e.knn = (struct links){0};
    for (size_t k = 0; k < TRANSITION_KINDS; k++) {
        ret->follows[k] = l->follows[k].follows;
        ret->from_scale[k] = l->follows[k].from_scale;
        ret->to_scale[k] = l->follows[k].to_scale;
        l->follows[k] = (struct transitions){0};
    }
    if (wanted & moments) {
        ret->trends = l->trends;
        l->trends = (struct trends){0};
        trends_forget(&ret->trends);
    }
}

static void note_facts(const struct blend_found *found, const struct lineup_settings *s,
                       struct blend_facts *ret)
{
    *ret = (struct blend_facts){.ease_lambda = s->ease_lambda,
                                .shrink = (double)s->knn.shrink,
                                .neighbours = s->knn.neighbours,
                                .published = found->published};
    for (unsigned m = 0; m < BLEND_SCORED; m++)
        ret->ndcg[m] =
            m < LINEUP_MODELS && found->choice.questions > 0 ? found->choice.score[m] : NAN;
    ret->n_scored = found->choice.questions > 0 ? LINEUP_MODELS : 0;
}

static int add_blend(const struct histories *h, const struct blend_found *found,
                     const struct lineup_settings *settings, struct pool *pool, struct model *m,
                     struct mq_error *err)
{
    struct mix mix = found->choice.questions > 0 ? found->choice.mix[found->published]
                                                 : lineup_alone(found->published);
    uint32_t wanted = mix_wants(&mix);
    struct lineup l;
    struct lineup_rows rows = {.h = h};
    int rc = lineup_init(&rows, settings, pool, &l, err);
    if (rc == 0)
        rc = train_parts(&l, h, wanted, pool, err);
    if (rc == 0) {
        m->blend = (struct blend_part){.n = m->n_titles, .mix = mix};
        take_parts(&l, wanted, &m->blend);
        note_facts(found, &l.settings, &m->blend.facts);
    }
    lineup_release(&l);
    return rc;
}

static void note_measured(const struct blend_found *found, const struct model *live,
                          struct model_facts *f)
{
    const struct lineup_choice *c = &found->choice;
    if (c->questions == 0)
        return;
    f->held_out_ndcg = c->score[found->published];
    f->popularity_ndcg = c->score[LINEUP_POPULARITY];
    f->held_out_low = c->gain[found->published].low;
    f->held_out_high = c->gain[found->published].high;
    f->held_out_viewers = c->viewers;
    if (live && !isnan(found->rival_ndcg)) {
        f->rival = live->facts.version;
        f->rival_ndcg = found->rival_ndcg;
    }
}

static int train_all(const struct triples *t, uint32_t n_viewers, uint32_t n_titles,
                     const struct histories *h, const struct blend_fit_options *o,
                     const struct blend_found *found, struct pool *pool, struct model *ret,
                     struct mq_error *err)
{
    struct lineup_settings settings = found->choice.settings;
    struct csr all = {0};
    settings.ials.seed = o->seed;
    settings.ordered = true;
    settings.links_kept = BLEND_LINKS_KEPT;
    settings.ease_bytes = BLEND_EASE_BYTES;
    bool popular = found->published == LINEUP_POPULARITY;
    struct train_settings taste = {.ials = settings.ials, .popularity_only = popular};
    int rc = triples_to_csr(t, n_viewers, n_titles, INT64_MIN, INT64_MAX, &all, err);
    if (rc == 0)
        rc = train_model_eased(&all, &taste, pool, o->watch, ret, err);
    csr_release(&all);
    if (rc)
        return rc;
    if (!popular && o->catalogue)
        rc = catalogue_content_place(o->catalogue, pool, ret, err);
    if (rc == MQ_SINGULAR)
        rc = 0; /* then nothing is known of new titles */
    if (rc == 0 && !popular)
        rc = add_blend(h, found, &settings, pool, ret, err);
    if (rc)
        train_release(ret);
    return rc;
}

int blend_fit(const struct triples *rows, uint32_t n_viewers, uint32_t n_titles,
              const struct blend_fit_options *o, struct pool *pool, struct model *ret,
              struct blend_found *ret_found, struct mq_error *err)
{
    struct blend_found found = {.published = unmeasured(o->only), .rival_ndcg = NAN};
    struct held h = {0};
    struct model m;
    found.choice.settings = o->given;
    int rc = hold_out(rows, n_viewers, n_titles, o, &h, err);
    if (rc == 0 && h.all.start[n_viewers] == 0)
        rc = mq_fail(err, MQ_INVALID, "interactions: none: bring in what viewers did first");
    if (rc == 0 && h.v.asked.n > 0)
        rc = choose(o, &h, pool, &found, err);
    if (rc == 0 && found.published >= LINEUP_MODELS)
        rc = mq_fail(
            err, MQ_INVALID,
            "only: the log asks nothing of its newest part, so that no weights can be learnt: "
            "name ials too");
    if (rc == 0)
        rc = train_all(rows, n_viewers, n_titles, &h.all, o, &found, pool, &m, err);
    held_release(&h);
    if (rc)
        return rc;
    note_measured(&found, o->live, &m.facts);
    snprintf(found.note, sizeof(found.note), "%s", found.choice.note);
    *ret = m;
    *ret_found = found;
    return 0;
}
