/* MovieLens: names taken apart, each form of the files (invented rows), and the real ones where they are. */
#include <math.h>

#include "base/file.h"
#include "support/check.h"
#include "wire/film_name.h"
#include "wire/movielens.h"

#define NOW_MS INT64_C(1772400000000)

struct seen {
    size_t titles, ratings, bad, described, with_tags;
    uint64_t bad_line;
    char bad_text[MQ_ERROR_TEXT];
    struct buf out; /* a line per title or rating when small */
    int stop;
    int64_t last_at;
    uint64_t progress;
};

static int on_title(void *ctx, const struct title *t, const char *file, uint64_t line,
                    struct mq_error *err)
{
    struct seen *s = ctx;
    (void)err;
    assert_true(s->ratings == 0);
    s->titles++;
    s->described += t->name.n > 0;
    s->with_tags += t->n_tags > 0;
    if (s->titles > 20)
        return 0;
    buf_printf(&s->out, "%s:%llu %.*s|%.*s|%.*s|%d|", file, (unsigned long long)line,
               STR_ARG(t->id), STR_ARG(t->name), STR_ARG(t->original_name), t->year);
    for (int i = 0; i < t->n_genres; i++)
        buf_printf(&s->out, "%s%.*s", i ? "," : "", STR_ARG(t->genres[i]));
    buf_printf(&s->out, "|%d|", t->release_day == TITLE_NO_DATE ? -1 : t->release_day);
    for (int i = 0; i < t->n_tags; i++)
        buf_printf(&s->out, "%s%.*s", i ? "," : "", STR_ARG(t->tags[i]));
    buf_add_char(&s->out, '\n');
    return 0;
}

static int on_rating(void *ctx, struct event *e, const char *file, uint64_t line,
                     struct mq_error *err)
{
    struct seen *s = ctx;
    assert_int_equal(e->kind, EVENT_RATING);
    assert_true(e->archived && e->scale == 5 && e->id.n == 0);
    assert_str("import", e->source);
    s->ratings++;
    if (s->stop)
        return mq_fail(err, (enum mq_status)s->stop, "stop");
    if (s->ratings <= 20)
        buf_printf(&s->out, "%s:%llu %.*s %.*s %g @%lld\n", file, (unsigned long long)line,
                   STR_ARG(e->viewer), STR_ARG(e->title), (double)e->value,
                   (long long)e->at_ms / 1000);
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

static int on_progress(void *ctx, const char *file, uint64_t done, uint64_t total,
                       struct mq_error *err)
{
    struct seen *s = ctx;
    (void)file;
    (void)err;
    assert_true(done <= total);
    s->progress++;
    return 0;
}

static struct seen seen;

static const struct movielens_sink *sink(void)
{
    static const struct movielens_sink all = {&seen, on_title, on_rating, on_bad, on_progress};
    buf_release(&seen.out);
    seen = (struct seen){0};
    buf_init(&seen.out, 1 << 20);
    return &all;
}

static void expect(const char *name, const char *bytes, const char *expected)
{
    assert_ok(movielens_read_bytes(name, str_of(bytes), NOW_MS, sink(), &test_err));
    buf_add_char(&seen.out, '\0');
    assert_string_equal(seen.out.p, expected);
}

static void expect_name(const char *text, const char *name, const char *original, int year)
{
    struct arena arena;
    struct film_name f;
    assert_int_equal(arena_init(&arena, 4096, 1 << 16), 0);
    assert_true(film_name_parse(str_of(text), &arena, &f));
    assert_str(name, f.name);
    assert_str(original, f.original_name);
    assert_int_equal(f.year, year);
    arena_release(&arena);
}

static void names(void **state)
{
    (void)state;
    expect_name("Night Bus (1995)", "Night Bus", "", 1995);
    expect_name("Night Bus, The (1995)", "The Night Bus", "", 1995);
    expect_name("Bus, A (Autobus, L') (1960)", "A Bus", "L'Autobus", 1960);
    expect_name("Bus, La (Ciudad, El) (2001) ", "La Bus", "El Ciudad", 2001);
    expect_name("Night Bus (a.k.a. Last Bus, The) (1995)", "Night Bus", "The Last Bus", 1995);
    expect_name("Night Bus (a.k.a. Last Bus) (Bus de nuit) (1995)", "Night Bus", "Bus de nuit",
                1995);
    expect_name("Night Bus (Bus (de) nuit) (1995)", "Night Bus", "Bus (de) nuit", 1995);
    expect_name("Night Bus III (1995) (V)", "Night Bus III", "", 1995);
    expect_name("(501) Days of Rain (2009)", "(501) Days of Rain", "", 2009);
    expect_name("Catman: Or (The Unexpected Gift of Purring) (2014)",
                "Catman: Or (The Unexpected Gift of Purring)", "", 2014);
    expect_name("Night Bus (2006-2009)", "Night Bus", "", 2006);
    expect_name("Night Bus (2006\xe2\x80\x93 )", "Night Bus", "", 2006);
    expect_name("Night Bus 5", "Night Bus 5", "", 0);
    expect_name("1984", "1984", "", 0);
    expect_name("(1984)", "(1984)", "", 0);
    expect_name("1984 (1956)", "1984", "", 1956);
    expect_name("Eat, Drink, Man (1994)", "Eat, Drink, Man", "", 1994);
    expect_name(", The (1994)", ", The", "", 1994);
    expect_name("Fire(s) (2007)", "Fire(s)", "", 2007);
    expect_name("Fire(2007)", "Fire", "", 2007);
    expect_name("You Are (Not) Alone (Hitori) (2007)", "You Are (Not) Alone", "Hitori", 2007);
    expect_name("unknown", "unknown", "", 0);
    expect_name("", "", "", 0);
    expect_name(")(", ")(", "", 0);
    expect_name("a) (1999)", "a)", "", 1999);
}

static void titles_of_every_form(void **state)
{
    (void)state;
    expect(
        "movies.csv",
        "movieId,title,genres\r\n1,\"Bus, The (1995)\",Drama|War\r\n2,Rain,(no genres listed)\r\n"
        "3,\"Say \"\"Hi\"\" (Dis \"\"Salut\"\") (2001)\",Comedy\r\n",
        "movies.csv:2 1|The Bus||1995|Drama,War|-1|\nmovies.csv:3 2|Rain||0||-1|\n"
        "movies.csv:4 3|Say \"Hi\"|Dis \"Salut\"|2001|Comedy|-1|\n");
    expect("movies.dat", "1::Bus, The (1995)::Drama|War\n2::Caf\xe9: Two (1999)::Children's\n",
           "movies.dat:1 1|The Bus||1995|Drama,War|-1|\nmovies.dat:2 2|Caf\xc3\xa9: "
           "Two||1999|Children's|-1|\n");
    expect("u.item",
           "1|Bus, The (1995)|22-Nov-1995||http://x/?a|0|1|0|0|0|0|0|0|1|0|0|0|0|0|0|0|0|0|0\n"
           "2|Caf\xe9 (1999)|01-Jan-1999||http://x|0|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0|1\n"
           "3|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n",
           "u.item:1 1|The Bus||1995|Action,Drama|9456|\nu.item:2 "
           "2|Caf\xc3\xa9||1999|Children's,Western|-1|\n"
           "u.item:3 3|unknown||0||-1|\n");
}

static void ratings_of_every_form(void **state)
{
    (void)state;
    expect("u.data", "1\t2\t3\t881250949\n4\t5\t1\t881250950\n",
           "u.data:1 1 2 3 @881250949\nu.data:2 4 5 1 @881250950\n");
    expect("u1.base", "1\t2\t3\t881250949\n", "u1.base:1 1 2 3 @881250949\n");
    expect("ratings.dat", "1::2::3::978300760\n", "ratings.dat:1 1 2 3 @978300760\n");
    expect("ratings.dat", "1::2::3\n1::4::5\n",
           "ratings.dat:1 1 2 3 @946684800\nratings.dat:2 1 4 5 @946684801\n");
    expect("ratings.csv", "userId,movieId,rating,timestamp\r\n1,2,0.5,978300760\r\n",
           "ratings.csv:2 1 2 0.5 @978300760\n");
    /* Two ratings at different times stay two. */
    expect("x.csv", "userId,movieId,rating,timestamp\n1,2,4,10\n1,2,5,20\n",
           "x.csv:2 1 2 4 @10\nx.csv:3 1 2 5 @20\n");
}

static void tags_of_a_title(void **state)
{
    (void)state;
    expect("tags.csv",
           "userId,movieId,tag,timestamp\n1,7,slow,1\n2,7,Rainy,1\n3,7,RAINY,1\n4,7,\"a, "
           "b\",1\n5,8,x,1\n6,7,rainy,2\n7,7,slow,2\n",
           "tags.csv:0 7|||0||-1|Rainy,slow,a, b\ntags.csv:0 8|||0||-1|x\n");
}

static void write_file(const char *dir, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_ok(file_write(path, str_of(text), 0600, &test_err));
}

static void a_folder(void **state)
{
    (void)state;
    const char *dir = test_dir();
    assert_false(movielens_found(dir));
    assert_fails(MQ_INVALID, movielens_read(dir, NOW_MS, sink(), &test_err));
    assert_non_null(strstr(test_err.text, "no MovieLens files"));
    write_file(dir, "movies.csv", "movieId,title,genres\n1,Bus (1995),Drama\n");
    write_file(dir, "ratings.csv", "userId,movieId,rating,timestamp\n1,1,4,10\n1,9,5,20\n");
    write_file(dir, "tags.csv", "userId,movieId,tag,timestamp\n1,1,rain,1\n1,5,fog,1\n");
    write_file(dir, "links.csv", "movieId,imdbId,tmdbId\n1,0000001,1\n");
    assert_true(movielens_found(dir));
    assert_ok(movielens_read(dir, NOW_MS, sink(), &test_err));
    buf_add_char(&seen.out, '\0');
    assert_string_equal(seen.out.p, "movies.csv:2 1|Bus||1995|Drama|-1|rain\ntags:0 5|||0||-1|fog\n"
                                    "ratings.csv:2 1 1 4 @10\nratings.csv:3 1 9 5 @20\n");
    char path[4096];
    snprintf(path, sizeof path, "%s/links.csv", dir);
    assert_false(movielens_found(path));
    assert_fails(MQ_INVALID, movielens_read(path, NOW_MS, sink(), &test_err));
    assert_non_null(strstr(test_err.text, "nothing that is kept"));
    snprintf(path, sizeof path, "%s/nowhere.csv", dir);
    assert_fails(MQ_NOT_FOUND, movielens_read(path, NOW_MS, sink(), &test_err));
    test_dir_remove(dir);
}

static void bad_rows_are_reported(void **state)
{
    (void)state;
    assert_ok(
        movielens_read_bytes("ratings.csv",
                             STR("userId,movieId,rating,timestamp\n1,2,9,10\n1,2,0,10\n1,2,3,10\n"
                                 "1,2,3,99999999999\n"),
                             NOW_MS, sink(), &test_err));
    assert_int_equal(seen.ratings, 1);
    assert_int_equal(seen.bad, 3);
    assert_int_equal(seen.bad_line, 5);
    assert_non_null(strstr(seen.bad_text, "future"));
    assert_ok(movielens_read_bytes("movies.csv",
                                   STR("movieId,title,genres\n1,Bus, The (1995),Drama\n,Rain,x\n"),
                                   NOW_MS, sink(), &test_err));
    assert_int_equal(seen.bad, 2);
    assert_int_equal(seen.titles, 0);
    const struct movielens_sink *strict = sink();
    seen.stop = MQ_CANCELLED;
    assert_fails(MQ_INVALID, movielens_read_bytes("ratings.csv", STR("1,2,9,10\n1,2,3,10\n"),
                                                  NOW_MS, strict, &test_err));
    assert_non_null(strstr(test_err.text, "ratings.csv:1: value: 9"));
    assert_fails(MQ_CANCELLED,
                 movielens_read_bytes("ratings.csv", STR("1,2,3,10\n"), NOW_MS, strict, &test_err));
    assert_fails(MQ_INVALID,
                 movielens_read_bytes("ratings.csv", STR(""), NOW_MS, sink(), &test_err));
    assert_fails(MQ_INVALID,
                 movielens_read_bytes("ratings.csv", STR("1,2\n3,4\n"), NOW_MS, sink(), &test_err));
    assert_ok(movielens_read_bytes("ratings.csv", STR("userId,movieId,rating,timestamp\n"), NOW_MS,
                                   sink(), &test_err));
}

static void read_real(const char *relative)
{
    const char *path = test_data(relative);
    if (!path)
        skip();
    assert_true(movielens_found(path));
    assert_ok(movielens_read(path, NOW_MS, sink(), &test_err));
    assert_int_equal(seen.bad, 0);
    assert_true(seen.progress > 10);
}

static void real_100k(void **state)
{
    (void)state;
    read_real("movielens/ml-100k");
    assert_int_equal(seen.titles, 1682);
    assert_int_equal(seen.described, 1682);
    assert_int_equal(seen.ratings, 100000);
}

static void real_latest(void **state)
{
    (void)state;
    read_real("movielens/ml-latest-small");
    assert_int_equal(seen.titles, 9742);
    assert_int_equal(seen.ratings, 100836);
    assert_true(seen.with_tags > 1000);
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
        cmocka_unit_test(names),
        cmocka_unit_test(titles_of_every_form),
        cmocka_unit_test(ratings_of_every_form),
        cmocka_unit_test(tags_of_a_title),
        cmocka_unit_test(a_folder),
        cmocka_unit_test(bad_rows_are_reported),
        cmocka_unit_test(real_100k),
        cmocka_unit_test(real_latest),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
