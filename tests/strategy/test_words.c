/* Descriptions: words that say nothing do no harm, and words that say something help. */
#include "support/check.h"

#include <stdio.h>

#include "base/rng.h"
#include "planted_titles.h"
#include "strategy/backtest.h"

enum { TITLES = 150, VOCABULARY = 600, NOISE_WORDS = 30, TEXT_MAX = 1024 };

static char text[TITLES][TEXT_MAX];

static size_t add_word(uint32_t title, size_t at, const char *kind, uint32_t number)
{
    char letters[4] = {(char)('a' + number % 26), (char)('a' + number / 26 % 26),
                       (char)('a' + number / 676), 0};
    int n = snprintf(text[title] + at, TEXT_MAX - at, "%s%s ", kind, letters);
    assert_true(n > 0 && at + (size_t)n < TEXT_MAX);
    return at + (size_t)n;
}

/* A text for every title: thirty words of chance, few of them frequent; before them, `telling`, its genre and its people. */
static void describe(struct strategy_data *d, bool telling, uint64_t seed)
{
    struct rng r;
    rng_seed(&r, seed);
    for (uint32_t t = 0; t < TITLES; t++) {
        struct strategy_title *title = &d->titles[t];
        size_t n = 0;
        if (telling) {
            n = add_word(t, n, str_eq(title->genres[0], STR("Drama")) ? "tears" : "jokes", 0);
            for (uint32_t k = 0; k < title->n_credits; k++)
                n = add_word(t, n, "somebody", title->credits[k].person);
        }
        for (int k = 0; k < NOISE_WORDS; k++) {
            double u = rng_double(&r);
            n = add_word(t, n, "word", (uint32_t)(VOCABULARY * u * u));
        }
        title->description = (struct str){text[t], n};
    }
}

static void without_genres_and_credits(struct strategy_data *d)
{
    for (uint32_t t = 0; t < TITLES; t++) {
        d->titles[t].n_genres = 0;
        d->titles[t].n_credits = 0;
    }
}

static struct forecast_metrics judged(const struct strategy_data *d)
{
    struct backtest_options o = {.seed = 1, .no_controls = true};
    struct backtest_report r;
    struct pool *pool;
    assert_ok(pool_new(2, &pool, &test_err));
    assert_ok(backtest_run(d, &o, pool, &r, &test_err));
    pool_free(pool);
    return r.forecast;
}

static void words_of_chance_do_no_harm(void **state)
{
    (void)state;
    struct strategy_data *d = planted_titles(TITLES, test_seed());
    struct forecast_metrics before = judged(d);
    describe(d, false, test_seed());
    struct forecast_metrics after = judged(d);
    if (!(after.spearman > before.spearman - 0.1 && after.pinball < before.pinball + 0.06 &&
          after.auc > before.auc - 0.06))
        fail_msg("spearman %.3f and %.3f, pinball %.3f and %.3f, AUC %.3f and %.3f",
                 before.spearman, after.spearman, before.pinball, after.pinball, before.auc,
                 after.auc);
    strategy_data_free(d);
}

/* How many: who comes is hardly told by words (docs/strategy.md). The mean over two worlds. */
static void telling_words_say_how_many(void **state)
{
    (void)state;
    enum { WORLDS = 2 };
    double gained = 0;
    for (uint64_t k = 0; k < WORLDS; k++) {
        struct strategy_data *d = planted_titles(TITLES, test_seed() + k);
        describe(d, true, test_seed());
        without_genres_and_credits(d);
        gained += judged(d).spearman / WORLDS;
        describe(d, false, test_seed()); /* nothing is left that says anything */
        gained -= judged(d).spearman / WORLDS;
        strategy_data_free(d);
    }
    if (!(gained > 0.05))
        fail_msg("telling words gain %.3f in rank correlation", gained);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_chance_do_no_harm),
        cmocka_unit_test(telling_words_say_how_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
