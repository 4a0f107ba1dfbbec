#include "recommend/digest.h"

#include <math.h>

static bool digest_fits(const struct digest *d, const struct world *w)
{
    const struct model *m = w->model;
    return d->catalogue == w->catalogue && d->catalogue_version == w->catalogue->version &&
           d->n_titles == w->catalogue->n_titles && d->model == m &&
           (!m || (d->model_version == m->facts.version && d->factors == m->factors));
}

static bool factor_is_zero(const struct model *m, uint32_t t)
{
    const float *y = m->factors + (size_t)t * m->stride;
    for (uint32_t c = 0; c < m->rank; c++) {
        if (y[c] != 0.0f)
            return false;
    }
    return true;
}

static void digest_genres_of(struct digest *d, uint32_t t, uint64_t genres, size_t words)
{
    for (; genres; genres &= genres - 1)
        bit_set(d->genre + (size_t)__builtin_ctzll(genres) * words, t);
}

static void add_row(float *restrict to, const float *restrict row, uint32_t n, float times)
{
    for (uint32_t k = 0; k < n; k++)
        to[k] += times * row[k];
}

/* Mean factor and popularity of each genre over the titles that the model knows. */
static void digest_model(struct digest *d, const struct world *w)
{
    const struct model *m = w->model;
    const struct catalogue *c = w->catalogue;
    size_t n[CATALOGUE_GENRES_MAX] = {0};
    memset(d->genre_mean, 0, CATALOGUE_GENRES_MAX * (size_t)m->stride * sizeof(float));
    uint32_t titles = m->n_titles < c->n_titles ? m->n_titles : c->n_titles;
    for (uint32_t t = 0; t < titles; t++) {
        d->popularity += (double)m->popularity[t];
        if (bit_get(d->unknown, t))
            continue;
        const float *y = m->factors + (size_t)t * m->stride;
        for (uint64_t bits = c->titles[t].genres; bits; bits &= bits - 1) {
            int g = __builtin_ctzll(bits);
            add_row(d->genre_mean + (size_t)g * m->stride, y, m->stride, 1);
            n[g]++;
            d->genre_popularity[g] += (double)m->popularity[t];
        }
    }
    for (size_t g = 0; g < CATALOGUE_GENRES_MAX; g++) {
        float *mean = d->genre_mean + g * m->stride;
        for (uint32_t k = 0; k < m->stride && n[g] > 0; k++)
            mean[k] /= (float)n[g];
    }
}

/* Mean factor of the titles by the same people (directors, creators, writers, first actors), drawn to the
 * mean of the genres with the weight of GENRE_WEIGHT titles: a stand-in until the title is watched. */
static void estimate(const struct digest *d, const struct world *w, uint32_t t, float *ret)
{
    enum { GENRE_WEIGHT = 5, ACTORS = 4, TITLES_EACH = 8 };
    const struct catalogue *c = w->catalogue;
    const struct model *m = w->model;
    const struct title_row *row = &c->titles[t];
    int n_genres = __builtin_popcountll(row->genres);
    uint32_t n = GENRE_WEIGHT, actors = 0;
    memset(ret, 0, m->stride * sizeof(*ret));
    for (uint64_t bits = row->genres; bits; bits &= bits - 1)
        add_row(ret, d->genre_mean + (size_t)__builtin_ctzll(bits) * m->stride, m->stride,
                (float)GENRE_WEIGHT / (float)n_genres);
    for (uint32_t i = 0; i < row->n_credits; i++) {
        const struct credit_row *credit = &c->credits[row->first_credit + i];
        if (credit->role == ROLE_PRODUCER || (credit->role == ROLE_ACTOR && actors++ >= ACTORS))
            continue;
        const struct person_row *p = &c->people[credit->person.v];
        for (uint32_t k = 0; k < p->n_titles && k < TITLES_EACH; k++) {
            uint32_t other = c->person_titles[p->first_title + k].v;
            if (other != t && !bit_get(d->unknown, other)) {
                add_row(ret, m->factors + (size_t)other * m->stride, m->stride, 1);
                n++;
            }
        }
    }
    for (uint32_t k = 0; k < m->stride; k++)
        ret[k] /= (float)n;
}

/* The newest titles that the model does not know. */
static void digest_content(struct digest *d, const struct world *w, float *scratch)
{
    for (uint32_t t = 0; t < d->n_titles; t++) {
        int32_t day = d->release_day[t];
        scratch[t] = NAN;
        if (bit_get(d->unknown, t) && !bit_get(d->undescribed, t))
            scratch[t] = day != TITLE_NO_DATE ? (float)day : ((float)d->year[t] - 1970) * 365.25f;
    }
    d->n_content = topk_select(scratch, d->n_titles, NULL, CONTENT_MAX, d->content_title);
    for (size_t i = 0; i < d->n_content; i++)
        estimate(d, w, d->content_title[i].index, d->content + i * w->model->stride);
}

/* Genres are numbered by the catalogue; a model names those of its words. */
static void digest_moods(struct digest *d, const struct world *w)
{
    const struct mood_part *p = w->model->moods;
    const struct catalogue *c = w->catalogue;
    uint64_t word[CATALOGUE_GENRES_MAX] = {0};
    mood_table_make(&p->model, &d->mood_table);
    for (uint32_t g = 0; g < c->n_genres; g++) {
        for (uint32_t k = 0; k < MOOD_GENRES; k++) {
            struct str name = str_of(p->genre[k]);
            if (name.n > 0 && (str_eq_nocase(name, c->genres[g]) ||
                               (name.n > MOOD_GENRE_NAME - 5 && str_starts(c->genres[g], name))))
                word[g] |= UINT64_C(1) << k;
        }
    }
    for (uint32_t t = 0; t < c->n_titles; t++) {
        d->mood_genres[t] = 0;
        for (uint64_t b = c->titles[t].genres; b; b &= b - 1)
            d->mood_genres[t] |= word[__builtin_ctzll(b)];
    }
}

static void digest_make(struct digest *d, const struct world *w, float *scratch)
{
    const struct catalogue *c = w->catalogue;
    const struct model *m = w->model;
    size_t words = ((size_t)c->n_titles + 63) / 64;
    memset(d->undescribed, 0, words * sizeof(uint64_t));
    memset(d->unknown, 0, words * sizeof(uint64_t));
    memset(d->windowed, 0, words * sizeof(uint64_t));
    d->any_window = d->has_fresh = false;
    memset(d->genre, 0, CATALOGUE_GENRES_MAX * words * sizeof(uint64_t));
    memset(d->genre_popularity, 0, sizeof(d->genre_popularity));
    d->popularity = 0;
    for (uint32_t t = 0; t < c->n_titles; t++) {
        const struct title_row *row = &c->titles[t];
        if (!row->described || row->id.n == 0)
            bit_set(d->undescribed, t);
        if (!m || t >= m->n_titles || factor_is_zero(m, t))
            bit_set(d->unknown, t);
        d->release_day[t] = row->described ? row->release_day : TITLE_NO_DATE;
        d->year[t] = row->described ? row->year : 0;
        d->runtime_min[t] = row->runtime_min;
        digest_genres_of(d, t, row->genres, words);
        if (row->n_windows > 0) {
            bit_set(d->windowed, t);
            d->any_window = true;
        }
    }
    d->n_titles = c->n_titles;
    d->n_content = 0;
    if (m && m->moods)
        digest_moods(d, w);
    if (m) {
        digest_model(d, w);
        digest_content(d, w, scratch);
    }
    d->catalogue = c;
    d->catalogue_version = c->version;
    d->model = m;
    d->model_version = m ? m->facts.version : 0;
    d->factors = m ? m->factors : NULL;
}

void digest_refresh(struct digest *d, const struct world *w, float *scratch)
{
    if (!digest_fits(d, w))
        digest_make(d, w, scratch);
}
