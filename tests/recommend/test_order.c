/* What came after the training is ordered by what is chosen as much; rows of top picks go on where the one above ends. */
#include "recommend/order.h"

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
    assert_true(x[ORDER_NEW] > 1 && x[ORDER_UNKNOWN] == 1);
    struct ask later = small_world_ask(p);
    later.at_ms += INT64_C(30) * 86400000;
    assert_ok(recommend_home(rec, &world.world, &later, &page, &test_err));
    order_parts(rec, FRESH, older);
    assert_true(older[ORDER_NEW] > 0 && older[ORDER_NEW] < x[ORDER_NEW]);
    later.at_ms += INT64_C(400) * 86400000;
    assert_ok(recommend_home(rec, &world.world, &later, &page, &test_err));
    order_parts(rec, FRESH, older);
    assert_true(older[ORDER_NEW] == 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_titles_are_worth_what_is_chosen_as_much),
        cmocka_unit_test(what_is_new_counts),
        cmocka_unit_test(top_picks_go_on),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
