/* Files in: exact reports, the same file twice, what is refused. */
#include "base/buf.h"
#include "base/file.h"
#include "engine/engine.h"
#include "service.h"

#include <sys/stat.h>
#include <unistd.h>

static void assert_report(struct mq_import_report r, uint64_t read, uint64_t added,
                          uint64_t duplicates, uint64_t rejected, uint64_t unmatched)
{
    if (r.read != read || r.added != added || r.duplicates != duplicates ||
        r.rejected != rejected || r.unmatched != unmatched)
        fail_msg("read %llu added %llu duplicates %llu rejected %llu unmatched %llu (%s; %s)",
                 (unsigned long long)r.read, (unsigned long long)r.added,
                 (unsigned long long)r.duplicates, (unsigned long long)r.rejected,
                 (unsigned long long)r.unmatched, r.first_rejected[0], r.first_unmatched[0]);
}

static const char titles[] = "id,title,year,genres\nt1,One,2001,Drama|War\nt2,Two,2002,Comedy\n"
                             "t3,Three,1492,Comedy\n,No Id,2003,\nt4,\"Four, The\",2004,War\n";
static const char credits[] =
    "title_id,role,billing,person\nt1,director,1,Ann Example\nt1,actor,1,Bo Sample\n"
    "t2,actor,1,Bo Sample\nt9,actor,1,Cy Unseen\nt2,juggler,1,Di Extra\n";
static const char ratings[] = "viewer,title,value,at\nann,t1,5,1500000000\nann,t2,3,1500000001\n"
                              "bob,t7,4,1500000002\nbob,t7,,yesterday\n";
static const char natives[] = "{\"id\":\"1\",\"viewer\":\"ann\",\"kind\":\"start\",\"title\":"
                              "\"t1\",\"at\":\"2024-01-01T20:00:00Z\"}\n"
                              "{\"id\":\"2\",\"viewer\":\"ann\",\"kind\":\"start\"}\n"
                              "\n"
                              "{\"id\":\"3\",\"viewer\":\"cat\",\"kind\":\"start\",\"title\":"
                              "\"t8\",\"at\":\"2024-01-01T20:00:00Z\"}\n"
                              "{\"id\":\"3\",\"viewer\":\"cat\",\"kind\":\"start\",\"title\":"
                              "\"t8\",\"at\":\"2024-01-01T20:01:00Z\"}\n";

static void reports_are_exact_and_twice_adds_nothing(void **state)
{
    struct service *s = *state;
    const char *path = service_file(s, "titles.csv", titles);
    struct mq_import_report r = service_import(s, "titles", path);
    assert_report(r, 5, 3, 0, 2, 0);
    assert_non_null(strstr(r.first_rejected[0], "titles.csv:4: year"));
    assert_non_null(strstr(r.first_rejected[1], "titles.csv:5: "));
    assert_string_equal(r.first_rejected[2], "");
    assert_report(service_import(s, "titles", path), 5, 0, 3, 2, 0);

    path = service_file(s, "credits.csv", credits);
    r = service_import(s, "credits", path);
    assert_report(r, 5, 4, 0, 1, 1);
    assert_non_null(strstr(r.first_unmatched[0], "t9"));
    assert_report(service_import(s, "credits", path), 5, 0, 4, 1, 1);

    path = service_file(s, "ratings.csv", ratings);
    r = service_import(s, "table", path);
    assert_report(r, 4, 3, 0, 1, 1);
    assert_non_null(strstr(r.first_rejected[0], "ratings.csv:5: "));
    assert_non_null(strstr(r.first_unmatched[0], "ratings.csv:4: title t7"));
    assert_report(service_import(s, "table", path), 4, 0, 3, 1, 1);

    path = service_file(s, "events.ndjson", natives);
    r = service_import(s, "events", path);
    assert_report(r, 4, 2, 1, 1, 2);
    assert_non_null(strstr(r.first_rejected[0], "events.ndjson:2: "));
    assert_report(service_import(s, "events", path), 4, 0, 3, 1, 2);

    struct mq_stats stats;
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.events, 5);
    assert_int_equal(stats.ratings, 3);
    assert_int_equal(stats.viewers, 3);
    /* Titles again: the credits stay. */
    service_import(s, "titles", service_path(s, "titles.csv"));
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.credits, 4);
}

static void movielens_as_a_folder(void **state)
{
    struct service *s = *state;
    char folder[1100];
    snprintf(folder, sizeof(folder), "%s/ml", s->dir);
    assert_int_equal(mkdir(folder, 0755), 0);
    service_file(
        s, "ml/movies.csv",
        "movieId,title,genres\n1,Invented One (1995),Comedy|Drama\n2,Invented Two (1996),War\n");
    service_file(
        s, "ml/ratings.csv",
        "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,5.0,964982704\n2,1,0.5,964982705\n"
        "2,99,3.0,964982706\n");
    struct mq_import_report r = service_import(s, "movielens", folder);
    assert_report(r, 6, 6, 0, 0, 1);
    assert_report(service_import(s, "movielens", folder), 6, 0, 6, 0, 1);
    struct mq_explanation x;
    assert_ok(mq_explain(s->reader, &(struct mq_request){.viewer = "1"}, "2", &x, &test_err));
    assert_string_equal(x.name, "Invented Two");
    assert_true(x.watched);
}

static void a_slip_of_the_pen_leaves_the_scale(void **state)
{
    struct service *s = *state;
    char rows[1024] = "viewer,title,value\n";
    for (int i = 0; i < 20; i++)
        snprintf(rows + strlen(rows), sizeof(rows) - strlen(rows), "v%d,t1,%d\n", i,
                 i == 7 ? 11 : 1 + i % 5);
    struct mq_import_report r = service_import(s, "table", service_file(s, "slip.csv", rows));
    assert_report(r, 20, 19, 0, 1, 19);
    assert_non_null(strstr(r.first_rejected[0], "slip.csv:9: value: 11: is above the 5 stars"));
    assert_non_null(strstr(r.first_rejected[0], "--map scale=N"));
}

/* An archive of calls: twice is once, times are the calls' own, a line that is none harms no other. */
static void calls_of_segment(void **state)
{
    struct service *s = *state;
    static const char track[] =
        "{\"type\":\"track\",\"messageId\":\"m%d\",\"userId\":\"u%d\",\"event\":\"Video Playback "
        "Started\",\"properties\":{\"content_asset_id\":\"t1\",\"session_id\":\"s\"}%s}";
    static const char *const times[] = {
        ",\"timestamp\":\"2024-01-01T20:00:00Z\",\"originalTimestamp\":\"2030-01-01T00:00:00Z\"",
        ",\"originalTimestamp\":\"2024-01-01T19:00:00Z\",\"sentAt\":\"2024-01-01T19:00:05Z\","
        "\"receivedAt\":\"2024-01-01T20:00:05Z\"",
        ",\"sentAt\":\"2024-01-01T19:00:05Z\""};
    char line_bytes[4096], array_bytes[4096];
    struct buf lines, array;
    buf_over(&lines, line_bytes, sizeof(line_bytes));
    buf_over(&array, array_bytes, sizeof(array_bytes));
    for (int i = 0; i < 3; i++) {
        buf_printf(&lines, track, i, i, times[i]);
        buf_add_z(&lines, "\n");
        buf_add_z(&array, i ? "," : "[");
        buf_printf(&array, track, i, i, times[i]);
    }
    buf_add_z(&lines, "{\"type\":\"dance\"}\nnot json\n{\"batch\":[");
    buf_printf(&lines, track, 7, 7, times[0]);
    buf_add(&lines, ",5]}\n", sizeof(",5]}\n")); /* terminated */
    buf_add(&array, "]", sizeof("]"));
    assert_false(lines.failed || array.failed);
    const char *path = service_file(s, "calls.ndjson", line_bytes);
    struct mq_import_report r = service_import(s, "segment", path);
    assert_report(r, 7, 3, 0, 4, 3);
    assert_non_null(strstr(r.first_rejected[0], "calls.ndjson:3: timestamp: missing"));
    assert_non_null(strstr(r.first_rejected[1], "calls.ndjson:4: type: "));
    assert_non_null(strstr(r.first_rejected[2], "calls.ndjson:5: "));
    assert_non_null(strstr(r.first_rejected[3], "calls.ndjson:6: call: must be an object"));
    assert_report(service_import(s, "segment", path), 7, 0, 3, 4, 3);
    assert_report(service_import(s, "segment", service_file(s, "calls.json", array_bytes)), 3, 0, 2,
                  1, 2);
    struct mq_stats stats;
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.first_ms, INT64_C(1704139200000)); /* both ways to say 20:00 */
    assert_int_equal(stats.last_ms, INT64_C(1704139200000));
}

static int try_import(struct service *s, struct mq_import what, const char *path)
{
    struct mq_import_report r;
    what.paths = &path;
    what.n_paths = 1;
    return mq_import(s->engine, &what, &r, &test_err);
}

static void what_cannot_be_read_says_so(void **state)
{
    struct service *s = *state;
    const char *good = service_file(s, "titles.csv", titles);
    const char *empty = service_file(s, "empty.csv", "");
    static const char *const formats[] = {"titles", "credits", "events", "table", "movielens"};
    for (size_t i = 0; i < 5; i++) {
        struct mq_import what = {.format = formats[i]};
        assert_fails(MQ_INVALID, try_import(s, what, empty));
        assert_non_null(strstr(test_err.text, "empty.csv"));
        assert_fails(MQ_NOT_FOUND, try_import(s, what, service_path(s, "absent")));
        assert_fails(MQ_INVALID, try_import(s, what, s->dir));
    }
    struct mq_import movielens = {.format = "movielens"};
    assert_fails(MQ_INVALID, try_import(s, movielens, service_file(s, "ratings.csv", "")));
    assert_fails(MQ_INVALID, try_import(s, (struct mq_import){.format = "xml"}, good));
    assert_non_null(strstr(test_err.text, "movielens"));
    assert_fails(MQ_INVALID, try_import(s, (struct mq_import){0}, good));
    assert_fails(MQ_INVALID,
                 try_import(s, (struct mq_import){.format = "titles", .id = "isbn"}, good));
    assert_non_null(strstr(test_err.text, "isbn"));
    assert_fails(MQ_INVALID,
                 try_import(s, (struct mq_import){.format = "table", .map = "viewer=who"},
                            service_file(s, "r.csv", ratings)));
    assert_int_equal(service_last_seq(s), 0);
}

static void strict_stops_and_what_came_before_stays(void **state)
{
    struct service *s = *state;
    const char *path = service_file(s, "titles.csv", titles);
    assert_fails(MQ_INVALID,
                 try_import(s, (struct mq_import){.format = "titles", .strict = true}, path));
    assert_non_null(strstr(test_err.text, "titles.csv:4"));
    struct mq_stats stats;
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.described_titles, 2);
    path = service_file(s, "ratings.csv", ratings);
    assert_fails(MQ_INVALID,
                 try_import(s, (struct mq_import){.format = "table", .strict = true}, path));
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.events, 3);
    /* And they are served. */
    struct mq_explanation x;
    assert_ok(mq_explain(s->reader, &(struct mq_request){.viewer = "ann"}, "t2", &x, &test_err));
    assert_string_equal(x.name, "Two");
}

static void rejects_go_to_their_file(void **state)
{
    struct service *s = *state;
    const char *path = service_file(s, "titles.csv", titles);
    char rejects[1100];
    snprintf(rejects, sizeof(rejects), "%s/rejects.txt", s->dir);
    assert_ok(try_import(s, (struct mq_import){.format = "titles", .rejects = rejects}, path));
    struct buf b;
    buf_init(&b, 1 << 16);
    assert_ok(file_read(rejects, &b, &test_err));
    buf_add_char(&b, '\0');
    assert_non_null(strstr(b.p, "titles.csv:4: year: 1492"));
    assert_non_null(strstr(b.p, "t3,Three,1492,Comedy"));
    assert_non_null(strstr(b.p, "titles.csv:5: "));
    buf_release(&b);
    struct mq_import nowhere = {.format = "titles", .rejects = "/nonexistent/folder/rejects"};
    assert_int_not_equal(try_import(s, nowhere, path), 0);
}

static void an_indented_event_and_an_array(void **state)
{
    struct service *s = *state;
    assert_report(
        service_import(s, "events",
                       service_file(s, "one.json",
                                    "{\n  \"viewer\": \"ann\",\n  \"kind\": \"start\",\n"
                                    "  \"title\": \"t1\",\n  \"at\": 1500000000000\n}\n")),
        1, 1, 0, 0, 1);
    assert_report(
        service_import(s, "events",
                       service_file(s, "two.json",
                                    "[{\"viewer\":\"ann\",\"kind\":\"start\",\"title\":\"t1\","
                                    "\"at\":1500000000000},\n{\"viewer\":\"ann\","
                                    "\"kind\":\"stop\",\"title\":\"t1\",\"at\":1500000001000}]")),
        2, 1, 1, 0, 2);
}

static void updates_of_one_title_add_up(void **state)
{
    struct service *s = *state;
    service_import(
        s, "titles",
        service_file(s, "t.csv", "id,title,year,language\nt1,One,,en\nt1,,2001,\nt1,Uno,,\n"));
    struct arena arena;
    struct title t;
    assert_int_equal(arena_init(&arena, 4096, 1 << 20), 0);
    assert_ok(engine_get_title(s->engine, STR("t1"), &arena, &t, &test_err));
    assert_str("Uno", t.name);
    assert_int_equal(t.year, 2001);
    assert_str("en", t.language);
    arena_release(&arena);
}

static bool stop_at_once(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)what;
    (void)done;
    (void)total;
    ++*(int *)ctx;
    return false;
}

static void progress_may_stop_it(void **state)
{
    struct service *s = *state;
    int calls = 0;
    struct mq_import what = {.format = "table", .progress = stop_at_once, .progress_ctx = &calls};
    assert_fails(MQ_CANCELLED, try_import(s, what, service_file(s, "r.csv", ratings)));
    assert_int_equal(calls, 1);
}

static void several_files_and_where_it_stood(void **state)
{
    struct service *s = *state;
    const char *paths[2] = {
        service_file(s, "a.csv", "viewer,title,value,at\nann,t1,5,1500000000\n"),
        service_file(s, "b.csv", "viewer,title,value,at\nann,t2,5,1500000000\n")};
    struct mq_import what = {.format = "table", .paths = paths, .n_paths = 2};
    struct mq_import_report r;
    assert_ok(mq_import(s->engine, &what, &r, &test_err));
    assert_report(r, 2, 2, 0, 0, 2);
    assert_non_null(strstr(r.first_unmatched[0], "a.csv:2: title t1"));
    assert_non_null(strstr(r.first_unmatched[1], "b.csv:2: title t2"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(reports_are_exact_and_twice_adds_nothing),
        CASE(movielens_as_a_folder),
        CASE(what_cannot_be_read_says_so),
        CASE(strict_stops_and_what_came_before_stays),
        CASE(rejects_go_to_their_file),
        CASE(an_indented_event_and_an_array),
        CASE(updates_of_one_title_add_up),
        CASE(progress_may_stop_it),
        CASE(several_files_and_where_it_stood),
        CASE(calls_of_segment),
        CASE(a_slip_of_the_pen_leaves_the_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
