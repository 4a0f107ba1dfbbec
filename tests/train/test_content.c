/* Titles placed by what they are: near those they share features with, by the weights of the kinds. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "train/content.h"

enum { TITLES = 40, STRIDE = 16, GENRES = 4, PEOPLE = 8 };

static struct pool *pool;

static int setup(void **state)
{
    (void)state;
    return pool_new(2, &pool, &test_err);
}

static int teardown(void **state)
{
    (void)state;
    pool_free(pool);
    return 0;
}

/* Titles lie where their genre is; people are drawn and say nothing. The last four are new, one of each genre. */
struct world {
    struct csr genres, people;
    float factors[TITLES * STRIDE], popularity[TITLES];
};

static void make_world(struct world *w)
{
    uint32_t row[TITLES], genre[TITLES], person[TITLES];
    float one[TITLES];
    struct rng rng;
    rng_seed(&rng, test_seed());
    memset(w, 0, sizeof(*w));
    for (uint32_t i = 0; i < TITLES; i++) {
        row[i] = i;
        genre[i] = i % GENRES;
        person[i] = (uint32_t)rng_below(&rng, PEOPLE);
        one[i] = 1;
        w->popularity[i] = i < TITLES - GENRES ? 20 : 0;
        for (size_t c = 0; c < GENRES && w->popularity[i] > 0; c++)
            w->factors[i * STRIDE + c] = (c == genre[i]) + (float)(0.1 * (rng_double(&rng) - 0.5));
    }
    assert_ok(csr_from_triples(TITLES, GENRES, row, genre, one, TITLES, &w->genres, &test_err));
    assert_ok(csr_from_triples(TITLES, PEOPLE, row, person, one, TITLES, &w->people, &test_err));
}

static void world_release(struct world *w)
{
    csr_release(&w->genres);
    csr_release(&w->people);
}

static void place(const struct world *w, size_t n_kinds, const double *weight, float *ret)
{
    static const uint32_t new_ones[GENRES] = {TITLES - 4, TITLES - 3, TITLES - 2, TITLES - 1};
    const struct csr *kinds[] = {&w->genres, &w->people};
    struct content_input in = {.kinds = kinds,
                               .n_kinds = n_kinds,
                               .weight = weight,
                               .factors = w->factors,
                               .stride = STRIDE,
                               .popularity = w->popularity,
                               .ridge = 0.3};
    assert_ok(content_place(&in, new_ones, GENRES, pool, ret, &test_err));
}

static void a_new_title_lies_with_its_genre(void **state)
{
    (void)state;
    struct world w;
    float y[GENRES * STRIDE];
    make_world(&w);
    place(&w, 2, NULL, y);
    for (size_t i = 0; i < GENRES; i++) {
        size_t best = 0;
        for (size_t c = 0; c < STRIDE; c++)
            if (y[i * STRIDE + c] > y[i * STRIDE + best])
                best = c;
        assert_int_equal(best, (TITLES - GENRES + i) % GENRES);
    }
    world_release(&w);
}

static void weights_of_kinds(void **state)
{
    (void)state;
    static const double ones[] = {1, 1};
    static const double first[] = {1, 0};
    struct world w;
    float plain[GENRES * STRIDE], weighted[GENRES * STRIDE];
    make_world(&w);
    place(&w, 2, NULL, plain);
    place(&w, 2, ones, weighted);
    assert_memory_equal(plain, weighted, sizeof(plain));
    place(&w, 1, NULL, plain);
    place(&w, 2, first, weighted); /* a kind that counts for nothing is as good as none */
    for (size_t i = 0; i < GENRES * STRIDE; i++)
        assert_true(fabs((double)plain[i] - (double)weighted[i]) < 1e-5);
    world_release(&w);
}

static void refusals(void **state)
{
    (void)state;
    struct world w;
    float y[STRIDE];
    uint32_t title = 0;
    make_world(&w);
    const struct csr *kinds[] = {&w.genres};
    struct content_input in = {
        .kinds = kinds, .n_kinds = 1, .factors = w.factors, .stride = STRIDE, .ridge = 1};
    static const float nobody[TITLES] = {0};
    in.popularity = nobody;
    assert_fails(MQ_INVALID, content_place(&in, &title, 1, pool, y, &test_err));
    in.popularity = w.popularity;
    in.ridge = NAN;
    assert_fails(MQ_INVALID, content_place(&in, &title, 1, pool, y, &test_err));
    world_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_title_lies_with_its_genre),
        cmocka_unit_test(weights_of_kinds),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
