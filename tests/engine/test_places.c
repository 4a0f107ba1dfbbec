/* From pages with swaps, through the record of what was shown, to how often a place is looked at. */
#include "service.h"

#include <math.h>

#include "engine/places_read.h"

enum { VIEWERS = 60, PAGES = 40, MAX_PLACES = 64 };

struct made {
    uint64_t pages[2], choices[2]; /* columns, rows */
    /* Swapped pairs so far, by way and the pair's first place: which second is chosen is counted out, for chance would miss the truth in some runs. */
    unsigned pairs[2][MAX_PLACES];
};

static void choose(struct service *s, const char *viewer, const struct mq_page *page,
                   const struct mq_item *item, struct made *ret, unsigned rows)
{
    struct mq_appended a;
    struct mq_event e = service_liked(viewer, item->title, page->at_ms, page->recommendation_id);
    assert_ok(mq_append(s->engine, &e, 1, &a, &test_err));
    ret->choices[rows]++;
}

/* Of a swapped pair the first is chosen always, the second every other time at its place, whoever stands there. */
static void look(struct service *s, const char *viewer, int64_t at_ms, struct made *ret)
{
    struct mq_page page;
    struct mq_request q = {.viewer = viewer, .at_ms = at_ms, .device = "tv"};
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    for (size_t r = 0; r < page.n_rows; r++) {
        const struct mq_row *row = &page.rows[r];
        if (row->propensity == 0.5) {
            ret->pages[1]++;
            choose(s, viewer, &page, &row->items[0], ret, 1);
            if (ret->pairs[1][r]++ % 2)
                choose(s, viewer, &page, &page.rows[r + 1].items[0], ret, 1);
        }
        for (size_t c = 0; c + 1 < row->n_items; c++)
            if (row->items[c].propensity == 0.5) {
                ret->pages[0]++;
                choose(s, viewer, &page, &row->items[c], ret, 0);
                if (ret->pairs[0][c]++ % 2)
                    choose(s, viewer, &page, &row->items[c + 1], ret, 0);
            }
    }
    mq_reader_rest(s->reader);
}

static void reopen(struct service *s, double swaps)
{
    service_close(s);
    assert_ok(mq_engine_open(s->data, &(struct mq_options){.swaps = swaps}, &s->engine, &test_err));
    assert_ok(mq_reader_open(s->engine, &s->reader, &test_err));
}

static const struct place_read *find(const struct places_read *p, unsigned device, bool rows,
                                     uint32_t place)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->place[i].device == device && p->place[i].rows == rows && p->place[i].place == place)
            return &p->place[i];
    return NULL;
}

static void swaps_tell_of_places(void **state)
{
    struct service *s = *state;
    static struct places_read read;
    struct made made = {.pages = {0, 0}};
    service_titles(s);
    service_ratings(s);
    service_train(s);
    assert_ok(engine_places_read(s->engine, &read, &test_err));
    assert_true(read.n == 0 && !read.known[0] && !read.known[1]);
    int64_t now = service_now() - INT64_C(3600000) * PAGES;
    reopen(s, 5); /* at most MQ_SWAPS_MAX */
    for (unsigned i = 0; i < VIEWERS * PAGES; i++) {
        char viewer[16];
        snprintf(viewer, sizeof(viewer), "v%u", i % VIEWERS);
        look(s, viewer, now + INT64_C(3600000) * (i / VIEWERS) + i % VIEWERS, &made);
    }
    double share = (double)(made.pages[0] + made.pages[1]) / (VIEWERS * PAGES);
    printf("%.3f of the pages; columns: %llu choices of %llu, rows: %llu of %llu\n", share,
           (unsigned long long)made.choices[0], (unsigned long long)made.pages[0],
           (unsigned long long)made.choices[1], (unsigned long long)made.pages[1]);
    assert_true(share > 0.16 && share < 0.24);
    assert_ok(engine_places_read(s->engine, &read, &test_err));
    for (unsigned k = 0; k < 2; k++) {
        assert_true(read.known[k]);
        assert_int_equal(read.pages[k], made.pages[k]);
        /* A title that was liked before is as good as any; one that was chosen from two pages counts for both. */
        assert_int_equal(read.choices[k], made.choices[k]);
        const struct place_read *first = find(&read, DEVICES, k == 1, 1);
        assert_non_null(first);
        /* Counted out one in two, half of one more or less; some 50 choices are drawn towards the curve of all places, which is steeper here. */
        assert_true(fabs(first->ratio - 0.5) < 0.02 && first->low < 0.5 && first->high > 0.5);
        assert_true(first->used > 0.3 && first->used < 0.7);
        assert_non_null(find(&read, DEVICE_TV, k == 1, 1));
        assert_null(find(&read, DEVICE_PHONE, k == 1, 1));
    }
    reopen(s, 0);
    made = (struct made){.pages = {0, 0}};
    for (unsigned i = 0; i < VIEWERS; i++)
        look(s, "v7", now + i * 61000, &made);
    assert_int_equal(made.pages[0] + made.pages[1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(swaps_tell_of_places, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
