/* concept_elements.c - a concept again and again, each time with one element less. */
#include <stdio.h>

#include "strategy/forecast.h"

enum { PEOPLE_MAX = 12, TAGS_MAX = 6, NAME_MAX_BYTES = 160 };

struct leaving {
    struct arena *arena;
    struct element *out;
    struct title *variant;
    size_t n;
    struct mq_error *err;
};

static int add(struct leaving *l, const char *kind, struct str name, const char *against,
               const struct title *variant)
{
    char *text = arena_alloc(l->arena, NAME_MAX_BYTES);
    if (!text)
        return mq_fail(l->err, MQ_NO_MEMORY, "forecast: no memory");
    if (l->n == ELEMENTS_MAX)
        return 0;
    snprintf(text, NAME_MAX_BYTES, "%.*s",
             (int)(name.n < NAME_MAX_BYTES - 1 ? name.n : NAME_MAX_BYTES - 1), name.p);
    l->variant[l->n] = *variant;
    l->out[l->n++] = (struct element){kind, text, against};
    return 0;
}

static int leave_people(struct leaving *l, const struct title *t)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < t->n_credits && i < PEOPLE_MAX; i++) {
        struct credit *copy = ARENA_ARRAY(l->arena, t->n_credits, struct credit);
        struct title v = *t;
        if (!copy)
            return mq_fail(l->err, MQ_NO_MEMORY, "forecast: no memory");
        if (t->credits[i].person_id.v == ID_NONE)
            continue;
        memcpy(copy, t->credits, t->n_credits * sizeof(*copy));
        copy[i].person_id.v = ID_NONE;
        v.credits = copy;
        rc = add(l, role_name((enum role)t->credits[i].role), t->credits[i].person,
                 "a person of median pull", &v);
    }
    return rc;
}

static const struct str *without(struct leaving *l, const struct str *list, uint16_t n, uint16_t at)
{
    struct str *copy = ARENA_ARRAY(l->arena, n, struct str);
    for (uint16_t i = 0, k = 0; copy && i < n; i++)
        if (i != at)
            copy[k++] = list[i];
    return copy;
}

static int leave_lists(struct leaving *l, const struct title *t)
{
    int rc = 0;
    for (uint16_t i = 0; rc == 0 && i < t->n_genres; i++) {
        struct title v = *t;
        v.genres = without(l, t->genres, t->n_genres, i);
        v.n_genres--;
        rc = add(l, "genre", t->genres[i], "without it", &v);
    }
    for (uint16_t i = 0; rc == 0 && i < t->n_tags && i < TAGS_MAX; i++) {
        struct title v = *t;
        v.tags = without(l, t->tags, t->n_tags, i);
        v.n_tags--;
        rc = add(l, "tag", t->tags[i], "without it", &v);
    }
    return rc;
}

int concept_elements(const struct title *t, struct arena *arena, struct element *ret,
                     struct title *ret_variant, size_t *ret_n, struct mq_error *err)
{
    struct leaving l = {arena, ret, ret_variant, 0, err};
    int rc = leave_people(&l, t);
    if (rc == 0)
        rc = leave_lists(&l, t);
    if (rc == 0 && t->description.n) {
        struct title v = *t;
        v.description = STR_NONE;
        rc = add(&l, "description", STR("its words"), "without it", &v);
    }
    if (rc == 0 && t->n_countries) {
        struct title v = *t;
        v.n_countries = 0;
        rc = add(&l, "country", t->countries[0], "the most usual one", &v);
    }
    if (rc == 0 && t->language.n) {
        struct title v = *t;
        v.language = STR_NONE;
        rc = add(&l, "language", t->language, "the most usual one", &v);
    }
    *ret_n = l.n;
    return rc;
}
