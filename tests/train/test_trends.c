/* What came lately, counted one by one. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "model/lately.h"
#include "train/trends.h"

enum { VIEWERS = 20, TITLES = 30, ENTRIES = 700 };

static void draw(struct rng *rng, struct triples *t)
{
    for (size_t i = 0; i < ENTRIES; i++)
        assert_int_equal(triples_add(t, (uint32_t)rng_below(rng, VIEWERS),
                                     (uint32_t)rng_below(rng, TITLES), 1,
                                     (int64_t)rng_below(rng, 100000), &test_err),
                         0);
}

static double counted(const struct triples *t, uint32_t title, int64_t now_ms, double half_life)
{
    double sum = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->title[i] == title && t->at_ms[i] < now_ms)
            sum += exp2(-(double)(now_ms - t->at_ms[i]) / half_life);
    return log1p(sum);
}

static void check_new(const struct triples *t, const struct trends *trends)
{
    int64_t now = trends->at_ms[trends->moments - 1];
    float to[TITLES];
    lately_new(trends, 1, now, TITLES, to);
    assert_memory_equal(to, trends->fresh[1], sizeof(to));
    lately_new(trends, 1, 50000, TITLES, to);
    for (uint32_t i = 0; i < TITLES; i++) {
        double age = -1;
        for (size_t k = 0; k < t->n; k++)
            if (t->title[k] == i && t->at_ms[k] < 50000)
                age = fmax(age, (double)(50000 - t->at_ms[k]));
        double want = age > 0 ? exp2(-age / trends->half_life_ms[1]) : 0;
        if (fabs((double)to[i] - want) > 1e-6)
            fail_msg("title %u: %g instead of %g", i, (double)to[i], want);
    }
}

/* At any moment, before the first and after the last entry too. */
static void as_of_any_moment(void **state)
{
    (void)state;
    struct rng rng;
    struct triples t = {0};
    struct histories h = {0};
    struct trends trends;
    float to[TITLES];
    rng_seed(&rng, test_seed());
    draw(&rng, &t);
    assert_int_equal(histories_from(&t, NULL, VIEWERS, TITLES, &h, &test_err), 0);
    assert_int_equal(trends_count(&h, &trends, &test_err), 0);
    assert_int_equal(trends.n_came, ENTRIES);
    for (int round = 0; round < 60; round++) {
        int64_t now = (int64_t)rng_below(&rng, 140000) - 20000;
        for (size_t s = 0; s < RECENT_SPEEDS; s++) {
            lately_exact(&trends, s, now, TITLES, to);
            for (uint32_t i = 0; i < TITLES; i++) {
                double want = counted(&t, i, now, trends.half_life_ms[s]);
                if (fabs((double)to[i] - want) > 1e-4)
                    fail_msg("at %lld, speed %zu, title %u: %g instead of %g", (long long)now, s, i,
                             (double)to[i], want);
            }
        }
    }
    check_new(&t, &trends);
    trends_forget(&trends);
    assert_null(trends.first_ms);
    assert_null(trends.came);
    assert_non_null(lately_noted(&trends, 0, 50000, TITLES));
    assert_null(lately_noted(&trends, 0, -1, TITLES));
    trends_release(&trends);
    histories_release(&h);
    triples_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_of_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
