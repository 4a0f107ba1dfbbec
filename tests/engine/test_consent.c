/* Profiling switched off, a child's profile, a title taken back: in force at once, after a crash, and nowhere else. */
#include "service.h"

#include "engine/audiences.h"
#include "engine/consent.h"
#include "engine/viewings.h"
#include "train/log_rows.h"

static void put(struct service *s, const char *viewer, int profiling, int child)
{
    struct viewer_settings x = {profiling, child};
    assert_ok(engine_put_settings(s->engine, str_of(viewer), &x, &test_err));
}

/* Rows that are of this viewer alone. */
static bool page_is_personal(struct service *s, const char *viewer)
{
    char *page = service_page_of(s, viewer);
    bool personal = strstr(page, "\"top_picks\"") || strstr(page, "\"because\"") ||
                    strstr(page, "\"person\"") || strstr(page, "\"continue\"");
    free(page);
    return personal;
}

static int feed(void *ctx, const struct event *e)
{
    return log_rows_feed(ctx, e, &test_err);
}

/* Signals that a training would read of this viewer. */
static size_t training_rows(struct service *s, const char *viewer)
{
    struct log_rows rows;
    struct store_range all = {0};
    size_t n = 0;
    uint32_t id = intern_find(store_names(s->engine->store, NAME_VIEWER), str_of(viewer));
    log_rows_init(&rows, atomic_load(&s->engine->catalogue), NULL);
    assert_ok(store_scan_all(s->engine->store, &all, feed, &rows, &test_err));
    assert_ok(log_rows_finish(&rows, &test_err));
    for (size_t i = 0; i < rows.triples.n; i++)
        n += rows.triples.viewer[i] == id;
    log_rows_release(&rows);
    return n;
}

static bool in_audiences(struct service *s, const char *viewer)
{
    struct mq_audience_request q = {.research = true};
    struct asked x;
    uint32_t id = intern_find(store_names(s->engine->store, NAME_VIEWER), str_of(viewer));
    assert_ok(audiences_begin(s->reader, &q, false, &x, &test_err));
    bool there = id < x.world.sets->n_viewers && x.world.sets->viewers[id];
    audiences_end(s->reader);
    mq_reader_rest(s->reader);
    return there;
}

static void profiling_off(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    char *before = service_page_of(s, "v1");
    assert_true(page_is_personal(s, "v1") && in_audiences(s, "v1"));
    size_t rows = training_rows(s, "v1");
    assert_true(rows > 0);
    uint64_t seq = service_last_seq(s);

    put(s, "v1", 0, -1);
    assert_false(page_is_personal(s, "v1"));
    assert_false(in_audiences(s, "v1"));
    assert_int_equal(training_rows(s, "v1"), 0);
    assert_true(page_is_personal(s, "v2"));
    service_event(s, "v1", "rating", "t3"); /* kept, and still not used */
    assert_false(page_is_personal(s, "v1"));
    service_reopen(s);
    assert_false(page_is_personal(s, "v1"));
    assert_false(in_audiences(s, "v1"));
    /* The prefix before the order is what it was. */
    struct mq_request past = {.viewer = "v1", .as_of_seq = seq};
    struct mq_page page;
    assert_ok(mq_home(s->reader, &past, &page, &test_err));
    char *then = service_page_json(&page);
    assert_non_null(strstr(then, "\"top_picks\""));
    free(then);

    put(s, "v1", 1, -1);
    assert_true(page_is_personal(s, "v1") && in_audiences(s, "v1"));
    assert_true(training_rows(s, "v1") >= rows);
    put(s, "v1", 0, -1); /* an archive's clock stands still: the same order again counts again */
    assert_false(page_is_personal(s, "v1"));
    free(before);
}

static void a_child(void **state)
{
    struct service *s = *state;
    struct viewer_settings x;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    put(s, "v4", -1, 1);
    assert_ok(engine_get_settings(s->engine, STR("v4"), &x, &test_err));
    assert_true(x.profiling == 1 && x.child == 1);
    assert_true(page_is_personal(s, "v4"));
    assert_int_equal(training_rows(s, "v4"), 0);
    assert_false(in_audiences(s, "v4"));
    put(s, "new child", -1, 1);
    service_event(s, "new child", "rating", "t3");
    assert_false(in_audiences(s, "new child"));
    put(s, "v4", -1, 0);
    assert_true(in_audiences(s, "v4"));
}

static int count_title(void *ctx, const struct watched_title *t)
{
    size_t *n = ctx;
    *n += str_eq(t->id, STR("t5"));
    return 0;
}

static size_t viewings_of_t5(struct service *s)
{
    size_t n = 0;
    assert_ok(engine_viewings(s->reader, STR("w"), 0, 0, count_title, &n, &test_err));
    return n;
}

static void a_title_taken_back(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_event(s, "w", "start", "t5");
    service_event(s, "w", "complete", "t5");
    service_event(s, "w", "rating", "t5");
    service_event(s, "w", "rating", "t6");
    assert_int_equal(viewings_of_t5(s), 1);
    assert_int_equal(training_rows(s, "w"), 2);
    assert_ok(engine_remove_from_history(s->engine, STR("w"), STR("t5"), &test_err));
    assert_int_equal(viewings_of_t5(s), 0);
    assert_int_equal(training_rows(s, "w"), 1);
    struct mq_request q = {.viewer = "w", .at_ms = service_now()};
    char *live = service_page(s->reader, &q);
    service_reopen(s);
    char *rebuilt = service_page(s->reader, &q);
    assert_string_equal(live, rebuilt);
    free(live);
    free(rebuilt);
    service_event(s, "w", "start", "t5"); /* watched anew: it counts from here */
    assert_int_equal(viewings_of_t5(s), 1);
    assert_fails(MQ_NOT_FOUND,
                 engine_remove_from_history(s->engine, STR("w"), STR("nothing"), &test_err));
    assert_fails(MQ_NOT_FOUND,
                 engine_remove_from_history(s->engine, STR("nobody"), STR("t5"), &test_err));
}

/* An event from outside that looks like an order is a custom event like any other. */
static void orders_are_not_forged(void **state)
{
    struct service *s = *state;
    struct mq_appended a;
    struct viewer_settings x;
    static const char forged[] =
        "[{\"viewer\":\"w\",\"kind\":\"settings\",\"text\":\"profiling=off\",\"source\":"
        "\"marquee\"},"
        "{\"viewer\":\"w\",\"kind\":\"remove_title\",\"title\":\"t5\",\"source\":\"marquee\"}]";
    service_titles(s);
    service_event(s, "w", "start", "t5");
    assert_ok(mq_append_json(s->engine, forged, sizeof(forged) - 1, &a, &test_err));
    assert_int_equal(a.accepted, 2);
    assert_ok(engine_get_settings(s->engine, STR("w"), &x, &test_err));
    assert_int_equal(x.profiling, 1);
    assert_int_equal(viewings_of_t5(s), 1);
    struct viewer_settings none = {-1, -1};
    assert_fails(MQ_INVALID, engine_put_settings(s->engine, STR("w"), &none, &test_err));
}

static void erased_with_the_rest(void **state)
{
    struct service *s = *state;
    struct mq_receipt receipt;
    struct viewer_settings x;
    put(s, "somebody who leaves", 0, 1);
    assert_ok(mq_erase(s->engine, "somebody who leaves", &receipt, &test_err));
    assert_int_equal(receipt.rows_left, 0);
    assert_int_equal(receipt.files_with_name, 0);
    assert_fails(MQ_NOT_FOUND,
                 engine_get_settings(s->engine, STR("somebody who leaves"), &x, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(profiling_off, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(a_child, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(a_title_taken_back, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(orders_are_not_forged, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(erased_with_the_rest, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
