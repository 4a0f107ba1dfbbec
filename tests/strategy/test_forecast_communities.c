/* A forecast by community: it adds up to the whole, and nothing below the floor is told or can be worked out. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "strategy/forecast.h"

enum { VIEWERS = 5000, GROUPS = 8 };

struct world {
    struct strategy_data *d;
    struct arena arena;
    float chance[VIEWERS];
};

static void make(struct world *w, uint32_t groups)
{
    struct strategy_group list[GROUPS];
    char names[GROUPS][16];
    assert_ok(arena_init(&w->arena, 1 << 12, 1 << 24));
    assert_ok(strategy_data_new(&w->d, &test_err));
    w->d->n_viewers = VIEWERS;
    for (uint32_t g = 0; g < groups; g++) {
        snprintf(names[g], sizeof(names[g]), "Group %u", g + 1);
        list[g] = (struct strategy_group){g + 1, str_of(names[g])};
    }
    assert_ok(strategy_data_groups(w->d, list, groups, &test_err));
    memset(names, 0, sizeof(names)); /* they were copied */
}

static void release(struct world *w)
{
    strategy_data_free(w->d);
    arena_release(&w->arena);
}

static struct mq_forecast of(double p50)
{
    return (struct mq_forecast){.viewers_28d = {p50 / 3, p50, 2 * p50}};
}

static double sum_of(const struct mq_forecast *f, size_t offset)
{
    double sum = 0;
    for (size_t i = 0; i < f->n_communities; i++)
        sum += *(const double *)((const char *)&f->communities[i].viewers_28d + offset);
    return sum;
}

/* Property: whatever the memberships and chances. */
static void adds_up_above_the_floor(void **state)
{
    (void)state;
    static struct world w;
    struct rng r;
    size_t told = 0;
    rng_seed(&r, test_seed());
    for (size_t round = 0; round < test_rounds(100); round++) {
        double total = 20 + (double)rng_below(&r, 2000);
        make(&w, GROUPS);
        unsigned lone = (unsigned)rng_below(&r, 100); /* per cent who are in none */
        for (uint32_t u = 0; u < VIEWERS; u++) {
            w.chance[u] = (float)rng_double(&r);
            uint64_t g = rng_below(&r, GROUPS) * rng_below(&r, GROUPS) / GROUPS;
            w.d->viewer_group[u] = rng_below(&r, 100) < lone ? STRATEGY_NO_GROUP : (uint8_t)g;
        }
        struct mq_forecast f = of(total);
        assert_ok(forecast_communities(w.d, w.chance, &w.arena, &f, &test_err));
        assert_true(f.n_communities <= GROUPS + 1);
        if (f.n_communities == 0) {
            release(&w);
            continue;
        }
        told++;
        assert_true(fabs(sum_of(&f, offsetof(struct mq_interval, p10)) - total / 3) < 1e-6 * total);
        assert_true(fabs(sum_of(&f, offsetof(struct mq_interval, p50)) - total) < 1e-6 * total);
        assert_true(fabs(sum_of(&f, offsetof(struct mq_interval, p90)) - 2 * total) < 1e-6 * total);
        for (size_t i = 0; i < f.n_communities; i++) {
            assert_true(f.communities[i].viewers_28d.p50 >= FORECAST_SMALLEST - 1e-6);
            assert_true((f.communities[i].id == 0) <= (i + 1 == f.n_communities));
        }
        release(&w);
    }
    assert_true(told > 20);
}

static void small_ones_are_not_told(void **state)
{
    (void)state;
    static struct world w;
    make(&w, 3);
    /* 300, 100 and 30 of 430: the third is below the floor, and so would be what is left of it alone. */
    for (uint32_t u = 0; u < 430; u++) {
        w.chance[u] = 1;
        w.d->viewer_group[u] = u < 300 ? 0 : u < 400 ? 1 : 2;
    }
    struct mq_forecast f = of(430);
    assert_ok(forecast_communities(w.d, w.chance, &w.arena, &f, &test_err));
    assert_int_equal(f.n_communities, 2);
    assert_int_equal(f.communities[0].id, 1);
    assert_string_equal(f.communities[0].name, "Group 1");
    assert_true(fabs(f.communities[0].viewers_28d.p50 - 300) < 1e-9);
    assert_int_equal(f.communities[1].id, 0);
    assert_true(fabs(f.communities[1].viewers_28d.p50 - 130) < 1e-9);
    release(&w);
}

static void without_communities(void **state)
{
    (void)state;
    static struct world w;
    struct strategy_group many[STRATEGY_GROUPS_MAX + 1] = {{0}};
    make(&w, 0);
    struct mq_forecast f = of(100);
    assert_ok(forecast_communities(w.d, w.chance, &w.arena, &f, &test_err));
    assert_int_equal(f.n_communities, 0);
    assert_fails(MQ_TOO_LARGE, strategy_data_groups(w.d, many, STRATEGY_GROUPS_MAX + 1, &test_err));
    release(&w);
    make(&w, 2); /* nobody is in any */
    w.chance[0] = 1;
    f = of(100);
    assert_ok(forecast_communities(w.d, w.chance, &w.arena, &f, &test_err));
    assert_int_equal(f.n_communities, 0);
    release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_up_above_the_floor),
        cmocka_unit_test(small_ones_are_not_told),
        cmocka_unit_test(without_communities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
