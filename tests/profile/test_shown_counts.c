/* What was passed by is counted once a visit, in the places that are looked at, and is forgotten in time. */
#include "base/rng.h"
#include "profile/shown_counts.h"
#include "support/check.h"

#define DAY INT64_C(86400000)

static void show(struct shown_counts *c, int64_t at_ms, const uint32_t *titles, uint32_t n)
{
    struct shown_item items[SHOWN_LOOKED_AT_COLUMNS + 2];
    struct shown_row row = {STR("x"), false, false, n, items, false, 0};
    for (uint32_t i = 0; i < n; i++)
        items[i] = (struct shown_item){.title = {titles[i]}};
    shown_counts_add(c, &(struct shown_page){.at_ms = at_ms, .n_rows = 1, .rows = &row});
}

static unsigned times(const struct shown_counts *c, uint32_t title, int64_t at_ms)
{
    return shown_times(c, (struct title_id){title}, at_ms);
}

static void once_a_visit(void **state)
{
    struct shown_counts c = {0};
    const uint32_t titles[] = {9, 3, 7, 1, 5, 2, 8, 4}; /* the last two stand too far right */
    (void)state;
    show(&c, DAY, titles, 8);
    show(&c, DAY + 1000, titles, 8);
    assert_int_equal(times(&c, 9, DAY), 1);
    assert_int_equal(times(&c, 2, DAY), 1);
    assert_int_equal(times(&c, 8, DAY), 0);
    show(&c, DAY + SHOWN_VISIT_MS, titles, 2);
    assert_int_equal(times(&c, 9, DAY), 2);
    assert_int_equal(times(&c, 7, DAY), 1);
    show(&c, 0, titles, 2); /* before the visit */
    assert_int_equal(times(&c, 9, DAY), 2);
    assert_int_equal(times(&c, 9, (SHOWN_FORGOTTEN_DAYS + 1) * DAY), 2);
    assert_int_equal(times(&c, 9, (SHOWN_FORGOTTEN_DAYS + 2) * DAY), 0);
    show(&c, (SHOWN_FORGOTTEN_DAYS + 3) * DAY, titles, 1); /* begins anew */
    assert_int_equal(times(&c, 9, (SHOWN_FORGOTTEN_DAYS + 3) * DAY), 1);
}

/* Against a plain table, while there is room; and bounded when there is none. */
static void as_a_table_would(void **state)
{
    struct rng rng;
    (void)state;
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(50); round++) {
        struct shown_counts c = {0};
        unsigned table[SHOWN_COUNTS_MAX * 2] = {0};
        uint32_t among = round % 2 ? SHOWN_COUNTS_MAX : SHOWN_COUNTS_MAX * 2;
        for (int64_t visit = 1; visit < 50; visit++) {
            uint32_t titles[SHOWN_LOOKED_AT_COLUMNS], n = 1 + (uint32_t)rng_below(&rng, 6);
            bool in_visit[SHOWN_COUNTS_MAX * 2] = {false};
            for (uint32_t i = 0; i < n; i++) {
                titles[i] = (uint32_t)rng_below(&rng, among);
                table[titles[i]] += !in_visit[titles[i]];
                in_visit[titles[i]] = true;
            }
            show(&c, visit * SHOWN_VISIT_MS, titles, n);
            for (uint32_t i = 1; i < c.n; i++)
                assert_true(c.of[i - 1].title < c.of[i].title);
        }
        for (uint32_t t = 0; t < among; t++)
            assert_true(among > SHOWN_COUNTS_MAX ? times(&c, t, DAY) <= table[t]
                                                 : times(&c, t, DAY) == table[t]);
        assert_true(c.n <= SHOWN_COUNTS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_a_visit),
        cmocka_unit_test(as_a_table_would),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
