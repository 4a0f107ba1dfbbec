/* Slates against trying every set. */
#include "support/check.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "strategy/slate.h"

enum { CONCEPTS = 9, CELLS = 40 };

struct invented {
    double cost[CONCEPTS];
    uint32_t groups[CONCEPTS];
    float chance[CONCEPTS * CELLS], weight[CELLS];
    struct slate_limit limits[2];
    struct slate_task task;
};

static void invent(struct rng *r, struct invented *x)
{
    for (int i = 0; i < CONCEPTS; i++) {
        x->cost[i] = 1 + (double)rng_below(r, 9);
        x->groups[i] = (uint32_t)rng_below(r, 4);
        for (int c = 0; c < CELLS; c++)
            x->chance[i * CELLS + c] = (float)(rng_double(r) * rng_double(r));
    }
    for (int c = 0; c < CELLS; c++)
        x->weight[c] = (float)(1 + rng_below(r, 5));
    x->limits[0] = (struct slate_limit){0, (uint32_t)rng_below(r, 3), false};
    x->limits[1] = (struct slate_limit){1, 1 + (uint32_t)rng_below(r, 3), true};
    x->task = (struct slate_task){.n = CONCEPTS,
                                  .cells = CELLS,
                                  .cost = x->cost,
                                  .groups = x->groups,
                                  .chance = x->chance,
                                  .weight = x->weight,
                                  .budget = 4 + (double)rng_below(r, 20),
                                  .limits = x->limits,
                                  .n_limits = (uint32_t)rng_below(r, 3)};
}

static bool is_allowed(const struct slate_task *t, const bool *set)
{
    double spent = 0;
    for (uint32_t i = 0; i < t->n; i++)
        spent += set[i] ? t->cost[i] : 0;
    bool good = spent <= t->budget;
    for (uint32_t l = 0; l < t->n_limits; l++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < t->n; i++)
            n += set[i] && (t->groups[i] >> t->limits[l].bit & 1);
        good = good && (t->limits[l].at_most ? n <= t->limits[l].n : n >= t->limits[l].n);
    }
    return good;
}

/* Every subset, by the definition. */
static double try_all(const struct slate_task *t)
{
    double best = -1;
    for (unsigned m = 0; m < 1u << t->n; m++) {
        bool set[SLATE_MAX] = {0};
        double reached = 0;
        for (uint32_t i = 0; i < t->n; i++)
            set[i] = m >> i & 1;
        if (!is_allowed(t, set))
            continue;
        for (uint32_t c = 0; c < t->cells; c++) {
            double none = 1;
            for (uint32_t i = 0; i < t->n; i++)
                none *= set[i] ? 1 - (double)t->chance[i * t->cells + c] : 1;
            reached += (double)t->weight[c] * (1 - none);
        }
        best = fmax(best, reached);
    }
    return best;
}

static void equals_trying_every_set(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t round = 0; round < test_rounds(60); round++) {
        struct invented x;
        struct slate_choice c;
        invent(&r, &x);
        double best = try_all(&x.task);
        int rc = slate_choose(&x.task, &c, &test_err);
        if (best < 0) {
            assert_int_equal(rc, MQ_INVALID);
            continue;
        }
        assert_ok(rc);
        assert_true(c.exact);
        assert_true(is_allowed(&x.task, c.chosen));
        assert_true(fabs(c.reached - best) < 1e-3 * best + 1e-6);
        float scratch[CELLS];
        assert_true(fabs(slate_reach(&x.task, c.chosen, scratch) - c.reached) < 1e-3 * best + 1e-6);
    }
}

/* Beyond what is searched exactly: allowed, and below the bound beside it. */
static void many_are_chosen_greedily(void **state)
{
    (void)state;
    enum { MANY = 120 };
    static double cost[MANY];
    static uint32_t groups[MANY];
    static float chance[MANY * CELLS], weight[CELLS];
    struct rng r;
    struct slate_choice c;
    rng_seed(&r, test_seed());
    for (int i = 0; i < MANY; i++) {
        cost[i] = 1 + (double)rng_below(&r, 9);
        for (int k = 0; k < CELLS; k++)
            chance[i * CELLS + k] = (float)(0.1 * rng_double(&r));
    }
    for (int k = 0; k < CELLS; k++)
        weight[k] = 1;
    struct slate_task t = {.n = MANY,
                           .cells = CELLS,
                           .cost = cost,
                           .groups = groups,
                           .chance = chance,
                           .weight = weight,
                           .budget = 40};
    assert_ok(slate_choose(&t, &c, &test_err));
    assert_false(c.exact);
    assert_true(is_allowed(&t, c.chosen));
    assert_true(c.reached > 0 && c.reached <= c.bound);
    assert_true(c.reached > 0.6 * c.bound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_trying_every_set),
        cmocka_unit_test(many_are_chosen_greedily),
    };
    return cmocka_run_group_tests_name("slate", tests, NULL, NULL);
}
