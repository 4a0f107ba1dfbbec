/* Tables of too little, too much and nonsense through every protocol: a clear message, or figures that make sense. */
#include "eval_folder.h"

#include <math.h>

#include "eval/report.h"
#include "eval/signals.h"

struct table {
    const char *name;
    const char *text;           /* or NULL: */
    int viewers, titles, times; /* all of them by all, so often */
    int stars;                  /* 0: by turns */
};

static const struct table tables[] = {
    {"nothing", "", 0, 0, 0, 0},
    {"header", "viewer,title,rating,at\n", 0, 0, 0, 0},
    {"one row", "v1\tt1\t5\t10\n", 0, 0, 0, 0},
    {"not a number", "v1\tt1\tnan\t10\nv1\tt2\t4\t20\nv2\tt1\t4\t30\n", 0, 0, 0, 0},
    {"infinite", "v1\tt1\tinf\t10\nv1\tt2\t4\t20\nv2\tt1\t4\t30\n", 0, 0, 0, 0},
    {"one viewer", NULL, 1, 30, 1, 0},
    {"one title", NULL, 30, 1, 1, 0},
    {"all equal", NULL, 12, 9, 1, 3},
    {"everybody watched everything", NULL, 12, 9, 1, 0},
    {"everything twice", NULL, 12, 9, 2, 0},
};

static void write_table(const char *name, const struct table *t)
{
    FILE *f = fopen(path_of(name), "w");
    assert_non_null(f);
    if (t->text)
        fputs(t->text, f);
    for (int again = 0; again < t->times; again++)
        for (int v = 0; v < t->viewers; v++)
            for (int k = 0; k < t->titles; k++)
                fprintf(f, "v%d\tt%d\t%d\t%d\n", v, (k * 7 + v) % t->titles,
                        t->stars ? t->stars : 1 + (v + k) % 5, 1000 * v + 10 * k);
    fclose(f);
}

/* A refusal says what is the matter; figures are what they may be. */
static void check(const char *what, const struct table *t, int rc, const struct eval_report *r)
{
    if (rc != 0) {
        if (rc == MQ_BUG || !strchr(test_err.text, ':'))
            fail_msg("%s of %s: %s", what, t->name, test_err.text);
        return;
    }
    for (size_t m = 0; m < r->n_models; m++)
        for (size_t i = 0; i < r->model[m].n_metrics; i++)
            /* Differences may be below 0. */
            if (!(fabs(r->model[m].metric[i].value.mean) <= 5))
                fail_msg("%s of %s: %s %g", what, t->name, r->model[m].metric[i].name,
                         r->model[m].metric[i].value.mean);
}

static void ask_all(const struct table *train, const struct table *test)
{
    write_table("train", train);
    write_table("test", test);
    struct eval_options o = {.train = path_of("train"),
                             .fold_in = path_of("train"),
                             .test = path_of("test"),
                             .ratings = path_of("train"),
                             .rank = 2,
                             .samples = 4,
                             .seed = 1,
                             .threads = 1,
                             .search_seconds = 1};
    struct eval_report r;
    struct signals_report s;
    check("ratings", train, evaluate_ratings(&o, &r, &test_err), &r);
    check("leave-one-out", train, evaluate_leave_one_out(&o, &r, &test_err), &r);
    check("strong", train, evaluate_strong(&o, &r, &test_err), &r);
    check("time-split", train, evaluate_time_split(&o, &r, &test_err), &r);
    int rc = evaluate_signals(&o, &s, &test_err);
    assert_true(rc == 0 || (rc != MQ_BUG && strchr(test_err.text, ':')));
}

static const struct table usual = {"the usual", NULL, 12, 20, 1, 0};

static void bad_training_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        ask_all(&tables[i], &usual);
}

static void bad_test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        ask_all(&usual, &tables[i]);
}

/* Titles and viewers of which training has nothing. */
static void strangers(void **state)
{
    (void)state;
    static const struct table others = {
        "strangers", "x1\ty1\t5\t10\nx1\ty2\t4\t20\nx2\ty1\t4\t30\n", 0, 0, 0, 0};
    ask_all(&usual, &others);
    ask_all(&others, &usual);
}

/* A row that stands there twice is one row: its other copy must not tell what is held out, nor be called no history. */
static void repeated_rows(void **state)
{
    (void)state;
    static const struct table once = {"once", NULL, 12, 9, 1, 0};
    static const struct table twice = {"twice", NULL, 12, 9, 2, 0};
    static const struct table same = {"one title again and again", NULL, 12, 1, 5, 0};
    struct eval_options o = {.train = path_of("train"),
                             .test = path_of("test"),
                             .seed = 1,
                             .threads = 1,
                             .search_seconds = 1};
    struct eval_report r;
    write_table("train", &twice);
    write_table("test", &usual);
    assert_int_equal(evaluate_leave_one_out(&o, &r, &test_err), 0);
    assert_int_equal(r.judged, 12);
    write_table("test", &once);
    assert_int_equal(evaluate_leave_one_out(&o, &r, &test_err), MQ_INVALID);
    assert_non_null(strstr(test_err.text, "among its viewer's training rows already"));
    write_table("train", &same);
    assert_int_equal(evaluate_leave_one_out(&o, &r, &test_err), MQ_INVALID);
    assert_non_null(strstr(test_err.text, "no viewer has two different titles"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(bad_training_rows),
        CASE(bad_test_rows),
        CASE(strangers),
        CASE(repeated_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
