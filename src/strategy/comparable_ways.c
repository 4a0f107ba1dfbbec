/* comparable_ways.c - what two titles share, in words. */
#include <stdio.h>

#include "strategy/forecast.h"

enum { WAYS_MAX = 12, YEARS_NEAR = 3, TEXT_MAX = 256 };

struct ways {
    const char **text;
    size_t n;
    struct arena *arena;
};

static void add(struct ways *w, const char *kind, struct str what)
{
    if (w->n == WAYS_MAX)
        return;
    char *text = arena_alloc(w->arena, TEXT_MAX);
    if (!text)
        return;
    snprintf(text, TEXT_MAX, "%s: %.*s", kind, (int)(what.n < 200 ? what.n : 200), what.p);
    w->text[w->n++] = text;
}

static bool holds(const struct str *list, uint16_t n, struct str s)
{
    for (uint16_t i = 0; i < n; i++)
        if (str_eq_nocase(list[i], s))
            return true;
    return false;
}

static void people(const struct strategy_data *d, const struct strategy_title *a,
                   const struct strategy_title *b, struct ways *w)
{
    for (uint32_t i = 0; i < a->n_credits; i++)
        for (uint32_t k = 0; k < b->n_credits; k++) {
            const struct strategy_credit *x = &a->credits[i];
            const struct strategy_credit *y = &b->credits[k];
            if (x->person != ID_NONE && x->person == y->person && x->role == y->role)
                add(w, role_name((enum role)x->role), d->people[x->person].name);
        }
}

int comparable_ways(const struct strategy_data *d, const struct strategy_title *a, uint32_t row,
                    struct arena *arena, const char *const **ret, size_t *ret_n,
                    struct mq_error *err)
{
    const struct strategy_title *b = &d->titles[row];
    struct ways w = {.text = ARENA_ARRAY(arena, WAYS_MAX, const char *), .arena = arena};
    if (!w.text)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    people(d, a, b, &w);
    if (a->series.n && str_eq_nocase(a->series, b->series))
        add(&w, "series", a->series);
    for (uint16_t i = 0; i < a->n_genres; i++)
        if (holds(b->genres, b->n_genres, a->genres[i]))
            add(&w, "genre", a->genres[i]);
    for (uint16_t i = 0; i < a->n_tags; i++)
        if (holds(b->tags, b->n_tags, a->tags[i]))
            add(&w, "tag", a->tags[i]);
    if (a->n_countries && holds(b->countries, b->n_countries, a->countries[0]))
        add(&w, "country", a->countries[0]);
    if (a->language.n && str_eq_nocase(a->language, b->language))
        add(&w, "language", a->language);
    if (a->year && b->year && a->year - b->year <= YEARS_NEAR && b->year - a->year <= YEARS_NEAR)
        add(&w, "years", STR("within three"));
    *ret = w.text;
    *ret_n = w.n;
    return 0;
}
