#include "wire/concept_json.h"

#include <math.h>

#include "json_read.h"
#include "wire/catalogue_json.h"

static int read_comparables(struct json_object *v, struct arena *arena, struct concept *c,
                            struct mq_error *err)
{
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_array))
        return mq_fail(err, MQ_INVALID, "comparables: no list: give names of titles");
    size_t n = json_object_array_length(v);
    if (n > CONCEPT_COMPARABLES_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "comparables: %zu: at most %d", n,
                       CONCEPT_COMPARABLES_MAX);
    struct str *names = ARENA_ARRAY(arena, n ? n : 1, struct str);
    int rc = names ? 0 : mq_fail(err, MQ_NO_MEMORY, "concept: no memory");
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = json_read_text("comparables", json_object_array_get_idx(v, i), &names[i], err);
        if (rc == 0)
            names[i] = arena_str(arena, names[i]);
    }
    if (rc == 0) {
        c->comparables = names;
        c->n_comparables = n;
    }
    return rc;
}

static int read_amount(struct json_object *o, const char *field, double *ret, struct mq_error *err)
{
    struct json_object *v = NULL;
    *ret = NAN;
    if (!json_object_object_get_ex(o, field, &v))
        return 0;
    int rc = json_read_number(field, v, ret, err);
    if (rc == 0 && *ret < 0)
        rc = mq_fail(err, MQ_INVALID, "%s: %g: give 0 or more", field, *ret);
    return rc;
}

/* {"promotion": 0 to 1} */
static int read_launch(struct json_object *v, struct concept *c, struct mq_error *err)
{
    double promotion = 1;
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID, "launch: no object: give {\"promotion\": 0 to 1}");
    json_object_object_foreach(v, key, value)
    {
        if (strcmp(key, "promotion") != 0)
            return mq_fail(err, MQ_INVALID, "launch: %.40s: is no field of it: promotion is", key);
        int rc = json_read_number("launch.promotion", value, &promotion, err);
        if (rc)
            return rc;
        if (!(promotion >= 0 && promotion <= 1))
            return mq_fail(err, MQ_INVALID,
                           "launch.promotion: %g: give 0 (no place of its own) to 1 (as launches "
                           "here usually are)",
                           promotion);
    }
    c->unpromoted = 1 - promotion;
    return 0;
}

/* A field that nobody reads is most likely misspelt, and its forecast another concept's. */
static int check_fields(struct json_object *o, struct mq_error *err)
{
    static const char *const known[] = {
        "id",          "title",       "name",      "original_name",  "year",         "kind",
        "runtime_min", "language",    "maturity",  "description",    "series",       "season",
        "episode",     "budget",      "gross",     "release_date",   "added",        "genres",
        "tags",        "country",     "countries", "credits",        "availability", "image",
        "pictures",    "comparables", "cost",      "value_per_hour", "launch"};
    json_object_object_foreach(o, key, value)
    {
        size_t i = 0;
        (void)value;
        while (i < sizeof(known) / sizeof(known[0]) && strcmp(key, known[i]) != 0)
            i++;
        if (i == sizeof(known) / sizeof(known[0]))
            return mq_fail(err, MQ_INVALID,
                           "concept: %.40s: is no field of it: genres, tags, country, language, "
                           "credits [{role, person}] and so on are",
                           key);
    }
    return 0;
}

/* What a forecast can rest on. */
static int check_content(const struct concept *c, struct mq_error *err)
{
    const struct title *t = &c->title;
    if (t->n_genres > 0 || t->n_tags > 0 || t->n_credits > 0 || t->n_countries > 0 ||
        t->description.n > 0 || t->language.n > 0 || t->series.n > 0 || c->n_comparables > 0)
        return 0;
    return mq_fail(err, MQ_INVALID,
                   "concept: says nothing of the title: give genres, tags, credits, a country, a "
                   "language, a description or comparables");
}

int concept_json_parse(struct str body, struct arena *arena, struct concept *ret,
                       struct mq_error *err)
{
    struct concept c = {0};
    struct json_object *o = NULL;
    struct json_object *comparables = NULL;
    struct json_object *launch = NULL;
    size_t at = 0;
    int rc = catalogue_json_parse(body, STR("concept"), arena, &c.title, err);
    if (rc)
        return rc;
    struct json_tokener *tok = json_tokener_new_ex(CATALOGUE_JSON_DEPTH);
    if (!tok)
        return mq_fail(err, MQ_NO_MEMORY, "concept: no memory");
    json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
    rc = json_read_value(tok, body, &at, CATALOGUE_JSON_MAX, 1, &o, err);
    if (rc == 0)
        rc = check_fields(o, err);
    if (rc == 0 && json_object_object_get_ex(o, "comparables", &comparables))
        rc = read_comparables(comparables, arena, &c, err);
    if (rc == 0)
        rc = read_amount(o, "cost", &c.cost, err);
    if (rc == 0)
        rc = read_amount(o, "value_per_hour", &c.value_per_hour, err);
    if (rc == 0) {
        json_object_object_get_ex(o, "launch", &launch);
        rc = read_launch(launch, &c, err);
    }
    json_object_put(o);
    json_tokener_free(tok);
    if (rc == 0)
        rc = check_content(&c, err);
    if (rc == 0)
        *ret = c;
    return rc;
}
