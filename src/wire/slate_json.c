#include "wire/slate_json.h"

#include <math.h>
#include <stdio.h>

#include "json_read.h"
#include "wire/catalogue_json.h"
#include "wire/concept_json.h"

struct reading {
    struct arena *arena;
    struct concept *concepts;
    struct slate_rule *rules;
    struct slate_request out;
    struct mq_error *err;
};

static int read_amount(const char *what, struct json_object *v, double *ret, struct mq_error *err)
{
    if (!v)
        return mq_fail(err, MQ_INVALID, "%s: missing: give a number", what);
    int rc = json_read_number(what, v, ret, err);
    if (rc == 0 && !(*ret >= 0 && *ret <= 1e15))
        rc = mq_fail(err, MQ_INVALID, "%s: %g: give 0 or more", what, *ret);
    return rc;
}

/* The concept alone, as text again: one reader for all concepts. */
static int read_concept(struct reading *r, struct json_object *o, size_t i)
{
    size_t n = 0;
    const char *text = json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN, &n);
    if (!text)
        return mq_fail(r->err, MQ_NO_MEMORY, "slate: no memory");
    struct str own = arena_str(r->arena, (struct str){text, n});
    if (!own.p)
        return mq_fail(r->err, MQ_TOO_LARGE, "slate: too large: send fewer concepts");
    int rc = concept_json_parse(own, r->arena, &r->concepts[i], r->err);
    if (rc == 0 && isnan(r->concepts[i].cost))
        rc = mq_fail(r->err, MQ_INVALID, "concepts: number %zu: has no cost: give one", i + 1);
    return rc;
}

static int read_concepts(struct reading *r, struct json_object *list)
{
    if (!json_object_is_type(list, json_type_array) || json_object_array_length(list) == 0)
        return mq_fail(r->err, MQ_INVALID, "concepts: none: give a list of concepts with costs");
    size_t n = json_object_array_length(list);
    if (n > SLATE_CONCEPTS_MAX)
        return mq_fail(r->err, MQ_TOO_LARGE, "concepts: %zu: at most %d", n, SLATE_CONCEPTS_MAX);
    r->concepts = ARENA_ARRAY(r->arena, n, struct concept);
    if (!r->concepts)
        return mq_fail(r->err, MQ_NO_MEMORY, "slate: no memory");
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = read_concept(r, json_object_array_get_idx(list, i), i);
    r->out.concepts = r->concepts;
    r->out.n = n;
    return rc;
}

static int read_rule(struct reading *r, struct json_object *o, const char *field, bool at_most)
{
    struct json_object *genre = NULL;
    struct json_object *language = NULL;
    struct json_object *count = NULL;
    double n = 0;
    json_object_object_get_ex(o, "genre", &genre);
    json_object_object_get_ex(o, "language", &language);
    json_object_object_get_ex(o, "n", &count);
    if (!json_object_is_type(o, json_type_object) || !genre == !language ||
        r->out.n_rules == SLATE_RULES_MAX)
        return mq_fail(r->err, MQ_INVALID,
                       "%s: give up to %d of {genre, n} or {language, n}, with at_most together",
                       field, SLATE_RULES_MAX);
    struct slate_rule *rule = &r->rules[r->out.n_rules];
    *rule = (struct slate_rule){.language = language != NULL, .at_most = at_most};
    int rc = json_read_text(field, genre ? genre : language, &rule->value, r->err);
    if (rc == 0)
        rc = read_amount("n", count, &n, r->err);
    if (rc == 0 && (n > SLATE_CONCEPTS_MAX || n != floor(n)))
        rc = mq_fail(r->err, MQ_INVALID, "n: %g: give a whole number up to %d", n,
                     SLATE_CONCEPTS_MAX);
    rule->n = rc ? 0 : (uint32_t)n;
    rule->value = arena_str(r->arena, rule->value);
    r->out.n_rules += rc == 0;
    return rc;
}

static int read_rules(struct reading *r, struct json_object *list, const char *field, bool at_most)
{
    if (!json_object_is_type(list, json_type_array))
        return mq_fail(r->err, MQ_INVALID, "%s: no list: give [{genre, n}]", field);
    int rc = 0;
    for (size_t i = 0; i < json_object_array_length(list) && rc == 0; i++)
        rc = read_rule(r, json_object_array_get_idx(list, i), field, at_most);
    return rc;
}

static int read_all(struct reading *r, struct json_object *o)
{
    if (!json_object_is_type(o, json_type_object))
        return mq_fail(r->err, MQ_INVALID, "slate: no object: give {budget, concepts}");
    struct json_object *budget = NULL;
    struct json_object *concepts = NULL;
    json_object_object_get_ex(o, "budget", &budget);
    json_object_object_get_ex(o, "concepts", &concepts);
    int rc = read_amount("budget", budget, &r->out.budget, r->err);
    if (rc == 0)
        rc = read_concepts(r, concepts);
    json_object_object_foreach(o, key, value)
    {
        if (rc)
            break;
        if (strcmp(key, "at_least") == 0 || strcmp(key, "at_most") == 0)
            rc = read_rules(r, value, key, key[3] == 'm');
        else if (strcmp(key, "budget") != 0 && strcmp(key, "concepts") != 0)
            rc = mq_fail(r->err, MQ_INVALID,
                         "slate: %.40s: is no field of it: budget, concepts, at_least and at_most "
                         "are",
                         key);
    }
    return rc;
}

int slate_json_parse(struct str body, struct arena *arena, struct slate_request *ret,
                     struct mq_error *err)
{
    struct reading r = {.arena = arena,
                        .rules = ARENA_ARRAY(arena, SLATE_RULES_MAX, struct slate_rule),
                        .err = err};
    struct json_object *o = NULL;
    size_t at = 0;
    struct json_tokener *tok = json_tokener_new_ex(CATALOGUE_JSON_DEPTH + 2);
    if (!tok || !r.rules) {
        if (tok)
            json_tokener_free(tok);
        return mq_fail(err, MQ_NO_MEMORY, "slate: no memory");
    }
    json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
    int rc = json_read_value(tok, body, &at, CATALOGUE_JSON_MAX, 1, &o, err);
    if (rc == 0)
        rc = read_all(&r, o);
    json_object_put(o);
    json_tokener_free(tok);
    r.out.rules = r.rules;
    if (rc == 0)
        *ret = r.out;
    return rc;
}
