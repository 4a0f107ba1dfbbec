/* The live sets against a rebuild from the log: after any events, in any order, over restarts and erasures. */
#include "engine/audiences.h"
#include "service.h"
#include "support/child.h"

#include <math.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"

static struct buf sets_now(struct service *s, uint64_t as_of_seq)
{
    struct mq_audience_request q = {.as_of_seq = as_of_seq, .research = true};
    struct asked x;
    struct buf b;
    buf_init(&b, 64 << 20);
    assert_ok(audiences_begin(s->reader, &q, false, &x, &test_err));
    viewer_sets_encode(x.world.sets, &b);
    audiences_end(s->reader);
    mq_reader_rest(s->reader);
    assert_false(b.failed);
    return b;
}

/* "As of" the whole log is a rebuild. */
static void assert_equals_rebuild(struct service *s, const char *when)
{
    struct buf live = sets_now(s, 0);
    struct buf made = sets_now(s, service_last_seq(s));
    if (!str_eq(buf_str(&live), buf_str(&made)))
        fail_msg("%s: the live sets are not what the log gives", when);
    buf_release(&live);
    buf_release(&made);
}

static void some_events(struct service *s, struct rng *rng, unsigned n)
{
    static const char *const kinds[] = {"start", "progress", "stop", "complete", "rating", "thumb"};
    static const char *const devices[] = {"tv", "phone", NULL};
    for (unsigned i = 0; i < n; i++) {
        char viewer[16], title[16], session[16];
        unsigned kind = (unsigned)rng_below(rng, 6);
        snprintf(viewer, sizeof viewer, "v%u", (unsigned)rng_below(rng, 70));
        snprintf(title, sizeof title, "t%u", (unsigned)rng_below(rng, 12));
        snprintf(session, sizeof session, "s%u", (unsigned)rng_below(rng, 3));
        struct mq_event e = {.viewer = viewer,
                             .kind = kinds[kind],
                             /* some come late */
                             .at_ms = service_now() - (int64_t)rng_below(rng, 100000000),
                             .title = title,
                             .session = session,
                             .position_ms = (int64_t)rng_below(rng, 6000000),
                             .from_ms = -1,
                             .device = devices[rng_below(rng, 3)],
                             .country = rng_below(rng, 2) ? "GB" : NULL,
                             .timezone = "Europe/London"};
        e.value = kind == 4 ? 1 + (double)rng_below(rng, 5) : kind == 5 ? 1 : 0;
        struct mq_appended a;
        assert_ok(mq_append(s->engine, &e, 1, &a, &test_err));
    }
}

static void kept_equals_rebuilt(void **state)
{
    struct service *s = *state;
    struct rng rng;
    struct mq_receipt receipt;
    rng_seed(&rng, test_seed());
    service_titles(s);
    service_ratings(s);
    assert_equals_rebuild(s, "after an import");
    for (size_t round = 0; round < test_rounds(4); round++) {
        some_events(s, &rng, 1 + (unsigned)rng_below(&rng, 20));
        assert_equals_rebuild(s, "after events");
    }
    service_reopen(s);
    assert_equals_rebuild(s, "after a restart");
    some_events(s, &rng, 5);
    service_reopen(s); /* these are noted, and not read before the folder is closed */
    assert_equals_rebuild(s, "after events and a restart");
    assert_ok(mq_erase(s->engine, "v3", &receipt, &test_err));
    assert_equals_rebuild(s, "after an erasure");
    service_reopen(s);
    assert_equals_rebuild(s, "after an erasure and a restart");
    service_import(s, "titles",
                   service_file(s, "more.csv", "id,title,runtime_min\nt1,Film Number 1,3\n"));
    assert_equals_rebuild(s, "after a change of a runtime");
}

static void ask(struct service *s, const char *a, const char *b, struct mq_overlap *ret)
{
    const char *texts[] = {a, b};
    struct mq_audience_request q = {.expressions = texts, .n_expressions = 2, .research = true};
    assert_ok(mq_audience_overlap(s->reader, &q, ret, &test_err));
}

static void an_event_counts_at_once(void **state)
{
    struct service *s = *state;
    struct mq_overlap before, after;
    service_titles(s);
    service_ratings(s);
    ask(s, "liked:title=t5", "liked:title=t6", &before);
    struct mq_event e = {.viewer = "newcomer",
                         .kind = "rating",
                         .title = "t5",
                         .value = 5,
                         .position_ms = -1,
                         .from_ms = -1};
    struct mq_appended done;
    assert_ok(mq_append(s->engine, &e, 1, &done, &test_err));
    ask(s, "liked:title=t5", "liked:title=t6", &after);
    assert_true(after.all.viewers == before.all.viewers + 1);
    assert_true(after.all.a == before.all.a + 1);
    assert_true(after.all.b == before.all.b);
    struct mq_receipt receipt;
    assert_ok(mq_erase(s->engine, "newcomer", &receipt, &test_err));
    ask(s, "liked:title=t5", "liked:title=t6", &after);
    assert_true(after.all.viewers == before.all.viewers && after.all.a == before.all.a);
}

/* No set, file or report knows an erased viewer. */
static void the_erased_are_nowhere(void **state)
{
    struct service *s = *state;
    struct mq_audience_request q = {.research = true};
    struct asked x;
    struct mq_receipt receipt;
    service_titles(s);
    service_ratings(s);
    struct buf before = sets_now(s, 0);
    service_reopen(s); /* saves them */
    assert_true(file_exists(service_path(s, "data/audiences.sets")));
    assert_ok(audiences_begin(s->reader, &q, true, &x, &test_err));
    assert_int_equal(x.world.sets->n_present, SERVICE_VIEWERS);
    audiences_end(s->reader);
    for (int v = 0; v < 5; v++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", v);
        assert_ok(mq_erase(s->engine, name, &receipt, &test_err));
        assert_false(file_exists(service_path(s, "data/audiences.sets")));
    }
    assert_ok(audiences_begin(s->reader, &q, true, &x, &test_err));
    assert_int_equal(x.world.sets->n_present, SERVICE_VIEWERS - 5);
    for (uint32_t v = 0; v < 5; v++) { /* dense ids are given as first seen: v0 is 0 */
        assert_null(x.world.sets->viewers[v]);
        for (uint32_t t = 0; t < x.world.sets->n_titles; t++) {
            for (int k = 0; k < AUDIENCE_SIGNALS; k++) {
                const roaring_bitmap_t *set =
                    viewer_sets_of(x.world.sets, t, (enum audience_signal)k);
                assert_true(!set || !roaring_bitmap_contains(set, v));
            }
        }
        assert_int_equal(x.strata->rank[v], ID_NONE);
    }
    audiences_end(s->reader);
    mq_reader_rest(s->reader);
    service_reopen(s);
    assert_false(service_grep(s->data, "v3\"")); /* no name of theirs */
    buf_release(&before);
}

static void a_damaged_file_is_made_anew(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    struct buf before = sets_now(s, 0);
    service_close(s);
    struct buf file;
    buf_init(&file, 1 << 24);
    const char *path = service_path(s, "data/audiences.sets");
    assert_ok(file_read(path, &file, &test_err));
    for (size_t at = 3; at < file.n; at += file.n / 7) {
        file.p[at] = (char)(file.p[at] ^ 0x20);
        assert_ok(file_write(path, buf_str(&file), 0600, &test_err));
        service_open(s, s->data);
        struct buf after = sets_now(s, 0);
        assert_true(str_eq(buf_str(&before), buf_str(&after)));
        buf_release(&after);
        service_close(s);
        file.p[at] = (char)(file.p[at] ^ 0x20);
    }
    service_open(s, s->data);
    buf_release(&file);
    buf_release(&before);
}

static void bad_questions(void **state)
{
    struct service *s = *state;
    struct mq_overlap o;
    const char *texts[] = {"liked:all", "liked:director=Director A", "liked:all", "liked:all"};
    service_titles(s);
    service_ratings(s);
    struct mq_audience_request q = {.expressions = texts, .n_expressions = 1};
    assert_fails(MQ_INVALID, mq_audience_overlap(s->reader, &q, &o, &test_err));
    q.n_expressions = 4;
    assert_fails(MQ_INVALID, mq_audience_overlap(s->reader, &q, &o, &test_err));
    q.n_expressions = 2;
    q.floor = 10;
    assert_fails(MQ_INVALID, mq_audience_overlap(s->reader, &q, &o, &test_err));
    assert_non_null(strstr(test_err.text, "at least 20"));
    q.floor = 0;
    q.strata = 100000;
    assert_fails(MQ_INVALID, mq_audience_overlap(s->reader, &q, &o, &test_err));
    q.strata = 0;
    texts[1] = "liked:director=Nobody";
    assert_fails(MQ_NOT_FOUND, mq_audience_overlap(s->reader, &q, &o, &test_err));
    texts[1] = "liked:all & liked:tag=Living with cancer";
    assert_fails(MQ_DENIED, mq_audience_overlap(s->reader, &q, &o, &test_err));
    assert_non_null(strstr(test_err.text, "not offered"));
    texts[1] = "liked:director=Director A";
    assert_ok(mq_audience_overlap(s->reader, &q, &o, &test_err)); /* 60 viewers, floor 50 */
    assert_true(isnan(o.all.both) && o.n_withheld > 0);
    assert_non_null(strstr(o.words, "Withheld"));
}

static bool is_near_at(struct service *s, const char *expression, unsigned k)
{
    const struct audience *found;
    struct asked x;
    bool near = false;
    struct mq_audience_request q = {.expressions = &expression, .n_expressions = 1, .floor = k};
    assert_ok(audiences_begin(s->reader, &q, false, &x, &test_err));
    assert_ok(audiences_find(&x, &q, &found, &test_err));
    assert_ok(audiences_too_near(&x, &found, 1, &near, &test_err));
    audiences_end(s->reader);
    mq_reader_rest(s->reader);
    return near;
}

static bool is_near(struct service *s, const char *expression)
{
    return is_near_at(s, expression, 20);
}

/* args: the folder. Asks a question, tells that it has the answer, and waits to be killed. */
static void ask_once(int out, char **args)
{
    struct service s = {0};
    service_open(&s, args[0]);
    bool near = is_near(&s, "liked:all");
    child_tell(out, &near, sizeof(near));
    pause();
}

/* What was answered is remembered though the process was killed right after the answer. */
static void answers_survive_a_kill(void **state)
{
    struct service *s = *state;
    struct child c;
    bool near = true;
    service_titles(s);
    service_ratings(s);
    service_import(s, "titles", service_file(s, "lonely.csv", "id,title\nlonely,A Lonely Film\n"));
    service_event(s, "v1", "rating", "lonely");
    service_close(s);
    child_start(&c, "ask", (const char *const[]){s->data, NULL});
    assert_true(child_hear(&c, &near, sizeof(near)));
    assert_false(near);
    child_kill(&c);
    child_wait(&c);
    service_open(s, s->data);
    assert_true(is_near(s, "liked:all - liked:title=lonely"));
    assert_false(is_near(s, "liked:all"));
}

/* A question gets its answer again, whatever was asked between; and one that was withheld withholds no other. */
static void the_same_question_has_the_same_answer(void **state)
{
    struct service *s = *state;
    static const char *const texts[] = {"watched:all", "watched:all - watched:title=lonely",
                                        "watched:all | liked:all"};
    service_titles(s);
    service_ratings_of(s, 150);
    service_import(s, "titles", service_file(s, "lonely.csv", "id,title\nlonely,A Lonely Film\n"));
    for (unsigned i = 0; i < 30; i++) {
        char viewer[8];
        snprintf(viewer, sizeof viewer, "lone%u", i);
        service_event(s, viewer, "complete", "lonely");
    }
    assert_false(is_near_at(s, texts[0], 50));
    assert_false(is_near_at(s, texts[1], 20)); /* 30 viewers fewer: answered at this floor */
    assert_false(is_near_at(s, texts[0], 50)); /* as it was put before */
    assert_true(is_near_at(s, texts[2], 50));  /* the same viewers, never asked about so */
    service_reopen(s);
    assert_false(is_near_at(s, texts[0], 50));
    assert_true(is_near_at(s, texts[2], 50));
}

/* Whom a question leaves out by one does not follow from another one, on another day either. */
static void answers_are_not_subtracted_over_restarts(void **state)
{
    struct service *s = *state;
    struct mq_receipt receipt;
    const char *all = "liked:all";
    const char *but_one = "liked:all - liked:title=lonely";
    service_titles(s);
    service_ratings(s);
    service_import(s, "titles", service_file(s, "lonely.csv", "id,title\nlonely,A Lonely Film\n"));
    service_event(s, "v1", "rating", "lonely");
    assert_false(is_near(s, all));
    assert_false(is_near(s, all)); /* the same question again is no other one */
    assert_true(is_near(s, but_one));
    assert_true(file_exists(service_path(s, "data/audiences.asked"))); /* before it is closed */
    service_reopen(s);
    assert_true(is_near(s, but_one));
    service_reopen(s);
    assert_ok(mq_erase(s->engine, "v3", &receipt, &test_err));
    assert_false(file_exists(service_path(s, "data/audiences.asked")));
    assert_false(is_near(s, all));
    service_close(s);
    const char *path = service_path(s, "data/audiences.asked");
    struct buf file;
    buf_init(&file, 1 << 20);
    assert_ok(file_read(path, &file, &test_err));
    file.p[file.n / 2] = (char)(file.p[file.n / 2] ^ 0x10); /* damaged: forgotten */
    assert_ok(file_write(path, buf_str(&file), 0600, &test_err));
    buf_release(&file);
    service_open(s, s->data);
    assert_false(is_near(s, but_one));
}

static int count_line(void *ctx, struct str key, struct str value)
{
    (void)key;
    *(unsigned *)ctx += memmem(value.p, value.n, "[liked:title=t5]", 16) != NULL;
    return 0;
}

static void questions_leave_a_trail(void **state)
{
    struct service *s = *state;
    struct mq_overlap o;
    unsigned n = 0;
    service_titles(s);
    service_ratings(s);
    ask(s, "liked:title=t5", "liked:all", &o);
    ask(s, "liked:title=t5", "watched:all", &o);
    assert_ok(store_scan_values(s->engine->store, STORE_META, STR("audit/audience/"), count_line,
                                &n, &test_err));
    assert_int_equal(n, 2);
}

int main(int argc, char **argv)
{
    static const struct child_role roles[] = {{"ask", ask_once}, {NULL, NULL}};
    child_main(argc, argv, roles);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_survive_a_kill, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(the_same_question_has_the_same_answer, service_setup,
                                        service_teardown),
        cmocka_unit_test_setup_teardown(kept_equals_rebuilt, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(an_event_counts_at_once, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(the_erased_are_nowhere, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(a_damaged_file_is_made_anew, service_setup,
                                        service_teardown),
        cmocka_unit_test_setup_teardown(answers_are_not_subtracted_over_restarts, service_setup,
                                        service_teardown),
        cmocka_unit_test_setup_teardown(bad_questions, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(questions_leave_a_trail, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
