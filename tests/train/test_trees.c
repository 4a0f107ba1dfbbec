/* Trees: what XGBoost grows, our layout gives again; losses do what they say. */
#include "support/check.h"

#include <math.h>
#include <xgboost/c_api.h>

#include "base/rng.h"
#include "train/trees.h"

enum { ROWS = 600, COLS = 7 };

static float x[ROWS * COLS], y[ROWS];

/* A step, a slope, an interaction; some values missing. */
static void make(uint64_t seed)
{
    struct rng r;

    rng_seed(&r, seed);
    for (int i = 0; i < ROWS; i++) {
        float *v = &x[(size_t)i * COLS];
        for (int c = 0; c < COLS; c++)
            v[c] = (float)rng_double(&r);
        y[i] = (v[0] > 0.5F ? 3.0F : 0.0F) + v[1] + v[2] * v[3] + 0.1F * (float)rng_normal(&r);
        if (rng_below(&r, 10) == 0)
            v[4] = NAN;
        if (rng_below(&r, 10) == 0)
            v[0] = NAN;
    }
}

static double squared(const struct forest *f)
{
    double sum = 0;

    for (int i = 0; i < ROWS; i++)
        sum += pow((double)(forest_value(f, &x[(size_t)i * COLS]) - y[i]), 2);
    return sum / ROWS;
}

/* The library's own answer for the same data, settings and number of rounds. */
static void library_says(float *ret, uint32_t rounds, float base)
{
    DMatrixHandle m;
    BoosterHandle b;
    bst_ulong n;
    const float *out;
    static float label[ROWS];
    static const char *const set[][2] = {{"objective", "reg:squarederror"},
                                         {"base_score", "0"},
                                         {"tree_method", "hist"},
                                         {"nthread", "1"},
                                         {"verbosity", "0"},
                                         {"seed", "5"},
                                         {"max_depth", "4"},
                                         {"eta", "0.1"},
                                         {"subsample", "0.8"},
                                         {"colsample_bytree", "0.7"}};

    for (int i = 0; i < ROWS; i++)
        label[i] = y[i] - base;
    assert_int_equal(XGDMatrixCreateFromMat(x, ROWS, COLS, NAN, &m), 0);
    assert_int_equal(XGDMatrixSetFloatInfo(m, "label", label, ROWS), 0);
    assert_int_equal(XGBoosterCreate(&m, 1, &b), 0);
    for (size_t i = 0; i < sizeof set / sizeof set[0]; i++)
        assert_int_equal(XGBoosterSetParam(b, set[i][0], set[i][1]), 0);
    for (uint32_t r = 0; r < rounds; r++)
        assert_int_equal(XGBoosterUpdateOneIter(b, (int)r, m), 0);
    assert_int_equal(XGBoosterPredict(b, m, 1, 0, 0, &n, &out), 0);
    assert_int_equal(n, ROWS);
    for (int i = 0; i < ROWS; i++)
        ret[i] = out[i] + base;
    XGBoosterFree(b);
    XGDMatrixFree(m);
}

static const struct trees_settings usual = {
    .rounds = 60, .depth = 4, .rate = 0.1F, .rows = 0.8F, .columns = 0.7F, .seed = 5};

static void layout_equals_library(void **state)
{
    (void)state;
    static float theirs[ROWS];
    struct forest f;

    make(test_seed());
    assert_ok(trees_fit(x, ROWS, COLS, y, NULL, &usual, &f, &test_err));
    assert_ok(forest_check(&f, &test_err));
    assert_int_equal(f.n_trees, usual.rounds);
    library_says(theirs, usual.rounds, f.base);
    for (int i = 0; i < ROWS; i++)
        assert_true(fabsf(theirs[i] - forest_value(&f, &x[(size_t)i * COLS])) < 1e-4F);
    assert_true(squared(&f) < 0.4);
    /* Many rows beside each other: the same bits, also of a last group that is not full. */
    forest_values(&f, x, ROWS - 3, theirs);
    for (int i = 0; i < ROWS - 3; i++)
        assert_true(theirs[i] == forest_value(&f, &x[(size_t)i * COLS]));
    trees_release(&f);
}

static void same_seed_same_trees(void **state)
{
    (void)state;
    struct forest a, b;

    make(test_seed());
    assert_ok(trees_fit(x, ROWS, COLS, y, NULL, &usual, &a, &test_err));
    assert_ok(trees_fit(x, ROWS, COLS, y, NULL, &usual, &b, &test_err));
    assert_int_equal(a.n_nodes, b.n_nodes);
    assert_memory_equal(a.node, b.node, a.n_nodes * sizeof(*a.node));
    trees_release(&a);
    trees_release(&b);
}

static double pinball(double q, double target, double value)
{
    return target > value ? q * (target - value) : (1 - q) * (value - target);
}

/* Less pinball loss than the base alone, and less of the data below a lower quantile. */
static void quantiles_pay(void **state)
{
    (void)state;
    static const float quantiles[] = {0.1F, 0.5F, 0.9F};
    int last = 0;

    make(test_seed());
    for (int q = 0; q < 3; q++) {
        struct trees_settings s = {
            .rounds = 100, .depth = 3, .rate = 0.2F, .quantile = quantiles[q], .min_child = 10};
        struct forest f;
        double loss = 0, alone = 0;
        int below = 0;
        assert_ok(trees_fit(x, ROWS, COLS, y, NULL, &s, &f, &test_err));
        for (int i = 0; i < ROWS; i++) {
            float v = forest_value(&f, &x[(size_t)i * COLS]);
            loss += pinball((double)quantiles[q], (double)y[i], (double)v);
            alone += pinball((double)quantiles[q], (double)y[i], (double)f.base);
            below += y[i] <= v;
        }
        assert_true(loss < 0.5 * alone);
        assert_true(below > last);
        last = below;
        trees_release(&f);
    }
}

/* Squared loss by the caller's gradients comes out as squared loss. */
static void square(void *ctx, const float *value, const float *target, uint32_t rows, float *first,
                   float *second)
{
    ++*(int *)ctx;
    for (uint32_t i = 0; i < rows; i++) {
        first[i] = value[i] - target[i];
        second[i] = 1;
    }
}

static void own_gradients(void **state)
{
    (void)state;
    int calls = 0;
    struct trees_settings s = usual;
    struct forest f;

    make(test_seed());
    s.gradient = square;
    s.ctx = &calls;
    assert_ok(trees_fit(x, ROWS, COLS, y, NULL, &s, &f, &test_err));
    assert_int_equal(calls, usual.rounds);
    assert_true(squared(&f) < 0.4);
    trees_release(&f);
}

static void weights_count(void **state)
{
    (void)state;
    static float weight[ROWS];
    struct trees_settings s = {.rounds = 1, .depth = 1, .rate = 1};
    struct forest f;

    make(test_seed());
    for (int i = 0; i < ROWS; i++) {
        weight[i] = i % 2 ? 1 : 1000;
        y[i] = i % 2 ? 10 : 0;
    }
    assert_ok(trees_fit(x, ROWS, COLS, y, weight, &s, &f, &test_err));
    assert_true(forest_value(&f, x) < 0.5F);
    trees_release(&f);
}

static void damaged_forests_are_refused(void **state)
{
    (void)state;
    struct forest_node node[3] = {{.feature = 0, .value = 0.5F, .child = 1},
                                  {.feature = FOREST_LEAF, .value = 1},
                                  {.feature = FOREST_LEAF, .value = 2}};
    uint32_t root[1] = {0};
    struct forest f = {.n_trees = 1, .n_nodes = 3, .n_features = 1, .root = root, .node = node};
    float v = NAN;

    assert_ok(forest_check(&f, &test_err));
    assert_true(forest_value(&f, &v) == 1);
    node[0].child = 2;
    assert_fails(MQ_CORRUPT, forest_check(&f, &test_err));
    node[0].child = 0;
    assert_fails(MQ_CORRUPT, forest_check(&f, &test_err));
    node[0].child = 1;
    node[0].feature = 1;
    assert_fails(MQ_CORRUPT, forest_check(&f, &test_err));
    node[0].feature = 0;
    node[2].value = NAN;
    assert_fails(MQ_CORRUPT, forest_check(&f, &test_err));
    node[2].value = 0;
    root[0] = 3;
    assert_fails(MQ_CORRUPT, forest_check(&f, &test_err));
}

static void bad_input(void **state)
{
    (void)state;
    struct trees_settings s = {.depth = 17};
    struct forest f;
    float bad[2] = {1, NAN};

    assert_fails(MQ_INVALID, trees_fit(x, 0, COLS, y, NULL, &usual, &f, &test_err));
    assert_fails(MQ_INVALID, trees_fit(x, 2, COLS, y, NULL, &s, &f, &test_err));
    assert_fails(MQ_INVALID, trees_fit(x, 2, COLS, bad, NULL, &usual, &f, &test_err));
    struct forest_node node[8];
    assert_int_equal(trees_read_dump("0:[f9<1] yes=1,no=2,missing=1", 0, 3, node, 8), 0);
    assert_int_equal(trees_read_dump("0:[f1<1] yes=1,no=2,missing=1", 0, 3, node, 8), 0);
    assert_int_equal(trees_read_dump("nonsense", 0, 3, node, 8), 0);
    assert_int_equal(trees_read_dump("0:leaf=1.5\n", 0, 3, node, 8), 1);
}

/* By hand: x0 moves the value by 4 either way, x1 below its left side by 1; and a second tree on x1. */
static void what_features_are_for(void **state)
{
    (void)state;
    static const struct forest_node node[] = {
        {0, 0, 1, 0},           {1, 5, 3, 0}, {FOREST_LEAF, 8, 0, 0}, {FOREST_LEAF, -1, 0, 0},
        {FOREST_LEAF, 1, 0, 0}, {1, 0, 6, 0}, {FOREST_LEAF, 0, 0, 0}, {FOREST_LEAF, 2, 0, 0},
    };
    static const uint32_t root[] = {0, 5};
    struct forest f = {.n_trees = 2, .n_nodes = 8, .n_features = 3, .root = root, .node = node};
    uint64_t splits[3];
    double share[3];

    assert_ok(forest_check(&f, &test_err));
    assert_ok(forest_uses(&f, splits, share, &test_err));
    assert_true(splits[0] == 1 && splits[1] == 2 && splits[2] == 0);
    /* 16; half of 1; 1 */
    assert_true(fabs(share[0] - 16 / 17.5) < 1e-12 && fabs(share[1] - 1.5 / 17.5) < 1e-12);
    assert_true(share[2] == 0);
    f.n_trees = f.n_nodes = 0;
    assert_ok(forest_uses(&f, splits, share, &test_err));
    assert_true(splits[0] == 0 && share[0] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout_equals_library),
        cmocka_unit_test(same_seed_same_trees),
        cmocka_unit_test(quantiles_pay),
        cmocka_unit_test(own_gradients),
        cmocka_unit_test(weights_count),
        cmocka_unit_test(damaged_forests_are_refused),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(what_features_are_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
