/* All pairs against one question after the other; worlds with and without an affinity. */
#include "audience/town.h"

#include <math.h>

#include "audience/likes.h"
#include "audience/overlap.h"
#include "audience/pairs.h"

static void degrees_are_kept(void **state)
{
    (void)state;
    for (size_t round = 0; round < test_rounds(10); round++) {
        struct town t;
        struct strata *s;
        struct likes before, after, other;
        struct pool *one, *two;
        struct rng rng, same;
        uint64_t moved = 0;
        town_init(&t, 200, test_seed() + round);
        rng_seed(&rng, round);
        assert_ok(strata_new(t.sets, 10, &s, &test_err));
        assert_ok(likes_init(t.sets, s, &before, &test_err));
        assert_ok(likes_init(t.sets, s, &after, &test_err));
        assert_ok(likes_init(t.sets, s, &other, &test_err));
        assert_ok(pool_new(1, &one, &test_err));
        assert_ok(pool_new(2, &two, &test_err));
        same = rng;
        assert_ok(likes_shuffle(&after, 1000, &rng, one, &test_err));
        assert_ok(likes_shuffle(&other, 1000, &same, two, &test_err));
        assert_memory_equal(after.title, other.title, after.row[after.n] * sizeof(*after.title));
        likes_release(&other);
        pool_free(one);
        pool_free(two);
        for (uint32_t r = 0; r <= before.n; r++)
            assert_int_equal(before.row[r], after.row[r]);
        for (uint32_t i = 0; i <= before.n_titles; i++)
            assert_int_equal(before.column[i], after.column[i]);
        for (uint32_t r = 0; r < before.n; r++) {
            for (uint64_t i = after.row[r]; i < after.row[r + 1]; i++) {
                assert_true(i == after.row[r] || after.title[i - 1] < after.title[i]);
                moved += before.title[i] != after.title[i];
            }
        }
        assert_true(moved > before.row[before.n] / 10);
        likes_release(&before);
        likes_release(&after);
        strata_free(s);
        town_release(&t);
    }
}

struct tested {
    double p;
    uint32_t a, b;
};

static int by_p(const void *x, const void *y)
{
    double p = ((const struct tested *)x)->p, q = ((const struct tested *)y)->p;
    return (p > q) - (p < q);
}

static const struct audience *found(const struct town *t, struct arena *arena, const char *role,
                                    uint32_t person)
{
    char text[40];
    const struct expression *e;
    const struct audience *a;
    snprintf(text, sizeof text, "liked:%s=#%u", role, person);
    assert_ok(expression_parse(str_of(text), arena, &e, &test_err));
    assert_ok(audience_find(&t->world, e, arena, &a, &test_err));
    return a;
}

static void equals_one_by_one(void **state)
{
    (void)state;
    enum { LEAST = 30 };
    struct town t;
    struct strata *s;
    struct pool *pool;
    struct arena arena;
    struct mq_pairs got;
    struct tested all[64];
    uint32_t n = 0;
    arena_init(&arena, 1 << 16, 1 << 26);
    town_init(&t, 800, test_seed());
    assert_ok(strata_new(t.sets, 20, &s, &test_err));
    assert_ok(pool_new(2, &pool, &test_err));
    struct pairs_question q = {
        .a = ROLE_DIRECTOR, .b = ROLE_ACTOR, .least_viewers = LEAST, .listed = 64, .seed = 3};
    assert_ok(pairs_find(t.sets, t.catalogue, s, &q, pool, &arena, &got, &test_err));
    for (uint32_t a = 0; a < 7; a++) {
        for (uint32_t b = 7; b < TOWN_PEOPLE; b++) {
            struct mq_overlap o;
            if (t.catalogue->people[b].n_titles < 3)
                continue;
            const struct audience *sides[] = {found(&t, &arena, "director", a),
                                              found(&t, &arena, "actor", b)};
            assert_ok(overlap_of(&t.world, s, sides, 2, &arena, &o, &test_err));
            if (o.n_titles[0] < 3 || o.n_titles[1] < 3 || o.all.a < LEAST || o.all.b < LEAST)
                continue;
            all[n++] = (struct tested){o.all.p, a, b};
            for (size_t i = 0; i < got.n; i++) {
                const struct mq_pair *p = &got.pairs[i];
                if (strcmp(p->a, t.catalogue->people[a].name.p) != 0 ||
                    strcmp(p->b, t.catalogue->people[b].name.p) != 0)
                    continue;
                assert_true(fabs(p->figures.p - o.all.p) < 1e-9);
                assert_true(fabs(p->figures.odds_ratio - o.all.odds_ratio) < 1e-9);
                assert_true(fabs(p->without_one - o.without_one.odds_ratio) < 1e-9);
                assert_true(p->figures.both == o.all.both);
                assert_int_equal(p->n_shared, o.n_shared);
            }
        }
    }
    qsort(all, n, sizeof *all, by_p);
    uint32_t passed = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (all[i].p * n / (i + 1) <= PAIRS_LEVEL)
            passed = i + 1;
    }
    assert_int_equal(got.tested, n);
    assert_int_equal(got.passed, passed);
    assert_int_equal(got.n, passed);
    for (size_t i = 1; i < got.n; i++)
        assert_true(got.pairs[i - 1].figures.odds_ratio_low >= got.pairs[i].figures.odds_ratio_low);
    pool_free(pool);
    strata_free(s);
    town_release(&t);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(degrees_are_kept),
        cmocka_unit_test(equals_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
