/* Rules: what is read, what is refused, what contradicts. */
#include "recommend/rules.h"

#include "base/buf.h"
#include "base/rng.h"
#include "support/check.h"

static struct rules rules;

static int parse(enum rule_kind kind, const char *a, const char *b)
{
    const char *texts[] = {a, b};
    struct mq_rules from = {0};
    size_t n = b ? 2 : 1;
    switch (kind) {
    case RULE_INCLUDE:
        from.include = texts;
        from.n_include = n;
        break;
    case RULE_EXCLUDE:
        from.exclude = texts;
        from.n_exclude = n;
        break;
    case RULE_BOOST:
        from.boost = texts;
        from.n_boost = n;
        break;
    case RULE_PIN:
        from.pin = texts;
        from.n_pin = n;
        break;
    case RULE_LANGUAGE:
        from.language = a;
        break;
    default:
        from.max_maturity = a;
        break;
    }
    return rules_parse(&from, &rules, &test_err);
}

static void conditions_and_values(void **state)
{
    (void)state;
    assert_ok(parse(RULE_INCLUDE, " genre = Drama | \"Sci-Fi | Fantasy\" & year>=2000", NULL));
    assert_int_equal(rules.n, 1);
    assert_int_equal(rules.rule[0].n, 2);
    assert_int_equal(rules.condition[0].field, FIELD_GENRE);
    assert_int_equal(rules.condition[0].n, 2);
    assert_str("Drama", rules.value[0].text);
    assert_str("Sci-Fi | Fantasy", rules.value[1].text);
    assert_int_equal(rules.condition[1].op, OP_LEAST);
    assert_true(rules.value[2].number == 2000);
    assert_ok(parse(RULE_EXCLUDE, "director=\"Jo \"\"X\"\" Doe\"", "Genres!=War"));
    assert_str("Jo \"X\" Doe", rules.value[0].text);
    assert_int_equal(rules.condition[1].op, OP_DIFFERS);
    assert_ok(parse(RULE_BOOST, "tag=dark comedy*2.5", NULL));
    assert_str("dark comedy", rules.value[0].text);
    assert_true(rules.rule[0].factor == 2.5F);
    assert_ok(parse(RULE_PIN, "t-42@3", "genre=War & runtime<=100@2.7"));
    assert_int_equal(rules.condition[0].field, FIELD_TITLE);
    assert_str("t-42", rules.value[0].text);
    assert_int_equal(rules.rule[0].column, 3);
    assert_int_equal(rules.rule[1].row, 2);
    assert_int_equal(rules.rule[1].column, 7);
    assert_ok(parse(RULE_LANGUAGE, "en, fr", NULL));
    assert_int_equal(rules.condition[0].n, 2);
    assert_ok(parse(RULE_MATURITY, "PG-13", NULL));
    assert_true(rules.value[0].number == 13);
    assert_ok(parse(RULE_INCLUDE, "release_date>=2026-01-01", NULL));
    assert_ok(rules_parse(NULL, &rules, &test_err));
    assert_int_equal(rules.n, 0);
    assert_int_equal(rules.fatigue, FATIGUE_USUAL);
}

static void every_field_is_known(void **state)
{
    (void)state;
    for (int f = 0; f < RULE_FIELDS; f++) {
        char text[64];
        bool time = f == FIELD_RELEASE || f == FIELD_ADDED;
        snprintf(text, sizeof(text), "%s=2001%s", rule_field_name((enum rule_field)f),
                 time ? "-01-01" : "");
        assert_ok(parse(RULE_INCLUDE, text, NULL));
        assert_int_equal(rules.condition[0].field, f);
    }
}

static void what_is_no_rule(void **state)
{
    (void)state;
    static const struct {
        enum rule_kind kind;
        const char *text, *says;
    } bad[] = {
        {RULE_INCLUDE, "", "empty"},
        {RULE_INCLUDE, "Drama", "FIELD=VALUE"},
        {RULE_INCLUDE, "colour=red", "no such field"},
        {RULE_INCLUDE, "genre=", "value is missing"},
        {RULE_INCLUDE, "genre=A|", "value is missing"},
        {RULE_INCLUDE, "genre=A&", "FIELD=VALUE"},
        {RULE_INCLUDE, "genre>Drama", "text compares"},
        {RULE_INCLUDE, "year>=new", "number"},
        {RULE_INCLUDE, "year>=2000|2010", "one value"},
        {RULE_INCLUDE, "release_date>soon", "date"},
        {RULE_INCLUDE, "genre=\"Drama", "quote"},
        {RULE_INCLUDE, "genre=\"Drama\" x", "quotes"},
        {RULE_BOOST, "genre=Drama", "factor"},
        {RULE_BOOST, "genre=Drama*0", "between"},
        {RULE_BOOST, "genre=Drama*nan", "between"},
        {RULE_BOOST, "genre=Drama*1e9", "between"},
        {RULE_PIN, "t-42", "place"},
        {RULE_PIN, "t-42@", "ROW.COLUMN"},
        {RULE_PIN, "t-42@-1", "ROW.COLUMN"},
        {RULE_PIN, "t-42@1.2.3", "ROW.COLUMN"},
        {RULE_LANGUAGE, "en,,fr", "languages"},
        {RULE_LANGUAGE, "", "empty"},
        {RULE_MATURITY, "grown-ups", "certificate"},
        {RULE_INCLUDE, "genre=\x01", "control"},
        {RULE_INCLUDE, "genre=\xff", "UTF-8"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_fails(MQ_INVALID, parse(bad[i].kind, bad[i].text, NULL));
        if (!strstr(test_err.text, bad[i].says))
            fail_msg("%s: %s lacks \"%s\"", bad[i].text, test_err.text, bad[i].says);
    }
}

static void too_much(void **state)
{
    (void)state;
    char *longer = malloc(RULE_LENGTH_MAX + 10);
    const char *many[RULES_MAX + 1];
    memset(longer, 'a', RULE_LENGTH_MAX + 9);
    memcpy(longer, "tag=", 4);
    longer[RULE_LENGTH_MAX + 9] = '\0';
    assert_fails(MQ_TOO_LARGE, parse(RULE_INCLUDE, longer, NULL));
    longer[RULE_LENGTH_MAX] = '\0';
    assert_ok(parse(RULE_INCLUDE, longer, NULL));
    for (int i = 0; i <= RULES_MAX; i++)
        many[i] = "genre=Drama";
    assert_ok(rules_parse(&(struct mq_rules){.include = many, .n_include = RULES_MAX}, &rules,
                          &test_err));
    assert_fails(MQ_TOO_LARGE,
                 rules_parse(&(struct mq_rules){.include = many, .n_include = RULES_MAX + 1},
                             &rules, &test_err));
    for (int i = 0; i < 8; i++)
        many[i] = longer;
    assert_fails(MQ_TOO_LARGE, rules_parse(&(struct mq_rules){.include = many, .n_include = 8},
                                           &rules, &test_err));
    free(longer);
}

struct together {
    const char *include[3], *exclude[3], *boost[2], *pin[3], *language, *maturity;
};

static size_t filled(const char *const *list, size_t max)
{
    size_t n = 0;
    while (n < max && list[n])
        n++;
    return n;
}

static int parse_together(const struct together *t)
{
    struct mq_rules from = {.include = t->include,
                            .exclude = t->exclude,
                            .boost = t->boost,
                            .pin = t->pin,
                            .n_include = filled(t->include, 3),
                            .n_exclude = filled(t->exclude, 3),
                            .n_boost = filled(t->boost, 2),
                            .n_pin = filled(t->pin, 3),
                            .language = t->language,
                            .max_maturity = t->maturity};
    return rules_parse(&from, &rules, &test_err);
}

static void rules_that_contradict(void **state)
{
    (void)state;
    static const struct together bad[] = {
        {.include = {"genre=Drama"}, .exclude = {"genre=drama"}},
        {.include = {"genre=Drama & year>2000"}, .exclude = {"genre=Drama|War"}},
        {.include = {"year>=2010"}, .exclude = {"year>2000"}},
        {.include = {"year>=2010", "year<2010"}},
        {.include = {"year>2010 & year<=2010"}},
        {.include = {"year=1999|2001", "year>2001"}},
        {.include = {"language=fr"}, .language = "en"},
        {.include = {"kind=film", "kind=series"}},
        {.include = {"genre=War & genre!=War"}},
        {.include = {"age>=16"}, .maturity = "12"},
        {.exclude = {"tag=gore"}, .boost = {"tag=gore*2"}},
        {.include = {"year<2000"}, .boost = {"year>2010*2"}},
        {.pin = {"a@0.1", "b@0.1"}},
        {.pin = {"a@0.1", "a@0.2"}},
        {.pin = {"a@0.1"}, .exclude = {"title=a|b"}},
        {.pin = {"a@0.1"}, .include = {"title=b"}},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_fails(MQ_INVALID, parse_together(&bad[i]));
        assert_true(strstr(test_err.text, "contradict") ||
                    strstr(test_err.text, "no title can fit"));
    }
    static const struct together good[] = {
        {.include = {"genre=Drama"}, .exclude = {"genre=War"}},
        {.include = {"genre=Drama", "genre=War"}},
        {.include = {"genre=Drama|War"}, .exclude = {"genre=Drama"}},
        {.include = {"year>=2010", "year<=2010"}},
        {.include = {"language=en-GB"}, .language = "en"},
        {.exclude = {"year>2010"}, .include = {"year>=2010"}},
        {.exclude = {"tag=gore & year>2000"}, .boost = {"tag=gore*2"}},
        {.pin = {"a@0.1", "a-b@0.2"}},
        {.pin = {"genre=War@0.1", "genre=War@0.2"}},
        {.include = {"title=a|b"}, .pin = {"a@0.1"}},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_ok(parse_together(&good[i]));
}

/* Whatever is read stays within the limits and points where it should. */
static void any_text(void **state)
{
    (void)state;
    static const char *const parts[] = {"genre", "year", "=",     "!=",  ">=",       "<", "|",
                                        "&",     "\"",   "\"\"",  "*",   "@",        "1", ".",
                                        "2000",  " ",    "Drama", "t-4", "language", "en"};
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(20000); round++) {
        char text[256];
        struct buf b;
        buf_over(&b, text, sizeof(text));
        for (size_t i = rng_below(&rng, 14); i > 0; i--)
            buf_add_z(&b, parts[rng_below(&rng, sizeof(parts) / sizeof(parts[0]))]);
        buf_add_char(&b, '\0');
        int rc = parse((enum rule_kind)rng_below(&rng, RULE_KINDS), text, NULL);
        if (rc) {
            assert_true(rc == MQ_INVALID);
            continue;
        }
        assert_int_equal(rules.n, 1);
        for (size_t i = 0; i < rules.n_conditions; i++)
            assert_true(rules.condition[i].first + rules.condition[i].n <= rules.n_values &&
                        rules.condition[i].n > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_and_values), cmocka_unit_test(every_field_is_known),
        cmocka_unit_test(what_is_no_rule),       cmocka_unit_test(too_much),
        cmocka_unit_test(rules_that_contradict), cmocka_unit_test(any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
