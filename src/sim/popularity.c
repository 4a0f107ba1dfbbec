/* popularity.c - how well known titles are: a power of the rank (Zipf), moved by quality. */
#include <math.h>
#include <stdlib.h>

#include "sim/opportunity.h"

#define ZIPF_POWER 0.8
#define ZIPF_FLAT 4.0 /* ranks flattened at the head: nobody watches only the first */
#define QUALITY_POWER 0.3

struct order {
    double key;
    uint32_t title;
};

static int by_key(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

static void weigh(struct sim_world *w, struct order *order)
{
    for (uint32_t i = 0; i < w->n_titles; i++)
        order[i] = (struct order){w->titles[i].fame, i};
    qsort(order, w->n_titles, sizeof(*order), by_key);
    double sum = 0;
    for (uint32_t i = 0; i < w->n_titles; i++) {
        struct sim_title *t = &w->titles[order[i].title];
        t->popularity =
            pow(i + 1 + ZIPF_FLAT, -ZIPF_POWER) * exp(QUALITY_POWER * (double)t->quality);
        if (w->settings.confounded && t->opportunity == 3)
            t->popularity *= SIM_CONFOUNDED;
        sum += t->popularity;
    }
    double running = 0;
    for (uint32_t i = 0; i < w->n_titles; i++) {
        w->titles[i].popularity /= sum;
        running += w->titles[i].popularity;
        w->cumulative[i] = running;
        order[i] = (struct order){w->titles[i].popularity, i};
    }
    qsort(order, w->n_titles, sizeof(*order), by_key);
    for (uint32_t i = 0; i < w->n_titles; i++)
        w->ranked[i] = order[i].title;
}

static int by_genre(struct sim_world *w, struct mq_error *err)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n_titles; i++)
        n += (uint32_t)__builtin_popcount(w->titles[i].genres);
    w->genre_titles = ARENA_ARRAY(&w->arena, n + 1, uint32_t);
    w->genre_cumulative = ARENA_ARRAY(&w->arena, n + 1, double);
    if (!w->genre_titles || !w->genre_cumulative)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory: ask for fewer");
    uint32_t at = 0;
    for (unsigned g = 0; g < FILM_GENRES_MAX; g++) {
        double running = 0;
        w->genre_first[g] = at;
        for (uint32_t i = 0; i < w->n_titles; i++) {
            if (!(w->titles[i].genres >> g & 1))
                continue;
            running += w->titles[i].popularity;
            w->genre_titles[at] = i;
            w->genre_cumulative[at++] = running;
        }
    }
    w->genre_first[FILM_GENRES_MAX] = at;
    return 0;
}

int popularity_build(struct sim_world *w, struct mq_error *err)
{
    w->ranked = ARENA_ARRAY(&w->arena, w->n_titles, uint32_t);
    w->cumulative = ARENA_ARRAY(&w->arena, w->n_titles, double);
    struct order *order = calloc(w->n_titles, sizeof(*order));
    if (!w->ranked || !w->cumulative || !order) {
        free(order);
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory: ask for fewer");
    }
    weigh(w, order);
    free(order);
    return by_genre(w, err);
}

/* First place whose running sum exceeds `at`; n > 0. */
static uint32_t place_in(const double *cumulative, uint32_t n, double at)
{
    uint32_t low = 0, high = n - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (cumulative[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

uint32_t popularity_draw(const struct sim_world *w, struct rng *r)
{
    double total = w->cumulative[w->n_titles - 1];
    return place_in(w->cumulative, w->n_titles, rng_double(r) * total);
}

uint32_t popularity_draw_genre(const struct sim_world *w, unsigned genre, struct rng *r)
{
    uint32_t first = w->genre_first[genre], n = w->genre_first[genre + 1] - first;
    const double *cumulative = w->genre_cumulative + first;
    return w->genre_titles[first + place_in(cumulative, n, rng_double(r) * cumulative[n - 1])];
}
