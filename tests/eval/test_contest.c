/* A contest: RMSE of both halves by hand, what the board shows, what is refused. */
#include "support/check.h"

#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "eval/contest.h"

static char folder[512];
static char asked[600], given[600], contest[600];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "%s", test_dir());
    snprintf(asked, sizeof(asked), "%s/asked", folder);
    snprintf(given, sizeof(given), "%s/given", folder);
    snprintf(contest, sizeof(contest), "%s/contest", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_remove(folder);
    return 0;
}

static void write_rows(const char *path, int rows, double add)
{
    FILE *f = fopen(path, "w");
    for (int i = 0; i < rows; i++)
        fprintf(f, "v%d\tt%d\t%.2f\n", i % 7, i, i % 5 + 1 + add);
    fclose(f);
}

static struct contest_options options(const char *name)
{
    return (struct contest_options){.folder = contest,
                                    .ratings = asked,
                                    .predictions = name ? given : NULL,
                                    .name = name,
                                    .seed = 11,
                                    .now_ms = 5};
}

static void boards_order_by_the_quiz(void **state)
{
    (void)state;
    struct contest_board b;
    struct contest_options o = options("half a star off");
    write_rows(asked, 200, 0);
    write_rows(given, 200, 0.5);
    assert_ok(evaluate_contest(&o, &b, &test_err));
    assert_int_equal(b.n, 1);
    assert_true(fabs(b.entry[0].quiz - 0.5) < 1e-6 && fabs(b.entry[0].test - 0.5) < 1e-6);
    assert_int_equal(b.quiz_rows + b.test_rows, 200);
    assert_true(b.quiz_rows > 70 && b.quiz_rows < 130);
    assert_true(b.baseline > 1 && b.baseline < 2); /* ratings 1 to 5 from their mean */
    contest_board_release(&b);
    o = options("exact");
    o.seed = 99; /* the contest keeps its own */
    write_rows(given, 200, 0);
    assert_ok(evaluate_contest(&o, &b, &test_err));
    assert_int_equal(b.n, 2);
    assert_string_equal(b.entry[0].name, "exact");
    assert_true(b.entry[0].quiz == 0);
    assert_int_equal(b.latest, 0);
    struct buf text;
    struct json j;
    buf_init(&text, 65536);
    json_init(&j, &text);
    contest_board_write(&j, &b);
    buf_add_char(&text, '\0');
    assert_null(strstr(text.p, "test_rmse")); /* kept for the end */
    buf_release(&text);
    contest_board_release(&b);
    o = options(NULL);
    o.close = true;
    assert_ok(evaluate_contest(&o, &b, &test_err));
    assert_int_equal(b.n, 2);
    assert_int_equal(b.latest, 2);
    contest_board_release(&b);
}

static void bad_submissions_leave_the_board(void **state)
{
    (void)state;
    struct contest_board b;
    struct contest_options o = options("x");
    write_rows(given, 199, 0); /* one row short */
    assert_fails(MQ_INVALID, evaluate_contest(&o, &b, &test_err));
    write_rows(given, 201, 0); /* one row not asked */
    assert_fails(MQ_INVALID, evaluate_contest(&o, &b, &test_err));
    assert_ok(file_write(given, STR("v0\tt0\tnan\n"), 0644, &test_err));
    assert_fails(MQ_INVALID, evaluate_contest(&o, &b, &test_err));
    assert_ok(file_write(given, STR("v0\tt0\t1\nv0\tt0\t1\n"), 0644, &test_err));
    assert_fails(MQ_INVALID, evaluate_contest(&o, &b, &test_err));
    write_rows(given, 200, 0);
    o.name = "a\tb";
    assert_fails(MQ_INVALID, evaluate_contest(&o, &b, &test_err));
    o = options("x");
    write_rows(asked, 200, 1); /* other ratings than the contest's */
    assert_fails(MQ_INVALID, evaluate_contest(&o, &b, &test_err));
    write_rows(asked, 200, 0);
    o = options(NULL);
    assert_ok(evaluate_contest(&o, &b, &test_err));
    assert_int_equal(b.n, 2);
    contest_board_release(&b);
    char board[700];
    snprintf(board, sizeof(board), "%s/BOARD", contest);
    assert_ok(file_write(board, STR("no board\n"), 0644, &test_err));
    assert_fails(MQ_CORRUPT, evaluate_contest(&o, &b, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boards_order_by_the_quiz),
        cmocka_unit_test(bad_submissions_leave_the_board),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
