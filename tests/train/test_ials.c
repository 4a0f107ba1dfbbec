/* iALS: the loss, the fixed point, the bytes. */
#include "support/check.h"

#include <math.h>

#include "model/fold_in.h"
#include "planted.h"
#include "train/ials.h"

static const struct train_watch silent = {NULL, NULL};
static const struct ials_settings small = {.rank = 10,
                                           .epochs = 6,
                                           .unobserved = 0.2f,
                                           .regularisation = 0.02f,
                                           .frequency_power = 0.8f,
                                           .deviation = 0.3f,
                                           .seed = 3};

static struct pool *pool_of(size_t threads)
{
    struct pool *p;

    assert_ok(pool_new(threads, &p, &test_err));
    return p;
}

/* The objective by its definition: every pair, in double precision. */
static double loss_by_definition(const struct csr *m, const struct ials *a)
{
    const struct ials_settings *s = &a->settings;
    double loss = 0;
    size_t *title_n = calloc(m->cols, sizeof *title_n);

    for (uint32_t u = 0; u < m->rows; u++) {
        struct csr_row row = csr_row(m, u);
        size_t k = 0;
        for (uint32_t i = 0; i < m->cols; i++) {
            double score = 0;
            for (uint32_t c = 0; c < a->stride; c++)
                score +=
                    (double)a->viewers[u * a->stride + c] * (double)a->titles[i * a->stride + c];
            loss += (double)s->unobserved * score * score;
            if (k < row.n && row.col[k] == i) {
                double w = (double)row.value[k++], p = w > 0 ? 1 : 0;
                title_n[i]++;
                loss += fabs(w) * (p - score) * (p - score);
            }
        }
        for (uint32_t c = 0; c < a->stride && row.n > 0; c++)
            loss += (double)s->regularisation *
                    pow((double)row.n + (double)s->unobserved * a->n_active,
                        (double)s->frequency_power) *
                    pow((double)a->viewers[u * a->stride + c], 2);
    }
    for (uint32_t i = 0; i < m->cols; i++)
        for (uint32_t c = 0; c < a->stride && title_n[i] > 0; c++)
            loss += (double)s->regularisation *
                    pow((double)title_n[i] + (double)s->unobserved * a->n_active_viewers,
                        (double)s->frequency_power) *
                    pow((double)a->titles[i * a->stride + c], 2);
    free(title_n);
    return loss;
}

/* A title and a viewer without observations, and some dislikes. */
static struct csr mixed(void)
{
    struct csr m;

    planted(60, 40, test_seed(), &m, NULL);
    for (uint64_t k = 0; k < csr_nnz(&m); k++)
        m.value[k] = (k % 7 == 3 ? -0.5f : 1.0f) * (float)(1 + k % 3);
    m.cols += 2;
    return m;
}

static void loss_is_the_objective_and_falls(void **state)
{
    (void)state;
    struct csr m = mixed();
    struct pool *pool = pool_of(1);
    struct ials_run *run;
    double last = INFINITY;

    assert_ok(ials_start(&m, &small, pool, &run, &test_err));
    for (uint32_t e = 0; e < small.epochs; e++) {
        assert_ok(ials_epoch(run, &test_err));
        const struct ials *a = ials_state(run);
        double expected = loss_by_definition(&m, a);
        if (!(fabs(a->loss[e] - expected) < 1e-3 * expected))
            fail_msg("epoch %u: loss %.9g, by definition %.9g", e, a->loss[e], expected);
        assert_true(a->loss[e] <= last * (1 + 1e-6));
        last = a->loss[e];
    }
    assert_int_equal(ials_state(run)->n_active, 40);
    ials_run_free(run);
    pool_free(pool);
    csr_release(&m);
}

static void same_bytes_from_any_threads(void **state)
{
    (void)state;
    struct csr m = mixed();
    struct ials first = {0}, other;

    for (size_t threads = 1; threads <= 4; threads++) {
        struct pool *pool = pool_of(threads);
        assert_ok(ials_train(&m, &small, pool, silent, threads == 1 ? &first : &other, &test_err));
        pool_free(pool);
        if (threads == 1)
            continue;
        assert_memory_equal(first.titles, other.titles, (size_t)first.n_titles * first.stride * 4);
        assert_memory_equal(first.viewers, other.viewers,
                            (size_t)first.n_viewers * first.stride * 4);
        assert_memory_equal(first.gram, other.gram, (size_t)first.stride * first.stride * 4);
        assert_memory_equal(first.loss, other.loss, small.epochs * sizeof *first.loss);
        ials_release(&other);
    }
    ials_release(&first);
    csr_release(&m);
}

static void other_seeds_differ(void **state)
{
    (void)state;
    struct csr m = mixed();
    struct pool *pool = pool_of(2);
    struct ials_settings s = small;
    struct ials a, b;

    assert_ok(ials_train(&m, &s, pool, silent, &a, &test_err));
    s.seed++;
    assert_ok(ials_train(&m, &s, pool, silent, &b, &test_err));
    assert_memory_not_equal(a.titles, b.titles, (size_t)a.n_titles * a.stride * 4);
    ials_release(&a);
    ials_release(&b);
    pool_free(pool);
    csr_release(&m);
}

/* Trained until nothing moves, a viewer folded in from their own row is the viewer of training. */
static void fold_in_is_the_same_solve(void **state)
{
    (void)state;
    struct csr m = mixed();
    struct pool *pool = pool_of(2);
    struct ials_settings s = small;
    struct ials a;

    s.epochs = 300;
    assert_ok(ials_train(&m, &s, pool, silent, &a, &test_err));
    struct model model = {.n_titles = m.cols,
                          .n_active = a.n_active,
                          .rank = s.rank,
                          .stride = a.stride,
                          .factors = a.titles,
                          .gram = a.gram,
                          .settings = a.settings};
    float *scratch = aligned_alloc(64, (fold_in_scratch(&model, m.cols) + 16) / 16 * 64);
    float x[16] __attribute__((aligned(64)));
    for (uint32_t u = 0; u < m.rows; u++) {
        struct csr_row row = csr_row(&m, u);
        struct fold_in_item items[64];
        for (size_t k = 0; k < row.n; k++)
            items[k] = (struct fold_in_item){
                {row.col[k]}, row.value[k] > 0 ? 1.0f : 0.0f, fabsf(row.value[k])};
        assert_ok(fold_in(&model, items, row.n, scratch, x, NULL, &test_err));
        for (uint32_t c = 0; c < a.stride; c++)
            assert_true(fabs((double)x[c] - (double)a.viewers[u * a.stride + c]) < 1e-4);
    }
    free(scratch);
    ials_release(&a);
    pool_free(pool);
    csr_release(&m);
}

static bool stop_at_two(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    assert_string_equal(what, "ials epoch");
    assert_int_equal(total, 6);
    *(uint64_t *)ctx = done;
    return done < 2;
}

static void stops_when_told(void **state)
{
    (void)state;
    struct csr m = mixed();
    struct pool *pool = pool_of(1);
    uint64_t last = 99;
    struct train_watch watch = {stop_at_two, &last};
    struct ials a = {.epochs = 77};

    assert_fails(MQ_CANCELLED, ials_train(&m, &small, pool, watch, &a, &test_err));
    assert_int_equal(last, 2);
    assert_int_equal(a.epochs, 77);
    pool_free(pool);
    csr_release(&m);
}

static void refuses_bad_input(void **state)
{
    (void)state;
    struct csr m = mixed();
    struct pool *pool = pool_of(1);
    struct ials_settings s = small;
    struct ials a;

    s.rank = MODEL_RANK_MAX + 1;
    assert_fails(MQ_INVALID, ials_train(&m, &s, pool, silent, &a, &test_err));
    s.rank = 4;
    s.regularisation = INFINITY;
    assert_fails(MQ_INVALID, ials_train(&m, &s, pool, silent, &a, &test_err));
    m.value[5] = NAN;
    assert_fails(MQ_INVALID, ials_train(&m, &small, pool, silent, &a, &test_err));
    pool_free(pool);
    csr_release(&m);
}

static void too_much_regularisation_is_noticed(void **state)
{
    (void)state;
    struct csr m = mixed();
    struct pool *pool = pool_of(1);
    struct ials_settings s = small;
    struct ials a;

    s.regularisation = 10;
    assert_fails(MQ_INVALID, ials_train(&m, &s, pool, silent, &a, &test_err));
    assert_non_null(strstr(test_err.text, "lower it"));
    s.regularisation = 0; /* the default, which an absurd power makes too much */
    s.frequency_power = 2.6f;
    assert_ok(ials_train(&m, &s, pool, silent, &a, &test_err));
    assert_false(a.collapsed);
    assert_true(a.settings.regularisation > 0 && a.settings.regularisation < 0.01f);
    ials_release(&a);
    pool_free(pool);
    csr_release(&m);
}

static void unwatched_titles_change_nothing(void **state)
{
    (void)state;
    struct csr m = mixed();
    struct pool *pool = pool_of(1);
    struct ials a, b;

    assert_ok(ials_train(&m, &small, pool, silent, &a, &test_err));
    m.cols += 1000;
    assert_ok(ials_train(&m, &small, pool, silent, &b, &test_err));
    assert_memory_equal(a.titles, b.titles, (size_t)a.n_titles * a.stride * 4);
    for (size_t k = (size_t)40 * b.stride; k < (size_t)b.n_titles * b.stride; k++)
        assert_true(b.titles[k] == 0);
    ials_release(&a);
    ials_release(&b);
    pool_free(pool);
    csr_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_is_the_objective_and_falls),
        cmocka_unit_test(same_bytes_from_any_threads),
        cmocka_unit_test(other_seeds_differ),
        cmocka_unit_test(fold_in_is_the_same_solve),
        cmocka_unit_test(stops_when_told),
        cmocka_unit_test(refuses_bad_input),
        cmocka_unit_test(too_much_regularisation_is_noticed),
        cmocka_unit_test(unwatched_titles_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
