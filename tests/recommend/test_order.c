/* What came after the training is ordered by what is chosen as much; rows of top picks go on where the one above ends. */
#include "recommend/order.h"

#include <math.h>

#include "base/rng.h"
#include "recommend/arrange.h"
#include "recommend/resume.h"
#include "recommend/shelf.h"
#include "recommend/small_world.h"
#include "support/check.h"

enum { TITLES = 400, CHOICES = 400, FRESH = TITLES - 5 /* the model does not know it */ };

static struct small_world world;
static struct recommender *rec;
static struct order_part part;

static int make(void **state)
{
    (void)state;
    small_world_make(&world, (struct small_world_size){TITLES, 800, 16, 7});
    part = (struct order_part){.version = ORDER_VERSION};
    part.weight[ORDER_SCORE] = 1;
    part.weight[ORDER_TREND] = 2;
    world.model->order = &part;
    assert_ok(recommender_new(&rec, &test_err));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    recommender_free(rec);
    world.model->order = NULL;
    small_world_release(&world);
    return 0;
}

/* What was asked stays: tests look at the parts of its order afterwards. */
static void page_of(const struct profile *p, struct mq_page *ret)
{
    static struct ask ask;
    ask = small_world_ask(p);
    assert_ok(recommend_home(rec, &world.world, &ask, ret, &test_err));
}

/* In the first places of the viewer's list, which goes by the order alone; NULL: it is not there. */
static const struct mq_item *find_first(const struct profile *p, uint32_t title)
{
    static struct mq_list list;
    struct ask ask = small_world_ask(p);
    ask.n = 10;
    assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
    for (size_t i = 0; i < list.n_items; i++)
        if (list.items[i].title_number == title)
            return &list.items[i];
    return NULL;
}

static void choose_often(uint32_t title)
{
    for (uint32_t v = 0; v < CHOICES; v++) {
        struct event e;
        event_init(&e);
        e.kind = EVENT_START;
        e.viewer_id.v = v;
        e.title_id.v = title;
        e.at_ms = SMALL_WORLD_NOW - (int64_t)v * 600000;
        e.context =
            (struct context){.offset_min = 0, .device = DEVICE_TV, .country = 'G' << 8 | 'B'};
        assert_ok(trend_feed(world.trend, &e, &test_err));
    }
}

static void unknown_titles_are_worth_what_is_chosen_as_much(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 3, 20);
    assert_null(find_first(p, FRESH));
    choose_often(FRESH);
    const struct mq_item *item = find_first(p, FRESH);
    assert_non_null(item);
    assert_int_equal(item->reason.kind, MQ_REASON_POPULAR);
    assert_int_equal(item->reason.n_evidence, 0);
    assert_non_null(strstr(item->reason.text, "Chosen"));
    part.version = ORDER_VERSION - 1; /* weights of an older meaning are none */
    assert_null(find_first(p, FRESH));
    part.version = ORDER_VERSION;
    free(p);
}

static void what_is_new_counts(void **state)
{
    float x[ORDER_PARTS], older[ORDER_PARTS];
    struct mq_page page;
    (void)state;
    struct profile *p = small_world_profile(&world, 3, 20);
    page_of(p, &page);
    order_parts(rec, FRESH, x);
    assert_true(x[ORDER_NEW] > 1 && x[ORDER_UNKNOWN] == 1 && x[ORDER_IS_NEW] == 1);
    struct ask later = small_world_ask(p);
    later.at_ms += INT64_C(30) * 86400000;
    assert_ok(recommend_home(rec, &world.world, &later, &page, &test_err));
    order_parts(rec, FRESH, older);
    assert_true(older[ORDER_NEW] > 0 && older[ORDER_NEW] < x[ORDER_NEW]);
    later.at_ms += INT64_C(400) * 86400000;
    assert_ok(recommend_home(rec, &world.world, &later, &page, &test_err));
    order_parts(rec, FRESH, older);
    assert_true(older[ORDER_NEW] == 0 && older[ORDER_IS_NEW] == 0);
    free(p);
}

static void top_picks_go_on(void **state)
{
    static const char *const names[TOP_ROWS] = {"Top picks for you", "More for you",
                                                "Even more for you"};
    size_t most = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct profile *p = small_world_profile(&world, seed, 20);
        struct mq_page page;
        size_t n = 0;
        page_of(p, &page);
        for (size_t i = 0; i < page.n_rows; i++) {
            if (strcmp(page.rows[i].kind, "top_picks") != 0)
                continue;
            assert_true(n < TOP_ROWS);
            assert_string_equal(page.rows[i].name, names[n++]);
        }
        assert_true(n > 0);
        most = n > most ? n : most;
        free(p);
    }
    assert_true(most > 1);
}

static size_t row_of(const struct mq_page *page, const char *kind)
{
    for (size_t i = 0; i < page->n_rows; i++)
        if (strcmp(page->rows[i].kind, kind) == 0)
            return i;
    return SIZE_MAX;
}

/* A page's row of what is to be continued, by its weight and as many rows. */
static size_t continue_row(const struct profile *p, float weight, unsigned rows)
{
    struct ask ask = small_world_ask(p);
    struct mq_page page;
    ask.rows = rows;
    part.weight[ORDER_RESUME + RESUME_ANY] = weight;
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    part.weight[ORDER_RESUME + RESUME_ANY] = 0;
    return row_of(&page, "continue");
}

static void what_is_continued_stands_where_it_earns_its_place(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 3, 20);
    assert_int_equal(continue_row(p, 0, 8), 0); /* nobody knows */
    assert_int_equal(continue_row(p, 5, 8), 0);
    for (unsigned rows = 2; rows <= 8; rows++) {
        size_t row = continue_row(p, -10, rows);
        assert_true(row > 0 && row < rows); /* it never goes */
    }
    part.version = ORDER_VERSION - 1; /* weights of an older meaning are none */
    assert_int_equal(continue_row(p, -10, 8), 0);
    part.version = ORDER_VERSION;
    free(p);
}

static bool has_row(const struct plan *p, enum shelf_kind kind)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->shelf[i].kind == kind)
            return true;
    return false;
}

/* On a small page with two rows of what rises now, too. */
static void what_rises_takes_no_place_of_what_is_continued(void **state)
{
    (void)state;
    static const enum shelf_kind kinds[] = {SHELF_CONTINUE, SHELF_TOP, SHELF_RISING,
                                            SHELF_RISING,   SHELF_NEW, SHELF_GENRE};
    enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), EACH = 5 };
    struct profile *p = small_world_profile(&world, 3, 20);
    struct topk_item list[KINDS][EACH];
    struct mq_page page;
    page_of(p, &page);
    part.weight[ORDER_RESUME + RESUME_ANY] = -10;
    struct topk_item resumed = {0, 1};
    for (size_t i = 0; resumed.index == 0 && i < p->n; i++)
        if (!(p->signals[i].flags & SIGNAL_FINISHED))
            resumed.index = p->signals[i].title.v;
    for (uint32_t i = 0; i < KINDS * EACH; i++)
        list[i / EACH][i % EACH] = (struct topk_item){i, 1};
    for (size_t rows = 2; rows <= KINDS; rows++) {
        struct plan plan = {.n = KINDS, .rows = rows, .columns = EACH};
        for (size_t k = 0; k < KINDS; k++)
            plan.shelf[k] = (struct shelf){.kind = kinds[k], .list = list[k], .n = EACH};
        plan.shelf[0].list = &resumed;
        plan.shelf[0].n = 1;
        arrange(rec, &plan);
        assert_int_equal(plan.n, rows);
        assert_true(has_row(&plan, SHELF_CONTINUE) && plan.shelf[0].kind != SHELF_CONTINUE);
        assert_true(rows < 3 || plan.shelf[1].kind == SHELF_RISING);
        assert_true(rows < 5 || has_row(&plan, SHELF_NEW));
    }
    part.weight[ORDER_RESUME + RESUME_ANY] = 0;
    free(p);
}

static void what_says_that_a_title_is_gone_on_with(void **state)
{
    struct topk_item list[RESUME_SEEN];
    float x[RESUME_SEEN][RESUME_PARTS], later[RESUME_SEEN][RESUME_PARTS];
    (void)state;
    struct profile *p = small_world_profile(&world, 3, 20);
    struct resume_view v = {.profile = p, .catalogue = world.catalogue, .at_ms = SMALL_WORLD_NOW};
    size_t n = resume_find(&v, list, RESUME_SEEN);
    assert_int_equal(n, 1);
    resume_parts(&v, list, n, x);
    struct title_signal *s = (void *)(uintptr_t)profile_signal(p, (struct title_id){list[0].index});
    assert_true(x[0][RESUME_ANY] == 1);
    assert_true(x[0][RESUME_SHARE] > 0 && x[0][RESUME_SHARE] <= 1);
    v.at_ms += 86400000;
    resume_parts(&v, list, n, later);
    assert_true(later[0][RESUME_AGE] > x[0][RESUME_AGE]);
    assert_true(later[0][RESUME_PASSED] == x[0][RESUME_PASSED]);
    s->last_s = 1; /* everything else came after it */
    resume_parts(&v, list, n, later);
    assert_true(fabsf(later[0][RESUME_PASSED] - logf((float)p->n)) < 1e-5F);
    s->last_s = UINT32_MAX;
    resume_parts(&v, list, n, later);
    assert_true(later[0][RESUME_PASSED] == 0 && later[0][RESUME_AGE] == 0);
    free(p);
}

/* A later row is planned by what it will hold: no row of the page is worth more than the best titles are. */
static void the_best_titles_come_first(void **state)
{
    (void)state;
    part.weight[ORDER_TREND] = -3; /* against the scores' own order */
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct profile *p = small_world_profile(&world, seed, 20);
        struct mq_page page;
        page_of(p, &page);
        size_t first = row_of(&page, "continue") == 0;
        assert_string_equal(page.rows[first].kind, "top_picks");
        free(p);
    }
    part.weight[ORDER_TREND] = 2;
}

/* What was put in order once gives what a selection over all titles gives, whatever is left out. */
static void selections_are_those_over_all_titles(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, 5);
    for (uint64_t seed = 20; seed < 24; seed++) {
        struct profile *p = small_world_profile(&world, seed, 20);
        struct mq_page page;
        uint64_t skip[TITLES / 64 + 1];
        struct topk_item want[TITLES], got[TITLES];
        page_of(p, &page);
        assert_true(rec->ranked_first && rec->n_lately > 0);
        for (size_t most = 1; most <= TITLES; most += 13) {
            for (size_t w = 0; w < rec->words; w++)
                skip[w] = rec->seen[w] | (rng_u64(&rng) & rng_u64(&rng));
            size_t n = topk_select(rec->ordered, rec->n_titles, skip, most, want);
            assert_int_equal(order_select(rec, skip, most, got), n);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(got[i].index, want[i].index);
            n = topk_select(rec->trend, rec->n_titles, rec->seen, most, want);
            assert_int_equal(order_lately(rec, most, got), n);
            assert_memory_equal(got, want, n * sizeof(*got));
        }
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selections_are_those_over_all_titles),
        cmocka_unit_test(unknown_titles_are_worth_what_is_chosen_as_much),
        cmocka_unit_test(what_is_new_counts),
        cmocka_unit_test(top_picks_go_on),
        cmocka_unit_test(what_is_continued_stands_where_it_earns_its_place),
        cmocka_unit_test(what_rises_takes_no_place_of_what_is_continued),
        cmocka_unit_test(what_says_that_a_title_is_gone_on_with),
        cmocka_unit_test(the_best_titles_come_first),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
