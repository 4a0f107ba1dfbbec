/* What was served is noted, and only that; it leaves with its viewer, and with its time; it keeps nobody waiting. */
#include "service.h"

#include "engine/consent.h"
#include "engine/engine.h"
#include "engine/expiry.h"
#include "engine/page_log.h"

#define DAY INT64_C(86400000)

struct pages {
    struct arena arena;
    size_t n;
    struct shown_page last;
};

static int take(void *ctx, const struct shown_bytes *b)
{
    struct pages *x = ctx;
    x->n++;
    arena_reset(&x->arena);
    return shown_page_decode(b->bytes, b->viewer, b->at_ms, &x->arena, &x->last, &test_err);
}

static struct pages pages_of(struct service *s, const char *viewer)
{
    struct pages x = {0};
    struct viewer_id id = {ID_NONE};
    assert_int_equal(arena_init(&x.arena, 1 << 16, 1 << 24), 0);
    if (viewer)
        assert_ok(engine_find_viewer(s->engine, str_of(viewer), &id, &test_err));
    assert_ok(page_log_viewer(s->engine->page_log, id, take, &x, &test_err));
    return x;
}

static size_t count_pages(struct service *s, const char *viewer)
{
    struct pages x = pages_of(s, viewer);
    arena_release(&x.arena);
    return x.n;
}

static void what_was_served_is_noted(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    struct mq_request q = {.viewer = "a", .device = "tv", .country = "GB"};
    char id[33];
    service_titles(s);
    service_ratings(s);
    service_event(s, "a", "start", "t1");
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    struct pages x = pages_of(s, "a");
    assert_int_equal(x.n, 1);
    shown_id_text(x.last.id, id);
    assert_string_equal(id, page.recommendation_id);
    assert_int_equal(x.last.n_rows, page.n_rows);
    assert_int_equal(x.last.log_seq, page.log_seq);
    assert_int_equal(x.last.context.device, DEVICE_TV);
    for (size_t r = 0; r < page.n_rows; r++) {
        assert_str(page.rows[r].kind, x.last.rows[r].kind);
        assert_int_equal(x.last.rows[r].n, page.rows[r].n_items);
        for (size_t i = 0; i < page.rows[r].n_items; i++)
            assert_int_equal(x.last.rows[r].items[i].title.v, page.rows[r].items[i].title_number);
    }
    arena_release(&x.arena);
    struct mq_list list;
    const char *const titles[] = {"t1", "t2", "t3"};
    assert_ok(mq_recommend(s->reader, &q, &list, &test_err));
    assert_ok(mq_rank(s->reader, &q, titles, 3, &list, &test_err));
    assert_int_equal(count_pages(s, "a"), 3);
    service_reopen(s); /* they outlive the process */
    assert_int_equal(count_pages(s, "a"), 3);
    q.viewer = "nobody yet";
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(count_pages(s, NULL), 1);
}

static void looking_is_not_showing(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    struct viewer_settings off = {0, -1}, child = {1, 1};
    service_titles(s);
    service_event(s, "a", "start", "t1");
    const struct mq_request looks[] = {
        {.viewer = "a", .preview = true},
        {.viewer = "a", .no_profiling = true},
        {.viewer = "a", .as_of_seq = 1},
        {.viewer = "a", .as_of_ms = service_now()},
    };
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
        assert_ok(mq_home(s->reader, &looks[i], &page, &test_err));
    assert_ok(engine_put_settings(s->engine, STR("a"), &off, &test_err));
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "a"}, &page, &test_err));
    assert_int_equal(count_pages(s, "a"), 0);
    assert_int_equal(count_pages(s, NULL), 0);
    assert_ok(engine_put_settings(s->engine, STR("a"), &child, &test_err));
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "a"}, &page, &test_err));
    struct pages x = pages_of(s, "a");
    assert_int_equal(x.n, 1);
    assert_true(x.last.flags & SHOWN_CHILD);
    arena_release(&x.arena);
}

static bool append(void *ctx, const char *p, size_t n)
{
    buf_add(ctx, p, n);
    return true;
}

static void it_leaves_with_its_viewer(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    struct mq_receipt receipt;
    struct buf out;
    struct shown_counts counts;
    service_titles(s);
    service_event(s, "a", "start", "t1");
    service_event(s, "b", "start", "t1");
    for (int i = 0; i < 3; i++)
        assert_ok(mq_home(s->reader,
                          &(struct mq_request){.viewer = "a", .at_ms = service_now() - i * DAY},
                          &page, &test_err));
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "b"}, &page, &test_err));
    mq_reader_rest(s->reader);
    struct viewer_id a;
    assert_ok(engine_find_viewer(s->engine, str_of("a"), &a, &test_err));
    buf_init(&out, 1 << 20);
    assert_ok(mq_export(s->engine, "a", 0, append, &out, &test_err));
    buf_add_char(&out, '\0');
    assert_non_null(strstr(out.p, "\"kind\":\"impression\""));
    assert_non_null(strstr(out.p, page.recommendation_id[0] ? "\"made_by\":{\"model\":" : "?"));
    assert_ok(mq_erase(s->engine, "a", &receipt, &test_err));
    assert_int_equal(receipt.shown, 3);
    assert_int_equal(receipt.rows_left, 0);
    struct pages x = {0};
    assert_int_equal(arena_init(&x.arena, 1 << 16, 1 << 24), 0);
    assert_ok(page_log_viewer(s->engine->page_log, a, take, &x, &test_err));
    assert_int_equal(x.n, 0);
    /* What a reader still had in hand is not written either. */
    char bytes[PAGE_LOG_SCRATCH];
    struct buf scratch;
    buf_over(&scratch, bytes, sizeof(bytes));
    page_log_note(s->engine->page_log, &(struct shown_page){.viewer = a, .at_ms = 1}, &scratch);
    assert_ok(page_log_viewer(s->engine->page_log, a, take, &x, &test_err));
    assert_int_equal(x.n, 0);
    assert_false(page_log_counts(s->engine->page_log, a, &counts));
    assert_int_equal(count_pages(s, "b"), 1);
    arena_release(&x.arena);
    buf_release(&out);
}

static void it_leaves_with_its_time(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    uint64_t removed = 0;
    service_titles(s);
    service_event(s, "a", "start", "t1");
    for (int i = 0; i < 4; i++)
        assert_ok(mq_home(s->reader,
                          &(struct mq_request){.viewer = "a", .at_ms = service_now() - i * DAY},
                          &page, &test_err));
    mq_reader_rest(s->reader);
    assert_ok(engine_expire(s->engine, service_now() - 3 * DAY / 2, &removed, &test_err));
    assert_int_equal(removed, 2);
    assert_int_equal(count_pages(s, "a"), 2);
}

static void counts_of_what_was_passed_by(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    struct shown_counts counts;
    struct viewer_id a;
    service_titles(s);
    service_ratings(s);
    service_event(s, "a", "start", "t1");
    assert_ok(engine_find_viewer(s->engine, str_of("a"), &a, &test_err));
    int64_t now = service_now();
    assert_false(page_log_counts(s->engine->page_log, a, &counts)); /* asked for now */
    for (int day = 0; day < 5; day++)
        for (int again = 0; again < 2; again++) /* the same visit */
            assert_ok(mq_home(s->reader,
                              &(struct mq_request){.viewer = "a", .at_ms = now + day * DAY + again},
                              &page, &test_err));
    struct title_id first = {page.rows[0].items[0].title_number};
    assert_ok(page_log_flush(s->engine->page_log, &test_err));
    assert_true(page_log_counts(s->engine->page_log, a, &counts));
    unsigned times = shown_times(&counts, first, now);
    assert_true(times >= 1 && times <= 5);
    assert_int_equal(shown_times(&counts, first, now + 100 * DAY), 0);
    assert_int_equal(shown_times(NULL, first, now), 0);
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "a", .at_ms = now + 9 * DAY}, &page,
                      &test_err));
    assert_ok(page_log_flush(s->engine->page_log, &test_err));
    struct shown_counts live;
    assert_true(page_log_counts(s->engine->page_log, a, &live));
    service_reopen(s); /* from the store: the same */
    assert_false(page_log_counts(s->engine->page_log, a, &counts));
    assert_ok(page_log_flush(s->engine->page_log, &test_err));
    assert_true(page_log_counts(s->engine->page_log, a, &counts));
    assert_memory_equal(&live, &counts, sizeof(live));
}

/* Shown twenty times on twenty days and never played: it makes room. */
static void what_is_passed_by_makes_room(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    int64_t now = service_now();
    uint32_t first = 0;
    bool left = false;
    for (int day = 0; day < 30 && !left; day++) {
        struct mq_request q = {.viewer = "v1", .at_ms = now + day * DAY};
        assert_ok(mq_home(s->reader, &q, &page, &test_err));
        assert_true(page.n_rows > 0 && page.rows[0].n_items > 0);
        first = day == 0 ? page.rows[0].items[0].title_number : first;
        left = page.rows[0].items[0].title_number != first;
        mq_reader_rest(s->reader);
        assert_ok(page_log_flush(s->engine->page_log, &test_err));
        assert_true(!left || day >= 20);
    }
    assert_true(left);
}

/* Records of 20 kB: two hundred fill the queue while the writer pauses. On a busy machine it may come in between: again, then. */
static void a_full_queue_drops(void **state)
{
    struct service *s = *state;
    enum { BURST = 400, BURSTS = 500, ROWS = 40 };
    static char kind[SHOWN_TEXT_MAX];
    char bytes[PAGE_LOG_SCRATCH];
    struct shown_row rows[ROWS];
    struct buf scratch;
    memset(kind, 'x', sizeof(kind));
    for (size_t r = 0; r < ROWS; r++)
        rows[r] = (struct shown_row){.kind = {kind, sizeof(kind)}};
    buf_over(&scratch, bytes, sizeof(bytes));
    uint64_t noted = 0;
    for (unsigned k = 0; k < BURSTS && page_log_figures(s->engine->page_log).dropped == 0; k++)
        for (unsigned i = 0; i < BURST; i++, noted++)
            page_log_note(s->engine->page_log,
                          &(struct shown_page){.viewer = {ID_NONE},
                                               .at_ms = (int64_t)noted,
                                               .id = {noted, noted},
                                               .n_rows = ROWS,
                                               .rows = rows},
                          &scratch);
    assert_ok(page_log_flush(s->engine->page_log, &test_err));
    struct mq_stats stats;
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.shown_written + stats.shown_dropped, noted);
    assert_true(stats.shown_dropped > 0);
    assert_true(stats.shown_written > 0);
    assert_int_equal(count_pages(s, NULL), stats.shown_written);
}

static void it_is_in_the_backup(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    service_titles(s);
    service_event(s, "a", "start", "t1");
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "a"}, &page, &test_err));
    char *to = service_path(s, "backup"), *restored = service_path(s, "restored");
    assert_ok(mq_backup(s->engine, to, &test_err));
    assert_ok(mq_restore(to, restored, &test_err));
    service_close(s);
    service_open(s, restored);
    assert_int_equal(count_pages(s, "a"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_served_is_noted, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(looking_is_not_showing, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(it_leaves_with_its_viewer, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(it_leaves_with_its_time, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(counts_of_what_was_passed_by, service_setup,
                                        service_teardown),
        cmocka_unit_test_setup_teardown(what_is_passed_by_makes_room, service_setup,
                                        service_teardown),
        cmocka_unit_test_setup_teardown(a_full_queue_drops, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(it_is_in_the_backup, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
