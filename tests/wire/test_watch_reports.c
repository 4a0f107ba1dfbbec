/* Public reports of what is watched: half-years and weeks. All rows are invented. */
#include "support/check.h"
#include "wire/watch_reports.h"

static struct {
    struct half_year_row half[8];
    struct weekly_row week[8];
    char show[8][64], category[8][32], bad[8][MQ_ERROR_TEXT];
    uint64_t bad_line[8];
    size_t n, n_bad;
    int stop; /* what the sink answers */
} got;

static int on_half(void *ctx, const struct half_year_row *row, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    snprintf(got.show[got.n], 64, "%.*s", STR_ARG(row->name.show));
    got.half[got.n++] = *row;
    return got.stop;
}

static int on_week(void *ctx, const struct weekly_row *row, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    snprintf(got.show[got.n], 64, "%.*s", STR_ARG(row->name.show));
    snprintf(got.category[got.n], 32, "%.*s", STR_ARG(row->category));
    got.week[got.n++] = *row;
    return got.stop;
}

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    got.bad_line[got.n_bad] = bad->line;
    memcpy(got.bad[got.n_bad++], bad->why->text, MQ_ERROR_TEXT);
    return 0;
}

static int half(const char *text)
{
    memset(&got, 0, sizeof(got));
    return half_year_read("half", str_of(text), &(struct half_year_sink){NULL, on_half, on_bad},
                          &test_err);
}

static int week(const char *text)
{
    memset(&got, 0, sizeof(got));
    return weekly_read("week", str_of(text), &(struct weekly_sink){NULL, on_week, on_bad},
                       &test_err);
}

static void half_years(void **state)
{
    (void)state;
    assert_ok(half("title,available_globally,release_date,hours_viewed,runtime,views,kind\n"
                   "Dry Docks: Season 2 // Muelles: Temporada 2,Yes,2023-08-31,5400000,7:30,7,tv\n"
                   "\"Cold, Warm: Limited Series\",No,,300000,4:45*,1,tv\n"
                   "A Film,Yes,,100000,*,1,film\n"));
    assert_int_equal(got.n, 3);
    assert_string_equal(got.show[0], "Dry Docks");
    assert_int_equal(got.half[0].name.season, 2);
    assert_int_equal(got.half[0].release_day, 19600);
    assert_true(got.half[0].global && !got.half[1].global);
    assert_true(got.half[0].hours == 5400000 && got.half[0].runtime_hours == 7.5);
    assert_string_equal(got.show[1], "Cold, Warm");
    assert_int_equal(got.half[1].name.season, 1);
    assert_int_equal(got.half[1].release_day, REPORT_NO_DAY);
    assert_true(got.half[1].runtime_hours == 4.75);
    assert_int_equal(got.half[2].name.season, 0);
    assert_true(got.half[2].runtime_hours == 0);
}

static void bad_rows_are_told(void **state)
{
    (void)state;
    assert_ok(half("title,hours_viewed,release_date,runtime\n"
                   ",100,,\n"
                   "A,lots,,\n"
                   "A,-1,,\n"
                   "A,1e300,,\n"
                   "A,100,soon,\n"
                   "A,100,,7:61\n"
                   "A,100,,later\n"
                   "A,100,2023-01-05,1:00\n"));
    assert_int_equal(got.n, 1);
    assert_int_equal(got.n_bad, 7);
    assert_int_equal(got.bad_line[0], 2);
    assert_non_null(strstr(got.bad[0], "title"));
    assert_non_null(strstr(got.bad[3], "hours"));
    assert_non_null(strstr(got.bad[4], "release_date"));
    assert_non_null(strstr(got.bad[6], "runtime"));
    assert_fails(MQ_INVALID, half("title,minutes\nA,3\n"));
    assert_non_null(strstr(test_err.text, "hours_viewed"));
    assert_fails(MQ_INVALID, half(""));
}

static void weeks(void **state)
{
    (void)state;
    const char *head =
        "week\tcategory\tweekly_rank\tshow_title\tseason_title\tweekly_hours_viewed\t"
        "cumulative_weeks_in_top_10\n";
    char text[1024];
    snprintf(text, sizeof(text), "%s%s%s%s%s", head,
             "2024-01-07\tTV (English)\t1\tDry Docks\tDry Docks: Season 3\t5400000\t2\n",
             "2024-01-07\tFilms (English)\t1\tA \"Film\"\tN/A\t100000\t1\n",
             "2024-01-07\tTV (English)\t2\tDry Docks\tDry Docks: Season 3: Part 1\t10\t99999\n",
             "someday\tTV (English)\t2\tDry Docks\tDry Docks: Season 3\t10\t1\n");
    assert_ok(week(text));
    assert_int_equal(got.n, 2);
    assert_int_equal(got.n_bad, 2);
    assert_string_equal(got.show[0], "Dry Docks");
    assert_string_equal(got.category[0], "TV (English)");
    assert_int_equal(got.week[0].name.season, 3);
    assert_int_equal(got.week[0].day, 19729);
    assert_int_equal(got.week[0].weeks, 2);
    assert_string_equal(got.show[1], "A \"Film\"");
    assert_int_equal(got.week[1].name.season, 0);
    assert_fails(MQ_INVALID, week("week\tshow_title\n2024-01-07\tA\n"));
}

static void a_sink_that_stops(void **state)
{
    (void)state;
    memset(&got, 0, sizeof(got));
    got.stop = MQ_CANCELLED;
    struct str text = str_of("title,hours_viewed\nA,1\nB,2\n");
    assert_fails(
        MQ_CANCELLED,
        half_year_read("half", text, &(struct half_year_sink){NULL, on_half, on_bad}, &test_err));
    assert_int_equal(got.n, 1);
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *title, *show;
        unsigned season;
    } cases[] = {
        {"A: B: Season 12", "A: B", 12},
        {"A: Part 2 // X: 2. rész", "A", 2},
        {"A: Season 1: Part 2", "A: Season 1: Part 2", 0},
        {"A: Season 0", "A: Season 0", 0},
        {"A: Season 2024", "A: Season 2024", 0},
        {": Season 1", ": Season 1", 0},
        {"A // B: Season 3", "A", 0},
        {" // B", "// B", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report_name n = report_name_of(str_of(cases[i].title));
        assert_str(cases[i].show, str_trim(n.show));
        assert_int_equal(n.season, cases[i].season);
    }
    int year, part;
    assert_true(half_year_of(STR("engagement-2023H2.csv"), &year, &part));
    assert_true(year == 2023 && part == 2);
    assert_false(half_year_of(STR("engagement-2023H3.csv"), &year, &part));
    assert_false(half_year_of(STR("23H1"), &year, &part));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_years), cmocka_unit_test(bad_rows_are_told),
        cmocka_unit_test(weeks),      cmocka_unit_test(a_sink_that_stops),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
