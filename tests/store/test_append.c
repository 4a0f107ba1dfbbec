/* test_append.c - events in and out, one call at a time. */
#include "store/sample.h"

static void one_event_comes_back_whole(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct sample one;
    sample_play(&one, 7, 3, 1, SAMPLE_DAY - 5000);
    assert_int_equal(sample_append(s, &one), APPEND_ADDED);
    assert_int_equal(one.e.viewer_id.v, 0);
    assert_int_equal(one.e.title_id.v, 0);
    assert_int_equal(one.e.seq, 1);
    assert_int_equal(one.e.arrival_ms, SAMPLE_DAY);
    assert_int_equal(store_last_seq(s), 1);
    assert_str("viewer-7", intern_name(store_names(s, NAME_VIEWER), 0));
    assert_str("t3", intern_name(store_names(s, NAME_TITLE), 0));
    store_close(s);
    s = sample_open(f->dir);
    assert_int_equal(store_last_seq(s), 1);
    assert_int_equal(sample_events(s), 1);
    sample_check(s);
    store_close(s);
}

static int keep_first(void *ctx, const struct event *e)
{
    struct event *kept = ctx;
    *kept = *e;
    assert_str("viewer-7", e->viewer);
    assert_str("t3", e->title);
    assert_str("session-7", e->session);
    return 42;
}

static void a_scan_fills_names_and_stops_when_told(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct sample one;
    for (unsigned i = 0; i < 3; i++) {
        sample_play(&one, 7, 3, i, SAMPLE_DAY + i);
        sample_append(s, &one);
    }
    struct event kept;
    struct store_range all = {0};
    assert_int_equal(
        store_scan_viewer(s, (struct viewer_id){0}, &all, keep_first, &kept, &test_err), 42);
    assert_int_equal(kept.at_ms, SAMPLE_DAY);
    assert_int_equal(kept.seq, 1);
    assert_int_equal(kept.kind, EVENT_PLAY);
    size_t n = 0;
    assert_ok(store_scan_viewer(s, (struct viewer_id){1}, &all, sample_count, &n, &test_err));
    assert_int_equal(n, 0);
    store_close(s);
}

static void a_repetition_is_dropped_whatever_its_time(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct sample one, again;
    sample_play(&one, 1, 1, 1, SAMPLE_DAY);
    sample_play(&again, 1, 2, 1, SAMPLE_DAY + 77);
    assert_int_equal(sample_append(s, &one), APPEND_ADDED);
    assert_int_equal(sample_append(s, &again), APPEND_DUPLICATE);
    assert_int_equal(again.e.seq, 1);
    /* What only the repetition names stays unknown. */
    assert_int_equal(again.e.title_id.v, ID_NONE);
    assert_int_equal(intern_count(store_names(s, NAME_TITLE)), 1);
    store_close(s);
    s = sample_open(f->dir);
    sample_play(&again, 1, 1, 1, SAMPLE_DAY);
    assert_int_equal(sample_append(s, &again), APPEND_DUPLICATE);
    struct store_stats stats;
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.events, 1);
    assert_int_equal(stats.duplicates, 2);
    assert_int_equal(stats.last_seq, 1);
    assert_int_equal(stats.by_kind[EVENT_PLAY], 1);
    sample_check(s);
    store_close(s);
}

static void repetitions_within_a_batch(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct sample samples[4];
    struct event events[4];
    uint8_t outcome[4];
    for (unsigned i = 0; i < 4; i++) {
        sample_play(&samples[i], 1, i, i % 2, SAMPLE_DAY + i);
        events[i] = samples[i].e;
    }
    assert_ok(store_append(s, events, 4, SAMPLE_DAY, outcome, &test_err));
    const uint8_t expected[4] = {APPEND_ADDED, APPEND_ADDED, APPEND_DUPLICATE, APPEND_DUPLICATE};
    assert_memory_equal(outcome, expected, 4);
    assert_int_equal(events[2].seq, 1);
    assert_int_equal(events[3].seq, 2);
    assert_int_equal(sample_events(s), 2);
    /* One id of two viewers makes two events. */
    sample_play(&samples[0], 2, 0, 0, SAMPLE_DAY);
    assert_int_equal(sample_append(s, &samples[0]), APPEND_ADDED);
    sample_check(s);
    store_close(s);
}

static size_t count_range(const struct store *s, struct store_range range)
{
    size_t n = 0, m = 0;
    assert_ok(store_scan_viewer(s, (struct viewer_id){0}, &range, sample_count, &n, &test_err));
    assert_ok(store_scan_all(s, &range, sample_count, &m, &test_err));
    assert_int_equal(n, m);
    return n;
}

static void ranges_of_time_and_log(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct sample one;
    for (unsigned i = 0; i < 10; i++) {
        /* Before and after 1970. */
        sample_play(&one, 1, 1, i, ((int64_t)i - 5) * 1000);
        one.e.archived = i < 4;
        sample_append(s, &one);
    }
    assert_int_equal(count_range(s, (struct store_range){0}), 10);
    assert_int_equal(count_range(s, (struct store_range){.from_ms = -2000, .to_ms = 1000}), 3);
    assert_int_equal(count_range(s, (struct store_range){.from_ms = 1000, .to_ms = 1000}), 0);
    assert_int_equal(count_range(s, (struct store_range){.max_seq = 4}), 4);
    assert_int_equal(count_range(s, (struct store_range){.known_ms = SAMPLE_DAY - 1}), 4);
    assert_int_equal(count_range(s, (struct store_range){.known_ms = SAMPLE_DAY}), 10);
    store_close(s);
}

static void impressions_name_their_titles(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct sample one;
    sample_play(&one, 1, 1, 1, SAMPLE_DAY);
    one.e.kind = EVENT_IMPRESSION;
    one.e.title = STR_NONE;
    one.e.items = one.items;
    one.e.n_items = 2;
    memset(one.items, 0, sizeof(one.items));
    one.items[0].title = STR("a");
    one.items[1].title = STR("b");
    sample_append(s, &one);
    assert_int_equal(one.items[1].title_id.v, 1);
    assert_int_equal(one.e.title_id.v, ID_NONE);
    assert_str("b", intern_name(store_names(s, NAME_TITLE), 1));
    sample_check(s);
    store_close(s);
}

static void nothing_and_too_much(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    assert_ok(store_append(s, NULL, 0, SAMPLE_DAY, NULL, &test_err));
    assert_fails(MQ_TOO_LARGE, store_append(s, NULL, (1 << 20) + 1, SAMPLE_DAY, NULL, &test_err));
    assert_int_equal(store_last_seq(s), 0);
    sample_check(s);
    store_close(s);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, sample_setup, sample_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(one_event_comes_back_whole),
        CASE(a_scan_fills_names_and_stops_when_told),
        CASE(a_repetition_is_dropped_whatever_its_time),
        CASE(repetitions_within_a_batch),
        CASE(ranges_of_time_and_log),
        CASE(impressions_name_their_titles),
        CASE(nothing_and_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
