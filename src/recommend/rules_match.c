#include "recommend/rules_match.h"

#include <math.h>

#include "base/hash.h"

static const enum field_type types[RULE_FIELDS] = {
#define FIELD_TYPE(code, name, alias, type, single) [code] = (type),
    FIELD_TABLE(FIELD_TYPE)
#undef FIELD_TYPE
};

/* ------------------------------------------------------------------ one title */

static double number_of(const struct title_row *t, enum rule_field f)
{
    switch (f) {
    case FIELD_AGE:
        return t->age == AGE_UNKNOWN ? NAN : t->age;
    case FIELD_YEAR:
        return t->year ? t->year : NAN;
    case FIELD_RUNTIME:
        return t->runtime_min ? t->runtime_min : NAN;
    case FIELD_RELEASE:
        return t->release_day == TITLE_NO_DATE ? NAN : (double)t->release_day * 86400000;
    case FIELD_ADDED:
        return t->added_ms ? (double)t->added_ms : NAN;
    case FIELD_SEASON:
        return t->season ? t->season : NAN;
    case FIELD_EPISODE:
        return t->episode ? t->episode : NAN;
    case FIELD_BUDGET:
        return t->budget > 0 ? t->budget : NAN;
    case FIELD_GROSS:
        return t->gross > 0 ? t->gross : NAN;
    default:
        return NAN;
    }
}

static bool has_country(const struct title_row *t, struct str word)
{
    country_code code;
    if (!country_from(word, &code) || code == 0)
        return false;
    for (uint16_t i = 0; i < t->n_countries; i++) {
        if (t->countries[i] == code)
            return true;
    }
    return false;
}

static bool has_tag(const struct title_row *t, struct str word)
{
    for (uint16_t i = 0; i < t->n_tags; i++) {
        if (str_eq_nocase(t->tags[i], word))
            return true;
    }
    return false;
}

static bool is_language(struct str of, struct str word)
{
    if (str_eq_nocase(of, word))
        return true;
    return of.n > word.n && of.p[word.n] == '-' && str_eq_nocase((struct str){of.p, word.n}, word);
}

static bool has_text(const struct title_row *t, enum rule_field f, struct str word)
{
    switch (f) {
    case FIELD_TITLE:
        return str_eq(t->id, word);
    case FIELD_NAME:
        return str_eq_nocase(t->name, word);
    case FIELD_ORIGINAL_NAME:
        return str_eq_nocase(t->original_name, word);
    case FIELD_KIND:
        return str_eq_nocase(str_of(title_kind_name((enum title_kind)t->kind)), word);
    case FIELD_TAG:
        return has_tag(t, word);
    case FIELD_COUNTRY:
        return has_country(t, word);
    case FIELD_LANGUAGE:
        return is_language(t->language, word);
    case FIELD_MATURITY:
        return str_eq_nocase(t->maturity, word);
    case FIELD_SERIES:
        return str_eq_nocase(t->series, word);
    default:
        return false;
    }
}

static bool compares(double x, enum rule_op op, double v)
{
    switch (op) {
    case OP_EQUAL:
    case OP_DIFFERS: /* turned round by the caller */
        return x == v;
    case OP_LEAST:
        return x >= v;
    case OP_ABOVE:
        return x > v;
    case OP_MOST:
        return x <= v;
    case OP_BELOW:
        return x < v;
    default:
        return false;
    }
}

static bool fits(const struct title_row *t, const struct condition *c, const struct rule_value *v)
{
    enum rule_field f = (enum rule_field)c->field;
    double x = types[f] == FIELD_TEXT ? 0 : number_of(t, f);
    for (uint16_t i = 0; i < c->n; i++) {
        if (types[f] == FIELD_TEXT ? has_text(t, f, v[i].text)
                                   : compares(x, (enum rule_op)c->op, v[i].number))
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------ all titles */

static void match_titles(const struct recommender *r, const struct condition *c,
                         const struct rule_value *v, uint64_t *ret)
{
    for (uint32_t t = 0; t < r->n_titles; t++) {
        if (fits(title_row(r, t), c, v))
            bit_set(ret, t);
    }
}

static void match_genres(const struct recommender *r, const struct condition *c,
                         const struct rule_value *v, uint64_t *ret)
{
    for (uint16_t i = 0; i < c->n; i++) {
        uint8_t g = catalogue_genre(r->w->catalogue, v[i].text);
        const uint64_t *bits = r->d->genre + (size_t)g * r->words;
        for (size_t w = 0; g != GENRE_NONE && w < r->words; w++)
            ret[w] |= bits[w];
    }
}

static unsigned roles_of(enum rule_field f)
{
    switch (f) {
    case FIELD_DIRECTOR:
        return 1u << ROLE_DIRECTOR;
    case FIELD_ACTOR:
        return 1u << ROLE_ACTOR;
    case FIELD_PRODUCER:
        return 1u << ROLE_PRODUCER;
    case FIELD_WRITER:
        return 1u << ROLE_WRITER;
    case FIELD_CREATOR:
        return 1u << ROLE_CREATOR;
    case FIELD_PERSON:
        return (1u << ROLES) - 1;
    default:
        return 0;
    }
}

/* All people of that name: whether two are one is not for here. */
static void match_people(const struct recommender *r, const struct condition *c,
                         const struct rule_value *v, uint64_t *ret)
{
    const struct catalogue *all = r->w->catalogue;
    unsigned roles = roles_of((enum rule_field)c->field);
    for (uint32_t p = 0; p < all->n_people; p++) {
        const struct person_row *person = &all->people[p];
        bool named = false;
        for (uint16_t i = 0; i < c->n && !named; i++)
            named = person->name.n == v[i].text.n && str_eq_nocase(person->name, v[i].text);
        for (uint32_t i = 0; named && i < person->n_titles; i++) {
            if (all->person_roles[person->first_title + i] & roles)
                bit_set(ret, all->person_titles[person->first_title + i].v);
        }
    }
}

static void match_condition(const struct recommender *r, const struct condition *c,
                            const struct rule_value *v, uint64_t *ret)
{
    memset(ret, 0, r->words * sizeof(uint64_t));
    if (c->field == FIELD_GENRE)
        match_genres(r, c, v, ret);
    else if (roles_of((enum rule_field)c->field))
        match_people(r, c, v, ret);
    else
        match_titles(r, c, v, ret);
    for (size_t w = 0; c->op == OP_DIFFERS && w < r->words; w++)
        ret[w] = ~ret[w];
    if (r->n_titles % 64 != 0) /* bits behind the last title stay 0 */
        ret[r->words - 1] &= (UINT64_C(1) << (r->n_titles % 64)) - 1;
}

static struct hash128 key_of(const struct condition *c, const struct rule_value *v)
{
    struct hash128 h = {c->field, c->op};
    for (uint16_t i = 0; i < c->n; i++) {
        h.hi = hash_str(v[i].text, h.hi);
        h.lo = hash_str(v[i].text, ~h.lo);
    }
    return h;
}

/* The condition's bits, remembered or made in the place of what was asked for least lately. */
static const uint64_t *remembered(struct recommender *r, const struct condition *c,
                                  const struct rule_value *v)
{
    struct hash128 key = key_of(c, v);
    struct rule_memory *oldest = &r->rule_memory[0];
    for (size_t i = 0; i < RULE_CACHE; i++) {
        struct rule_memory *m = &r->rule_memory[i];
        if (m->used && m->key.hi == key.hi && m->key.lo == key.lo &&
            m->catalogue == r->w->catalogue && m->version == r->w->catalogue->version) {
            m->used = ++r->rule_clock;
            return m->bits;
        }
        oldest = m->used < oldest->used ? m : oldest;
    }
    match_condition(r, c, v, oldest->bits);
    oldest->key = key;
    oldest->catalogue = r->w->catalogue;
    oldest->version = r->w->catalogue->version;
    oldest->used = ++r->rule_clock;
    return oldest->bits;
}

void rule_match(struct recommender *r, const struct rule *rule, uint64_t *ret)
{
    const struct rules *rules = r->ask->rules;
    memset(ret, 0xff, r->words * sizeof(uint64_t));
    for (uint16_t i = 0; i < rule->n; i++) {
        const struct condition *c = &rules->condition[rule->first + i];
        const uint64_t *bits = remembered(r, c, rules->value + c->first);
        for (size_t w = 0; w < r->words; w++)
            ret[w] &= bits[w];
    }
}
