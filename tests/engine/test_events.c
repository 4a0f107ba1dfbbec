/* Events through the public API: duplicates, refusals, what the next answer knows, order of arrival. */
#include "engine/committer.h"
#include "engine/engine.h"
#include "service.h"

#include <pthread.h>
#include <stdatomic.h>

static struct mq_event event(const char *id, const char *viewer, const char *kind,
                             const char *title)
{
    return (struct mq_event){.id = id,
                             .viewer = viewer,
                             .kind = kind,
                             .title = title,
                             .at_ms = service_now(),
                             .position_ms = -1,
                             .from_ms = -1};
}

static struct mq_appended append(struct service *s, const struct mq_event *events, size_t n)
{
    struct mq_appended done;
    assert_ok(mq_append(s->engine, events, n, &done, &test_err));
    return done;
}

static void a_batch_again_changes_nothing(void **state)
{
    struct service *s = *state;
    struct mq_event batch[] = {
        event("1", "ann", "start", "t1"), event("2", "ann", "complete", "t1"),
        event("2", "ann", "complete", "t1"), event(NULL, "bob", "start", "t2")};
    struct mq_appended done = append(s, batch, 4);
    assert_int_equal(done.accepted, 3);
    assert_int_equal(done.duplicates, 1);
    uint64_t seq = service_last_seq(s);
    done = append(s, batch, 4);
    assert_int_equal(done.accepted, 0);
    assert_int_equal(done.duplicates, 4);
    /* With ids another time is no other event; without one it is. */
    for (int i = 0; i < 4; i++)
        batch[i].at_ms -= 5000;
    done = append(s, batch, 4);
    assert_int_equal(done.accepted, 1);
    assert_int_equal(done.duplicates, 3);
    assert_int_equal(service_last_seq(s), seq + 1);
    service_reopen(s);
    done = append(s, batch, 4);
    assert_int_equal(done.accepted, 0);
}

static void the_bad_ones_are_refused_and_the_rest_goes_in(void **state)
{
    struct service *s = *state;
    struct mq_event batch[] = {event("1", "ann", "start", "t1"), event("2", "", "start", "t1"),
                               event("3", "ann", "start", NULL), event("4", "ann", "rating", "t1"),
                               event("5", "ann", "start", "t1"), event("6", "ann", "start", "t1"),
                               event("7", "ann", "start", "t1")};
    batch[3].value = 9; /* of 5 */
    batch[4].at_ms += 3600000;
    batch[5].country = "England";
    batch[6].timezone = "Mars/Olympus";
    struct mq_appended done = append(s, batch, 7);
    assert_int_equal(done.accepted, 1);
    assert_int_equal(done.rejected, 6);
    assert_int_equal(done.first_rejected, 1);
    assert_int_equal(done.rejection.status, MQ_INVALID);
    assert_non_null(strstr(done.rejection.text, "viewer"));
    done = append(s, batch, 0);
    assert_int_equal(done.accepted + done.duplicates + done.rejected, 0);
}

static void json_goes_the_same_way(void **state)
{
    struct service *s = *state;
    const char *lines = "{\"viewer\":\"ann\",\"kind\":\"start\",\"title\":\"t1\",\"id\":\"1\"}\n"
                        "{\"viewer\":\"ann\",\"kind\":\"start\",\"id\":\"2\"}\n"
                        "{\"viewer\":\"ann\",\"kind\":\"start\",\"title\":\"t1\",\"id\":\"1\"}\n";
    struct mq_appended done;
    assert_ok(mq_append_json(s->engine, lines, strlen(lines), &done, &test_err));
    assert_int_equal(done.accepted, 1);
    assert_int_equal(done.duplicates, 1);
    assert_int_equal(done.rejected, 1);
    assert_int_equal(done.first_rejected, 1);
    uint64_t seq = service_last_seq(s);
    const char *broken = "[{\"viewer\":\"ann\",\"kind\":\"start\",\"title\":\"t2\",\"id\":\"9\"},";
    assert_fails(MQ_INVALID, mq_append_json(s->engine, broken, strlen(broken), &done, &test_err));
    assert_int_equal(service_last_seq(s), seq);
}

static bool watched(struct service *s, const char *viewer, const char *title)
{
    struct mq_explanation x;
    assert_ok(mq_explain(s->reader, &(struct mq_request){.viewer = viewer}, title, &x, &test_err));
    return x.watched;
}

static bool hidden(struct service *s, const char *viewer, const char *title)
{
    struct mq_explanation x;
    assert_ok(mq_explain(s->reader, &(struct mq_request){.viewer = viewer}, title, &x, &test_err));
    return x.hidden;
}

static bool shown(struct service *s, const char *viewer, const char *title)
{
    struct mq_page page;
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = viewer}, &page, &test_err));
    assert_true(page.n_rows > 0);
    for (size_t i = 0; i < page.n_rows; i++) {
        for (size_t k = 0; k < page.rows[i].n_items; k++) {
            if (strcmp(page.rows[i].items[k].title, title) == 0)
                return true;
        }
    }
    return false;
}

static void the_next_answer_has_seen_the_event(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    for (int i = 0; i < 40; i++) {
        char viewer[16], title[16];
        snprintf(viewer, sizeof(viewer), "v%d", i % 5); /* in memory from the second time on */
        snprintf(title, sizeof(title), "t%d", i);
        service_event(s, viewer, "hide", title);
        assert_true(hidden(s, viewer, title));
        assert_false(shown(s, viewer, title));
    }
    assert_false(watched(s, "somebody new", "t1"));
    service_event(s, "somebody new", "complete", "t1");
    assert_true(watched(s, "somebody new", "t1"));
}

/* Events out of order, to viewers in memory, give what the log in order gives. */
static void late_events_give_the_page_of_the_log_in_order(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    int64_t now = service_now();
    char *warm = service_page_of(s, "v1");
    free(warm);
    static const int back_min[] = {0, 90, 30, 5, 200, 31, 1, 0};
    for (size_t i = 0; i < sizeof(back_min) / sizeof(back_min[0]); i++) {
        struct mq_event e[2];
        e[0] = event(NULL, "v1", "play", "t20");
        e[1] = event(NULL, "v1", "stop", "t20");
        for (int k = 0; k < 2; k++) {
            e[k].session = "s1";
            e[k].at_ms = now - (int64_t)back_min[i] * 60000 + k * 20000;
            e[k].position_ms = (int64_t)i * 100000 + k * 20000;
        }
        assert_int_equal(append(s, e, 2).accepted, 2);
        struct mq_request q = {.viewer = "v1", .at_ms = now};
        char *live = service_page(s->reader, &q);
        service_reopen(s);
        char *rebuilt = service_page(s->reader, &q);
        assert_string_equal(live, rebuilt);
        free(live);
        free(rebuilt);
    }
}

static void two_engines_on_one_folder(void **state)
{
    struct service *s = *state;
    struct mq_engine *second;
    assert_fails(MQ_LOCKED, mq_engine_open(s->data, NULL, &second, &test_err));
    assert_fails(MQ_NOT_FOUND,
                 mq_engine_open(service_path(s, "none"), &(struct mq_options){.must_exist = true},
                                &second, &test_err));
    assert_fails(MQ_INVALID, mq_engine_open("", NULL, &second, &test_err));
    service_event(s, "ann", "start", "t1"); /* the first one goes on */
}

static void an_archive_stands_still(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_import(s, "table",
                   service_file(s, "r.csv", "viewer,title,value,at\nann,t1,5,1500000000\n"));
    bool archive;
    assert_int_equal(engine_now(s->engine, &archive), INT64_C(1500000000000));
    assert_true(archive);
    service_event(s, "ann", "start", "t2");
    assert_true(engine_now(s->engine, &archive) > INT64_C(1500000000000));
    assert_false(archive);
}

/* ------------------------------------------------------------------ the queue */

/* A store that writes only when it is let, and counts. */
struct slow {
    pthread_mutex_t gate;
    _Atomic(size_t) written, groups;
};

static int slow_append(void *ctx, struct event *events, size_t n, uint8_t *outcome,
                       struct mq_error *err)
{
    struct slow *s = ctx;
    (void)events;
    (void)err;
    pthread_mutex_lock(&s->gate);
    pthread_mutex_unlock(&s->gate);
    memset(outcome, APPEND_ADDED, n);
    s->written += n;
    s->groups++;
    return 0;
}

static void slow_apply(void *ctx, const struct event *events, const uint8_t *outcome, size_t n)
{
    (void)ctx;
    (void)events;
    (void)outcome;
    (void)n;
}

static void slow_idle(void *ctx)
{
    (void)ctx;
}

struct sent {
    struct submission s;
    struct event events[10];
    uint8_t outcome[10];
    _Atomic(int) told;
};

static void told(struct submission *s, int status, const struct mq_error *err)
{
    struct sent *x = (struct sent *)((char *)s - offsetof(struct sent, s));
    (void)err;
    x->told = status == 0 ? 1 : 2;
}

static void a_full_queue_is_busy_and_empties(void **state)
{
    (void)state;
    struct slow slow = {.gate = PTHREAD_MUTEX_INITIALIZER};
    struct committer_ops ops = {&slow, slow_append, slow_apply, slow_idle};
    struct committer *c;
    static struct sent sent[11];
    assert_ok(committer_new(&ops, 100, &c, &test_err));
    pthread_mutex_lock(&slow.gate);
    for (int i = 0; i < 11; i++) {
        sent[i].s = (struct submission){
            .events = sent[i].events, .outcome = sent[i].outcome, .n = 10, .done = told};
        assert_int_equal(committer_submit(c, &sent[i].s, &test_err), i < 10 ? 0 : MQ_BUSY);
    }
    assert_non_null(strstr(test_err.text, "100 events"));
    struct event one[1];
    uint8_t outcome[1];
    assert_fails(MQ_BUSY, committer_append(c, one, 1, outcome, true, &test_err));
    assert_int_equal(committer_waiting(c), 100);
    pthread_mutex_unlock(&slow.gate);
    /* Waits for room. Whoever was told finds the room that they left, at once. */
    assert_ok(committer_append(c, one, 1, outcome, false, &test_err));
    static struct event many[500];
    static uint8_t outcomes[500];
    for (int i = 0; i < 200; i++)
        assert_ok(committer_append(c, many, 100, outcomes, true, &test_err));
    assert_ok(
        committer_append(c, many, 500, outcomes, true, &test_err)); /* larger than the queue */
    assert_int_equal(committer_waiting(c), 0);
    committer_free(c);
    for (int i = 0; i < 10; i++)
        assert_int_equal(sent[i].told, 1);
    assert_int_equal(sent[10].told, 0);
    assert_int_equal(slow.written, 100 + 1 + 200 * 100 + 500);
}

static _Atomic(uint64_t) hinted;

static void note_hint(void *ctx, uint32_t arg)
{
    (void)ctx;
    hinted += arg;
}

static int answer_seven(void *ctx, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    return 7;
}

static void closing_finishes_what_was_taken(void **state)
{
    (void)state;
    struct slow slow = {.gate = PTHREAD_MUTEX_INITIALIZER};
    struct committer_ops ops = {&slow, slow_append, slow_apply, slow_idle};
    struct committer *c;
    static struct sent sent[50];
    assert_ok(committer_new(&ops, 1000, &c, &test_err));
    hinted = 0;
    for (uint32_t i = 0; i < 50; i++) {
        sent[i].s = (struct submission){
            .events = sent[i].events, .outcome = sent[i].outcome, .n = 10, .done = told};
        assert_ok(committer_submit(c, &sent[i].s, &test_err));
        committer_hint(c, note_hint, NULL, 1);
    }
    assert_int_equal(committer_call(c, answer_seven, NULL, &test_err), 7);
    committer_free(c);
    assert_int_equal(slow.written, 500);
    for (int i = 0; i < 50; i++)
        assert_int_equal(sent[i].told, 1);
    assert_in_range(hinted, 0, 50);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_batch_again_changes_nothing),
        CASE(the_bad_ones_are_refused_and_the_rest_goes_in),
        CASE(json_goes_the_same_way),
        CASE(the_next_answer_has_seen_the_event),
        CASE(late_events_give_the_page_of_the_log_in_order),
        CASE(two_engines_on_one_folder),
        CASE(an_archive_stands_still),
        cmocka_unit_test(a_full_queue_is_busy_and_empties),
        cmocka_unit_test(closing_finishes_what_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
