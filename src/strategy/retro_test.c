#include "strategy/retro_test.h"

#include <math.h>
#include <stdlib.h>

enum { GENRES_MAX = 32, WINDOW_PART = 5 };
static const double budget_factor = 2;

void retro_list_release(struct retro_list *l)
{
    free(l->match);
    *l = (struct retro_list){0};
}

/* A later title, with what decides whether it is like another. */
struct later {
    uint32_t title;
    int32_t day;
    uint8_t parts;   /* of the best match; bit per part */
    bool one_person; /* has a listed maker or lead */
    bool matched;
    uint32_t opportunity;
};

static bool has_person(const struct strategy_title *t, const struct vertex *v)
{
    for (uint32_t i = 0; i < t->n_credits; i++) {
        if (t->credits[i].person == v->number && t->credits[i].role == v->role)
            return true;
    }
    return false;
}

static bool has_word(const struct str *list, uint16_t n, struct str word)
{
    for (uint16_t i = 0; i < n; i++) {
        if (str_eq_nocase(list[i], word))
            return true;
    }
    return false;
}

static bool has_part(const struct strategy_title *t, const struct vertices *vs, uint32_t vertex)
{
    const struct vertex *v = &vs->v[vertex];
    if (v->kind != VERTEX_THEME)
        return has_person(t, v);
    if (v->role == VERTEX_TITLE)
        return false;
    return vs->themes_are_genres ? has_word(t->genres, t->n_genres, v->label)
                                 : has_word(t->tags, t->n_tags, v->label);
}

static void match_one(const struct strategy_data *d, const struct opportunities *found,
                      struct later *l)
{
    const struct strategy_title *t = &d->titles[l->title];
    for (uint32_t i = 0; i < found->n; i++) {
        uint8_t parts = 0;
        for (int k = 0; k < VERTEX_KINDS; k++) {
            bool has = has_part(t, &found->vertices, found->list[i].triangle.v[k]);
            parts |= (uint8_t)(has << k);
            l->one_person |= has && k != VERTEX_THEME;
        }
        int now = __builtin_popcount(parts);
        if (now >= 2 && now > __builtin_popcount(l->parts)) {
            l->matched = true;
            l->parts = parts;
            l->opportunity = i;
        }
    }
}

/* Shares the first genre, or half of the genres of both together. */
static bool like_in_genre(const struct strategy_title *a, const struct strategy_title *b)
{
    unsigned both = 0;
    if (a->n_genres == 0 || b->n_genres == 0)
        return a->n_genres == b->n_genres;
    if (str_eq_nocase(a->genres[0], b->genres[0]))
        return true;
    for (uint16_t i = 0; i < a->n_genres && i < GENRES_MAX; i++)
        both += has_word(b->genres, b->n_genres, a->genres[i]);
    return 2 * both >= (unsigned)a->n_genres + b->n_genres - both;
}

static bool like_in_budget(const struct strategy_title *a, const struct strategy_title *b)
{
    if (!(a->budget > 0) || !(b->budget > 0))
        return !(a->budget > 0) && !(b->budget > 0);
    double r = a->budget / b->budget;
    return r <= budget_factor && r >= 1 / budget_factor;
}

static double log_audience(const struct strategy_title *t)
{
    return log(t->audience ? t->audience : 0.5);
}

/* Mean log audience of the titles out nearest to it that are like it; NaN: none. */
static double controls_of(const struct strategy_data *d, const struct later *list, uint32_t n,
                          uint32_t me, int32_t tolerance, bool one_part)
{
    const struct strategy_title *t = &d->titles[list[me].title];
    double sum = 0;
    unsigned taken = 0;
    uint32_t down = me;
    uint32_t up = me + 1;
    /* The list is in order of days: outwards from the title. */
    while (taken < RETRO_CONTROLS && (down > 0 || up < n)) {
        int32_t below = down > 0 ? list[me].day - list[down - 1].day : INT32_MAX;
        int32_t above = up < n ? list[up].day - list[me].day : INT32_MAX;
        if ((below < above ? below : above) > tolerance)
            break;
        const struct later *l = below <= above ? &list[--down] : &list[up++];
        const struct strategy_title *o = &d->titles[l->title];
        if (l->matched || (one_part && !l->one_person) || !like_in_genre(t, o) ||
            !like_in_budget(t, o))
            continue;
        sum += log_audience(o);
        taken++;
    }
    return taken ? sum / taken : NAN;
}

static int by_day(const void *a, const void *b)
{
    const struct later *x = a;
    const struct later *y = b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

static int push(struct retro_list *l, const struct retro_match *m, struct mq_error *err)
{
    if (l->n == l->room) {
        uint32_t want = l->room ? 2 * l->room : 256;
        struct retro_match *p =
            want <= RETRO_MATCHES_MAX ? realloc(l->match, want * sizeof(*p)) : NULL;
        if (!p)
            return mq_fail(err, want > RETRO_MATCHES_MAX ? MQ_TOO_LARGE : MQ_NO_MEMORY,
                           "retro-test: %u matches: ask about fewer days", l->n);
        l->match = p;
        l->room = want;
    }
    l->match[l->n++] = *m;
    return 0;
}

int retro_add(const struct strategy_data *d, const struct opportunities *found,
              const struct retro_question *q, struct retro_list *l, struct mq_error *err)
{
    struct later *list = calloc((size_t)d->n_titles + 1, sizeof(*list));
    uint32_t n = 0;
    int rc = list ? 0 : mq_fail(err, MQ_NO_MEMORY, "retro-test: no memory");
    for (uint32_t t = 0; rc == 0 && t < d->n_titles; t++) {
        int32_t day = d->titles[t].described ? strategy_title_day(&d->titles[t]) : TITLE_NO_DATE;
        if (day == TITLE_NO_DATE || day < q->cut_day || day - q->cut_day >= q->window_days)
            continue;
        list[n] = (struct later){.title = t, .day = day};
        match_one(d, found, &list[n++]);
    }
    if (n > 1)
        qsort(list, n, sizeof(*list), by_day);
    int32_t tolerance = q->window_days / WINDOW_PART;
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        if (!list[i].matched)
            continue;
        struct retro_match m = {
            .title = list[i].title, .cut_day = q->cut_day, .parts = list[i].parts};
        double own = log_audience(&d->titles[m.title]);
        for (int k = 0; k < VERTEX_KINDS; k++)
            m.vertex[k] = found->vertices.v[found->list[list[i].opportunity].triangle.v[k]].number;
        for (int k = 0; k < RETRO_KINDS; k++)
            m.gain[k] = own - controls_of(d, list, n, i, tolerance, k == RETRO_ONE_PART);
        rc = push(l, &m, err);
    }
    free(list);
    l->cuts++;
    l->listed += found->n;
    l->later += n;
    return rc;
}

static int by_title(const void *a, const void *b)
{
    const struct retro_match *x = a;
    const struct retro_match *y = b;
    if (x->title != y->title)
        return x->title < y->title ? -1 : 1;
    return (x->cut_day > y->cut_day) - (x->cut_day < y->cut_day);
}

static int side_of(const struct retro_match *m, uint32_t n, int kind, uint64_t seed, double *sums,
                   struct retro_side *ret, struct mq_error *err)
{
    double *count = sums + n;
    uint32_t titles = 0;
    uint32_t won = 0;
    struct retro_side s = {.won = NAN};
    for (uint32_t i = 0; i < n;) {
        uint32_t title = m[i].title;
        sums[titles] = count[titles] = 0;
        for (; i < n && m[i].title == title; i++) {
            if (isnan(m[i].gain[kind]))
                continue;
            sums[titles] += m[i].gain[kind];
            count[titles]++;
            won += m[i].gain[kind] > 0;
            s.matches++;
        }
        titles += count[titles] > 0;
    }
    s.titles = titles;
    if (s.matches)
        s.won = (double)won / s.matches;
    int rc = bootstrap_ratio(sums, NULL, count, titles, false, seed, &s.gain, err);
    if (rc == 0)
        *ret = s;
    return rc;
}

int retro_summarise(const struct retro_list *l, uint64_t seed, struct retro_summary *ret,
                    struct mq_error *err)
{
    struct retro_summary s = {.matches = l->n};
    struct retro_match *m = calloc((size_t)l->n + 1, sizeof(*m));
    double *sums = calloc(2 * ((size_t)l->n + 1), sizeof(*sums));
    int rc = m && sums ? 0 : mq_fail(err, MQ_NO_MEMORY, "retro-test: no memory for %u", l->n);
    if (rc == 0 && l->n > 0) {
        memcpy(m, l->match, l->n * sizeof(*m));
        qsort(m, l->n, sizeof(*m), by_title);
    }
    for (uint32_t i = 0; rc == 0 && i < l->n; i++) {
        s.titles += i == 0 || m[i].title != m[i - 1].title;
        s.whole += m[i].parts == (1 << VERTEX_KINDS) - 1;
    }
    for (int k = 0; rc == 0 && k < RETRO_KINDS; k++)
        rc = side_of(m, l->n, k, seed, sums, &s.side[k], err);
    free(m);
    free(sums);
    if (rc == 0)
        *ret = s;
    return rc;
}
