/* reader_calls.c - the questions of include/marquee.h: each an answer of recommend to a whole world. */
#include <math.h>
#include <stdlib.h>

#include "engine/interleaving.h"
#include "engine/note_shown.h"
#include "engine/reader.h"
#include "model/rate.h"

struct serving {
    const struct mq_request *q;
    struct mq_page page;
    struct mq_list list;
};

static int home(struct mq_reader *r, const struct world *w, const struct ask *ask, void *ctx,
                struct mq_error *err)
{
    struct serving *s = ctx;
    int rc = recommend_home(r->recommender, w, ask, &s->page, err);
    if (rc == 0 && interleaving_on(r))
        rc = interleave_page(r, &s->page, err);
    if (rc == 0)
        note_page(r, s->q, ask, &s->page);
    return rc;
}

int mq_home(struct mq_reader *r, const struct mq_request *q, struct mq_page *ret,
            struct mq_error *err)
{
    struct serving s = {.q = q};
    r->may_interleave = true;
    r->for_page = true;
    int rc = reader_answer(r, q, home, &s, err);
    r->may_interleave = r->for_page = false; /* also of what was refused at once */
    if (rc == 0)
        *ret = s.page;
    return rc;
}

static int list(struct mq_reader *r, const struct world *w, const struct ask *ask, void *ctx,
                struct mq_error *err)
{
    struct serving *s = ctx;
    int rc = recommend_list(r->recommender, w, ask, &s->list, err);
    if (rc == 0 && interleaving_on(r))
        rc = interleave_list(r, &s->list, err);
    if (rc == 0)
        note_list(r, s->q, ask, "list", &s->list);
    return rc;
}

int mq_recommend(struct mq_reader *r, const struct mq_request *q, struct mq_list *ret,
                 struct mq_error *err)
{
    struct serving s = {.q = q};
    r->may_interleave = true;
    int rc = reader_answer(r, q, list, &s, err);
    r->may_interleave = false;
    if (rc == 0)
        *ret = s.list;
    return rc;
}

/* The dense id of a title that the world has a row for. */
static int find_title(const struct mq_reader *r, const struct world *w, const char *title,
                      struct title_id *ret, struct mq_error *err)
{
    struct str id = str_of(title);
    uint32_t found =
        id.n > 0 ? intern_find(store_names(r->engine->store, NAME_TITLE), id) : INTERN_NONE;
    if (found == INTERN_NONE || found >= w->catalogue->n_titles)
        return mq_fail(err, MQ_NOT_FOUND, "title: %.*s: is unknown: give the id of a title",
                       STR_ARG(id));
    ret->v = found;
    return 0;
}

enum { RANK_MAX = 10000 };

struct ranking {
    const struct mq_request *q;
    const char *const *titles;
    size_t n;
    struct title_id *ids; /* (n) */
    struct mq_list answer;
};

static int rank(struct mq_reader *r, const struct world *w, const struct ask *ask, void *ctx,
                struct mq_error *err)
{
    struct ranking *k = ctx;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < k->n; i++)
        rc = find_title(r, w, k->titles[i], &k->ids[i], err);
    if (rc == 0)
        rc = recommend_rank(r->recommender, w, ask, k->ids, k->n, &k->answer, err);
    if (rc == 0)
        note_list(r, k->q, ask, "rank", &k->answer);
    return rc;
}

int mq_rank(struct mq_reader *r, const struct mq_request *q, const char *const *titles, size_t n,
            struct mq_list *ret, struct mq_error *err)
{
    if (n > RANK_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "titles: %zu: at most %d can be ranked at once", n,
                       RANK_MAX);
    struct ranking k = {.q = q, .titles = titles, .n = n, .ids = calloc(n + 1, sizeof(*k.ids))};
    if (!k.ids)
        return mq_fail(err, MQ_NO_MEMORY, "titles: %zu: no memory", n);
    int rc = reader_answer(r, q, rank, &k, err);
    free(k.ids);
    if (rc == 0)
        *ret = k.answer;
    return rc;
}

int mq_similar(struct mq_reader *r, const char *title, const struct mq_request *request,
               struct mq_list *ret, struct mq_error *err)
{
    static const struct mq_request none = {0};
    const struct mq_request *q = request ? request : &none;
    struct world w;
    struct title_id id;
    struct ask ask = {.n = q->n, .rules = &r->rules};
    mq_reader_rest(r);
    if (q->country && !country_from(str_of(q->country), &ask.context.country))
        return mq_fail(err, MQ_INVALID, "country: %s: give two letters, as GB", q->country);
    int rc = rules_parse(q->rules, &r->rules, err);
    if (rc)
        return rc;
    r->arm_model = false; /* no viewer's arm */
    rc = reader_enter_asked(r, q, &w, &ask, err);
    if (rc == 0)
        rc = find_title(r, &w, title, &id, err);
    if (rc == 0)
        rc = recommender_fit(r->recommender, w.catalogue->n_titles, w.model ? w.model->stride : 16,
                             err);
    if (rc == 0)
        rc = recommend_similar(r->recommender, &w, &ask, id, ret, err);
    if (rc) {
        mq_reader_rest(r);
        return rc;
    }
    ret->at_ms = ask.at_ms;
    ret->log_seq = ask.log_seq;
    return 0;
}

static struct mq_rating predicted(const struct world *w, const struct ask *ask, struct title_id id)
{
    struct rated known[PROFILE_TITLES_MAX];
    struct rating_forecast f;
    size_t n = 0;
    const struct profile *p = ask->no_profiling ? NULL : ask->profile;
    for (uint32_t i = 0; p && i < p->n && n < PROFILE_TITLES_MAX; i++)
        if (p->signals[i].rating)
            known[n++] = (struct rated){p->signals[i].title, title_signal_stars(&p->signals[i])};
    if (!w->model || !rate_forecast(&w->model->ratings, known, n, id, &f))
        return (struct mq_rating){NAN, NAN, NAN};
    return (struct mq_rating){f.expected, f.low, f.high};
}

struct rating {
    const char *title;
    struct mq_rating answer;
};

static int predict(struct mq_reader *r, const struct world *w, const struct ask *ask, void *ctx,
                   struct mq_error *err)
{
    struct rating *x = ctx;
    struct title_id id;
    int rc = find_title(r, w, x->title, &id, err);
    if (rc == 0)
        x->answer = predicted(w, ask, id);
    return rc;
}

int mq_predict_rating(struct mq_reader *r, const struct mq_request *q, const char *title,
                      struct mq_rating *ret, struct mq_error *err)
{
    struct rating x = {.title = title};
    int rc = reader_answer(r, q, predict, &x, err);
    if (rc == 0)
        *ret = x.answer;
    return rc;
}

struct explaining {
    const char *title;
    struct mq_explanation answer;
};

static int explain(struct mq_reader *r, const struct world *w, const struct ask *ask, void *ctx,
                   struct mq_error *err)
{
    struct explaining *x = ctx;
    struct title_id id;
    int rc = find_title(r, w, x->title, &id, err);
    if (rc == 0)
        rc = recommend_explain(r->recommender, w, ask, id, &x->answer, err);
    if (rc == 0)
        x->answer.rating = predicted(w, ask, id);
    return rc;
}

int mq_explain(struct mq_reader *r, const struct mq_request *q, const char *title,
               struct mq_explanation *ret, struct mq_error *err)
{
    struct explaining x = {.title = title};
    int rc = reader_answer(r, q, explain, &x, err);
    if (rc == 0)
        *ret = x.answer;
    return rc;
}
