#include "recommend/recommend.h"

#include "recommend/small_world.h"
#include "support/check.h"

static struct small_world world;
static struct recommender *rec;

static int make(void **state)
{
    (void)state;
    small_world_make(&world, (struct small_world_size){800, 1500, 16, 11});
    assert_ok(recommender_new(&rec, &test_err));
    assert_ok(recommender_fit(rec, 800, 16, &test_err));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    recommender_free(rec);
    small_world_release(&world);
    return 0;
}

static struct ask ask_of(const struct profile *p)
{
    return (struct ask){
        .profile = p,
        .viewer = "v",
        .log_seq = 9,
        .at_ms = SMALL_WORLD_NOW,
        .context = {.offset_min = 0, .device = DEVICE_PHONE, .country = 'G' << 8 | 'B'},
    };
}

static const struct mq_row *find_row(const struct mq_page *page, const char *kind)
{
    for (size_t i = 0; i < page->n_rows; i++) {
        if (strcmp(page->rows[i].kind, kind) == 0)
            return &page->rows[i];
    }
    return NULL;
}

static int order_of(const char *kind)
{
    static const char *const kinds[] = {"continue", "top_picks", "because", "popular",
                                        "new",      "person",    "genre"};
    for (int i = 0; i < 7; i++) {
        if (strcmp(kind, kinds[i]) == 0)
            return i;
    }
    fail_msg("row of unknown kind %s", kind);
    return -1;
}

static void check_item(const struct mq_item *item, const char *kind, const struct profile *p,
                       bool *seen)
{
    const struct title_row *row = &world.catalogue->titles[item->title_number];
    const struct title_signal *s =
        p ? profile_signal(p, (struct title_id){item->title_number}) : NULL;
    assert_false(seen[item->title_number]);
    seen[item->title_number] = true;
    assert_string_equal(item->title, row->id.p);
    assert_string_equal(item->name, row->name.p);
    assert_true(row->described);
    assert_true(strlen(item->reason.text) > 5);
    if (s) {
        assert_false(s->flags & SIGNAL_HIDDEN);
        bool watched = s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED) || s->rating > 0;
        assert_int_equal(watched, strcmp(kind, "continue") == 0);
    }
    for (size_t e = 0; e < item->reason.n_evidence; e++) {
        assert_non_null(item->reason.evidence[e].name);
        if (strcmp(kind, "continue") != 0)
            assert_string_not_equal(item->reason.evidence[e].title, item->title);
    }
}

/* What must hold of any page. */
static void check_page(const struct mq_page *page, const struct profile *p, size_t rows,
                       size_t columns)
{
    bool *seen = calloc(world.catalogue->n_titles, sizeof(*seen));
    assert_non_null(seen);
    assert_true(page->n_rows <= rows);
    assert_int_equal(strlen(page->recommendation_id), 32);
    for (size_t i = 0; i < page->n_rows; i++) {
        const struct mq_row *row = &page->rows[i];
        int order = order_of(row->kind);
        assert_true(order > 0 || i == 0); /* what is to be continued comes first */
        assert_true(row->n_items <= columns);
        assert_true(row->n_items >= (order == 0 ? 1u : columns < 3 ? columns : 3u));
        assert_true(strlen(row->name) > 0 && strlen(row->reason) > 0);
        for (size_t k = 0; k < row->n_items; k++) {
            check_item(&row->items[k], row->kind, p, seen);
            if (k > 0)
                assert_true(row->items[k].score <= row->items[k - 1].score);
        }
    }
    free(seen);
}

static void pages_hold_their_rules(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (size_t i = 0; i < test_rounds(120); i++) {
        struct profile *p = small_world_profile(&world, seed + i, (uint32_t)(i % 60));
        struct mq_page page;
        struct ask ask = ask_of(p);
        ask.rows = (unsigned)(i % 12);
        ask.columns = (unsigned)(i * 7 % 41);
        ask.no_profiling = i % 9 == 8;
        ask.no_context = i % 5 == 4;
        assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
        /* on a phone, which is as small without context */
        check_page(&page, p, ask.rows ? ask.rows : 6, ask.columns ? ask.columns : 10);
        free(p);
    }
}

static void same_question_same_page(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 5, 30);
    struct recommender *other;
    struct mq_page page, again;
    char id[33];
    struct ask ask = ask_of(p);
    assert_ok(recommender_new(&other, &test_err));
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    memcpy(id, page.recommendation_id, sizeof(id));
    assert_ok(recommend_home(other, &world.world, &ask, &again, &test_err));
    assert_string_equal(id, again.recommendation_id);
    assert_int_equal(page.n_rows, again.n_rows);
    for (size_t i = 0; i < page.n_rows; i++) {
        assert_int_equal(page.rows[i].n_items, again.rows[i].n_items);
        for (size_t k = 0; k < page.rows[i].n_items; k++) {
            assert_int_equal(page.rows[i].items[k].title_number,
                             again.rows[i].items[k].title_number);
            assert_string_equal(page.rows[i].items[k].reason.text,
                                again.rows[i].items[k].reason.text);
        }
    }
    /* Each thing that goes in changes the id. */
    struct ask changed[5] = {ask, ask, ask, ask, ask};
    changed[0].log_seq++;
    changed[1].at_ms++;
    changed[2].viewer = "w";
    changed[3].context.device = DEVICE_TV;
    changed[4].columns = 19;
    for (int i = 0; i < 5; i++) {
        assert_ok(recommend_home(other, &world.world, &changed[i], &again, &test_err));
        assert_string_not_equal(id, again.recommendation_id);
    }
    recommender_free(other);
    free(p);
}

static void every_kind_of_row_is_there(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 5, 40);
    struct mq_page page;
    struct ask ask = ask_of(p);
    ask.rows = 16;
    ask.columns = 20;
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_true(page.n_rows >= 10);
    assert_true(page.known);
    assert_int_equal(page.model, 3);
    assert_string_equal(page.context.device, "phone");
    assert_string_equal(page.context.daypart, "evening");
    assert_string_equal(page.context.country, "GB");
    assert_true(page.context.weekend);
    const char *const kinds[] = {"continue", "top_picks", "because", "popular",
                                 "new",      "person",    "genre"};
    for (int i = 0; i < 7; i++)
        assert_non_null(find_row(&page, kinds[i]));
    assert_int_equal(find_row(&page, "top_picks")->n_items, 20);
    free(p);
}

static void rows_by_device(void **state)
{
    (void)state;
    static const struct {
        enum device device;
        size_t rows, columns;
    } sizes[] = {
        {DEVICE_NONE, 8, 20}, {DEVICE_TV, 8, 20}, {DEVICE_TABLET, 6, 15}, {DEVICE_PHONE, 6, 10}};
    struct profile *p = small_world_profile(&world, 5, 40);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct mq_page page;
        struct ask ask = ask_of(p);
        ask.context.device = (uint8_t)sizes[i].device;
        assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
        assert_int_equal(page.n_rows, sizes[i].rows);
        check_page(&page, p, sizes[i].rows, sizes[i].columns);
        assert_non_null(find_row(&page, "new")); /* something new has a place on any page */
        ask.columns = 4;                         /* who says how much gets that */
        assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
        check_page(&page, p, sizes[i].rows, 4);
    }
    free(p);
}

static void assert_impersonal(const struct mq_page *page)
{
    assert_null(find_row(page, "continue"));
    assert_null(find_row(page, "top_picks"));
    assert_null(find_row(page, "because"));
    assert_null(find_row(page, "person"));
    assert_non_null(find_row(page, "popular"));
    assert_non_null(find_row(page, "new"));
    assert_non_null(find_row(page, "genre"));
    for (size_t i = 0; i < page->n_rows; i++) {
        for (size_t k = 0; k < page->rows[i].n_items; k++)
            assert_int_equal(page->rows[i].items[k].reason.n_evidence, 0);
    }
}

static void new_viewers_see_what_is_popular(void **state)
{
    (void)state;
    struct mq_page page;
    struct ask ask = ask_of(NULL);
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    check_page(&page, NULL, 6, 10);
    assert_impersonal(&page);
    assert_false(page.known);
    assert_int_equal(page.n_rows, 6);
    struct profile *p = small_world_profile(&world, 5, 40);
    ask = ask_of(p);
    ask.no_profiling = true;
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    check_page(&page, p, 6, 10);
    assert_impersonal(&page);
    free(p);
}

static void the_first_event_makes_it_personal(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 8, 10),
                   *one = calloc(1, sizeof(*one) + sizeof(p->signals[0]));
    struct mq_page page;
    assert_non_null(one);
    one->n = 1;
    one->events = 1;
    one->signals[0] = p->signals[0];
    one->signals[0].preference = 0.8f;
    one->signals[0].confidence = 1;
    one->signals[0].flags = SIGNAL_PLAYED | SIGNAL_FINISHED;
    struct ask ask = ask_of(one);
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    check_page(&page, one, 8, 20);
    assert_non_null(find_row(&page, "top_picks"));
    assert_non_null(find_row(&page, "because"));
    free(one);
    free(p);
}

static void without_a_model_counts_decide(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 5, 40);
    struct world no_model = world.world;
    struct mq_page page;
    struct ask ask = ask_of(p);
    no_model.model = NULL;
    ask.rows = 16;
    assert_ok(recommend_home(rec, &no_model, &ask, &page, &test_err));
    check_page(&page, p, 16, 10);
    assert_int_equal(page.model, 0);
    assert_null(find_row(&page, "top_picks"));
    assert_null(find_row(&page, "because"));
    assert_non_null(find_row(&page, "popular"));
    assert_non_null(find_row(&page, "person"));
    assert_non_null(find_row(&page, "genre"));
    free(p);
}

static void context_changes_what_is_popular(void **state)
{
    (void)state;
    struct mq_page page;
    struct ask ask = ask_of(NULL);
    ask.context = (struct context){.offset_min = OFFSET_NONE, .country = 'G' << 8 | 'B'};
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_string_equal(find_row(&page, "popular")->name, "Popular in GB");
    char id[33];
    memcpy(id, page.recommendation_id, sizeof(id));
    ask.no_context = true;
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_string_equal(find_row(&page, "popular")->name, "Popular now");
    assert_string_equal(page.context.country, "");
    assert_string_not_equal(id, page.recommendation_id);
}

static void a_new_world_is_taken_in(void **state)
{
    (void)state;
    struct small_world larger;
    struct profile *p;
    struct mq_page page;
    small_world_make(&larger, (struct small_world_size){900, 500, 32, 12});
    p = small_world_profile(&larger, 5, 20);
    struct ask ask = ask_of(p);
    assert_ok(recommend_home(rec, &larger.world, &ask, &page, &test_err));
    assert_non_null(find_row(&page, "top_picks"));
    small_world_release(&larger);
    free(p);
    p = small_world_profile(&world, 5, 20);
    ask = ask_of(p);
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    check_page(&page, p, 6, 10);
    free(p);
}

static void limits_are_stated(void **state)
{
    (void)state;
    struct mq_page page;
    struct ask ask = ask_of(NULL);
    ask.rows = 41;
    assert_fails(MQ_INVALID, recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_non_null(strstr(test_err.text, "rows: 41"));
    ask.rows = 0;
    ask.columns = 101;
    assert_fails(MQ_INVALID, recommend_home(rec, &world.world, &ask, &page, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_hold_their_rules),
        cmocka_unit_test(same_question_same_page),
        cmocka_unit_test(rows_by_device),
        cmocka_unit_test(every_kind_of_row_is_there),
        cmocka_unit_test(new_viewers_see_what_is_popular),
        cmocka_unit_test(the_first_event_makes_it_personal),
        cmocka_unit_test(without_a_model_counts_decide),
        cmocka_unit_test(context_changes_what_is_popular),
        cmocka_unit_test(a_new_world_is_taken_in),
        cmocka_unit_test(limits_are_stated),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
