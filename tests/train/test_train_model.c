/* One call from interactions to a published model. */
#include "support/check.h"

#include <math.h>

#include "model/library.h"
#include "planted.h"
#include "train/train.h"

static const struct train_watch silent = {NULL, NULL};

static void publishes_what_it_trained(void **state)
{
    (void)state;
    const char *dir = test_dir();
    struct train_settings s = {.ials.rank = 6, .ials.seed = 4};
    struct pool *pool;
    struct model m, *got;
    struct csr c;
    uint64_t refused;

    planted(50, 30, test_seed(), &c, NULL);
    assert_ok(pool_new(2, &pool, &test_err));
    assert_ok(train_model(&c, &s, pool, silent, &m, &test_err));
    assert_int_equal(m.facts.n_interactions, csr_nnz(&c));
    assert_int_equal(m.facts.n_viewers, 50);
    assert_true(isnan(m.facts.held_out_ndcg));
    assert_ok(library_publish(dir, &m, NULL, &test_err));
    assert_ok(library_open_live(dir, &got, &refused, &test_err));
    assert_int_equal(got->settings.seed, 4);
    assert_int_equal(got->n_neighbours, MODEL_NEIGHBOURS);
    assert_memory_equal(got->factors, m.factors, (size_t)30 * m.stride * 4);
    assert_true(got->neighbours[0] < 30);
    for (uint32_t i = 0; i < 30; i++) {
        float viewers = 0;
        for (uint64_t k = 0; k < csr_nnz(&c); k++)
            viewers += c.col[k] == i;
        assert_true(got->popularity[i] == viewers);
    }
    model_close(got);
    train_release(&m);
    train_release(&m);
    pool_free(pool);
    csr_release(&c);
    test_dir_remove(dir);
}

static void popularity_alone(void **state)
{
    (void)state;
    struct train_settings s = {.popularity_only = true, .no_neighbours = true};
    struct pool *pool;
    struct model m;
    struct csr c;

    planted(50, 30, test_seed(), &c, NULL);
    assert_ok(pool_new(1, &pool, &test_err));
    assert_ok(train_model(&c, &s, pool, silent, &m, &test_err));
    assert_int_equal(m.rank, 0);
    assert_int_equal(m.n_neighbours, 0);
    assert_int_equal(m.n_active, 30);
    assert_true(m.popularity[0] > 0);
    train_release(&m);
    pool_free(pool);
    csr_release(&c);
}

static void nothing_to_learn_from(void **state)
{
    (void)state;
    struct train_settings s = {0};
    struct pool *pool;
    struct model m;
    struct csr c;

    assert_ok(csr_from_triples(5, 5, NULL, NULL, NULL, 0, &c, &test_err));
    assert_ok(pool_new(1, &pool, &test_err));
    assert_fails(MQ_INVALID, train_model(&c, &s, pool, silent, &m, &test_err));
    pool_free(pool);
    csr_release(&c);
}

/* The smallest data there can be trains without help. */
static void one_interaction(void **state)
{
    (void)state;
    const uint32_t zero = 0;
    const float one = 1;
    struct train_settings s = {0};
    struct pool *pool;
    struct model m;
    struct csr c;

    assert_ok(csr_from_triples(1, 1, &zero, &zero, &one, 1, &c, &test_err));
    assert_ok(pool_new(1, &pool, &test_err));
    assert_ok(train_model(&c, &s, pool, silent, &m, &test_err));
    assert_int_equal(m.rank, 64);
    train_release(&m);
    pool_free(pool);
    csr_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publishes_what_it_trained),
        cmocka_unit_test(popularity_alone),
        cmocka_unit_test(nothing_to_learn_from),
        cmocka_unit_test(one_interaction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
