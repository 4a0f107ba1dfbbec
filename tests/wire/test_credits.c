/* Credits: tables with and without a header, TMDB's JSON, grouping by title; and the real ones. */
#include "base/buf.h"
#include "base/file.h"
#include "support/check.h"
#include "wire/credits_table.h"

struct seen {
    struct buf out;
    size_t titles, credits, rows, bad, alien_directors, alien_right;
    uint64_t bad_line;
    char bad_text[MQ_ERROR_TEXT];
    int stop;
};

static int on_credits(void *ctx, const struct title *t, uint64_t rows, uint64_t line,
                      struct mq_error *err)
{
    struct seen *s = ctx;
    if (s->stop)
        return mq_fail(err, (enum mq_status)s->stop, "stop");
    assert_true(t->has_credits);
    s->titles++;
    s->rows += rows;
    s->credits += t->n_credits;
    for (uint32_t i = 0; i < t->n_credits; i++) {
        bool directs = str_eq(t->id, STR("1690")) && t->credits[i].role == ROLE_DIRECTOR;
        s->alien_directors += directs;
        s->alien_right += directs && str_eq(t->credits[i].person, STR("Jean-Pierre Jeunet"));
    }
    if (s->titles > 10)
        return 0;
    buf_printf(&s->out, "%llu %.*s", (unsigned long long)line, STR_ARG(t->id));
    for (uint32_t i = 0; i < t->n_credits; i++) {
        const struct credit *c = &t->credits[i];
        buf_printf(&s->out, " %s/%u/%.*s/%.*s", role_name((enum role)c->role), c->billing,
                   STR_ARG(c->person), STR_ARG(c->person_key));
    }
    buf_add_char(&s->out, '\n');
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

static int read_with(struct str bytes, const char *id, int stop)
{
    buf_release(&seen.out);
    seen = (struct seen){.stop = stop};
    buf_init(&seen.out, 1 << 20);
    return credits_read("c.csv", bytes, &(struct credits_options){.id = id},
                        &(struct credits_sink){&seen, on_credits, on_bad}, &test_err);
}

static void expect(const char *bytes, const char *expected)
{
    assert_ok(read_with(str_of(bytes), NULL, 0));
    buf_add_char(&seen.out, '\0');
    assert_string_equal(seen.out.p, expected);
}

static void by_header(void **state)
{
    (void)state;
    expect("movieId,imdbId,role,billing,person,source\n1,007,director,1,Jo "
           "Doe,x|y\n2,008,actor,1,\"Roe, Al\",x\n"
           "1,007,actor,2,Al Roe,x\n1,007,director,3,Jo Doe,z\n",
           "2 1 director/1/Jo Doe/ actor/2/Al Roe/\n3 2 actor/1/Roe, Al/\n");
    assert_int_equal(seen.rows, 4);
    expect("id;role;billing;person_id;person\ntm1;Actor;1;p1;Jo\ntm1;ACTRESS;;p2;Jo\ntm1;actor;3;"
           "p1;Joanna\n",
           "2 tm1 actor/1/Jo/p1 actor/0/Jo/p2\n");
    expect("tconst\tordering\tnconst\tcategory\ntt1\t1\tnm1\tactor\ntt1\t\\N\tnm2\tdirector\n",
           "2 tt1 actor/1//nm1 director/0//nm2\n");
    expect("id,role,person\n", "");
}

static void by_position(void **state)
{
    (void)state;
    expect("t1|director|1|Jo Doe\nt1|actor|1|Al Roe\n",
           "1 t1 director/1/Jo Doe/ actor/1/Al Roe/\n");
    expect("t1,writer,,Jo Doe,p9\n", "1 t1 writer/0/Jo Doe/p9\n");
    expect("t1|actor|1|Ren\xe9\nt1|actor|2|Zo\xeb\n",
           "1 t1 actor/1/Ren\xc3\xa9/ actor/2/Zo\xc3\xab/\n");
    expect("\"t1\",\"actor\",\"1\",\"Jo \"\"J\"\" Doe\"\r\n", "1 t1 actor/1/Jo \"J\" Doe/\n");
}

static void missing_columns(void **state)
{
    (void)state;
    assert_fails(MQ_INVALID, read_with(STR("role,person\ndirector,Jo\n"), NULL, 0));
    assert_non_null(strstr(test_err.text, "no id column"));
    assert_fails(MQ_INVALID, read_with(STR("movieId,person\n1,Jo\n"), NULL, 0));
    assert_non_null(strstr(test_err.text, "no role column"));
    assert_fails(MQ_INVALID, read_with(STR("movieId,role\n1,actor\n"), NULL, 0));
    assert_non_null(strstr(test_err.text, "no person column"));
    assert_fails(MQ_INVALID, read_with(STR("movieId,role,person\n1,actor,Jo\n"), "sku", 0));
    assert_fails(MQ_INVALID, read_with(STR(""), NULL, 0));
    assert_ok(read_with(STR("sku,role,person\n77,actor,Jo\n"), "SKU", 0));
    buf_add_char(&seen.out, '\0');
    assert_string_equal(seen.out.p, "2 77 actor/0/Jo/\n");
}

static void bad_row(const char *row, const char *words)
{
    char bytes[512];
    snprintf(bytes, sizeof bytes, "movieId,role,billing,person\n1,actor,1,Jo\n%s\n1,actor,2,Al\n",
             row);
    assert_ok(read_with(str_of(bytes), NULL, 0));
    assert_int_equal(seen.credits, 2);
    assert_int_equal(seen.bad, 1);
    assert_int_equal(seen.bad_line, 3);
    if (!strstr(seen.bad_text, words))
        fail_msg("wanted \"%s\" in: %s", words, seen.bad_text);
}

static void bad_rows(void **state)
{
    (void)state;
    bad_row("1,composer,1,Jo", "role: \"composer\"");
    bad_row(",actor,1,Jo", "title id: missing");
    bad_row("1,actor,first,Jo", "billing: \"first\"");
    bad_row("1,actor,-1,Jo", "billing: \"-1\"");
    bad_row("1,actor,1,", "person: missing");
    bad_row("1,actor", "person: missing");
    bad_row("1,actor,1,\"Jo", "never closes");
    assert_fails(MQ_INVALID, read_with(STR("id,role,person\n1,cook,Jo\n"), NULL, MQ_CANCELLED));
    assert_non_null(strstr(test_err.text, "c.csv:2: role: \"cook\""));
    assert_fails(MQ_CANCELLED, read_with(STR("id,role,person\n1,actor,Jo\n"), NULL, MQ_CANCELLED));
}

static void too_many_of_a_title(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "id,role,person\n");
    for (int i = 0; i < TITLE_CREDITS_MAX + 3; i++)
        buf_printf(&b, "1,actor,Person %d\n", i);
    assert_ok(read_with(buf_str(&b), NULL, 0));
    assert_int_equal(seen.credits, TITLE_CREDITS_MAX);
    assert_int_equal(seen.bad, 3);
    assert_int_equal(seen.bad_line, TITLE_CREDITS_MAX + 4);
    buf_release(&b);
}

static void tmdb(void **state)
{
    (void)state;
    const char *one =
        "{\"id\":862,\"cast\":[{\"id\":31,\"name\":\"Jo Doe\",\"character\":\"Bus\",\"order\":0},"
        "{\"id\":32,\"name\":\"Al Roe\",\"order\":1}],\"crew\":[{\"id\":7,\"name\":\"Di "
        "Rector\",\"job\":\"Director\","
        "\"department\":\"Directing\"},{\"id\":8,\"name\":\"Ed\",\"job\":\"Editor\"},"
        "{\"id\":9,\"name\":\"Pro\",\"job\":\"Executive "
        "Producer\"},{\"id\":10,\"name\":\"Two\",\"job\":\"Producer\"}]}";
    const char *expected =
        "1 862 actor/1/Jo Doe/31 actor/2/Al Roe/32 director/1/Di Rector/7 producer/1/Pro/9 "
        "producer/2/Two/10\n";
    expect(one, expected);
    char twice[2048];
    snprintf(twice, sizeof twice, "[%s]", one);
    expect(twice, expected);
    snprintf(twice, sizeof twice,
             "{\"id\":1}\n%s\nbroken\n{\"id\":2,\"cast\":[{\"order\":1}]}\n{\"cast\":[]}\n", one);
    assert_ok(read_with(str_of(twice), NULL, 0));
    assert_int_equal(seen.titles, 1);
    assert_int_equal(seen.bad, 3);
    assert_int_equal(seen.bad_line, 5);
    assert_fails(MQ_INVALID, read_with(STR("[{\"id\":1},"), NULL, 0));
    assert_ok(read_with(STR("[5,{\"id\":1,\"crew\":{}}]"), NULL, 0));
    assert_int_equal(seen.bad, 2);
}

static void real_file(const char *relative, size_t rows, const char *id)
{
    const char *path = test_data(relative);
    if (!path)
        skip();
    struct file_map map;
    assert_ok(file_map_open(path, &map, &test_err));
    assert_ok(read_with((struct str){map.p, map.n}, id, 0));
    if (seen.bad > 0)
        fail_msg("%s:%llu: %s", path, (unsigned long long)seen.bad_line, seen.bad_text);
    assert_int_equal(seen.rows, rows);
    file_map_close(&map);
}

static void real_credits(void **state)
{
    (void)state;
    real_file("movielens/credits.csv", 52101, NULL);
    assert_int_equal(seen.credits, 52101);
    assert_int_equal(seen.alien_directors, 1);
    assert_int_equal(seen.alien_right, 1);
    real_file("movielens/ml-100k-credits.csv", 21637, NULL);
    real_file("netflix/credits-2022.csv", 60647, NULL);
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
        cmocka_unit_test(by_header),           cmocka_unit_test(by_position),
        cmocka_unit_test(missing_columns),     cmocka_unit_test(bad_rows),
        cmocka_unit_test(too_many_of_a_title), cmocka_unit_test(tmdb),
        cmocka_unit_test(real_credits),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
