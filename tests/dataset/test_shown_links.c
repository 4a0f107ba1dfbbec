/* Which page led to a play: the one it names, else the last one of the half hour before on which its title stood. */
#include <math.h>

#include "dataset/shown_links.h"
#include "support/check.h"

#define MINUTE INT64_C(60000)

static void add_page(struct shown_links *l, int64_t at_ms, uint64_t id, const uint32_t *titles,
                     uint32_t n, unsigned flags)
{
    struct shown_item items[8];
    struct shown_row row = {STR("top_picks"), false, false, n, items, false, 0};
    struct shown_page p = {.id = {id, id}, .flags = flags, .n_rows = 1, .rows = &row};
    struct buf b;
    for (uint32_t i = 0; i < n; i++)
        items[i] = (struct shown_item){{titles[i]}, 1.0f, NAN, 0, 0, 0, NAN};
    buf_init(&b, SHOWN_BYTES_MAX);
    shown_page_encode(&p, &b);
    assert_ok(shown_links_add(l, buf_str(&b), (struct viewer_id){1}, at_ms, &test_err));
    buf_release(&b);
}

static bool find(const struct shown_links *l, int64_t at_ms, uint32_t title, const char *id,
                 struct shown_place *ret)
{
    struct event e;
    event_init(&e);
    e.kind = EVENT_START;
    e.at_ms = at_ms;
    e.title_id.v = title;
    e.recommendation = str_of(id);
    return shown_links_find(l, &e, ret);
}

static void plays_find_their_page(void **state)
{
    struct shown_links l;
    struct shown_place at;
    char id[33];
    (void)state;
    assert_ok(shown_links_init(&l, &test_err));
    add_page(&l, 0, 10, (const uint32_t[]){5, 6, 7}, 3, 0);
    add_page(&l, 10 * MINUTE, 11, (const uint32_t[]){6, 8}, 2, 0);
    add_page(&l, 11 * MINUTE, 12, (const uint32_t[]){5}, 1, SHOWN_CHILD); /* is not learnt from */
    assert_int_equal(l.n, 2);
    assert_ok(shown_links_add(&l, STR("no page"), (struct viewer_id){1}, 0, &test_err));
    assert_int_equal(l.n, 2);

    assert_true(find(&l, 12 * MINUTE, 6, "", &at));
    assert_true(at.page == 1 && at.row == 0 && at.column == 0);
    assert_true(find(&l, 12 * MINUTE, 7, "", &at)); /* stood on the one before */
    assert_true(at.page == 0 && at.column == 2);
    assert_true(find(&l, 5 * MINUTE, 6, "", &at)); /* the later one was not there yet */
    assert_int_equal(at.page, 0);
    assert_false(find(&l, 12 * MINUTE, 9, "", &at));
    assert_false(find(&l, 41 * MINUTE, 6, "", &at)); /* too long ago */
    shown_id_text((struct hash128){10, 10}, id);
    assert_true(find(&l, 400 * MINUTE, 6, id, &at)); /* but it says so itself */
    assert_int_equal(at.page, 0);
    assert_false(find(&l, 12 * MINUTE, 8, id, &at)); /* and that page did not have it */
    shown_id_text((struct hash128){99, 99}, id);
    assert_false(find(&l, 12 * MINUTE, 6, id, &at)); /* a page that is not known */

    assert_true(find(&l, 12 * MINUTE, 6, "", &at));
    for (uint32_t t = 20; t > 0; t--)
        assert_ok(shown_links_choose(&l, &at, t % 7, &test_err));
    assert_int_equal(l.pages[1].n_chosen, 7);
    for (uint32_t i = 0; i < 7; i++)
        assert_int_equal(l.pages[1].chosen[i], i);
    shown_links_reset(&l);
    assert_false(find(&l, 12 * MINUTE, 6, "", &at));
    shown_links_release(&l);
}

static void impressions_are_pages(void **state)
{
    struct shown_links l;
    struct shown_place at;
    struct event_item items[] = {{STR_NONE, {7}, 1, 2, 0.5f},
                                 {STR_NONE, {8}, 0, 0, NAN},
                                 {STR_NONE, {9}, 60000, 0, NAN}}; /* no such row: left out */
    struct event e;
    (void)state;
    assert_ok(shown_links_init(&l, &test_err));
    add_page(&l, 20 * MINUTE, 10, (const uint32_t[]){5}, 1, 0);
    event_init(&e);
    e.kind = EVENT_IMPRESSION;
    e.at_ms = 10 * MINUTE; /* before the served one: in order of time */
    e.items = items;
    e.n_items = 3;
    assert_ok(shown_links_impression(&l, &e, &test_err));
    assert_int_equal(l.n, 2);
    assert_true(find(&l, 21 * MINUTE, 7, "", &at));
    assert_true(at.page == 0 && at.row == 1 && at.column == 2);
    assert_true(l.pages[0].page.rows[1].random && !l.pages[0].page.rows[0].random);
    assert_true(l.pages[0].page.rows[1].items[2].propensity == 0.5f);
    assert_false(find(&l, 21 * MINUTE, 9, "", &at));
    for (int64_t i = 0; i < SHOWN_LINK_PAGES + 10; i++) /* the earliest make room */
        add_page(&l, 30 * MINUTE + i, (uint64_t)i, (const uint32_t[]){5}, 1, 0);
    assert_true(l.n <= SHOWN_LINK_PAGES);
    assert_true(find(&l, 31 * MINUTE, 5, "", &at));
    assert_int_equal(at.page, l.n - 1);
    shown_links_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_find_their_page),
        cmocka_unit_test(impressions_are_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
