/* Biases and neighbours by Pearson correlation, by hand. */
#include "support/check.h"

#include <math.h>

#include "train/pearson.h"

#define assert_near(actual, expected) assert_true(fabs((double)(actual) - (expected)) < 1e-5)

static void add(struct triples *t, uint32_t viewer, uint32_t title, double rating)
{
    assert_ok(triples_add(t, viewer, title, (float)rating, 0, &test_err));
}

static void biases_by_hand(void **state)
{
    (void)state;
    struct triples t = {0};
    struct biases b;
    add(&t, 0, 0, 5);
    add(&t, 0, 1, 3);
    add(&t, 1, 0, 3);
    add(&t, 1, 1, 1);
    /* Without ridge: mean 3, viewers +1 and -1, titles +1 and -1. */
    assert_ok(biases_fit(&t, 3, 3, 0, 0, &b, &test_err));
    assert_near(b.mean, 3);
    assert_near(biases_of(&b, 0, 0), 5);
    assert_near(biases_of(&b, 1, 1), 1);
    assert_near(biases_of(&b, 2, 2), 3); /* nobody, nothing */
    assert_near(b.title_mean[0], 4);
    assert_near(b.title_mean[2], 3);
    biases_release(&b);
    triples_release(&t);
    assert_fails(MQ_INVALID, biases_fit(&t, 1, 1, 1, 1, &b, &test_err));
}

static void neighbours_by_hand(void **state)
{
    (void)state;
    struct triples t = {0};
    struct triples cases = {0};
    struct csr m;
    struct pool *pool;
    /* Titles 0 and 1 agree fully over viewers 0 to 3 (correlation 1); 2 is their reverse. */
    static const int rated[4][3] = {{1, 2, 5}, {2, 3, 4}, {3, 4, 3}, {4, 5, 2}};
    for (uint32_t v = 0; v < 4; v++)
        for (uint32_t k = 0; k < 3; k++)
            add(&t, v, k, rated[v][k]);
    add(&t, 4, 1, 5); /* viewer 4 has title 1 and 2 */
    add(&t, 4, 2, 1);
    assert_ok(triples_to_csr(&t, 5, 3, INT64_MIN, INT64_MAX, &m, &test_err));
    float zero[5] = {0};
    struct biases b = {.mean = 3, .viewer = zero, .title = zero, .n_viewers = 5, .n_titles = 3};
    add(&cases, 4, 0, 0);
    add(&cases, 0, 0, 0);
    static const struct pearson_settings settings[] = {{0, 5}, {4, 5}, {4, 0}};
    float ret[6];
    for (size_t threads = 1; threads <= 2; threads++) {
        assert_ok(pool_new(threads, &pool, &test_err));
        assert_ok(pearson_predict(&m, &b, &cases, settings, 3, pool, ret, &test_err));
        pool_free(pool);
        /* Only title 1 counts for title 0: 2 correlates by -1. So 3 + (5 - 3); shrinking changes no share. */
        assert_near(ret[0], 5);
        assert_near(ret[2], 5);
        assert_near(ret[1],
                    2); /* viewer 0 gave title 1 two stars; the title itself does not count */
        assert_near(ret[4], 3); /* no neighbour allowed: the bias */
    }
    csr_release(&m);
    triples_release(&t);
    triples_release(&cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(biases_by_hand),
        cmocka_unit_test(neighbours_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
