/* Every figure of an overlap against the plainest computation there is, from the ratings themselves. */
#include "audience/town.h"

#include <math.h>

#include "audience/floor.h"
#include "audience/overlap.h"

/* Does title i belong to side s (a director or an actor of the town)? */
static bool belongs(uint32_t person, uint32_t title)
{
    return town_directs(person, title) || town_acts(person, title);
}

struct plain {
    double a, b, both, n;
    double lift, odds_ratio, low, high, g2, p;
};

static uint32_t likes(const struct town *t, uint32_t v)
{
    uint32_t n = 0;
    for (int i = 0; i < TOWN_TITLES; i++)
        n += t->stars[v][i] >= 4;
    return n;
}

/* Viewers in scope before v by (likes, id). */
static uint32_t rank_of(const struct town *t, uint32_t v)
{
    uint32_t rank = 0;
    for (uint32_t u = 0; u < t->n; u++) {
        if (t->present[u] && (likes(t, u) < likes(t, v) || (likes(t, u) == likes(t, v) && u < v)))
            rank++;
    }
    return rank;
}

static bool is_in(const struct town *t, uint32_t v, uint32_t person, uint32_t other, int without)
{
    for (int i = 0; i < TOWN_TITLES; i++) {
        if (t->stars[v][i] >= 4 && belongs(person, (uint32_t)i) && !belongs(other, (uint32_t)i) &&
            i != without)
            return true;
    }
    return false;
}

static double cell(double o, double e)
{
    return o > 0 ? o * log(o / e) : 0;
}

static struct plain compute(const struct town *t, const uint32_t *rank, uint32_t x, uint32_t y,
                            uint32_t k, int without)
{
    struct plain r = {0};
    double R = 0, S = 0, PR = 0, PSQR = 0, QS = 0, E = 0, V = 0;
    double(*cells)[4] = calloc(k, sizeof *cells);
    for (uint32_t v = 0; v < t->n; v++)
        r.n += t->present[v];
    for (uint32_t v = 0; v < t->n; v++) {
        if (!t->present[v])
            continue;
        uint32_t s = (uint32_t)((uint64_t)rank[v] * k / (uint64_t)r.n);
        cells[s][2 * is_in(t, v, x, y, without) + is_in(t, v, y, x, without)]++;
    }
    for (uint32_t s = 0; s < k; s++) {
        double d = cells[s][0], c = cells[s][1], b = cells[s][2], a = cells[s][3];
        double n = a + b + c + d;
        if (n == 0)
            continue;
        double P = (a + d) / n, Q = (b + c) / n;
        R += a * d / n;
        S += b * c / n;
        PR += P * a * d / n;
        PSQR += P * b * c / n + Q * a * d / n;
        QS += Q * b * c / n;
        E += (a + b) * (a + c) / n;
        if (n > 1)
            V += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1));
        r.both += a;
        r.a += a + b;
        r.b += a + c;
    }
    free(cells);
    r.lift = r.both * r.n / (r.a * r.b);
    r.odds_ratio = R / S;
    double half = 1.959964 * sqrt(PR / (2 * R * R) + PSQR / (2 * R * S) + QS / (2 * S * S));
    r.low = exp(log(r.odds_ratio) - half);
    r.high = exp(log(r.odds_ratio) + half);
    r.g2 = 2 * (cell(r.both, r.a * r.b / r.n) + cell(r.a - r.both, r.a * (r.n - r.b) / r.n) +
                cell(r.b - r.both, (r.n - r.a) * r.b / r.n) +
                cell(r.n - r.a - r.b + r.both, (r.n - r.a) * (r.n - r.b) / r.n));
    r.p = 0.5 * erfc((r.both - E) / sqrt(V) / sqrt(2));
    return r;
}

static void near(const char *what, double expected, double got)
{
    if (isnan(expected) && isnan(got))
        return;
    if (!(fabs(expected - got) <= 1e-9 * (1 + fabs(expected))))
        fail_msg("%s: expected %.12g, got %.12g", what, expected, got);
}

static const struct audience *found(const struct town *t, struct arena *arena, const char *text)
{
    const struct expression *e;
    const struct audience *a;
    assert_ok(expression_parse(str_of(text), arena, &e, &test_err));
    assert_ok(audience_find(&t->world, e, arena, &a, &test_err));
    return a;
}

static void ask(const struct town *t, struct arena *arena, uint32_t k, const char *const *texts,
                size_t n, struct mq_overlap *ret)
{
    const struct audience *a[MQ_SETS];
    struct strata *s;
    for (size_t i = 0; i < n; i++)
        a[i] = found(t, arena, texts[i]);
    assert_ok(strata_new(t->sets, k, &s, &test_err));
    assert_ok(overlap_of(&t->world, s, a, n, arena, ret, &test_err));
    assert_ok(overlap_words(a, arena, ret, &test_err));
    strata_free(s);
}

static void equals_the_plain_computation(void **state)
{
    (void)state;
    static const uint32_t pairs[][2] = {{0, 7}, {1, 8}, {6, 12}, {3, 9}, {7, 8}};
    static const char *const names[TOWN_PEOPLE] = {"david fincher",
                                                   "AGNES VARDA",
                                                   "j j abrams",
                                                   "",
                                                   "",
                                                   "",
                                                   "Celine Sciamma",
                                                   "KEVIN  SPACEY",
                                                   "J.J. Abrams",
                                                   "",
                                                   "",
                                                   "",
                                                   "Jean Claude Van Damme",
                                                   ""};
    struct arena arena;
    arena_init(&arena, 1 << 16, 1 << 24);
    for (size_t round = 0; round < test_rounds(3); round++) {
        struct town t;
        town_init(&t, round % 2 ? 37 : 700, test_seed() + round);
        uint32_t *rank = calloc(t.n, sizeof *rank);
        for (uint32_t v = 0; v < t.n; v++)
            rank[v] = rank_of(&t, v);
        for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
            uint32_t x = pairs[p][0], y = pairs[p][1];
            char one[100], two[100];
            const char *texts[] = {one, two};
            snprintf(one, sizeof one, "liked:%s=%s", x < 7 ? "director" : "actor",
                     names[x][0] ? names[x] : "#3");
            snprintf(two, sizeof two, "liked:%s=%s", y < 7 ? "director" : "actor",
                     names[y][0] ? names[y] : "#9");
            for (uint32_t k = 10; k <= 50; k += 40) {
                struct mq_overlap o;
                struct plain e = compute(&t, rank, x, y, k, -1);
                ask(&t, &arena, k, texts, 2, &o);
                near("viewers", e.n, o.all.viewers);
                near("a", e.a, o.all.a);
                near("b", e.b, o.all.b);
                near("both", e.both, o.all.both);
                near("lift", e.lift, o.all.lift);
                if (e.odds_ratio > 0 && isfinite(e.odds_ratio)) {
                    near("odds ratio", e.odds_ratio, o.all.odds_ratio);
                    near("low", e.low, o.all.odds_ratio_low);
                    near("high", e.high, o.all.odds_ratio_high);
                }
                near("g2", e.g2, o.all.g2);
                near("p", e.p, o.all.p);
                double least = NAN;
                uint32_t shared = 0;
                for (int i = 0; i < TOWN_TITLES; i++) {
                    bool in_x = belongs(x, (uint32_t)i), in_y = belongs(y, (uint32_t)i);
                    shared += in_x && in_y;
                    if (in_x == in_y)
                        continue;
                    double here = compute(&t, rank, x, y, k, i).odds_ratio;
                    if (isfinite(here) && (isnan(least) || here < least))
                        least = here;
                }
                assert_int_equal(shared, o.n_shared);
                near("without one", least, o.without_one.odds_ratio);
            }
        }
        free(rank);
        town_release(&t);
    }
    arena_release(&arena);
}

/* A union asked title by title must give what the general way gives. */
static void both_ways_of_leaving_out_agree(void **state)
{
    (void)state;
    struct arena arena;
    struct town t;
    struct mq_overlap one, two;
    arena_init(&arena, 1 << 16, 1 << 24);
    town_init(&t, 500, 5);
    ask(&t, &arena, 20,
        (const char *const[]){"liked:director=David Fincher", "liked:actor=Kevin Spacey"}, 2, &one);
    ask(&t, &arena, 20,
        (const char *const[]){"liked:director=David Fincher & watched:all",
                              "liked:actor=Kevin Spacey & watched:all"},
        2, &two);
    near("odds ratio", one.all.odds_ratio, two.all.odds_ratio);
    near("without one", one.without_one.odds_ratio, two.without_one.odds_ratio);
    assert_string_equal(one.without_one.title, two.without_one.title);
    assert_non_null(strstr(one.words, "Of 100 who liked something directed by David Fincher"));
    town_release(&t);
    arena_release(&arena);
}

static void three_sets(void **state)
{
    (void)state;
    struct arena arena;
    struct town t;
    struct mq_overlap o;
    double sum = 0, expected = 0, in_a = 0;
    arena_init(&arena, 1 << 16, 1 << 24);
    town_init(&t, 600, 11);
    ask(&t, &arena, 10,
        (const char *const[]){"liked:director=David Fincher", "liked:actor=Kevin Spacey",
                              "watched:country=GB"},
        3, &o);
    assert_int_equal(o.n_regions, 8);
    for (int m = 0; m < 8; m++) {
        sum += o.regions[m].viewers;
        expected += o.regions[m].expected;
        in_a += m & 1 ? o.regions[m].viewers : 0;
    }
    near("all", o.all.viewers, sum);
    near("expected", o.all.viewers, expected);
    near("a", o.all.a, in_a);
    near("both", o.all.both, o.regions[3].viewers + o.regions[7].viewers);
    town_release(&t);
    arena_release(&arena);
}

static void names_that_match_several(void **state)
{
    (void)state;
    struct arena arena;
    struct town t;
    const struct expression *e;
    const struct audience *a;
    arena_init(&arena, 1 << 16, 1 << 24);
    town_init(&t, 20, 3);
    assert_ok(expression_parse(STR("liked:person=JJ Abrams"), &arena, &e, &test_err));
    assert_fails(MQ_CONFLICT, audience_find(&t.world, e, &arena, &a, &test_err));
    assert_non_null(strstr(test_err.text, "J. J. Abrams (#2"));
    assert_non_null(strstr(test_err.text, "J.J. Abrams (#8"));
    assert_int_equal(found(&t, &arena, "liked:person=#8")->person, 8);
    assert_int_equal(found(&t, &arena, "liked:director=JJ Abrams")->person, 2);
    assert_ok(expression_parse(STR("liked:title=\"twins\""), &arena, &e, &test_err));
    assert_fails(MQ_CONFLICT, audience_find(&t.world, e, &arena, &a, &test_err));
    assert_non_null(strstr(test_err.text, "id t1"));
    assert_int_equal(found(&t, &arena, "liked:title=\"Twins (1962)\"")->titles[0], 2);
    assert_ok(expression_parse(STR("liked:director=Nobody"), &arena, &e, &test_err));
    assert_fails(MQ_NOT_FOUND, audience_find(&t.world, e, &arena, &a, &test_err));
    assert_ok(expression_parse(STR("liked:title=Twins"), &arena, &e, &test_err));
    assert_fails(MQ_NOT_FOUND, audience_find(&t.world, e, &arena, &a, &test_err));
    assert_int_equal(found(&t, &arena, "liked:genre=scifi")->n_titles, 40);
    assert_int_equal(found(&t, &arena, "liked:tag=twist ending")->n_titles, 15);
    town_release(&t);
    arena_release(&arena);
}

static void empty_and_contradictory(void **state)
{
    (void)state;
    struct arena arena;
    struct town t;
    struct mq_overlap o;
    arena_init(&arena, 1 << 16, 1 << 24);
    town_init(&t, 100, 3);
    ask(&t, &arena, 50,
        (const char *const[]){"liked:genre=Drama - liked:genre=Drama", "liked:actor=Kevin Spacey"},
        2, &o);
    assert_true(o.all.a == 0);
    assert_true(isnan(o.all.lift) && isnan(o.all.odds_ratio) && isnan(o.all.g2));
    assert_non_null(strstr(o.words, "Nobody"));
    ask(&t, &arena, 50, (const char *const[]){"liked:title=t3", "liked:title=t3"}, 2, &o);
    assert_true(o.all.a == 0 && o.all.b == 0 && o.n_shared == 1);
    assert_null(o.without_one.title);
    town_release(&t);
    arena_release(&arena);
}

/* No figure that a small cell could be computed from is left, and what is left is rounded. */
static void small_groups_are_withheld(void **state)
{
    (void)state;
    struct rng rng;
    unsigned withheld = 0, shown = 0;
    rng_seed(&rng, test_seed());
    for (int i = 0; i < 2000; i++) {
        double n = (double)rng_below(&rng, 2000), k = 50;
        double a = floor(n * rng_double(&rng)), b = floor(n * rng_double(&rng));
        double least = a + b > n ? a + b - n : 0, most = a < b ? a : b;
        double both = floor(least + (most - least) * rng_double(&rng));
        struct mq_overlap o = {.n_sets = 2};
        o.all = (struct mq_affinity){.viewers = n,
                                     .a = a,
                                     .b = b,
                                     .both = both,
                                     .lift = 1.23456,
                                     .odds_ratio = 2.34567,
                                     .share = both / (a + 1)};
        o.risk = o.all;
        floor_overlap(&o, 50, false);
        bool small = both < k || a - both < k || b - both < k || n - a - b + both < k;
        if (small != isnan(o.all.both))
            fail_msg("n %g, a %g, b %g, both %g: got %g", n, a, b, both, o.all.both);
        if (small) {
            assert_true(isnan(o.all.lift) && isnan(o.all.odds_ratio) && isnan(o.all.share));
            assert_true(o.n_withheld > 0);
            withheld++;
        } else {
            assert_true(fmod(o.all.both, FLOOR_ROUND) == 0 && fmod(o.all.a, FLOOR_ROUND) == 0);
            assert_true(o.all.lift == 1.23);
            shown++;
        }
        assert_true(a >= k && n - a >= k ? !isnan(o.all.a) : isnan(o.all.a));
    }
    assert_true(withheld > 100 && shown > 100);
    unsigned k;
    assert_fails(MQ_INVALID, floor_take(19, &k, &test_err));
    assert_ok(floor_take(20, &k, &test_err));
    assert_ok(floor_take(0, &k, &test_err));
    assert_int_equal(k, 50);
}

static void narrow_questions_are_not_subtracted(void **state)
{
    (void)state;
    struct floor_memory m = {0};
    roaring_bitmap_t *a = roaring_bitmap_from_range(0, 1000, 1);
    roaring_bitmap_t *b = roaring_bitmap_from_range(0, 1001, 1);
    roaring_bitmap_t *c = roaring_bitmap_from_range(0, 1050, 1);
    floor_remember(&m, a);
    assert_false(floor_differs(&m, a, 50));
    assert_true(floor_differs(&m, b, 50));
    assert_false(floor_differs(&m, c, 50));
    for (int i = 0; i < 2 * FLOOR_REMEMBERED; i++) { /* the oldest go */
        roaring_bitmap_add(c, (uint32_t)(5000 + i));
        floor_remember(&m, c);
    }
    assert_false(floor_differs(&m, b, 50));
    floor_memory_release(&m);
    roaring_bitmap_free(a);
    roaring_bitmap_free(b);
    roaring_bitmap_free(c);
    assert_true(floor_is_sensitive(STR("Gay interest")));
    assert_true(floor_is_sensitive(STR("Living with cancer")));
    assert_true(floor_is_sensitive(STR("Political")) && floor_is_sensitive(STR("politics")));
    assert_false(floor_is_sensitive(STR("twist ending")));
}

static void words_that_tell_of_somebody(void **state)
{
    (void)state;
    static const char *const told[] = {
        "AIDS",           "Gay",
        "gays",           "coming out",
        "drag-queens",    "Faith & Spirituality",
        "LGBTQ",          "the papacy",
        "Popes",          "Bible",
        "biblical epic",  "Jesus Christ",
        "psychiatry",     "mental health",
        "communism",      "socialists",
        "church scandal", "transgender",
        "trans",          "Hôpital psychiatrique",
        "blindness",      "anti-Muslim",
        "interreligious", "HIV/AIDS",
    };
    static const char *const others[] = {
        "mermaids",      "air raids",     "unfaithful", "Winston Churchill",
        "coming-of-age", "transatlantic", "Popeye",     "blind date",
        "gayle",         "space",         "",           "impatient",
        "sea",           "translator",    "Christmas",  "&",
    };
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        if (!floor_is_sensitive(str_of(told[i])))
            fail_msg("offered: %s", told[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (floor_is_sensitive(str_of(others[i])))
            fail_msg("not offered: %s", others[i]);
    }
    char longest[4096];
    memset(longest, 'a', sizeof(longest));
    assert_false(floor_is_sensitive((struct str){longest, sizeof(longest)}));
    for (size_t i = 0; i < sizeof(longest); i += 2)
        longest[i] = ' ';
    assert_false(floor_is_sensitive((struct str){longest, sizeof(longest)}));
}

/* What is written record by record is read again up to the first damage, and the same question is known again. */
static void memory_is_read_again(void **state)
{
    (void)state;
    struct floor_memory m = {0}, again = {0};
    struct buf b;
    size_t n;
    bool whole;
    roaring_bitmap_t *sets[] = {roaring_bitmap_from_range(0, 1000, 1),
                                roaring_bitmap_from_range(500, 90000, 3)};
    const roaring_bitmap_t *const groups[] = {sets[0], sets[1]}, *const other[] = {sets[1],
                                                                                   sets[0]};
    uint64_t question = floor_question(groups, 2, STR("a, b"), 50);
    assert_true(question != floor_question(other, 2, STR("a, b"), 50));
    assert_true(question != floor_question(groups, 2, STR("a, b"), 20));
    assert_true(question != floor_question(groups, 2, STR("a, c"), 50));
    assert_true(floor_remember(&m, sets[0]) && floor_remember(&m, sets[1]));
    assert_false(floor_remember(&m, sets[1]));
    assert_true(floor_remember_question(&m, question));
    assert_false(floor_remember_question(&m, question));
    buf_init(&b, 1 << 20);
    floor_memory_encode(&m, &b);
    assert_false(b.failed);
    floor_memory_decode(buf_str(&b), &again, &n, &whole);
    assert_true(whole && n == 3);
    assert_true(floor_was_answered(&again, question));
    assert_true(roaring_bitmap_equals(again.sets[1], sets[1]));
    for (size_t cut = 0; cut < b.n; cut += 1 + b.n / 97) { /* torn off, and a bit turned */
        floor_memory_release(&again);
        floor_memory_decode((struct str){b.p, cut}, &again, &n, &whole);
        assert_true(n < 3 && (whole == (cut == 0) || n > 0));
        floor_memory_release(&again);
        b.p[cut] = (char)(b.p[cut] ^ 4);
        floor_memory_decode(buf_str(&b), &again, &n, &whole);
        b.p[cut] = (char)(b.p[cut] ^ 4);
        assert_true(n < 3 && !whole);
        assert_false(floor_was_answered(&again, question));
    }
    floor_memory_release(&m);
    floor_memory_release(&again);
    buf_release(&b);
    roaring_bitmap_free(sets[0]);
    roaring_bitmap_free(sets[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_read_again),
        cmocka_unit_test(equals_the_plain_computation),
        cmocka_unit_test(both_ways_of_leaving_out_agree),
        cmocka_unit_test(three_sets),
        cmocka_unit_test(names_that_match_several),
        cmocka_unit_test(empty_and_contradictory),
        cmocka_unit_test(small_groups_are_withheld),
        cmocka_unit_test(words_that_tell_of_somebody),
        cmocka_unit_test(narrow_questions_are_not_subtracted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
