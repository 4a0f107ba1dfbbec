/* Better titles come first; clicks that a page's places distort are put right by the chance of being looked at, which
 * draws of neighbours tell; where the order was chance to begin with, there is nothing to put right. */
#include <math.h>

#include "base/rng.h"
#include "experiment/plackett_luce.h"
#include "math/bootstrap.h"
#include "support/check.h"
#include "train/examination.h"
#include "train/lambdamart.h"

enum { TITLES = 12, QUESTIONS = 3000, ASKED = 500, COLUMNS = 4 };

/* What a viewer likes depends on the first two columns; the third one is what the old ranker went by; the fourth
 * is noise. */
static double liking(const float *x)
{
    double v = 1.6 * (double)x[0] + (x[1] > 0.3f ? 1.2 : -0.4) - 1.2;
    return 1 / (1 + exp(-v));
}

static double examined(uint32_t column)
{
    return pow(1.0 + column, -1.0);
}

struct world {
    struct rng rng;
    float x[QUESTIONS * TITLES * COLUMNS], gain[QUESTIONS * TITLES], weight[QUESTIONS * TITLES];
    uint32_t start[QUESTIONS + 1];
    struct examination examination;
};

static void order_by(const float *key, uint32_t *order)
{
    for (uint32_t i = 0; i < TITLES; i++)
        order[i] = i;
    for (uint32_t i = 1; i < TITLES; i++)
        for (uint32_t k = i; k > 0 && key[order[k - 1]] < key[order[k]]; k--) {
            uint32_t t = order[k];
            order[k] = order[k - 1];
            order[k - 1] = t;
        }
}

/* A page of the old ranker, two neighbours in an order that chance decides; or all by chance. */
static void show(struct world *w, uint32_t q, bool random)
{
    float *x = w->x + (size_t)q * TITLES * COLUMNS, key[TITLES];
    struct shown_item items[TITLES];
    uint32_t order[TITLES], chosen[TITLES];
    size_t n = 0;
    for (uint32_t i = 0; i < TITLES; i++) {
        for (uint32_t c = 0; c < COLUMNS; c++)
            x[i * COLUMNS + c] = (float)rng_normal(&w->rng);
        key[i] = random ? (float)rng_double(&w->rng) : x[i * COLUMNS + 2];
    }
    order_by(key, order);
    uint32_t from = (uint32_t)rng_below(&w->rng, TITLES - 1);
    struct chosen drawn[2];
    double left[2];
    const float none[2] = {0, 0};
    plackett_luce_draw(none, 2, 2, &w->rng, left, drawn);
    const uint32_t pair[2] = {order[from], order[from + 1]};
    for (uint32_t k = 0; k < 2; k++)
        order[from + k] = pair[drawn[k].index];
    for (uint32_t k = 0; k < TITLES; k++) {
        uint32_t i = order[k], row = q * TITLES + i;
        bool is_drawn = k == from || k == from + 1;
        items[k] = (struct shown_item){.title = {i},
                                       .propensity = is_drawn ? drawn[k - from].propensity : NAN};
        bool click = rng_double(&w->rng) < examined(k) * liking(x + (size_t)i * COLUMNS);
        w->gain[row] = click;
        w->weight[row] = (float)k; /* the place; the chance is put in when it is known */
    }
    for (uint32_t i = 0; i < TITLES; i++)
        if (w->gain[q * TITLES + i] > 0)
            chosen[n++] = i;
    struct shown_row row = {STR("top_picks"), true, false, TITLES, items, false};
    examination_add(
        &w->examination,
        &(struct shown_page){.n_rows = 1, .rows = &row, .context = {.device = DEVICE_TV}}, chosen,
        n);
}

static struct forest fit(const struct world *w, bool weighted)
{
    struct ranking_rows rows = {QUESTIONS * TITLES,          COLUMNS, QUESTIONS, w->x, w->gain,
                                weighted ? w->weight : NULL, w->start};
    struct trees_settings s = {.rounds = 40, .depth = 3, .rate = 0.15f, .seed = 1};
    struct forest f;
    assert_ok(lambdamart_fit(&rows, &s, &f, &test_err));
    return f;
}

/* NDCG@10 towards what is truly liked, question by question. */
static void judge(const struct forest *f, double *ret)
{
    struct rng rng;
    rng_seed(&rng, 99);
    for (size_t q = 0; q < ASKED; q++) {
        float value[TITLES], gain[TITLES];
        for (size_t i = 0; i < TITLES; i++) {
            float x[COLUMNS];
            for (size_t c = 0; c < COLUMNS; c++)
                x[c] = (float)rng_normal(&rng);
            value[i] = forest_value(f, x);
            gain[i] = (float)liking(x);
        }
        ret[q] = lambdamart_ndcg(value, gain, TITLES, 10);
    }
}

static struct interval weighted_gain(bool random, struct examination *ret)
{
    struct world *w = calloc(1, sizeof(*w));
    static double with[ASKED], without[ASKED];
    struct interval gain;
    rng_seed(&w->rng, test_seed());
    for (uint32_t q = 0; q < QUESTIONS; q++) {
        show(w, q, random);
        w->start[q + 1] = (q + 1) * TITLES;
    }
    for (size_t i = 0; i < (size_t)QUESTIONS * TITLES; i++)
        w->weight[i] = (float)examination_of(&w->examination, DEVICE_TV, (uint32_t)w->weight[i]);
    assert_ok(examination_expected(w->x, QUESTIONS * TITLES, COLUMNS, w->weight, 1, w->weight,
                                   &test_err));
    for (size_t i = 0; i < (size_t)QUESTIONS * TITLES; i++)
        w->weight[i] = 1 / w->weight[i];
    struct forest a = fit(w, true), b = fit(w, false);
    judge(&a, with);
    judge(&b, without);
    assert_ok(bootstrap_paired(with, without, ASKED, 1, &gain, &test_err));
    *ret = w->examination;
    trees_release(&a);
    trees_release(&b);
    free(w);
    return gain;
}

static void weights_find_what_is_liked(void **state)
{
    struct examination x;
    (void)state;
    struct interval biased = weighted_gain(false, &x);
    printf("looked at: column 1 %.2f, 3 %.2f, 7 %.2f (truth %.2f, %.2f, %.2f)\n",
           examination_of(&x, DEVICE_TV, 1), examination_of(&x, DEVICE_TV, 3),
           examination_of(&x, DEVICE_TV, 7), examined(1), examined(3), examined(7));
    struct interval random = weighted_gain(true, &x);
    printf(
        "NDCG@10 on true liking, weighted over unweighted: %+.4f [%+.4f, %+.4f]; pages in random "
        "order: %+.4f [%+.4f, %+.4f]\n",
        biased.mean, biased.low, biased.high, random.mean, random.low, random.high);
    assert_true(biased.low > 0);
    assert_true(fabs(random.mean) < 0.003 && random.low > -0.004 && biased.low > 0.04);
}

static void places_are_found(void **state)
{
    struct examination x = {0};
    (void)state;
    assert_true(examination_of(&x, DEVICE_PHONE, 0) == 1);
    assert_true(examination_of(&x, DEVICE_PHONE, 9) == 1); /* nothing is known */
    (void)weighted_gain(false, &x);
    assert_true(fabs(examination_of(&x, DEVICE_TV, 1) - examined(1)) < 0.15);
    assert_true(examination_of(&x, DEVICE_TV, 6) < 0.4);
    /* Another device has no choices of its own: what all others did. */
    assert_true(examination_of(&x, DEVICE_PHONE, 1) < 0.75);
}

static void bad_rows_are_refused(void **state)
{
    float x[4] = {0}, gain[4] = {1, 0, 0, 0};
    uint32_t start[2] = {0, 3};
    struct ranking_rows rows = {4, 1, 1, x, gain, NULL, start};
    struct forest f;
    (void)state;
    assert_fails(MQ_INVALID, lambdamart_fit(&rows, &(struct trees_settings){0}, &f, &test_err));
    start[1] = 4;
    gain[2] = -1;
    assert_fails(MQ_INVALID, lambdamart_fit(&rows, &(struct trees_settings){0}, &f, &test_err));
    assert_true(isnan(lambdamart_ndcg(x, x, 4, 10)));
    const float value[4] = {0, 3, 2, 1}, good[4] = {0, 2, 0, 1};
    double best = 2 + 1 / log2(3), got = 2 + 1 / log2(4);
    assert_true(fabs(lambdamart_ndcg(value, good, 4, 10) - got / best) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_find_what_is_liked),
        cmocka_unit_test(places_are_found),
        cmocka_unit_test(bad_rows_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
