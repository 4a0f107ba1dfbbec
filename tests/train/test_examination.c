/* How often a place is looked at comes out of swaps alone: intervals that cover what was planted, whatever stands there, however
 * differently often viewers come; what weights are made of is nearer to it still where there is little; and nothing is said of too
 * little. */
#include "train/examination.h"

#include <math.h>

#include "base/rng.h"
#include "support/check.h"

enum { ROWS = 5, COLUMNS = 6, VIEWERS = 800, TITLES = 400 };

/* No power of the place: what is drawn towards one must not show in the swaps' own answer. */
static const double row_chance[ROWS] = {1, 0.8, 0.7, 0.35, 0.3};
static const double column_chance[2][COLUMNS] = {{1, 0.9, 0.6, 0.55, 0.3, 0.25},
                                                 {1, 0.7, 0.4, 0.2, 0.15, 0.1}};
static const enum device devices[2] = {DEVICE_TV, DEVICE_PHONE};

struct paper { /* a page in the making */
    struct shown_item items[ROWS][COLUMNS];
    struct shown_row rows[ROWS];
};

static void lay_page(struct paper *p, struct rng *rng)
{
    for (uint32_t r = 0; r < ROWS; r++) {
        for (uint32_t c = 0; c < COLUMNS;
             c++) /* better ones further up and to the left; none twice */
            p->items[r][c] = (struct shown_item){
                .title = {(uint32_t)(rng_below(rng, TITLES) + (r + c) * TITLES / 4) * 32 +
                          r * COLUMNS + c},
                .propensity = NAN};
        p->rows[r] = (struct shown_row){.kind = STR("x"), .n = COLUMNS, .items = p->items[r]};
    }
}

static void swap(struct paper *p, bool rows, struct rng *rng)
{
    bool turned = rng_below(rng, 2);
    if (rows) {
        uint32_t r = (uint32_t)rng_below(rng, ROWS - 1);
        struct shown_row upper = p->rows[r];
        p->rows[r] = turned ? p->rows[r + 1] : upper;
        p->rows[r + 1] = turned ? upper : p->rows[r + 1];
        p->rows[r].place_chance = 0.5f;
        p->rows[r + 1].place_chance = 1;
        return;
    }
    struct shown_row *row = &p->rows[rng_below(rng, ROWS)];
    struct shown_item *at = row->items + rng_below(rng, COLUMNS - 1), left = at[0], right = at[1];
    row->random = true;
    at[0] = turned ? right : left;
    at[1] = turned ? left : right;
    at[0].propensity = 0.5f;
    at[1].propensity = 1;
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Whoever comes often also chooses often, and titles are liked very differently. */
static void visit(struct examination *x, unsigned device, double activity, struct rng *rng)
{
    struct paper paper;
    uint32_t chosen[ROWS * COLUMNS], n = 0;
    lay_page(&paper, rng);
    swap(&paper, rng_below(rng, 2), rng);
    for (uint32_t r = 0; r < ROWS; r++)
        for (uint32_t c = 0; c < COLUMNS; c++) {
            uint32_t title = paper.rows[r].items[c].title.v;
            double liked = activity * (0.7 - 0.2 * (title / 32) / TITLES);
            if (rng_double(rng) < row_chance[r] * column_chance[device][c] * liked)
                chosen[n++] = title;
        }
    qsort(chosen, n, sizeof(*chosen), by_id);
    struct shown_page page = {
        .n_rows = ROWS, .rows = paper.rows, .context = {.device = (uint8_t)devices[device]}};
    examination_add(x, &page, chosen, n);
}

static void live(struct examination *x, uint64_t seed, uint32_t viewers)
{
    memset(x, 0, sizeof(*x));
    for (uint32_t v = 0; v < viewers; v++) {
        struct rng rng;
        rng_seed_stream(&rng, seed, v);
        double activity = 0.2 + 0.8 * rng_double(&rng);
        uint64_t pages = 1 + (uint64_t)(activity * 30 * rng_exp(&rng));
        unsigned device = (unsigned)rng_below(&rng, 2);
        for (uint64_t i = 0; i < pages; i++)
            visit(x, rng_below(&rng, 8) ? device : 1 - device, activity, &rng);
        examination_end_viewer(x);
    }
}

struct tally {
    size_t covered, intervals;
    double swaps_error, used_error, flat_error;
};

static void compare(const struct examination *x, const struct examined_places *p, unsigned device,
                    enum examined_along along, uint32_t place, double truth, struct tally *t)
{
    struct examined e;
    examination_measure(x, p, device, along, place, &e);
    t->used_error += pow(log(e.used / truth), 2);
    t->flat_error += pow(log(truth), 2);
    if (isnan(e.low))
        return;
    t->swaps_error += pow(log(e.ratio / truth), 2);
    t->covered += e.low <= truth && truth <= e.high;
    t->intervals++;
}

static void compare_all(const struct examination *x, struct tally *columns, struct tally *rows)
{
    struct examined_places p;
    examination_settle(x, &p);
    for (unsigned d = 0; d < 2; d++)
        for (uint32_t c = 1; c < COLUMNS; c++)
            compare(x, &p, devices[d], ALONG_COLUMNS, c, column_chance[d][c], columns);
    for (uint32_t r = 1; r < ROWS; r++)
        compare(x, &p, DEVICES, ALONG_ROWS, r, row_chance[r], rows);
}

static void print(const char *what, const struct tally *t)
{
    printf("%s: %zu of %zu intervals hold the truth (%.1f %%); error of the logarithm: swaps %.3f, "
           "used %.3f\n",
           what, t->covered, t->intervals, 100.0 * (double)t->covered / (double)t->intervals,
           sqrt(t->swaps_error / (double)t->intervals), sqrt(t->used_error / (double)t->intervals));
}

static void intervals_cover_what_was_planted(void **state)
{
    static struct examination x;
    struct tally columns = {0}, rows = {0};
    size_t worlds = test_rounds(30);
    (void)state;
    for (size_t w = 0; w < worlds; w++) {
        live(&x, test_seed() + w, VIEWERS);
        compare_all(&x, &columns, &rows);
    }
    print("columns of two devices", &columns);
    print("rows", &rows);
    assert_true(columns.intervals > 9 * worlds && rows.intervals == 4 * worlds);
    /* Places of one world hang together: at least a third as many independent intervals. */
    double band = 3 * sqrt(0.95 * 0.05 / ((double)(columns.intervals + rows.intervals) / 3));
    double share =
        (double)(columns.covered + rows.covered) / (double)(columns.intervals + rows.intervals);
    assert_true(fabs(share - 0.95) < band);
}

/* With a tenth of the viewers. */
static void a_curve_helps_where_there_is_little(void **state)
{
    static struct examination x;
    struct tally columns = {0}, rows = {0};
    size_t worlds = test_rounds(40), places = worlds * (2 * (COLUMNS - 1) + ROWS - 1);
    (void)state;
    for (size_t w = 0; w < worlds; w++) {
        live(&x, test_seed() + 1000 + w, VIEWERS / 10);
        compare_all(&x, &columns, &rows);
    }
    double used = sqrt((columns.used_error + rows.used_error) / (double)places);
    double flat = sqrt((columns.flat_error + rows.flat_error) / (double)places);
    printf("little: error of the logarithm, used %.3f; of looking at all alike %.3f\n", used, flat);
    assert_true(used < 0.75 * flat);
}

static void too_little_says_nothing(void **state)
{
    static struct examination x;
    struct examined_places p;
    struct examined e;
    (void)state;
    memset(&x, 0, sizeof(x));
    examination_settle(&x, &p);
    assert_true(!p.known[ALONG_COLUMNS] && !p.known[ALONG_ROWS]);
    assert_true(examined_at(&p, DEVICE_PHONE, 5, 9) == 1);
    live(&x, test_seed(), EXAMINED_VIEWERS - 1);
    examination_settle(&x, &p);
    assert_true(!p.known[ALONG_COLUMNS] && examined_at(&p, DEVICE_PHONE, 4, 5) == 1);
    examination_measure(&x, &p, DEVICE_TV, ALONG_COLUMNS, 3, &e);
    assert_true(isnan(e.ratio) && isnan(e.low) && isnan(e.high) && e.used == 1);
    live(&x, test_seed(), VIEWERS);
    examination_settle(&x, &p);
    assert_true(p.known[ALONG_COLUMNS] && p.known[ALONG_ROWS]);
    /* Places beyond all counts are bounded; a device without choices is as all are. */
    assert_true(examined_at(&p, DEVICE_TV, 60, 900) >= EXAMINED_LEAST);
    double all = p.used[DEVICES][ALONG_COLUMNS][3],
           console = p.used[DEVICE_CONSOLE][ALONG_COLUMNS][3];
    assert_true(fabs(log(console / all)) < 0.01);
}

/* Unequal chances, gaps, and pages without a swap are no ground. */
static void only_swaps_count(void **state)
{
    static struct examination x;
    const float chance[][2] = {{0.5f, 0.5f}, {1, 1}, {0.3f, 1}, {NAN, 1}, {0.5f, NAN}, {0, 0}};
    const uint32_t chosen[] = {1, 2};
    (void)state;
    for (size_t i = 0; i < sizeof(chance) / sizeof(chance[0]); i++) {
        struct shown_item items[2] = {{.title = {1}, .propensity = chance[i][0]},
                                      {.title = {2}, .propensity = chance[i][1]}};
        struct shown_row rows[2] = {
            {.n = 2, .items = items, .random = true, .place_chance = chance[i][0]},
            {.n = 2, .items = items, .random = true, .place_chance = chance[i][1]}};
        memset(&x, 0, sizeof(x));
        examination_add(&x, &(struct shown_page){.n_rows = 2, .rows = rows}, chosen, 2);
        assert_int_equal(x.pages[ALONG_COLUMNS] + x.pages[ALONG_ROWS], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_cover_what_was_planted),
        cmocka_unit_test(a_curve_helps_where_there_is_little),
        cmocka_unit_test(too_little_says_nothing),
        cmocka_unit_test(only_swaps_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
