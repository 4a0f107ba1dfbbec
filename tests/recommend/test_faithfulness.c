#include "recommend/faithfulness.h"

#include <math.h>

#include "base/rng.h"
#include "math/bootstrap.h"
#include "recommend/small_world.h"
#include "support/check.h"

enum { PAGE_ITEMS = 200, KINDS = MQ_REASON_KINDS };

static const char *const kind_names[KINDS] = {"taste",   "similar", "person",  "genre",
                                              "popular", "rising",  "new",     "continue",
                                              "mood",    "pinned",  "campaign"};

struct tally {
    size_t items[KINDS], named[KINDS], measured[KINDS], all[KINDS], away[KINDS];
};

static void count(struct tally *t, const struct faithful_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        t->items[items[i].kind]++;
        t->named[items[i].kind] += items[i].n_evidence > 0;
        if (items[i].n_evidence == 0 || !items[i].has_control)
            continue;
        t->measured[items[i].kind]++;
        t->all[items[i].kind] += faithful(&items[i].all);
        t->away[items[i].kind] += faithful(&items[i].away);
    }
}

static size_t sum(const size_t v[KINDS])
{
    size_t s = 0;
    for (int k = 0; k < KINDS; k++)
        s += v[k];
    return s;
}

static void print_tally(const struct tally *t)
{
    for (int k = 0; k < KINDS; k++) {
        if (t->items[k] > 0)
            printf("  %-8s items %5zu  named %5zu  measured %5zu  faithful %5zu  away %5zu\n",
                   kind_names[k], t->items[k], t->named[k], t->measured[k], t->all[k], t->away[k]);
    }
}

/* Named evidence moves its item more than other titles do: on a thousand items and more, in nine of ten,
 * by the lower end of the interval over viewers; and evidence is named nearly always where the row
 * follows taste. */
static void measure_world(bool blended)
{
    struct small_world w;
    struct recommender *r;
    struct tally tally = {0};
    double all[100], away[100], taste_all[100];
    size_t n_viewers = 0, n_taste = 0;
    uint64_t seed = test_seed();
    small_world_make(&w, (struct small_world_size){1500, 3000, 32, seed});
    if (blended)
        small_world_blend(&w, 100);
    assert_ok(recommender_new(&r, &test_err));
    for (uint32_t v = 0; v < 40; v++) {
        struct profile *p = small_world_profile(&w, seed + v, 8 + v);
        struct faithful_item items[PAGE_ITEMS];
        struct tally mine = {0};
        size_t n;
        struct ask ask = {.profile = p,
                          .viewer = "v",
                          .at_ms = SMALL_WORLD_NOW,
                          .context = {.offset_min = OFFSET_NONE}};
        assert_ok(faithful_page(r, &w.world, &ask, items, PAGE_ITEMS, &n, &test_err));
        count(&mine, items, n);
        count(&tally, items, n);
        if (sum(mine.measured) > 0) {
            all[n_viewers] = (double)sum(mine.all) / (double)sum(mine.measured);
            away[n_viewers++] = (double)sum(mine.away) / (double)sum(mine.measured);
        }
        if (mine.measured[MQ_REASON_TASTE] > 0)
            taste_all[n_taste++] =
                (double)mine.all[MQ_REASON_TASTE] / (double)mine.measured[MQ_REASON_TASTE];
        free(p);
    }
    struct interval i_all, i_away, i_taste;
    assert_ok(bootstrap_paired(all, NULL, n_viewers, seed, &i_all, &test_err));
    assert_ok(bootstrap_paired(away, NULL, n_viewers, seed, &i_away, &test_err));
    assert_ok(bootstrap_paired(taste_all, NULL, n_taste, seed, &i_taste, &test_err));
    printf("seed %llu, %zu items measured\n", (unsigned long long)seed, sum(tally.measured));
    print_tally(&tally);
    printf(
        "  faithful %.3f [%.3f, %.3f]; removed titles kept away %.3f [%.3f, %.3f]; top picks %.3f "
        "[%.3f, %.3f]\n",
        i_all.mean, i_all.low, i_all.high, i_away.mean, i_away.low, i_away.high, i_taste.mean,
        i_taste.low, i_taste.high);
    assert_true(sum(tally.measured) >= 1000);
    assert_true(i_all.low >= 0.9);
    assert_true(i_away.low >= 0.9);
    assert_true(i_taste.low >= 0.9);
    assert_true(tally.named[MQ_REASON_TASTE] * 10 >= tally.items[MQ_REASON_TASTE] * 8);
    recommender_free(r);
    small_world_release(&w);
}

static void named_evidence_carries_its_item(void **state)
{
    (void)state;
    measure_world(false);
}

/* Links that mean nothing are the hardest: every place hangs on all ingredients. */
static void so_it_does_in_a_blend(void **state)
{
    (void)state;
    measure_world(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(named_evidence_carries_its_item),
        cmocka_unit_test(so_it_does_in_a_blend),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
