/* because.c - "Because you watched X": what resembles one title, in the order of the viewer's taste. */
#include "recommend/shelf.h"

#include <math.h>

enum { ANCHORS_LOOKED_AT = 48 };

static const struct liked *find_liked(const struct recommender *r, uint32_t title)
{
    for (size_t i = 0; i < r->n_liked; i++) {
        if (r->liked[i].title.v == title)
            return &r->liked[i];
    }
    return NULL;
}

void because_list(struct recommender *r, struct shelf *s)
{
    const struct model *m = r->w->model;
    if (!r->has_taste || !find_liked(r, s->key) || !title_known(r, s->key))
        return;
    size_t most = m->n_neighbours;
    if (most == 0 || !shelf_open(r, s, most))
        return;
    const uint32_t *other = m->neighbours + (size_t)s->key * m->n_neighbours;
    const float *similarity = m->similarity + (size_t)s->key * m->n_neighbours;
    for (size_t i = 0; i < m->n_neighbours; i++) {
        if (other[i] >= r->n_titles || !title_free(r, other[i]))
            continue;
        /* A floor keeps the order of similarity among titles that taste says nothing about. */
        float taste = r->taste[other[i]];
        shelf_insert(s, most, other[i], similarity[i] * (0.1f + (taste > 0 ? taste : 0)));
    }
    s->by_order = true;
    s->evidence[0].v = s->key;
    s->n_evidence = s->n_behind = 1;
}

/* Strongly liked or recent: half of it fades within a month. */
static float anchor_worth(const struct recommender *r, const struct liked *l)
{
    double days = ((double)r->ask->at_ms / 1000 - (double)l->last_s) / 86400;
    return l->preference * (0.5f + (float)exp2(-(days > 0 ? days : 0) / 30));
}

static float cosine(const struct model *m, uint32_t a, uint32_t b)
{
    const float *x = m->factors + (size_t)a * m->stride;
    const float *y = m->factors + (size_t)b * m->stride;
    float xy = 0, xx = 0, yy = 0;
    for (uint32_t c = 0; c < m->rank; c++) {
        xy += x[c] * y[c];
        xx += x[c] * x[c];
        yy += y[c] * y[c];
    }
    return xx > 0 && yy > 0 ? xy / sqrtf(xx * yy) : 0;
}

/* How alike the last neighbour is that a row needs, in [0, 1); 0: there are too few. A seldom watched title
 * has only weak neighbours, and a row about it would be of anything. */
static float strength(const struct recommender *r, uint32_t title)
{
    const struct model *m = r->w->model;
    const uint32_t *other = m->neighbours + (size_t)title * m->n_neighbours;
    const float *similarity = m->similarity + (size_t)title * m->n_neighbours;
    size_t n = 0;
    for (size_t i = 0; i < m->n_neighbours; i++) {
        if (other[i] < r->n_titles && title_free(r, other[i]) && ++n == SHELF_LEAST)
            return similarity[i] / (similarity[i] + 0.1f);
    }
    return 0;
}

/* Maximal marginal relevance (Carbonell, Goldstein 1998): worth less the likeness to those chosen. */
size_t because_choose(struct recommender *r, struct shelf *ret, size_t max)
{
    struct liked anchors[ANCHORS_LOOKED_AT];
    float worth[ANCHORS_LOOKED_AT];
    size_t n = 0, chosen = 0;
    if (!r->has_taste)
        return 0;
    /* liked is ordered by sureness; the worthiest of all of it are looked at. */
    for (size_t i = 0; i < r->n_liked; i++) {
        struct liked l = r->liked[i];
        if (!l.known || bit_get(r->d->undescribed, l.title.v))
            continue;
        float w = anchor_worth(r, &l) * strength(r, l.title.v);
        if (w <= 0)
            continue;
        size_t at = n < ANCHORS_LOOKED_AT ? n++ : n;
        if (at == ANCHORS_LOOKED_AT && w <= worth[--at])
            continue;
        for (; at > 0 && w > worth[at - 1]; at--) {
            worth[at] = worth[at - 1];
            anchors[at] = anchors[at - 1];
        }
        worth[at] = w;
        anchors[at] = l;
    }
    while (chosen < max) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            best = worth[i] > 0 && (best == n || worth[i] > worth[best]) ? i : best;
        if (best == n)
            break;
        uint32_t title = anchors[best].title.v;
        worth[best] = 0;
        ret[chosen++] = (struct shelf){.kind = SHELF_BECAUSE, .key = title};
        for (size_t i = 0; i < n; i++) {
            if (worth[i] > 0) {
                float alike = cosine(r->w->model, title, anchors[i].title.v);
                worth[i] *= 1 - 0.8f * (alike > 0 ? alike < 1 ? alike : 1 : 0);
            }
        }
    }
    return chosen;
}
