/* Worlds whose truth is known: what is planted is found, what is not is not; who follows whom; communities. */
#include "audience/town.h"

#include <math.h>

#include "audience/communities.h"
#include "audience/follows.h"
#include "audience/pairs.h"

enum { WORLD_TITLES = 300, DIRECTORS = 20, ACTORS = 30, WORLD_VIEWERS = 3000 };

static bool directs(uint32_t person, uint32_t title)
{
    return title % DIRECTORS == person;
}

static bool acts(uint32_t person, uint32_t title)
{
    return (title * 7 + title / DIRECTORS) % ACTORS == person;
}

static struct catalogue *make_people(void)
{
    struct catalogue_builder *b;
    struct catalogue *c;
    assert_ok(catalogue_builder_new(&b, &test_err));
    for (uint32_t p = 0; p < DIRECTORS + ACTORS; p++) {
        char name[16];
        snprintf(name, sizeof name, p < DIRECTORS ? "D%u" : "A%u",
                 p < DIRECTORS ? p : p - DIRECTORS);
        assert_ok(catalogue_add_person(b, (struct person_id){p}, str_of(name), &test_err));
    }
    for (uint32_t i = 0; i < WORLD_TITLES; i++) {
        struct title t;
        struct credit credits[1 + ACTORS];
        title_init(&t);
        t.id = t.name = STR("t");
        t.title_id.v = i;
        credits[t.n_credits++] =
            (struct credit){.person_id = {i % DIRECTORS}, .role = ROLE_DIRECTOR};
        for (uint32_t a = 0; a < ACTORS; a++) {
            if (acts(a, i))
                credits[t.n_credits++] =
                    (struct credit){.person_id = {DIRECTORS + a}, .role = ROLE_ACTOR};
        }
        t.credits = credits;
        assert_ok(catalogue_add(b, &t, &test_err));
    }
    assert_ok(catalogue_build(b, 1, &c, &test_err));
    catalogue_builder_free(b);
    return c;
}

/* Likes by (viewer's activity) x (title's popularity); a third of the viewers like the titles of director 0 and of actor 0 `strength`
 * times as often. */
static struct viewer_sets *make_world(uint64_t seed, double strength)
{
    struct viewer_sets *sets;
    struct rng rng;
    rng_seed(&rng, seed);
    assert_ok(viewer_sets_new(&sets, &test_err));
    for (uint32_t v = 0; v < WORLD_VIEWERS; v++) {
        struct title_signal s[WORLD_TITLES] = {0};
        size_t n = 0;
        double activity = 0.03 * rng_exp(&rng);
        bool fan = strength > 1 && rng_below(&rng, 3) == 0;
        for (uint32_t i = 0; i < WORLD_TITLES; i++) {
            double p = activity * (1.2 - (double)i / WORLD_TITLES);
            p *= fan && (directs(0, i) || acts(0, i)) ? strength : 1;
            if (rng_double(&rng) < p)
                s[n++] = (struct title_signal){.title = {i}, .rating = 200, .flags = SIGNAL_PLAYED};
        }
        struct set_habits h = {.first_ms = 1};
        assert_ok(viewer_sets_put(sets, v, &h, s, n, &test_err));
    }
    return sets;
}

/* Passing pairs of which neither person was planted, and whether the planted one is among them. */
static void count(const struct mq_pairs *p, unsigned *ret_false, bool *ret_found)
{
    *ret_false = 0;
    *ret_found = false;
    for (size_t i = 0; i < p->n; i++) {
        bool a = strcmp(p->pairs[i].a, "D0") == 0;
        bool b = strcmp(p->pairs[i].b, "A0") == 0;
        *ret_found = *ret_found || (a && b);
        *ret_false += !a && !b;
    }
}

struct pair_outcome {
    unsigned found;
    double wrong, wrong2; /* shares of what passed, and their squares, summed over worlds */
};

static void look(const struct catalogue *c, uint64_t seed, double strength, struct pool *pool,
                 struct pair_outcome *to)
{
    struct viewer_sets *sets = make_world(seed, strength);
    struct strata *s;
    struct mq_pairs got;
    struct arena arena;
    unsigned wrong;
    bool there;
    arena_init(&arena, 1 << 16, 1 << 26);
    assert_ok(strata_new(sets, STRATA_DEFAULT, &s, &test_err));
    struct pairs_question q = {.a = ROLE_DIRECTOR,
                               .b = ROLE_ACTOR,
                               .least_viewers = 20,
                               .listed = 1000,
                               .no_shuffle = true};
    assert_ok(pairs_find(sets, c, s, &q, pool, &arena, &got, &test_err));
    assert_int_equal(got.tested, DIRECTORS * ACTORS);
    count(&got, &wrong, &there);
    double share = got.n == 0 ? 0 : strength > 1 ? (double)wrong / (double)got.n : 1;
    to->found += there;
    to->wrong += share;
    to->wrong2 += share * share;
    strata_free(s);
    arena_release(&arena);
    viewer_sets_free(sets);
}

/* A soak looks at more strengths: the power as a curve. */
static void planted_pairs_are_found_and_no_others(void **state)
{
    (void)state;
    static const double strength[] = {1, 5, 2, 3, 4};
    size_t worlds = test_rounds(20);
    size_t kinds = worlds > 20 ? sizeof(strength) / sizeof(strength[0]) : 2;
    double n = (double)worlds;
    double bound = 0.05 + 2 * sqrt(0.05 * 0.95 / n);
    /* At five times 96 of 100 are found (docs/audiences.md); these worlds must not say otherwise. */
    double least = 0.96 - 4 * sqrt(0.96 * 0.04 / n);
    struct pool *pool;
    struct catalogue *c = make_people();
    assert_ok(pool_new(1, &pool, &test_err));
    for (size_t k = 0; k < kinds; k++) {
        struct pair_outcome o = {0};
        for (size_t w = 0; w < worlds; w++)
            look(c, test_seed() + kinds * w + k, strength[k], pool, &o);
        double power = o.found / n, rate = o.wrong / n;
        print_message("%zu worlds, liked %g times as often: found in %.3f (standard error %.3f), "
                      "false discoveries %.4f (standard error %.4f; at most %.4f)\n",
                      worlds, strength[k], power, sqrt(power * (1 - power) / n), rate,
                      sqrt(fmax(0, o.wrong2 / n - rate * rate) / (n - 1)), bound);
        assert_true(rate <= bound);
        assert_true(strength[k] < 5 || power >= least);
    }
    pool_free(pool);
    catalogue_free(c);
}

struct followers {
    uint32_t hits, fans, false_alarms, others;
};

/* A town whose fans rate person 0's titles a star or two higher than others do. */
static void look_for_fans(struct town *t, struct rng *rng, struct followers *to)
{
    struct follows *f;
    uint32_t titles[TOWN_TITLES], n = 0;
    roaring_bitmap_t *set;
    for (uint32_t i = 0; i < TOWN_TITLES; i++) {
        if (town_directs(0, i))
            titles[n++] = i;
    }
    for (uint32_t v = 0; v < t->n; v++) {
        double own = rng_normal(rng) * 0.5;
        for (uint32_t i = 0; i < TOWN_TITLES; i++) {
            double stars = 3 + own + rng_normal(rng) * 0.7 + (i % 9) * 0.1 - 0.4;
            stars += v % 4 == 0 && town_directs(0, i) ? 1.5 : 0;
            t->stars[v][i] = rng_below(rng, 2) ? 0
                                               : (uint8_t)(stars < 1   ? 1
                                                           : stars > 5 ? 5
                                                                       : stars);
        }
        town_put(t, v);
    }
    assert_ok(follows_fit(t->sets, t->catalogue, &f, &test_err));
    assert_true(f->spread2 > 0 && f->noise2 > f->spread2);
    assert_ok(follows_viewers(f, t->sets, titles, n, NULL, &set, &test_err));
    for (uint32_t v = 0; v < t->n; v++) {
        bool in = roaring_bitmap_contains(set, v);
        to->fans += v % 4 == 0;
        to->others += v % 4 != 0;
        to->hits += v % 4 == 0 && in;
        to->false_alarms += v % 4 != 0 && in;
    }
    roaring_bitmap_free(set);
    /* one opinion is no following, however high */
    assert_ok(follows_viewers(f, t->sets, titles, 1, NULL, &set, &test_err));
    assert_true(roaring_bitmap_is_empty(set));
    roaring_bitmap_free(set);
    follows_free(f);
}

/* Of five towns together .79 of the fans are found (standard error .021 over seeds), and .003 of the others (.0013): the bounds lie
 * more than four of these away. */
static void followers_are_those_who_care(void **state)
{
    (void)state;
    struct town t;
    struct rng rng;
    struct followers sum = {0};
    rng_seed(&rng, test_seed());
    town_init(&t, 600, 2);
    for (int i = 0; i < 5; i++)
        look_for_fans(&t, &rng, &sum);
    if (sum.hits < sum.fans * 7 / 10 || sum.false_alarms > sum.others / 100)
        fail_msg("%u of %u fans, %u of %u others", sum.hits, sum.fans, sum.false_alarms,
                 sum.others);
    town_release(&t);
}

/* Where opinions tell nobody apart: a quarter chooses the titles of one director more often than taste says; `draw` 1: nobody. */
static void choose_titles(struct town *t, struct rng *rng, double draw)
{
    for (uint32_t v = 0; v < t->n; v++) {
        double activity = 0.1 + 0.2 * rng_double(rng);
        for (uint32_t i = 0; i < TOWN_TITLES; i++) {
            bool fan = v % 4 == 0 && town_directs(0, i);
            double chance = activity * (fan ? draw : 1);
            t->stars[v][i] = rng_double(rng) < chance ? (uint8_t)(4 + rng_below(rng, 2)) : 0;
        }
        town_put(t, v);
    }
}

static void count_followers(const struct town *t, uint32_t *ret_fans, uint32_t *ret_others)
{
    struct follows *f;
    uint32_t titles[TOWN_TITLES], n = 0;
    roaring_bitmap_t *set;
    for (uint32_t i = 0; i < TOWN_TITLES; i++) {
        if (town_directs(0, i))
            titles[n++] = i;
    }
    assert_ok(follows_fit(t->sets, t->catalogue, &f, &test_err));
    assert_non_null(f->choice);
    assert_ok(follows_viewers(f, t->sets, titles, n, NULL, &set, &test_err));
    *ret_fans = *ret_others = 0;
    for (uint32_t v = 0; v < t->n; v++) {
        bool in = roaring_bitmap_contains(set, v);
        *ret_fans += v % 4 == 0 && in;
        *ret_others += v % 4 != 0 && in;
    }
    roaring_bitmap_free(set);
    assert_ok(follows_viewers(f, t->sets, titles, 1, NULL, &set, &test_err));
    assert_true(roaring_bitmap_is_empty(set)); /* from two titles on */
    roaring_bitmap_free(set);
    follows_free(f);
}

static void followers_are_found_by_what_they_choose(void **state)
{
    (void)state;
    struct town t;
    struct rng rng;
    uint32_t fans, others;
    rng_seed(&rng, test_seed());
    town_init(&t, 800, 3);
    choose_titles(&t, &rng, 3.5);
    count_followers(&t, &fans, &others);
    if (fans < 120 || others > 60)
        fail_msg("%u of 200 fans, %u of 600 others", fans, others);
    choose_titles(&t, &rng, 1);
    count_followers(&t, &fans, &others);
    if (fans + others > 40)
        fail_msg("nobody is drawn, %u follow", fans + others);
    town_release(&t);
}

static void communities_survive_their_file(void **state)
{
    (void)state;
    struct communities *c = calloc(1, sizeof *c), *got = NULL;
    struct buf b;
    assert_non_null(c);
    c->n = 2;
    c->next_id = 8;
    for (uint32_t i = 0; i < 2; i++) {
        c->v[i].id = 3 + 4 * i;
        snprintf(c->v[i].name, sizeof c->v[i].name, "Name %u", i);
        c->v[i].members = roaring_bitmap_from_range(i * 10, 1000 + i, 7);
    }
    buf_init(&b, 1 << 20);
    assert_ok(communities_encode(c, &b, &test_err));
    assert_ok(communities_decode(buf_str(&b), &got, &test_err));
    assert_int_equal(got->next_id, 8);
    assert_int_equal(communities_named(got, STR("name-1"))->id, 7);
    assert_int_equal(communities_named(got, STR("3"))->id, 3);
    assert_null(communities_named(got, STR("nobody")));
    assert_true(roaring_bitmap_equals(got->v[1].members, c->v[1].members));
    communities_forget(got, 17);
    assert_false(roaring_bitmap_contains(got->v[1].members, 17));
    communities_free(got);
    for (size_t n = 0; n < b.n; n++)
        assert_fails(MQ_CORRUPT, communities_decode((struct str){b.p, n}, &got, &test_err));
    communities_free(c);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_pairs_are_found_and_no_others),
        cmocka_unit_test(followers_are_those_who_care),
        cmocka_unit_test(followers_are_found_by_what_they_choose),
        cmocka_unit_test(communities_survive_their_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
