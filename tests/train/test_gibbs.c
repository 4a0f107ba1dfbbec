/* Gibbs: finds what was planted, gives the same bytes from any threads, goes on where it stopped. */
#include "support/check.h"

#include <math.h>
#include <unistd.h>

#include "base/rng.h"
#include "train/gibbs.h"

enum { VIEWERS = 60, TITLES = 40, ROWS = 1400, CASES = 300 };

/* A world of biases and two factors, with noise of 0.3. */
struct world {
    struct gibbs_data data;
    float target[ROWS], truth[CASES];
    uint32_t of_row[2][ROWS], of_case[2][CASES];
    struct csr titles_of;
};

static float value_of(const float *v, const float *t)
{
    return 3 + v[0] + t[0] + v[1] * t[1] + v[2] * t[2];
}

static void make_world(struct world *w)
{
    static float v[VIEWERS][3], t[TITLES][3];
    struct rng rng;
    uint32_t row[ROWS];
    float one[ROWS];
    rng_seed(&rng, 11);
    for (int i = 0; i < VIEWERS; i++)
        for (int k = 0; k < 3; k++)
            v[i][k] = (float)(rng_normal(&rng) * (k ? 0.8 : 0.4));
    for (int i = 0; i < TITLES; i++)
        for (int k = 0; k < 3; k++)
            t[i][k] = (float)(rng_normal(&rng) * (k ? 0.8 : 0.4));
    for (int r = 0; r < ROWS + CASES; r++) {
        bool test = r >= ROWS;
        uint32_t a = (uint32_t)rng_below(&rng, VIEWERS);
        uint32_t b = (uint32_t)rng_below(&rng, TITLES);
        uint32_t *const of_a = test ? &w->of_case[0][r - ROWS] : &w->of_row[0][r];
        uint32_t *const of_b = test ? &w->of_case[1][r - ROWS] : &w->of_row[1][r];
        *of_a = a;
        *of_b = b;
        float y = value_of(v[a], t[b]);
        if (test)
            w->truth[r - ROWS] = y;
        else
            w->target[r] = y + (float)(0.3 * rng_normal(&rng));
        if (!test) {
            row[r] = a;
            one[r] = 1;
        }
    }
    assert_ok(
        csr_from_triples(VIEWERS, TITLES, row, w->of_row[1], one, ROWS, &w->titles_of, &test_err));
    w->data = (struct gibbs_data){.rows = ROWS, .cases = CASES, .target = w->target, .n_blocks = 2};
    w->data.block[0] = (struct gibbs_block){.n = VIEWERS,
                                            .of_row = w->of_row[0],
                                            .of_case = w->of_case[0],
                                            .sets = {&w->titles_of},
                                            .n_sets = 1};
    w->data.block[1] =
        (struct gibbs_block){.n = TITLES, .of_row = w->of_row[1], .of_case = w->of_case[1]};
}

static struct gibbs_answer run(const struct world *w, struct gibbs_settings s, size_t threads)
{
    struct pool *pool;
    struct gibbs_answer a;
    struct train_watch quiet = {0};
    assert_ok(pool_new(threads, &pool, &test_err));
    assert_ok(gibbs_run(&w->data, &s, pool, quiet, &a, &test_err));
    pool_free(pool);
    return a;
}

static void finds_planted_factors(void **state)
{
    (void)state;
    static struct world w;
    make_world(&w);
    /* A chain of so few rows can take a hundred sweeps to leave where it started. */
    struct gibbs_answer a = run(
        &w, (struct gibbs_settings){.rank = 4, .burn_in = 120, .samples = 80, .seed = test_seed()},
        2);
    double square = 0;
    double inside = 0;
    struct rng rng;
    rng_seed(&rng, 3);
    for (int i = 0; i < CASES; i++) {
        double e = a.mean[i] - (double)w.truth[i];
        double rating = (double)w.truth[i] + 0.3 * rng_normal(&rng);
        square += e * e;
        inside += fabs(a.mean[i] - rating) < 1.645 * a.deviation[i];
    }
    assert_true(sqrt(square / CASES) < 0.25); /* the truth spreads by 1.2 */
    assert_true(fabs(a.noise - 0.3) < 0.04);
    assert_true(inside / CASES > 0.84 && inside / CASES < 0.96); /* of 90 % intervals */
    gibbs_answer_release(&a);
    csr_release(&w.titles_of);
}

static void same_bytes_from_any_threads(void **state)
{
    (void)state;
    static struct world w;
    make_world(&w);
    struct gibbs_settings s = {.rank = 3, .samples = 20, .burn_in = 5, .seed = 7};
    struct gibbs_answer a = run(&w, s, 1);
    struct gibbs_answer b = run(&w, s, 2);
    assert_memory_equal(a.mean, b.mean, CASES * sizeof(double));
    assert_memory_equal(a.deviation, b.deviation, CASES * sizeof(double));
    s.seed = 8;
    struct gibbs_answer c = run(&w, s, 2);
    assert_memory_not_equal(a.mean, c.mean, CASES * sizeof(double));
    gibbs_answer_release(&a);
    gibbs_answer_release(&b);
    gibbs_answer_release(&c);
    csr_release(&w.titles_of);
}

static bool stop_at_16(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)total;
    return done < 16;
}

static void stopped_goes_on_to_the_same_bytes(void **state)
{
    (void)state;
    static struct world w;
    char path[600];
    struct pool *pool;
    struct gibbs_answer b;
    struct train_watch stop = {.progress = stop_at_16};
    make_world(&w);
    char folder[512];
    snprintf(folder, sizeof(folder), "%s", test_dir());
    snprintf(path, sizeof(path), "%s/state", folder);
    struct gibbs_settings s = {.rank = 3, .samples = 20, .burn_in = 10, .seed = 7};
    struct gibbs_answer a = run(&w, s, 1);
    s.state = path;
    assert_ok(pool_new(1, &pool, &test_err));
    assert_fails(MQ_CANCELLED, gibbs_run(&w.data, &s, pool, stop, &b, &test_err));
    struct gibbs_answer c = run(&w, s, 2);
    assert_memory_equal(a.mean, c.mean, CASES * sizeof(double));
    /* Of other ratings, and damaged. */
    struct train_watch quiet = {0};
    w.target[5] += 1;
    assert_fails(MQ_INVALID, gibbs_run(&w.data, &s, pool, quiet, &b, &test_err));
    FILE *f = fopen(path, "r+");
    fseek(f, 100, SEEK_SET);
    fputc('!', f);
    fputc('?', f);
    fclose(f);
    assert_fails(MQ_CORRUPT, gibbs_run(&w.data, &s, pool, quiet, &b, &test_err));
    assert_int_equal(truncate(path, 10), 0);
    assert_fails(MQ_CORRUPT, gibbs_run(&w.data, &s, pool, quiet, &b, &test_err));
    pool_free(pool);
    test_dir_remove(folder);
    gibbs_answer_release(&a);
    gibbs_answer_release(&c);
    csr_release(&w.titles_of);
}

static void small_and_bad_input(void **state)
{
    (void)state;
    static const float equal[] = {4, 4, 4};
    static const float nan_among[] = {4, NAN, 4};
    static const uint32_t zero[] = {0, 0, 0};
    static const uint32_t far[] = {1, 1, 1};
    struct pool *pool;
    struct gibbs_answer a;
    struct train_watch quiet = {0};
    struct gibbs_settings s = {.seed = 1, .samples = 40};
    assert_ok(pool_new(1, &pool, &test_err));
    /* One viewer, one title, all ratings equal; a case of a title without a rating. */
    struct gibbs_data d = {.rows = 3, .cases = 1, .target = equal, .n_blocks = 2};
    d.block[0] = (struct gibbs_block){.n = 1, .of_row = zero, .of_case = zero};
    d.block[1] = (struct gibbs_block){.n = 2, .of_row = zero, .of_case = far};
    assert_ok(gibbs_run(&d, &s, pool, quiet, &a, &test_err));
    assert_true(fabs(a.mean[0] - 4) < 1e-3);
    assert_true(isfinite(a.deviation[0]));
    gibbs_answer_release(&a);
    d.target = nan_among;
    assert_fails(MQ_INVALID, gibbs_run(&d, &s, pool, quiet, &a, &test_err));
    d.rows = 0;
    assert_fails(MQ_INVALID, gibbs_run(&d, &s, pool, quiet, &a, &test_err));
    d.rows = 3;
    d.target = equal;
    s.rank = GIBBS_RANK_MAX + 1;
    assert_fails(MQ_INVALID, gibbs_run(&d, &s, pool, quiet, &a, &test_err));
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_planted_factors),
        cmocka_unit_test(same_bytes_from_any_threads),
        cmocka_unit_test(stopped_goes_on_to_the_same_bytes),
        cmocka_unit_test(small_and_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
