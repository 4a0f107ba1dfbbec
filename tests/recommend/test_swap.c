/* Swaps: of the asked share of the pages one pair of neighbours, either way round equally often, with its exact chance; else the page is
 * the one without. */
#include "recommend/small_world.h"
#include "recommend/swap.h"
#include "support/check.h"

#include <math.h>

enum { PAGES = 3000, ROWS = 6, COLUMNS = 10 };

static struct small_world world;
static struct recommender *rec, *plain;

static int make(void **state)
{
    (void)state;
    small_world_make(&world, (struct small_world_size){300, 400, 8, 11});
    assert_ok(recommender_new(&rec, &test_err));
    assert_ok(recommender_fit(rec, 300, 8, &test_err));
    assert_ok(recommender_new(&plain, &test_err));
    assert_ok(recommender_fit(plain, 300, 8, &test_err));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    recommender_free(rec);
    recommender_free(plain);
    small_world_release(&world);
    return 0;
}

static struct ask ask_of(const struct profile *p, int64_t at_ms)
{
    return (struct ask){.profile = p,
                        .viewer = "v",
                        .log_seq = 9,
                        .at_ms = at_ms,
                        .context = {.device = DEVICE_TV, .country = 'G' << 8 | 'B'},
                        .rows = ROWS,
                        .columns = COLUMNS,
                        .exploration = 1,
                        .swaps = 0.2};
}

struct seen {
    size_t rows, in_row, turned;
};

static bool same_items(const struct mq_row *a, const struct mq_row *b)
{
    bool same = a->n_items == b->n_items;
    for (size_t i = 0; same && i < a->n_items; i++)
        same = a->items[i].title_number == b->items[i].title_number;
    return same;
}

/* Two rows of the page, the second right below the first: as on the page without, or turned. */
static void check_rows(const struct mq_page *a, const struct mq_page *b, size_t r, struct seen *ret)
{
    assert_true(r + 1 < a->n_rows && a->rows[r + 1].propensity == 1);
    bool kept =
        same_items(&a->rows[r], &b->rows[r]) && same_items(&a->rows[r + 1], &b->rows[r + 1]);
    bool turned =
        same_items(&a->rows[r], &b->rows[r + 1]) && same_items(&a->rows[r + 1], &b->rows[r]);
    assert_true(kept != turned);
    assert_string_not_equal(a->rows[r].kind, "continue");
    ret->rows++;
    ret->turned += turned;
}

static void check_columns(const struct mq_row *a, const struct mq_row *b, struct seen *ret)
{
    size_t at = 0;
    while (isnan(a->items[at].propensity))
        at++;
    assert_true(at + 1 < a->n_items && at + 1 < SWAP_COLUMNS);
    assert_true(a->items[at].propensity == 0.5 && a->items[at + 1].propensity == 1);
    bool turned = a->items[at].title_number != b->items[at].title_number;
    for (size_t i = 0; i < a->n_items; i++) {
        size_t from = !turned ? i : i == at ? at + 1 : i == at + 1 ? at : i;
        assert_int_equal(a->items[i].title_number, b->items[from].title_number);
        assert_true(isnan(a->items[i].propensity) == (i != at && i != at + 1));
    }
    assert_string_not_equal(a->kind, "continue");
    ret->in_row++;
    ret->turned += turned;
}

/* The page beside the one without swaps. */
static void check_page(const struct ask *ask, struct seen *ret)
{
    struct mq_page a, b;
    struct ask without = *ask;
    struct seen before = *ret;
    without.swaps = 0;
    assert_ok(recommend_home(rec, &world.world, ask, &a, &test_err));
    assert_ok(recommend_home(plain, &world.world, &without, &b, &test_err));
    assert_int_equal(a.n_rows, b.n_rows);
    for (size_t r = 0; r < a.n_rows; r++) {
        bool any = false;
        assert_true(b.rows[r].propensity == 0);
        for (size_t i = 0; i < a.rows[r].n_items; i++)
            any = any || !isnan(a.rows[r].items[i].propensity);
        if (a.rows[r].propensity == 0.5)
            check_rows(&a, &b, r, ret);
        else if (any)
            check_columns(&a.rows[r], &b.rows[r], ret);
        else
            assert_true(a.rows[r].propensity == 1 || same_items(&a.rows[r], &b.rows[r]));
    }
    assert_true(ret->rows + ret->in_row <= before.rows + before.in_row + 1);
    if (ret->turned == before.turned)
        assert_string_equal(a.recommendation_id, b.recommendation_id);
    else
        assert_string_not_equal(a.recommendation_id, b.recommendation_id);
}

static struct seen pages(struct ask ask, size_t n)
{
    struct seen seen = {0};
    for (size_t i = 0; i < n; i++, ask.at_ms += 61000)
        check_page(&ask, &seen);
    return seen;
}

static void near_share(size_t n, double share, size_t of)
{
    double wide = 4 * sqrt(share * (1 - share) / (double)of);
    if (fabs((double)n / (double)of - share) > wide)
        fail_msg("%zu of %zu: not near %g", n, of, share);
}

static void pairs_are_tossed_for(void **state)
{
    struct profile *p = small_world_profile(&world, 5, 30);
    struct ask ask = ask_of(p, SMALL_WORLD_NOW);
    (void)state;
    size_t n = test_rounds(PAGES);
    struct seen seen = pages(ask, n);
    near_share(seen.rows + seen.in_row, 0.2, n);
    near_share(seen.rows, 0.5, seen.rows + seen.in_row);
    near_share(seen.turned, 0.5, seen.rows + seen.in_row);
    ask.exploration = 0.25;
    ask.at_ms += INT64_C(1000000000);
    seen = pages(ask, n);
    near_share(seen.rows + seen.in_row, 0.05, n);
    free(p);
}

static void nobody_else_is_in_it(void **state)
{
    struct profile *p = small_world_profile(&world, 6, 30);
    struct ask ask = ask_of(p, SMALL_WORLD_NOW);
    struct rules rules;
    const char *const pin[] = {"genre=Drama@1.2"};
    (void)state;
    ask.swaps = 1; /* as many as there can be */
    struct seen seen = pages(ask, 50);
    assert_int_equal(seen.rows + seen.in_row, 50);
    const struct ask all = ask;
    ask.no_profiling = true;
    seen = pages(ask, 50);
    assert_int_equal(seen.rows + seen.in_row, 0);
    ask = all;
    ask.exploration = 0;
    seen = pages(ask, 50);
    assert_int_equal(seen.rows + seen.in_row, 0);
    ask = all;
    p->consent = CONSENT_CHILD;
    seen = pages(ask, 50);
    assert_int_equal(seen.rows + seen.in_row, 0);
    p->consent = CONSENT_UNPROFILED;
    seen = pages(ask, 50);
    assert_int_equal(seen.rows + seen.in_row, 0);
    p->consent = 0;
    assert_ok(rules_parse(&(struct mq_rules){.pin = pin, .n_pin = 1}, &rules, &test_err));
    ask.rules = &rules;
    struct mq_page page;
    for (int i = 0; i < 50; i++, ask.at_ms += 61000) {
        assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
        for (size_t r = 0; r < page.n_rows; r++)
            assert_true(page.rows[r].propensity == 0);
    }
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_tossed_for),
        cmocka_unit_test(nobody_else_is_in_it),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
