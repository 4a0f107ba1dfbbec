/* The top-N models by their definitions, what they learn from planted worlds, and odd input. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "planted.h"
#include "train/lineup_search.h"

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

/* ---------------------------------------------------------------- EASE */

/* The normal equations: for each j, (X'X + lambda I) b = X'X e_j off the diagonal, with b_j = 0. */
static void check_ease(uint32_t viewers, uint32_t titles)
{
    struct csr m;
    struct co_counts c;
    struct links b;
    const double lambda = 7;
    planted(viewers, titles, test_seed(), &m, NULL);
    assert_ok(co_counts_of(&m, pool, &c, &test_err));
    assert_ok(ease_train(&m, &c, lambda, pool, &b, &test_err));
    for (uint32_t j = 0; j < titles; j += 7) {
        assert_true(links_get(&b, j, j) == 0);
        for (uint32_t i = 0; i < titles; i += 3) {
            double sum = lambda * (double)links_get(&b, i, j);
            if (i == j)
                continue;
            for (uint32_t k = 0; k < titles; k++)
                sum += (double)c.count[(size_t)i * titles + k] * (double)links_get(&b, k, j);
            assert_true(fabs(sum - (double)c.count[(size_t)i * titles + j]) < 0.02);
        }
    }
    links_release(&b);
    co_counts_release(&c);
    csr_release(&m);
}

static void ease_solves_its_equations(void **state)
{
    (void)state;
    check_ease(300, 60); /* by titles */
    check_ease(40, 120); /* by viewers */
}

static void ease_refuses(void **state)
{
    (void)state;
    struct csr m;
    struct co_counts c;
    struct links b;
    planted(20, 10, test_seed(), &m, NULL);
    assert_ok(co_counts_of(&m, pool, &c, &test_err));
    assert_fails(MQ_INVALID, ease_train(&m, &c, 0, pool, &b, &test_err));
    assert_fails(MQ_INVALID, ease_train(&m, &c, NAN, pool, &b, &test_err));
    co_counts_release(&c);
    m.cols = 30000; /* no such columns are read: it is refused by size */
    assert_fails(MQ_TOO_LARGE, co_counts_of(&m, pool, &c, &test_err));
    assert_non_null(strstr(test_err.text, "GB"));
    m.cols = 10;
    csr_release(&m);
}

/* ---------------------------------------------------------------- neighbours */

static void knn_by_hand(void **state)
{
    (void)state;
    const uint32_t row[] = {0, 0, 1, 1, 2, 2, 2};
    const uint32_t col[] = {0, 1, 0, 1, 0, 1, 2};
    const float one[] = {1, 1, 1, 1, 1, 1, 1};
    struct csr m;
    struct co_counts c;
    struct links l;
    assert_ok(csr_from_triples(3, 4, row, col, one, 7, &m, &test_err));
    assert_ok(co_counts_of(&m, pool, &c, &test_err));
    struct item_knn_settings s = {.neighbours = 0, .shrink = 1};
    assert_ok(item_knn_train(&c, &s, pool, &l, &test_err));
    assert_true(fabs((double)links_get(&l, 0, 1) - 3.0 / 3 * 3 / 4) < 1e-6);
    assert_true(fabs((double)links_get(&l, 2, 0) - 1 / sqrt(3) / 2) < 1e-6);
    assert_true(links_get(&l, 3, 0) == 0 && links_get(&l, 0, 0) == 0);
    links_release(&l);
    s.neighbours = 1;
    assert_ok(item_knn_train(&c, &s, pool, &l, &test_err));
    assert_true(links_get(&l, 0, 1) > 0 && links_get(&l, 0, 2) == 0);
    links_release(&l);
    co_counts_release(&c);
    csr_release(&m);
}

/* ---------------------------------------------------------------- what follows what */

static void histories_of(const uint32_t (*rows)[3], size_t n, uint32_t viewers, uint32_t titles,
                         struct histories *ret)
{
    struct triples t = {0};
    for (size_t i = 0; i < n; i++)
        assert_ok(triples_add(&t, rows[i][0], rows[i][1], 1, rows[i][2], &test_err));
    assert_ok(histories_from(&t, NULL, viewers, titles, ret, &test_err));
    triples_release(&t);
}

static void transitions_by_hand(void **state)
{
    (void)state;
    /* a b c, a b */
    static const uint32_t rows[][3] = {{0, 0, 1}, {0, 1, 2}, {0, 2, 3}, {1, 0, 1}, {1, 1, 2}};
    struct histories h;
    struct transitions t;
    histories_of(rows, 5, 2, 3, &h);
    struct transitions_settings s = {.half_life = 1, .window = 2};
    assert_ok(transitions_train(&h, &s, pool, &t, &test_err));
    /* After a: b twice at distance 1, c once at distance 2: 2 + 0.5. */
    assert_true(fabs((double)links_get(&t.follows, 0, 1) - 2 / 12.5) < 1e-6);
    assert_true(fabs((double)links_get(&t.follows, 0, 2) - 0.5 / 12.5) < 1e-6);
    assert_true(links_get(&t.follows, 1, 0) == 0);
    double cosine =
        (double)t.from_scale[0] * (double)links_get(&t.follows, 0, 1) * (double)t.to_scale[1];
    assert_true(fabs(cosine - 2 / sqrt(7.5 * 7)) < 1e-6);
    transitions_release(&t);
    s.window = 1;
    assert_ok(transitions_train(&h, &s, pool, &t, &test_err));
    assert_true(links_get(&t.follows, 0, 2) == 0);
    transitions_release(&t);
    histories_release(&h);
}

/* ---------------------------------------------------------------- the whole line-up */

/* Viewers walk through a ring of titles, now and then jumping: what comes next is the next in the ring. */
static void ring_world(uint32_t viewers, uint32_t titles, uint32_t steps, struct histories *ret)
{
    struct triples t = {0};
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (uint32_t v = 0; v < viewers; v++) {
        uint32_t at = (uint32_t)rng_below(&rng, titles);
        for (uint32_t s = 0; s < steps; s++) {
            assert_ok(triples_add(&t, v, at, 1, s, &test_err));
            at = rng_below(&rng, 3) ? (at + 1) % titles : (uint32_t)rng_below(&rng, titles);
        }
    }
    assert_ok(histories_from(&t, NULL, viewers, titles, ret, &test_err));
    triples_release(&t);
}

/* The last title of each is asked. */
struct asked {
    struct histories fit;
    struct question *list;
    uint32_t *target;
    size_t n;
};

static void ask_last(const struct histories *h, struct asked *ret)
{
    struct triples t = {0};
    ret->list = calloc(h->rows, sizeof(*ret->list));
    ret->target = calloc(h->rows, sizeof(*ret->target));
    ret->n = 0;
    for (uint32_t v = 0; v < h->rows; v++) {
        struct history one = history_of(h, v, SIZE_MAX);
        for (size_t k = 0; k + 1 < one.n; k++)
            assert_ok(triples_add(&t, v, one.title[k], 1, one.at_ms[k], &test_err));
    }
    assert_ok(histories_from(&t, NULL, h->rows, h->titles, &ret->fit, &test_err));
    triples_release(&t);
    for (uint32_t v = 0; v < h->rows; v++) {
        struct history one = history_of(h, v, SIZE_MAX);
        struct history known = history_of(&ret->fit, v, SIZE_MAX);
        bool new = true;
        for (size_t k = 0; k < known.n; k++)
            new = new &&known.title[k] != one.title[one.n - 1];
        ret->target[ret->n] = one.title[one.n - 1];
        if (new)
            ret->list[ret->n] = (struct question){.history = known.title,
                                                  .n_history = known.n,
                                                  .targets = &ret->target[ret->n],
                                                  .n_targets = 1,
                                                  .viewer = v};
        ret->n += new;
    }
}

static void asked_release(struct asked *a)
{
    histories_release(&a->fit);
    free(a->list);
    free(a->target);
}

static void order_is_learnt(void **state)
{
    (void)state;
    struct histories h;
    struct asked a;
    struct lineup_choice c;
    ring_world(250, 80, 14, &h);
    ask_last(&h, &a);
    struct lineup_validation v = {.fit = &a.fit, .questions = a.list, .n = a.n, .ordered = true};
    struct lineup_search_options o = {.seed = 5, .seconds = 3600, .start.ials.rank = 16};
    assert_ok(lineup_search(&v, &o, pool, &c, &test_err));
    assert_true(c.complete);
    double sequence = c.score[LINEUP_SEQUENCE];
    assert_true(sequence > 1.2 * c.score[LINEUP_EASE]);
    assert_true(sequence > 2 * c.score[LINEUP_POPULARITY]);
    assert_true(c.best == LINEUP_SEQUENCE || c.best == LINEUP_BLEND);
    /* Without order there is nothing to find. */
    v.ordered = false;
    assert_ok(lineup_search(&v, &o, pool, &c, &test_err));
    assert_true(c.score[LINEUP_BLEND] < sequence / 1.2);
    assert_int_equal(mix_wants(&c.mix[LINEUP_SEQUENCE]), 0);
    asked_release(&a);
    histories_release(&h);
}

struct told {
    uint64_t done, total, stop_at; /* of the weights; stop_at 0: never */
};

static bool tell_weights(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct told *t = ctx;
    if (strcmp(what, "learning weights") != 0)
        return true;
    assert_true(done == t->done + 1 && done <= total);
    t->done = done;
    t->total = total;
    return done != t->stop_at;
}

static void learning_weights_is_told_and_stopped(void **state)
{
    (void)state;
    struct histories h;
    struct asked a;
    struct lineup_choice c;
    struct told all = {0}, some = {.stop_at = 3};
    ring_world(60, 30, 8, &h);
    ask_last(&h, &a);
    struct lineup_validation v = {.fit = &a.fit, .questions = a.list, .n = a.n, .ordered = true};
    struct lineup_search_options o = {
        .seed = 5, .seconds = 3600, .start.ials.rank = 8, .watch = {tell_weights, &all}};
    assert_ok(lineup_search(&v, &o, pool, &c, &test_err));
    assert_true(all.done > 3 && all.done == all.total);
    o.watch.ctx = &some;
    assert_fails(MQ_CANCELLED, lineup_search(&v, &o, pool, &c, &test_err));
    assert_int_equal(some.done, 3);
    asked_release(&a);
    histories_release(&h);
}

static void threads_and_repetition_change_nothing(void **state)
{
    (void)state;
    struct histories h;
    struct asked a;
    struct lineup_choice c[2];
    ring_world(60, 40, 8, &h);
    ask_last(&h, &a);
    struct lineup_validation v = {.fit = &a.fit, .questions = a.list, .n = a.n, .ordered = true};
    struct lineup_search_options o = {
        .seed = 5,
        .seconds = 3600,
        .start.ials = {.rank = 16, .epochs = 4, .unobserved = 0.1F, .regularisation = 0.01F}};
    for (size_t i = 0; i < 2; i++)
        assert_ok(lineup_search(&v, &o, pool, &c[i], &test_err));
    assert_memory_equal(c[0].mix, c[1].mix, sizeof(c[0].mix));
    assert_memory_equal(c[0].score, c[1].score, sizeof(c[0].score));
    assert_true(c[0].settings.ials.unobserved == 0.1F);
    asked_release(&a);
    histories_release(&h);
}

/* One viewer, one title, everything watched, duplicates, titles nobody watched: a sane model or a clear message. */
static void the_best_of_other_folds(void **state)
{
    (void)state;
    const struct fold_score scores[3 * 4] = {
        {1, 9}, {2, 9}, {1.5, 9}, {99, 9}, /* the fourth is no choice, only measured */
        {5, 9}, {2, 9}, {1.5, 9}, {99, 9}, /**/
        {1, 9}, {2, 9}, {4, 9},   {99, 9},
    };
    assert_int_equal(weight_folds_best(scores, 3, 4, 3, 3), 0); /* 7, 6, 7: the first of equals */
    assert_int_equal(weight_folds_best(scores, 3, 4, 3, 0), 0); /* 6, 4, 5.5 */
    assert_int_equal(weight_folds_best(scores, 3, 4, 3, 1), 2); /* 2, 4, 5.5 */
    assert_int_equal(weight_folds_best(scores, 3, 4, 3, 2), 0); /* 6, 4, 3 */
}

/* A fold that is the validation once more measures single models as the validation did. */
static void more_folds_measure_alike(void **state)
{
    (void)state;
    struct histories h;
    struct asked a;
    struct lineup_choice c[2];
    ring_world(120, 40, 9, &h);
    ask_last(&h, &a);
    struct weight_fold again[2] = {{&a.fit, a.list, a.n}, {&a.fit, a.list, a.n}};
    struct lineup_validation v = {.fit = &a.fit, .questions = a.list, .n = a.n};
    struct lineup_search_options o = {
        .seed = 5,
        .seconds = 3600,
        .start.ials = {.rank = 16, .epochs = 4, .unobserved = 0.1F, .regularisation = 0.01F}};
    for (size_t i = 0; i < 2; i++) {
        v.more = again;
        v.n_more = i * 2;
        assert_ok(lineup_search(&v, &o, pool, &c[i], &test_err));
    }
    for (unsigned m = 0; m < LINEUP_SEQUENCE; m++)
        assert_true(fabs(c[0].score[m] - c[1].score[m]) < 1e-9);
    assert_true(isfinite(c[1].score[LINEUP_BLEND]));
    assert_true(mix_wants(&c[1].mix[LINEUP_BLEND]) != 0);
    again[1].n = 0; /* a fold without a question says nothing */
    assert_ok(lineup_search(&v, &o, pool, &c[1], &test_err));
    assert_true(isfinite(c[1].score[LINEUP_BLEND]));
    asked_release(&a);
    histories_release(&h);
}

static void odd_input(void **state)
{
    (void)state;
    static const uint32_t one[][3] = {{0, 0, 1}};
    static const uint32_t same[][3] = {{0, 0, 1}, {0, 0, 1}, {0, 0, 2}, {1, 0, 1}};
    static const uint32_t all[][3] = {{0, 0, 1}, {0, 1, 1}, {0, 2, 1}, {1, 1, 1}};
    struct {
        const uint32_t (*rows)[3];
        size_t n;
    } cases[] = {{one, 1}, {same, 4}, {all, 4}};
    for (size_t i = 0; i < 3; i++) {
        struct histories h;
        struct lineup l;
        struct lineup_settings s = {.ordered = true};
        histories_of(cases[i].rows, cases[i].n, 3, 5, &h); /* titles 3 and 4: nobody */
        assert_ok(lineup_train(&(struct lineup_rows){.h = &h}, &s, pool, (struct train_watch){0},
                               &l, &test_err));
        struct ensemble_scratch *scratch;
        const float *parts[INGREDIENTS];
        assert_ok(ensemble_scratch_new(&l.e, 4, &scratch, &test_err));
        struct history v = history_of(&h, 0, SIZE_MAX);
        struct ensemble_view view = {.history = v.title, .n = v.n, .now_ms = 9, .last_ms = 2};
        assert_ok(
            ensemble_ingredients(&l.e, &view, (1u << INGREDIENTS) - 1, scratch, parts, &test_err));
        for (size_t p = 0; p < INGREDIENTS; p++)
            for (uint32_t t = 0; t < 5; t++)
                assert_true(isfinite(parts[p][t]));
        ensemble_scratch_free(scratch);
        lineup_release(&l);
        histories_release(&h);
    }
    struct histories none;
    struct lineup l;
    struct lineup_settings s = {.ordered = true};
    histories_of(one, 0, 2, 2, &none);
    assert_fails(MQ_INVALID, lineup_train(&(struct lineup_rows){.h = &none}, &s, pool,
                                          (struct train_watch){0}, &l, &test_err));
    histories_release(&none);
}

/* A title that stands twice in a history counts once, at its latest place. */
static void repetition_counts_once(void **state)
{
    (void)state;
    static const float pairs[9] = {0, 1, 2, 3, 0, 4, 5, 6, 0};
    struct ensemble e = {.n_titles = 3, .ease = {.n = 3, .dense = pairs}};
    struct ensemble_scratch *s;
    const float *parts[INGREDIENTS];
    const uint32_t history[] = {0, 1, 0, 7}; /* 7 is no title */
    assert_ok(ensemble_scratch_new(&e, 8, &s, &test_err));
    struct ensemble_view view = {.history = history, .n = 4};
    assert_ok(ensemble_ingredients(&e, &view, 1u << INGREDIENT_EASE | 1u << INGREDIENT_EASE_SHORT,
                                   s, parts, &test_err));
    assert_true(parts[INGREDIENT_EASE][2] == 2 + 4);
    assert_true(fabsf(parts[INGREDIENT_EASE_SHORT][2] - (2 + 4 * exp2f(-1.0F / 3))) < 1e-5F);
    assert_null(parts[INGREDIENT_TASTE]);
    ensemble_scratch_free(s);
}

/* Two ingredients, one of which finds the target: it gets the weight. */
static void weights_follow_what_helps(void **state)
{
    (void)state;
    enum { T = 30, Q = 40 };
    static float good[T * T];
    static float bad[T * T];
    uint32_t history[Q];
    uint32_t target[Q];
    struct question q[Q];
    struct rng rng;
    struct design *d;
    struct mix mix;
    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < (size_t)T * T; i++) {
        good[i] = (float)(0.3 * rng_double(&rng));
        bad[i] = (float)rng_double(&rng);
    }
    for (uint32_t i = 0; i < Q; i++) {
        history[i] = i % T;
        target[i] = (i * 7 + 3) % T == i % T ? (i + 1) % T : (i * 7 + 3) % T;
        good[history[i] * T + target[i]] += (float)rng_double(&rng);
        q[i] = (struct question){.history = &history[i],
                                 .n_history = 1,
                                 .targets = &target[i],
                                 .n_targets = 1,
                                 .viewer = i};
    }
    struct ensemble e = {
        .n_titles = T, .ease = {.n = T, .dense = good}, .knn = {.n = T, .dense = bad}};
    uint32_t both = 1u << INGREDIENT_EASE | 1u << INGREDIENT_KNN;
    assert_ok(design_new(&e, q, Q, 3, pool, &d, &test_err));
    assert_ok(design_fit(d, both, NULL, 0, DESIGN_RIDGE, pool, &mix, &test_err));
    assert_true(mix.weight[INGREDIENT_EASE] > 5 * fabsf(mix.weight[INGREDIENT_KNN]));
    assert_int_equal(mix_wants(&mix) & ~both, 0);
    uint8_t fold[Q] = {0};
    struct mix held, none = {{0}}; /* a strong ridge holds weights back, at some likelihood */
    assert_ok(design_fit(d, both, NULL, 0, 1, pool, &held, &test_err));
    assert_true(held.weight[INGREDIENT_EASE] < mix.weight[INGREDIENT_EASE] / 2);
    double free_fit = design_likelihood(d, &mix, fold, 0);
    assert_true(free_fit > design_likelihood(d, &held, fold, 0));
    assert_true(design_likelihood(d, &held, fold, 0) > design_likelihood(d, &none, fold, 0));
    assert_true(design_likelihood(d, &mix, fold, 1) == 0); /* of no question */
    assert_fails(MQ_INVALID, design_fit(d, both, fold, 0, DESIGN_RIDGE, pool, &mix, &test_err));
    design_free(d);
}

/* How new titles are is told apart by 1e-44 here: nothing that a weight could be learnt from. */
static void what_hardly_varies_gets_no_weight(void **state)
{
    (void)state;
    enum { T = 20, Q = 40 };
    static float popularity[T];
    static float fresh[T];
    uint32_t history[Q];
    uint32_t target[Q];
    struct question q[Q];
    struct design *d;
    struct mix mix;
    for (uint32_t i = 0; i < T; i++) {
        popularity[i] = i % 2 ? 3 : 1;
        fresh[i] = i % 4 == 0 ? 1e-44F : 0;
    }
    for (uint32_t i = 0; i < Q; i++) {
        history[i] = i % T;
        target[i] = (i * 4 + 4) % T == i % T ? 1 : (i * 4 + 4) % T;
        q[i] = (struct question){.history = &history[i],
                                 .n_history = 1,
                                 .targets = &target[i],
                                 .n_targets = 1,
                                 .viewer = i};
    }
    struct ensemble e = {.n_titles = T, .popularity = popularity, .trends.fresh[2] = fresh};
    uint32_t both = 1u << INGREDIENT_POPULARITY | 1u << INGREDIENT_NEW_FAST;
    assert_ok(design_new(&e, q, Q, 3, pool, &d, &test_err));
    assert_ok(design_fit(d, both, NULL, 0, DESIGN_RIDGE, pool, &mix, &test_err));
    assert_true(mix.weight[INGREDIENT_POPULARITY] < -0.1F);
    assert_true(fabsf(mix.weight[INGREDIENT_NEW_FAST]) < 1e-3F);
    design_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ease_solves_its_equations),
        cmocka_unit_test(ease_refuses),
        cmocka_unit_test(knn_by_hand),
        cmocka_unit_test(transitions_by_hand),
        cmocka_unit_test(order_is_learnt),
        cmocka_unit_test(learning_weights_is_told_and_stopped),
        cmocka_unit_test(threads_and_repetition_change_nothing),
        cmocka_unit_test(the_best_of_other_folds),
        cmocka_unit_test(more_folds_measure_alike),
        cmocka_unit_test(odd_input),
        cmocka_unit_test(repetition_counts_once),
        cmocka_unit_test(weights_follow_what_helps),
        cmocka_unit_test(what_hardly_varies_gets_no_weight),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
