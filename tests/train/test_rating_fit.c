/* Ratings: what a model keeps of them says, for a viewer folded in, what training said of the viewer. */
#include "support/check.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "model/rate.h"
#include "train/gibbs.h"
#include "train/rating_check.h"
#include "train/rating_fit.h"

enum { VIEWERS = 120, STRANGERS = 40, TITLES = 60, EACH = 30, ASKED = 8 };
static const double noise = 0.3;

/* A world of biases and two factors; the last STRANGERS viewers are not there at training. Each viewer rates EACH
 * titles; of the rest, ASKED are the questions. */
struct world {
    struct triples ratings; /* of those in training */
    struct rated known[VIEWERS][EACH];
    uint32_t asked[VIEWERS][ASKED];
    double truth[VIEWERS][ASKED];
};

static void make_world(struct world *w)
{
    double v[VIEWERS][3];
    double t[TITLES][3];
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (int k = 0; k < 3; k++) {
        for (int i = 0; i < VIEWERS; i++)
            v[i][k] = rng_normal(&rng) * (k ? 0.7 : 0.4);
        for (int i = 0; i < TITLES; i++)
            t[i][k] = rng_normal(&rng) * (k ? 0.7 : 0.4);
    }
    for (uint32_t i = 0; i < VIEWERS; i++) {
        uint32_t order[TITLES];
        for (uint32_t k = 0; k < TITLES; k++)
            order[k] = k;
        rng_shuffle_u32(&rng, order, TITLES);
        for (uint32_t k = 0; k < EACH + ASKED; k++) {
            const double *x = t[order[k]];
            double y = 3 + v[i][0] + x[0] + v[i][1] * x[1] + v[i][2] * x[2];
            if (k >= EACH) {
                w->asked[i][k - EACH] = order[k];
                w->truth[i][k - EACH] = y;
                continue;
            }
            float stars = (float)(y + noise * rng_normal(&rng));
            w->known[i][k] = (struct rated){{7 + 3 * order[k]}, stars};
            if (i < VIEWERS - STRANGERS)
                assert_ok(triples_add(&w->ratings, 5 * i, 7 + 3 * order[k], stars, 1, &test_err));
        }
    }
}

static void fit(const struct triples *ratings, uint64_t seed, size_t threads,
                struct rating_part *ret)
{
    struct pool *pool;
    assert_ok(pool_new(threads, &pool, &test_err));
    assert_ok(rating_fit(ratings, seed, pool, (struct train_watch){0}, ret, &test_err));
    pool_free(pool);
}

/* What sampling itself says of the viewers of training. */
static struct gibbs_answer trained(const struct world *w)
{
    static uint32_t of[2][VIEWERS * EACH];
    static uint32_t cases[2][VIEWERS * ASKED];
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->ratings.n; i++) {
        of[0][i] = w->ratings.viewer[i] / 5;
        of[1][i] = (w->ratings.title[i] - 7) / 3;
    }
    for (uint32_t i = 0; i < VIEWERS - STRANGERS; i++) {
        for (uint32_t k = 0; k < ASKED; k++, n++) {
            cases[0][n] = i;
            cases[1][n] = w->asked[i][k];
        }
    }
    struct gibbs_data d = {
        .rows = (uint32_t)w->ratings.n, .cases = n, .target = w->ratings.weight, .n_blocks = 2};
    d.block[0] =
        (struct gibbs_block){.n = VIEWERS - STRANGERS, .of_row = of[0], .of_case = cases[0]};
    d.block[1] = (struct gibbs_block){.n = TITLES, .of_row = of[1], .of_case = cases[1]};
    struct gibbs_settings s = {.rank = 8, .seed = 9};
    struct gibbs_answer a;
    struct pool *pool;
    assert_ok(pool_new(2, &pool, &test_err));
    assert_ok(gibbs_run(&d, &s, pool, (struct train_watch){0}, &a, &test_err));
    pool_free(pool);
    return a;
}

static void folded_in_as_trained(void **state)
{
    (void)state;
    static struct world w;
    struct rating_part p;
    struct rng rng;
    make_world(&w);
    fit(&w.ratings, 3, 2, &p);
    assert_int_equal(p.n, TITLES);
    struct gibbs_answer a = trained(&w);
    double apart = 0;
    double error[2] = {0};
    double blind = 0;
    double inside = 0;
    rng_seed(&rng, 5);
    for (uint32_t i = 0; i < VIEWERS; i++) {
        bool stranger = i >= VIEWERS - STRANGERS;
        for (uint32_t k = 0; k < ASKED; k++) {
            struct rating_forecast f;
            struct rating_forecast nobody;
            struct title_id title = {7 + 3 * w.asked[i][k]};
            assert_true(rate_forecast(&p, w.known[i], EACH, title, &f));
            assert_true(rate_forecast(&p, NULL, 0, title, &nobody));
            assert_true(f.low <= f.expected && f.expected <= f.high);
            assert_true(nobody.high - nobody.low > f.high - f.low || nobody.high >= p.values[3] ||
                        nobody.low <= p.values[2]);
            double e = f.expected - w.truth[i][k];
            double rating = w.truth[i][k] + noise * rng_normal(&rng);
            error[stranger] += e * e;
            if (!stranger) {
                double d = f.expected - a.mean[(size_t)i * ASKED + k];
                apart += d * d;
                continue;
            }
            blind += (nobody.expected - w.truth[i][k]) * (nobody.expected - w.truth[i][k]);
            inside += rating > f.low && rating < f.high;
        }
    }
    double asked = STRANGERS * ASKED;
    assert_true(sqrt(apart / ((VIEWERS - STRANGERS) * ASKED)) < 0.12);
    assert_true(sqrt(error[1] / asked) < 0.3);
    assert_true(sqrt(error[1] / asked) < 0.5 * sqrt(blind / asked));
    assert_true(inside / asked > 0.82 && inside / asked < 0.97);
    gibbs_answer_release(&a);
    rating_part_release(&p);
    triples_release(&w.ratings);
}

static void same_bytes_and_nothing_else(void **state)
{
    (void)state;
    static struct world w;
    struct rating_part p;
    struct rating_part again;
    struct rating_forecast f[3];
    make_world(&w);
    fit(&w.ratings, 3, 1, &p);
    fit(&w.ratings, 3, 2, &again);
    assert_memory_equal(p.title, again.title, p.n * sizeof(*p.title));
    assert_memory_equal(p.values, again.values,
                        p.snapshots * rating_floats(&p) * sizeof(*p.values));
    /* The title's own rating, titles without a row, numbers that are none: passed over. */
    struct rated odd[] = {{{7}, 1}, {{8}, 5}, {{10}, NAN}, {{13}, 4}};
    assert_true(rate_forecast(&p, odd, 4, (struct title_id){7}, &f[0]));
    assert_true(rate_forecast(&p, &odd[3], 1, (struct title_id){7}, &f[1]));
    assert_memory_equal(&f[0], &f[1], sizeof(f[0]));
    assert_false(rate_forecast(&p, odd, 4, (struct title_id){8}, &f[2]));
    assert_false(rate_forecast(&(struct rating_part){0}, odd, 4, (struct title_id){7}, &f[2]));
    rating_part_release(&p);
    rating_part_release(&again);
    triples_release(&w.ratings);
}

/* In a world that is as the model thinks, predictions are what comes on the average, and better than a title's mean. */
static void what_is_predicted_comes(void **state)
{
    (void)state;
    static struct world w;
    struct rating_check c, again;
    struct pool *pool;
    make_world(&w);
    assert_ok(pool_new(2, &pool, &test_err));
    assert_ok(rating_check(&w.ratings, 4, pool, (struct train_watch){0}, &c, &test_err));
    assert_ok(rating_check(&w.ratings, 4, pool, (struct train_watch){0}, &again, &test_err));
    assert_memory_equal(&c, &again, sizeof(c));
    assert_int_equal(c.ratings, w.ratings.n);
    assert_true(c.asked > w.ratings.n / 20 && c.asked < w.ratings.n / 5);
    assert_true(c.viewers > 50 && c.viewers <= VIEWERS - STRANGERS);
    assert_true(c.rmse < 0.75 * c.mean_rmse);
    assert_true(c.inside > 0.8 && c.inside <= 1);
    assert_true(c.n_bins >= 2);
    uint64_t sum = 0;
    for (size_t b = 0; b < c.n_bins; b++) {
        const struct rating_bin *x = &c.bin[b];
        assert_true(x->n >= RATING_CHECK_BIN_LEAST);
        assert_true(b == 0 || x->predicted >= c.bin[b - 1].predicted);
        assert_true(x->actual.low <= x->actual.mean && x->actual.mean <= x->actual.high);
        assert_true(fabs(x->actual.mean - x->predicted) < 0.3);
        sum += x->n;
    }
    assert_int_equal(sum, c.asked);
    /* Too few: no figures, and no failure. */
    struct triples few = w.ratings;
    few.n = RATINGS_LEAST - 1;
    assert_ok(rating_check(&few, 4, pool, (struct train_watch){0}, &c, &test_err));
    assert_true(c.n_bins == 0 && isnan(c.rmse) && c.ratings == few.n);
    pool_free(pool);
    triples_release(&w.ratings);
}

/* u1.base, every fifth viewer left out of training, to u1.test: RMSE of viewers in it and not in it. */
static void of_real_ratings(void **state)
{
    (void)state;
    enum { PEOPLE = 944, MOST = 1024, FIFTH = 5 };
    static struct rated known[PEOPLE][MOST];
    static size_t n_known[PEOPLE];
    struct triples all = {0};
    struct rating_part p;
    char paths[2][4096];
    unsigned v;
    unsigned t;
    unsigned stars;
    long at;
    for (int i = 0; i < 2; i++) {
        const char *path = test_data(i ? "movielens/ml-100k/u1.test" : "movielens/ml-100k/u1.base");
        if (!path)
            skip();
        snprintf(paths[i], sizeof(paths[i]), "%s", path);
    }
    FILE *f = fopen(paths[0], "r");
    assert_non_null(f);
    while (fscanf(f, "%u %u %u %ld", &v, &t, &stars, &at) == 4) {
        assert_true(v < PEOPLE && n_known[v] < MOST);
        known[v][n_known[v]++] = (struct rated){{t}, (float)stars};
        if (v % FIFTH)
            assert_ok(triples_add(&all, v, t, (float)stars, at, &test_err));
    }
    fclose(f);
    fit(&all, 1, 2, &p);
    double error[2] = {0};
    double n[2] = {0};
    double inside = 0;
    f = fopen(paths[1], "r");
    assert_non_null(f);
    while (fscanf(f, "%u %u %u %ld", &v, &t, &stars, &at) == 4) {
        struct rating_forecast r;
        bool stranger = v % FIFTH == 0;
        if (!rate_forecast(&p, known[v], n_known[v], (struct title_id){t}, &r))
            continue;
        error[stranger] += (r.expected - stars) * (r.expected - stars);
        inside += stars >= r.low && stars <= r.high;
        n[stranger]++;
    }
    fclose(f);
    print_message("RMSE %.4f of viewers in training, %.4f of others; %.1f %% inside\n",
                  sqrt(error[0] / n[0]), sqrt(error[1] / n[1]), 100 * inside / (n[0] + n[1]));
    assert_true(sqrt(error[0] / n[0]) < 0.96);
    assert_true(sqrt(error[1] / n[1]) < 0.96);
    assert_true(inside / (n[0] + n[1]) > 0.85 && inside / (n[0] + n[1]) < 0.97);
    rating_part_release(&p);
    triples_release(&all);
}

static void too_little_is_nothing(void **state)
{
    (void)state;
    struct triples t = {0};
    struct rating_part p;
    struct rating_forecast f;
    fit(&t, 1, 1, &p);
    assert_int_equal(p.n, 0);
    for (uint32_t i = 0; i < 2000; i++) /* of few viewers */
        assert_ok(triples_add(&t, i % (RATERS_LEAST - 1), i / (RATERS_LEAST - 1), 3, 1, &test_err));
    fit(&t, 1, 1, &p);
    assert_int_equal(p.n, 0);
    for (uint32_t i = 0; i < 40; i++)
        assert_ok(triples_add(&t, 100 + i, 1, 3, 1, &test_err));
    for (uint32_t i = 0; i < TITLE_RATERS - 1; i++)
        assert_ok(triples_add(&t, 200 + i, 9999, 3, 1, &test_err));
    fit(&t, 1, 1, &p); /* all alike */
    assert_true(p.n > 0);
    assert_true(rate_forecast(&p, NULL, 0, (struct title_id){1}, &f));
    assert_false(rate_forecast(&p, NULL, 0, (struct title_id){9999}, &f));
    assert_true(f.low == 3 && f.expected == 3 && f.high == 3);
    rating_part_release(&p);
    t.weight[5] = NAN;
    assert_fails(MQ_INVALID, rating_fit(&t, 1, NULL, (struct train_watch){0}, &p, &test_err));
    triples_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folded_in_as_trained),    cmocka_unit_test(same_bytes_and_nothing_else),
        cmocka_unit_test(what_is_predicted_comes), cmocka_unit_test(of_real_ratings),
        cmocka_unit_test(too_little_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
