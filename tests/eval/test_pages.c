/* Pages replayed over an invented log: two tastes, a title a day. */
#include "eval/page_replay.h"

#include <math.h>

#include "base/rng.h"
#include "support/check.h"

enum { TITLES = 120, VIEWERS = 60, EACH = 24 };
#define BEGIN INT64_C(1767225600000)
#define DAY INT64_C(86400000)

static struct catalogue *catalogue;

static int make(void **state)
{
    struct catalogue_builder *b;
    (void)state;
    assert_ok(catalogue_builder_new(&b, &test_err));
    for (uint32_t t = 0; t < TITLES; t++) {
        struct title title;
        char id[16];
        struct str genre = t % 2 ? STR("War") : STR("Drama");
        title_init(&title);
        snprintf(id, sizeof(id), "t%u", t);
        title.id = title.name = str_of(id);
        title.year = 2000;
        title.genres = &genre;
        title.n_genres = 1;
        title.title_id.v = t;
        assert_ok(catalogue_add(b, &title, &test_err));
    }
    assert_ok(catalogue_build(b, 1, &catalogue, &test_err));
    catalogue_builder_free(b);
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    catalogue_free(catalogue);
    return 0;
}

/* Viewers of even number like even titles, and so on; each rates another of theirs every day. */
static void fill(struct page_events *p, unsigned each)
{
    struct rng rng;
    uint64_t seq = 0;
    rng_seed(&rng, 5);
    assert_ok(page_events_init(p, &test_err));
    for (uint32_t v = 0; v < VIEWERS; v++) {
        uint32_t at = (uint32_t)rng_below(&rng, TITLES / 2);
        for (unsigned i = 0; i < each; i++) {
            struct event e;
            char session[8] = "s"; /* the copy must outlive it */
            event_init(&e);
            e.kind = EVENT_RATING;
            e.viewer_id.v = v;
            e.title_id.v = (at + i * 7) % (TITLES / 2) * 2 + v % 2;
            e.value = 5;
            e.scale = 5;
            e.at_ms = BEGIN + i * DAY + (int64_t)v * 60000;
            e.seq = ++seq;
            e.session = str_of(session);
            assert_ok(page_events_add(p, &e, &test_err));
        }
    }
}

static void taste_is_in_view(void **state)
{
    struct page_events p;
    struct page_report r, again;
    struct page_options o = {.seed = 1, .threads = 1, .cut = 0.2};
    (void)state;
    fill(&p, EACH);
    assert_ok(page_replay(&p, catalogue, &o, &r, &test_err));
    assert_int_equal(r.rows, 4);
    assert_int_equal(r.asked, VIEWERS * EACH / 5);
    assert_int_equal(r.viewers, VIEWERS);
    assert_true(r.recall[PAGE_ARM].mean > r.recall[PAGE_POPULARITY].mean);
    assert_true(r.over[PAGE_POPULARITY].low > 0);
    for (int a = 0; a < PAGE_ARMS; a++)
        assert_true(r.recall[a].low <= r.recall[a].mean && r.recall[a].mean <= r.recall[a].high);
    /* The context of these events says nothing, and so changes nothing. */
    assert_true(r.over[PAGE_PLAIN_ARM].mean == 0);
    /* A rating is no start: every moment is a session's first choice. */
    assert_int_equal(r.moods_worth[PAGE_ALL].asked, r.asked);
    assert_int_equal(r.moods_worth[PAGE_FIRST].asked, r.asked);
    assert_int_equal(r.moods_worth[PAGE_LATER].asked, 0);
    assert_true(r.moods_worth[PAGE_FIRST].ndcg.mean == 0);
    assert_ok(page_replay(&p, catalogue, &o, &again, &test_err));
    assert_true(again.recall[PAGE_ARM].mean == r.recall[PAGE_ARM].mean);
    /* All in view: nothing is missed by a list of all. */
    o.rows = 16;
    o.columns = 60;
    assert_ok(page_replay(&p, catalogue, &o, &r, &test_err));
    assert_true(r.recall[PAGE_TASTE].mean == 1 && r.recall[PAGE_POPULARITY].mean == 1);
    page_events_release(&p);
}

static void too_little(void **state)
{
    struct page_events p;
    struct page_report r;
    (void)state;
    assert_ok(page_events_init(&p, &test_err));
    assert_fails(MQ_INVALID,
                 page_replay(&p, catalogue, &(struct page_options){.seed = 1}, &r, &test_err));
    page_events_release(&p);
    fill(&p, 5);
    assert_fails(MQ_INVALID,
                 page_replay(&p, catalogue, &(struct page_options){.cut = 1}, &r, &test_err));
    assert_fails(MQ_INVALID,
                 page_replay(&p, catalogue, &(struct page_options){.cut = 0.1}, &r, &test_err));
    assert_non_null(strstr(test_err.text, "5 titles before"));
    page_events_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(taste_is_in_view),
                                       cmocka_unit_test(too_little)};
    return cmocka_run_group_tests(tests, make, unmake);
}
