/* Opportunities in worlds whose truth is known: a planted triple of maker, lead and theme is listed, and what is not there is not. */
#include "support/check.h"

#include <math.h>

#include "base/hash.h"
#include "base/rng.h"
#include "strategy/opportunities.h"

enum { TITLES = 240, MAKERS = 12, LEADS = 20, THEMES = 12, VIEWERS = 2500 };

/* Who made what has no pattern, so that what fans of the planted three like says as little of any others. */
static uint32_t maker_of(uint32_t title)
{
    return title % MAKERS;
}

static bool leads(uint32_t lead, uint32_t title)
{
    return hash_mix(1, title) % LEADS == lead || hash_mix(2, title) % LEADS == lead;
}

static uint32_t theme_of(uint32_t title)
{
    return (uint32_t)(hash_mix(3, title) % THEMES);
}

/* Of the planted maker, lead or theme: their numbers are 0. */
static bool is_planted(uint32_t title)
{
    return maker_of(title) == 0 || leads(0, title) || theme_of(title) == 0;
}

static void add_title(struct catalogue_builder *b, uint32_t i)
{
    static const struct str genres[] = {{"Drama", 5}, {"Comedy", 6}, {"Crime", 5}, {"War", 3}};
    struct credit credits[1 + LEADS];
    struct title t;
    char id[16], name[16];
    struct str tag;
    title_init(&t);
    snprintf(id, sizeof(id), "t%u", i);
    snprintf(name, sizeof(name), "theme %u", theme_of(i));
    tag = str_of(name);
    t.id = t.name = str_of(id);
    t.title_id.v = i;
    t.genres = &genres[(i / 3) % 4];
    t.n_genres = 1;
    t.tags = &tag;
    t.n_tags = 1;
    credits[t.n_credits++] = (struct credit){.person_id = {maker_of(i)}, .role = ROLE_DIRECTOR};
    for (uint32_t l = 0; l < LEADS; l++) {
        if (leads(l, i))
            credits[t.n_credits++] = (struct credit){.person_id = {MAKERS + l}, .role = ROLE_ACTOR};
    }
    t.credits = credits;
    t.has_credits = true;
    assert_ok(catalogue_add(b, &t, &test_err));
}

static struct catalogue *make_catalogue(void)
{
    struct catalogue_builder *b;
    struct catalogue *c;
    assert_ok(catalogue_builder_new(&b, &test_err));
    for (uint32_t p = 0; p < MAKERS + LEADS; p++) {
        char name[16];
        snprintf(name, sizeof(name), "Person %u", p);
        assert_ok(catalogue_add_person(b, (struct person_id){p}, str_of(name), &test_err));
    }
    for (uint32_t i = 0; i < TITLES; i++)
        add_title(b, i);
    assert_ok(catalogue_build(b, 1, &c, &test_err));
    catalogue_builder_free(b);
    return c;
}

/* Likes by activity times popularity; `strength` times as many of the planted three's titles by a third of the viewers. Everybody likes the
 * titles of the planted theme `everybody` times as often: above 1 its audience is like everybody's. */
struct kind {
    double strength, everybody;
};

static struct viewer_sets *make_world(uint64_t seed, struct kind kind)
{
    struct viewer_sets *sets;
    struct rng rng;
    rng_seed(&rng, seed);
    assert_ok(viewer_sets_new(&sets, &test_err));
    for (uint32_t v = 0; v < VIEWERS; v++) {
        struct title_signal s[TITLES] = {0};
        size_t n = 0;
        double activity = 0.05 * rng_exp(&rng);
        bool fan = rng_below(&rng, 3) == 0;
        for (uint32_t i = 0; i < TITLES; i++) {
            double p = activity * (1.2 - (double)i / TITLES);
            p *= fan && is_planted(i) ? kind.strength : 1;
            p *= theme_of(i) == 0 ? kind.everybody : 1;
            if (rng_double(&rng) < p)
                s[n++] = (struct title_signal){.title = {i}, .rating = 200, .flags = SIGNAL_PLAYED};
        }
        struct set_habits h = {.first_ms = 1};
        assert_ok(viewer_sets_put(sets, v, &h, s, n, &test_err));
    }
    return sets;
}

/* How many of the planted three it has; one of their titles as the theme is the same affinity. All three: right. Two: the third has
 * some of their titles, so there is something to it. Fewer: false. */
static unsigned planted_in(const struct vertices *v, const struct triangle *t)
{
    const struct vertex *theme = &v->v[t->v[VERTEX_THEME]];
    bool same = theme->role == VERTEX_TITLE ? is_planted(theme->number)
                                            : str_eq(theme->label, STR("theme 0"));
    return (unsigned)(v->v[t->v[VERTEX_MAKER]].number == 0) +
           (unsigned)(v->v[t->v[VERTEX_LEAD]].number == MAKERS) + (unsigned)same;
}

/* Shares of what was listed in a world (0 where nothing was), summed over worlds, and their squares. */
struct outcome {
    unsigned worlds, found, listed;
    double wrong, wrong2; /* fewer than two of the planted three */
    double other;         /* not all three */
};

static void look(const struct catalogue *c, uint64_t seed, struct kind kind, struct pool *pool,
                 struct outcome *to)
{
    struct viewer_sets *sets = make_world(seed, kind);
    struct strata *s;
    struct arena arena;
    struct opportunities o;
    struct audience_world w = {.sets = sets, .catalogue = c};
    struct opportunities_question q = {
        .least_viewers = 50, .supply_max = 1, .listed = 20, .shuffles = 3, .seed = seed};
    unsigned right = 0, wrong = 0;
    arena_init(&arena, 1 << 20, 1 << 28);
    assert_ok(strata_new(sets, STRATA_DEFAULT, &s, &test_err));
    assert_ok(opportunities_find(&w, s, NULL, &q, pool, &arena, &o, &test_err));
    for (uint32_t i = 0; i < o.n; i++) {
        unsigned n = kind.strength > 1 ? planted_in(&o.vertices, &o.list[i].triangle) : 0;
        right += n == 3;
        wrong += n < 2;
    }
    double share = o.n > 0 ? (double)wrong / o.n : 0;
    to->worlds++;
    to->found += right > 0;
    to->listed += o.n;
    to->wrong += share;
    to->wrong2 += share * share;
    to->other += o.n > 0 ? (double)(o.n - right) / o.n : 0;
    arena_release(&arena);
    strata_free(s);
    viewer_sets_free(sets);
}

static void judge(struct kind kind, const struct outcome *o)
{
    double n = o->worlds;
    double rate = o->wrong / n;
    double error = n > 1 ? sqrt(fmax(0, o->wrong2 / n - rate * rate) / (n - 1)) : 0;
    double most = 0.05 + 2 * sqrt(0.05 * 0.95 / n);
    double power = o->found / n;
    print_message("%u worlds, liked %g times as often (the theme by everybody %g times): found in "
                  "%u (%.3f, standard error %.3f); %u listed, false %.4f (standard error %.4f; at "
                  "most %.3f), not all three %.3f\n",
                  o->worlds, kind.strength, kind.everybody, o->found, power,
                  sqrt(power * (1 - power) / n), o->listed, rate, error, most, o->other / n);
    assert_true(rate <= most);
    if (kind.everybody <=
        1) /* no echoes: two of the three with something that has titles of the third */
        assert_true(o->other <= 0.1 * n);
    if (kind.strength >= 4 && kind.everybody <= 2)
        assert_true(o->found * 10 >= o->worlds * 8);
}

static void look_at_all(const struct kind *kinds, size_t n, size_t worlds)
{
    struct pool *pool;
    struct catalogue *c = make_catalogue();
    assert_ok(pool_new(1, &pool, &test_err));
    for (size_t k = 0; k < n; k++) {
        struct outcome got = {0};
        for (size_t i = 0; i < worlds; i++)
            look(c, hash_mix(test_seed(), 1000 * k + i), kinds[k], pool, &got);
        judge(kinds[k], &got);
    }
    pool_free(pool);
    catalogue_free(c);
}

/* A soak looks at 200 worlds of each, and at more strengths. */
static void planted_triples_are_found_and_no_others(void **state)
{
    (void)state;
    static const struct kind kinds[] = {{1, 1}, {3, 1}, {5, 1}, {4, 1}, {8, 1}, {2.5, 1}};
    bool soak = test_rounds(1) > 1;
    look_at_all(kinds, soak ? sizeof(kinds) / sizeof(kinds[0]) : 3, soak ? 200 : 4);
}

static void popular_themes_mislead_nobody(void **state)
{
    (void)state;
    static const struct kind kinds[] = {{1, 3}, {5, 2}, {5, 3}, {8, 3}};
    bool soak = test_rounds(1) > 1;
    look_at_all(kinds, soak ? sizeof(kinds) / sizeof(kinds[0]) : 2, soak ? 200 : 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_triples_are_found_and_no_others),
        cmocka_unit_test(popular_themes_mislead_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
