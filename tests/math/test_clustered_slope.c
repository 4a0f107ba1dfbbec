/* A slope's standard error where many rows come from one viewer: known numbers, and intervals that hold the truth where viewers differ. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/clustered_slope.h"

static void known_values(void **state)
{
    /* Without one row after the other 1.3, 0.9714, 0.9286 and 1.6. */
    const float x[] = {0, 1, 2, 3}, y[] = {1, 1, 4.2f, 3.6f};
    const uint32_t two[] = {7, 9, 7, 9}, four[] = {4, 3, 2, 1}, one[] = {5, 5, 5, 5};
    const uint32_t pairs[] = {1, 1, 2, 2};
    struct clustered_slope s;
    (void)state;
    assert_ok(clustered_slope(x, y, four, 4, &s, &test_err));
    double squares = 0.2 * 0.2 + pow(9.0 / 70, 2) + pow(12.0 / 70, 2) + 0.5 * 0.5;
    assert_true(fabs(s.slope - 1.1) < 1e-6 && s.clusters == 4);
    assert_true(fabs(s.error - sqrt(squares * 3 / 4)) < 1e-5);
    /* Two rows have no slope of which is known how sure it is. */
    assert_ok(clustered_slope(x, y, pairs, 4, &s, &test_err));
    assert_true(isnan(s.error) && s.clusters == 2);
    assert_ok(clustered_slope(x, y, one, 4, &s, &test_err));
    assert_true(isnan(s.error) && s.clusters == 1 && !isnan(s.slope));
    assert_ok(clustered_slope((const float[]){1, 1, 1}, y, two, 3, &s, &test_err));
    assert_true(isnan(s.slope));
    assert_ok(clustered_slope(x, y, two, 0, &s, &test_err));
    assert_true(isnan(s.slope) && s.clusters == 0);
}

enum { VIEWERS = 60, ROWS_MAX = 40 * VIEWERS };

struct world {
    float x[ROWS_MAX], y[ROWS_MAX];
    uint32_t viewer[ROWS_MAX], alone[ROWS_MAX];
    size_t n;
};

/* Viewers with places of their own: their rows lie around an x and a y of theirs, they come between once and forty times, and rows of all
 * stand mixed. The slope is 0.3 for everybody. */
static void live(struct world *w, struct rng *rng)
{
    uint32_t order[ROWS_MAX];
    size_t n = 0;
    static struct world sorted;
    for (uint32_t v = 0; v < VIEWERS; v++) {
        double at = rng_normal(rng), own = 0.5 * rng_normal(rng);
        size_t rows = 1 + rng_below(rng, 40);
        for (size_t i = 0; i < rows; i++, n++) {
            double x = at + 0.5 * rng_normal(rng);
            sorted.x[n] = (float)x;
            sorted.y[n] = (float)(0.3 * x + own + 0.5 * rng_normal(rng));
            sorted.viewer[n] = v * 1000;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    rng_shuffle_u32(rng, order, n);
    for (uint32_t i = 0; i < n; i++) {
        w->x[i] = sorted.x[order[i]];
        w->y[i] = sorted.y[order[i]];
        w->viewer[i] = sorted.viewer[order[i]];
        w->alone[i] = i;
    }
    w->n = n;
}

static void intervals_hold_where_viewers_differ(void **state)
{
    static struct world w;
    struct rng rng;
    size_t worlds = test_rounds(400), held = 0, held_alone = 0;
    (void)state;
    for (size_t k = 0; k < worlds; k++) {
        struct clustered_slope s, alone;
        rng_seed_stream(&rng, test_seed(), k);
        live(&w, &rng);
        assert_ok(clustered_slope(w.x, w.y, w.viewer, w.n, &s, &test_err));
        assert_ok(clustered_slope(w.x, w.y, w.alone, w.n, &alone, &test_err));
        assert_int_equal(s.clusters, VIEWERS);
        /* 2.001: Student's t of 59 degrees of freedom. */
        held += fabs(s.slope - 0.3) < 2.001 * s.error;
        held_alone += fabs(alone.slope - 0.3) < 2.001 * alone.error;
    }
    double n = (double)worlds, share = (double)held / n;
    print_message(
        "%zu worlds: %.1f %% of 95 %% intervals hold the truth; %.1f %% as if each row were a "
        "viewer\n",
        worlds, 100 * share, 100 * (double)held_alone / n);
    /* Viewers of so different numbers of rows are worth fewer than there are: a little below 0.95. */
    assert_true(share > 0.925 - 4 * sqrt(0.95 * 0.05 / n) &&
                share < 0.95 + 4 * sqrt(0.95 * 0.05 / n));
    assert_true((double)held_alone / n < 0.7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(intervals_hold_where_viewers_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
