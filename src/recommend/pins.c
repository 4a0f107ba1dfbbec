#include "recommend/pins.h"

#include "recommend/filters.h"
#include "recommend/rules_match.h"
#include "recommend/scores.h"

static bool by_id(const struct rules *rules, const struct rule *rule)
{
    const struct condition *c = &rules->condition[rule->first];
    return rule->n == 1 && c->field == FIELD_TITLE && c->op == OP_EQUAL && c->n == 1;
}

static int conflict(const struct rule *pin, const struct rule *other, struct mq_error *err)
{
    return mq_fail(err, MQ_INVALID, "rules: pin %.*s and %s %.*s: contradict each other: drop one",
                   (int)(pin->text.n < 100 ? pin->text.n : 100), pin->text.p,
                   rule_kind_name((enum rule_kind)other->kind),
                   (int)(other->text.n < 100 ? other->text.n : 100), other->text.p);
}

/* A pinned title that an include or exclude of the same request leaves out. */
static int check_against_rules(struct recommender *r, const struct rule *pin, uint32_t title,
                               struct mq_error *err)
{
    const struct rules *rules = r->ask->rules;
    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *other = &rules->rule[i];
        if (other->kind != RULE_INCLUDE && other->kind != RULE_EXCLUDE)
            continue;
        rule_match(r, other, r->skip);
        if (bit_get(r->skip, title) == (other->kind == RULE_EXCLUDE))
            return conflict(pin, other, err);
    }
    return 0;
}

static bool is_hidden(const struct recommender *r, uint32_t title)
{
    const struct title_signal *s =
        r->ask->profile ? profile_signal(r->ask->profile, (struct title_id){title}) : NULL;
    return s && s->flags & SIGNAL_HIDDEN;
}

static int resolve_id(struct recommender *r, const struct rule *pin, uint32_t *ret,
                      struct mq_error *err)
{
    *ret = UINT32_MAX;
    for (size_t w = 0; w < r->words && *ret == UINT32_MAX; w++) {
        if (r->skip[w])
            *ret = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(r->skip[w]);
    }
    if (*ret == UINT32_MAX)
        return mq_fail(err, MQ_INVALID, "pin: %.*s: no such title: give the id of one",
                       (int)(pin->text.n < 200 ? pin->text.n : 200), pin->text.p);
    uint32_t title = *ret;
    if (!bit_get(r->barred, title) && !is_hidden(r, title) && !bit_get(r->claimed, title))
        return 0;
    *ret = UINT32_MAX;
    return bit_get(r->barred, title) ? check_against_rules(r, pin, title, err) : 0;
}

static uint32_t best_free(const struct recommender *r)
{
    uint32_t best = UINT32_MAX;
    float most = 0;
    for (size_t w = 0; w < r->words; w++) {
        for (uint64_t b = r->skip[w] & ~r->seen[w] & ~r->claimed[w]; b; b &= b - 1) {
            uint32_t t = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(b);
            float score = filters_boosted(r, t, score_or_trend(r, t));
            if (best == UINT32_MAX || score > most) {
                best = t;
                most = score;
            }
        }
    }
    return best;
}

static void add_pin(struct recommender *r, struct pin pin)
{
    size_t at = r->n_pins++;
    for (; at > 0 && (r->pin[at - 1].row > pin.row ||
                      (r->pin[at - 1].row == pin.row && r->pin[at - 1].column > pin.column));
         at--)
        r->pin[at] = r->pin[at - 1];
    r->pin[at] = pin;
    bit_set(r->claimed, pin.title);
}

/* Named titles first, so that no slot takes one of them. */
int pins_resolve(struct recommender *r, struct mq_error *err)
{
    const struct rules *rules = r->ask->rules;
    r->n_pins = 0;
    for (int slots = 0; rules && rules->n_of[RULE_PIN] > 0 && slots < 2; slots++) {
        for (size_t i = 0; i < rules->n; i++) {
            const struct rule *rule = &rules->rule[i];
            uint32_t title = UINT32_MAX;
            if (rule->kind != RULE_PIN || by_id(rules, rule) == (slots == 1))
                continue;
            rule_match(r, rule, r->skip);
            int rc = slots ? 0 : resolve_id(r, rule, &title, err);
            if (rc)
                return rc;
            if (slots)
                title = best_free(r);
            if (title != UINT32_MAX)
                add_pin(r, (struct pin){.title = title, .row = rule->row, .column = rule->column});
        }
    }
    return 0;
}

void pins_lead(struct recommender *r, size_t row)
{
    const struct lead *lead = r->ask->lead;
    struct pin pin = {.row = (uint16_t)row, .lead = lead};
    if (!lead || lead->title.v >= r->n_titles)
        return;
    pin.title = lead->title.v;
    if (bit_get(r->barred, pin.title) || bit_get(r->seen, pin.title) ||
        bit_get(r->claimed, pin.title))
        return;
    for (size_t i = 0; i < r->n_pins; i++)
        pin.column =
            (uint16_t)(pin.column + (r->pin[i].row == row && r->pin[i].column == pin.column));
    add_pin(r, pin);
}

size_t pins_in_row(const struct recommender *r, size_t row)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_pins; i++)
        n += r->pin[i].row == row;
    return n;
}

size_t pins_splice(struct recommender *r, size_t row, struct mq_item *items, struct placed *placed,
                   size_t n)
{
    size_t shelf = n > 0 ? placed[0].shelf : row;
    for (size_t i = 0; i < r->n_pins; i++) {
        const struct pin *p = &r->pin[i];
        if (p->row != row)
            continue;
        size_t at = p->column < n ? p->column : n;
        memmove(items + at + 1, items + at, (n - at) * sizeof(*items));
        memmove(placed + at + 1, placed + at, (n - at) * sizeof(*placed));
        item_fill(r, p->title, (double)filters_boosted(r, p->title, score_or_trend(r, p->title)),
                  &items[at]);
        items[at].reason =
            p->lead ? (struct mq_reason){.kind = MQ_REASON_CAMPAIGN, .text = p->lead->text}
                    : (struct mq_reason){.kind = MQ_REASON_PINNED,
                                         .text = "Placed here by the service"};
        placed[at] = (struct placed){.title = p->title, .shelf = shelf};
        n++;
    }
    return n;
}
