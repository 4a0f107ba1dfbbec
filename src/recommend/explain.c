/* explain.c - why would this title (not) be shown? */
#include "recommend/home.h"
#include "recommend/taste.h"

enum { EXPLAINED_BY = 10 };

/* Place in the order of all described titles that can be compared, from 1. */
static void find_place(struct recommender *r, uint32_t title, const float *score,
                       const uint64_t *skip, struct mq_explanation *ret)
{
    float mine = score[title];
    uint64_t before = 0, all = 0;
    for (uint32_t t = 0; t < r->n_titles; t++) {
        if (t == title || bit_get(skip, t))
            continue;
        all++;
        bool earlier = t < title;
        before += score[t] > mine || (earlier && score[t] == mine);
    }
    ret->place = before + 1;
    ret->of = all + 1;
}

/* Titles with what each adds to the score. */
struct carrying {
    struct title_id title[EXPLAINED_BY + EVIDENCE_NAMED];
    float part[EXPLAINED_BY + EVIDENCE_NAMED];
    size_t n;
};

static bool carries(const struct carrying *c, uint32_t title)
{
    for (size_t k = 0; k < c->n; k++)
        if (c->title[k].v == title)
            return true;
    return false;
}

/* The set that the home page would name for the title's place. */
static void named_at_home(struct recommender *r, uint32_t title, struct evidence *ret)
{
    struct shelf s = {.kind = SHELF_TOP};
    ret->n = 0;
    shelf_make(r, &s);
    for (uint32_t i = 0; i < s.n; i++) {
        if (s.list[i].index == title) {
            struct field f;
            field_init(r, &f, s.list, s.n, GENRE_ANY, &i, 1);
            evidence_choose(r, &f, i, GENRE_ANY, ret);
        }
    }
}

/* Of the liked titles that can be evidence (of a long history the latest and the surest) those that add most to the score, and
 * `named` in any case: of taste w p y' W y, of the rest what would go with it. */
static void find_carrying(struct recommender *r, uint32_t title, const struct evidence *named,
                          struct carrying *ret)
{
    const struct model *m = r->w->model;
    const struct witnesses *ws = &r->witnesses;
    struct topk_item best[WITNESSES_HEARD];
    ret->n = 0;
    r->math->dots(ws->z, ws->n, m->stride, m->factors + (size_t)title * m->stride, r->row_scratch);
    const float *losses = evidence_losses(r, title);
    for (size_t j = 0; j < ws->n; j++)
        r->row_scratch[j] =
            r->mix.weight[INGREDIENT_TASTE] * ws->weight[j] * r->row_scratch[j] + losses[j * DEPTH];
    size_t n = topk_select(r->row_scratch, ws->n, NULL, WITNESSES_HEARD, best);
    for (size_t i = 0; i < n; i++) {
        struct title_id t = {ws->title[best[i].index]};
        bool is_named = false;
        for (size_t k = 0; k < named->n; k++)
            is_named |= named->title[k].v == t.v;
        bool room = ret->n < EXPLAINED_BY && best[i].score > 0;
        /* having watched it is no reason to show it */
        if (t.v == title || carries(ret, t.v) || !(room || is_named))
            continue;
        ret->title[ret->n] = t;
        ret->part[ret->n++] = best[i].score;
    }
}

/* Which titles carry the score, and what its place rests on. */
static void fill_contributions(struct recommender *r, uint32_t title, struct mq_explanation *ret)
{
    struct evidence named;
    struct carrying c;
    float score = r->score[title];
    named_at_home(r, title, &named);
    find_carrying(r, title, &named, &c);
    for (size_t i = 0; i < c.n; i++)
        c.part[i] = score > 0 ? c.part[i] / score : __builtin_nanf("");
    ret->evidence = evidence_named(r, c.title, c.part, c.n);
    ret->n_evidence = ret->evidence ? c.n : 0;
    const struct title_id *said = named.n > 0 ? named.title : c.title;
    size_t n = named.n > 0 ? named.n : c.n < 2 ? c.n : 2;
    struct words w;
    words_init(&w);
    if (n > 0) {
        /* What carries most of a score may carry the titles beside it just as well: place and score have reasons of their own. */
        buf_add_z(&w.b, named.n > 0 ? "It stands there because you " : "Most because you ");
        buf_add_z(&w.b, words_verb(r, said, n));
        buf_add_char(&w.b, ' ');
        words_titles(r, &w, said, n);
    } else {
        buf_add_z(&w.b, "Nothing that you watched or rated speaks for it");
    }
    ret->text = words_keep(r, &w);
}

static const char *whole_text(struct recommender *r, const struct mq_explanation *e, bool by_taste)
{
    struct words w;
    words_init(&w);
    if (e->campaign) {
        buf_add_z(&w.b, r->ask->lead->text);
        buf_add_z(&w.b, ", at the head of the page. ");
    }
    if (e->hidden)
        buf_add_z(&w.b, "Never shown: you hid it. ");
    else if (e->watched)
        buf_add_z(&w.b, "Not shown again: you have watched or rated it. ");
    buf_add_z(&w.b, "Place ");
    buf_add_u64(&w.b, e->place);
    buf_add_z(&w.b, " of ");
    buf_add_u64(&w.b, e->of);
    buf_add_z(&w.b, by_taste ? " in the order of your taste. " : " by popularity");
    if (by_taste)
        buf_add_z(&w.b, e->text);
    else if (r->ask->no_profiling)
        buf_add_z(&w.b, "; your history is not used");
    else if (r->has_taste)
        buf_add_z(&w.b, "; it is too new for the model to know");
    else
        buf_add_z(&w.b, "; nothing is known of your taste yet");
    buf_add_char(&w.b, '.');
    return words_keep(r, &w);
}

int recommend_explain(struct recommender *r, const struct world *w, const struct ask *ask,
                      struct title_id title, struct mq_explanation *ret, struct mq_error *err)
{
    if (title.v >= w->catalogue->n_titles || w->catalogue->titles[title.v].id.n == 0)
        return mq_fail(err, MQ_NOT_FOUND, "title: number %u: no such title", title.v);
    int rc = recommender_begin(r, w, ask, err);
    if (rc)
        return rc;
    const struct title_row *row = title_row(r, title.v);
    struct mq_explanation e = {
        .viewer = ask->viewer ? ask->viewer : "",
        .title = row->id.p,
        .name = row->name.p,
        .model = w->model ? w->model->facts.version : 0,
    };
    const struct title_signal *s = ask->profile ? profile_signal(ask->profile, title) : NULL;
    e.hidden = s && s->flags & SIGNAL_HIDDEN;
    e.watched =
        s && (s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED) || s->rating > 0 || s->thumb != 0);
    bool leads = ask->lead && ask->lead->title.v == title.v;
    if (leads && !bit_get(r->barred, title.v) && !bit_get(r->seen, title.v))
        e.campaign = ask->lead->campaign;
    bool by_taste = r->has_taste && title_known(r, title.v);
    const float *score = by_taste ? r->score : r->trend;
    for (size_t i = 0; i < r->words; i++)
        r->skip[i] = r->d->undescribed[i] | (by_taste ? r->d->unknown[i] : 0);
    e.score = (double)score[title.v];
    find_place(r, title.v, score, r->skip, &e);
    if (by_taste) {
        evidence_begin(r);
        fill_contributions(r, title.v, &e);
    }
    e.text = whole_text(r, &e, by_taste);
    *ret = e;
    return 0;
}
