/* Weights from a few questions: what they speak for is taken, what tells nothing is not. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "train/weight_halves.h"

enum { TITLES = 40, QUESTIONS = 60 };

static struct pool *pool;

static int setup(void **state)
{
    (void)state;
    return pool_new(2, &pool, &test_err);
}

static int teardown(void **state)
{
    (void)state;
    pool_free(pool);
    return 0;
}

/* Targets are drawn by popularity times e^(pull x link from the title before). */
struct world {
    float popularity[TITLES], link[TITLES * TITLES];
    uint32_t history[QUESTIONS], target[QUESTIONS];
    struct question q[QUESTIONS];
    uint8_t fold[QUESTIONS];
};

static uint32_t draw(struct rng *rng, const struct world *w, uint32_t from, double pull)
{
    double weight[TITLES];
    double total = 0;
    for (uint32_t t = 0; t < TITLES; t++) {
        weight[t] = t == from
                        ? 0
                        : exp((double)w->popularity[t] + pull * (double)w->link[from * TITLES + t]);
        total += weight[t];
    }
    double at = rng_double(rng) * total;
    uint32_t t = 0;
    while (t + 1 < TITLES && (at >= weight[t] || weight[t] == 0))
        at -= weight[t++];
    return t == from ? (from + 1) % TITLES : t;
}

static void make_world(struct world *w, uint64_t stream, double pull)
{
    struct rng rng;
    rng_seed_stream(&rng, test_seed(), stream);
    for (uint32_t t = 0; t < TITLES; t++)
        w->popularity[t] = (float)(3 * rng_double(&rng));
    for (uint32_t k = 0; k < TITLES * TITLES; k++)
        w->link[k] = (float)rng_double(&rng);
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        w->history[i] = (uint32_t)rng_below(&rng, TITLES);
        w->target[i] = draw(&rng, w, w->history[i], pull);
        w->fold[i] = (uint8_t)(i % 2);
        w->q[i] = (struct question){.history = &w->history[i],
                                    .n_history = 1,
                                    .targets = &w->target[i],
                                    .n_targets = 1,
                                    .viewer = i};
    }
}

static struct mix fit(struct world *w, size_t n)
{
    struct ensemble e = {
        .n_titles = TITLES, .popularity = w->popularity, .ease = {.n = TITLES, .dense = w->link}};
    struct design *d;
    struct mix mix, half[2], *crossed[2] = {&half[0], &half[1]};
    assert_ok(design_new(&e, w->q, n, 3, pool, &d, &test_err));
    struct weight_halves h = {
        .d = d, .fold = w->fold, .halved = n > 1, .few = true, .questions = n};
    uint32_t all = (UINT32_C(1) << INGREDIENTS) - 1;
    assert_ok(weight_halves_fit(&h, all, pool, &mix, crossed, &test_err));
    for (unsigned i = 0; i < INGREDIENTS; i++)
        assert_true(isfinite(mix.weight[i]) && isfinite(half[0].weight[i]) &&
                    isfinite(half[1].weight[i]));
    design_free(d);
    return mix;
}

static void what_helps_is_taken(void **state)
{
    (void)state;
    static struct world w;
    for (uint64_t s = 0; s < 5; s++) {
        make_world(&w, s, 8);
        struct mix mix = fit(&w, QUESTIONS);
        assert_true(mix.weight[INGREDIENT_POPULARITY] > 0 && mix.weight[INGREDIENT_EASE] > 0);
    }
}

static void what_tells_nothing_is_not(void **state)
{
    (void)state;
    enum { WORLDS = 30 };
    static struct world w;
    unsigned taken = 0;
    for (uint64_t s = 0; s < WORLDS; s++) {
        make_world(&w, 100 + s, 0);
        struct mix mix = fit(&w, QUESTIONS);
        assert_true(mix.weight[INGREDIENT_POPULARITY] > 0);
        taken += mix.weight[INGREDIENT_EASE] != 0;
    }
    assert_true(taken <= WORLDS / 4);
}

/* Links that lead away from what comes next are no reason to show the opposite. */
static void nothing_counts_against_itself(void **state)
{
    (void)state;
    static struct world w;
    for (uint64_t s = 0; s < 5; s++) {
        make_world(&w, 200 + s, -8);
        assert_true(fit(&w, QUESTIONS).weight[INGREDIENT_EASE] == 0);
    }
}

/* One question says next to nothing: it is about what is usual. */
static void one_question_leaves_what_is_usual(void **state)
{
    (void)state;
    static struct world w;
    make_world(&w, 300, 0);
    assert_true(fit(&w, 1).weight[INGREDIENT_POPULARITY] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_helps_is_taken),
        cmocka_unit_test(what_tells_nothing_is_not),
        cmocka_unit_test(nothing_counts_against_itself),
        cmocka_unit_test(one_question_leaves_what_is_usual),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
