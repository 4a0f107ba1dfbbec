/* Tables of viewers: with a header, and MovieLens' two without one. */
#include "support/check.h"
#include "wire/viewers_table.h"

static struct {
    char viewer[8][32], attributes[8][128], bad[8][MQ_ERROR_TEXT];
    size_t n, n_bad;
} got;

static int on_event(void *ctx, const struct event *e, uint64_t line, struct mq_error *err)
{
    (void)ctx;
    (void)line;
    (void)err;
    assert_int_equal(e->kind, EVENT_IDENTIFY);
    assert_int_equal(e->at_ms, 1000);
    assert_true(e->archived && e->id.n > 0);
    snprintf(got.viewer[got.n], 32, "%.*s", STR_ARG(e->viewer));
    snprintf(got.attributes[got.n++], 128, "%.*s", STR_ARG(e->attributes));
    return 0;
}

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    memcpy(got.bad[got.n_bad++], bad->why->text, MQ_ERROR_TEXT);
    return 0;
}

static int read_text(const char *text)
{
    memset(&got, 0, sizeof(got));
    return viewers_table_read("viewers", str_of(text), &(struct viewers_options){.at_ms = 1000},
                              &(struct viewers_sink){NULL, on_event, on_bad}, &test_err);
}

static void with_a_header(void **state)
{
    (void)state;
    assert_ok(read_text("user_id,age,country,plan,email\n"
                        "u1,30,Germany,gold,x@example.com\n"
                        "u2,,GB,,\n"
                        "u3,old,,,\n"
                        "u4,,Atlantis,,\n"
                        ",30,,,\n"));
    assert_int_equal(got.n, 2);
    assert_string_equal(got.attributes[0], "age_band=25-34&country=DE&plan=gold");
    assert_string_equal(got.attributes[1], "country=GB");
    assert_int_equal(got.n_bad, 3);
    assert_non_null(strstr(got.bad[0], "age"));
    assert_non_null(strstr(got.bad[1], "country"));
    assert_non_null(strstr(got.bad[2], "viewer"));
    assert_int_equal(read_text("name,age\nx,3\n"), MQ_INVALID);
}

static void movielens(void **state)
{
    (void)state;
    assert_ok(read_text("1::F::1::10::48067\n2::M::56::16::70072\n"));
    assert_int_equal(got.n, 2);
    assert_string_equal(got.viewer[1], "2");
    assert_string_equal(got.attributes[0], "age_band=under-18&gender=F&occupation=K-12 student");
    assert_string_equal(got.attributes[1], "age_band=56+&gender=M&occupation=self-employed");
    assert_ok(read_text("1|24|M|technician|85711\n2|53|F|other|94043\n"));
    assert_string_equal(got.attributes[0], "age_band=18-24&gender=M&occupation=technician");
    assert_string_equal(got.attributes[1], "age_band=50-55&gender=F&occupation=other");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_a_header),
        cmocka_unit_test(movielens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
