#include "sim/old_home.h"

#include <math.h>
#include <string.h>

enum { DRAWS = 60 };
#define PASSED_OVER 0.7

static double weight_on(const struct sim_world *w, uint32_t title, int32_t day)
{
    const struct sim_title *t = &w->titles[title];
    return t->popularity * launch_burst(t, day);
}

/* Keeps the best `max` of what is offered, best first. */
static void offer(const struct sim_world *w, int32_t day, uint32_t title, uint32_t *list,
                  uint32_t *n, uint32_t max)
{
    double weight = weight_on(w, title, day);
    uint32_t at = *n;
    for (uint32_t i = 0; i < *n; i++) {
        if (list[i] == title)
            return;
    }
    while (at > 0 && weight_on(w, list[at - 1], day) < weight)
        at--;
    if (at == max)
        return;
    if (*n < max)
        (*n)++;
    memmove(list + at + 1, list + at, (*n - at - 1) * sizeof(*list));
    list[at] = title;
}

void home_day_set(const struct sim_world *w, int32_t day, struct home_day *ret)
{
    *ret = (struct home_day){.day = day, .n_there = w->n_titles};
    for (uint32_t i = 0; i < w->n_launches; i++) {
        uint32_t title = w->launches[i];
        int32_t age = day - w->titles[title].launch_day;
        if (age < 0) {
            ret->n_there--;
            continue;
        }
        offer(w, day, title, ret->popular, &ret->n_popular, HOME_HEAD);
        if (age < SIM_FRESH_DAYS)
            offer(w, day, title, ret->fresh, &ret->n_fresh, HOME_HEAD);
    }
    uint32_t head = 0;
    for (uint32_t i = 0; i < w->n_titles && head < HOME_HEAD; i++) {
        if (!home_is_there(w, w->ranked[i], day))
            continue;
        offer(w, day, w->ranked[i], ret->popular, &ret->n_popular, HOME_HEAD);
        head++;
    }
}

struct page {
    struct sim_item *slots;
    uint32_t n;
};

static bool on_page(const struct page *p, uint32_t title)
{
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->slots[i].title == title)
            return true;
    }
    return false;
}

static void put(struct page *p, uint32_t title, unsigned row, unsigned column, double propensity)
{
    p->slots[p->n++] = (struct sim_item){title, (float)propensity, (uint8_t)row, (uint8_t)column};
}

/* Down the list, best first, passing titles over by chance so that the row is not always the same. */
static void fill_from(struct page *p, unsigned row, unsigned columns, const uint32_t *list,
                      uint32_t n, struct rng *r)
{
    unsigned column = 0;
    for (uint32_t i = 0; i < n && column < columns; i++) {
        if (n - i > columns - column && rng_double(r) < PASSED_OVER)
            continue;
        if (!on_page(p, list[i]))
            put(p, list[i], row, column++, NAN);
    }
}

static void fill_random(const struct sim_world *w, const struct home_day *d, struct page *p,
                        unsigned row, unsigned columns, struct rng *r)
{
    for (unsigned column = 0; column < columns && p->n < d->n_there; column++) {
        uint32_t title;
        do {
            title = (uint32_t)rng_below(r, w->n_titles);
        } while (!home_is_there(w, title, d->day) || on_page(p, title));
        put(p, title, row, column, 1.0 / (d->n_there - p->n));
    }
}

/* A genre by chance of its titles, and titles in it by popularity. */
static void fill_genre(const struct sim_world *w, const struct home_day *d, struct page *p,
                       unsigned row, unsigned columns, struct rng *r)
{
    uint32_t any = popularity_draw(w, r);
    unsigned genre = (unsigned)rng_below(r, FILM_GENRES_MAX);
    if (!(w->titles[any].genres >> genre & 1))
        genre = (unsigned)__builtin_ctz(w->titles[any].genres);
    unsigned column = 0;
    for (int i = 0; i < DRAWS && column < columns; i++) {
        uint32_t title = popularity_draw_genre(w, genre, r);
        if (home_is_there(w, title, d->day) && !on_page(p, title))
            put(p, title, row, column++, NAN);
    }
}

uint32_t home_page(const struct sim_world *w, const struct home_day *d, unsigned columns,
                   struct rng *r, struct sim_item slots[HOME_SLOTS_MAX])
{
    struct page p = {.slots = slots};
    fill_from(&p, 0, columns, d->popular, d->n_popular, r);
    fill_from(&p, 1, columns, d->fresh, d->n_fresh, r);
    fill_random(w, d, &p, 2, columns, r);
    fill_genre(w, d, &p, 3, columns, r);
    return p.n;
}
