/* The protocol over folders of public reports: bad folders, and the real reports where they are there. */
#include "support/check.h"

#include <math.h>

#include "base/file.h"
#include "eval/seasons.h"

static void write_in(const char *dir, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_ok(file_write(path, str_of(text), 0644, &test_err));
}

static void folders(void **state)
{
    (void)state;
    static struct seasons_report r;
    const char *dir = test_dir();
    struct seasons_options o = {.dir = dir, .seed = 1};
    assert_fails(MQ_INVALID, evaluate_seasons(&o, &r, &test_err));
    assert_non_null(strstr(test_err.text, "engagement-2023H1.csv"));
    write_in(dir, "report-2030H1.csv", "title,hours_viewed\nA: Season 1,100\nB,many\n");
    write_in(dir, "notes.csv", "nothing of it is read");
    assert_fails(MQ_INVALID, evaluate_seasons(&o, &r, &test_err));
    assert_non_null(strstr(test_err.text, "half-years"));
    write_in(dir, "report-2030H2.csv", "name\nA\n");
    assert_fails(MQ_INVALID, evaluate_seasons(&o, &r, &test_err));
    assert_non_null(strstr(test_err.text, "report-2030H2.csv"));
    for (int i = 0; i < WATCH_FILES_MAX; i++) { /* none is passed over in silence */
        char name[32];
        snprintf(name, sizeof(name), "report-19%02dH1.csv", i);
        write_in(dir, name, "title,hours_viewed\nA: Season 1,100\n");
    }
    assert_fails(MQ_TOO_LARGE, evaluate_seasons(&o, &r, &test_err));
    o.dir = "/nowhere/at/all";
    assert_fails(MQ_NOT_FOUND, evaluate_seasons(&o, &r, &test_err));
    test_dir_remove(dir);
}

static void real_reports(void **state)
{
    (void)state;
    static struct seasons_report r;
    const char *dir = test_data("netflix");
    if (!dir)
        skip();
    assert_ok(evaluate_seasons(&(struct seasons_options){.dir = dir, .seed = 1}, &r, &test_err));
    assert_int_equal(r.read.halves, 5);
    assert_int_equal(r.read.rejected, 0);
    for (int p = 0; p < SEASON_PROTOCOLS; p++) {
        const struct season_figures *f = &r.figures[p];
        const struct forecast_metrics *m = f->rival;
        assert_true(f->titles > 150);
        assert_true(m[SEASON_FORECAST].within_2x >= 0.6);
        assert_true(m[SEASON_FORECAST].within_2x > m[SEASON_LAST_RATIO].within_2x);
        assert_true(m[SEASON_FORECAST].pinball < m[SEASON_LAST_LAUNCH].pinball);
        assert_true(m[SEASON_FORECAST].spearman > m[SEASON_PERMUTED].spearman + 0.2);
    }
    assert_true(r.weeks_there);
    for (int p = 0; p < WEEKLY_PROTOCOLS; p++)
        for (int k = 0; k < WEEKLY_HORIZONS; k++)
            assert_true(r.weeks.horizon[p][k].gain[WEEKLY_EXPONENTIAL].low > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders),
        cmocka_unit_test(real_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
