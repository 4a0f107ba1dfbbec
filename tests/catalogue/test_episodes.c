#include "support/check.h"

#include "catalogue/catalogue.h"

static struct title_row episode(const char *series, unsigned season, unsigned number)
{
    return (struct title_row){.series = str_of(series),
                              .season = (uint16_t)season,
                              .episode = (uint16_t)number,
                              .described = true};
}

static void next_by_season_and_number(void **state)
{
    (void)state;
    struct title_row rows[] = {
        episode("B", 1, 2), episode("A", 2, 1), episode("A", 1, 2), episode("A", 1, 1),
        episode("A", 1, 2), episode("", 1, 3),  episode("A", 1, 0), episode("B", 1, 4),
    };
    const uint32_t next[] = {7, ID_NONE, 1, 2, 1, ID_NONE, ID_NONE, ID_NONE};
    enum { N = sizeof(rows) / sizeof(rows[0]) };
    assert_ok(catalogue_link_episodes(rows, N, &test_err));
    for (int i = 0; i < N; i++)
        assert_int_equal(rows[i].next_episode.v, next[i]);
    assert_ok(catalogue_link_episodes(NULL, 0, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(next_by_season_and_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
