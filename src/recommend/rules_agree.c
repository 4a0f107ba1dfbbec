/* rules_agree.c - rules that cannot all be meant: what one lets in the other takes out, whatever the catalogue holds. */
#include <math.h>

#include "recommend/rules.h"

static const bool single[RULE_FIELDS] = {
#define FIELD_SINGLE(code, name, alias, type, one) [code] = (one),
    FIELD_TABLE(FIELD_SINGLE)
#undef FIELD_SINGLE
};

static const bool numeric[RULE_FIELDS] = {
#define FIELD_NUMERIC(code, name, alias, type, one) [code] = (type) != FIELD_TEXT,
    FIELD_TABLE(FIELD_NUMERIC)
#undef FIELD_NUMERIC
};

static int contradict(const struct rule *a, const struct rule *b, struct mq_error *err)
{
    return mq_fail(err, MQ_INVALID, "rules: %s %.*s and %s %.*s: contradict each other: drop one",
                   rule_kind_name((enum rule_kind)a->kind),
                   (int)(a->text.n < 100 ? a->text.n : 100), a->text.p,
                   rule_kind_name((enum rule_kind)b->kind),
                   (int)(b->text.n < 100 ? b->text.n : 100), b->text.p);
}

static bool same_value(const struct condition *c, const struct rule_value *a,
                       const struct rule_value *b)
{
    if (numeric[c->field])
        return a->number == b->number;
    return c->field == FIELD_TITLE ? str_eq(a->text, b->text) : str_eq_nocase(a->text, b->text);
}

static bool has_value(const struct rules *r, const struct condition *c, const struct rule_value *v)
{
    for (uint16_t i = 0; i < c->n; i++) {
        if (same_value(c, &r->value[c->first + i], v))
            return true;
    }
    return false;
}

/* What all conditions of a numeric field leave. */
struct range {
    double low, high;
    bool low_open, high_open;
};

static struct range range_of(const struct rules *r, const struct condition *c)
{
    struct range x = {-INFINITY, INFINITY, false, false};
    double first = r->value[c->first].number;
    switch (c->op) {
    case OP_EQUAL:
        x.low = x.high = first;
        for (uint16_t i = 1; i < c->n; i++) {
            x.low = fmin(x.low, r->value[c->first + i].number);
            x.high = fmax(x.high, r->value[c->first + i].number);
        }
        break;
    case OP_LEAST:
    case OP_ABOVE:
        x.low = first;
        x.low_open = c->op == OP_ABOVE;
        break;
    case OP_MOST:
    case OP_BELOW:
        x.high = first;
        x.high_open = c->op == OP_BELOW;
        break;
    default:
        break;
    }
    return x;
}

static bool apart(struct range a, struct range b)
{
    double low = fmax(a.low, b.low), high = fmin(a.high, b.high);
    bool open = (a.low == low && a.low_open) || (b.low == low && b.low_open) ||
                (a.high == high && a.high_open) || (b.high == high && b.high_open);
    return low > high || (low == high && open);
}

static bool all_in(const struct rules *r, const struct condition *a, const struct condition *b)
{
    for (uint16_t i = 0; i < a->n; i++) {
        if (!has_value(r, b, &r->value[a->first + i]))
            return false;
    }
    return true;
}

static bool inside(struct range a, struct range b)
{
    return (a.low > b.low || (a.low == b.low && (a.low_open || !b.low_open))) &&
           (a.high < b.high || (a.high == b.high && (a.high_open || !b.high_open)));
}

/* Whatever fits `a` fits `b`. */
static bool implies(const struct rules *r, const struct condition *a, const struct condition *b)
{
    if (a->field != b->field)
        return false;
    if (numeric[a->field] && a->op != OP_DIFFERS && b->op != OP_DIFFERS && b->op != OP_EQUAL)
        return inside(range_of(r, a), range_of(r, b));
    return a->op == b->op && (a->op == OP_DIFFERS ? all_in(r, b, a) : all_in(r, a, b));
}

/* Whatever fits all of a's conditions fits all of b's. */
static bool within(const struct rules *r, const struct rule *a, const struct rule *b)
{
    for (uint16_t k = 0; k < b->n; k++) {
        bool found = false;
        for (uint16_t i = 0; i < a->n && !found; i++)
            found = implies(r, &r->condition[a->first + i], &r->condition[b->first + k]);
        if (!found)
            return false;
    }
    return true;
}

/* Equal texts; of languages also "en" and "en-GB". */
static bool overlap(const struct condition *c, const struct rule_value *a,
                    const struct rule_value *b)
{
    struct str x = a->text, y = b->text;
    if (same_value(c, a, b))
        return true;
    if (c->field != FIELD_LANGUAGE || x.n == y.n)
        return false;
    struct str shorter = x.n < y.n ? x : y, longer = x.n < y.n ? y : x;
    return longer.p[shorter.n] == '-' && str_eq_nocase(shorter, (struct str){longer.p, shorter.n});
}

static bool any_overlap(const struct rules *r, const struct condition *a, const struct condition *b)
{
    for (uint16_t i = 0; i < a->n; i++) {
        for (uint16_t k = 0; k < b->n; k++) {
            if (overlap(a, &r->value[a->first + i], &r->value[b->first + k]))
                return true;
        }
    }
    return false;
}

/* Nothing fits both. */
static bool excludes(const struct rules *r, const struct condition *a, const struct condition *b)
{
    if (a->field != b->field)
        return false;
    if (a->op == OP_DIFFERS || b->op == OP_DIFFERS)
        return (a->op == OP_EQUAL && all_in(r, a, b)) || (b->op == OP_EQUAL && all_in(r, b, a));
    if (numeric[a->field])
        return apart(range_of(r, a), range_of(r, b));
    return single[a->field] && !any_overlap(r, a, b);
}

static bool nothing_fits(const struct rules *r, const struct rule *a, const struct rule *b)
{
    for (uint16_t i = 0; i < a->n; i++) {
        for (uint16_t k = 0; k < b->n; k++) {
            if (excludes(r, &r->condition[a->first + i], &r->condition[b->first + k]))
                return true;
        }
    }
    return false;
}

static bool lets_in(const struct rule *a)
{
    return a->kind <= RULE_INCLUDE;
}

static bool one_title(const struct rules *r, const struct rule *a)
{
    const struct condition *c = &r->condition[a->first];
    return a->n == 1 && c->field == FIELD_TITLE && c->op == OP_EQUAL && c->n == 1;
}

static bool same_pin(const struct rules *r, const struct rule *a, const struct rule *b)
{
    if (a->row == b->row && a->column == b->column)
        return true;
    return one_title(r, a) && one_title(r, b) && within(r, a, b);
}

static bool disagree(const struct rules *r, const struct rule *a, const struct rule *b)
{
    if (lets_in(a) && b->kind != RULE_EXCLUDE)
        return nothing_fits(r, a, b);
    if (b->kind == RULE_EXCLUDE)
        return lets_in(a) && within(r, a, b);
    if (a->kind == RULE_EXCLUDE)
        return within(r, b, a);
    return a->kind == RULE_PIN && b->kind == RULE_PIN && same_pin(r, a, b);
}

int rules_agree(const struct rules *r, struct mq_error *err)
{
    for (size_t i = 0; i < r->n; i++) {
        if (nothing_fits(r, &r->rule[i], &r->rule[i]))
            return mq_fail(err, MQ_INVALID, "%s: %.*s: no title can fit all of it: change it",
                           rule_kind_name((enum rule_kind)r->rule[i].kind),
                           (int)(r->rule[i].text.n < 100 ? r->rule[i].text.n : 100),
                           r->rule[i].text.p);
        for (size_t k = i + 1; k < r->n; k++) {
            if (disagree(r, &r->rule[i], &r->rule[k]))
                return contradict(&r->rule[i], &r->rule[k], err);
        }
    }
    return 0;
}
