/* Titles as a table: columns by name, lists, countries, what is refused; and the real catalogue. */
#include "base/buf.h"
#include "base/file.h"
#include "support/check.h"
#include "wire/countries.h"
#include "wire/titles_table.h"
#include "wire/when.h"

struct seen {
    struct buf out;
    size_t titles, bad, spot;
    uint64_t bad_line;
    char bad_text[MQ_ERROR_TEXT];
    int stop;
};

static void put_list(struct buf *out, const char *key, const struct str *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s%.*s", i ? "," : key, STR_ARG(list[i]));
}

static void put_text(struct buf *out, const char *key, struct str s)
{
    if (s.n)
        buf_printf(out, "%s%.*s", key, STR_ARG(s));
}

static int on_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    struct seen *s = ctx;
    struct buf *b = &s->out;
    if (s->stop)
        return mq_fail(err, (enum mq_status)s->stop, "stop");
    s->titles++;
    if (str_eq(t->id, STR("6998")) && str_eq(t->name, STR("House of Cards")))
        s->spot += t->year == 1993;
    if (s->titles > 20)
        return 0;
    buf_printf(b, "%llu %.*s", (unsigned long long)line, STR_ARG(t->id));
    put_text(b, " name=", t->name);
    put_text(b, " original=", t->original_name);
    if (t->year)
        buf_printf(b, " year=%d", t->year);
    put_text(b, " kind=", str_of(title_kind_name((enum title_kind)t->kind)));
    put_list(b, " genres=", t->genres, t->n_genres);
    put_list(b, " tags=", t->tags, t->n_tags);
    put_list(b, " countries=", t->countries, t->n_countries);
    if (t->runtime_min)
        buf_printf(b, " runtime=%u", t->runtime_min);
    if (t->season || t->episode)
        buf_printf(b, " s%ue%u", t->season, t->episode);
    if (t->budget > 0 || t->gross > 0)
        buf_printf(b, " money=%.0f/%.0f", t->budget, t->gross);
    if (t->release_day != TITLE_NO_DATE)
        buf_printf(b, " day=%d", t->release_day);
    put_text(b, " language=", t->language);
    put_text(b, " maturity=", t->maturity);
    put_text(b, " description=", t->description);
    put_text(b, " series=", t->series);
    for (uint16_t i = 0; i < t->n_windows; i++) {
        const struct window *w = &t->windows[i];
        buf_printf(b, " window=%lld-%lld/%u", (long long)w->from_ms, (long long)w->until_ms,
                   w->n_countries);
    }
    buf_add_char(b, '\n');
    assert_false(t->has_credits);
    return 0;
}

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    struct seen *s = ctx;
    s->bad++;
    s->bad_line = bad->line;
    memcpy(s->bad_text, bad->why->text, sizeof s->bad_text);
    return s->stop ? bad_row_fail(bad, err) : 0;
}

static struct seen seen;

static int read_with(struct str bytes, const struct titles_options *o, int stop)
{
    buf_release(&seen.out);
    seen = (struct seen){.stop = stop};
    buf_init(&seen.out, 1 << 20);
    return titles_table_read("t.csv", bytes, o, &(struct titles_sink){&seen, on_title, on_bad},
                             &test_err);
}

static void expect(const char *bytes, const char *expected)
{
    assert_ok(read_with(str_of(bytes), NULL, 0));
    buf_add_char(&seen.out, '\0');
    assert_string_equal(seen.out.p, expected);
}

static void every_column(void **state)
{
    (void)state;
    expect(
        "movieId,title,year,genres,runtime_min,country,language,budget,gross,release_date,plot_"
        "keywords\n"
        "1,The "
        "Bus,1995,Drama|War,74,USA|UK|Narnia,English,30000000,191796233,1995-11-22,rain|night bus\n"
        "2,\"Rain, Rain\",,,,,,,,,\n",
        "2 1 name=The Bus year=1995 genres=Drama,War tags=rain,night bus countries=US,GB "
        "runtime=74 "
        "money=30000000/191796233 day=9456 language=English\n3 2 name=Rain, Rain\n");
    expect("id;type;release_year;age_certification;countries;Title;season;episode;series;"
           "description;original title\n"
           "tm1;show;2001;TV-MA;GB;Bus;2;3;s1;On a bus.;Autobus\n"
           "tm2;podcast;2001.0;;;;;;;;\n",
           "2 tm1 name=Bus original=Autobus year=2001 kind=series countries=GB s2e3 maturity=TV-MA "
           "description=On a bus. series=s1\n3 tm2 year=2001\n");
}

static void when_and_where(void **state)
{
    (void)state;
    expect("id,title,available_from,available_until,available_in\n1,Bus,1970-01-02,,GB|Ireland\n2,"
           "Tram,,,\n"
           "3,Boat,,1970-01-03T00:00:00Z,\n",
           "2 1 name=Bus window=86400000-0/2\n3 2 name=Tram\n4 3 name=Boat window=0-172800000/0\n");
    assert_ok(read_with(STR("id,title,available_in\n1,Bus,Narnia\n"), NULL, 0));
    assert_int_equal(seen.bad, 1);
    assert_non_null(strstr(seen.bad_text, "available_in"));
}

static void nothing_is_absent(void **state)
{
    (void)state;
    expect("tconst\tprimaryTitle\tstartYear\truntimeMinutes\tgenres\ntt1\tBus\t\\N\t\\N\tDrama,"
           "War\ntt2\tN/A\t1990\t7\t\\N\n",
           "2 tt1 name=Bus genres=Drama,War\n3 tt2 year=1990 runtime=7\n");
    expect("id,title,genres\n1,Bus,Drama|drama||War| (no genres listed)\n",
           "2 1 name=Bus genres=Drama,War\n");
    expect("id,title\n", "");
}

static void the_id_column(void **state)
{
    (void)state;
    expect("itemId,movieId,id,title\na,b,c,Bus\n", "2 a name=Bus\n");
    expect("movieId,id,title\nb,c,Bus\n", "2 b name=Bus\n");
    expect("Title_ID,title\nb,Bus\n", "2 b name=Bus\n");
    assert_ok(
        read_with(STR("itemId,sku,title\na,b,Bus\n"), &(struct titles_options){.id = "sku"}, 0));
    buf_add_char(&seen.out, '\0');
    assert_string_equal(seen.out.p, "2 b name=Bus\n");
    assert_fails(MQ_INVALID,
                 read_with(STR("itemId,title\na,Bus\n"), &(struct titles_options){.id = "sku"}, 0));
    assert_non_null(strstr(test_err.text, "no column \"sku\""));
    assert_fails(MQ_INVALID, read_with(STR("title,year\nBus,1990\n"), NULL, 0));
    assert_non_null(strstr(test_err.text, "no id column"));
    assert_fails(MQ_INVALID, read_with(STR(""), NULL, 0));
}

static void bad_row(const char *row, const char *words)
{
    char bytes[2048];
    snprintf(bytes, sizeof bytes,
             "id,title,year,runtime_min,release_date,budget\n1,Good,1990,,,\n%s\n3,Good,,,,\n",
             row);
    assert_ok(read_with(str_of(bytes), NULL, 0));
    assert_int_equal(seen.titles, 2);
    assert_int_equal(seen.bad, 1);
    assert_int_equal(seen.bad_line, 3);
    if (!strstr(seen.bad_text, words))
        fail_msg("wanted \"%s\" in: %s", words, seen.bad_text);
}

static void bad_rows(void **state)
{
    (void)state;
    bad_row(",Bus,1990,,,", "id: missing");
    bad_row("2,Bus,soon,,,", "year: \"soon\"");
    bad_row("2,Bus,1500,,,", "year: 1500");
    bad_row("2,Bus,1990,-5,,", "runtime_min: \"-5\"");
    bad_row("2,Bus,1990,,31-Feb-1990,", "release_date: \"31-Feb-1990\"");
    bad_row("2,Bus,1990,,,lots", "budget: \"lots\"");
    bad_row("2,Bus, The,1990,,,5", "quote a field");
    bad_row("2,\"Bus\"s,1990,,,", "closing");
    bad_row("2,Bus\tx,1990,,,", "control");
    assert_fails(MQ_INVALID, read_with(STR("id,title,year\n1,Bus,soon\n"), NULL, MQ_CANCELLED));
    assert_non_null(strstr(test_err.text, "t.csv:2: year"));
    assert_fails(MQ_CANCELLED, read_with(STR("id,title,year\n1,Bus,1990\n"), NULL, MQ_CANCELLED));
}

static void short_rows_and_huge_fields(void **state)
{
    (void)state;
    expect("id,title,year\n1\n2,Bus\n", "2 1\n3 2 name=Bus\n");
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "id,title,genres\n1,");
    for (int i = 0; i < TITLE_NAME_MAX + 1; i++)
        buf_add_char(&b, 'x');
    buf_add_z(&b, ",\n2,Bus,");
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%sg%d", i ? "|" : "", i);
    buf_add_z(&b, "\n");
    assert_ok(read_with(buf_str(&b), NULL, 0));
    assert_int_equal(seen.bad, 1);
    assert_int_equal(seen.titles, 1);
    buf_release(&b);
}

static void countries(void **state)
{
    (void)state;
    const struct {
        const char *name, *code;
    } rows[] = {{"USA", "US"},
                {"United States of America", "US"},
                {"usa", "US"},
                {"UK", "GB"},
                {"gb", "GB"},
                {"GBR", "GB"},
                {"West Germany", "DE"},
                {"Soviet Union", "RU"},
                {"South Korea", "KR"},
                {"C\xc3\xb4te d'Ivoire", "CI"},
                {"Zimbabwe", "ZW"},
                {"AFG", "AF"},
                {"ZW", "ZW"},
                {"AD", "AD"},
                {"Narnia", ""},
                {"XX", ""},
                {"N/A", ""},
                {"", ""},
                {"U", ""},
                {"USAA", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        country_code code = 0;
        char text[3];
        assert_int_equal(country_find(str_of(rows[i].name), &code), rows[i].code[0] != '\0');
        country_text(code, text);
        assert_string_equal(text, rows[i].code);
    }
}

static void days(void **state)
{
    (void)state;
    int32_t day = -7;
    assert_true(when_day(STR("1970-01-02"), &day));
    assert_int_equal(day, 1);
    assert_true(when_day(STR("22-Nov-1995"), &day));
    assert_int_equal(day, 9456);
    assert_true(when_day(STR("11/22/1995"), &day));
    assert_int_equal(day, 9456);
    assert_true(when_day(STR("1969-12-31T23:00:00Z"), &day));
    assert_int_equal(day, -1);
    assert_false(when_day(STR("30-Feb-1995"), &day));
    assert_false(when_day(STR("22-Nov-95-1"), &day));
    assert_false(when_day(STR("13/13/1995"), &day));
    assert_false(when_day(STR(""), &day));
    assert_false(when_day(STR("--"), &day));
}

static void real_titles(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t titles;
    } files[] = {{"movielens/titles.csv", 9742},
                 {"movielens/ml-100k-titles.csv", 1682},
                 {"netflix/titles-2022.csv", 5850}};
    for (size_t i = 0; i < 3; i++) {
        const char *path = test_data(files[i].path);
        if (!path)
            skip();
        struct file_map map;
        assert_ok(file_map_open(path, &map, &test_err));
        assert_ok(read_with((struct str){map.p, map.n}, NULL, 0));
        if (seen.bad > 0)
            fail_msg("%s:%llu: %s", path, (unsigned long long)seen.bad_line, seen.bad_text);
        assert_int_equal(seen.titles, files[i].titles);
        assert_int_equal(seen.spot, i == 0);
        file_map_close(&map);
    }
}

static int release(void **state)
{
    (void)state;
    buf_release(&seen.out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column),      cmocka_unit_test(when_and_where),
        cmocka_unit_test(nothing_is_absent), cmocka_unit_test(the_id_column),
        cmocka_unit_test(bad_rows),          cmocka_unit_test(short_rows_and_huge_fields),
        cmocka_unit_test(countries),         cmocka_unit_test(days),
        cmocka_unit_test(real_titles),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
