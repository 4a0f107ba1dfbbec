#include "recommend/scores.h"

/* ---------------------------------------------------------------- the history in order of time */

/* Down a heap of keys, the largest on top. */
static void sift(uint64_t *key, size_t at, size_t n)
{
    uint64_t moved = key[at];
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        child += child + 1 < n && key[child + 1] > key[child];
        if (key[child] <= moved)
            break;
        key[at] = key[child];
        at = child;
    }
    key[at] = moved;
}

/* Heapsort: nothing is allocated, whatever the length. */
static void sort(uint64_t *key, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(key, i, n);
    for (size_t last = n; last > 1;) {
        uint64_t top = key[0];
        key[0] = key[--last];
        key[last] = top;
        sift(key, 0, last);
    }
}

/* What training calls a history (train/log_rows.h, dataset/histories.h): liked titles by the time of the last
 * event, equal times by title. */
static void order_history(struct recommender *r)
{
    const struct profile *p = r->profile;
    size_t n = 0;
    for (uint32_t i = 0; i < p->n && n < PROFILE_TITLES_MAX; i++) {
        const struct title_signal *s = &p->signals[i];
        if (title_signal_liked(s) && s->title.v < r->w->model->n_titles)
            r->key[n++] = (uint64_t)s->last_s << 32 | s->title.v;
    }
    sort(r->key, n);
    for (size_t i = 0; i < n; i++)
        r->history[i] = (uint32_t)r->key[i];
    r->view = (struct ensemble_view){.history = r->history,
                                     .n = n,
                                     .now_ms = r->ask->at_ms,
                                     .last_ms = n > 0 ? (int64_t)(r->key[n - 1] >> 32) * 1000 : 0,
                                     .before_ms = n > 1 ? (int64_t)(r->key[n - 2] >> 32) * 1000 : 0,
                                     .x = r->x,
                                     .taste = r->taste};
}

/* ---------------------------------------------------------------- scores */

/* Titles that the model does not know: taste for the content of the newest, nothing for the others. */
static void score_unknown(struct recommender *r)
{
    const struct digest *d = r->d;
    const struct model *m = r->w->model;
    uint32_t n = m->n_titles < r->n_titles ? m->n_titles : r->n_titles;
    memset(r->taste + n, 0, (r->n_titles - n) * sizeof(float));
    memset(r->score + n, 0, (r->n_titles - n) * sizeof(float));
    r->math->dots(d->content, d->n_content, m->stride, r->x, r->content_score);
    for (size_t i = 0; i < d->n_content; i++) {
        uint32_t t = d->content_title[i].index;
        r->taste[t] = r->content_score[i];
        r->score[t] += r->mix.weight[INGREDIENT_TASTE] * r->content_score[i];
    }
}

int scores_begin(struct recommender *r, struct mq_error *err)
{
    const struct model *m = r->w->model;
    uint32_t n = m->n_titles < r->n_titles ? m->n_titles : r->n_titles;
    order_history(r);
    r->ensemble = ensemble_of(m);
    r->mix = ensemble_mix(m);
    uint32_t wanted = mix_wants(&r->mix) | UINT32_C(1) << INGREDIENT_TASTE;
    int rc =
        ensemble_ingredients(&r->ensemble, &r->view, wanted, r->ensemble_scratch, r->part, err);
    if (rc)
        return rc;
    mix_score(&r->mix, r->part, r->ensemble_scratch, n, r->score);
    score_unknown(r);
    return 0;
}

struct title_scores scores_of(const struct recommender *r, uint32_t title)
{
    struct title_scores s = {
        .trend = r->trend[title], .known = r->w->model && title_known(r, title), .blend = 0};
    if (!r->has_taste || !r->w->model)
        return s;
    s.blend = r->score[title];
    for (size_t i = 0; i < INGREDIENTS && title < r->w->model->n_titles; i++)
        s.part[i] = r->part[i] ? r->part[i][title] : 0;
    s.part[INGREDIENT_TASTE] = r->taste[title];
    return s;
}

float score_or_trend(const struct recommender *r, uint32_t t)
{
    return r->has_taste ? r->score[t] : r->trend[t];
}
