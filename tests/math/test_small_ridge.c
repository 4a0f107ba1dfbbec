/* Least squares over a few columns: what was planted comes back, and the minimum is one. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/small_ridge.h"

enum { ROWS = 200, P = 6 };

struct world {
    double x[ROWS * P], y[ROWS], b[P];
    uint32_t use[ROWS];
};

static void make(struct world *w, uint64_t seed, double noise)
{
    struct rng r;
    rng_seed(&r, seed);
    for (int c = 0; c < P; c++)
        w->b[c] = rng_normal(&r);
    for (int i = 0; i < ROWS; i++) {
        w->y[i] = 3 + noise * rng_normal(&r);
        w->use[i] = (uint32_t)i;
        for (int c = 0; c < P; c++) {
            w->x[i * P + c] = (c + 1) * rng_normal(&r) + 10 * c;
            w->y[i] += w->b[c] * w->x[i * P + c];
        }
    }
}

static void finds_what_is_planted(void **state)
{
    (void)state;
    static struct world w;
    struct small_ridge r;
    make(&w, test_seed(), 0);
    assert_ok(small_ridge_fit(w.x, P, w.y, w.use, ROWS, UINT64_MAX, 1e-9, &r, &test_err));
    for (int c = 0; c < P; c++)
        assert_true(fabs(r.b[c] - w.b[c]) < 1e-6);
    for (int i = 0; i < ROWS; i++)
        assert_true(fabs(small_ridge_value(&r, w.x + i * P) - w.y[i]) < 1e-6);
}

static double loss(const struct world *w, const struct small_ridge *r, double penalty)
{
    double s = 0;
    for (int i = 0; i < ROWS; i++)
        s += pow(w->y[i] - small_ridge_value(r, w->x + i * P), 2);
    for (int c = 0; c < P; c++) {
        double v = 0;
        for (int i = 0; i < ROWS; i++)
            v += pow(w->x[i * P + c] - r->mean[c], 2) / ROWS;
        s += penalty * r->b[c] * r->b[c] * v;
    }
    return s;
}

/* Property: nothing near it is lower. */
static void is_a_minimum(void **state)
{
    (void)state;
    static struct world w;
    for (size_t round = 0; round < test_rounds(20); round++) {
        struct small_ridge r;
        make(&w, test_seed() + round, 2);
        assert_ok(small_ridge_fit(w.x, P, w.y, w.use, ROWS, UINT64_MAX, 7, &r, &test_err));
        double least = loss(&w, &r, 7);
        for (int c = 0; c < P; c++)
            for (int sign = -1; sign <= 1; sign += 2) {
                struct small_ridge near = r;
                near.b[c] += sign * 1e-3;
                assert_true(loss(&w, &near, 7) > least);
            }
    }
}

static void columns_and_bad_input(void **state)
{
    (void)state;
    static struct world w;
    struct small_ridge r;
    make(&w, 3, 1);
    assert_ok(small_ridge_fit(w.x, P, w.y, w.use, ROWS, 1U << 2, 1, &r, &test_err));
    for (int c = 0; c < P; c++)
        assert_true((r.b[c] != 0) == (c == 2));
    for (int i = 0; i < ROWS; i++)
        w.x[i * P] = 4;
    assert_ok(small_ridge_fit(w.x, P, w.y, w.use, ROWS, UINT64_MAX, 1e-6, &r, &test_err));
    assert_true(r.b[0] == 0); /* a constant says nothing */
    w.x[1] = NAN;
    assert_fails(MQ_INVALID,
                 small_ridge_fit(w.x, P, w.y, w.use, ROWS, UINT64_MAX, 1, &r, &test_err));
    assert_fails(MQ_INVALID, small_ridge_fit(w.x, P, w.y, w.use, 0, UINT64_MAX, 1, &r, &test_err));
    assert_fails(MQ_INVALID,
                 small_ridge_fit(w.x, P, w.y, w.use, ROWS, UINT64_MAX, 0, &r, &test_err));
    assert_fails(MQ_INVALID, small_ridge_fit(w.x, SMALL_RIDGE_MAX + 1, w.y, w.use, 1, UINT64_MAX, 1,
                                             &r, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_planted),
        cmocka_unit_test(is_a_minimum),
        cmocka_unit_test(columns_and_bad_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
