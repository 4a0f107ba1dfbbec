/* Communities: groups that are planted are found, foretell, have names that are told apart, and keep their numbers. */
#include "support/check.h"

#include <math.h>

#include "audience/communities.h"
#include "base/rng.h"

enum { GROUPS = 4, TITLES = 160, VIEWERS = 480, STRIDE = 16, LIKED = 20 };

static const char *const genres[GROUPS] = {"Western", "Comedy", "Horror", "Romance"};

struct world {
    struct viewer_sets *sets;
    struct catalogue *catalogue;
    struct pool *pool;
};

static uint32_t group_of(uint32_t viewer)
{
    return viewer % GROUPS;
}

static struct catalogue *make_titles(void)
{
    struct catalogue_builder *b;
    struct catalogue *c;
    assert_ok(catalogue_builder_new(&b, &test_err));
    for (uint32_t p = 0; p < GROUPS; p++) {
        char name[16];
        snprintf(name, sizeof name, "Director %u", p);
        assert_ok(catalogue_add_person(b, (struct person_id){p}, str_of(name), &test_err));
    }
    for (uint32_t i = 0; i < TITLES; i++) {
        struct title t;
        struct str genre = str_of(genres[i % GROUPS]);
        struct credit credit = {.person_id = {i % GROUPS}, .role = ROLE_DIRECTOR};
        title_init(&t);
        t.id = t.name = STR("t");
        t.title_id.v = i;
        t.year = 1995;
        t.genres = &genre;
        t.n_genres = 1;
        t.credits = &credit;
        t.n_credits = i / GROUPS % 4 == 0;
        assert_ok(catalogue_add(b, &t, &test_err));
    }
    assert_ok(catalogue_build(b, 1, &c, &test_err));
    catalogue_builder_free(b);
    return c;
}

/* Everybody likes LIKED titles, the share `own` of them of their group. */
static void make_world(struct world *w, double own, struct rng *rng)
{
    assert_ok(viewer_sets_new(&w->sets, &test_err));
    for (uint32_t v = 0; v < VIEWERS; v++) {
        struct title_signal s[TITLES] = {0};
        bool liked[TITLES] = {false};
        size_t n = 0;
        for (int i = 0; i < LIKED; i++) {
            uint32_t t = (uint32_t)rng_below(rng, TITLES / GROUPS) * GROUPS;
            t += rng_double(rng) < own ? group_of(v) : (uint32_t)rng_below(rng, GROUPS);
            liked[t] = true;
        }
        for (uint32_t t = 0; t < TITLES; t++) {
            if (liked[t])
                s[n++] = (struct title_signal){.title = {t},
                                               .rating = 200,
                                               .flags = SIGNAL_PLAYED,
                                               .preference = 1,
                                               .confidence = 1,
                                               .last_s = 1000 + (uint32_t)rng_below(rng, 100000)};
        }
        struct set_habits h = {.first_ms = 1, .devices = (uint8_t)(1 + rng_below(rng, 3))};
        assert_ok(viewer_sets_put(w->sets, v, &h, s, n, &test_err));
    }
    w->catalogue = make_titles();
    assert_ok(pool_new(2, &w->pool, &test_err));
}

static void world_release(struct world *w)
{
    viewer_sets_free(w->sets);
    catalogue_free(w->catalogue);
    pool_free(w->pool);
}

/* What a training could have found: titles of a group lie together; which way, `turn` says. */
static void make_model(struct model *m, uint64_t version, uint32_t turn, struct rng *rng)
{
    float *x = aligned_alloc(64, sizeof(float) * TITLES * STRIDE);
    float *gram = aligned_alloc(64, sizeof(float) * STRIDE * STRIDE);
    for (size_t i = 0; i < (size_t)TITLES * STRIDE; i++) {
        bool is_its = i % STRIDE == (i / STRIDE % GROUPS * 3 + turn) % STRIDE;
        x[i] = (float)((is_its ? 1 : 0) + 0.15 * rng_normal(rng));
    }
    for (size_t i = 0; i < STRIDE; i++)
        for (size_t j = 0; j < STRIDE; j++) {
            gram[i * STRIDE + j] = 0;
            for (size_t t = 0; t < TITLES; t++)
                gram[i * STRIDE + j] += x[t * STRIDE + i] * x[t * STRIDE + j];
        }
    *m = (struct model){.n_titles = TITLES,
                        .rank = STRIDE,
                        .stride = STRIDE,
                        .n_active = TITLES,
                        .factors = x,
                        .gram = gram};
    m->settings = (struct ials_settings){
        .rank = STRIDE, .unobserved = 0.1f, .regularisation = 0.01f, .frequency_power = 1};
    m->facts.version = version;
}

static void model_release(struct model *m)
{
    free((void *)(uintptr_t)m->factors);
    free((void *)(uintptr_t)m->gram);
}

/* The community that has most viewers of a planted group, and how many. */
static const struct community *most_of(const struct communities *c, uint32_t group, uint32_t *ret_n)
{
    const struct community *best = NULL;
    *ret_n = 0;
    for (uint32_t i = 0; i < c->n; i++) {
        uint32_t n = 0;
        for (uint32_t v = group; v < VIEWERS; v += GROUPS)
            n += roaring_bitmap_contains(c->v[i].members, v);
        if (n > *ret_n) {
            *ret_n = n;
            best = &c->v[i];
        }
    }
    return best;
}

static void planted_groups_are_found_and_named(void **state)
{
    (void)state;
    struct world w;
    struct model m;
    struct rng rng;
    struct communities *c;
    rng_seed(&rng, test_seed());
    make_world(&w, 0.85, &rng);
    make_model(&m, 1, 0, &rng);
    struct communities_question q = {.seed = test_seed(), .floor = 50};
    assert_ok(communities_find(w.sets, w.catalogue, &m, &q, w.pool, &c, &test_err));
    assert_int_equal(c->n, GROUPS);
    for (uint32_t g = 0; g < GROUPS; g++) {
        uint32_t n;
        const struct community *x = most_of(c, g, &n);
        assert_true(n >= VIEWERS / GROUPS * 9 / 10);
        assert_true(roaring_bitmap_get_cardinality(x->members) <= VIEWERS / GROUPS * 11 / 10);
        if (strncmp(x->name, genres[g], strlen(genres[g])) != 0)
            fail_msg("%s: not of %s", x->name, genres[g]);
    }
    assert_true(c->stability > 0.9);
    assert_true(c->likelihood > c->likelihood_cells + 0.1);
    assert_true(c->likelihood > c->likelihood_random + 0.1);
    /* four names, and six of groups made to fill up */
    assert_int_equal(c->names_among, 10);
    assert_int_equal(c->names_decoys, 6);
    assert_true(c->name_trials > 0 && c->name_found >= 0.8);
    communities_free(c);
    model_release(&m);
    world_release(&w);
}

/* The next training turns the space, the search starts elsewhere, a tenth of the viewers is gone: numbers stay. */
static void numbers_stay_with_their_members(void **state)
{
    (void)state;
    struct world w;
    struct model m;
    struct rng rng;
    struct communities *first, *next, *last;
    rng_seed(&rng, test_seed());
    make_world(&w, 0.85, &rng);
    make_model(&m, 1, 0, &rng);
    struct communities_question q = {.seed = 1, .floor = 50};
    assert_ok(communities_find(w.sets, w.catalogue, &m, &q, w.pool, &first, &test_err));
    model_release(&m);
    for (uint32_t v = 0; v < VIEWERS; v += 10)
        viewer_sets_drop(w.sets, v);
    make_model(&m, 2, 5, &rng);
    q = (struct communities_question){.seed = 99, .floor = 50, .previous = first};
    assert_ok(communities_find(w.sets, w.catalogue, &m, &q, w.pool, &next, &test_err));
    assert_int_equal(next->n, first->n);
    for (uint32_t g = 0; g < GROUPS; g++) {
        uint32_t n;
        assert_int_equal(most_of(first, g, &n)->id, most_of(next, g, &n)->id);
        assert_int_equal(first->v[g].id, g + 1);
        assert_false(roaring_bitmap_contains(next->v[g].members, 0));
    }
    /* the same question gives the same answer, with one thread too */
    struct pool *one;
    assert_ok(pool_new(1, &one, &test_err));
    assert_ok(communities_find(w.sets, w.catalogue, &m, &q, one, &last, &test_err));
    for (uint32_t i = 0; i < next->n; i++) {
        assert_true(roaring_bitmap_equals(next->v[i].members, last->v[i].members));
        assert_string_equal(next->v[i].name, last->v[i].name);
    }
    assert_true(next->name_found == last->name_found && next->likelihood == last->likelihood);
    pool_free(one);
    communities_free(first);
    communities_free(next);
    communities_free(last);
    model_release(&m);
    world_release(&w);
}

static void what_cannot_be_grouped_is_refused(void **state)
{
    (void)state;
    struct world w;
    struct model m;
    struct rng rng;
    struct communities *c;
    rng_seed(&rng, test_seed());
    make_world(&w, 0, &rng);
    make_model(&m, 1, 0, &rng);
    struct communities_question q = {.seed = 1, .floor = VIEWERS / 4};
    assert_fails(MQ_INVALID, communities_find(w.sets, w.catalogue, &m, &q, w.pool, &c, &test_err));
    assert_fails(MQ_NO_MODEL,
                 communities_find(w.sets, w.catalogue, NULL, &q, w.pool, &c, &test_err));
    m.rank = 0;
    assert_fails(MQ_NO_MODEL, communities_find(w.sets, w.catalogue, &m, &q, w.pool, &c, &test_err));
    model_release(&m);
    world_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_groups_are_found_and_named),
        cmocka_unit_test(numbers_stay_with_their_members),
        cmocka_unit_test(what_cannot_be_grouped_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
