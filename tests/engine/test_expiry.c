/* Old events leave: what is left is whole, what was said stays, and live state is what the log gives. */
#include "service.h"

#include <pthread.h>

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

enum { OLD = 45000, VIEWERS = 900, MEANWHILE = 400 };

static void *append_meanwhile(void *arg)
{
    struct service *s = arg;
    for (int i = 0; i < MEANWHILE; i++) {
        char viewer[16];
        snprintf(viewer, sizeof(viewer), "v%d", i * 7 % VIEWERS);
        struct mq_event e = {.viewer = viewer,
                             .kind = i % 2 ? "start" : "list_add",
                             .title = i % 3 ? "t1" : "t2",
                             .at_ms =
                                 service_now() - (i % 5 ? 0 : 200 * DAY), /* some late, and old */
                             .position_ms = -1,
                             .from_ms = -1};
        struct mq_appended a;
        struct mq_error err;
        if (mq_append(s->engine, &e, 1, &a, &err) != 0 || a.accepted != 1)
            return s;
    }
    return NULL;
}

/* Many steps, and others write between them: nothing of theirs is lost, counters and times are what the log gives. */
static void others_write_meanwhile(void **state)
{
    struct service *s = *state;
    struct buf b;
    struct mq_stats stats;
    pthread_t thread;
    void *failed;
    service_titles(s);
    buf_init(&b, 64 << 20);
    for (int i = 0; i < OLD; i++)
        buf_printf(
            &b,
            "{\"id\":\"%d\",\"viewer\":\"v%d\",\"kind\":\"%s\",\"title\":\"t%d\",\"at\":%lld}\n", i,
            i % VIEWERS, i % 9 ? "start" : "list_add", i % 40,
            (long long)(service_now() - (i % 4 ? 150 : 20) * DAY - i));
    buf_add_char(&b, '\0');
    assert_int_equal(service_import(s, "events", service_file(s, "old.ndjson", b.p)).rejected, 0);
    buf_release(&b);
    free(service_page_of(s, "v7"));
    assert_int_equal(pthread_create(&thread, NULL, append_meanwhile, s), 0);
    uint64_t removed = 0;
    assert_ok(engine_expire(s->engine, service_now() - 100 * DAY, &removed, &test_err));
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_true(removed > OLD / 2);
    removed += expire(s, 100); /* what came late and old behind the pass */
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    uint64_t old_starts = 0;
    for (int i = 0; i < OLD; i++)
        old_starts += i % 9 && i % 4;
    for (int i = 0; i < MEANWHILE; i++)
        old_starts += i % 2 && i % 5 == 0;
    assert_int_equal(removed, old_starts);
    assert_int_equal(stats.events, OLD + MEANWHILE - old_starts);
    assert_int_equal(expire(s, 100), 0);
    struct mq_request q = {.viewer = "nobody", .at_ms = service_now()};
    char *live = service_page(s->reader, &q);
    assert_ok(engine_recount(s->engine, &test_err));
    char *recounted = service_page(s->reader, &q);
    assert_string_equal(live, recounted);
    free(live);
    free(recounted);
    struct buf sets = sets_of(s, 0), rebuilt = sets_of(s, service_last_seq(s));
    assert_true(str_eq(buf_str(&sets), buf_str(&rebuilt)));
    buf_release(&sets);
    buf_release(&rebuilt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(old_events_leave, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(others_write_meanwhile, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
