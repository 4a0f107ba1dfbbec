/* Tables of interactions: which column is which, numbers and times, and rows as events. */
#include <math.h>

#include "base/buf.h"
#include "base/file.h"
#include "support/check.h"
#include "wire/interactions.h"

#define NOW_MS INT64_C(1772400000000)

/* "viewer title value at" a line; "!LINE" for a bad row. */
static void expect_map(const char *bytes, const char *map, const char *expected)
{
    struct interactions *t;
    struct interaction_row row;
    struct buf out;
    buf_init(&out, 1 << 20);
    assert_ok(interactions_over(&t, "t.csv", str_of(bytes),
                                &(struct interactions_options){.map = map}, &test_err));
    int rc;
    while ((rc = interactions_next(t, &row, &test_err)) != 0) {
        if (rc < 0) {
            assert_int_equal(rc, MQ_INVALID);
            buf_printf(&out, "!%llu\n", (unsigned long long)row.line);
            continue;
        }
        buf_printf(&out, "%.*s %.*s", STR_ARG(row.viewer), STR_ARG(row.title));
        if (!isnan(row.value))
            buf_printf(&out, " %g", row.value);
        if (row.has_at)
            buf_printf(&out, " @%lld", (long long)row.at_ms);
        buf_add_char(&out, '\n');
    }
    buf_add_char(&out, '\0');
    assert_string_equal(out.p, expected);
    buf_release(&out);
    interactions_free(t);
}

static void expect(const char *bytes, const char *expected)
{
    expect_map(bytes, NULL, expected);
}

static void refuses(const char *bytes, const char *map, const char *words)
{
    struct interactions *t;
    assert_fails(MQ_INVALID,
                 interactions_over(&t, "t.csv", str_of(bytes),
                                   &(struct interactions_options){.map = map}, &test_err));
    if (!strstr(test_err.text, words))
        fail_msg("wanted \"%s\" in: %s", words, test_err.text);
}

static void columns_by_position(void **state)
{
    (void)state;
    expect("u1\tt1\t4.5\t978300760\nu2\tt2\t3\t978300761\n",
           "u1 t1 4.5 @978300760000\nu2 t2 3 @978300761000\n");
    expect("1::2::3::978300760\n", "1 2 3 @978300760000\n");
    expect("1::2::3\n4::5::0.5\n", "1 2 3\n4 5 0.5\n");
    expect("1,2,978300760\n4,5,978300761\n", "1 2 @978300760000\n4 5 @978300761000\n");
    expect("1,2\n3,4\n", "1 2\n3 4\n");
    refuses("1\n2\n", NULL, "one column");
}

static void columns_by_name(void **state)
{
    (void)state;
    expect("userId,movieId,rating,timestamp\n1,2,3,4\n", "1 2 3 @4000\n");
    expect("TIMESTAMP,ITEM_ID,USER_ID\n5,a,b\n", "b a @5000\n");
    expect("time,title,rating,user,x\n2020-01-01,Heat,4,ann,z\n", "ann Heat 4 @1577836800000\n");
    expect("title,movieId,user,user_id\nHeat,6,ann,17\n", "17 6\n");
    expect("viewer;item;stars\nann;6;5\n", "ann 6 5\n");
    refuses("movieId,rating,when\n1,2,3\n", NULL,
            "no viewer column among \"movieId, rating, when\"");
    refuses("user,rating,when\n1,2,3\n", NULL, "no title column");
}

static void columns_by_map(void **state)
{
    (void)state;
    expect_map("a,b,c\n1,2,3\n", "viewer=c,title=a", "3 1\n");
    expect_map("a,b,c\n1,2,3\n", " viewer = C , title=2,value=A", "3 2 1\n");
    expect_map("9,8,7,6\n", "viewer=4,title=3,value=2,at=1", "6 7 8 @9000\n");
    expect_map("user,item,rating,timestamp\n1,2,3,4\n", "viewer=user,title=item", "1 2\n");
    expect_map("who,what\nann,heat\nbob,jaws\n", "viewer=who,title=what", "ann heat\nbob jaws\n");
    refuses("a,b,c\nx,2,3\n", "viewer=d,title=a",
            "no column \"d\" in t.csv: the header has: a, b, c");
    refuses("user,b\n1,2\n", "viewer=user", "title=COL are required");
    refuses("user,b\n1,2\n", "watcher=user,title=b", "map: \"watcher\"");
    refuses("user,b\n1,2\n", "viewer,title=b", "map: \"viewer\"");
    refuses("user,b\n1,2\n", "viewer=user,title=b,scale=0", "scale=0");
    refuses("user,b\n1,2\n", "viewer=0,title=b", "no column \"0\"");
}

static void times(void **state)
{
    (void)state;
    expect("user,item,at\na,b,1700000000\na,b,1700000000123\na,b,2023-11-14T22:13:20.5Z\na,b,2023-"
           "11-14\n"
           "a,b,2023-11-14 22:13:20\na,b,1700000000.25\na,b,-5\na,b,\na,b,soon\na,b,1e300\n",
           "a b @1700000000000\na b @1700000000123\na b @1700000000500\na b @1699920000000\n"
           "a b @1700000000000\na b @1700000000250\na b @-5000\na b\n!10\n!11\n");
}

static void bad_rows(void **state)
{
    (void)state;
    expect(
        "user,item,rating\n1,2,3\n,2,3\n1,,3\n1,2,x\n1\n1,2,\n1,2,NULL\n1,2,nan\n1,2,3,4\n1,2,3,\n",
        "1 2 3\n!3\n!4\n!5\n!6\n1 2\n1 2\n!9\n!10\n1 2 3\n");
    expect("1,2,3,4\n5,6\n7,8,9,10\n", "1 2 3 @4000\n!2\n7 8 9 @10000\n");
}

/* Ids are printed verbatim by the evaluation: nothing may trim or renumber them. */
static void ids_stay_as_they_are(void **state)
{
    (void)state;
    expect("user,item\n007, a b \n\xc3\xa9,1.0\n+1,0x2\n", "007  a b \n\xc3\xa9 1.0\n+1 0x2\n");
}

static void order_and_lines(void **state)
{
    (void)state;
    struct interactions *t;
    struct interaction_row row;
    assert_ok(interactions_over(&t, "t", STR("user,item\n\na,1\nb\nc,3\n"), NULL, &test_err));
    assert_false(interactions_have_time(t));
    assert_false(interactions_have_value(t));
    assert_int_equal(interactions_next(t, &row, &test_err), 1);
    assert_int_equal(row.line, 3);
    assert_int_equal(row.index, 0);
    assert_str("a,1", row.raw);
    assert_int_equal(interactions_next(t, &row, &test_err), MQ_INVALID);
    assert_int_equal(row.line, 4);
    assert_int_equal(interactions_next(t, &row, &test_err), 1);
    assert_int_equal(row.index, 2);
    assert_int_equal(interactions_next(t, &row, &test_err), 0);
    assert_int_equal(interactions_next(t, &row, &test_err), 0);
    interactions_free(t);
}

static float scale_of(const char *bytes, const char *map)
{
    float scale = -1;
    assert_ok(interactions_scale("t", str_of(bytes), &(struct interactions_options){.map = map},
                                 &scale, &test_err));
    return scale;
}

static void scales(void **state)
{
    (void)state;
    assert_true(scale_of("user,item,rating\n1,2,3\n1,2,5\n", NULL) == 5);
    assert_true(scale_of("user,item,rating\n1,2,3\n1,2,7\nbad\n", NULL) == 10);
    assert_true(scale_of("user,item,rating\n1,2,85\n", NULL) == 100);
#define EIGHT_FOURS "1,2,4\n1,2,4\n1,2,4\n1,2,4\n1,2,4\n1,2,4\n1,2,4\n1,2,4\n"
    assert_true(scale_of("user,item,rating\n1,2,11\n" EIGHT_FOURS, NULL) == 100); /* 1 of 9 */
    assert_true(scale_of("user,item,rating\n1,2,11\n1,2,3\n" EIGHT_FOURS, NULL) == 5);
    assert_true(scale_of("user,item,rating\n1,2,11\n1,2,7\n1,2,8\n" EIGHT_FOURS, NULL) == 10);
    assert_true(scale_of("user,item,kind,value\n1,2,rating,3\n1,2,play,90\n", NULL) == 5);
    assert_true(scale_of("user,item\n1,2\n", NULL) == 0);
    assert_true(
        scale_of("user,item,rating\n1,2,3\n", "viewer=user,title=item,value=rating,scale=4") == 4);
}

static struct event event_of(const char *bytes, float scale)
{
    static char kept[256];
    struct interactions *t;
    struct interaction_row row;
    struct event e;
    snprintf(kept, sizeof kept, "%s", bytes);
    assert_ok(interactions_over(&t, "t", str_of(kept), NULL, &test_err));
    assert_int_equal(interactions_next(t, &row, &test_err), 1);
    interactions_event(&row, scale, &e);
    assert_ok(event_check(&e, NOW_MS, &test_err));
    interactions_free(t);
    return e;
}

static void rows_as_events(void **state)
{
    (void)state;
    struct event e = event_of("user,item,rating,timestamp\n1,2,3.5,978300760\n", 5);
    assert_int_equal(e.kind, EVENT_RATING);
    assert_true(e.value == 3.5f && e.scale == 5 && e.archived);
    assert_int_equal(e.at_ms, INT64_C(978300760000));
    assert_str("import", e.source);
    assert_str("2", e.title);
    assert_int_equal(e.id.n, 0);
    assert_true(event_of("user,item,rating\n1,2,8\n", 10).scale == 10);
    e = event_of("user,item\n1,2\n", 0);
    assert_int_equal(e.kind, EVENT_PLAY);
    assert_int_equal(e.at_ms, INTERACTIONS_EPOCH_MS);
    assert_true(isnan(e.value));
    e = event_of(
        "user,item,event_type,device,country,session_id,event_value\n1,2,Watch,TV,uk,s9,0.7\n", 5);
    assert_int_equal(e.kind, EVENT_CUSTOM);
    assert_str("Watch", e.custom);
    assert_int_equal(e.context.device, DEVICE_TV);
    assert_int_equal(e.context.country, 'G' << 8 | 'B');
    assert_str("s9", e.session);
    assert_int_equal(event_of("user,item,kind\n1,2,list_add\n", 0).kind, EVENT_LIST_ADD);
}

/* Without a time the row order is the order of time. */
static void made_up_times_keep_the_order(void **state)
{
    (void)state;
    struct interactions *t;
    struct interaction_row row;
    struct event e;
    int64_t last = 0;
    assert_ok(interactions_over(&t, "t", STR("user,item\n1,2\n1,3\n1,4\n"), NULL, &test_err));
    while (interactions_next(t, &row, &test_err) == 1) {
        interactions_event(&row, 0, &e);
        assert_true(e.at_ms > last);
        last = e.at_ms;
    }
    assert_int_equal(last, INTERACTIONS_EPOCH_MS + 2000);
    interactions_free(t);
}

static size_t rows_of(const char *relative)
{
    const char *path = test_data(relative);
    if (!path)
        return 0;
    struct file_map map;
    struct interactions *t;
    struct interaction_row row;
    size_t n = 0;
    int rc;
    assert_ok(file_map_open(path, &map, &test_err));
    assert_ok(interactions_over(&t, path, (struct str){map.p, map.n}, NULL, &test_err));
    assert_true(interactions_have_time(t));
    while ((rc = interactions_next(t, &row, &test_err)) != 0) {
        assert_int_equal(rc, 1);
        assert_true(row.has_at && row.value >= 0.5 && row.value <= 5);
        n++;
    }
    interactions_free(t);
    file_map_close(&map);
    return n;
}

static void real_ratings(void **state)
{
    (void)state;
    if (!test_data("movielens"))
        skip();
    assert_int_equal(rows_of("movielens/ml-100k/u.data"), 100000);
    assert_int_equal(rows_of("movielens/ml-100k/ua.test"), 9430);
    assert_int_equal(rows_of("movielens/ml-latest-small/ratings.csv"), 100836);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_by_position),
        cmocka_unit_test(columns_by_name),
        cmocka_unit_test(columns_by_map),
        cmocka_unit_test(times),
        cmocka_unit_test(bad_rows),
        cmocka_unit_test(ids_stay_as_they_are),
        cmocka_unit_test(order_and_lines),
        cmocka_unit_test(scales),
        cmocka_unit_test(rows_as_events),
        cmocka_unit_test(made_up_times_keep_the_order),
        cmocka_unit_test(real_ratings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
