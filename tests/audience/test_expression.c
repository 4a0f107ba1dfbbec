/* What is said in an expression, and what is wrong with others. */
#include "audience/expression.h"
#include "base/buf.h"
#include "support/check.h"

static struct arena arena;

static const struct expression *parsed(const char *text)
{
    const struct expression *e = NULL;
    assert_ok(expression_parse(str_of(text), &arena, &e, &test_err));
    return e;
}

static void refused(const char *text, int status, const char *says)
{
    const struct expression *e = NULL;
    assert_fails(status, expression_parse(str_of(text), &arena, &e, &test_err));
    if (!strstr(test_err.text, says))
        fail_msg("\"%s\": \"%s\" does not say \"%s\"", text, test_err.text, says);
}

static void one_part(void **state)
{
    (void)state;
    const struct expression *e = parsed("liked:director=David Fincher");
    assert_int_equal(e->op, EXPRESSION_ATOM);
    assert_int_equal(e->signal, AUDIENCE_LIKED);
    assert_int_equal(e->kind, KIND_DIRECTOR);
    assert_false(e->quoted);
    assert_str("David Fincher", e->value);
    assert_int_equal(parsed(" watched:all ")->kind, KIND_ALL);
    assert_str("tt-42", parsed("finished:title=tt-42")->value);
    assert_str("Jean-Claude Van Damme", parsed("liked:actor=Jean-Claude Van Damme")->value);
    e = parsed("Liked:Title=\"Fast & Furious (2001) - \\\"X\\\"\"");
    assert_true(e->quoted);
    assert_str("Fast & Furious (2001) - \"X\"", e->value);
    assert_str("a|b", parsed("liked:tag='a|b'")->value);
}

static void joined(void **state)
{
    (void)state;
    const struct expression *e =
        parsed("liked:genre=Drama & watched:device=tv | liked:tag=slow - liked:all");
    assert_int_equal(e->op, EXPRESSION_OR);
    assert_int_equal(e->left->op, EXPRESSION_AND);
    assert_int_equal(e->right->op, EXPRESSION_NOT);
    assert_str("slow", e->right->left->value);
    e = parsed("liked:all-liked:tag=x-(disliked:all|liked:tag=y)");
    assert_int_equal(e->op, EXPRESSION_NOT);
    assert_int_equal(e->left->op, EXPRESSION_NOT);
    assert_int_equal(e->right->op, EXPRESSION_OR);
}

static void what_is_wrong(void **state)
{
    (void)state;
    char deep[200] = {0};
    refused("", MQ_INVALID, "empty");
    refused("liked:director=", MQ_INVALID, "no value");
    refused("loved:all", MQ_INVALID, "SIGNAL:KIND=VALUE");
    refused("liked:star=X", MQ_INVALID, "director, actor");
    refused("liked:all &", MQ_INVALID, "ends too early");
    refused("liked:all liked:all", MQ_INVALID, "byte 11");
    refused("(liked:all", MQ_INVALID, "not closed");
    refused("liked:tag=\"x", MQ_INVALID, "quote");
    refused("follows:genre=Drama", MQ_INVALID, "only people");
    refused("liked:tag=\x01", MQ_INVALID, "UTF-8");
    for (int i = 0; i < 40; i++)
        deep[i] = '(';
    refused(deep, MQ_TOO_LARGE, "deep");
    struct buf many;
    buf_init(&many, 4000);
    buf_add_z(&many, "liked:all");
    for (int i = 0; i < EXPRESSION_ATOMS; i++)
        buf_add_z(&many, "|liked:all");
    buf_add_char(&many, '\0');
    refused(many.p, MQ_TOO_LARGE, "more than");
    buf_release(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_part),
        cmocka_unit_test(joined),
        cmocka_unit_test(what_is_wrong),
    };
    arena_init(&arena, 1 << 16, 1 << 20);
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&arena);
    return rc;
}
