/* Concepts as JSON. */
#include "support/check.h"

#include <math.h>

#include "wire/concept_json.h"

static struct arena arena;

static int parse(const char *text, struct concept *ret)
{
    return concept_json_parse(str_of(text), &arena, ret, &test_err);
}

static void all_of_it(void **state)
{
    (void)state;
    struct concept c;

    assert_ok(parse("{\"title\": \"The Senate\", \"kind\": \"series\", \"genres\": [\"Drama\"],"
                    "\"tags\": [\"politics\"], \"country\": \"US\", \"language\": \"English\","
                    "\"runtime_min\": 50, \"budget\": 1e8, \"maturity\": \"R\","
                    "\"release_date\": \"2013-02-01\", \"description\": \"A senator schemes.\","
                    "\"credits\": [{\"role\": \"actor\", \"billing\": 1, \"person\": \"A B\"}],"
                    "\"comparables\": [\"The Senator\"], \"cost\": 100, \"value_per_hour\": 0.5}",
                    &c));
    assert_str("The Senate", c.title.name);
    assert_int_equal(c.title.kind, TITLE_SERIES);
    assert_int_equal(c.title.n_credits, 1);
    assert_str("A B", c.title.credits[0].person);
    assert_int_equal(c.n_comparables, 1);
    assert_str("The Senator", c.comparables[0]);
    assert_true(c.cost == 100 && c.value_per_hour == 0.5);
}

static void most_may_be_missing(void **state)
{
    (void)state;
    struct concept c;

    assert_ok(parse("{\"genres\": [\"Drama\"]}", &c));
    assert_true(isnan(c.cost) && isnan(c.value_per_hour));
    assert_int_equal(c.n_comparables, 0);
    assert_ok(parse("{\"tags\": \"war\", \"comparables\": null, \"cost\": null}", &c));
    assert_true(isnan(c.cost) && c.unpromoted == 0);
    assert_ok(parse("{\"tags\": \"war\", \"launch\": {\"promotion\": 0.25}}", &c));
    assert_true(c.unpromoted == 0.75);
}

static void refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{\"title\":",
                                      "{\"comparables\": \"x\"}",
                                      "{\"comparables\": [1]}",
                                      "{\"cost\": -1}",
                                      "{\"tags\": \"war\", \"launch\": 1}",
                                      "{\"tags\": \"war\", \"launch\": {\"promotion\": 1.5}}",
                                      "{\"tags\": \"war\", \"launch\": {\"promotion\": -0.1}}",
                                      "{\"tags\": \"war\", \"launch\": {\"place\": 1}}",
                                      "{\"cost\": \"much\"}",
                                      "{\"credits\": [{\"role\": \"cook\", \"person\": \"A\"}]}",
                                      "{\"genres\": 7}",
                                      "{}",
                                      "{\"title\": \"Nameless\", \"cost\": 3}",
                                      "{\"genres\": [\"War\"], \"director\": \"A B\"}",
                                      "{\"cost\": 1, \"cost\": 2}"};
    struct concept c;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (parse(bad[i], &c) != MQ_INVALID)
            fail_msg("%s: was not refused", bad[i]);
}

static void too_many(void **state)
{
    (void)state;
    char text[1024];
    struct concept c;
    struct buf b;

    buf_over(&b, text, sizeof text);
    buf_add_z(&b, "{\"comparables\": [\"a\"");
    for (int i = 0; i < CONCEPT_COMPARABLES_MAX; i++)
        buf_add_z(&b, ",\"b\"");
    buf_add_z(&b, "]}");
    buf_add_char(&b, '\0');
    assert_false(b.failed);
    assert_fails(MQ_TOO_LARGE, parse(text, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it),
        cmocka_unit_test(most_may_be_missing),
        cmocka_unit_test(refused),
        cmocka_unit_test(too_many),
    };
    if (arena_init(&arena, 1 << 16, 16 << 20) != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
