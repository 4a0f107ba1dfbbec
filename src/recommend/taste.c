#include "recommend/taste.h"

/* The surest likes come first; equal ones by title. */
static bool surer(const struct liked *a, const struct liked *b)
{
    float x = a->preference * a->weight, y = b->preference * b->weight;
    return x > y || (x == y && a->title.v < b->title.v);
}

/* The LIKED_MAX surest ones, in order. Histories are short beside LIKED_MAX nearly always. */
static void keep_liked(struct recommender *r, struct liked l)
{
    size_t at = r->n_liked;
    if (at == LIKED_MAX) {
        if (!surer(&l, &r->liked[at - 1]))
            return;
        at--;
    } else {
        r->n_liked++;
    }
    for (; at > 0 && surer(&l, &r->liked[at - 1]); at--)
        r->liked[at] = r->liked[at - 1];
    r->liked[at] = l;
}

/* preference > 0: target 1; < 0: target 0; weight = confidence. */
static void collect(struct recommender *r, const struct profile *p)
{
    for (uint32_t i = 0; i < p->n && i < PROFILE_TITLES_MAX; i++) {
        const struct title_signal *s = &p->signals[i];
        if (s->preference == 0.0f || !(s->confidence > 0) || s->title.v >= r->n_titles)
            continue;
        bool known = title_known(r, s->title.v);
        if (known)
            r->items[r->n_items++] = (struct fold_in_item){
                s->title, s->preference > 0 ? 1.0f : 0.0f, s->confidence};
        if (s->preference > 0)
            keep_liked(r, (struct liked){s->title, s->preference, s->confidence, s->last_s, known});
        r->has_taste |= known && s->preference > 0;
    }
}

int taste_begin(struct recommender *r, struct mq_error *err)
{
    const struct model *m = r->w->model;
    if (r->profile)
        collect(r, r->profile);
    if (!r->has_taste)
        return 0;
    int rc = fold_in(m, r->items, r->n_items, r->scratch, r->x, r->inverse, err);
    if (rc)
        return rc;
    uint32_t n = m->n_titles < r->n_titles ? m->n_titles : r->n_titles;
    r->math->dots(m->factors, n, m->stride, r->x, r->taste);
    memset(r->taste + n, 0, (r->n_titles - n) * sizeof(float));
    return 0;
}

static float dot(const float *a, const float *b, uint32_t n)
{
    float sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Mean score of the titles by the same people (directors, creators, writers, first actors), drawn to the
 * mean of the genres with the weight of GENRE_WEIGHT titles. */
static float by_content(const struct recommender *r, uint32_t t)
{
    enum { GENRE_WEIGHT = 5, ACTORS = 5, TITLES_EACH = 32 };
    const struct catalogue *c = r->w->catalogue;
    const struct model *m = r->w->model;
    const struct title_row *row = &c->titles[t];
    float genre = 0, sum = 0;
    uint32_t n_genres = 0, n = 0, actors = 0;
    for (uint64_t bits = row->genres; bits; bits &= bits - 1, n_genres++)
        genre += dot(r->x, r->d->genre_mean + (size_t)__builtin_ctzll(bits) * m->stride, m->rank);
    for (uint32_t i = 0; i < row->n_credits; i++) {
        const struct credit_row *credit = &c->credits[row->first_credit + i];
        if (credit->role == ROLE_PRODUCER || (credit->role == ROLE_ACTOR && actors++ >= ACTORS))
            continue;
        const struct person_row *p = &c->people[credit->person.v];
        for (uint32_t k = 0; k < p->n_titles && k < TITLES_EACH; k++) {
            uint32_t other = c->person_titles[p->first_title + k].v;
            if (other != t && title_known(r, other)) {
                sum += r->taste[other];
                n++;
            }
        }
    }
    float prior = n_genres ? genre / (float)n_genres : 0.0f;
    return (sum + GENRE_WEIGHT * prior) / (float)(n + GENRE_WEIGHT);
}

float taste_of(struct recommender *r, uint32_t t)
{
    if (!r->has_taste)
        return 0;
    if (!title_known(r, t))
        r->taste[t] = by_content(r, t);
    return r->taste[t];
}

float taste_or_trend(struct recommender *r, uint32_t t)
{
    return r->has_taste ? taste_of(r, t) : r->trend[t];
}
