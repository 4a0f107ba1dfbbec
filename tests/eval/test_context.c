/* Context: found where it was planted, not found where it was shuffled or is not there; odd tables. */
#include "support/check.h"

#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/rng.h"
#include "eval/context_gain.h"

static char folder[512];
static char path[600];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "%s", test_dir());
    snprintf(path, sizeof(path), "%s/table", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    test_dir_remove(folder);
    return 0;
}

static struct context_report run(struct context_options o, struct context_table *t)
{
    struct context_report r;
    o.table = path;
    o.viewer = "who";
    o.title = "what";
    o.seed = 5;
    o.threads = 2;
    assert_ok(evaluate_context(&o, t, &r, &test_err));
    return r;
}

static const char *column_name(const struct context_report *r, size_t c)
{
    return r->column[c].name;
}

/* Everybody rates a star higher in company; the weather says nothing. */
static void ratings_find_the_planted_column(void **state)
{
    (void)state;
    struct rng rng;
    struct context_table t;
    FILE *f = fopen(path, "w");
    rng_seed(&rng, test_seed());
    fprintf(f, "who,what,stars,company,weather\n");
    for (int i = 0; i < 900; i++) {
        int company = (int)rng_below(&rng, 2);
        int missing = rng_below(&rng, 10) == 0;
        double y = 3 + company - 0.5 + rng_normal(&rng) * 0.5;
        fprintf(f, "v%d,t%d,%.2f,%d,%d\n", (int)rng_below(&rng, 30), (int)rng_below(&rng, 40), y,
                missing ? -1 : company, (int)rng_below(&rng, 3));
    }
    fclose(f);
    struct context_report r = run(
        (struct context_options){
            .rating = "stars", .context = "company,weather", .missing = "-1", .folds = 2},
        &t);
    assert_string_equal(r.metric, "rmse");
    assert_string_equal(r.published, "with");
    assert_true(r.whole.all.gain.low > 0.05);
    assert_true(fabs(r.whole.all.shuffled_gain.mean) < 0.02);
    assert_string_equal(column_name(&r, 0), "company");
    assert_true(r.column[0].all.gain.low > 0.05);
    assert_true(r.column[1].all.gain.low < 0.01); /* never above the better control by luck alone */
    assert_int_equal(r.whole.all.cases, 900);
    assert_int_equal(r.whole.seen.cases + r.whole.unseen.cases, 900);
    context_table_release(&t);
}

/* Half of each viewer's titles belong to the morning, half to the evening. */
static void write_habits(bool planted)
{
    struct rng rng;
    FILE *f = fopen(path, "w");
    rng_seed(&rng, 9);
    fprintf(f, "who\twhat\ttimes\thour\tday\n");
    for (int v = 0; v < 40; v++) {
        for (int i = 0; i < 40; i++) {
            int hour = (int)rng_below(&rng, 2);
            int title = (v * 7 + (int)rng_below(&rng, 6)) % 60;
            if (planted && title % 2 != hour)
                title = (title + 1) % 60;
            fprintf(f, "v%d\tt%d\t%d\t%s\td%d\n", v, title, 1 + (int)rng_below(&rng, 3),
                    hour ? "evening" : "morning", (int)rng_below(&rng, 5));
        }
    }
    fclose(f);
}

static void counts_find_planted_habits_and_no_others(void **state)
{
    (void)state;
    struct context_table t;
    struct context_options o = {.count = "times", .context = "hour,day"};
    write_habits(true);
    struct context_report r = run(o, &t);
    assert_string_equal(r.metric, "ndcg@10");
    assert_true(r.whole.all.gain.low > 0.02);
    assert_true(r.whole.all.shuffled_gain.low < 0.02);
    assert_true(r.column[0].all.gain.low > 0.02);
    assert_true(r.column[1].all.gain.mean < 0.02);
    struct buf b;
    struct json j;
    buf_init(&b, 1 << 16);
    json_init(&j, &b);
    context_report_write(&j, &r);
    buf_add_char(&b, '\0');
    static const char *const fields[] = {"\"metric\"",  "\"without\"",       "\"with\"",
                                         "\"gain\"",    "\"gain_low\"",      "\"gain_high\"",
                                         "\"columns\"", "\"shuffled_gain\"", "\"unseen\""};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        assert_non_null(strstr(b.p, fields[i]));
    buf_release(&b);
    context_table_release(&t);
    write_habits(false);
    r = run(o, &t);
    assert_true(r.whole.all.gain.low < 0.01);
    context_table_release(&t);
}

static int fails(const char *text, struct context_options o)
{
    struct context_report r;
    struct context_table t;
    assert_ok(file_write(path, str_of(text), 0644, &test_err));
    o.table = path;
    o.viewer = o.viewer ? o.viewer : "who";
    o.title = "what";
    int rc = evaluate_context(&o, &t, &r, &test_err);
    context_table_release(&t);
    return rc;
}

static void bad_tables_are_errors(void **state)
{
    (void)state;
    struct context_options o = {.rating = "stars", .context = "mood"};
    assert_int_equal(fails("who,what,stars,mood\n1,1,nan,2\n", o), MQ_INVALID);
    assert_non_null(strstr(test_err.text, ":2"));
    assert_int_equal(fails("who,what,stars\n1,1,2\n", o), MQ_INVALID);
    assert_int_equal(fails("who,what,stars,mood\n", o), MQ_INVALID);
    assert_int_equal(fails("who,what,stars,mood\n1,1,3,2\n", o),
                     MQ_INVALID); /* fewer rows than folds */
    o.context = "endEmo";
    assert_int_equal(fails("who,what,stars,endEmo\n1,1,3,2\n", o), MQ_INVALID);
    assert_non_null(strstr(test_err.text, "after viewing"));
    o.context = "4"; /* by its number too */
    assert_int_equal(fails("who,what,stars,endEmo\n1,1,3,2\n", o), MQ_INVALID);
    assert_non_null(strstr(test_err.text, "after viewing"));
    o.context = "mood,stars";
    assert_int_equal(fails("who,what,stars,mood\n1,1,3,2\n", o), MQ_INVALID);
    assert_non_null(strstr(test_err.text, "what is asked"));
    o.context = "mood,4";
    assert_int_equal(fails("who,what,stars,mood\n1,1,3,2\n", o), MQ_INVALID);
    assert_non_null(strstr(test_err.text, "twice"));
    o = (struct context_options){.count = "n", .context = "hour"};
    assert_int_equal(fails("who,what,n,hour\n1,1,0,2\n", o), MQ_INVALID);
    assert_int_equal(fails("who,what,n,hour\n1,1,1,2\n", o), MQ_INVALID); /* one group */
    o.rating = "n";
    assert_int_equal(fails("who,what,n,hour\n1,1,1,2\n", o), MQ_INVALID); /* both */
}

/* All ratings equal, one viewer, one title: nothing gained, nothing lost, nothing fails. */
static void odd_tables_are_sane(void **state)
{
    (void)state;
    struct context_table t;
    FILE *f = fopen(path, "w");
    fprintf(f, "who,what,stars,hour\n");
    for (int i = 0; i < 30; i++)
        fprintf(f, "v,t,4,%d\n", i % 3);
    fclose(f);
    struct context_report r =
        run((struct context_options){.rating = "stars", .context = "hour"}, &t);
    assert_true(r.whole.all.value[WITHOUT] < 1e-3 && r.whole.all.value[WITH] < 1e-3);
    assert_true(fabs(r.whole.all.gain.mean) < 1e-3);
    context_table_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratings_find_the_planted_column),
        cmocka_unit_test(counts_find_planted_habits_and_no_others),
        cmocka_unit_test(bad_tables_are_errors),
        cmocka_unit_test(odd_tables_are_sane),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
