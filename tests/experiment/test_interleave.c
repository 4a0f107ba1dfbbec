/* Team draft: fair in length and place, nothing twice, nothing lost. */
#include "support/check.h"

#include "experiment/interleave.h"

static void fair_and_complete(void **state)
{
    (void)state;
    struct rng rng;
    unsigned first[2] = {0};

    rng_seed(&rng, test_seed());
    for (unsigned round = 0; round < 4000; round++) {
        uint32_t a[12], b[12];
        struct drafted row[24];
        size_t na = rng_below(&rng, 13), nb = rng_below(&rng, 13), k = 1 + rng_below(&rng, 20);
        for (uint32_t i = 0; i < 12; i++)
            a[i] = i, b[i] = i + 6;
        rng_shuffle_u32(&rng, a, 12);
        rng_shuffle_u32(&rng, b, 12);
        size_t n = interleave_team_draft(a, na, b, nb, k, &rng, row), teams[2] = {0};
        bool there[18] = {0};
        size_t both = 0;
        for (size_t i = 0; i < na; i++)
            there[a[i]] = true;
        for (size_t i = 0; i < nb; i++)
            there[b[i]] = true;
        for (size_t i = 0; i < 18; i++)
            both += there[i];
        assert_int_equal(n, both < k ? both : k);
        for (size_t i = 0; i < n; i++) {
            assert_true(there[row[i].title]);
            there[row[i].title] = false;
            teams[row[i].team]++;
        }
        /* While both have something to place, neither is ahead by more than one. */
        if (na == 12 && nb == 12 && k <= 12)
            assert_true(teams[0] <= teams[1] + 1 && teams[1] <= teams[0] + 1);
        if (na && nb)
            first[row[0].team]++;
    }
    unsigned total = first[0] + first[1];
    assert_in_range(first[0], total * 45 / 100, total * 55 / 100);
}

/* Each side keeps its own order. */
static void orders_are_kept(void **state)
{
    (void)state;
    const uint32_t a[] = {5, 1, 4}, b[] = {1, 2, 5};
    struct drafted row[6];
    struct rng rng;

    rng_seed(&rng, 3);
    for (unsigned round = 0; round < 100; round++) {
        size_t n = interleave_team_draft(a, 3, b, 3, 6, &rng, row);
        assert_int_equal(n, 4);
        assert_true(row[0].title == (row[0].team == TEAM_A ? 5 : 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fair_and_complete),
        cmocka_unit_test(orders_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
