/* fuzz_rules.c - what a request asks to leave out, prefer and place: any bytes, one rule a line, its first letter the kind. What
 * is read stays within the stated limits, and its values lie in the rules' own memory. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "recommend/rules.h"

enum { LINES = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct lists {
    const char *of[4][LINES];
    size_t n[4];
    const char *language, *maturity;
};

static void take_lines(char *text, struct lists *l)
{
    for (char *line = text; line;) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        size_t kind =
            strchr("iebp", line[0]) && line[0] ? (size_t)(strchr("iebp", line[0]) - "iebp") : 4;
        if (kind < 4 && l->n[kind] < LINES)
            l->of[kind][l->n[kind]++] = line + 1;
        else if (line[0] == 'l')
            l->language = line + 1;
        else if (line[0] == 'm')
            l->maturity = line + 1;
        line = end ? end + 1 : NULL;
    }
}

static void check(const struct rules *r)
{
    if (r->n > RULES_MAX || r->n_conditions > CONDITIONS_MAX || r->n_values > RULE_VALUES_MAX ||
        r->n_text > RULES_TEXT_MAX)
        abort();
    for (size_t i = 0; i < r->n; i++) {
        const struct rule *rule = &r->rule[i];
        if (rule->n == 0 || (size_t)rule->first + rule->n > r->n_conditions || !(rule->factor > 0))
            abort();
    }
    for (size_t i = 0; i < r->n_conditions; i++) {
        const struct condition *c = &r->condition[i];
        if (c->n == 0 || (size_t)c->first + c->n > r->n_values || c->field >= RULE_FIELDS ||
            c->op >= RULE_OPS)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rules rules;
    struct lists l = {0};
    struct mq_error err = {0};
    char *text = malloc(size + 1);
    if (!text)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    take_lines(text, &l);
    struct mq_rules from = {l.of[0], l.of[1],    l.of[2],    l.of[3], l.n[0], l.n[1], l.n[2],
                            l.n[3],  l.language, l.maturity, false,   0,      false};
    int rc = rules_parse(&from, &rules, &err);
    if (rc == 0)
        check(&rules);
    else if (err.text[0] == '\0')
        abort();
    free(text);
    return 0;
}
