#include "recommend/rules.h"

#include <math.h>

#include "base/clock.h"
#include "base/hash.h"
#include "catalogue/catalogue.h"

static const struct {
    const char *name, *alias;
    enum field_type type;
} fields[RULE_FIELDS] = {
#define FIELD_ROW(code, word, other, kind_of, single)                                              \
    [code] = {.name = (word), .alias = (other), .type = (kind_of)},
    FIELD_TABLE(FIELD_ROW)
#undef FIELD_ROW
};

static const char *const kind_names[RULE_KINDS] = {
    [RULE_MATURITY] = "max_maturity", [RULE_LANGUAGE] = "language", [RULE_INCLUDE] = "include",
    [RULE_EXCLUDE] = "exclude",       [RULE_BOOST] = "boost",       [RULE_PIN] = "pin",
};

/* Longer ones first. */
static const struct {
    const char *text;
    enum rule_op op;
} ops[RULE_OPS] = {
    {"!=", OP_DIFFERS}, {">=", OP_LEAST}, {"<=", OP_MOST},
    {"=", OP_EQUAL},    {">", OP_ABOVE},  {"<", OP_BELOW},
};

const char *rule_field_name(enum rule_field f)
{
    return fields[f].name;
}

const char *rule_kind_name(enum rule_kind k)
{
    return kind_names[k];
}

/* One rule being read. */
struct reading {
    struct rules *r;
    struct rule *rule;
    struct str all;
    size_t at;
    struct mq_error *err;
};

static int refuse(const struct reading *x, const char *remedy)
{
    return mq_fail(x->err, MQ_INVALID, "%s: %.*s: %s", kind_names[x->rule->kind],
                   (int)(x->all.n < 200 ? x->all.n : 200), x->all.p, remedy);
}

static void skip_space(struct reading *x)
{
    while (x->at < x->all.n && x->all.p[x->at] == ' ')
        x->at++;
}

static bool take(struct reading *x, const char *text)
{
    struct str rest = {x->all.p + x->at, x->all.n - x->at};
    if (!str_starts(rest, str_of(text)))
        return false;
    x->at += strlen(text);
    return true;
}

static bool ends_value(const struct reading *x, char c)
{
    return c == '|' || c == '&' || (c == '*' && x->rule->kind == RULE_BOOST) ||
           (c == '@' && x->rule->kind == RULE_PIN);
}

static int keep_byte(struct reading *x, char c)
{
    if (x->r->n_text == RULES_TEXT_MAX)
        return mq_fail(x->err, MQ_TOO_LARGE, "%s: the rules' values: over %d bytes: give fewer",
                       kind_names[x->rule->kind], RULES_TEXT_MAX);
    x->r->text[x->r->n_text++] = c;
    return 0;
}

static int take_quoted(struct reading *x, struct str *ret)
{
    size_t from = x->r->n_text;
    for (x->at++;; x->at++) {
        if (x->at == x->all.n)
            return refuse(x, "a quote is not closed");
        if (x->all.p[x->at] == '"') {
            if (x->at + 1 == x->all.n || x->all.p[x->at + 1] != '"')
                break;
            x->at++;
        }
        int rc = keep_byte(x, x->all.p[x->at]);
        if (rc)
            return rc;
    }
    x->at++;
    *ret = (struct str){x->r->text + from, x->r->n_text - from};
    return 0;
}

static int take_text(struct reading *x, struct str *ret)
{
    skip_space(x);
    if (x->at < x->all.n && x->all.p[x->at] == '"')
        return take_quoted(x, ret);
    size_t from = x->r->n_text;
    for (; x->at < x->all.n && !ends_value(x, x->all.p[x->at]); x->at++) {
        int rc = keep_byte(x, x->all.p[x->at]);
        if (rc)
            return rc;
    }
    *ret = str_trim((struct str){x->r->text + from, x->r->n_text - from});
    return ret->n > 0 ? 0 : refuse(x, "a value is missing");
}

static int value_number(struct reading *x, enum rule_field f, struct rule_value *v)
{
    int64_t ms;
    if (fields[f].type == FIELD_NUMBER && !str_to_double(v->text, &v->number))
        return refuse(x, "give a number to compare with");
    if (fields[f].type == FIELD_TIME) {
        if (!time_parse(v->text, &ms, NULL))
            return refuse(x, "give a date as 2026-03-01 to compare with");
        v->number = (double)ms;
    }
    return 0;
}

static int take_value(struct reading *x, struct condition *c)
{
    if (x->r->n_values == RULE_VALUES_MAX)
        return mq_fail(x->err, MQ_TOO_LARGE, "rules: over %d values: give fewer", RULE_VALUES_MAX);
    struct rule_value *v = &x->r->value[x->r->n_values];
    *v = (struct rule_value){.number = 0};
    int rc = take_text(x, &v->text);
    if (rc == 0)
        rc = value_number(x, (enum rule_field)c->field, v);
    if (rc)
        return rc;
    x->r->n_values++;
    c->n++;
    return 0;
}

static bool find_field(struct str word, uint8_t *ret)
{
    for (size_t f = 0; f < RULE_FIELDS; f++) {
        if (str_eq_nocase(word, str_of(fields[f].name)) ||
            (fields[f].alias[0] && str_eq_nocase(word, str_of(fields[f].alias)))) {
            *ret = (uint8_t)f;
            return true;
        }
    }
    return false;
}

static struct str take_word(struct reading *x)
{
    skip_space(x);
    size_t from = x->at;
    while (x->at < x->all.n && ((x->all.p[x->at] | 0x20) >= 'a' && (x->all.p[x->at] | 0x20) <= 'z'))
        x->at++;
    while (x->at < x->all.n && x->at > from &&
           (x->all.p[x->at] == '_' ||
            ((x->all.p[x->at] | 0x20) >= 'a' && (x->all.p[x->at] | 0x20) <= 'z')))
        x->at++;
    struct str word = {x->all.p + from, x->at - from};
    skip_space(x);
    return word;
}

static bool take_op(struct reading *x, uint8_t *ret)
{
    for (size_t i = 0; i < RULE_OPS; i++) {
        if (take(x, ops[i].text)) {
            *ret = (uint8_t)ops[i].op;
            return true;
        }
    }
    return false;
}

static int check_op(struct reading *x, const struct condition *c)
{
    if (c->op == OP_EQUAL || c->op == OP_DIFFERS)
        return 0;
    if (fields[c->field].type == FIELD_TEXT)
        return refuse(x, "text compares by = or != only");
    return c->n == 1 ? 0 : refuse(x, "compares with one value only");
}

static struct condition *add_condition(struct reading *x)
{
    struct rules *r = x->r;
    if (r->n_conditions == CONDITIONS_MAX) {
        mq_fail(x->err, MQ_TOO_LARGE, "rules: over %d conditions: give fewer", CONDITIONS_MAX);
        return NULL;
    }
    struct condition *c = &r->condition[r->n_conditions++];
    *c = (struct condition){.first = (uint16_t)r->n_values};
    x->rule->n++;
    return c;
}

static int take_values(struct reading *x, struct condition *c)
{
    int rc = take_value(x, c);
    for (skip_space(x); rc == 0 && take(x, "|"); skip_space(x))
        rc = take_value(x, c);
    return rc;
}

static int take_condition(struct reading *x)
{
    size_t from = x->at;
    struct condition *c = add_condition(x);
    if (!c)
        return MQ_TOO_LARGE;
    struct str word = take_word(x);
    bool compares = take_op(x, &c->op);
    if (!compares && x->rule->kind == RULE_PIN && x->rule->n == 1) {
        x->at = from; /* a title's id */
        c->field = FIELD_TITLE;
        return take_value(x, c);
    }
    if (word.n == 0 || !compares)
        return refuse(x, "give FIELD=VALUE, as genre=Drama");
    if (!find_field(word, &c->field))
        return refuse(x,
                      "no such field: title, name, kind, genre, tag, country, language, maturity, "
                      "age, year, runtime_min, release_date, director, actor, person, ...");
    int rc = take_values(x, c);
    return rc ? rc : check_op(x, c);
}

static int take_factor(struct reading *x)
{
    double factor;
    struct str rest = str_trim((struct str){x->all.p + x->at + 1, x->all.n - x->at - 1});
    if (!str_to_double(rest, &factor) || factor < 0.01 || factor > 100)
        return refuse(x, "the factor behind * must lie between 0.01 and 100");
    x->rule->factor = (float)factor;
    x->at = x->all.n;
    return 0;
}

static int take_place(struct reading *x)
{
    enum { PLACE_MAX = 999 };
    struct str column = str_trim((struct str){x->all.p + x->at + 1, x->all.n - x->at - 1});
    struct str row = STR("0");
    uint64_t r, c;
    if (str_find(column, '.') < column.n)
        row = str_cut(&column, '.');
    if (!str_to_u64(row, &r) || !str_to_u64(column, &c) || r > PLACE_MAX || c > PLACE_MAX)
        return refuse(x, "the place behind @ is ROW.COLUMN, from 0, as @0.2");
    x->rule->row = (uint16_t)r;
    x->rule->column = (uint16_t)c;
    x->at = x->all.n;
    return 0;
}

static int take_tail(struct reading *x)
{
    char c = x->at < x->all.n ? x->all.p[x->at] : '\0';
    if (x->rule->kind == RULE_BOOST)
        return c == '*' ? take_factor(x) : refuse(x, "give a factor, as genre=Drama*1.5");
    if (x->rule->kind == RULE_PIN)
        return c == '@' ? take_place(x) : refuse(x, "give a place, as t-42@0.2");
    return x->at == x->all.n ? 0 : refuse(x, "something stands behind a value: put it in quotes");
}

static int open_rule(struct reading *x, struct rules *r, enum rule_kind kind, const char *text,
                     struct mq_error *err)
{
    struct str all = str_of(text);
    if (r->n == RULES_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "rules: over %d: give fewer", RULES_MAX);
    if (all.n > RULE_LENGTH_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %zu bytes: at most %d are allowed", kind_names[kind],
                       all.n, RULE_LENGTH_MAX);
    if (!str_is_utf8(all) || str_has_control(all))
        return mq_fail(err, MQ_INVALID, "%s: must be UTF-8 without control characters",
                       kind_names[kind]);
    *x = (struct reading){.r = r, .rule = &r->rule[r->n], .all = all, .err = err};
    *x->rule = (struct rule){
        .kind = (uint8_t)kind, .text = all, .first = (uint16_t)r->n_conditions, .factor = 1};
    if (str_trim(all).n == 0)
        return mq_fail(err, MQ_INVALID, "%s: empty: give FIELD=VALUE, as genre=Drama",
                       kind_names[kind]);
    return 0;
}

static void close_rule(struct rules *r, const struct rule *rule)
{
    r->n++;
    r->n_of[rule->kind]++;
    r->hash = hash_str(rule->text, r->hash + 1 + rule->kind);
}

static int read_rule(struct rules *r, enum rule_kind kind, const char *text, struct mq_error *err)
{
    struct reading x;
    int rc = open_rule(&x, r, kind, text, err);
    if (rc)
        return rc;
    rc = take_condition(&x);
    for (skip_space(&x); rc == 0 && take(&x, "&"); skip_space(&x))
        rc = take_condition(&x);
    if (rc == 0)
        rc = take_tail(&x);
    if (rc == 0)
        close_rule(r, x.rule);
    return rc;
}

static int read_all(struct rules *r, enum rule_kind kind, const char *const *texts, size_t n,
                    struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = read_rule(r, kind, texts[i], err);
    return rc;
}

/* "en", "en,fr" or "en|fr". */
static int read_language(struct rules *r, const char *text, struct mq_error *err)
{
    struct reading x;
    int rc = open_rule(&x, r, RULE_LANGUAGE, text, err);
    if (rc)
        return rc;
    struct condition *c = add_condition(&x);
    if (!c)
        return MQ_TOO_LARGE;
    c->field = FIELD_LANGUAGE;
    struct str rest = x.all;
    bool commas = str_find(rest, ',') < rest.n;
    while (rc == 0 && rest.p) {
        struct str part = str_trim(str_cut(&rest, commas ? ',' : '|'));
        x.all = part;
        x.at = 0;
        rc = part.n > 0 ? take_value(&x, c) : refuse(&x, "give languages, as en,fr");
        if (rc == 0 && x.at < part.n)
            rc = refuse(&x, "give languages, as en,fr");
    }
    if (rc == 0)
        close_rule(r, x.rule);
    return rc;
}

/* An age, or a certificate that means one. */
static int read_maturity(struct rules *r, const char *text, struct mq_error *err)
{
    struct reading x;
    int rc = open_rule(&x, r, RULE_MATURITY, text, err);
    if (rc)
        return rc;
    uint8_t age = maturity_age(x.all);
    if (age == AGE_UNKNOWN)
        return refuse(&x, "give an age as 12, or a certificate as PG-13");
    struct condition *c = add_condition(&x);
    if (!c || r->n_values == RULE_VALUES_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "rules: over %d values: give fewer", RULE_VALUES_MAX);
    *c = (struct condition){FIELD_AGE, OP_MOST, (uint16_t)r->n_values, 1};
    r->value[r->n_values++] = (struct rule_value){.text = x.all, .number = age};
    close_rule(r, x.rule);
    return 0;
}

int rules_parse(const struct mq_rules *from, struct rules *ret, struct mq_error *err)
{
    struct rules *r = ret;
    memset(r, 0, offsetof(struct rules, text));
    r->fatigue = FATIGUE_USUAL;
    if (!from)
        return 0;
    r->with_seen = from->seen;
    r->fatigue = from->no_fatigue ? 0 : from->fatigue ? from->fatigue : FATIGUE_USUAL;
    r->hash = hash_mix(r->with_seen, r->fatigue);
    int rc = from->max_maturity ? read_maturity(r, from->max_maturity, err) : 0;
    if (rc == 0 && from->language)
        rc = read_language(r, from->language, err);
    if (rc == 0)
        rc = read_all(r, RULE_INCLUDE, from->include, from->n_include, err);
    if (rc == 0)
        rc = read_all(r, RULE_EXCLUDE, from->exclude, from->n_exclude, err);
    if (rc == 0)
        rc = read_all(r, RULE_BOOST, from->boost, from->n_boost, err);
    if (rc == 0)
        rc = read_all(r, RULE_PIN, from->pin, from->n_pin, err);
    return rc ? rc : rules_agree(r, err);
}
