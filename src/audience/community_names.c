/* community_names.c - names by what sets a group apart, and whether others would pick the name. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "audience/communities_inside.h"
#include "audience/floor.h"

/* People with fewer titles say little; a trait needs so many of the group's likes. */
enum { PERSON_TITLES = 3, TRAIT_LIKES = 30, GENRES_NAMED = 2, DECADES_NAMED = 1, PEOPLE_NAMED = 2 };
enum {
    DECADE_FIRST = 189,
    DECADES = 16,
    TRAITS_DECADES = CATALOGUE_GENRES_MAX, /* the first of each kind */
    TRAITS_PEOPLE = TRAITS_DECADES + DECADES,
};

/* Likes by group and trait. */
struct counts {
    uint32_t k, n_traits; /* genres, decades, people */
    uint32_t *likes;      /* (k + 1, n_traits) the last row is everybody */
    double total[KMEANS_MAX + 1];
};

static void count_like(struct counts *x, const struct catalogue *c, uint32_t g, uint32_t title)
{
    x->total[g]++;
    if (title >= c->n_titles)
        return;
    uint32_t *row = x->likes + (size_t)g * x->n_traits;
    const struct title_row *t = &c->titles[title];
    for (uint64_t b = t->genres; b; b &= b - 1)
        row[__builtin_ctzll(b)]++;
    int decade = t->year / 10 - DECADE_FIRST;
    if (decade >= 0 && decade < DECADES)
        row[TRAITS_DECADES + decade]++;
    uint32_t last = ID_NONE;
    for (uint32_t i = 0; i < t->n_credits; i++) {
        uint32_t person = c->credits[t->first_credit + i].person.v;
        if (person != last)
            row[TRAITS_PEOPLE + person]++;
        last = person;
    }
}

static int count(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
                 const uint8_t *group, uint32_t k, struct counts *ret, struct mq_error *err)
{
    struct counts x = {.k = k, .n_traits = TRAITS_PEOPLE + c->n_people};
    x.likes = calloc((k + (size_t)1) * x.n_traits, sizeof(*x.likes));
    if (!x.likes)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory for names");
    for (uint32_t i = 0; i < t->n; i++) {
        const struct set_viewer *p = s->viewers[t->viewer[i]];
        for (uint32_t e = 0; e < p->n; e++) {
            if (!is_like(&p->entries[e]) || p->entries[e].last_s >= t->cut[i])
                continue;
            count_like(&x, c, group[i], p->entries[e].title);
            count_like(&x, c, k, p->entries[e].title);
        }
    }
    *ret = x;
    return 0;
}

/* Which trait a column is; false: one that says too little or may not be named. */
static bool trait_of(const struct catalogue *c, uint32_t column, struct trait *ret)
{
    *ret = (struct trait){.kind = TRAIT_GENRE, .number = column};
    if (column >= TRAITS_PEOPLE) {
        *ret = (struct trait){.kind = TRAIT_PERSON, .number = column - TRAITS_PEOPLE};
        return c->people[ret->number].n_titles >= PERSON_TITLES;
    }
    if (column >= TRAITS_DECADES) {
        *ret =
            (struct trait){.kind = TRAIT_DECADE, .number = DECADE_FIRST + column - TRAITS_DECADES};
        return true;
    }
    return column < c->n_genres && !floor_is_sensitive(c->genres[column]);
}

/* What a trait tells about a like's group: its share of the group's likes times the lower end of the log of its lift (a
 * lift that is sure, of something one meets); -inf for what is rare or may not be named. */
static double surely_more(const struct counts *x, const struct catalogue *c, uint32_t g,
                          uint32_t trait, struct trait *ret)
{
    double here = x->likes[(size_t)g * x->n_traits + trait];
    double all = x->likes[(size_t)x->k * x->n_traits + trait];
    if (here < TRAIT_LIKES || x->total[g] <= 0 || !trait_of(c, trait, ret))
        return -INFINITY;
    ret->lift = (here / x->total[g]) / (all / x->total[x->k]);
    ret->common = all / x->total[x->k];
    return here / x->total[g] * (log(ret->lift) - 1.96 / sqrt(here));
}

/* The best `most` of [from, to) that are surely above everybody's. */
static void take_traits(const struct counts *x, const struct catalogue *c, uint32_t g,
                        uint32_t from, uint32_t to, unsigned most, struct community *ret)
{
    for (unsigned taken = 0; taken < most; taken++) {
        double best = 0;
        struct trait found;
        bool any = false;
        for (uint32_t i = from; i < to; i++) {
            struct trait t;
            double score = surely_more(x, c, g, i, &t);
            bool have = false;
            for (unsigned k = 0; score > best && k < ret->n_traits; k++)
                have = have || (ret->traits[k].kind == t.kind && ret->traits[k].number == t.number);
            if (score <= best || have)
                continue;
            best = score;
            found = t;
            any = true;
        }
        if (!any)
            return;
        ret->traits[ret->n_traits++] = found;
    }
}

static bool leads_already(const struct community *all, uint32_t g, const struct trait *t)
{
    for (uint32_t i = 0; i < g; i++) {
        if (all[i].n_traits > 0 && all[i].traits[0].kind == t->kind &&
            all[i].traits[0].number == t->number)
            return true;
    }
    return false;
}

/* A name begins with what no name before it begins with, where there is such: else two groups look alike at a glance. */
static void lead_alone(const struct community *all, uint32_t g, struct community *c)
{
    unsigned lead = 0;
    while (lead < c->n_traits && leads_already(all, g, &c->traits[lead]))
        lead++;
    if (lead == 0 || lead == c->n_traits)
        return;
    struct trait first = c->traits[lead];
    memmove(c->traits + 1, c->traits, lead * sizeof(first));
    c->traits[0] = first;
}

static void write_name(const struct catalogue *c, const struct community *before, uint32_t g,
                       struct community *ret)
{
    struct buf b;
    char text[COMMUNITY_NAME_MAX - 8];
    buf_over(&b, text, sizeof(text));
    for (unsigned i = 0; i < ret->n_traits; i++) {
        const struct trait *t = &ret->traits[i];
        char decade[16];
        snprintf(decade, sizeof(decade), "the %u0s", t->number);
        struct str word = t->kind == TRAIT_GENRE    ? c->genres[t->number]
                          : t->kind == TRAIT_DECADE ? str_of(decade)
                                                    : c->people[t->number].name;
        if (b.n + word.n + 3 > sizeof(text))
            break;
        buf_add_z(&b, i == 0 ? "" : ", ");
        buf_add_str(&b, word);
    }
    if (b.n == 0)
        buf_add_z(&b, "A bit of everything");
    unsigned same = 0;
    for (uint32_t i = 0; i < g; i++)
        same += str_starts(str_of(before[i].name), buf_str(&b));
    memcpy(ret->name, b.p, b.n);
    ret->name[b.n] = '\0';
    if (same > 0)
        snprintf(ret->name + b.n, sizeof(ret->name) - b.n, " (%u)", same + 1);
}

int name_groups(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
                const uint8_t *group, uint32_t k, struct community *ret, struct mq_error *err)
{
    struct counts x = {0};
    int rc = count(s, c, t, group, k, &x, err);
    if (rc)
        return rc;
    for (uint32_t g = 0; g < k; g++) {
        ret[g].n_traits = 0;
        take_traits(&x, c, g, 0, CATALOGUE_GENRES_MAX, GENRES_NAMED, &ret[g]);
        take_traits(&x, c, g, TRAITS_DECADES, TRAITS_PEOPLE, DECADES_NAMED, &ret[g]);
        take_traits(&x, c, g, TRAITS_PEOPLE, x.n_traits, PEOPLE_NAMED, &ret[g]);
        lead_alone(ret, g, &ret[g]);
        write_name(c, ret, g, &ret[g]);
    }
    free(x.likes);
    return 0;
}

/* ---------------------------------------------------------------- would the name be picked? */

enum { TOP = 30, SHOWN = 10, AMONG = 10, TRIALS = 20 };

struct top {
    double score;
    uint32_t title;
};

static int by_score(const void *x, const void *y)
{
    const struct top *a = x;
    const struct top *b = y;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->title > b->title) - (a->title < b->title);
}

static bool has_trait(const struct catalogue *c, uint32_t title, const struct trait *t)
{
    if (title >= c->n_titles)
        return false;
    const struct title_row *r = &c->titles[title];
    if (t->kind == TRAIT_GENRE)
        return r->genres >> t->number & 1;
    if (t->kind == TRAIT_DECADE)
        return r->year / 10 == (int)t->number;
    for (uint32_t i = 0; i < r->n_credits; i++) {
        if (c->credits[r->first_credit + i].person.v == t->number)
            return true;
    }
    return false;
}

/* How much more the titles have of a name's traits than titles that are liked usually do. */
static double fits(const struct catalogue *c, const struct community *name, const uint32_t *titles,
                   unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < name->n_traits; i++) {
        const struct trait *t = &name->traits[i];
        double with = t->common * t->lift < 0.99 ? t->common * t->lift : 0.99;
        for (unsigned k = 0; k < n; k++)
            sum += has_trait(c, titles[k], t) ? log(t->lift) : log((1 - with) / (1 - t->common));
    }
    return sum;
}

/* The group's held-out titles that stand out most. */
static unsigned top_titles(const struct viewer_sets *s, const uint32_t *here, const uint32_t *all,
                           double share, struct top *room, uint32_t *ret)
{
    unsigned n = 0;
    for (uint32_t t = 0; t < s->n_titles; t++) {
        double expected = all[t] * share;
        if (here[t] >= 3)
            room[n++] = (struct top){(here[t] - expected) / sqrt(expected + 1), t};
    }
    if (n > 0)
        qsort(room, n, sizeof(*room), by_score);
    n = n < TOP ? n : TOP;
    for (unsigned i = 0; i < n; i++)
        ret[i] = room[i].title;
    return n;
}

static void one_trial(const struct catalogue *c, const struct community *names, uint32_t k,
                      uint32_t g, uint32_t *titles, unsigned n, struct rng *rng,
                      struct communities *ret, unsigned *found)
{
    uint32_t others[COMMUNITIES_MAX];
    uint32_t n_others = 0;
    for (uint32_t i = 0; i < k; i++) {
        if (i != g)
            others[n_others++] = i;
    }
    rng_shuffle_u32(rng, others, n_others);
    rng_shuffle_u32(rng, titles, n);
    n = n < SHOWN ? n : SHOWN;
    double mine = fits(c, &names[g], titles, n);
    bool first = true;
    for (uint32_t i = 0; i < n_others && i < AMONG - 1; i++)
        first = first && mine > fits(c, &names[others[i]], titles, n);
    *found += first;
    ret->name_trials++;
}

int try_names(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
              const uint8_t *group, uint32_t k, struct rng *rng, struct communities *ret,
              struct mq_error *err)
{
    struct community names[COMMUNITIES_MAX] = {{0}};
    size_t n = (size_t)s->n_titles + 1;
    uint32_t *likes = calloc((k + (size_t)1) * n, sizeof(*likes));
    struct top *room = calloc(n, sizeof(*room));
    double total[KMEANS_MAX + 1] = {0};
    unsigned found = 0;
    int rc = likes && room ? name_groups(s, c, t, group, k, names, err)
                           : mq_fail(err, MQ_NO_MEMORY, "communities: no memory for names");
    for (uint32_t i = 0; rc == 0 && i < t->n; i++) {
        const struct set_viewer *p = s->viewers[t->viewer[i]];
        for (uint32_t e = 0; e < p->n; e++) {
            if (!is_like(&p->entries[e]) || p->entries[e].last_s < t->cut[i])
                continue;
            likes[group[i] * n + p->entries[e].title]++;
            likes[k * n + p->entries[e].title]++;
            total[group[i]]++;
            total[k]++;
        }
    }
    for (uint32_t g = 0; rc == 0 && g < k; g++) {
        uint32_t titles[TOP];
        unsigned m = total[k] > 0 ? top_titles(s, likes + g * n, likes + k * n, total[g] / total[k],
                                               room, titles)
                                  : 0;
        for (int i = 0; m >= 3 && i < TRIALS; i++)
            one_trial(c, names, k, g, titles, m, rng, ret, &found);
    }
    free(likes);
    free(room);
    ret->names_among = k < AMONG ? k : AMONG;
    ret->name_found = ret->name_trials > 0 ? (double)found / ret->name_trials : NAN;
    return rc;
}
