/* community_names.c - names by what sets a group apart. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "audience/communities_inside.h"
#include "audience/floor.h"

/* People with fewer titles say little; a trait needs so many of the group's likes. */
enum {
    PERSON_TITLES = 3,
    TRAIT_LIKES = 30,
    GENRES_NAMED = 2,
    DECADES_NAMED = 1,
    PEOPLE_NAMED = 2,
    LACKS_NAMED = 1,
};
enum {
    DECADE_FIRST = 189,
    DECADES = 16,
    TRAITS_DECADES = CATALOGUE_GENRES_MAX, /* the first of each kind */
    TRAITS_PEOPLE = TRAITS_DECADES + DECADES,
};

/* One of those whom a title is known by. */
static bool is_known_by(const struct credit_row *c)
{
    return c->role != ROLE_PRODUCER;
}

/* The first such credit of its person. */
static bool is_named_for(const struct catalogue *c, const struct title_row *t, uint32_t credit)
{
    const struct credit_row *v = c->credits + t->first_credit;
    if (!is_known_by(&v[credit]))
        return false;
    for (uint32_t i = 0; i < credit; i++) {
        if (v[i].person.v == v[credit].person.v && is_known_by(&v[i]))
            return false;
    }
    return true;
}

bool title_has_trait(const struct catalogue *c, uint32_t title, const struct trait *t)
{
    if (title >= c->n_titles)
        return false;
    const struct title_row *r = &c->titles[title];
    if (t->kind == TRAIT_GENRE || t->kind == TRAIT_LACK)
        return r->genres >> t->number & 1;
    if (t->kind == TRAIT_DECADE)
        return r->year / 10 == (int)t->number;
    for (uint32_t i = 0; i < r->n_credits; i++) {
        const struct credit_row *v = &c->credits[r->first_credit + i];
        if (v->person.v == t->number && is_known_by(v))
            return true;
    }
    return false;
}

static void count_like(uint32_t *likes, const struct catalogue *c, uint32_t title)
{
    if (title >= c->n_titles)
        return;
    const struct title_row *t = &c->titles[title];
    for (uint64_t b = t->genres; b; b &= b - 1)
        likes[__builtin_ctzll(b)]++;
    int decade = t->year / 10 - DECADE_FIRST;
    if (decade >= 0 && decade < DECADES)
        likes[TRAITS_DECADES + decade]++;
    for (uint32_t i = 0; i < t->n_credits; i++) {
        if (is_named_for(c, t, i))
            likes[TRAITS_PEOPLE + c->credits[t->first_credit + i].person.v]++;
    }
}

/* Of the rows with group[i] == g, or of all when there is no `group`. Returns how many likes. */
static double count(const struct naming *x, const uint8_t *group, uint8_t g, uint32_t *likes)
{
    double total = 0;
    memset(likes, 0, x->n_traits * sizeof(*likes));
    for (uint32_t i = 0; i < x->tastes->n; i++) {
        if (group && group[i] != g)
            continue;
        const struct set_viewer *p = x->sets->viewers[x->tastes->viewer[i]];
        for (uint32_t e = 0; e < p->n; e++) {
            if (!is_known(x->tastes, i, &p->entries[e]))
                continue;
            total++;
            count_like(likes, x->catalogue, p->entries[e].title);
        }
    }
    return total;
}

int naming_init(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
                struct naming *ret, struct mq_error *err)
{
    struct naming x = {
        .sets = s, .catalogue = c, .tastes = t, .n_traits = TRAITS_PEOPLE + c->n_people};
    x.all = calloc(x.n_traits, sizeof(*x.all));
    x.here = calloc(x.n_traits, sizeof(*x.here));
    *ret = x;
    if (!x.all || !x.here)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory for names");
    ret->total_all = count(&x, NULL, 0, x.all);
    return 0;
}

void naming_release(struct naming *x)
{
    free(x->all);
    free(x->here);
    *x = (struct naming){0};
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
static double surely_more(const struct naming *x, uint32_t column, struct trait *ret)
{
    double here = x->here[column];
    if (here < TRAIT_LIKES || !trait_of(x->catalogue, column, ret))
        return -INFINITY;
    ret->common = x->all[column] / x->total_all;
    ret->lift = here / x->total_here / ret->common;
    return here / x->total_here * (log(ret->lift) - 1.96 / sqrt(here));
}

/* What a genre that is met less here tells, in the same way. */
static double surely_less(const struct naming *x, uint32_t column, struct trait *ret)
{
    double here = x->here[column];
    double share = x->all[column] / x->total_all;
    double expected = share * x->total_here;
    if (expected < TRAIT_LIKES || !trait_of(x->catalogue, column, ret))
        return -INFINITY;
    ret->kind = TRAIT_LACK;
    ret->common = share;
    ret->lift = (here + 1) / (expected + 1);
    return share * (-log(ret->lift) - 1.96 / sqrt(here + 1));
}

/* The best `most` of columns [from, to); the first `named` of them are chosen. */
static void take_traits(const struct naming *x,
                        double (*score_of)(const struct naming *, uint32_t, struct trait *),
                        uint32_t from, uint32_t to, unsigned most, unsigned named,
                        struct candidates *ret)
{
    unsigned first = ret->n;
    for (unsigned taken = 0; taken < most; taken++) {
        double best = 0;
        struct trait found = {0};
        for (uint32_t i = from; i < to; i++) {
            struct trait t = {0};
            double score = score_of(x, i, &t);
            bool have = false;
            for (unsigned k = first; score > best && k < ret->n; k++)
                have = have || ret->v[k].number == t.number;
            if (score <= best || have)
                continue;
            best = score;
            found = t;
        }
        if (best <= 0)
            return;
        if (taken < named)
            ret->chosen |= 1u << ret->n;
        ret->v[ret->n++] = found;
    }
}

void naming_candidates(struct naming *x, const uint8_t *group, uint8_t g, struct candidates *ret)
{
    uint32_t people = x->n_traits;
    *ret = (struct candidates){0};
    x->total_here = count(x, group, g, x->here);
    if (x->total_here <= 0)
        return;
    take_traits(x, surely_more, 0, x->catalogue->n_genres, 6, GENRES_NAMED, ret);
    take_traits(x, surely_more, TRAITS_DECADES, TRAITS_PEOPLE, 3, DECADES_NAMED, ret);
    take_traits(x, surely_more, TRAITS_PEOPLE, people, 8, PEOPLE_NAMED, ret);
    take_traits(x, surely_less, 0, x->catalogue->n_genres, 3, LACKS_NAMED, ret);
}

void take_chosen(const struct candidates *v, struct community *ret)
{
    ret->n_traits = 0;
    for (unsigned i = 0; i < v->n && ret->n_traits < COMMUNITY_TRAITS; i++) {
        if (v->chosen >> i & 1)
            ret->traits[ret->n_traits++] = v->v[i];
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
    while (lead < c->n_traits && c->traits[lead].kind != TRAIT_LACK &&
           leads_already(all, g, &c->traits[lead]))
        lead++;
    if (lead == 0 || lead == c->n_traits || c->traits[lead].kind == TRAIT_LACK)
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
        struct str word = t->kind == TRAIT_DECADE   ? str_of(decade)
                          : t->kind == TRAIT_PERSON ? c->people[t->number].name
                                                    : c->genres[t->number];
        if (b.n + word.n + 10 > sizeof(text))
            break;
        buf_add_z(&b, i == 0 ? "" : t->kind == TRAIT_LACK ? "; " : ", ");
        buf_add_z(&b, t->kind == TRAIT_LACK ? "less " : "");
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

int name_groups(struct naming *x, const uint8_t *group, uint32_t k, struct community *ret,
                struct mq_error *err)
{
    struct title_likes titles = {0};
    struct candidates v[COMMUNITIES_MAX];
    int rc = likes_by_title(x->sets, x->tastes, group, k, false, &titles, err);
    for (uint32_t g = 0; rc == 0 && g < k; g++)
        naming_candidates(x, group, (uint8_t)g, &v[g]);
    if (rc == 0)
        rc = choose_together(x->catalogue, &titles, v, k, err);
    for (uint32_t g = 0; rc == 0 && g < k; g++) {
        take_chosen(&v[g], &ret[g]);
        lead_alone(ret, g, &ret[g]);
        write_name(x->catalogue, ret, g, &ret[g]);
    }
    free(titles.likes);
    return rc;
}
