/* Campaigns as JSON: what may be missing, what is refused with words that help, and what is written is read again. */
#include "support/check.h"

#include "wire/campaign_json.h"
#include "wire/campaign_json_write.h"

static struct arena arena;

static int parse(const char *text, struct campaign_request *ret)
{
    return campaign_json_parse(str_of(text), &arena, ret, &test_err);
}

static void all_of_it(void **state)
{
    (void)state;
    struct campaign_request c, back;
    struct buf b;
    struct json j;
    assert_ok(parse(
        "{\"name\":\"a-1\",\"title\":42,\"holdout\":0.5,\"days\":14,\"floor\":20,\"segments\":["
        "\"liked:genre=Drama\",{\"audience\":\"watched:all\",\"lead\":{\"kind\":\"director\","
        "\"name\":\"A \\\"B\\\" "
        "C\"},\"hour\":\"late\",\"device\":\"tv\",\"uplift\":0.01,\"anyway\":0.2}]}",
        &c));
    assert_str("a-1", c.name);
    assert_str("42", c.title);
    assert_true(c.holdout == 0.5 && c.days == 14 && c.floor == 20 && c.n == 2);
    assert_string_equal(c.segments[0].audience.p, "liked:genre=Drama"); /* terminated */
    assert_int_equal(c.segments[0].kind, LEAD_NONE);
    assert_int_equal(c.segments[1].kind, LEAD_DIRECTOR);
    assert_str("A \"B\" C", c.segments[1].lead);
    assert_true(c.segments[1].hour == DAYPART_LATE && c.segments[1].device == DEVICE_TV);
    assert_true(c.segments[0].uplift == 0 && c.segments[1].uplift == 0.01 &&
                c.segments[1].anyway == 0.2);
    assert_fails(MQ_INVALID, parse("{\"title\":\"t\",\"segments\":[{\"audience\":\"watched:all\","
                                   "\"uplift\":2}]}",
                                   &back));
    buf_init(&b, 1 << 16);
    buf_add_z(&b, "{\"words\":\"of a plan\",\"campaign\":");
    json_init(&j, &b);
    campaign_json_write(&j, &c);
    buf_add_char(&b, '}');
    assert_ok(campaign_json_parse(buf_str(&b), &arena, &back, &test_err));
    assert_true(str_eq(back.name, c.name) && str_eq(back.title, c.title) && back.n == c.n);
    for (size_t i = 0; i < c.n; i++) {
        assert_true(str_eq(back.segments[i].audience, c.segments[i].audience));
        assert_true(str_eq(back.segments[i].lead, c.segments[i].lead));
        assert_true(back.segments[i].kind == c.segments[i].kind &&
                    back.segments[i].hour == c.segments[i].hour &&
                    back.segments[i].device == c.segments[i].device &&
                    back.segments[i].uplift == c.segments[i].uplift &&
                    back.segments[i].anyway == c.segments[i].anyway);
    }
    buf_release(&b);
}

static void usual_values(void **state)
{
    (void)state;
    struct campaign_request c;
    assert_ok(parse("{\"title\":\"t\",\"segments\":[{\"audience\":\"watched:all\",\"hour\":\"any\","
                    "\"device\":null}]}",
                    &c));
    assert_true(c.name.n == 0 && c.holdout == 0.2 && c.days == 28 && c.floor == 0 && c.n == 1);
    assert_true(c.segments[0].hour == DAYPART_NONE && c.segments[0].device == DEVICE_NONE);
}

static void refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"title\":\"\"}",
        "{\"title\":\"t\",\"name\":\"a b\"}",
        "{\"title\":\"t\",\"holdout\":0}",
        "{\"title\":\"t\",\"holdout\":1}",
        "{\"title\":\"t\",\"holdout\":\"much\"}",
        "{\"title\":\"t\",\"days\":0}",
        "{\"title\":\"t\",\"floor\":-1}",
        "{\"title\":\"t\",\"segment\":[]}",
        "{\"title\":\"t\",\"segments\":{}}",
        "{\"title\":\"t\",\"segments\":[1]}",
        "{\"title\":\"t\",\"segments\":[\"\"]}",
        "{\"title\":\"t\",\"segments\":[{}]}",
        "{\"title\":\"t\",\"segments\":[\"a\",\"a\"]}",
        "{\"title\":\"t\",\"segments\":[{\"audience\":\"a\",\"hour\":\"noon\"}]}",
        "{\"title\":\"t\",\"segments\":[{\"audience\":\"a\",\"device\":\"toaster\"}]}",
        "{\"title\":\"t\",\"segments\":[{\"audience\":\"a\",\"lead\":\"x\"}]}",
        "{\"title\":\"t\",\"segments\":[{\"audience\":\"a\",\"lead\":{\"kind\":\"director\"}}]}",
        "{\"title\":\"t\",\"segments\":[{\"audience\":\"a\",\"lead\":{\"kind\":\"none\",\"name\":"
        "\"x\"}}]}",
        "{\"title\":\"t\",\"segments\":[{\"audience\":\"a\",\"lead\":{\"kind\":\"king\",\"name\":"
        "\"x\"}}]}",
        "{\"title\":\"t\",\"segments\":[{\"audience\":\"a\",\"budget\":1}]}",
        "{\"title\":\"t\\u0001\"}",
        "{\"campaign\":null}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct campaign_request c;
        assert_fails(MQ_INVALID, parse(bad[i], &c));
        assert_non_null(strchr(test_err.text, ':'));
    }
    struct campaign_request c;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "{\"title\":\"t\",\"segments\":[");
    for (int i = 0; i <= CAMPAIGN_SEGMENTS_MAX; i++)
        buf_printf(&b, "%s\"watched:genre=%d\"", i ? "," : "", i);
    buf_add_z(&b, "]}");
    assert_fails(MQ_TOO_LARGE, campaign_json_parse(buf_str(&b), &arena, &c, &test_err));
    buf_release(&b);
}

static int setup(void **state)
{
    (void)state;
    return arena_init(&arena, 1 << 16, 1 << 24);
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it),
        cmocka_unit_test(usual_values),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
