/* Exports of Trakt, TMDB, IMDb and Letterboxd: what comes in, twice, into which title, and what is refused. */
#include <sys/stat.h>

#include "engine/viewings.h"
#include "service.h"

static void assert_report(struct mq_import_report r, uint64_t read, uint64_t added,
                          uint64_t duplicates, uint64_t rejected)
{
    if (r.read != read || r.added != added || r.duplicates != duplicates || r.rejected != rejected)
        fail_msg("read %llu added %llu duplicates %llu rejected %llu (%s)",
                 (unsigned long long)r.read, (unsigned long long)r.added,
                 (unsigned long long)r.duplicates, (unsigned long long)r.rejected,
                 r.first_rejected[0]);
    assert_int_equal(r.unmatched, 0);
}

static const struct title_signal *signal_of(struct service *s, const char *viewer,
                                            const char *title, struct profile **ret)
{
    uint32_t v = intern_find(store_names(s->engine->store, NAME_VIEWER), str_of(viewer));
    uint32_t t = intern_find(store_names(s->engine->store, NAME_TITLE), str_of(title));
    struct store_range all = {0};
    if (v == INTERN_NONE || t == INTERN_NONE)
        fail_msg("no viewer %s or no title %s", viewer, title);
    assert_ok(profile_from_log(s->engine->store, (struct viewer_id){v}, &all,
                               atomic_load(&s->engine->catalogue), NULL, ret, &test_err));
    const struct title_signal *signal = profile_signal(*ret, (struct title_id){t});
    assert_non_null(signal);
    return signal;
}

static void assert_signal(struct service *s, const char *viewer, const char *title, float stars,
                          unsigned sessions, unsigned flags)
{
    struct profile *p;
    const struct title_signal *signal = signal_of(s, viewer, title, &p);
    assert_true(title_signal_stars(signal) > stars - 0.02F);
    assert_true(title_signal_stars(signal) < stars + 0.02F);
    assert_int_equal(signal->sessions, sessions);
    assert_int_equal(signal->flags & (SIGNAL_FINISHED | SIGNAL_LISTED), flags);
    profile_free(p);
}

static void imdb(void **state)
{
    struct service *s = *state;
    service_titles(s); /* t3: "Film Number 3", 1993 */
    const char *path = service_file(
        s, "ratings.csv",
        "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime "
        "(mins),"
        "Year,Genres,Num Votes,Release Date,Directors\n"
        "tt0000001,8,2024-05-31,Made Up,Made Up,https://u,Movie,7.1,101,2001,\"Crime, Drama\",9,"
        "2001-02-03,\"A B, C D\"\n"
        "tt0000002,4,2024-06-01,film number 3,,https://u,Movie,7.1,,1994,,9,,\n"
        "tt0000003,eleven,2024-06-01,Bad,,https://u,Movie,,,,,,,\n"
        "tt0000004,11,2024-06-01,Bad,,https://u,Movie,,,,,,,\n"
        "tt0000005,5,yesterday,Bad,,https://u,Movie,,,,,,,\n"
        "tt0000006,,,Not Rated,,https://u,Movie,,,,,,,\n"
        "nm0000007,5,2024-06-01,,,https://u,,,,,,,,\n");
    assert_report(service_import(s, "imdb", path), 8, 3, 0, 5);
    assert_report(service_import(s, "imdb", path), 7, 0, 2, 5);
    assert_signal(s, "imdb", "tt0000001", 4, 0, 0);
    assert_signal(s, "imdb", "t3", 2, 0, 0);
    const struct catalogue *c = atomic_load(&s->engine->catalogue);
    uint32_t t = intern_find(store_names(s->engine->store, NAME_TITLE), STR("tt0000001"));
    assert_true(str_eq(c->titles[t].name, STR("Made Up")));
    assert_int_equal(c->titles[t].runtime_min, 101);
    assert_int_equal(c->titles[t].kind, TITLE_FILM);
    /* A list: entries, and ratings beside them. */
    path =
        service_file(s, "watchlist.csv",
                     "Position,Const,Created,Modified,Description,Title,URL,Title Type,Year,Your "
                     "Rating,Date Rated\n"
                     "1,tt0000008,2024-01-01,2024-01-01,,Later,https://u,TV Series,2010,,\n"
                     "2,tt0000001,2024-01-02,2024-01-02,,Made Up,https://u,Movie,2001,8,"
                     "2024-05-31\n");
    assert_report(service_import(s, "imdb", path), 4, 3, 1, 0);
    assert_signal(s, "imdb", "tt0000008", 0, 0, SIGNAL_LISTED);
    assert_signal(s, "imdb", "tt0000001", 4, 0, SIGNAL_LISTED);
}

static void letterboxd(void **state)
{
    struct service *s = *state;
    service_titles(s);
    const char *folder = service_path(s, "letterboxd-ann-2024-07-01-10-00-utc");
    const char *likes = service_path(s, "letterboxd-ann-2024-07-01-10-00-utc/likes");
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_int_equal(mkdir(likes, 0755), 0);
#define IN "letterboxd-ann-2024-07-01-10-00-utc/"
    service_file(
        s, IN "ratings.csv",
        "Date,Name,Year,Letterboxd URI,Rating\n2024-05-31,Film Number 5,1995,https://b/1,4.5\n"
        "2024-05-31,Nowhere Else,1930,https://b/2,1\n");
    service_file(s, IN "diary.csv",
                 "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n"
                 "2024-05-31,Film Number 5,1995,https://b/x,4.5,,,2024-05-30\n"
                 "2024-06-30,Film Number 5,1995,https://b/y,,Yes,\"a, b\",2024-06-29\n");
    service_file(s, IN "watched.csv",
                 "Date,Name,Year,Letterboxd URI\n2024-05-31,Film Number 5,1995,https://b/1\n"
                 "2024-05-31,Nowhere Else,1930,https://b/2\n");
    service_file(s, IN "watchlist.csv",
                 "Date,Name,Year,Letterboxd URI\n2024-05-31,Film Number 6,1996,https://b/3\n");
    service_file(s, IN "likes/films.csv",
                 "Date,Name,Year,Letterboxd URI\n2024-05-31,Film Number 7,1997,https://b/4\n");
    /* One title is new, told by two files; a rating of two, two plays, one more, a list entry, a like. */
    assert_report(service_import(s, "letterboxd", folder), 9, 8, 1, 0);
    assert_report(service_import(s, "letterboxd", folder), 7, 0, 7, 0);
    assert_signal(s, "ann", "t5", 4.5F, 2, SIGNAL_FINISHED);
    assert_signal(s, "ann", "letterboxd:Nowhere Else (1930)", 1, 1, SIGNAL_FINISHED);
    assert_signal(s, "ann", "t6", 0, 0, SIGNAL_LISTED);
    struct profile *p;
    assert_int_equal(signal_of(s, "ann", "t7", &p)->thumb, 1);
    profile_free(p);
}

static void trakt(void **state)
{
    struct service *s = *state;
    service_titles(s);
    const char *path = service_file(
        s, "history.json",
        "[{\"id\":1,\"watched_at\":\"2024-01-02T20:00:00.000Z\",\"action\":\"scrobble\",\"type\":"
        "\"movie\",\"movie\":{\"title\":\"Film Number "
        "9\",\"year\":1999,\"ids\":{\"trakt\":7,\"imdb\":"
        "\"tt0000007\"}}},"
        "{\"id\":2,\"watched_at\":\"2024-01-03T20:00:00.000Z\",\"type\":\"episode\",\"episode\":"
        "{\"season\":1,\"number\":2,\"title\":\"Second\",\"ids\":{\"trakt\":9}},\"show\":{"
        "\"title\":\"A "
        "Show\",\"year\":1999,\"ids\":{\"trakt\":3}}},"
        "{\"id\":3,\"watched_at\":\"soon\",\"type\":\"movie\",\"movie\":{\"title\":\"X\"}},"
        "{\"id\":4,\"watched_at\":\"2024-01-03T20:00:00.000Z\",\"person\":{}},17]");
    assert_report(service_import(s, "trakt", path), 6, 3, 0, 3);
    assert_report(service_import(s, "trakt", path), 5, 0, 2, 3);
    assert_signal(s, "trakt", "t9", 0, 1, SIGNAL_FINISHED);
    assert_signal(s, "trakt", "trakt:9", 0, 1, SIGNAL_FINISHED);
    const struct catalogue *c = atomic_load(&s->engine->catalogue);
    uint32_t t = intern_find(store_names(s->engine->store, NAME_TITLE), STR("trakt:9"));
    assert_true(str_eq(c->titles[t].series, STR("A Show")));
    assert_true(c->titles[t].season == 1 && c->titles[t].episode == 2);
    path = service_file(
        s, "ratings-movies.json",
        "[{\"rated_at\":\"2024-02-02T20:00:00.000Z\",\"rating\":9,\"type\":\"movie\","
        "\"movie\":{\"title\":\"Film Number 9\",\"year\":1999,\"ids\":{\"trakt\":7}}}]");
    assert_report(service_import(s, "trakt", path), 1, 1, 0, 0);
    assert_signal(s, "trakt", "t9", 4.5F, 1, SIGNAL_FINISHED);
}

static void tmdb(void **state)
{
    struct service *s = *state;
    service_titles(s);
    const char *path = service_file(
        s, "rated.json",
        "{\"page\":1,\"results\":[{\"id\":5,\"title\":\"Invented\",\"release_date\":\"2003-04-05\","
        "\"rating\":7.5},{\"id\":6,\"name\":\"Series\",\"account_rating\":{\"value\":9,\"created_"
        "at\":"
        "\"2024-05-06T07:08:09.000Z\"}},{\"id\":7,\"title\":\"Nothing\"}]}");
    assert_report(service_import(s, "tmdb", path), 5, 4, 0, 1);
    assert_signal(s, "tmdb", "tmdb:5", 3.75F, 0, 0);
    assert_signal(s, "tmdb", "tmdb:tv:6", 4.5F, 0, 0);
    path = service_file(
        s, "ratings.csv",
        "TMDb ID,IMDb ID,Type,Name,Release Date,Season Number,Episode "
        "Number,Rating,Your Rating,Date Rated\n"
        "5,tt0000005,movie,Invented,2003-04-05T00:00:00Z,,,6.1,8,2024-03-04T00:00:00Z\n");
    assert_report(service_import(s, "tmdb", path), 1, 1, 0, 0);
    assert_signal(s, "tmdb", "tmdb:5", 4, 0, 0);
}

static void whose_it_is_and_what_is_no_export(void **state)
{
    struct service *s = *state;
    struct mq_import_report report;
    const char *path = service_file(s, "r.csv",
                                    "Date,Name,Year,Letterboxd URI,Rating\n"
                                    "2024-05-31,Somewhere,1995,https://b/1,4\n");
    struct mq_import what = {
        .format = "letterboxd", .paths = &path, .n_paths = 1, .map = "viewer=bob"};
    assert_ok(mq_import(s->engine, &what, &report, &test_err));
    assert_signal(s, "bob", "letterboxd:Somewhere (1995)", 4, 0, 0);
    what.map = "title=x";
    assert_fails(MQ_INVALID, mq_import(s->engine, &what, &report, &test_err));
    assert_non_null(strstr(test_err.text, "viewer=ID"));
    what.map = NULL;
    what.format = "trakt";
    assert_fails(MQ_INVALID, mq_import(s->engine, &what, &report, &test_err));
    what.format = "imdb";
    assert_fails(MQ_INVALID, mq_import(s->engine, &what, &report, &test_err));
    path = service_file(s, "x.zip", "PK\x03\x04 and so on");
    assert_fails(MQ_INVALID, mq_import(s->engine, &what, &report, &test_err));
    assert_non_null(strstr(test_err.text, "unpack"));
    path = s->dir;
    assert_fails(MQ_INVALID, mq_import(s->engine, &what, &report, &test_err));
    assert_non_null(strstr(test_err.text, "no file of a imdb export"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(imdb),
        CASE(letterboxd),
        CASE(trakt),
        CASE(tmdb),
        CASE(whose_it_is_and_what_is_no_export),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
