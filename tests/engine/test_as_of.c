/* An answer is what the prefix of the log that it names gives, with the model and the moment that it names. */
#include "service.h"

#include "base/rng.h"
#include "engine/engine.h"

enum { PAGES = 400 };

struct recorded {
    struct mq_request request;
    char viewer[16];
    char *json;
};

struct record {
    struct recorded pages[PAGES];
    size_t n;
};

/* Ask, and remember the answer with what it says of itself. */
static void record(struct service *s, struct record *rec, struct rng *rng)
{
    static const char *const zones[] = {NULL, "Europe/London", "Asia/Tokyo"};
    assert_true(rec->n < PAGES);
    struct recorded *p = &rec->pages[rec->n++];
    snprintf(p->viewer, sizeof(p->viewer), "v%u", (unsigned)rng_below(rng, SERVICE_VIEWERS + 5));
    p->request = (struct mq_request){.viewer = p->viewer,
                                     .timezone = zones[rng_below(rng, 3)],
                                     .device = rng_below(rng, 2) ? "phone" : NULL,
                                     .no_context = rng_below(rng, 8) == 0,
                                     .no_profiling = rng_below(rng, 8) == 0};
    struct mq_page page;
    assert_ok(mq_home(s->reader, &p->request, &page, &test_err));
    struct mq_request again = p->request;
    again.as_of_seq = page.log_seq;
    again.at_ms = page.at_ms;
    again.model = page.model ? page.model : MQ_MODEL_NONE;
    p->request.at_ms = page.at_ms;
    p->json = service_page(s->reader, &p->request); /* nothing happened between: the same page */
    p->request = again;
}

static void all_are_repeated(struct service *s, const struct record *rec, const char *when)
{
    for (size_t i = 0; i < rec->n; i++) {
        char *again = service_page(s->reader, &rec->pages[i].request);
        if (strcmp(again, rec->pages[i].json) != 0)
            fail_msg("%s: page %zu of %zu, as of %llu, model %lld:\nwas %s\nis  %s", when, i,
                     rec->n, (unsigned long long)rec->pages[i].request.as_of_seq,
                     (long long)rec->pages[i].request.model, rec->pages[i].json, again);
        free(again);
    }
}

static void release(struct record *rec)
{
    for (size_t i = 0; i < rec->n; i++)
        free(rec->pages[i].json);
}

static void append_some(struct service *s, struct rng *rng)
{
    static const char *const kinds[] = {"start", "complete", "rating", "hide", "list_add", "thumb"};
    struct mq_event events[12];
    char viewers[12][16], titles[12][16];
    struct mq_appended done;
    size_t n = 1 + rng_below(rng, 12);
    for (size_t i = 0; i < n; i++) {
        unsigned kind = (unsigned)rng_below(rng, 6);
        snprintf(viewers[i], 16, "v%u", (unsigned)rng_below(rng, SERVICE_VIEWERS + 3));
        /* Some that no table describes. */
        snprintf(titles[i], 16, "t%u", (unsigned)rng_below(rng, SERVICE_TITLES + 10));
        /* Some late, some of another week. */
        int64_t back = rng_below(rng, 4) == 0 ? (int64_t)rng_below(rng, 20) * 86400000 : 0;
        events[i] =
            (struct mq_event){.viewer = viewers[i],
                              .kind = kinds[kind],
                              .title = titles[i],
                              .at_ms = service_now() - back,
                              .position_ms = -1,
                              .from_ms = -1,
                              .value = kind == 2 ? 1 + (double)rng_below(rng, 5) : kind == 5,
                              .country = rng_below(rng, 2) ? "GB" : "NG",
                              .timezone = rng_below(rng, 2) ? "Europe/London" : NULL};
    }
    assert_ok(mq_append(s->engine, events, n, &done, &test_err));
    assert_int_equal(done.rejected, 0);
}

static void change_titles(struct service *s, struct rng *rng)
{
    char text[512];
    unsigned t = (unsigned)rng_below(rng, SERVICE_TITLES + 10);
    if (rng_below(rng, 6) == 0) {
        snprintf(text, sizeof(text), "t%u", t);
        int rc = engine_delete_title(s->engine, str_of(text), &test_err);
        assert_true(rc == 0 || rc == MQ_NOT_FOUND);
        return;
    }
    snprintf(text, sizeof(text), "id,title,year,genres,runtime_min\nt%u,Renamed %u,%u,%s,%u\n", t,
             (unsigned)rng_below(rng, 1000), 1990 + (unsigned)rng_below(rng, 30),
             rng_below(rng, 2) ? "Comedy" : "Drama|New Genre", 60 + (unsigned)rng_below(rng, 90));
    service_import(s, "titles", service_file(s, "change.csv", text));
}

/* Without a model titles are likened by what the catalogue says: as it was then. */
static void similar_titles_are_as_of_their_place(void **state)
{
    struct service *s = *state;
    struct mq_stats stats;
    struct mq_list list;
    service_titles(s);
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    struct mq_request then = {.at_ms = service_now()};
    assert_ok(mq_similar(s->reader, "t1", &then, &list, &test_err));
    assert_true(list.n_items > 0 && list.at_ms == then.at_ms);
    assert_int_equal(list.log_seq, stats.last_seq);
    char first[64], name[256], id[sizeof(list.recommendation_id)], text[256];
    snprintf(first, sizeof(first), "%s", list.items[0].title);
    snprintf(name, sizeof(name), "%s", list.items[0].name);
    memcpy(id, list.recommendation_id, sizeof(id));
    snprintf(text, sizeof(text), "id,title\n%s,Another Name\n", first);
    service_import(s, "titles", service_file(s, "change.csv", text));
    then.as_of_seq = stats.last_seq;
    assert_ok(mq_similar(s->reader, "t1", &then, &list, &test_err));
    assert_string_equal(list.items[0].title, first);
    assert_string_equal(list.items[0].name, name);
    assert_string_equal(list.recommendation_id, id);
    assert_int_equal(list.log_seq, stats.last_seq);
    assert_ok(mq_similar(s->reader, "t1", &(struct mq_request){0}, &list, &test_err));
    assert_string_equal(list.items[0].name, "Another Name");
    then.as_of_ms = 1;
    assert_fails(MQ_INVALID, mq_similar(s->reader, "t1", &then, &list, &test_err));
    then = (struct mq_request){.model = 99};
    assert_fails(MQ_NOT_FOUND, mq_similar(s->reader, "t1", &then, &list, &test_err));
}

static void pages_come_back_as_of_their_place(void **state)
{
    struct service *s = *state;
    struct record rec = {0};
    struct rng rng;
    rng_seed(&rng, test_seed());
    record(s, &rec, &rng); /* of an empty folder */
    rec.n = 0;             /* whose place, 0, means "now" */
    free(rec.pages[0].json);
    service_titles(s);
    record(s, &rec, &rng);
    service_ratings(s);
    for (int round = 0; round < 60; round++) {
        switch (rng_below(&rng, 8)) {
        case 0:
        case 1:
            change_titles(s, &rng);
            break;
        case 2:
            if (round > 10 && service_last_seq(s) % 3 == 0)
                service_train(s);
            break;
        case 3:
            service_reopen(s);
            break;
        default:
            append_some(s, &rng);
        }
        for (unsigned k = 0; k < 3; k++)
            record(s, &rec, &rng);
    }
    service_train(s);
    all_are_repeated(s, &rec, "after all of it");
    service_reopen(s);
    all_are_repeated(s, &rec, "after opening again");
    release(&rec);
}

static const char *name_of(struct service *s, uint64_t as_of_seq)
{
    static struct mq_explanation x;
    struct mq_request q = {.viewer = "ann", .as_of_seq = as_of_seq};
    assert_ok(mq_explain(s->reader, &q, "t1", &x, &test_err));
    return x.name;
}

static void a_place_before_a_change_of_titles_has_the_old_ones(void **state)
{
    struct service *s = *state;
    service_import(s, "titles", service_file(s, "a.csv", "id,title\nt1,The Old Name\n"));
    service_event(s, "ann", "start", "t1");
    uint64_t before = service_last_seq(s);
    service_import(s, "titles", service_file(s, "b.csv", "id,title\nt1,The New Name\n"));
    uint64_t last = service_last_seq(s);
    assert_int_equal(last, before + 1);
    assert_string_equal(name_of(s, 0), "The New Name");
    assert_string_equal(name_of(s, last), "The New Name");
    assert_string_equal(name_of(s, before), "The Old Name");
    /* The same titles again change nothing, so nothing moves on. */
    service_import(s, "titles", service_file(s, "b.csv", "id,title\nt1,The New Name\n"));
    assert_int_equal(service_last_seq(s), last);
    assert_ok(engine_delete_title(s->engine, STR("t1"), &test_err));
    assert_int_equal(service_last_seq(s), last + 1);
    assert_string_equal(name_of(s, last), "The New Name");
}

/* A long import puts titles that are served later; events that come meanwhile lie behind them in the log. */
static void titles_that_wait_are_served_before_later_events(void **state)
{
    struct service *s = *state;
    struct record rec = {0};
    struct rng rng;
    struct title t;
    rng_seed(&rng, test_seed());
    service_titles(s);
    service_ratings(s);
    uint64_t before = service_last_seq(s);
    title_init(&t);
    t.id = STR("t1");
    t.name = STR("The New Name");
    assert_ok(engine_put_titles_later(s->engine, &t, 1, NULL, &test_err));
    assert_string_equal(name_of(s, 0), "Film Number 1");
    for (int i = 0; i < 5; i++)
        record(s, &rec, &rng);
    assert_int_equal(rec.pages[0].request.as_of_seq, before);
    service_event(s, "ann", "start", "t2");
    assert_string_equal(name_of(s, 0), "The New Name");
    for (int i = 0; i < 5; i++)
        record(s, &rec, &rng);
    assert_int_equal(rec.pages[5].request.as_of_seq, before + 2);
    all_are_repeated(s, &rec, "at once");
    assert_ok(engine_refresh(s->engine, &test_err));
    all_are_repeated(s, &rec, "after the refresh");
    assert_string_equal(name_of(s, before), "Film Number 1");
    release(&rec);
}

static void by_time_archived_events_count_when_they_happened(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_import(s, "table",
                   service_file(s, "r.csv",
                                "viewer,title,value,at\nann,t1,5,1500000000\nann,t2,5,1600000000\n"
                                "ann,t3,5,1700000000\n"));
    struct mq_request q = {.viewer = "ann", .as_of_ms = INT64_C(1600000000000)};
    struct mq_explanation x;
    assert_ok(mq_explain(s->reader, &q, "t2", &x, &test_err));
    assert_true(x.watched);
    assert_ok(mq_explain(s->reader, &q, "t3", &x, &test_err));
    assert_false(x.watched);
    q.as_of_ms -= 1;
    assert_ok(mq_explain(s->reader, &q, "t2", &x, &test_err));
    assert_false(x.watched);
    struct mq_page page;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.at_ms, q.as_of_ms);
}

static void a_past_beyond_the_end_grows_with_the_log(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_event(s, "ann", "start", "t1");
    struct mq_request q = {.viewer = "ann", .as_of_seq = 1000000};
    struct mq_page page;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    uint64_t first = page.log_seq;
    assert_int_equal(first, service_last_seq(s));
    service_event(s, "ann", "hide", "t2");
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.log_seq, first + 1);
    struct mq_explanation x;
    assert_ok(mq_explain(s->reader, &q, "t2", &x, &test_err));
    assert_true(x.hidden);
}

/* Sent late, as a second server that is filled from the same messages has them. */
static void a_place_is_seen_from_its_newest_event_whenever_that_arrived(void **state)
{
    struct service *s = *state;
    const int64_t hour_ms = 3600000;
    int64_t now = service_now();
    service_titles(s);
    for (int i = 0; i < 3; i++) {
        static const char *const ids[] = {"a", "b", "c"};
        struct mq_appended appended;
        struct mq_event e = {.id = ids[i],
                             .viewer = "ann",
                             .kind = "start",
                             .title = "t1",
                             .at_ms = now - (i == 1 ? 40 : 50 + i) * hour_ms};
        assert_ok(mq_append(s->engine, &e, 1, &appended, &test_err));
        assert_int_equal(appended.accepted, 1);
    }
    uint64_t seq = service_last_seq(s);
    struct mq_page page;
    struct mq_request q = {.viewer = "ann", .as_of_seq = seq};
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.at_ms, now - 40 * hour_ms);
    q.as_of_seq = seq - 2;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.at_ms, now - 50 * hour_ms);
}

static void another_model_is_asked_about_the_present(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    service_train(s);
    struct mq_request q = {.viewer = "v1", .model = 1};
    struct mq_page page;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.model, 1);
    uint64_t seq = page.log_seq;
    service_event(s, "v1", "hide", "t9");
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.log_seq, seq + 1);
    struct mq_explanation x;
    assert_ok(mq_explain(s->reader, &q, "t9", &x, &test_err));
    assert_true(x.hidden);
    assert_int_equal(x.model, 1);
    q.model = 77;
    assert_fails(MQ_NOT_FOUND, mq_home(s->reader, &q, &page, &test_err));
    q.model = MQ_MODEL_NONE;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.model, 0);
}

/* A model that was trained later has seen what came later. */
static void a_place_is_not_answered_by_what_was_learnt_later(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    struct mq_list list;
    service_titles(s);
    service_ratings(s);
    uint64_t untaught = service_last_seq(s) - 1;
    service_train(s);
    uint64_t seq = service_last_seq(s);
    service_event(s, "v1", "start", "t9");
    service_train(s);
    service_event(s, "v2", "start", "t9");
    struct mq_request q = {.viewer = "v1", .as_of_seq = seq};
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.model, 1);
    assert_ok(mq_similar(s->reader, "t1", &q, &list, &test_err));
    assert_int_equal(list.model, 1);
    q.as_of_seq = seq + 1;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.model, 2);
    q.as_of_seq = untaught;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.model, 0);
    q.as_of_seq = seq;
    q.model = 2; /* who asks for it gets it */
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(page.model, 2);
}

static void one_of_time_and_place(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    struct mq_request q = {.viewer = "v", .as_of_ms = 1, .as_of_seq = 1};
    assert_fails(MQ_INVALID, mq_home(s->reader, &q, &page, &test_err));
    q = (struct mq_request){.viewer = ""};
    assert_fails(MQ_INVALID, mq_home(s->reader, &q, &page, &test_err));
    q = (struct mq_request){.viewer = "v", .timezone = "Nowhere/None"};
    assert_fails(MQ_INVALID, mq_home(s->reader, &q, &page, &test_err));
    q = (struct mq_request){.viewer = "v", .device = "abacus"};
    assert_fails(MQ_INVALID, mq_home(s->reader, &q, &page, &test_err));
    q = (struct mq_request){.viewer = "v", .country = "GBR"};
    assert_fails(MQ_INVALID, mq_home(s->reader, &q, &page, &test_err));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(pages_come_back_as_of_their_place),
        CASE(a_place_before_a_change_of_titles_has_the_old_ones),
        CASE(titles_that_wait_are_served_before_later_events),
        CASE(by_time_archived_events_count_when_they_happened),
        CASE(a_past_beyond_the_end_grows_with_the_log),
        CASE(a_place_is_seen_from_its_newest_event_whenever_that_arrived),
        CASE(another_model_is_asked_about_the_present),
        CASE(a_place_is_not_answered_by_what_was_learnt_later),
        CASE(one_of_time_and_place),
        CASE(similar_titles_are_as_of_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
