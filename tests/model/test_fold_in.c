/* Folding a viewer in: what counts, what is ignored, and that scores split into contributions. The numbers
 * themselves are tested in math (ridge), against elimination in double precision. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/kernels.h"
#include "math/ridge.h"
#include "model/fold_in.h"

enum { TITLES = 40, RANK = 20, STRIDE = 32, ITEMS = 12 };

struct fixture {
    float factors[TITLES * STRIDE] __attribute__((aligned(64)));
    float gram[STRIDE * STRIDE] __attribute__((aligned(64)));
    float x[STRIDE] __attribute__((aligned(64)));
    float y[STRIDE] __attribute__((aligned(64)));
    float inverse[STRIDE * STRIDE] __attribute__((aligned(64)));
    struct fold_in_item items[ITEMS];
    struct model m;
    float *scratch;
};

static int prepare(void **state)
{
    struct fixture *f = aligned_alloc(64, (sizeof *f + 63) / 64 * 64);
    struct rng rng;

    memset(f, 0, sizeof *f);
    rng_seed(&rng, test_seed());
    for (size_t i = 0; i < TITLES * STRIDE; i++)
        f->factors[i] = i % STRIDE < RANK ? (float)rng_normal(&rng) : 0;
    kernels_plain()->rank_k(f->gram, f->factors, TITLES, STRIDE);
    for (size_t i = 0; i < STRIDE; i++)
        for (size_t j = 0; j < i; j++)
            f->gram[i * STRIDE + j] = f->gram[j * STRIDE + i];
    for (size_t k = 0; k < ITEMS; k++)
        f->items[k] = (struct fold_in_item){{(uint32_t)rng_below(&rng, TITLES)},
                                            (float)rng_double(&rng),
                                            (float)(0.1 + rng_double(&rng))};
    f->m = (struct model){.n_titles = TITLES,
                          .n_active = 30,
                          .rank = RANK,
                          .stride = STRIDE,
                          .factors = f->factors,
                          .gram = f->gram};
    f->m.settings = (struct ials_settings){
        .rank = RANK, .unobserved = 0.2f, .regularisation = 0.05f, .frequency_power = 0.7f};
    f->scratch = aligned_alloc(64, (fold_in_scratch(&f->m, ITEMS + 5) + 16) / 16 * 64);
    *state = f;
    return 0;
}

static int dispose(void **state)
{
    struct fixture *f = *state;

    free(f->scratch);
    free(f);
    return 0;
}

static void equals_the_row_solve(void **state)
{
    struct fixture *f = *state;
    uint32_t col[ITEMS];
    float weight[ITEMS], target[ITEMS];
    struct ridge side = {f->factors, f->gram, STRIDE, 0.2f};
    struct ridge_row row = {col, weight, target, ITEMS, (float)(0.05 * pow(ITEMS + 0.2 * 30, 0.7))};

    for (size_t k = 0; k < ITEMS; k++) {
        col[k] = f->items[k].title.v;
        weight[k] = f->items[k].weight;
        target[k] = f->items[k].preference;
    }
    assert_ok(ridge_solve(&side, &row, f->scratch, f->y, NULL, NULL, &test_err));
    assert_ok(fold_in(&f->m, f->items, ITEMS, f->scratch, f->x, NULL, &test_err));
    for (size_t c = 0; c < STRIDE; c++)
        assert_true(fabs((double)f->x[c] - (double)f->y[c]) < 1e-6);
    f->m.n_active = 0; /* all titles */
    assert_ok(fold_in(&f->m, f->items, ITEMS, f->scratch, f->y, NULL, &test_err));
    assert_memory_not_equal(f->x, f->y, sizeof f->x);
}

static void ignores_what_it_cannot_use(void **state)
{
    struct fixture *f = *state;
    struct fold_in_item more[ITEMS + 5];

    memcpy(more, f->items, sizeof f->items);
    more[ITEMS] = (struct fold_in_item){{TITLES}, 1, 1};
    more[ITEMS + 1] = (struct fold_in_item){{ID_NONE}, 1, 1};
    more[ITEMS + 2] = (struct fold_in_item){{1}, 1, 0};
    more[ITEMS + 3] = (struct fold_in_item){{1}, 1, NAN};
    more[ITEMS + 4] = (struct fold_in_item){{1}, INFINITY, 1};
    assert_ok(fold_in(&f->m, f->items, ITEMS, f->scratch, f->x, NULL, &test_err));
    assert_ok(fold_in(&f->m, more, ITEMS + 5, f->scratch, f->y, NULL, &test_err));
    assert_memory_equal(f->x, f->y, sizeof f->x);
    memset(f->x, 1, sizeof f->x);
    assert_ok(fold_in(&f->m, more + ITEMS, 5, f->scratch, f->x, NULL, &test_err));
    for (size_t c = 0; c < STRIDE; c++)
        assert_true(f->x[c] == 0);
}

/* score(i) = sum_k w_k p_k y_i' A^-1 y_k (Hu, Koren, Volinsky 2008, section 5). */
static void inverse_gives_contributions(void **state)
{
    struct fixture *f = *state;

    assert_ok(fold_in(&f->m, f->items, ITEMS, f->scratch, f->x, f->inverse, &test_err));
    for (size_t i = 0; i < TITLES; i++) {
        double score = 0, parts = 0;
        for (size_t c = 0; c < STRIDE; c++) {
            score += (double)f->x[c] * (double)f->factors[i * STRIDE + c];
            for (size_t k = 0; k < ITEMS; k++) {
                double wp = (double)f->items[k].weight * (double)f->items[k].preference;
                const float *y = f->factors + f->items[k].title.v * STRIDE;
                for (size_t e = 0; e < STRIDE; e++)
                    parts += wp * (double)f->factors[i * STRIDE + c] *
                             (double)f->inverse[c * STRIDE + e] * (double)y[e];
            }
        }
        assert_true(fabs(score - parts) < 1e-4);
    }
    for (size_t c = RANK; c < STRIDE; c++)
        for (size_t e = 0; e < STRIDE; e++)
            assert_true(f->inverse[c * STRIDE + e] == 0 && f->inverse[e * STRIDE + c] == 0);
}

static void singular_is_said(void **state)
{
    struct fixture *f = *state;

    f->m.settings.unobserved = 0;
    f->m.settings.regularisation = 0;
    assert_fails(MQ_SINGULAR, fold_in(&f->m, f->items, 3, f->scratch, f->x, NULL, &test_err));
}

int main(void)
{
#define WITH_FIXTURE(t) cmocka_unit_test_setup_teardown(t, prepare, dispose)
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(equals_the_row_solve),
        WITH_FIXTURE(ignores_what_it_cannot_use),
        WITH_FIXTURE(inverse_gives_contributions),
        WITH_FIXTURE(singular_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
