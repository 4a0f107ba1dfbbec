/* triangles_taste.c - what activity and taste say of a vertex, and what is left of it. */
#include <math.h>
#include <stdlib.h>

#include "math/bits.h"
#include "math/spd.h"
#include "strategy/triangles_inside.h"

enum { GENRES_MAX = CATALOGUE_GENRES_MAX };

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
}

static uint64_t genres_of(const struct triangle_world *w, uint32_t title)
{
    return w->columns > TRIANGLES_TASTE && title < w->c->n_titles ? w->c->titles[title].genres : 0;
}

static uint32_t liked_by(const struct likes *l, uint32_t title)
{
    return (uint32_t)(l->column[title + 1] - l->column[title]);
}

/* ---------------------------------------------------------------- describing viewers */

/* Genres of all likes: means, and covariances of two likes' worth. */
static void tell_all_likes(struct triangle_world *w, const uint64_t *without)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    const struct likes *l = w->likes;
    double sum[GENRES_MAX] = {0};
    double all = 0;
    for (uint32_t t = 0; t < l->n_titles; t++) {
        double n = without && bits_get(without, t) ? 0 : (double)liked_by(l, t);
        all += n;
        for (uint64_t g = genres_of(w, t); g; g &= g - 1) {
            sum[__builtin_ctzll(g)] += n;
            for (uint64_t k = genres_of(w, t); k; k &= k - 1)
                w->genres_together[(size_t)__builtin_ctzll(g) * p + (size_t)__builtin_ctzll(k)] +=
                    (float)n;
        }
    }
    all = fmax(all, 1);
    for (size_t i = 0; i < p; i++)
        w->genre_share[i] = (float)(sum[i] / all);
    for (size_t i = 0; i < p; i++) {
        for (size_t k = 0; k < p; k++) {
            float *to = &w->genres_together[i * p + k];
            *to = *to / (float)all - w->genre_share[i] * w->genre_share[k];
        }
    }
}

static void describe_viewer(const struct triangle_world *w, uint32_t column,
                            const uint64_t *without, float *x)
{
    const struct likes *l = w->likes;
    uint32_t rank = w->rank[column];
    uint32_t n = 0;
    for (uint32_t k = TRIANGLES_TASTE; k < w->columns; k++)
        x[k] = TRIANGLES_PRIOR * w->genre_share[k - TRIANGLES_TASTE];
    for (uint64_t k = l->row[rank]; k < l->row[rank + 1]; k++) {
        if (without && bits_get(without, l->title[k]))
            continue;
        n++;
        for (uint64_t g = genres_of(w, l->title[k]); g; g &= g - 1)
            x[TRIANGLES_TASTE + __builtin_ctzll(g)] += 1;
    }
    for (uint32_t k = TRIANGLES_TASTE; k < w->columns; k++)
        x[k] /= TRIANGLES_PRIOR + (float)n;
    w->active[column] = (float)n;
    w->per_like[column] = 1 / (TRIANGLES_PRIOR + (float)n);
    w->per_root[column] = 1 / sqrtf(n > 0 ? (float)n : 1);
}

struct active {
    float n;
    uint32_t column;
};

static int by_activity(const void *a, const void *b)
{
    const struct active *x = a;
    const struct active *y = b;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return x->column < y->column ? -1 : 1;
}

/* Equal strata of activity, and where in its stratum each stands. */
static int stratify(struct triangle_world *w, struct mq_error *err)
{
    double mean[TRIANGLES_STRATA] = {0};
    double size[TRIANGLES_STRATA] = {0};
    struct active *list = calloc((size_t)w->n + 1, sizeof(*list));
    if (!list)
        return no_memory(err);
    for (uint32_t i = 0; i < w->n; i++)
        list[i] = (struct active){w->active[i], i};
    if (w->n > 1)
        qsort(list, w->n, sizeof(*list), by_activity);
    for (uint32_t i = 0; i < w->n; i++) {
        uint8_t s = (uint8_t)((uint64_t)i * TRIANGLES_STRATA / w->n);
        w->stratum[list[i].column] = s;
        mean[s] += sqrt((double)list[i].n);
        size[s] += 1;
    }
    for (uint32_t i = 0; i < w->n; i++) {
        uint8_t s = w->stratum[i];
        float *x = w->x + (size_t)i * w->columns;
        x[s] = 1;
        x[TRIANGLES_STRATA] = (float)(sqrt((double)w->active[i]) - mean[s] / size[s]);
    }
    free(list);
    return 0;
}

int triangle_describe(struct triangle_world *w, const uint64_t *without, struct mq_error *err)
{
    size_t p = w->columns;
    size_t genres = p - TRIANGLES_TASTE;
    w->x = calloc((size_t)w->n * p + 1, sizeof(*w->x));
    w->stratum = calloc((size_t)w->n + 1, 1);
    w->active = calloc((size_t)w->n + 1, sizeof(*w->active));
    w->per_like = calloc((size_t)w->n + 1, sizeof(*w->per_like));
    w->per_root = calloc((size_t)w->n + 1, sizeof(*w->per_root));
    w->inverse = calloc(p * p, sizeof(*w->inverse));
    w->genre_share = calloc(genres + 1, sizeof(*w->genre_share));
    w->genres_together = calloc(genres * genres + 1, sizeof(*w->genres_together));
    if (!w->x || !w->stratum || !w->active || !w->per_like || !w->per_root || !w->inverse ||
        !w->genre_share || !w->genres_together)
        return no_memory(err);
    tell_all_likes(w, without);
    for (uint32_t i = 0; i < w->n; i++)
        describe_viewer(w, i, without, w->x + i * p);
    w->spread = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        float all = TRIANGLES_PRIOR + w->active[i];
        w->spread += w->active[i] / (all * all);
    }
    int rc = stratify(w, err);
    if (rc || w->n == 0)
        return rc;
    spd_gram(w->x, w->n, p, 1, w->inverse);
    for (size_t i = 0; i < p; i++)
        w->inverse[i * p + i] += 1; /* empty strata, unused genres */
    return spd_inverse(w->inverse, p, 1, err);
}

void triangle_describe_release(struct triangle_world *w)
{
    free(w->x);
    free(w->stratum);
    free(w->active);
    free(w->per_like);
    free(w->per_root);
    free(w->inverse);
    free(w->genre_share);
    free(w->genres_together);
}

/* ---------------------------------------------------------------- regression */

/* What a viewer's likes weigh and how often they count for its shares without the vertex' own titles: x all - own, by this. */
static float scale_of(const struct triangle_world *w, uint32_t column, const float *o, size_t p)
{
    float left = TRIANGLES_PRIOR + w->active[column] - o[p];
    return 1 / (left > TRIANGLES_PRIOR ? left : TRIANGLES_PRIOR);
}

/* Without the vertex' own titles everybody's shares are others: by how much, on average. */
static void tell_shift(const struct triangle_world *w, const float *own, float *ret)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    double sum[GENRES_MAX + 1] = {0};
    double all = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        const float *o = own + i * (p + 1);
        all += (double)w->active[i];
        for (size_t k = 0; o[p] > 0 && k <= p; k++)
            sum[k] += (double)o[k];
    }
    double rest = fmax(1, all - sum[p]);
    for (size_t k = 0; k < p; k++) {
        double usual = (double)w->genre_share[k];
        ret[k] = (float)(usual - (usual * all - sum[k]) / rest);
    }
}

/* (x'x)^-1 x'y by the inverse. */
static void solve(const struct triangle_world *w, const float *cross, float *ret)
{
    size_t p = w->columns;
    for (size_t i = 0; i < p; i++) {
        float sum = 0;
        for (size_t k = 0; k < p; k++)
            sum += w->inverse[i * p + k] * cross[k];
        ret[i] = sum;
    }
}

void triangle_regress(const struct triangle_world *w, const float *y, const float *own, float *ret)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    float cross[TRIANGLES_TASTE + GENRES_MAX] = {0};
    float shift[GENRES_MAX];
    float all = 0;
    for (uint32_t i = 0; i < w->n; i++) {
        if (!(y[i] > 0))
            continue;
        const float *x = w->x + (size_t)i * w->columns;
        const float *o = own + i * (p + 1);
        cross[w->stratum[i]] += y[i];
        cross[TRIANGLES_STRATA] += y[i] * x[TRIANGLES_STRATA];
        all += y[i];
        if (p == 0)
            continue;
        float scale = y[i] * scale_of(w, i, o, p);
        float likes = TRIANGLES_PRIOR + w->active[i];
        for (size_t k = 0; k < p; k++)
            cross[TRIANGLES_TASTE + k] += scale * (x[TRIANGLES_TASTE + k] * likes - o[k]);
    }
    if (p > 0)
        tell_shift(w, own, shift);
    for (size_t k = 0; k < p; k++)
        cross[TRIANGLES_TASTE + k] += all * shift[k];
    solve(w, cross, ret);
    ret[w->columns] = 0;
    for (size_t k = 0; k < p; k++)
        ret[w->columns] += ret[TRIANGLES_TASTE + k] * shift[k];
}

float triangle_fitted(const struct triangle_world *w, uint32_t column, const float *own,
                      const float *beta)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    const float *x = w->x + (size_t)column * w->columns;
    float m = beta[w->stratum[column]] + x[TRIANGLES_STRATA] * beta[TRIANGLES_STRATA];
    if (p == 0)
        return m;
    const float *o = own + (size_t)column * (p + 1);
    float taste = 0;
    float theirs = 0;
    for (size_t k = 0; k < p; k++)
        taste += x[TRIANGLES_TASTE + k] * beta[TRIANGLES_TASTE + k];
    if (o[p] > 0) {
        for (size_t k = 0; k < p; k++)
            theirs += o[k] * beta[TRIANGLES_TASTE + k];
        taste =
            (taste * (TRIANGLES_PRIOR + w->active[column]) - theirs) * scale_of(w, column, o, p);
    }
    return m + taste + beta[w->columns];
}

/* ---------------------------------------------------------------- what is left */

/* cov(sqrt Y, Y) of a Poisson Y with the mean m of its root, within .006 m. */
static float swing(float m)
{
    return m <= 0 ? 0 : m * (0.5F + 0.5F / (1 + 0.6F * m + 0.8F * m * m * m));
}

/* Genres of a vertex' likes beyond those of all. */
static void tell_genres(const struct triangle_world *w, const struct vertex *v,
                        const uint32_t *without, uint32_t n_without, float *ret)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    double sum[GENRES_MAX] = {0};
    double n = 0;
    for (uint32_t i = 0; i < v->n_titles; i++) {
        if (title_is_among(without, n_without, v->titles[i]))
            continue;
        n += liked_by(w->likes, v->titles[i]);
        for (uint64_t g = genres_of(w, v->titles[i]); g; g &= g - 1)
            sum[__builtin_ctzll(g)] += liked_by(w->likes, v->titles[i]);
    }
    for (size_t k = 0; k < p; k++)
        ret[k] = n > 0 ? (float)(sum[k] / n) - w->genre_share[k] : 0;
}

void triangle_rest(const struct triangle_world *w, const struct vertex *v, const uint32_t *without,
                   uint32_t n_without, const float *own, float *beta, float *y, float *lack,
                   struct leaning *ret)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    double sum = 0;
    triangle_regress(w, y, own, beta);
    for (uint32_t i = 0; i < w->n; i++) {
        float m = triangle_fitted(w, i, own, beta);
        float h = swing(m);
        y[i] -= m;
        sum += (double)(h * w->per_like[i]);
        lack[i] = h * w->per_root[i];
    }
    ret->sum = (float)sum;
    tell_genres(w, v, without, n_without, ret->towards);
    memcpy(ret->beta, beta + TRIANGLES_TASTE, p * sizeof(*beta));
    for (size_t i = 0; i < p; i++) {
        ret->together[i] = 0;
        for (size_t k = 0; k < p; k++)
            ret->together[i] += w->genres_together[i * p + k] * ret->beta[k];
    }
}

float triangle_lean(const struct triangle_world *w, const struct leaning *a,
                    const struct leaning *b)
{
    size_t p = w->columns - TRIANGLES_TASTE;
    float ab = 0;
    float ba = 0;
    float both = 0;
    for (size_t i = 0; i < p; i++) {
        ab += a->beta[i] * b->towards[i];
        ba += b->beta[i] * a->towards[i];
        both += a->beta[i] * b->together[i];
    }
    return w->spread * both - a->sum * ba - b->sum * ab;
}
