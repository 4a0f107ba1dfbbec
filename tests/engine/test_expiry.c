/* Old events leave: what is left is whole, what was said stays, and live state is what the log gives. */
#include "service.h"

#include "engine/audiences.h"
#include "engine/consent.h"
#include "engine/expiry.h"

#define DAY INT64_C(86400000)

static void add(struct service *s, const char *viewer, const char *kind, const char *title,
                int64_t days_ago, double value)
{
    struct mq_event e = {.viewer = viewer,
                         .kind = kind,
                         .title = title,
                         .at_ms = service_now() - days_ago * DAY,
                         .position_ms = -1,
                         .from_ms = -1,
                         .value = value};
    struct mq_appended a;
    assert_ok(mq_append(s->engine, &e, 1, &a, &test_err));
    assert_int_equal(a.accepted, 1);
}

static uint64_t expire(struct service *s, int64_t days)
{
    uint64_t removed = 0;
    struct mq_check check;
    assert_ok(engine_expire(s->engine, service_now() - days * DAY, &removed, &test_err));
    assert_ok(mq_check(s->engine, &check, &test_err)); /* counters and identities included */
    return removed;
}

static struct buf sets_of(struct service *s, uint64_t as_of_seq)
{
    struct mq_audience_request q = {.as_of_seq = as_of_seq, .research = true};
    struct asked x;
    struct buf b;
    buf_init(&b, 64 << 20);
    assert_ok(audiences_begin(s->reader, &q, false, &x, &test_err));
    viewer_sets_encode(x.world.sets, &b);
    audiences_end(s->reader);
    mq_reader_rest(s->reader);
    return b;
}

static void old_events_leave(void **state)
{
    struct service *s = *state;
    struct mq_stats stats;
    struct viewer_settings off = {0, -1}, x;
    service_titles(s);
    add(s, "a", "start", "t1", 300, 0);
    add(s, "a", "complete", "t1", 299, 0);
    add(s, "a", "rating", "t2", 300, 5);
    add(s, "a", "hide", "t3", 300, 0);
    add(s, "a", "start", "t4", 3, 0);
    add(s, "b", "start", "t1", 200, 0);
    add(s, "b", "a word of theirs", "t1", 200, 0);
    assert_ok(engine_put_settings(s->engine, STR("c"), &off, &test_err));
    free(service_page_of(s, "a")); /* resident */
    struct buf before = sets_of(s, 0);

    assert_int_equal(expire(s, 400), 0);
    assert_int_equal(expire(s, 250), 2);
    assert_int_equal(expire(s, 100), 2);
    assert_int_equal(expire(s, 100), 0);
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.events, 4);
    assert_int_equal(stats.ratings, 1);
    assert_ok(engine_get_settings(s->engine, STR("c"), &x, &test_err));
    assert_int_equal(x.profiling, 0);

    struct buf live = sets_of(s, 0), rebuilt = sets_of(s, service_last_seq(s));
    assert_true(str_eq(buf_str(&live), buf_str(&rebuilt)));
    assert_false(str_eq(buf_str(&live), buf_str(&before)));
    struct mq_request q = {.viewer = "a", .at_ms = service_now()};
    char *page = service_page(s->reader, &q);
    service_reopen(s);
    char *again = service_page(s->reader, &q);
    assert_string_equal(page, again);
    add(s, "a", "start", "t1", 300, 0); /* its identity was forgotten */
    assert_int_equal(expire(s, 100), 1);
    free(page);
    free(again);
    buf_release(&before);
    buf_release(&live);
    buf_release(&rebuilt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_events_leave, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
