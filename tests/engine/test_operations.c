/* Erasing, exporting, backing up. */
#include "base/buf.h"
#include "engine/engine.h"
#include "service.h"

#include <pthread.h>
#include <stdatomic.h>

static const char secret[] = "viewer-whom-nobody-may-remember-4711";

static bool write_line(void *ctx, const char *p, size_t n)
{
    buf_add(ctx, p, n);
    return true;
}

static bool write_nothing(void *ctx, const char *p, size_t n)
{
    (void)ctx;
    (void)p;
    (void)n;
    return false;
}

static void an_erased_viewer_leaves_nothing(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    int64_t now = service_now();
    char *before = service_page(
        s->reader, &(struct mq_request){.viewer = "v1", .at_ms = now, .country = "GB"});
    char *stranger = service_page(
        s->reader, &(struct mq_request){.viewer = secret, .at_ms = now, .country = "GB"});
    for (int i = 0; i < 30; i++) {
        char title[16];
        snprintf(title, sizeof(title), "t%d", i);
        service_event(s, secret, i % 3 ? "complete" : "rating", title);
        if (i % 7 == 0)
            free(service_page_of(s, secret));
    }
    /* Everything the store keeps of the name is on disk before and not after. */
    assert_true(service_grep(s->data, secret));
    char *known = service_page(
        s->reader, &(struct mq_request){.viewer = secret, .at_ms = now, .country = "GB"});
    assert_string_not_equal(known, stranger);
    struct mq_receipt receipt;
    assert_ok(mq_erase(s->engine, secret, &receipt, &test_err));
    assert_int_equal(receipt.events, 30);
    assert_int_equal(receipt.seen, 30);
    assert_int_equal(receipt.rows_left, 0);
    assert_int_equal(receipt.files_with_name, 0);
    assert_true(receipt.files_scanned > 0 && receipt.bytes_scanned > 0);
    assert_true(receipt.at_ms >= now);
    assert_false(service_grep(s->data, secret));
    struct buf out;
    buf_init(&out, 1 << 20);
    assert_fails(MQ_NOT_FOUND, mq_export(s->engine, secret, 0, write_line, &out, &test_err));
    assert_fails(MQ_NOT_FOUND, mq_erase(s->engine, secret, &receipt, &test_err));
    buf_release(&out);
    /* The pages are those of a log without the viewer; only their place in the log differs. */
    for (int round = 0; round < 2; round++) {
        struct mq_request q = {.viewer = secret, .at_ms = now, .country = "GB"};
        char *after = service_page(s->reader, &q);
        char *cut = strstr(after, "\"rows\""), *of = strstr(stranger, "\"rows\"");
        *strstr(cut, "\"recommendation_id\"") = '\0';
        if (round == 0)
            *strstr(of, "\"recommendation_id\"") = '\0';
        assert_string_equal(cut, of);
        free(after);
        q.viewer = "v1";
        after = service_page(s->reader, &q);
        cut = strstr(after, "\"rows\"");
        of = strstr(before, "\"rows\"");
        *strstr(cut, "\"recommendation_id\"") = '\0';
        if (round == 0)
            *strstr(of, "\"recommendation_id\"") = '\0';
        assert_string_equal(cut, of);
        free(after);
        struct mq_check check;
        assert_ok(mq_check(s->engine, &check, &test_err));
        assert_int_equal(check.faults, 0);
        service_reopen(s);
    }
    assert_false(service_grep(s->data, secret));
    free(before);
    free(stranger);
    free(known);
    /* The name may come again, as somebody new. */
    service_event(s, secret, "start", "t1");
    struct mq_explanation x;
    assert_ok(mq_explain(s->reader, &(struct mq_request){.viewer = secret}, "t2", &x, &test_err));
    assert_false(x.watched);
}

static void erasure_takes_the_newest_time_with_it(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_import(
        s, "table",
        service_file(s, "r.csv",
                     "viewer,title,value,at\nann,t1,5,1500000000\nbob,t2,5,1600000000\n"));
    struct mq_receipt receipt;
    assert_int_equal(engine_now(s->engine, NULL), INT64_C(1600000000000));
    assert_ok(mq_erase(s->engine, "bob", &receipt, &test_err));
    assert_int_equal(engine_now(s->engine, NULL), INT64_C(1500000000000));
    struct mq_stats stats;
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.last_ms, INT64_C(1500000000000));
}

/* A past that a reader keeps for its next question forgets too. */
static void a_kept_past_forgets(void **state)
{
    struct service *s = *state;
    service_titles(s);
    for (int i = 0; i < 40; i++) {
        char viewer[32];
        snprintf(viewer, sizeof(viewer), "p%d", i);
        service_event(s, viewer, "complete", i < 30 ? "t7" : "t9");
    }
    struct mq_request q = {
        .viewer = "new", .at_ms = service_now(), .as_of_seq = service_last_seq(s)};
    struct mq_list list;
    assert_ok(mq_recommend(s->reader, &q, &list, &test_err));
    assert_string_equal(list.items[0].title, "t7");
    for (int i = 0; i < 30; i++) {
        char viewer[32];
        struct mq_receipt receipt;
        snprintf(viewer, sizeof(viewer), "p%d", i);
        assert_ok(mq_erase(s->engine, viewer, &receipt, &test_err));
    }
    assert_ok(mq_recommend(s->reader, &q, &list, &test_err));
    assert_string_equal(list.items[0].title, "t9");
}

static void an_export_goes_into_another_folder(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    /* Two viewers with playback, marks and a search, the same things at the same times. */
    int64_t now = service_now();
    const char *line =
        "[{\"viewer\":\"x\",\"kind\":\"play\",\"title\":\"t3\",\"session\":\"s1\",\"position_ms\":"
        "0,\"id\":\"a\","
        "\"context\":{\"device\":\"tv\",\"timezone\":\"Europe/"
        "London\",\"country\":\"GB\",\"region\":\"Kent\"}},"
        "{\"viewer\":\"x\",\"kind\":\"seek\",\"title\":\"t3\",\"session\":\"s1\",\"from_ms\":60000,"
        "\"position_ms\":900000,\"id\":\"b\"},"
        "{\"viewer\":\"x\",\"kind\":\"stop\",\"title\":\"t3\",\"session\":\"s1\",\"position_ms\":"
        "1700000,\"id\":\"c\"},"
        "{\"viewer\":\"x\",\"kind\":\"rating\",\"title\":\"t11\",\"value\":7.5,\"scale\":10},"
        "{\"viewer\":\"x\",\"kind\":\"thumb\",\"title\":\"t19\",\"value\":2},"
        "{\"viewer\":\"x\",\"kind\":\"hide\",\"title\":\"t27\"},"
        "{\"viewer\":\"x\",\"kind\":\"search\",\"text\":\"film "
        "\\\"35\\\"\",\"results\":3,\"chosen\":\"t35\"},"
        "{\"viewer\":\"x\",\"kind\":\"own_kind\"},"
        "{\"viewer\":\"x\",\"kind\":\"impression\",\"recommendation_id\":\"r\",\"items\":[{"
        "\"title\":\"t1\","
        "\"row\":0,\"column\":3,\"propensity\":0.1}]}]";
    struct mq_appended done;
    assert_ok(mq_append_json(s->engine, line, strlen(line), &done, &test_err));
    assert_int_equal(done.accepted, 9);
    struct buf out;
    buf_init(&out, 1 << 20);
    assert_fails(MQ_CANCELLED, mq_export(s->engine, "x", 0, write_nothing, NULL, &test_err));
    assert_ok(mq_export(s->engine, "x", 0, write_line, &out, &test_err));
    struct service t = {0};
    snprintf(t.dir, sizeof(t.dir), "%s", s->dir);
    snprintf(t.data, sizeof(t.data), "%s/other", s->dir);
    service_open(&t, t.data);
    service_titles(&t);
    buf_add_char(&out, '\0');
    struct mq_import_report r = service_import(&t, "events", service_file(s, "x.ndjson", out.p));
    assert_int_equal(r.added, 9);
    assert_int_equal(r.rejected, 0);
    /* The same history: exported again it reads the same, and both are told the same of each title. */
    struct buf again;
    buf_init(&again, 1 << 20);
    assert_ok(mq_export(t.engine, "x", 0, write_line, &again, &test_err));
    buf_add_char(&again, '\0');
    assert_string_equal(out.p, again.p);
    assert_ok(mq_publish(s->engine, 1, &test_err));
    struct mq_request q = {
        .viewer = "x", .at_ms = now + 60000, .model = MQ_MODEL_NONE, .no_context = true};
    static const char *const titles[] = {"t3", "t11", "t19", "t27", "t35"};
    for (size_t i = 0; i < 5; i++) {
        struct mq_explanation a, b;
        assert_ok(mq_explain(s->reader, &q, titles[i], &a, &test_err));
        assert_ok(mq_explain(t.reader, &q, titles[i], &b, &test_err));
        assert_int_equal(a.watched, b.watched);
        assert_int_equal(a.hidden, b.hidden);
    }
    struct mq_page pa, pb;
    assert_ok(mq_home(s->reader, &q, &pa, &test_err));
    assert_ok(mq_home(t.reader, &q, &pb, &test_err));
    assert_string_equal(pa.context.country, pb.context.country);
    for (size_t i = 0; i < pa.n_rows && i < pb.n_rows; i++) {
        if (strcmp(pa.rows[i].kind, "continue") == 0) {
            assert_string_equal(pb.rows[i].kind, "continue");
            assert_string_equal(pa.rows[i].items[0].title, pb.rows[i].items[0].title);
        }
    }
    service_close(&t);
    buf_release(&out);
    buf_release(&again);
}

struct appending {
    struct mq_engine *engine;
    atomic_bool stop;
    _Atomic(uint64_t) acknowledged;
    int rc;
};

static void *append_on(void *arg)
{
    struct appending *a = arg;
    struct mq_error err;
    for (uint64_t i = 0; !a->stop && a->rc == 0; i++) {
        char viewer[32], title[16], id[32];
        snprintf(viewer, sizeof(viewer), "w%u", (unsigned)(i % 50));
        snprintf(title, sizeof(title), "t%u", (unsigned)(i % SERVICE_TITLES));
        snprintf(id, sizeof(id), "%llu", (unsigned long long)i);
        struct mq_event e = {.id = id,
                             .viewer = viewer,
                             .kind = "start",
                             .title = title,
                             .position_ms = -1,
                             .from_ms = -1};
        struct mq_appended done;
        a->rc = mq_append(a->engine, &e, 1, &done, &err);
        if (a->rc == 0)
            a->acknowledged++;
    }
    return NULL;
}

static void a_backup_made_meanwhile_answers_the_same(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    struct appending a = {.engine = s->engine};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, append_on, &a), 0);
    while (a.acknowledged < 20)
        sched_yield();
    uint64_t before = service_last_seq(s);
    char copy[700], restored[700];
    snprintf(copy, sizeof(copy), "%s/copy", s->dir);
    snprintf(restored, sizeof(restored), "%s/restored", s->dir);
    assert_ok(mq_backup(s->engine, copy, &test_err));
    uint64_t after = service_last_seq(s);
    a.stop = true;
    pthread_join(thread, NULL);
    assert_int_equal(a.rc, 0);
    assert_fails(MQ_CONFLICT, mq_backup(s->engine, copy, &test_err));
    assert_ok(mq_restore(copy, restored, &test_err));
    assert_fails(MQ_CONFLICT, mq_restore(copy, restored, &test_err));
    assert_int_not_equal(
        mq_restore(service_path(s, "none"), service_path(s, "elsewhere"), &test_err), 0);
    struct service t = {0};
    snprintf(t.dir, sizeof(t.dir), "%s", s->dir);
    service_open(&t, restored);
    uint64_t last = service_last_seq(&t);
    assert_in_range(last, before, after);
    struct mq_check check;
    assert_ok(mq_check(t.engine, &check, &test_err));
    int64_t now = service_now();
    for (int i = 0; i < 20; i++) {
        char viewer[16];
        snprintf(viewer, sizeof(viewer), i % 2 ? "v%d" : "w%d", i);
        struct mq_request q = {.viewer = viewer, .at_ms = now};
        char *there = service_page(t.reader, &q);
        q.as_of_seq = last;
        char *here = service_page(s->reader, &q);
        assert_string_equal(here, there);
        free(there);
        free(here);
    }
    service_close(&t);
}

static void what_is_not_there(void **state)
{
    struct service *s = *state;
    struct mq_list list;
    struct mq_explanation x;
    struct mq_request q = {.viewer = "v"};
    const char *titles[] = {"t1", "none"};
    assert_fails(MQ_NOT_FOUND, mq_similar(s->reader, "t1", NULL, &list, &test_err));
    service_titles(s);
    assert_ok(mq_similar(s->reader, "t1", NULL, &list, &test_err));
    assert_fails(MQ_NOT_FOUND, mq_similar(s->reader, "none", NULL, &list, &test_err));
    assert_fails(MQ_NOT_FOUND, mq_explain(s->reader, &q, "", &x, &test_err));
    assert_fails(MQ_NOT_FOUND, mq_rank(s->reader, &q, titles, 2, &list, &test_err));
    assert_ok(mq_rank(s->reader, &q, titles, 1, &list, &test_err));
    assert_int_equal(list.n_items, 1);
    assert_ok(mq_recommend(s->reader, &q, &list, &test_err));
    struct mq_receipt receipt;
    assert_fails(MQ_NOT_FOUND, mq_erase(s->engine, "nobody", &receipt, &test_err));
    assert_fails(MQ_INVALID, mq_backup(s->engine, "", &test_err));
    assert_fails(MQ_INVALID, mq_restore(NULL, "x", &test_err));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(an_erased_viewer_leaves_nothing),
        CASE(erasure_takes_the_newest_time_with_it),
        CASE(a_kept_past_forgets),
        CASE(an_export_goes_into_another_folder),
        CASE(a_backup_made_meanwhile_answers_the_same),
        CASE(what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
